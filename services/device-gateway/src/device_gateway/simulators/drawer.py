"""A simulated cash drawer with a trigger box of its own; hands close it (peripherals 6)."""

import socket
from collections import deque
from collections.abc import Mapping
from typing import Any

from device_gateway.simulators.line_device import LineDevice
from kit.clock import iso_ms, now

STUCK, SILENT = "stuck", "silent"
KEPT = 100
_ASK, _PULSE = b"\x10\x04\x01", b"\x1bp"


class SimulatedDrawer(LineDevice):
    """Opens by a pulse, says whether it is open."""

    kind = "drawer"
    faults = (*LineDevice.faults, STUCK, SILENT)

    def __init__(self, name: str, bind: str, port: int) -> None:
        super().__init__(name, bind, port)
        self._pending = b""
        self._is_open = False
        self._openings: deque[str] = deque(maxlen=KEPT)

    def begin(self) -> None:
        self._pending = b""

    def hear(self, data: bytes, line: socket.socket) -> None:
        self._pending += data
        while self._pending:
            if self._pending.startswith(_ASK):
                self._pending = self._pending[3:]
                if self._fault != SILENT:
                    self.say(bytes([0x16 if self._is_open else 0x12]), line)
            elif self._pending.startswith(_PULSE):
                if len(self._pending) < 5:
                    return
                self._pending = self._pending[5:]
                self._open()
            elif _ASK.startswith(self._pending) or _PULSE.startswith(self._pending):
                return  # its end is on the way
            else:
                self._violations.append(f"byte {self._pending[:1].hex()}")
                self._pending = self._pending[1:]

    def _open(self) -> None:
        if self._fault != STUCK:
            self._is_open = True
            self._openings.append(iso_ms(now()))

    def act(self, action: str, body: Mapping[str, Any]) -> None:
        if action != "close":
            super().act(action, body)
        with self._lock:
            self._is_open = False

    def as_json(self) -> dict[str, Any]:
        with self._lock:
            return super().as_json() | {
                "open": self._is_open, "openings": list(self._openings), "actions": ["close"] if self._is_open else []
            }  # fmt: skip
