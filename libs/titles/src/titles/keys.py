"""Ed25519 keys of titles: the root, the centre's, each till's. Raw bytes: a seed of 32, a public key of 32."""

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from titles.errors import BadKey


def generate_key() -> Ed25519PrivateKey:
    """A new key. It signs titles or certificates and nothing else: the journal has its own."""
    return Ed25519PrivateKey.generate()


def private_bytes(key: Ed25519PrivateKey) -> bytes:
    """The seed, 32 bytes, not encrypted: the caller guards it."""
    return key.private_bytes_raw()


def load_private(seed: bytes) -> Ed25519PrivateKey:
    """The key of a seed of 32 bytes. Raises BadKey."""
    try:
        return Ed25519PrivateKey.from_private_bytes(seed)
    except ValueError as error:
        raise BadKey(f"a seed is 32 bytes, not {len(seed)}") from error


def public_bytes(key: Ed25519PrivateKey | Ed25519PublicKey) -> bytes:
    """32 bytes: the public key, or the public half of a private one."""
    public = key.public_key() if isinstance(key, Ed25519PrivateKey) else key
    return public.public_bytes_raw()


def load_public(data: bytes) -> Ed25519PublicKey:
    """The public key of 32 bytes. Raises BadKey."""
    try:
        return Ed25519PublicKey.from_public_bytes(data)
    except ValueError as error:
        raise BadKey(f"a public key is 32 bytes, not {len(data)}") from error
