"""A simulated FGL ticket printer. It says single bytes, also unasked, to every line; its lines outlive a loss of power,
as those of a cable do.

Of the language it knows what senders of pictures use; any other command, and words, which need a font, are violations.
To <S1> it answers one byte: 11 when all is well. Guides do not say which; drivers must bear others.
"""

import re
import socket
from dataclasses import dataclass
from typing import Any

import numpy as np

from device_gateway.simulators.paper import Tray
from device_gateway.simulators.printer import LATE_SECONDS, Fault, SimulatedPrinter
from device_gateway.simulators.sheet import Sheet

WIDTH_DOTS = 640  # 80 mm at 203 dpi
LONGEST_COMMAND = 32
MOST_PENDING = 1024 * 1024
TICKET_DONE, READY, POWER_ON, LOADED = 0x06, 0x11, 0x12, 0x0C
_SAYS = {
    Fault.PAPER_LOW: 0x0F, Fault.PAPER_OUT: 0x10, Fault.RIBBON_OUT: 0x17, Fault.JAM: 0x18, Fault.CUTTER: 0x1D,
}  # fmt: skip


@dataclass(frozen=True)
class AskStatus:
    """<S1>."""


@dataclass(frozen=True)
class Clear:
    """<CB>."""


@dataclass(frozen=True)
class Move:
    """<RCrow,column>."""

    row: int
    column: int


@dataclass(frozen=True)
class Strip:
    """<Gn> and n bytes, each a column of 8 dots."""

    data: bytes


@dataclass(frozen=True)
class Print:
    """<p> and its kin."""

    cut: bool


@dataclass(frozen=True)
class Violation:
    message: str


Command = AskStatus | Clear | Move | Strip | Print | Violation
_PLAIN: dict[bytes, Command | None] = {
    b"S1": AskStatus(), b"CB": Clear(), b"p": Print(True), b"q": Print(False), b"NR": None, b"P1": None, b"P2": None,
}  # fmt: skip


class FglReader:
    """Takes bytes of one line apart."""

    def __init__(self) -> None:
        self._pending = bytearray()

    def feed(self, data: bytes) -> list[Command]:
        """The commands that are complete now, in order."""
        self._pending += data
        commands: list[Command] = []
        while self._pending:
            taken, found = self._next()
            if not taken:
                break
            del self._pending[:taken]
            commands += found
        if len(self._pending) > MOST_PENDING:
            commands.append(Violation(f"a command of more than {MOST_PENDING} bytes"))
            self._pending.clear()
        return commands

    def _next(self) -> tuple[int, list[Command]]:
        """How many bytes the next command takes, none while its end has not arrived."""
        if self._pending[:1] in (b"\r", b"\n"):
            return 1, []
        if self._pending[:1] == b"\x0c":
            return 1, [Print(True)]
        if self._pending[:1] != b"<":
            start = self._pending.find(b"<")
            words = bytes(self._pending[: len(self._pending) if start < 0 else start])
            return len(words), [Violation(f"words {words[:20]!r}")]
        end = self._pending.find(b">", 0, LONGEST_COMMAND)
        if end < 0:
            return (1, [Violation("< without >")]) if len(self._pending) >= LONGEST_COMMAND else (0, [])
        name = bytes(self._pending[1:end])
        if name in _PLAIN:
            command = _PLAIN[name]
            return end + 1, [command] if command else []
        if place := re.fullmatch(rb"RC(\d{1,5}),(\d{1,5})", name):
            return end + 1, [Move(int(place[1]), int(place[2]))]
        if strip := re.fullmatch(rb"G(\d{1,5})", name):
            size = int(strip[1])
            if len(self._pending) < end + 1 + size:
                return 0, []
            return end + 1 + size, [Strip(bytes(self._pending[end + 1 : end + 1 + size]))]
        return end + 1, [Violation(f"<{name.decode('latin-1')}>")]


class FglSimulator(SimulatedPrinter):
    """A ticket printer without cover switch and without a hot head: its language has no word for them."""

    faults = tuple(each.value for each in Fault if each not in (Fault.COVER_OPEN, Fault.HEAD_HOT))

    def __init__(
        self, name: str, bind: str, port: int, tray: Tray, late_seconds: float = LATE_SECONDS, *,
        width: int = WIDTH_DOTS,
    ) -> None:  # fmt: skip
        super().__init__(name, bind, port, tray, late_seconds)
        self._sheet, self._row, self._column = Sheet(width), 0, 0

    def _reader(self) -> FglReader:
        return FglReader()

    def _is_question(self, command: Any) -> bool:
        return isinstance(command, AskStatus)

    def _answer_question(self, command: Any, line: socket.socket) -> None:
        self._answer(line, bytes([_SAYS.get(self._fault, READY)]))

    def _execute(self, command: Any, line: socket.socket) -> None:
        match command:
            case Clear():
                self._row = self._column = 0
            case Move(row, column):
                self._row, self._column = row, column
            case Strip(data):
                begins = self._sheet.is_blank
                ink = np.unpackbits(np.frombuffer(data, np.uint8)[:, None], axis=1).T.astype(bool)
                if not self._sheet.put(self._row, self._column, ink):
                    self._violations.append(f"dots beside the paper at {self._row},{self._column}")
                if begins:
                    self._begins()
            case Print():
                if self._ends(line):
                    self._eject(complete=True)
                    self._say(TICKET_DONE)
            case Violation(message):
                self._violations.append(message)

    def _eject(self, complete: bool) -> None:
        self._row = self._column = 0
        if not self._sheet.is_blank or self._violations:
            self._put(self._sheet.tear_off(), complete)

    def _say_of_fault(self, before: Fault) -> None:
        if before is Fault.PAPER_OUT and self._fault is not Fault.PAPER_OUT:
            self._say(LOADED)
        if self._fault in _SAYS:
            self._say(_SAYS[self._fault])

    def _say_powered_on(self, line: socket.socket) -> bool:
        self._answer(line, bytes([POWER_ON]))
        return True

    def _say(self, byte: int) -> None:
        for line in list(self._lines):
            self._answer(line, bytes([byte]))
