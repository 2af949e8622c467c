"""The pages of documents: templates with previews, their history, a new version. A gRPC client like any other."""

from pathlib import Path

from flask_babel import lazy_gettext as _

from documents.web import templates
from documents.web.words import ERRORS
from kit.web import Front, NavItem

blueprint = templates.blueprint

front = Front(
    name="documents",
    blueprint=blueprint,
    nav=(
        NavItem(
            "documents.templates", _("Document templates"), "documents.view", _("Settings"),
            _("Tickets and receipts as they print, and their earlier versions"),
        ),
    ),
    translations=Path(__file__).parent / "translations",
    icon="document",
    errors=ERRORS,
    rank=60,
)  # fmt: skip
