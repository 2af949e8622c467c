"""Which drivers a device in a role may have: what makes one from a transport and its options."""

import threading
from collections.abc import Callable, Mapping
from typing import Any

from device_gateway.devices.display import CustomerDisplay
from device_gateway.devices.drawer_port import DRAWERS
from device_gateway.devices.registry import DeviceRole, Options
from device_gateway.devices.transport import Transport
from device_gateway.printing.drivers import PRINTERS
from device_gateway.terminals import drivers as terminals
from device_gateway.terminals.drivers import TERMINALS

Driver = Callable[[Transport, Options], Any]
"""Raises ValueError for options that it does not have. It speaks to nobody yet."""


def _as_it_comes(transport: Transport, options: Options) -> Transport:
    """A reader sends, and is told nothing."""
    if options:
        raise ValueError("a code reader has no options")
    return transport


def _on_one_line(make: terminals.Maker) -> Driver:
    """To try options: at work a terminal has a worker, which may open more lines than one."""
    return lambda transport, options: make(lambda: transport, options, threading.Event())


DRIVERS: Mapping[DeviceRole, Mapping[str, Driver]] = {
    DeviceRole.TICKET: PRINTERS,
    DeviceRole.RECEIPT: PRINTERS,
    DeviceRole.DISPLAY: {"two_lines": CustomerDisplay},
    DeviceRole.DRAWER: DRAWERS,
    DeviceRole.SCANNER: {"line": _as_it_comes},
    DeviceRole.TERMINAL: {name: _on_one_line(make) for name, make in TERMINALS.items()},
}
