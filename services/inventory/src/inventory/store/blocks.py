"""Seats that people took out of sale, and why."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from kit.sql import Statement

_ADD_BLOCK = Statement(
    "INSERT INTO seat_blocks (block_id, performance_id, state, seats, reason, user_id)"
    " VALUES (CAST(:id AS uuid), CAST(:performance AS uuid), :state, :seats, :reason, :user)"
)
_BLOCK = Statement(
    "SELECT performance_id::text, seats FROM seat_blocks WHERE block_id = CAST(:id AS uuid) AND unblocked_at IS NULL"
)
_BLOCKS = Statement(
    "SELECT block_id::text, state, seats, reason, user_id, blocked_at FROM seat_blocks"
    " WHERE performance_id = CAST(:id AS uuid) AND unblocked_at IS NULL ORDER BY blocked_at, block_id"
)
_BLOCKED = Statement(
    "SELECT performance_id::text, count(*) FROM seats WHERE performance_id = ANY(CAST(:ids AS uuid[]))"
    " AND state IN (5, 6) GROUP BY performance_id"
)
_END_BLOCK = Statement("UPDATE seat_blocks SET unblocked_at = now() WHERE block_id = CAST(:id AS uuid)")
_SHRINK_BLOCK = Statement("UPDATE seat_blocks SET seats = :seats WHERE block_id = CAST(:id AS uuid)")


@dataclass(frozen=True)
class Block:
    """Seats out of sale; `state`: house seats or killed ones."""

    block_id: str
    state: int
    seats: tuple[int, ...]
    reason: str
    user_id: str
    blocked_at: datetime


def add_block(
    session: Session, block_id: str, performance_id: str, state: int, seats: Sequence[int], reason: str, user_id: str
) -> None:
    """Keep who took seats out of sale, and why."""
    _ADD_BLOCK.rows(
        session, id=block_id, performance=performance_id, state=state, seats=list(seats), reason=reason, user=user_id
    )


def block(session: Session, block_id: str) -> tuple[str, list[int]] | None:
    """The performance and the seats of a block that still stands."""
    found = _BLOCK.rows(session, id=block_id)
    return (found[0][0], list(found[0][1])) if found else None


def blocked_seats(session: Session, performance_ids: Sequence[str]) -> dict[str, int]:
    """How many seats of these performances are out of sale; those without any are left out."""
    return {one: count for one, count in _BLOCKED.rows(session, ids=list(performance_ids))}


def blocks(session: Session, performance_id: str) -> list[Block]:
    """Those that stand, the oldest first."""
    return [
        Block(block_id, state, tuple(seats), *rest)
        for block_id, state, seats, *rest in _BLOCKS.rows(session, id=performance_id)
    ]


def shrink_block(session: Session, block_id: str, left: Sequence[int]) -> None:
    """The block's other seats are given back; without any left it is over, and keeps those it had last."""
    if left:
        _SHRINK_BLOCK.rows(session, id=block_id, seats=list(left))
    else:
        _END_BLOCK.rows(session, id=block_id)
