"""Passwords, PINs and badges: Argon2id, with the parameters that OWASP gives for 19 MiB (18 ms here)."""

import threading

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.low_level import hash_secret_raw

HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1, type=Type.ID)
_at_once = threading.BoundedSemaphore(4)  # 19 MiB each: a burst of sign-ins must not take the machine's memory


def hashed(secret: str) -> str:
    """The PHC string to keep; each call gives another, salted."""
    with _at_once:
        return HASHER.hash(secret)


def badge_hash(badge: str, salt: bytes) -> bytes:
    """32 bytes. One salt for all badges: a till finds in one computation whose badge was scanned."""
    with _at_once:
        return hash_secret_raw(
            badge.encode(), salt, HASHER.time_cost, HASHER.memory_cost, HASHER.parallelism, 32, Type.ID
        )


def matches(kept: str, secret: str) -> bool:
    """Whether `hashed` made `kept` of this secret, with today's parameters or earlier ones."""
    try:
        with _at_once:
            return HASHER.verify(kept, secret)
    except (VerificationError, InvalidHashError):
        return False


def is_outdated(kept: str) -> bool:
    """Whether the hash was made with other parameters than today's."""
    return HASHER.check_needs_rehash(kept)


NOBODY = HASHER.hash("nobody has this password")
"""Verified when there is no such login, so that the answer takes as long as for a wrong password."""
