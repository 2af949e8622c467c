"""What `ACCOUNTS_TOKEN_KEY_SECRET` does: it seals token keys, makes and hashes enrolment codes, and salts badges."""

import hashlib
import hmac
import secrets

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from accounts.domain.tills import CODE_ALPHABET, CODE_LENGTH

_NONCE_BYTES = 12


class Vault:
    """Each use has a key of its own, derived from the secret."""

    def __init__(self, secret: bytes) -> None:
        self._sealing = AESGCM(_derived(secret, b"token keys"))
        self._coding = _derived(secret, b"enrolment codes")
        self._hashing = _derived(secret, b"enrolment code hashes")
        self.badge_salt = _derived(secret, b"badges")[:16]

    def seal(self, seed: bytes, key_id: str) -> bytes:
        """The seed encrypted, and bound to its key id: a row cannot be swapped for another."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return nonce + self._sealing.encrypt(nonce, seed, key_id.encode())

    def unseal(self, sealed: bytes, key_id: str) -> bytes:
        """The seed. Raises cryptography.exceptions.InvalidTag when the secret or the row was changed."""
        return self._sealing.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], key_id.encode())

    def enrolment_code(self, request_id: str, till_id: str) -> str:
        """A code that only the secret's holder can compute: a repeated request gets it again though it is not kept."""
        digest = hmac.digest(self._coding, f"{request_id}\n{till_id}".encode(), hashlib.sha256)
        number = int.from_bytes(digest, "big")
        letters = []
        for _ in range(CODE_LENGTH):
            number, place = divmod(number, len(CODE_ALPHABET))
            letters.append(CODE_ALPHABET[place])
        return "".join(letters)

    def code_hash(self, code: str) -> bytes:
        """What is kept of a code. Keyed: who reads the database cannot try all codes against it."""
        return hmac.digest(self._hashing, code.encode(), hashlib.sha256)


def _derived(secret: bytes, use: bytes) -> bytes:
    return HKDF(hashes.SHA256(), 32, salt=None, info=b"ticketing accounts v1: " + use).derive(secret)
