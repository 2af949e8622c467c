"""Which device does what at this till: of all settings the only ones that a till has of its own (B8)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

Options = Mapping[str, str | int | bool]


class DeviceRole(StrEnum):
    """What a device is for; a till has at most one for each."""

    TICKET = "ticket"
    RECEIPT = "receipt"
    CARD = "card"
    TERMINAL = "terminal"
    DISPLAY = "display"
    DRAWER = "drawer"
    SCANNER = "scanner"


@dataclass(frozen=True)
class Entry:
    """A device in its role. `address` is one of `devices.addresses`; `options` are the driver's."""

    role: DeviceRole
    driver: str
    address: str
    options: Options = field(default_factory=dict)
