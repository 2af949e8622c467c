r"""What gates must know of titles after they were issued: signed deltas of one running list (domain: revocation).

      0     1           5           9           13          17
    ┌─────┬───────────┬───────────┬───────────┬───────────┬─────────────────┬──────────────────────────────────────┐
    │ ver │  key id   │   after   │ issued at │   count   │ count × 18 bytes│ Ed25519 over DOMAIN + all before it  │
    └─────┴───────────┴───────────┴───────────┴───────────┴─────────────────┴──────────────────────────────────────┘
    entry: cause (1) key id (4) serial (4) reissue (1) digest (8)

Big-endian; times in Unix seconds; signed by a central key, which the root has certified. Entry n of the list has the
sequence n, from 1: a delta tells entries after+1 … after+count, so that a gate sees at once that it missed some.
"""

import hashlib
import struct
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import IntEnum

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from titles.certificate import Certificate
from titles.errors import BadDelta, MissedDelta
from titles.keys import load_public
from titles.token import Kind

VERSION = 1
DOMAIN = b"ticketing revocations v1\n"
MOST_ENTRIES = 100_000
_HEAD = struct.Struct(">BIIII")
_ENTRY = struct.Struct(">BIIB8s")
_SIGNATURE_SIZE = 64
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NO_DIGEST = bytes(8)


class Cause(IntEnum):
    """What has become of a title, or of a key."""

    DEAD = 1  # refunded or cancelled: it opens nothing any more
    REISSUED = 2  # only paper with at least this reissue counter opens
    KEY_DEAD = 3  # of a stolen or retired till: none of its titles opens unless it is vouched for
    VOUCHED = 4  # the centre holds this very title: it opens although its key is dead or its certificate has ended
    DISPUTED = 5  # its place was sold twice: a person decides, at the box office
    SETTLED = 6  # it was decided; DEAD follows when it opens nothing any more


@dataclass(frozen=True)
class Revocation:
    """One entry of the list. Raises BadDelta.

    serial: 0 for KEY_DEAD.
    reissue: the lowest counter that opens, for REISSUED; that of the title, for VOUCHED; else 0.
    digest: `digest_of` the title's signature, for VOUCHED: another title under the same number is a forgery.
    """

    cause: Cause
    key_id: int
    serial: int = 0
    reissue: int = 0
    digest: bytes = _NO_DIGEST

    def __post_init__(self) -> None:
        try:
            object.__setattr__(self, "cause", Cause(self.cause))
        except ValueError as error:
            raise BadDelta(f"{self.cause!r} is not a cause") from error
        if not 1 <= self.key_id < 2**32:
            raise BadDelta(f"key id {self.key_id} is out of range")
        lowest = 0 if self.cause is Cause.KEY_DEAD else 1
        if not lowest <= self.serial < 2**32:
            raise BadDelta(f"serial {self.serial} is out of range")
        if not 0 <= self.reissue < 2**8:
            raise BadDelta(f"reissue {self.reissue} is out of range")
        if len(self.digest) != len(_NO_DIGEST):
            raise BadDelta(f"a digest is 8 bytes, not {len(self.digest)}")


@dataclass(frozen=True)
class Delta:
    """Entries that follow entry `after` of the list, and when the centre told them."""

    after: int
    issued_at: datetime
    entries: tuple[Revocation, ...]

    @property
    def last(self) -> int:
        """The sequence of its last entry; `after` when nothing is new, which still says how fresh the list is."""
        return self.after + len(self.entries)


def digest_of(signature: bytes) -> bytes:
    """8 bytes that tell one title from another under the same number."""
    return hashlib.sha256(signature).digest()[:8]


def sign_delta(
    entries: Sequence[Revocation], after: int, issued_at: datetime, key_id: int, key: Ed25519PrivateKey
) -> bytes:
    """The delta as bytes, signed by a central key. Raises BadDelta."""
    if len(entries) > MOST_ENTRIES:
        raise BadDelta(f"{len(entries)} entries, more than {MOST_ENTRIES}")
    data = _HEAD.pack(VERSION, key_id, after, _seconds(issued_at), len(entries)) + b"".join(
        _ENTRY.pack(entry.cause, entry.key_id, entry.serial, entry.reissue, entry.digest) for entry in entries
    )
    return data + key.sign(DOMAIN + data)


