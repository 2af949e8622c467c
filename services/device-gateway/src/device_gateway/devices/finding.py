"""Addresses at which a device may be: what is plugged into this machine, and what is known already (C9).

The network is not searched: a printer that is asked by strangers prints what it was asked.
"""

from collections.abc import Iterable
from pathlib import Path

from serial.tools import list_ports

_USB_PRINTERS = Path("/dev/usb")
_BY_ID = Path("/dev/serial/by-id")  # names that outlive another order of plugging


def plugged_in() -> list[str]:
    """Serial ports by the name that stays theirs, and printers on USB."""
    ports = sorted(str(each) for each in _BY_ID.iterdir()) if _BY_ID.is_dir() else []
    named = {str(Path(each).resolve()) for each in ports}
    others = sorted(each.device for each in list_ports.comports() if each.device not in named)
    printers = sorted(str(each) for each in _USB_PRINTERS.glob("lp*"))
    return [*(f"serial:{each}" for each in (*ports, *others)), *(f"usb:{each}" for each in printers)]


def candidates(known: Iterable[str]) -> list[str]:
    """Every address to choose from, each once; `known` ones, such as those of the network, come first."""
    return list(dict.fromkeys([*known, *plugged_in()]))
