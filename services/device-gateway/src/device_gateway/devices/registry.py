"""Which device does what at this till. The set-up of the centre may say which kind it is; the till says where (B8)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
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
    NFC = "nfc"


@dataclass(frozen=True)
class Entry:
    """A device in its role. `address` is one of `devices.addresses`; `options` are the driver's."""

    role: DeviceRole
    driver: str
    address: str
    options: Options = field(default_factory=dict)
    required: bool = False  # by the centre's set-up: without it the till is not whole


@dataclass(frozen=True)
class Wanted:
    """What the centre's set-up says of a role: everything but where the device is."""

    role: DeviceRole
    driver: str
    options: Options = field(default_factory=dict)
    required: bool = False


def entries(own: Iterable[Entry], wanted: Iterable[Wanted]) -> dict[DeviceRole, Entry]:
    """The devices as they are to work: the centre's word on what they are, the till's on where they are."""
    said = {each.role: each for each in wanted}
    found = {}
    for entry in own:
        word = said.get(entry.role)
        found[entry.role] = (
            replace(entry, driver=word.driver, options=word.options, required=word.required) if word else entry
        )
    return found
