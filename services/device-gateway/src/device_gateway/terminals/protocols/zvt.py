"""ZVT: commands of two bytes, a length and data, over TCP as they are and over serial lines framed (peripherals 4.3).

TCP     class instr len data                          len FF: two bytes follow, the low one first
serial  10 02  class instr len data  10 03  CRC CRC   10 inside is doubled
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from device_gateway.terminals.outcome import NUMERIC, BadAnswer, Charge, Kind, Outcome, Result

REGISTER, AUTHORISE, REFUND = b"\x06\x00", b"\x06\x01", b"\x06\x31"
REPEAT, STATUS, ABORT = b"\x06\x20", b"\x05\x01", b"\x06\xb0"
INTERIM, RESULT, COMPLETED, ABORTED = b"\x04\xff", b"\x04\x0f", b"\x06\x0f", b"\x06\x1e"
DONE, NOT_DONE = b"\x80\x00", 0x84
MOST = 999_999_999_999
DLE, STX, ETX, ACK, NAK = 0x10, 0x02, 0x03, 0x06, 0x15
LONGEST = 70_000
_CONFIG = b"\xba"  # the till prints, and steers payments and refunds alone
_BY_KEY = (0x6C,)  # aborted at the terminal, or by us
# Bitmaps of results: fixed lengths, or (lengths' digits) for LLVAR and LLLVAR.
_FIXED = {0x04: 6, 0x0B: 3, 0x0C: 3, 0x0D: 2, 0x0E: 2, 0x17: 2, 0x19: 1, 0x27: 1, 0x29: 4, 0x2A: 15, 0x3B: 8, 0x49: 2,
          0x87: 2, 0x88: 3, 0x8A: 1, 0x8C: 1, 0xA0: 1, 0xAA: 3, 0xBA: 5, 0xD0: 1}  # fmt: skip
_LLVAR = (0x22, 0x23, 0x2D, 0x8B, 0xA7, 0xD1)
_LLLVAR = (0x24, 0x3C, 0x60, 0x92, 0x9A, 0xAF, 0xD3)
_TLV = 0x06
CLOCK_TOLERANCE = timedelta(minutes=2)


@dataclass(frozen=True)
class Apdu:
    """One command or answer."""

    code: bytes
    data: bytes = b""

    def encode(self) -> bytes:
        size = len(self.data)
        length = bytes([size]) if size < 0xFF else b"\xff" + size.to_bytes(2, "little")
        return self.code + length + self.data


OK = Apdu(DONE)


def decode(data: bytes) -> Apdu:
    """Exactly one APDU. Raises BadAnswer."""
    size = needed(data)
    if size is None or size != len(data):
        raise BadAnswer("not one command")
    return Apdu(data[:2], data[5:] if data[2] == 0xFF else data[3:])


def needed(data: bytes) -> int | None:
    """How long the APDU is that begins so; None: too early to say."""
    if len(data) < 3:
        return None
    if data[2] < 0xFF:
        return 3 + data[2]
    return 5 + int.from_bytes(data[3:5], "little") if len(data) >= 5 else None


def crc(data: bytes) -> bytes:
    """CRC-16 of the APDU and ETX, the low byte first."""
    value = 0
    for byte in data + bytes([ETX]):
        value ^= byte
        for _ in range(8):
            value = (value >> 1) ^ 0x8408 if value & 1 else value >> 1
    return value.to_bytes(2, "little")


def frame(apdu: bytes) -> bytes:
    """For a serial line."""
    doubled = apdu.replace(bytes([DLE]), bytes([DLE, DLE]))
    return bytes([DLE, STX]) + doubled + bytes([DLE, ETX]) + crc(apdu)


def bcd(value: int, size: int) -> bytes:
    return bytes.fromhex(f"{value:0{2 * size}}")


def from_bcd(data: bytes) -> int:
    """Raises BadAnswer."""
    text = data.hex()
    if not text.isdecimal():
        raise BadAnswer("not a number")
    return int(text)


def register(password: str, currency: str = "EUR") -> Apdu:
    return Apdu(REGISTER, _password(password) + _CONFIG + bcd(int(NUMERIC[currency]), 2))


def request(charge: Charge, password: str) -> Apdu:
    money = b"\x04" + bcd(charge.amount, 6) + b"\x49" + bcd(int(NUMERIC[charge.currency]), 2)
    return Apdu(REFUND, _password(password) + money) if charge.kind is Kind.CREDIT else Apdu(AUTHORISE, money)


def question(code: bytes, password: str) -> Apdu:
    return Apdu(code, _password(password))


def _password(password: str) -> bytes:
    return bcd(int(password), 3)


def bitmaps(data: bytes) -> dict[int, bytes]:
    """The fields of a result. Raises BadAnswer, also for a field whose length is not known."""
    found: dict[int, bytes] = {}
    for tag, value in _fields(data):
        if tag in found:
            raise BadAnswer("a field comes twice")
        found[tag] = value
    return found


def _fields(data: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at < len(data):
        tag, at = data[at], at + 1
        if tag == _TLV:
            size, at = _ber_length(data, at)
        elif tag in _LLLVAR:
            size, at = _digits(data, at, 3), at + 3
        elif tag in _LLVAR:
            size, at = _digits(data, at, 2), at + 2
        elif tag in _FIXED:
            size = _FIXED[tag]
        else:
            raise BadAnswer("an unknown field")
        if at + size > len(data):
            raise BadAnswer("not whole")
        yield tag, data[at : at + size]
        at += size


def _digits(data: bytes, at: int, count: int) -> int:
    """F1 F2 is 12. Raises BadAnswer."""
    value = 0
    for byte in data[at : at + count].ljust(count, b"\0"):
        if byte & 0xF0 != 0xF0 or byte & 0x0F > 9:
            raise BadAnswer("not a length")
        value = 10 * value + (byte & 0x0F)
    return value


def _ber_length(data: bytes, at: int) -> tuple[int, int]:
    first = data[at] if at < len(data) else 0xFF
    if first < 0x80:
        return first, at + 1
    count = first & 0x7F
    if count not in (1, 2):
        raise BadAnswer("not a length")
    return int.from_bytes(data[at + 1 : at + 1 + count], "big"), at + 1 + count


def judge(charge: Charge, result: bytes, now: datetime | None = None) -> Outcome:
    """What a result proves of this charge. `now`, local to the terminal, when it is one that was asked for again."""
    try:
        fields = bitmaps(result)
        if fields.get(0x27) != b"\x00":
            return Outcome(Result.DECLINED, "declined") if 0x27 in fields else Outcome.unknown("missing_fields")
        if 0x04 not in fields or 0x0B not in fields:
            return Outcome.unknown("missing_fields")
        amount, trace = from_bcd(fields[0x04]), fields[0x0B].hex()
        if 0x49 in fields and from_bcd(fields[0x49]) != int(NUMERIC[charge.currency]):
            return Outcome.unknown("wrong_echo")
    except BadAnswer:
        return Outcome.unknown("unreadable")
    if now is not None and (trace == charge.last_trace or not _is_since(charge, fields, now)):
        return Outcome.unknown("no_record")
    return Outcome.of_money(charge, amount, "", trace)


def _is_since(charge: Charge, fields: dict[int, bytes], now: datetime) -> bool:
    """Whether the result was made after the attempt began, by the terminal's own clock."""
    text = (fields.get(0x0D, b"") + fields.get(0x0C, b"")).hex()
    try:
        made = datetime.strptime(f"{now.year}{text}", "%Y%m%d%H%M%S").replace(tzinfo=now.tzinfo)
    except ValueError:
        return False
    return charge.began_at - CLOCK_TOLERANCE <= made <= now + CLOCK_TOLERANCE


def aborted(data: bytes) -> Outcome:
    """The terminal ended it: nothing was taken."""
    if data[:1] and data[0] in _BY_KEY:
        return Outcome(Result.CANCELLED, "abandoned")
    return Outcome(Result.DECLINED, "declined")
