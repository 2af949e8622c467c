"""Profiles: named sets of rights (M1, M4). The four shipped ones; docs/conventions.md lists all rights."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from accounts.domain.errors import ProfileNotFound

ALL_RIGHTS = frozenset({
    "accounts.manage_users", "accounts.enrol_tills",
    "catalog.view", "catalog.programme",
    "inventory.view", "inventory.manage", "inventory.lease",
    "orders.view", "orders.sell", "orders.refund", "orders.refund_otherwise",
    "cashdesk.view", "cashdesk.append", "cashdesk.sell", "cashdesk.close", "cashdesk.open_drawer", "cashdesk.training",
    "cashdesk.confirm_clock", "cashdesk.setup_devices",
    "documents.view", "documents.edit",
    "reporting.view",
})  # fmt: skip

TILL_RIGHTS = frozenset({
    "cashdesk.append", "inventory.lease", "catalog.view", "documents.view", "accounts.roster", "accounts.report",
    "orders.reserved",
})  # fmt: skip
"""What a till's own token carries. `accounts.roster` is for tills alone: it gives hashes of PINs and badges."""

_CASHIER = frozenset({"cashdesk.sell", "orders.view", "orders.sell"})
_HEAD_CASHIER = _CASHIER | {
    "cashdesk.view", "cashdesk.close", "cashdesk.open_drawer", "cashdesk.training", "cashdesk.confirm_clock",
    "cashdesk.setup_devices", "orders.refund",
    "orders.refund_otherwise", "reporting.view", "inventory.view",
}  # fmt: skip
_PROGRAMMER = frozenset({
    "catalog.view", "catalog.programme", "inventory.view", "inventory.manage", "documents.view", "documents.edit",
    "reporting.view",
})  # fmt: skip


@dataclass(frozen=True)
class Profile:
    """`name` is English; screens translate it by `code`."""

    code: str
    name: str
    rights: frozenset[str]


PROFILES: Mapping[str, Profile] = MappingProxyType({
    profile.code: profile
    for profile in (
        Profile("cashier", "Cashier", _CASHIER),
        Profile("head_cashier", "Head cashier", _HEAD_CASHIER),
        Profile("programmer", "Programmer", _PROGRAMMER),
        Profile("administrator", "Administrator", ALL_RIGHTS),
    )
})  # fmt: skip


def profile_of(code: str) -> Profile:
    """The profile of that code. Raises ProfileNotFound."""
    profile = PROFILES.get(code)
    if profile is None:
        raise ProfileNotFound(f"no profile {code!r}; there are: {', '.join(PROFILES)}", field="profile")
    return profile
