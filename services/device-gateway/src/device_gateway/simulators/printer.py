"""A simulated printer on TCP: one job after the other onto paper, answers as a real one, faults on demand.

The languages are beside it (`escpos_printer`, `fgl_printer`, `zpl_printer`): they read bytes and know what a printer of
theirs says. Here is what they share: lines, what is held while the printer is stopped, and faults (peripherals 1.6).
"""

import contextlib
import socket
import threading
import time
from collections import deque
from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any, Protocol

from device_gateway.simulators.paper import Tray
from kit.clock import iso_ms, now

LATE_SECONDS = 30.0
SLOW_SECONDS = 0.001  # between two bytes
TOGETHER_SECONDS = 0.05  # for how long an answer is kept until the next one


class Fault(StrEnum):
    """What may go wrong, one at a time."""

    NONE = "none"
    OFF = "off"  # nothing listens
    PAPER_LOW = "paper_low"  # prints, and says so
    PAPER_OUT = "paper_out"  # stopped; keeps what it received and prints it once there is paper
    PAPER_OUT_MID_JOB = "paper_out_mid_job"  # the paper ends in the middle of the next job
    COVER_OPEN = "cover_open"  # stopped, as without paper
    HEAD_HOT = "head_hot"  # stopped, as without paper
    RIBBON_OUT = "ribbon_out"  # stopped, as without paper
    JAM = "jam"  # stopped
    JAM_MID_JOB = "jam_mid_job"  # the next job's paper is crumpled, and lost
    CUTTER = "cutter"  # stopped
    CUTTER_MID_JOB = "cutter_mid_job"  # the cutter sticks in the next job's paper
    SILENT = "silent"  # takes bytes, answers nothing, prints nothing
    SILENT_MID_JOB = "silent_mid_job"  # falls silent in the middle of the next job
    DIE_MID_JOB = "die_mid_job"  # loses power in the middle of the next job, with all that it held
    POWER_CYCLED = "power_cycled"  # loses the next job for want of power before its paper, and is back at once
    LINE_CUT = "line_cut"  # the line breaks when the next job is in; the paper comes out
    LATE_MID_JOB = "late_mid_job"  # begins to answer late in the middle of the next job
    LATE = "late"  # answers after the till has stopped waiting
    SLOWLY = "slowly"  # answers one byte at a time
    TOGETHER = "together"  # answers wait for the next one, and come in one segment


STOPPED = frozenset({
    Fault.PAPER_OUT, Fault.COVER_OPEN, Fault.HEAD_HOT, Fault.RIBBON_OUT, Fault.JAM, Fault.CUTTER, Fault.SILENT,
    Fault.OFF,
})  # fmt: skip
_FROM_THE_FIRST_DOT = {
    Fault.PAPER_OUT_MID_JOB: Fault.PAPER_OUT, Fault.SILENT_MID_JOB: Fault.SILENT, Fault.DIE_MID_JOB: Fault.OFF,
    Fault.LATE_MID_JOB: Fault.LATE,
}  # fmt: skip
_AT_THE_END = {
    Fault.JAM_MID_JOB: Fault.JAM, Fault.CUTTER_MID_JOB: Fault.CUTTER, Fault.POWER_CYCLED: Fault.NONE,
    Fault.LINE_CUT: Fault.NONE,
}  # fmt: skip


class Reader(Protocol):
    """Takes apart the bytes of one line. Strict: what a careful printer would not understand becomes a violation."""

    def feed(self, data: bytes) -> Iterable[Any]:
        """The commands that are complete now."""


