"""What simulated devices on a line have in common: they listen on TCP, hear bytes, and can be switched off."""

import contextlib
import socket
import threading
from collections import deque
from collections.abc import Mapping
from typing import Any

NONE, OFF = "none", "off"
KEPT_VIOLATIONS = 50


class LineDevice:
    """One device. Subclasses say what they hear; `hear` is called with the device's lock held."""

    kind = ""
    faults: tuple[str, ...] = (NONE, OFF)

    def __init__(self, name: str, bind: str, port: int) -> None:
        self.name = name
        self._address = bind, port
        self._lock = threading.RLock()
        self._fault = NONE
        self._listener: socket.socket | None = None
        self._lines: set[socket.socket] = set()
        self._violations: deque[str] = deque(maxlen=KEPT_VIOLATIONS)
        self._stopped = False

    @property
    def port(self) -> int:
        return self._address[1]

    def start(self) -> None:
        """Raises OSError when the port is taken."""
        with self._lock:
            if self._listener is not None or self._stopped:
                return
            self._listener = listener = socket.create_server(self._address)
            self._address = listener.getsockname()[:2]
        threading.Thread(target=self._accept, args=(listener,), name=f"sim-{self.name}", daemon=True).start()

    def stop(self) -> None:
        self._stopped = True
        self._power_off()

    def set_fault(self, fault: str) -> None:
        """Raises ValueError."""
        if fault not in self.faults:
            raise ValueError(f"{self.name} has no fault {fault}; it has: {', '.join(self.faults)}")
        with self._lock:
            self._fault = fault
        if fault == OFF:
            self._power_off()
        else:
            self.start()

    def act(self, action: str, body: Mapping[str, Any]) -> None:
        """Raises ValueError."""
        raise ValueError(f"{self.name} knows no {action}")

    def as_json(self) -> dict[str, Any]:
        with self._lock:
            return {
                "name": self.name, "kind": self.kind, "port": self.port, "lines": len(self._lines),
                "fault": self._fault, "faults": list(self.faults), "violations": list(self._violations),
            }  # fmt: skip

    def hear(self, data: bytes, line: socket.socket) -> None:
        """Bytes have come; the device answers by `say`."""
        raise NotImplementedError

    def begin(self) -> None:
        """It was switched on, or somebody has connected: what is half heard is forgotten."""

    def say(self, data: bytes, line: socket.socket | None = None) -> None:
        """To one line, or to everybody who listens."""
        with self._lock:
            for each in [line] if line else list(self._lines):
                with contextlib.suppress(OSError):
                    each.sendall(data)

    def _power_off(self) -> None:
        with self._lock:
            if self._listener is not None:
                _close(self._listener)
                self._listener = None
            for line in self._lines:
                _close(line)
            self._lines.clear()
            self.begin()

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
                self.begin()
            line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(target=self._serve, args=(line,), name=f"sim-{self.name}-line", daemon=True).start()

    def _serve(self, line: socket.socket) -> None:
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
                self.hear(data, line)


def _close(line: socket.socket) -> None:
    with contextlib.suppress(OSError):
        line.shutdown(socket.SHUT_RDWR)
    line.close()
