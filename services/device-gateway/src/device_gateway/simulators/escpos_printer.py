"""A simulated ESC/POS printer: tickets or receipts, a drawer on its port, status by DLE EOT, process-ID."""

import socket
from collections import deque
from dataclasses import dataclass
from typing import Any

from device_gateway.simulators.escpos_parser import (
    AskStatus,
    Cut,
    Feed,
    Initialise,
    KickDrawer,
    Parser,
    Raster,
    SendProcessId,
    Text,
    ToBlackMark,
    Violation,
)
from device_gateway.simulators.paper import WIDTH_DOTS, Roll, Tray
from device_gateway.simulators.printer import LATE_SECONDS, Fault, SimulatedPrinter
from kit.clock import iso_ms, now

KEPT_KICKS = 100
# Bits added to the answers to DLE EOT 1, 2, 3 and 4, which are 12 when all is well.
_STATUS = {
    Fault.PAPER_LOW: (0x00, 0x00, 0x00, 0x0C),
    Fault.PAPER_OUT: (0x08, 0x20, 0x00, 0x60),
    Fault.COVER_OPEN: (0x08, 0x04, 0x00, 0x00),
    Fault.HEAD_HOT: (0x08, 0x40, 0x40, 0x00),
    Fault.JAM: (0x08, 0x40, 0x20, 0x00),
    Fault.CUTTER: (0x08, 0x40, 0x08, 0x00),
}


@dataclass(frozen=True)
class Kick:
    """The drawer was opened."""

    at: str
    pin: int


class EscPosSimulator(SimulatedPrinter):
    """`process_id` False: as older printers and copies, which print and never say so."""

    faults = tuple(each.value for each in Fault if each is not Fault.RIBBON_OUT)

    def __init__(
        self, name: str, bind: str, port: int, tray: Tray, late_seconds: float = LATE_SECONDS, *,
        dots: int = WIDTH_DOTS, process_id: bool = True,
    ) -> None:  # fmt: skip
        super().__init__(name, bind, port, tray, late_seconds)
        self._roll, self._process_id, self._has_begun = Roll(dots), process_id, False
        self._kicks: deque[Kick] = deque(maxlen=KEPT_KICKS)

    @property
    def kicks(self) -> list[Kick]:
        with self._lock:
            return list(self._kicks)[::-1]

    def as_json(self) -> dict[str, Any]:
        return super().as_json() | {"drawer_kicks": [vars(kick) for kick in self.kicks]}

    def _reader(self) -> Parser:
        return Parser()

    def _is_question(self, command: Any) -> bool:
        return isinstance(command, AskStatus)

    def _answer_question(self, command: Any, line: socket.socket) -> None:
        extra = _STATUS.get(self._fault, (0, 0, 0, 0))[command.n - 1]
        self._answer(line, bytes([0x12 | extra]))

    def _execute(self, command: Any, line: socket.socket) -> None:
        match command:
            case Initialise():
                self._roll.end_line()
            case Text():
                self._roll.add_text(command)
            case Feed(dots):
                self._roll.feed(dots)
            case Raster(width_bytes):
                if width_bytes * 8 > self._roll.width:
                    self._violations.append(f"{width_bytes * 8} dots on a head of {self._roll.width}")
                self._roll.add_raster(command)
                if not self._has_begun:
                    self._has_begun = True
                    self._begins()
            case ToBlackMark():
                self._roll.feed(24)
            case Cut(_, feed_dots):
                if self._ends(line):
                    self._roll.feed(feed_dots)
                    self._eject(complete=True)
            case KickDrawer(pin, _):
                self._kicks.append(Kick(iso_ms(now()), pin))
            case SendProcessId(value) if self._process_id:
                self._answer(line, b"\x37\x22" + value + b"\x00")
            case Violation(message):
                self._violations.append(message)

    def _eject(self, complete: bool) -> None:
        self._has_begun = False
        if not self._roll.is_blank or self._violations:
            self._put(self._roll.cut_off(), complete)
