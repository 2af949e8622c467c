"""The pages of accounts: sign-in, users, tills. A gRPC client like any other."""

from pathlib import Path

from flask_babel import lazy_gettext as _

from accounts.web import leaving, sign_in, tills, users
from accounts.web.pages import blueprint
from accounts.web.words import ERRORS
from kit.web import Front, NavItem

front = Front(
    name="accounts",
    blueprint=blueprint,
    nav=(
        NavItem(
            "accounts.users", _("Users"), "accounts.manage_users", _("Administration"),
            _("Who works here, and what each may do"),
        ),
        NavItem(
            "accounts.tills", _("Tills"), "accounts.enrol_tills", _("Administration"),
            _("Enrol machines, follow them, revoke one that was lost"), "till",
        ),
    ),
    translations=Path(__file__).parent / "translations",
    icon="users",
    errors=ERRORS,
    rank=70,
)  # fmt: skip

__all__ = ["blueprint", "front", "leaving", "sign_in", "tills", "users"]
