"""Seats that people took out of sale, and why."""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from kit.sql import Statement

_ADD_BLOCK = Statement(
    "INSERT INTO seat_blocks (block_id, performance_id, state, seats, reason, user_id)"
    " VALUES (CAST(:id AS uuid), CAST(:performance AS uuid), :state, :seats, :reason, :user)"
)
_BLOCK = Statement(
    "SELECT performance_id::text, seats FROM seat_blocks WHERE block_id = CAST(:id AS uuid) AND unblocked_at IS NULL"
)
_END_BLOCK = Statement("UPDATE seat_blocks SET unblocked_at = now() WHERE block_id = CAST(:id AS uuid)")


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


def end_block(session: Session, block_id: str) -> None:
    """The block's seats are given back."""
    _END_BLOCK.rows(session, id=block_id)
