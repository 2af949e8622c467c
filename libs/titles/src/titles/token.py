r"""Token v1: what a ticket's barcode says. No price, no name.

      0       1       2               6               10              14      16      18          21
    ┌───────┬───────┬───────────────┬───────────────┬───────────────┬───────┬───────┬───────────┬───────┐
    │ver│knd│ flags │    key id     │    serial     │     group     │ class │ zones │   seat    │entries│
    └───────┴───────┴───────────────┴───────────────┴───────────────┴───────┴───────┴───────────┴───────┘
      22              26      28      29      30      32                                              96
    ┌───────────────┬───────┬───────┬───────┬───────┬──────────────────────────────────────────────────┐
    │  valid from   │ ×10min│reissue│ plan  │holder │ Ed25519 over "ticketing title v1\n" + bytes 0-31 │
    └───────────────┴───────┴───────┴───────┴───────┴──────────────────────────────────────────────────┘

Big-endian. 96 bytes are 154 characters (`titles.base32`), exactly QR version 6 level M: there is no spare character, so
any new field is a new version. A ticket's identity is (key id, serial) (LAW-12).
"""

import struct
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import IntEnum, IntFlag

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from titles import base32
from titles.errors import InvalidToken, Unreadable

VERSION = 1
DOMAIN = b"ticketing title v1\n"
TEXT_LENGTH = 154
_LAYOUT = struct.Struct(">BBIIIHH3sBIHBBH")
_SIZE = 32
_LONGEST_MINUTES = 10 * 0xFFFF
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Kind(IntEnum):
    """Who issued it, or what it is."""

    CENTRAL = 0
    TILL = 1
    PASS = 2
    TEST = 15  # never opens a gate


class Flag(IntFlag):
    FREE = 1
    REISSUE = 2
    RE_ENTRY = 4
    NAMED_HOLDER = 8
    COMPANION = 16
    ACCESSIBLE = 32


_NO_FLAGS = Flag(0)
_KNOWN_FLAGS = sum(Flag)
_RANGES = {
    "flags": (0, _KNOWN_FLAGS),
    "key_id": (1, 2**32 - 1),
    "serial": (1, 2**32 - 1),
    "group": (0, 2**32 - 1),
    "tariff_class": (0, 2**16 - 1),
    "zones": (0, 2**16 - 1),
    "seat": (0, 2**24 - 1),
    "entries": (0, 2**8 - 1),
    "duration_minutes": (10, _LONGEST_MINUTES),
    "reissue": (0, 2**8 - 1),
    "plan_version": (0, 2**8 - 1),
    "holder_tag": (0, 2**16 - 1),
}


@dataclass(frozen=True)
class Token:
    """The fields of a title. `valid_from` is kept in UTC and cut to the second. Raises InvalidToken.

    group, tariff_class: `titles.group_of`, `titles.tariff_class_of`.
    duration_minutes: a multiple of 10, at least 10.
    zones: bit map of access zones.
    seat: ordinal in the frozen plan whose version ends in `plan_version`; 0 is unplaced.
    entries: how many times it opens; 0 is without limit inside its time.
    reissue: a gate takes only the highest that it knows.
    holder_tag: 16 bits of a keyed hash of the holder's name; 0 is bearer.
    """

    kind: Kind
    key_id: int
    serial: int
    group: int
    tariff_class: int
    valid_from: datetime
    duration_minutes: int
    flags: Flag = _NO_FLAGS
    zones: int = 0
    seat: int = 0
    entries: int = 1
    reissue: int = 0
    plan_version: int = 0
    holder_tag: int = 0

    def __post_init__(self) -> None:
        try:
            object.__setattr__(self, "kind", Kind(self.kind))
        except ValueError as error:
            raise InvalidToken("kind", f"{self.kind!r} is not a kind of token") from error
        for name, (low, high) in _RANGES.items():
            value = getattr(self, name)
            if not isinstance(value, int) or not low <= value <= high:
                raise InvalidToken(name, f"{value!r} is not within {low}…{high}")
        object.__setattr__(self, "flags", Flag(self.flags))
        if self.duration_minutes % 10:
            raise InvalidToken("duration_minutes", f"{self.duration_minutes} is not a multiple of 10")
        if self.valid_from.utcoffset() is None:
            raise InvalidToken("valid_from", "has no time zone")
        object.__setattr__(self, "valid_from", self.valid_from.astimezone(UTC).replace(microsecond=0))
        if not 0 <= _seconds(self.valid_from) < 2**32:
            raise InvalidToken("valid_from", f"{self.valid_from.isoformat()} is not within 1970…2106")

    @property
    def valid_until(self) -> datetime:
        """The first instant at which it is no longer valid."""
        return self.valid_from + timedelta(minutes=self.duration_minutes)


@dataclass(frozen=True)
class SignedToken:
    """A token as read, with the bytes that its signature covers. Nothing says yet that the signature holds."""

    token: Token
    payload: bytes
    signature: bytes


def issue(token: Token, private_key: Ed25519PrivateKey) -> str:
    """The barcode's text: 154 digits and capitals."""
    payload = _LAYOUT.pack(
        VERSION << 4 | token.kind,
        token.flags,
        token.key_id,
        token.serial,
        token.group,
        token.tariff_class,
        token.zones,
        token.seat.to_bytes(3, "big"),
        token.entries,
        _seconds(token.valid_from),
        token.duration_minutes // 10,
        token.reissue,
        token.plan_version,
        token.holder_tag,
    )
    return base32.encode(payload + private_key.sign(DOMAIN + payload))


def read(text: str) -> SignedToken:
    """The token of a barcode's text, without trusting it. Surrounding white space and lower case are forgiven,
    because scanners add the one and host layouts cause the other. Raises Unreadable."""
    stripped = text.strip()
    if not stripped.isascii():  # before upper(), which would turn some letters of other alphabets into ours
        raise Unreadable("characters outside ASCII: is the scanner set to another keyboard?")
    if len(stripped) != TEXT_LENGTH:
        raise Unreadable(f"{len(stripped)} characters, not {TEXT_LENGTH}")
    data = base32.decode(stripped.upper())
    payload, signature = data[:_SIZE], data[_SIZE:]
    if payload[0] >> 4 != VERSION:
        raise Unreadable(f"version {payload[0] >> 4} is not known here")
    (head, flags, key_id, serial, group, tariff_class, zones, seat, entries, start, tens, reissue, plan, holder) = (
        _LAYOUT.unpack(payload)
    )
    try:
        token = Token(
            kind=head & 0x0F,
            key_id=key_id,
            serial=serial,
            group=group,
            tariff_class=tariff_class,
            valid_from=_EPOCH + timedelta(seconds=start),
            duration_minutes=tens * 10,
            flags=flags,
            zones=zones,
            seat=int.from_bytes(seat, "big"),
            entries=entries,
            reissue=reissue,
            plan_version=plan,
            holder_tag=holder,
        )
    except InvalidToken as error:
        raise Unreadable(str(error)) from error
    return SignedToken(token, payload, signature)


def _seconds(at: datetime) -> int:
    return (at - _EPOCH) // timedelta(seconds=1)