class SimulatedPrinter:
    """One printer. `start` listens; faults can be set at any time. Languages fill in the methods with `_`."""

    kind = "printer"
    faults: tuple[str, ...] = ()

    def __init__(self, name: str, bind: str, port: int, tray: Tray, late_seconds: float = LATE_SECONDS) -> None:
        self.name, self.tray = name, tray
        self._address, self._late_seconds = (bind, port), late_seconds
        self._lock = threading.RLock()
        self._fault = Fault.NONE
        self._listener: socket.socket | None = None
        self._lines: set[socket.socket] = set()
        self._held: deque[tuple[Any, socket.socket]] = deque()
        self._together: dict[socket.socket, bytes] = {}
        self._violations: list[str] = []
        self._stopped = False

    def start(self) -> None:
        """Raises OSError when the port is taken."""
        with self._lock:
            if self._listener is not None or self._stopped:
                return
            listener = socket.create_server(self._address)
            self._address = listener.getsockname()[:2]
            self._listener = listener
        threading.Thread(target=self._accept, args=(listener,), name=f"sim-{self.name}", daemon=True).start()

    @property
    def port(self) -> int:
        return self._address[1]

    def stop(self) -> None:
        self._stopped = True
        self._power_off()

    @property
    def fault(self) -> Fault:
        return self._fault

    def set_fault(self, fault: str) -> None:
        """Begin or end a fault. Ending it loads paper, or switches the printer on again. Raises ValueError."""
        if fault not in self.faults:
            raise ValueError(f"{self.name} has no fault {fault}; it has: {', '.join(self.faults)}")
        with self._lock:
            before, self._fault = self._fault, Fault(fault)
            if self._fault is Fault.OFF:
                self._power_off()
                return
            self._say_of_fault(before)
            self._print_held()
        self.start()

    def act(self, action: str, body: Mapping[str, Any]) -> None:
        """A printer has no buttons. Raises ValueError."""
        raise ValueError(f"{self.name} knows no {action}")

    def as_json(self) -> dict[str, Any]:
        return {"name": self.name, "kind": self.kind, "port": self.port, "fault": self.fault.value,
                "faults": list(self.faults), "papers": len(self.tray.newest_first()), "drawer_kicks": []}  # fmt: skip

    def _reader(self) -> Reader:
        """For a new line."""
        raise NotImplementedError

    def _is_question(self, command: Any) -> bool:
        """Whether it is answered at once, even while the printer is stopped."""
        raise NotImplementedError

    def _answer_question(self, command: Any, line: socket.socket) -> None:
        raise NotImplementedError

    def _execute(self, command: Any, line: socket.socket) -> None:
        """Do it: `_begins` before the first dot of a job, `_ends` once all of it is drawn."""
        raise NotImplementedError

    def _eject(self, complete: bool) -> None:
        """The paper so far, if there is any, comes out."""
        raise NotImplementedError

    def _say_of_fault(self, before: Fault) -> None:
        """What the printer says unasked when its condition has changed."""

    def _say_powered_on(self, line: socket.socket) -> bool:
        """After a loss of power: whether the line outlives it, as a cable does and a network does not."""
        return False

    def _begins(self) -> None:
        """A job's first dot is on paper."""
        after = _FROM_THE_FIRST_DOT.get(self._fault)
        if after is not None:
            before, self._fault = self._fault, after
            if after is Fault.OFF:
                self._power_off()
            else:
                self._say_of_fault(before)

    def _ends(self, line: socket.socket) -> bool:
        """All of a job is drawn; False when it is lost: no more of it is to be done."""
        after = _AT_THE_END.get(self._fault)
        if after is None:
            return True
        before, self._fault = self._fault, after
        if before is Fault.LINE_CUT:
            self._drop(line)
            return True
        self._eject(complete=False)
        self._held.clear()
        if before is Fault.POWER_CYCLED:
            for each in list(self._lines):
                if not self._say_powered_on(each):
                    self._drop(each)
        else:
            self._say_of_fault(before)
        return False

    def _put(self, picture: Any, complete: bool) -> None:
        self.tray.put(picture, iso_ms(now()), complete, tuple(self._violations))
        self._violations = []

    def _answer(self, line: socket.socket, data: bytes) -> None:
        match self._fault:
            case Fault.SILENT | Fault.OFF:
                return
            case Fault.LATE:
                later = threading.Timer(self._late_seconds, self._send, (line, data))
                later.daemon = True
                later.start()
            case Fault.SLOWLY:
                for byte in data:
                    self._send(line, bytes([byte]))
                    time.sleep(SLOW_SECONDS)
            case Fault.TOGETHER if line not in self._together:
                self._together[line] = data
                later = threading.Timer(TOGETHER_SECONDS, self._send_together, (line,))
                later.daemon = True
                later.start()
            case Fault.TOGETHER:
                self._together[line] += data
                self._send_together(line)
            case _:
                self._send(line, data)

    def _send_together(self, line: socket.socket) -> None:
        with self._lock:
            self._send(line, self._together.pop(line, b""))

    def _send(self, line: socket.socket, data: bytes) -> None:
        with self._lock:
            if line not in self._lines:
                return
            try:
                line.sendall(data)
            except OSError:
                self._lines.discard(line)

    def _power_off(self) -> None:
        with self._lock:
            self._eject(complete=False)
            self._held.clear()
            if self._listener is not None:
                # Shutting down wakes the thread that waits in accept; closing alone would not.
                _close(self._listener)
                self._listener = None
            for line in list(self._lines):
                self._drop(line)

    def _drop(self, line: socket.socket) -> None:
        self._lines.discard(line)
        _close(line)

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                line, _ = listener.accept()
            except OSError:
                return
            with self._lock:
                if self._listener is not listener:
                    _close(line)
                    return
                self._lines.add(line)
            line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(target=self._serve, args=(line,), name=f"sim-{self.name}-line", daemon=True).start()

    def _serve(self, line: socket.socket) -> None:
        reader = self._reader()
        while True:
            try:
                data = line.recv(65536)
            except OSError:
                data = b""
            with self._lock:
                if not data or line not in self._lines:
                    self._drop(line)
                    return
                self._take(reader.feed(data), line)

    def _take(self, commands: Iterable[Any], line: socket.socket) -> None:
        for command in commands:
            if self._is_question(command):
                self._answer_question(command, line)
            else:
                self._held.append((command, line))
        self._print_held()

    def _print_held(self) -> None:
        while self._held and self._fault not in STOPPED:
            command, line = self._held.popleft()
            self._execute(command, line)


def _close(line: socket.socket) -> None:
    with contextlib.suppress(OSError):
        line.shutdown(socket.SHUT_RDWR)
    line.close()
