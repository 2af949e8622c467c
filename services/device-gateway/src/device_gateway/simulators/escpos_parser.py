"""Strict ESC/POS: bytes in, commands out. Whatever a careful printer would not understand is a violation.

DLE EOT is answered at once, even while the printer is stopped; but never inside the data of another command, where it
would be data.
"""

from dataclasses import dataclass, field

ESC, GS, DLE = 0x1B, 0x1D, 0x10
MAX_PENDING = 4 * 1024 * 1024
# Commands with a fixed number of bytes after them, which this paper does not show.
_IGNORED = {
    (ESC, 0x74): 1, (ESC, 0x52): 1, (ESC, 0x33): 1, (ESC, 0x32): 0, (ESC, 0x2D): 1, (ESC, 0x47): 1, (ESC, 0x4D): 1,
    (GS, 0x61): 1, (GS, 0x72): 1, (GS, 0x4C): 2, (GS, 0x57): 2, (GS, 0x42): 1,
}  # fmt: skip
_CODE_TABLES = {0: "cp437", 2: "cp850", 16: "cp1252", 19: "cp858"}


@dataclass(frozen=True)
class AskStatus:
    """DLE EOT n."""

    n: int


@dataclass(frozen=True)
class Initialise:
    pass


@dataclass(frozen=True)
class Text:
    """Characters of one line as they stand between commands; `bold`, `wide` and `tall` as set before."""

    text: str
    bold: bool
    wide: int
    tall: int
    align: int  # 0 left, 1 centre, 2 right


@dataclass(frozen=True)
class Feed:
    dots: int


@dataclass(frozen=True)
class Raster:
    """GS v 0: `width_bytes` × 8 dots wide; 1 bits are ink."""

    width_bytes: int
    height: int
    bits: bytes


@dataclass(frozen=True)
class Cut:
    partial: bool
    feed_dots: int


@dataclass(frozen=True)
class ToBlackMark:
    """GS F8."""


@dataclass(frozen=True)
class KickDrawer:
    pin: int
    on_ms: int


@dataclass(frozen=True)
class SendProcessId:
    value: bytes


@dataclass(frozen=True)
class Violation:
    """Bytes that are no command known here."""

    message: str


Command = AskStatus | Initialise | Text | Feed | Raster | Cut | ToBlackMark | KickDrawer | SendProcessId | Violation


class Incomplete(Exception):
    """The command's end has not arrived."""


