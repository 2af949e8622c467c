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
    hears_late: bool  # `recover` disturbs nobody, so that a late answer may be listened for
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


def _maker(make: Maker, *known: str) -> Maker:
    def made(connect: Connect, options: Options, stopping: threading.Event) -> TerminalDriver:
        for name in options:
            if name not in known:
                raise ValueError(f"there is no option {name}; there are: {', '.join(known)}")
        try:
            return make(connect, options, stopping)
        except KeyError as error:  # an option that must be given, or a value that there is not
            raise ValueError(f"{error.args[0]} is missing or unknown") from None

    return made


TERMINALS: Mapping[str, Maker] = {
    "concert_v2": _maker(
        lambda connect, options, stopping: concert.ConcertTerminal(connect(), options, stopping, concert.Waits()),
        "till",
    ),
    "caisse_ap": _maker(
        lambda connect, options, stopping: caisse_ap.CaisseApTerminal(connect(), options, stopping, caisse_ap.Waits()),
        "till", "integrator", "recovery",
    ),
    "nexo": _maker(
        lambda connect, options, stopping: nexo.NexoTerminal(connect, options, stopping, nexo.Waits()),
        "poi_id", "sale_id", "passphrase", "key_identifier", "key_version",
    ),
    "zvt": _maker(
        lambda connect, options, stopping: zvt.ZvtTerminal(connect(), options, stopping, zvt.Waits()),
        "password", "zone", "serial",
    ),
}  # fmt: skip
"""By the driver's name in the registry. A maker raises ValueError for options that it cannot use."""
