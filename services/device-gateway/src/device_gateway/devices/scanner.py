"""A code reader on a serial line (C8, peripherals 7): what it sends, taken apart into codes.

]Q1TK-7Q9Z\r     AIM identifier (symbology), the code, its end; readers without identifiers send the code alone
"""

import re
import threading
import time
from collections.abc import Callable

from device_gateway.devices.status import UNASKED, Condition, Status
from device_gateway.devices.transport import Transport, TransportError
from kit.telemetry import log

LONGEST = 4096  # of a code; longer is noise
AGAIN_SECONDS = 1.0  # the same code twice within it is one read
LOOK_SECONDS = 0.5
RETRY_SECONDS = 2.0
_ENDS = re.compile(rb"[\r\n\t\x00\x03\x04]")
_AIM = re.compile(r"\][A-Za-z][0-9A-Za-z]")


class CodeReader:
    """Bytes in, codes out. A beginning waits for its end, however the line cuts it."""

    def __init__(self) -> None:
        self._pending = b""

    def feed(self, data: bytes) -> list[str]:
        """The codes that are complete now."""
        *ended, self._pending = _ENDS.split(self._pending + data)
        if len(self._pending) > LONGEST:
            self._pending = b""
        return [code for code in map(_code_of, ended) if code]


def _code_of(raw: bytes) -> str:
    """As the reader meant it, without its AIM identifier; empty when there is nothing readable."""
    if len(raw) > LONGEST:
        return ""
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        text = raw.decode("latin-1")
    printable = "".join(each for each in text if each.isprintable() or each == "\x1d")  # GS parts a GS1 code's fields
    return _AIM.sub("", printable, count=1) if _AIM.match(printable) else printable


class Repeats:
    """Knows a code that the same reader has just sent: a hand that lingers reads twice."""

    def __init__(self) -> None:
        self._last, self._at = "", float("-inf")

    def is_again(self, code: str, at: float) -> bool:
        """Whether it is the last code once more within a second. Reads in between make it a new one."""
        again = code == self._last and at - self._at < AGAIN_SECONDS
        self._last, self._at = code, at
        return again


class ScannerWorker(threading.Thread):
    """Listens, and tells each code once."""

    def __init__(self, transport: Transport, tell: Callable[[str], None]) -> None:
        super().__init__(name="scanner", daemon=True)
        self._transport, self._tell = transport, tell
        self._stopping = threading.Event()
        self._status = UNASKED

    def status(self) -> Status:
        return self._status

    def stop(self) -> None:
        self._stopping.set()

    def run(self) -> None:
        reader, repeats, generation = CodeReader(), Repeats(), 0
        while not self._stopping.is_set():
            try:
                self._transport.connect()
                if self._transport.generation != generation:
                    generation, reader = self._transport.generation, CodeReader()
                self._status = Status(Condition.READY)
                for code in reader.feed(self._transport.read(LOOK_SECONDS)):
                    if not repeats.is_again(code, time.monotonic()):
                        self._tell(code)
            except TransportError as error:
                if self._status.condition is not Condition.OFFLINE:
                    log().warning("scanner_unreachable", error=str(error))
                self._status = Status(Condition.OFFLINE, ("unreachable",))
                self._stopping.wait(RETRY_SECONDS)
        self._transport.close()
