"""One entry of a till's journal, and the bytes that seal it (LAW-1, LAW-2, LAW-3).

Sealed bytes are the canonical JSON (`ledger.canonical`) of

    {"alg":"ES256", "at":"2026-11-23T22:51:30.123Z", "body":{…}, "kind":"sale", "mono":81234,
     "prev":"<64 hex digits>", "seq":17, "till":"<uuid>", "v":1}

    hash      = SHA-256(bytes)                                   prev of the next entry
    signature = ES256("ticketing ledger v1\\n" + bytes)           raw r || s, 32 + 32 bytes, big-endian
    genesis   = SHA-256("ticketing ledger v1\\n" + till)          prev of entry 1: chains of two tills cannot be swapped

They are stored and sent as they are: nothing ever re-creates them from an Entry.
"""

import builtins
import hashlib
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from functools import cached_property
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec

from ledger import canonical
from ledger.body import UUID_FORM, Reader
from ledger.errors import BadEntry, NotCanonical
from ledger.keys import check_signature, sign

VERSION = 1
ALGORITHM = "ES256"
DOMAIN = b"ticketing ledger v1\n"
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", re.ASCII)


class Kind(StrEnum):
    """What an entry records."""

    TILL_ENROLLED = "till_enrolled"
    SIGN_IN = "sign_in"
    SIGN_OUT = "sign_out"
    FLOAT_OPENED = "float_opened"
    CASH_MOVED = "cash_moved"
    FLOAT_DECLARED = "float_declared"
    FLOAT_CLOSED = "float_closed"
    SALE = "sale"
    REFUND = "refund"
    DRAWER_OPENED = "drawer_opened"
    REPRINT = "reprint"
    OVERRIDE = "override"
    TICKET_REISSUED = "ticket_reissued"
    TRAINING = "training"
    DECISION = "decision"
    CLOSING = "closing"
    ARCHIVE = "archive"
    TECHNICAL = "technical"


@dataclass(frozen=True)
class Entry:
    """One act of a till. `at` is kept in UTC and cut to the millisecond, as it will be sealed.

    `sequence` starts at 1 and has no gap; `monotonic_ms` comes from a clock that nobody can set back.
    Raises BadEntry when a field is out of range.
    """

    till_id: str
    sequence: int
    at: datetime
    monotonic_ms: int
    kind: Kind
    previous_hash: bytes
    body: dict[str, Any]

    def __post_init__(self) -> None:
        if not UUID_FORM.fullmatch(self.till_id):
            raise BadEntry("till", "not a UUID in lower case")
        if not 1 <= self.sequence <= canonical.MAX_INTEGER:
            raise BadEntry("seq", f"{self.sequence} is not a sequence number")
        if self.at.utcoffset() is None:
            raise BadEntry("at", "has no time zone")
        at = self.at.astimezone(UTC)
        object.__setattr__(self, "at", at.replace(microsecond=at.microsecond // 1000 * 1000))
        if not 0 <= self.monotonic_ms <= canonical.MAX_INTEGER:
            raise BadEntry("mono", f"{self.monotonic_ms} is out of range")
        try:
            object.__setattr__(self, "kind", Kind(self.kind))
        except ValueError as error:
            raise BadEntry("kind", f"{self.kind!r} is not a kind of entry") from error
        if len(self.previous_hash) != 32:
            raise BadEntry("prev", f"a hash is 32 bytes, not {len(self.previous_hash)}")
        if not isinstance(self.body, dict):
            raise BadEntry("body", "not an object")


@dataclass(frozen=True)
class SealedEntry:
    """The bytes of an entry and their signature. The hash is computed from the bytes: it cannot disagree with them."""

    bytes: builtins.bytes
    signature: builtins.bytes
    algorithm: str = ALGORITHM

    @cached_property
    def hash(self) -> builtins.bytes:
        """SHA-256 of the bytes: what the next entry names as its previous hash."""
        return hashlib.sha256(self.bytes).digest()


def genesis(till_id: str) -> bytes:
    """The previous hash of a till's first entry."""
    return hashlib.sha256(DOMAIN + till_id.encode()).digest()


def seal(entry: Entry, private_key: ec.EllipticCurvePrivateKey) -> SealedEntry:
    """Freeze an entry into bytes and sign them. Raises BadEntry when the body has no canonical form or is too large."""
    try:
        data = canonical.encode(
            {
                "v": VERSION,
                "alg": ALGORITHM,
                "till": entry.till_id,
                "seq": entry.sequence,
                "at": entry.at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
                "mono": entry.monotonic_ms,
                "kind": entry.kind.value,
                "prev": entry.previous_hash.hex(),
                "body": entry.body,
            }
        )
    except NotCanonical as error:
        raise BadEntry(error.path, error.reason) from error
    return SealedEntry(data, sign(private_key, DOMAIN + data))


def open_sealed(data: bytes, signature: bytes, public_key: ec.EllipticCurvePublicKey) -> Entry:
    """The entry inside sealed bytes, once its signature holds. Raises BadSignature, BadEntry."""
    check_signature(public_key, DOMAIN + data, signature)
    return _parse(data)


def _parse(data: bytes) -> Entry:
    try:
        value = canonical.decode(data)
    except NotCanonical as error:
        raise BadEntry(error.path, error.reason) from error
    fields = Reader(value)
    fields.integer("v", VERSION, VERSION)
    fields.matching("alg", re.compile(ALGORITHM), ALGORITHM)
    at = fields.matching("at", _INSTANT, "an instant like 2026-11-23T22:51:30.123Z")
    try:
        instant = datetime.fromisoformat(at)
    except ValueError as error:
        raise BadEntry("at", str(error)) from error
    entry = Entry(
        till_id=fields.identifier("till"),
        sequence=fields.integer("seq", 1, canonical.MAX_INTEGER),
        at=instant,
        monotonic_ms=fields.integer("mono", 0, canonical.MAX_INTEGER),
        kind=fields.choice("kind", Kind),
        previous_hash=fields.digest("prev"),
        body=fields.mapping("body"),
    )
    fields.done()
    return entry
