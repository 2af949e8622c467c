"""Short tags of UUIDs, for layouts without room for 16 bytes. Two may collide: they narrow, the serial identifies."""

import hashlib
from uuid import UUID


def group_of(performance_id: UUID | str) -> int:
    """32 bits of a performance or validity group: the first 4 bytes of SHA-256 of the UUID's 16 bytes."""
    return _tag(performance_id, 4)


def tariff_class_of(tariff_id: UUID | str) -> int:
    """16 bits of a tariff or product: the first 2 bytes of SHA-256 of the UUID's 16 bytes."""
    return _tag(tariff_id, 2)


def till_tag_of(till_id: UUID | str) -> int:
    """32 bits of a till: the first 4 bytes of SHA-256 of the UUID's 16 bytes."""
    return _tag(till_id, 4)


def _tag(identifier: UUID | str, size: int) -> int:
    uuid = identifier if isinstance(identifier, UUID) else UUID(identifier)
    return int.from_bytes(hashlib.sha256(uuid.bytes).digest()[:size], "big")
