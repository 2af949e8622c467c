"""What a gate says of a barcode, from what it holds: certificates, the root's public key and a clock."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import lru_cache

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from titles.certificate import Certificate
from titles.errors import Unreadable
from titles.keys import load_public
from titles.token import DOMAIN, Kind, SignedToken, Token, read


class Colour(StrEnum):
    GREEN = "green"
    AMBER = "amber"  # a person decides, and it is traced
    RED = "red"


class Reason(StrEnum):
    """Stable codes: screens and translations key on them."""

    GENUINE = "GENUINE"
    UNREADABLE = "UNREADABLE"
    UNKNOWN_ISSUER = "UNKNOWN_ISSUER"
    BAD_SIGNATURE = "BAD_SIGNATURE"
    ISSUER_NOT_ALLOWED = "ISSUER_NOT_ALLOWED"
    SERIAL_BEYOND_CERTIFICATE = "SERIAL_BEYOND_CERTIFICATE"
    CERTIFICATE_NOT_YET_VALID = "CERTIFICATE_NOT_YET_VALID"
    CERTIFICATE_EXPIRED = "CERTIFICATE_EXPIRED"
    TEST_TITLE = "TEST_TITLE"
    NOT_YET_VALID = "NOT_YET_VALID"
    EXPIRED = "EXPIRED"
    # Said by a door (`titles.door`), which knows more than the barcode and its issuer.
    REVOKED = "REVOKED"
    SUPERSEDED = "SUPERSEDED"  # a newer paper of this title exists
    ISSUER_REVOKED = "ISSUER_REVOKED"
    WRONG_PERFORMANCE = "WRONG_PERFORMANCE"
    WRONG_ZONE = "WRONG_ZONE"
    ALREADY_USED = "ALREADY_USED"
    CLOCK_UNSET = "CLOCK_UNSET"
    LIST_TOO_OLD = "LIST_TOO_OLD"
    SHOW_PROOF = "SHOW_PROOF"
    SEE_BOX_OFFICE = "SEE_BOX_OFFICE"  # its place was sold twice


@dataclass(frozen=True)
class Verdict:
    """`token` is None when the barcode cannot be believed. With UNKNOWN_ISSUER it is only what the barcode claims,
    and so it is with TEST_TITLE: nobody claims that to be let in."""

    colour: Colour
    reason: Reason
    token: Token | None


def verify(
    text: str, certificates: Mapping[int, Certificate], root_public_key: Ed25519PublicKey, now: datetime
) -> Verdict:
    """Whether a barcode is genuine and within its time; `certificates` by key id, the newest of each.

    Never raises for what the barcode says. A gate that has never met the issuer's certificate is amber; all other
    faults are red. CERTIFICATE_EXPIRED keeps its token: the signature holds, so a gate that has the centre's list of
    known titles may still let that very one in.
    """
    try:
        signed = read(text)
    except Unreadable:
        return Verdict(Colour.RED, Reason.UNREADABLE, None)
    if signed.token.kind is Kind.TEST:  # whoever signed it
        return Verdict(Colour.RED, Reason.TEST_TITLE, signed.token)
    certificate = certificates.get(signed.token.key_id)
    if certificate is None:
        return Verdict(Colour.AMBER, Reason.UNKNOWN_ISSUER, signed.token)
    if not _is_signed(signed, certificate, root_public_key):
        return Verdict(Colour.RED, Reason.BAD_SIGNATURE, None)
    fault = _fault(signed.token, certificate, now)
    if fault is not None:
        return Verdict(Colour.RED, fault, signed.token)
    return Verdict(Colour.GREEN, Reason.GENUINE, signed.token)


def _is_signed(signed: SignedToken, certificate: Certificate, root_public_key: Ed25519PublicKey) -> bool:
    key = _key_of(certificate, root_public_key.public_bytes_raw())
    if key is None or certificate.key_id != signed.token.key_id:
        return False
    try:
        key.verify(signed.signature, DOMAIN + signed.payload)
    except InvalidSignature:
        return False
    return True


@lru_cache(maxsize=4096)
def _key_of(certificate: Certificate, root_public_key: bytes) -> Ed25519PublicKey | None:
    """The key of a certificate that the root has signed, else None.

    The root is asked here and not only where certificates are read: what a gate stored may have been altered there.
    Once for the same content, for it costs as much as the title's own signature.
    """
    if not certificate.is_signed_by(load_public(root_public_key)):
        return None
    return load_public(certificate.public_key)


def _fault(token: Token, certificate: Certificate, now: datetime) -> Reason | None:
    # A till cannot speak for the centre, nor the centre for a till; either may issue passes.
    if token.kind in (Kind.CENTRAL, Kind.TILL) and token.kind != certificate.kind:
        return Reason.ISSUER_NOT_ALLOWED
    if token.zones & ~certificate.permissions:
        return Reason.ISSUER_NOT_ALLOWED
    if token.serial > certificate.highest_serial:
        return Reason.SERIAL_BEYOND_CERTIFICATE
    if now < certificate.not_before:
        return Reason.CERTIFICATE_NOT_YET_VALID
    if now >= certificate.not_after:
        return Reason.CERTIFICATE_EXPIRED
    return time_fault(token, now)


def time_fault(token: Token, now: datetime) -> Reason | None:
    """Whether this is not the time of a title, whoever issued it."""
    if now < token.valid_from:
        return Reason.NOT_YET_VALID
    if now >= token.valid_until:
        return Reason.EXPIRED
    return None
