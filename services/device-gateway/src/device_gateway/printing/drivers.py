"""The languages of printers: which there are, and what each of them must do. A driver knows nothing of ports."""

import threading
from collections.abc import Callable, Mapping
from typing import Protocol

from device_gateway.devices.status import Status
from device_gateway.devices.transport import Transport
from device_gateway.printing.escpos import EscPosPrinter
from device_gateway.printing.fgl import FglPrinter
from device_gateway.printing.outcomes import Outcome, Page, Rendered
from device_gateway.printing.zpl import ZplPrinter

Option = str | int | bool


class PrinterDriver(Protocol):
    """One printer, driven by one thread at a time."""

    turn: threading.Lock  # held for a whole job, or a look: workers of two tills may share the printer

    def render(self, page: Page, reference: str) -> Rendered:
        """Raises render.InvalidTemplate, render.InvalidData, CannotPrint."""

    def status(self) -> Status:
        """Ask; prints nothing and moves nothing. Never raises: what cannot be reached is offline."""

    def send(self, rendered: Rendered, first_piece_sent: Callable[[], None]) -> None:
        """Hand a job over; `first_piece_sent` is called when its first bytes are. Raises TransportError."""

    def evidence(self, rendered: Rendered, stop: threading.Event, waiting: Callable[[Status], None]) -> Outcome:
        """What became of the job just sent. `waiting` is called when the printer holds it until somebody helps."""

    def close(self) -> None:
        """Never raises; the next question opens the line again."""


class BadOption(ValueError):
    """An option that the driver does not have, or not with this value."""


Maker = Callable[[Transport, Mapping[str, Option]], PrinterDriver]


def _maker(make: Callable[..., PrinterDriver], **known: type) -> Maker:
    def made(transport: Transport, options: Mapping[str, Option]) -> PrinterDriver:
        for name, value in options.items():
            if name not in known:
                raise BadOption(f"there is no option {name}; there are: {', '.join(known)}")
            if type(value) is not known[name]:
                raise BadOption(f"{name} must be {'true or false' if known[name] is bool else 'a whole number'}")
        try:
            return make(transport, **options)
        except ValueError as error:
            raise BadOption(str(error)) from None

    return made


# Driver name -> what makes one from a transport and options. Raises BadOption.
PRINTERS: Mapping[str, Maker] = {
    "escpos": _maker(EscPosPrinter, dots=int, paper_mm=int, cut=bool, black_mark=bool, process_id=bool),
    "fgl": _maker(FglPrinter, dpi=int, cut=bool, status_request=bool),
    "zpl": _maker(ZplPrinter, dpi=int, cut=bool, label_counter=bool),
}
