"""A simulated ZPL printer: labels of pictures and plain words, ~HS, and a count of labels.

Of the language it knows what our tickets use and the little that other senders need for a first label; any other
command is a violation, as is a picture whose checksum is wrong.
"""

import base64
import binascii
import re
import socket
import zlib
from dataclasses import dataclass
from typing import Any

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from device_gateway.simulators.paper import Tray
from device_gateway.simulators.printer import LATE_SECONDS, STOPPED, Fault, SimulatedPrinter
from device_gateway.simulators.sheet import Sheet

WIDTH_DOTS = 640  # 80 mm at 203 dpi
MOST_PENDING = 4 * 1024 * 1024
MOST_DOTS = 1024 * 1024  # bytes in one picture
COUNT_QUESTION = b'! U1 getvar "odometer.total_label_count"\r\n'
_GF = re.compile(rb"A,(\d{1,7}),(\d{1,7}),(\d{1,5}),(.*)", re.DOTALL)
_Z64 = re.compile(rb":Z64:([A-Za-z0-9+/=]+):([0-9A-Fa-f]{4})")
_IGNORED = {b"CI": rb"\d+", b"LH": rb"0,0", b"MM": rb"[CT]", b"PQ": rb"1", b"FS": rb""}


@dataclass(frozen=True)
class AskStatus:
    """~HS."""


@dataclass(frozen=True)
class AskCount:
    """getvar odometer.total_label_count."""


@dataclass(frozen=True)
class Picture:
    row: int
    column: int
    ink: np.ndarray


@dataclass(frozen=True)
class Words:
    row: int
    column: int
    height: int
    text: str


@dataclass(frozen=True)
class Label:
    """From ^XA to ^XZ."""

    length: int
    content: tuple[Picture | Words, ...]


@dataclass(frozen=True)
class Violation:
    message: str


Command = AskStatus | AskCount | Label | Violation


class ZplReader:
    """Takes bytes of one line apart."""

    def __init__(self) -> None:
        self._pending = b""
        self._content: list[Picture | Words] | None = None  # None outside of a label
        self._length = 0
        self._place = 0, 0
        self._height = 30

    def feed(self, data: bytes) -> list[Command]:
        """The commands that are complete now, in order. A command ends where the next one begins, but for a few."""
        self._pending += data
        commands: list[Command] = []
        while (end := self._end()) > 0:
            command, self._pending = self._pending[:end], self._pending[end:]
            commands += self._read(command.strip(b"\r\n"))
        if len(self._pending) > MOST_PENDING:
            commands.append(Violation(f"a command of more than {MOST_PENDING} bytes"))
            self._pending = b""
        return commands

    def _end(self) -> int:
        """Where the next command ends; 0 while that is not known."""
        if self._pending[:1] in (b"\r", b"\n"):
            return 1
        for known in (b"^XA", b"^XZ", b"^FS", b"~HS", COUNT_QUESTION):
            if self._pending.startswith(known):
                return len(known)
        if COUNT_QUESTION.startswith(self._pending[: len(COUNT_QUESTION)]) and self._pending:
            return 0
        found = re.search(rb"[\^~]", self._pending[1:])
        return found.start() + 1 if found else 0

    def _read(self, command: bytes) -> list[Command]:
        if not command:
            return []
        if command == b"~HS":
            return [AskStatus()]
        if command == COUNT_QUESTION.strip():
            return [AskCount()]
        if command == b"^XA":
            nested, self._content, self._length = self._content is not None, [], 0
            return [Violation("^XA inside a label")] if nested else []
        if command[:1] != b"^" or self._content is None:
            return [Violation(f"outside of a label: {command[:20]!r}")]
        if command == b"^XZ":
            label, self._content = Label(self._length, tuple(self._content)), None
            return [label]
        return self._field(command[1:3], command[3:])

    def _field(self, name: bytes, rest: bytes) -> list[Command]:
        assert self._content is not None
        if name in _IGNORED and re.fullmatch(_IGNORED[name], rest):
            return []
        if name in (b"PW", b"LL") and re.fullmatch(rb"\d{1,5}", rest):
            self._length = int(rest) if name == b"LL" else self._length
            return []
        if name == b"FO" and (place := re.fullmatch(rb"(\d{1,5}),(\d{1,5})", rest)):
            self._place = int(place[2]), int(place[1])
            return []
        if name == b"A0" and (font := re.fullmatch(rb"N,(\d{1,3}),\d{1,3}", rest)):
            self._height = max(1, int(font[1]))
            return []
        if name == b"FD":
            self._content.append(Words(*self._place, self._height, rest.decode("utf-8", "replace")))
            return []
        if name == b"GF" and (field := _GF.fullmatch(rest)):
            ink = decoded(int(field[2]), int(field[3]), field[4])
            if isinstance(ink, str):
                return [Violation(f"^GF {ink}")]
            self._content.append(Picture(*self._place, ink))
            return []
        return [Violation(f"^{(name + rest)[:20].decode('latin-1')}")]