def read_delta(data: bytes, certificates: Mapping[int, Certificate], root_public_key: Ed25519PublicKey) -> Delta:
    """The delta in these bytes, once its central key's signature and the root's on that key hold. Raises BadDelta."""
    if len(data) < _HEAD.size + _SIGNATURE_SIZE:
        raise BadDelta(f"{len(data)} bytes are too few")
    version, key_id, after, issued, count = _HEAD.unpack_from(data)
    if version != VERSION:
        raise BadDelta(f"version {version} is not known here")
    if count > MOST_ENTRIES or len(data) != _HEAD.size + count * _ENTRY.size + _SIGNATURE_SIZE:
        raise BadDelta(f"{len(data)} bytes do not hold {count} entries")
    signed, signature = data[:-_SIGNATURE_SIZE], data[-_SIGNATURE_SIZE:]
    issued_at = _EPOCH + timedelta(seconds=issued)
    _require_signature(signed, signature, issued_at, certificates.get(key_id), root_public_key)
    entries = _ENTRY.iter_unpack(signed[_HEAD.size :])
    return Delta(after, issued_at, tuple(Revocation(*fields) for fields in entries))


def _require_signature(
    signed: bytes, signature: bytes, issued_at: datetime, certificate: Certificate | None, root: Ed25519PublicKey
) -> None:
    if certificate is None:
        raise BadDelta("signed by a key that is not known here")
    if certificate.kind is not Kind.CENTRAL or not certificate.is_signed_by(root):
        raise BadDelta("not signed by a central key")
    if not certificate.not_before <= issued_at < certificate.not_after:
        raise BadDelta("signed outside the life of its key")
    try:
        load_public(certificate.public_key).verify(signature, DOMAIN + signed)
    except InvalidSignature as error:
        raise BadDelta("its signature does not hold, or it was altered since") from error


class Revocations:
    """The list as far as it is known here."""

    def __init__(self) -> None:
        self.sequence = 0
        self.issued_at: datetime | None = None
        self._dead: set[tuple[int, int]] = set()
        self._lowest_reissue: dict[tuple[int, int], int] = {}
        self._disputed: set[tuple[int, int]] = set()
        self._dead_keys: set[int] = set()
        self._vouched: dict[tuple[int, int], bytes] = {}

    def apply(self, delta: Delta) -> None:
        """Take over what is new in a delta; what is known already changes nothing. Raises MissedDelta."""
        if delta.after > self.sequence:
            raise MissedDelta(self.sequence, delta.after)
        for entry in delta.entries[self.sequence - delta.after :]:
            self._take(entry)
        self.sequence = max(self.sequence, delta.last)
        if self.issued_at is None or delta.issued_at > self.issued_at:
            self.issued_at = delta.issued_at

    def apply_all(self, deltas: Iterable[Delta]) -> None:
        """`apply` in the order of the list, whatever the order given. Raises MissedDelta."""
        for delta in sorted(deltas, key=lambda each: (each.after, each.issued_at)):
            self.apply(delta)

    def _take(self, entry: Revocation) -> None:
        title = (entry.key_id, entry.serial)
        match entry.cause:
            case Cause.DEAD:
                self._dead.add(title)
            case Cause.REISSUED:
                self._lowest_reissue[title] = max(entry.reissue, self._lowest_reissue.get(title, 0))
            case Cause.KEY_DEAD:
                self._dead_keys.add(entry.key_id)
            case Cause.VOUCHED:
                self._vouched[title] = entry.digest
            case Cause.DISPUTED:
                self._disputed.add(title)
            case Cause.SETTLED:
                self._disputed.discard(title)

    def is_dead(self, key_id: int, serial: int) -> bool:
        return (key_id, serial) in self._dead

    def is_disputed(self, key_id: int, serial: int) -> bool:
        return (key_id, serial) in self._disputed

    def lowest_reissue(self, key_id: int, serial: int) -> int:
        """The lowest reissue counter that opens."""
        return self._lowest_reissue.get((key_id, serial), 0)

    def is_key_dead(self, key_id: int) -> bool:
        return key_id in self._dead_keys

    def vouches_for(self, key_id: int, serial: int, signature: bytes) -> bool:
        """Whether the centre holds this very title."""
        return self._vouched.get((key_id, serial)) == digest_of(signature)


def _seconds(at: datetime) -> int:
    return (at - _EPOCH) // timedelta(seconds=1)
