r"""Certificates: the root's word that a key may issue titles. A till's is renewed at each sync and lives for days.

      0     1     2           6           10                                      42          46
    ┌─────┬─────┬───────────┬───────────┬───────────────────────────────────────┬───────────┬───────────┐
    │ ver │kind │  key id   │ till tag  │          Ed25519 public key           │not before │ not after │
    └─────┴─────┴───────────┴───────────┴───────────────────────────────────────┴───────────┴───────────┘
      50      52               56           60                                                       124
    ┌───────┬────────────────┬────────────┬──────────────────────────────────────────────────────────────┐
    │ perm. │ highest serial │ parent key │ Ed25519 over "ticketing certificate v1\n" + bytes 0-59       │
    └───────┴────────────────┴────────────┴──────────────────────────────────────────────────────────────┘

Big-endian; times in Unix seconds. With a till's whole UUID it would not be 124 bytes: the tag (`titles.till_tag_of`)
tells people which till it is, and the key id identifies.
"""

import struct
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from titles import base32
from titles.errors import BadCertificate, BadKey, Unreadable
from titles.keys import load_public
from titles.token import Kind

VERSION = 1
DOMAIN = b"ticketing certificate v1\n"
LENGTH = 124
TEXT_LENGTH = 199  # of certificate_text
ROOT_KEY_ID = 0
TEST_KEY_ID = 2**32 - 1  # of every key that signs tests only: no title of value ever bears it
ALL_ZONES = 0xFFFF
_LAYOUT = struct.Struct(">BBII32sIIHII")
_SIZE = 60
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_RANGES = {
    "key_id": (1, 2**32 - 1),
    "till_tag": (0, 2**32 - 1),
    "permissions": (0, 2**16 - 1),
    "highest_serial": (0, 2**32 - 1),
    "parent_key_id": (0, 2**32 - 1),
}


@dataclass(frozen=True)
class Certificate:
    """What a key may do, from `not_before` until just before `not_after`; both in UTC, cut to the second.

    kind: CENTRAL or TILL.
    till_tag: `titles.till_tag_of`; 0 for a central key.
    permissions: bit map of the access zones that its titles may name.
    highest_serial: the last serial that it may use; a thief cannot print beyond it.
    signature: the root's, empty until certified.
    Raises BadCertificate, naming the field.
    """

    kind: Kind
    key_id: int
    till_tag: int
    public_key: bytes
    not_before: datetime
    not_after: datetime
    highest_serial: int
    permissions: int = ALL_ZONES
    parent_key_id: int = ROOT_KEY_ID
    signature: bytes = b""

    def __post_init__(self) -> None:
        if self.kind not in (Kind.CENTRAL, Kind.TILL):
            raise BadCertificate(f"kind: {self.kind!r} is neither central nor till")
        object.__setattr__(self, "kind", Kind(self.kind))
        for name, (low, high) in _RANGES.items():
            value = getattr(self, name)
            if not isinstance(value, int) or not low <= value <= high:
                raise BadCertificate(f"{name}: {value!r} is not within {low}…{high}")
        for name in ("not_before", "not_after"):
            at = getattr(self, name)
            if at.utcoffset() is None:
                raise BadCertificate(f"{name}: has no time zone")
            object.__setattr__(self, name, at.astimezone(UTC).replace(microsecond=0))
            if not 0 <= _seconds(getattr(self, name)) < 2**32:
                raise BadCertificate(f"{name}: {at.isoformat()} is not within 1970…2106")
        if self.not_after <= self.not_before:
            raise BadCertificate("not_after: is not after not_before")
        try:
            load_public(self.public_key)
        except BadKey as error:
            raise BadCertificate(f"public_key: {error}") from error

    def payload(self) -> bytes:
        """The 60 bytes that the root signs."""
        return _LAYOUT.pack(
            VERSION,
            self.kind,
            self.key_id,
            self.till_tag,
            self.public_key,
            _seconds(self.not_before),
            _seconds(self.not_after),
            self.permissions,
            self.highest_serial,
            self.parent_key_id,
        )

    def is_signed_by(self, root_public_key: Ed25519PublicKey) -> bool:
        try:
            root_public_key.verify(self.signature, DOMAIN + self.payload())
        except InvalidSignature:
            return False
        return True


def certify(certificate: Certificate, root_private_key: Ed25519PrivateKey) -> bytes:
    """The certificate signed by the root, 124 bytes."""
    payload = certificate.payload()
    return payload + root_private_key.sign(DOMAIN + payload)


def read_certificate(data: bytes, root_public_key: Ed25519PublicKey) -> Certificate:
    """The certificate in 124 bytes, once the root's signature holds. Raises BadCertificate."""
    if len(data) != LENGTH:
        raise BadCertificate(f"{len(data)} bytes, not {LENGTH}")
    try:
        root_public_key.verify(data[_SIZE:], DOMAIN + data[:_SIZE])
    except InvalidSignature as error:
        raise BadCertificate("not signed by the root, or altered since") from error
    version, kind, key_id, till_tag, public_key, not_before, not_after, permissions, highest, parent = _LAYOUT.unpack(
        data[:_SIZE]
    )
    if version != VERSION:
        raise BadCertificate(f"version {version} is not known here")
    certificate = Certificate(
        kind=kind,
        key_id=key_id,
        till_tag=till_tag,
        public_key=public_key,
        not_before=_EPOCH + timedelta(seconds=not_before),
        not_after=_EPOCH + timedelta(seconds=not_after),
        highest_serial=highest,
        permissions=permissions,
        parent_key_id=parent,
    )
    return replace(certificate, signature=data[_SIZE:])


def certificate_text(data: bytes) -> str:
    """A certificate as digits and capitals, for a QR code (version 8, level M) that a gate learns with no network."""
    return base32.encode(data)


def read_certificate_text(text: str, root_public_key: Ed25519PublicKey) -> Certificate:
    """The certificate in a scanned text, once the root's signature holds. Raises BadCertificate."""
    stripped = text.strip().upper()
    if len(stripped) != TEXT_LENGTH or not stripped.isascii():
        raise BadCertificate(f"{len(stripped)} characters, not {TEXT_LENGTH}")
    try:
        data = base32.decode(stripped)
    except Unreadable as error:
        raise BadCertificate(error.reason) from error
    return read_certificate(data, root_public_key)


def _seconds(at: datetime) -> int:
    return (at - _EPOCH) // timedelta(seconds=1)
