r"""From the root key that every till holds to the bytes of a set-up, in two steps:

    root key ── signs "ticketing set-up key v1\n" + public key ──▶ set-up key of the catalogue
    set-up key ── signs "ticketing set-up v1\n" + content ──▶ content

The words in front keep the purposes apart: what certifies a set-up key certifies no key of tickets, and the reverse.
"""

from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from setups.content import BadSetup, ProfileVersion, TillModes, decode

_KEY_DOMAIN = b"ticketing set-up key v1\n"
_DOMAIN = b"ticketing set-up v1\n"


@dataclass(frozen=True)
class Signed:
    """Canonical bytes with all that a holder of the root's public key needs to believe them."""

    content: bytes
    signature: bytes  # of the set-up key over the content
    public_key: bytes  # of the set-up key, 32 bytes
    certificate: bytes  # the root's signature over that key


def certify(public_key: bytes, root: Ed25519PrivateKey) -> bytes:
    """The root's word that a key may sign set-ups. Raises BadSetup for what is no Ed25519 public key."""
    _load(public_key)
    return root.sign(_KEY_DOMAIN + public_key)


def sign(content: bytes, key: Ed25519PrivateKey, certificate: bytes) -> Signed:
    return Signed(content, key.sign(_DOMAIN + content), key.public_key().public_bytes_raw(), certificate)


def verify(signed: Signed, root_public_key: bytes) -> ProfileVersion | TillModes:
    """The content, once both signatures hold. Raises BadSetup."""
    try:
        _load(root_public_key).verify(signed.certificate, _KEY_DOMAIN + signed.public_key)
        _load(signed.public_key).verify(signed.signature, _DOMAIN + signed.content)
    except InvalidSignature as error:
        raise BadSetup("SIGNATURE_INVALID", "not signed by a key of the root, or altered since") from error
    return decode(signed.content)


def _load(public_key: bytes) -> Ed25519PublicKey:
    try:
        return Ed25519PublicKey.from_public_bytes(public_key)
    except ValueError as error:
        raise BadSetup("SIGNATURE_INVALID", f"a public key is 32 bytes, not {len(public_key)}") from error
