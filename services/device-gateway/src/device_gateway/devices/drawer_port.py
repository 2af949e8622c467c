"""A cash drawer behind a port of its own (C5): a trigger box that understands what printers do, or any byte.

escpos   opened by 1B 70 m t1 t2; asked by 10 04 01, whose answer bears the drawer's contact in bit 2
bytes    opened by the bytes of its option `open`, in hexadecimal; it cannot say whether it is open
"""

import threading
import time
from collections.abc import Callable

from device_gateway.devices.registry import Options
from device_gateway.devices.status import UNASKED, Condition, Status
from device_gateway.devices.transport import Transport, TransportError
from kit.telemetry import log

PULSE = b"\x1bp\x00\x19\x19"  # pin 2, 50 ms on, 50 ms off
ASK = b"\x10\x04\x01"
ANSWER_SECONDS = 1.0
MOST_SECONDS = 5.0  # a drawer that opens long after the sale would surprise
LOOK_SECONDS = 2.0


class DrawerPort:
    """The driver. Raises ValueError for options that are wrong; TransportError when the line is gone."""

    def __init__(self, transport: Transport, pulse: bytes, ask: bytes) -> None:
        self._transport, self._pulse, self._ask = transport, pulse, ask

    def open(self) -> None:
        """The pulse goes over a line that was just seen to be there: a second one would be a second opening."""
        try:
            self._transport.connect()
            self._transport.drain()
        except TransportError:
            self._transport.connect()  # it was closed meanwhile; nothing has left yet
        self._transport.write(self._pulse)

    def status(self) -> Status:
        """Whether it is there and, where it can say so, open. Opens nothing."""
        self._transport.connect()
        self._transport.drain()
        if not self._ask:
            return Status(Condition.READY)
        self._transport.write(self._ask)
        told = self._transport.read(ANSWER_SECONDS)
        if not told:
            return Status(Condition.UNKNOWN, ("silent",))
        causes = ("drawer_open",) if told[-1] & 0x04 else ()
        return Status(Condition.READY, causes, told)

    def close(self) -> None:
        self._transport.close()


def _escpos(transport: Transport, options: Options) -> DrawerPort:
    return DrawerPort(transport, PULSE, ASK)


def _bytes(transport: Transport, options: Options) -> DrawerPort:
    return DrawerPort(transport, bytes.fromhex(str(options.get("open", "07"))), b"")


DRAWERS: dict[str, Callable[[Transport, Options], DrawerPort]] = {"escpos": _escpos, "bytes": _bytes}


class DrawerWorker(threading.Thread):
    """Opens the drawer when asked, at once or not at all, and looks at it meanwhile."""

    def __init__(self, drawer: DrawerPort) -> None:
        super().__init__(name="drawer", daemon=True)
        self._drawer = drawer
        self._wake, self._stopping = threading.Event(), threading.Event()
        self._asked_at: float | None = None
        self._status = UNASKED

    def status(self) -> Status:
        return self._status

    def open(self) -> None:
        """Whoever calls has journalled why."""
        self._asked_at = time.monotonic()
        self._wake.set()

    @property
    def is_asked(self) -> bool:
        """Whether an opening is asked for that was not tried yet."""
        return self._asked_at is not None

    def stop(self) -> None:
        self._stopping.set()
        self._wake.set()

    def run(self) -> None:
        while not self._stopping.is_set():
            try:
                self._open_if_asked()
                self._status = self._drawer.status()
            except TransportError as error:
                if self._status.condition is not Condition.OFFLINE:
                    log().warning("drawer_unreachable", error=str(error))
                self._status = Status(Condition.OFFLINE, ("unreachable",))
            self._wake.wait(LOOK_SECONDS)
            self._wake.clear()
        self._drawer.close()

    def _open_if_asked(self) -> None:
        asked_at = self._asked_at
        try:
            if asked_at is not None and time.monotonic() - asked_at <= MOST_SECONDS:
                self._drawer.open()
        finally:
            if self._asked_at == asked_at:
                self._asked_at = None