@dataclass
class Parser:
    """Holds the bytes of one connection until they make commands."""

    _pending: bytearray = field(default_factory=bytearray)
    _bold: bool = False
    _wide: int = 1
    _tall: int = 1
    _align: int = 0
    _encoding: str = "cp437"

    def feed(self, data: bytes) -> list[Command]:
        """The commands that are complete now, in order."""
        self._pending += data
        commands: list[Command] = []
        while self._pending:
            try:
                commands += self._next()
            except Incomplete:
                break
        if len(self._pending) > MAX_PENDING:
            commands.append(Violation(f"a command of more than {MAX_PENDING} bytes"))
            self._pending.clear()
        return commands

    @property
    def is_inside_command(self) -> bool:
        return bool(self._pending)

    def _take(self, size: int) -> bytes:
        taken = bytes(self._pending[:size])
        del self._pending[:size]
        return taken

    def _need(self, size: int) -> bytes:
        if len(self._pending) < size:
            raise Incomplete
        return bytes(self._pending[:size])

    def _next(self) -> list[Command]:
        first = self._pending[0]
        if first == DLE:
            return self._realtime()
        if first == ESC:
            return self._escape()
        if first == GS:
            return self._group()
        if first == 0x0A:
            self._take(1)
            return [Feed(24 * self._tall)]
        if first == 0x0D:
            self._take(1)
            return []
        if first < 0x20:
            self._take(1)
            return [Violation(f"control character {first:02x}")]
        end = next((index for index, byte in enumerate(self._pending) if byte < 0x20), len(self._pending))
        text = self._take(end).decode(self._encoding, "replace")
        return [Text(text, self._bold, self._wide, self._tall, self._align)]

    def _realtime(self) -> list[Command]:
        _, command, n = self._need(3)
        self._take(3)
        if command == 0x04 and 1 <= n <= 4:
            return [AskStatus(n)]
        if command == 0x05 and n in (1, 2):
            return []
        return [Violation(f"DLE {command:02x} {n:02x}")]

    def _escape(self) -> list[Command]:
        command = self._need(2)[1]
        match command:
            case 0x40:
                self._take(2)
                self._bold, self._wide, self._tall, self._align, self._encoding = False, 1, 1, 0, "cp437"
                return [Initialise()]
            case 0x21:
                mode = self._argument()
                self._bold, self._wide, self._tall = bool(mode & 8), 1 + bool(mode & 0x20), 1 + bool(mode & 0x10)
                return []
            case 0x45:
                self._bold = bool(self._argument() & 1)
                return []
            case 0x61:
                align = self._argument() % 48
                self._align = align if align <= 2 else 0
                return [] if align <= 2 else [Violation(f"ESC a {align}")]
            case 0x64:
                return [Feed(24 * self._argument())]
            case 0x4A:
                return [Feed(self._argument())]
            case 0x74:
                table = self._argument()
                self._encoding = _CODE_TABLES.get(table, "cp437")
                return [] if table in _CODE_TABLES else [Violation(f"code table {table}")]
            case 0x70:
                pin, on, _off = self._need(5)[2:]
                self._take(5)
                return [KickDrawer(pin, on * 2)] if pin in (0, 1, 48, 49) else [Violation(f"ESC p {pin}")]
        return self._ignored(ESC, command)

    def _group(self) -> list[Command]:
        command = self._need(2)[1]
        match command:
            case 0x21:
                size = self._argument()
                self._wide, self._tall = (size >> 4 & 7) + 1, (size & 7) + 1
                return []
            case 0x56:
                return self._cut()
            case 0x76:
                return self._raster()
            case 0x28:
                return self._parenthesis()
            case 0xF8:
                self._take(2)
                return [ToBlackMark()]
        return self._ignored(GS, command)

    def _argument(self) -> int:
        value = self._need(3)[2]
        self._take(3)
        return value

    def _ignored(self, lead: int, command: int) -> list[Command]:
        size = _IGNORED.get((lead, command))
        if size is None:
            self._take(2)
            return [Violation(f"{'ESC' if lead == ESC else 'GS'} {command:02x}")]
        self._need(2 + size)
        self._take(2 + size)
        return []

    def _cut(self) -> list[Command]:
        m = self._need(3)[2]
        if m in (65, 66):
            feed = self._need(4)[3]
            self._take(4)
            return [Cut(m == 66, feed)]
        self._take(3)
        return [Cut(m in (1, 49), 0)] if m in (0, 1, 48, 49) else [Violation(f"GS V {m}")]

    def _raster(self) -> list[Command]:
        head = self._need(8)
        width, height = head[4] | head[5] << 8, head[6] | head[7] << 8
        if head[2] != 0x30 or head[3] not in (0, 48) or not width or not height:
            self._take(8)
            return [Violation(f"GS v {head[2:].hex()}")]
        size = width * height
        self._need(8 + size)
        self._take(8)
        return [Raster(width, height, self._take(size))]

    def _parenthesis(self) -> list[Command]:
        function, low, high = self._need(5)[2:]
        size = low | high << 8
        data = self._need(5 + size)[5:]
        self._take(5 + size)
        if function == 0x48 and size == 6 and data[:2] == b"00" and all(0x20 <= byte <= 0x7E for byte in data[2:]):
            return [SendProcessId(data[2:])]
        return [Violation(f"GS ( {function:02x} {data[:8].hex()}")]
