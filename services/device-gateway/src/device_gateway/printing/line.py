"""What every driver does on its printer's line, whatever the language."""

from collections.abc import Callable
from typing import TypeVar

from device_gateway.devices.status import Condition, Status
from device_gateway.devices.transport import Transport, TransportError
from device_gateway.printing.outcomes import Rendered
from kit.telemetry import log

FIRST_PIECE = 512  # bytes: what is timed as the beginning of a job
UNREACHABLE = Status(Condition.OFFLINE, ("unreachable",))
T = TypeVar("T")


def asked(transport: Transport, question: Callable[[], T]) -> T | Status:
    """The answer to a question that prints nothing; UNREACHABLE when nobody is there.

    A warm line that the printer closed meanwhile shows only here, so a fresh one is tried.
    """
    try:
        try:
            return question()
        except TransportError:
            if transport.generation == 0:
                raise
            return question()
    except TransportError as error:
        log().info("printer_unreachable", error=str(error))
        return UNREACHABLE


def hand_over(transport: Transport, rendered: Rendered, first_piece_sent: Callable[[], None]) -> None:
    """All bytes of a job; `first_piece_sent` is called when the first of them are. Raises TransportError."""
    transport.write(rendered.data[:FIRST_PIECE])
    first_piece_sent()
    if rest := rendered.data[FIRST_PIECE:]:
        transport.write(rest)
