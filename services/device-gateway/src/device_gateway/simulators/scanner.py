"""A simulated code reader: a trainer or a test says what it reads (peripherals 1.6, 7)."""

import socket
import time
from collections.abc import Mapping
from typing import Any

from device_gateway.simulators.line_device import LineDevice

TWICE, CUT, SLOWLY, NO_END = "twice", "cut_in_two", "byte_by_byte", "no_end"
CUT_SECONDS = 0.3
BURST_SECONDS = 1 / 40
LONGEST = 2000


class SimulatedScanner(LineDevice):
    """Sends `]Q1<code>\r` to whoever listens. `faults` are habits of bad readers and lines."""

    kind = "scanner"
    faults = (*LineDevice.faults, TWICE, CUT, SLOWLY, NO_END)

    def hear(self, data: bytes, line: socket.socket) -> None:
        self._violations.append(f"it was told {data[:8].hex()}")  # nobody talks to a reader

    def act(self, action: str, body: Mapping[str, Any]) -> None:
        """`scan` a code; `burst`: forty of them in a second, the code with a number. Raises ValueError."""
        code = body.get("code")
        if not isinstance(code, str) or not 0 < len(code) <= LONGEST or not code.isprintable():
            raise ValueError("code must be the text of a code")
        match action:
            case "scan":
                self._send(code)
            case "burst":
                for number in range(40):
                    self._send(f"{code}{number:02d}")
                    time.sleep(BURST_SECONDS)
            case _:
                super().act(action, body)

    def _send(self, code: str) -> None:
        data = b"]Q1" + code.encode() + (b"" if self._fault == NO_END else b"\r")
        match self._fault:
            case "twice":
                self.say(data + data)
            case "cut_in_two":
                self.say(data[: len(data) // 2])
                time.sleep(CUT_SECONDS)
                self.say(data[len(data) // 2 :])
            case "byte_by_byte":
                for byte in data:
                    self.say(bytes([byte]))
            case _:
                self.say(data)

    def as_json(self) -> dict[str, Any]:
        return super().as_json() | {"asks": "code", "actions": ["scan"]}
