"""Keys of the journal: ECDSA P-256 for tills, Ed25519 for the centre's countersignature.

A till's key is stored as DER (PKCS#8 private, SubjectPublicKeyInfo public), which names its algorithm and curve, so
that a later algorithm cannot be taken for this one. The centre's is raw: a seed of 32 bytes, a public key of 32 bytes.
"""

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_der_private_key,
    load_der_public_key,
)

from ledger.errors import BadKey, BadSignature


def generate_key() -> ec.EllipticCurvePrivateKey:
    """A new signing key for one till's journal. Titles are signed by another."""
    return ec.generate_private_key(ec.SECP256R1())


def private_bytes(key: ec.EllipticCurvePrivateKey) -> bytes:
    """PKCS#8 DER, not encrypted: the caller guards it."""
    return key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())


def load_private(data: bytes) -> ec.EllipticCurvePrivateKey:
    """A till's key from PKCS#8 DER. Raises BadKey."""
    try:
        key = load_der_private_key(data, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise BadKey("not a private key in PKCS#8 DER") from error
    if not isinstance(key, ec.EllipticCurvePrivateKey) or not isinstance(key.curve, ec.SECP256R1):
        raise BadKey("not an ECDSA P-256 private key")
    return key


def public_bytes(key: ec.EllipticCurvePrivateKey | ec.EllipticCurvePublicKey) -> bytes:
    """SubjectPublicKeyInfo DER (91 bytes) of a key or of its public half."""
    public = key.public_key() if isinstance(key, ec.EllipticCurvePrivateKey) else key
    return public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def load_public(data: bytes) -> ec.EllipticCurvePublicKey:
    """A till's public key from SubjectPublicKeyInfo DER. Raises BadKey."""
    try:
        key = load_der_public_key(data)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise BadKey("not a public key in DER") from error
    if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256R1):
        raise BadKey("not an ECDSA P-256 public key")
    return key


def sign(key: ec.EllipticCurvePrivateKey, data: bytes) -> bytes:
    """ES256: ECDSA P-256 with SHA-256, raw r || s, 64 bytes. `data` starts with a domain string that names its use."""
    r, s = decode_dss_signature(key.sign(data, ec.ECDSA(hashes.SHA256())))
    return r.to_bytes(32, "big") + s.to_bytes(32, "big")


def check_signature(key: ec.EllipticCurvePublicKey, data: bytes, signature: bytes) -> None:
    """Raises BadSignature unless `sign` made this signature of this data with this key."""
    if len(signature) != 64:
        raise BadSignature(f"a signature is 64 bytes, not {len(signature)}")
    der = encode_dss_signature(int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big"))
    try:
        key.verify(der, data, ec.ECDSA(hashes.SHA256()))
    except InvalidSignature as error:
        raise BadSignature("not signed by this key, or altered since") from error


def load_centre_key(seed: bytes) -> ed25519.Ed25519PrivateKey:
    """The centre's countersigning key from its 32 random bytes. Raises BadKey."""
    if len(seed) != 32:
        raise BadKey(f"a centre key is 32 bytes, not {len(seed)}")
    return ed25519.Ed25519PrivateKey.from_private_bytes(seed)


def centre_public_bytes(key: ed25519.Ed25519PrivateKey | ed25519.Ed25519PublicKey) -> bytes:
    """The centre's public key, 32 raw bytes."""
    public = key.public_key() if isinstance(key, ed25519.Ed25519PrivateKey) else key
    return public.public_bytes_raw()


def load_centre_public(data: bytes) -> ed25519.Ed25519PublicKey:
    """The centre's public key from 32 raw bytes. Raises BadKey."""
    try:
        return ed25519.Ed25519PublicKey.from_public_bytes(data)
    except ValueError as error:
        raise BadKey("not an Ed25519 public key") from error