def decoded(total: int, width: int, data: bytes) -> np.ndarray | str:
    """A ^GF field's dots; else what is wrong with it."""
    if not width or not 0 < total <= MOST_DOTS or total % width:
        return f"of {total} bytes in rows of {width}"
    if packed := _Z64.fullmatch(data):
        if binascii.crc_hqx(packed[1], 0) != int(packed[2], 16):
            return "with a wrong checksum"
        try:
            dots = zlib.decompressobj().decompress(base64.b64decode(packed[1], validate=True), total + 1)
        except (ValueError, zlib.error) as error:
            return str(error)
    else:
        try:
            dots = bytes.fromhex(data.decode("ascii"))
        except ValueError as error:
            return str(error)
    if len(dots) != total:
        return f"has {len(dots)} bytes, not {total}"
    return np.unpackbits(np.frombuffer(dots, np.uint8).reshape(-1, width), axis=1).astype(bool)


class ZplSimulator(SimulatedPrinter):
    """`mute_in_error`: as newer firmware, which answers no question while it is stopped."""

    faults = tuple(each.value for each in Fault if each is not Fault.PAPER_LOW)

    def __init__(
        self, name: str, bind: str, port: int, tray: Tray, late_seconds: float = LATE_SECONDS, *,
        width: int = WIDTH_DOTS, mute_in_error: bool = False, label_counter: bool = True,
    ) -> None:  # fmt: skip
        super().__init__(name, bind, port, tray, late_seconds)
        self._sheet, self._length = Sheet(width), 0
        self._mute_in_error, self._has_counter = mute_in_error, label_counter
        self._labels = 1000

    def _reader(self) -> ZplReader:
        return ZplReader()

    def _is_question(self, command: Any) -> bool:
        return isinstance(command, AskStatus | AskCount)

    def _answer_question(self, command: Any, line: socket.socket) -> None:
        if self._mute_in_error and self._fault in STOPPED:
            return
        if isinstance(command, AskStatus):
            self._answer(line, self._host_status())
        elif self._has_counter:
            self._answer(line, b'"%d"' % self._labels)

    def _host_status(self) -> bytes:
        out, open_, hot = (self._fault is each for each in (Fault.PAPER_OUT, Fault.COVER_OPEN, Fault.HEAD_HOT))
        ribbon, broken = self._fault is Fault.RIBBON_OUT, self._fault in (Fault.JAM, Fault.CUTTER)
        held = sum(isinstance(command, Label) for command, _ in self._held)
        at_work = not self._sheet.is_blank
        first = f"030,{out:d},{broken:d},1085,{held:03d},0,0,0,000,0,0,{hot:d}"
        second = f"000,0,{open_:d},{ribbon:d},1,2,4,0,{at_work:08d},1,000"
        return b"".join(b"\x02%s\x03\r\n" % each.encode() for each in (first, second, "1234,0"))

    def _execute(self, command: Any, line: socket.socket) -> None:
        match command:
            case Label(length, content):
                self._length = length
                for each in content:
                    begins = self._sheet.is_blank
                    ink = each.ink if isinstance(each, Picture) else _drawn(each)
                    if not self._sheet.put(each.row, each.column, ink):
                        self._violations.append(f"dots beside the paper at {each.column},{each.row}")
                    if begins and not self._goes_on():
                        # Stopped in the middle of it: all of it is printed again by itself, on new paper.
                        self._sheet.tear_off()
                        if self._fault is not Fault.OFF:
                            self._held.appendleft((command, line))
                        return
                if self._ends(line):
                    self._eject(complete=True)
                    self._labels += 1
            case Violation(message):
                self._violations.append(message)

    def _goes_on(self) -> bool:
        self._begins()
        return self._fault not in STOPPED

    def _eject(self, complete: bool) -> None:
        if not self._sheet.is_blank or self._violations:
            self._put(self._sheet.tear_off(self._length), complete)


def _drawn(words: Words) -> np.ndarray:
    font = ImageFont.load_default(size=words.height)
    picture = Image.new("1", (max(1, round(font.getlength(words.text))), round(words.height * 1.3)), 1)
    ImageDraw.Draw(picture).text((0, 0), words.text, font=font, fill=0)
    return ~np.asarray(picture)
