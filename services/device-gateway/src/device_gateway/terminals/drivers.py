"""Which terminals the till can drive, and what it asks of each (peripherals 1.2, 1.5)."""

import threading
from collections.abc import Callable, Mapping
from typing import Protocol

from device_gateway.devices.status import Status
from device_gateway.devices.transport import Transport
from device_gateway.terminals import caisse_ap, concert, nexo, zvt
from device_gateway.terminals.outcome import Charge, Options, Outcome


class TerminalDriver(Protocol):
    """One terminal, in the hands of one thread. Calls raise nothing but `talk.Stopped`, once the till stops."""

    can_abort: bool  # the till may take a payment back before the card has spoken
    most: int  # the largest amount, in minor units

    def status(self) -> Status:
        """Ask how it is. Never moves money, never prints."""

    def pay(self, charge: Charge, abort: threading.Event) -> Outcome:
        """Ask the customer's card for it, and wait. `abort`: the cashier gives up, where `can_abort`."""

    def recover(self, charge: Charge) -> Outcome:
        """What became of a payment that nobody heard the end of; UNKNOWN when the terminal cannot say either."""

    def close(self) -> None: ...


Connect = Callable[[], Transport]
Maker = Callable[[Connect, Options, threading.Event], TerminalDriver]

TERMINALS: Mapping[str, Maker] = {
    "concert_v2": lambda connect, options, stopping: concert.ConcertTerminal(
        connect(), options, stopping, concert.Waits()
    ),
    "caisse_ap": lambda connect, options, stopping: caisse_ap.CaisseApTerminal(
        connect(), options, stopping, caisse_ap.Waits()
    ),
    "nexo": lambda connect, options, stopping: nexo.NexoTerminal(connect, options, stopping, nexo.Waits()),
    "zvt": lambda connect, options, stopping: zvt.ZvtTerminal(connect(), options, stopping, zvt.Waits()),
}
"""By the driver's name in the registry. A maker raises KeyError or ValueError for options that it cannot use."""
