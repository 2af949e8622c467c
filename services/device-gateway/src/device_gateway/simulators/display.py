"""A simulated customer's display of two lines by twenty characters; strict in what it understands (peripherals 6)."""

import socket
from typing import Any

from device_gateway.simulators.line_device import LineDevice

WIDTH, HEIGHT = 20, 2
_CODE_TABLES = {0: "cp437", 2: "cp850", 16: "cp1252", 19: "cp858"}
_LENGTHS = {b"\x1b@": 2, b"\x1bt": 3, b"\x1f$": 4, b"\x1fC": 3, b"\x1fX": 3, b"\x1f\x01": 2}


class SimulatedDisplay(LineDevice):
    """Shows what a customer would read. A text that runs over a line's end goes on in the next one."""

    kind = "display"

    def __init__(self, name: str, bind: str, port: int) -> None:
        super().__init__(name, bind, port)
        self._pending = b""
        self._wipe()

    def _wipe(self) -> None:
        self._cells = [[" "] * WIDTH for _ in range(HEIGHT)]
        self._x = self._y = 0
        self._encoding = "ascii"

    @property
    def screen(self) -> list[str]:
        with self._lock:
            return ["".join(row) for row in self._cells]

    def begin(self) -> None:
        self._pending = b""

    def set_fault(self, fault: str) -> None:
        super().set_fault(fault)
        if fault == "off":
            with self._lock:
                self._wipe()

    def hear(self, data: bytes, line: socket.socket) -> None:
        self._pending += data
        while self._pending:
            lead = self._pending[:1]
            if lead in (b"\x1b", b"\x1f"):
                if len(self._pending) < 2:
                    return
                length = _LENGTHS.get(self._pending[:2])
                if length is None:
                    self._violations.append(f"command {self._pending[:2].hex()}")
                    self._pending = self._pending[2:]
                    continue
                if len(self._pending) < length:
                    return
                command, self._pending = self._pending[:length], self._pending[length:]
                self._obey(command)
            else:
                self._pending = self._pending[1:]
                self._put(lead)

    def _obey(self, command: bytes) -> None:
        match command[:2]:
            case b"\x1b@":
                self._wipe()
            case b"\x1bt":
                if command[2] not in _CODE_TABLES:
                    self._violations.append(f"code table {command[2]}")
                self._encoding = _CODE_TABLES.get(command[2], "ascii")
            case b"\x1f$":
                x, y = command[2], command[3]
                if not (1 <= x <= WIDTH and 1 <= y <= HEIGHT):
                    self._violations.append(f"cursor to {x},{y}")
                    return
                self._x, self._y = x - 1, y - 1

    def _put(self, byte: bytes) -> None:
        if byte == b"\x0c":
            self._cells = [[" "] * WIDTH for _ in range(HEIGHT)]
            self._x = self._y = 0
            return
        if byte < b" ":
            self._violations.append(f"control character {byte.hex()}")
            return
        try:
            character = byte.decode(self._encoding)
        except UnicodeDecodeError:
            self._violations.append(f"byte {byte.hex()} in {self._encoding}")
            character = "?"
        self._cells[self._y][self._x] = character
        self._x += 1
        if self._x == WIDTH:
            self._x, self._y = 0, (self._y + 1) % HEIGHT

    def as_json(self) -> dict[str, Any]:
        return super().as_json() | {"screen": self.screen}
