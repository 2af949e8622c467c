"""A simulated ESC/POS printer on TCP: one job after the other onto paper, answers as a real one, faults on demand."""

import contextlib
import socket
import threading
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from device_gateway.simulators.paper import Roll, Tray
from device_gateway.simulators.parser import (
    AskStatus,
    Command,
    Cut,
    Feed,
    Initialise,
    KickDrawer,
    Parser,
    Raster,
    SendProcessId,
    Text,
    Violation,
)
from kit.clock import iso_ms, now

KEPT_KICKS = 100


class Fault(StrEnum):
    """What may go wrong, one at a time."""

    NONE = "none"
    OFF = "off"  # nothing listens
    PAPER_OUT = "paper_out"  # stopped; keeps what it received and prints it once there is paper
    PAPER_OUT_MID_JOB = "paper_out_mid_job"  # the paper ends after the next job's first strip
    SILENT = "silent"  # takes bytes, answers nothing, prints nothing
    SILENT_MID_JOB = "silent_mid_job"  # falls silent after the next job's first strip
    DIE_MID_JOB = "die_mid_job"  # loses power after the next job's first strip, with all that it held


@dataclass(frozen=True)
class Kick:
    """The drawer was opened."""

    at: str
    pin: int


class SimulatedPrinter:
    """One printer. `start` listens; faults can be set at any time."""

    kind = "printer"
    faults = tuple(each.value for each in Fault)

    def __init__(self, name: str, bind: str, port: int, tray: Tray) -> None:
        self.name, self.tray = name, tray
        self._address = bind, port
        self._lock = threading.RLock()
        self._fault = Fault.NONE
        self._listener: socket.socket | None = None
        self._lines: set[socket.socket] = set()
        self._held: deque[tuple[Command, socket.socket]] = deque()
        self._roll, self._violations = Roll(), list[str]()
        self._kicks: deque[Kick] = deque(maxlen=KEPT_KICKS)
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

    @property
    def kicks(self) -> list[Kick]:
        with self._lock:
            return list(self._kicks)[::-1]

    def set_fault(self, fault: str) -> None:
        """Begin or end a fault. Ending it loads paper, or switches the printer on again. Raises ValueError."""
        with self._lock:
            self._fault = Fault(fault)
            if self._fault is Fault.OFF:
                self._power_off()
                return
            self._print_held()
        self.start()

    def _power_off(self) -> None:
        with self._lock:
            self._eject(complete=False)
            self._held.clear()
            if self._listener is not None:
                # Shutting down wakes the thread that waits in accept; closing alone would not.
                _close(self._listener)
                self._listener = None
            for line in self._lines:
                _close(line)
            self._lines.clear()

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
        parser = Parser()
        while True:
            try:
                data = line.recv(65536)
            except OSError:
                data = b""
            with self._lock:
                if not data or line not in self._lines:
                    self._lines.discard(line)
                    _close(line)
                    return
                self._take(parser.feed(data), line)

    def _take(self, commands: Iterable[Command], line: socket.socket) -> None:
        for command in commands:
            if isinstance(command, AskStatus):
                self._answer(line, self._status(command.n))
            else:
                self._held.append((command, line))
        self._print_held()

    def _print_held(self) -> None:
        while self._held and self._fault not in (Fault.PAPER_OUT, Fault.SILENT, Fault.OFF):
            command, line = self._held.popleft()
            self._execute(command, line)

    def _execute(self, command: Command, line: socket.socket) -> None:
        match command:
            case Initialise():
                self._roll.end_line()
            case Text():
                self._roll.add_text(command)
            case Feed(dots):
                self._roll.feed(dots)
            case Raster():
                self._roll.add_raster(command)
                self._fail_mid_job()
            case Cut(_, feed_dots):
                self._roll.feed(feed_dots)
                self._eject(complete=True)
            case KickDrawer(pin, _):
                self._kicks.append(Kick(iso_ms(now()), pin))
            case SendProcessId(value):
                self._answer(line, b"\x37\x22" + value + b"\x00")
            case Violation(message):
                self._violations.append(message)

    def _fail_mid_job(self) -> None:
        match self._fault:
            case Fault.PAPER_OUT_MID_JOB:
                self._fault = Fault.PAPER_OUT
            case Fault.SILENT_MID_JOB:
                self._fault = Fault.SILENT
            case Fault.DIE_MID_JOB:
                self._fault = Fault.OFF
                self._power_off()

    def _eject(self, complete: bool) -> None:
        if not self._roll.is_blank or self._violations:
            self.tray.put(self._roll.cut_off(), iso_ms(now()), complete, tuple(self._violations))
            self._violations = []

    def _status(self, n: int) -> bytes:
        """The answer to DLE EOT n: 12 is all well."""
        out = self._fault is Fault.PAPER_OUT
        extra = {1: 0x08, 2: 0x20, 3: 0x00, 4: 0x60}[n] if out else 0
        return bytes([0x12 | extra])

    def _answer(self, line: socket.socket, data: bytes) -> None:
        if self._fault in (Fault.SILENT, Fault.OFF):
            return
        try:
            line.sendall(data)
        except OSError:
            self._lines.discard(line)

    def act(self, action: str, body: Mapping[str, Any]) -> None:
        """A printer has no buttons. Raises ValueError."""
        raise ValueError(f"{self.name} knows no {action}")

    def as_json(self) -> dict[str, Any]:
        return {"name": self.name, "kind": self.kind, "port": self.port, "fault": self.fault.value,
                "faults": list(self.faults),
                "papers": len(self.tray.newest_first()),
                "drawer_kicks": [vars(kick) for kick in self.kicks]}  # fmt: skip


def _close(line: socket.socket) -> None:
    with contextlib.suppress(OSError):
        line.shutdown(socket.SHUT_RDWR)
    line.close()
