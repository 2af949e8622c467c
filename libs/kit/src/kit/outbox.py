"""Outbox and inbox: an event is published if and only if its cause committed, and takes effect once."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from google.protobuf.message import Message
from sqlalchemy import Connection, Engine, delete, func, select, text
from sqlalchemy.orm import Session

from kit import event_json
from kit.database import inbox, outbox
from kit.sql import Statement, insert
from kit.telemetry import current_traceparent

RELAY_LOCK = 7_401_002
_TOLD = "outbox.told"

_RECORD = insert("outbox", {"event_id": "uuid", "subject": "text", "payload": "jsonb", "traceparent": "text"})
_CLAIM = Statement(
    "INSERT INTO inbox (consumer, event_id) SELECT :consumer, unnest(CAST(:ids AS uuid[])) "
    "ON CONFLICT DO NOTHING RETURNING event_id"
)
_LOCK = Statement("SELECT pg_try_advisory_xact_lock(:key)")
_COLUMNS = ("id", "event_id", "subject", "payload", "traceparent", "recorded_at")
_UNPUBLISHED = Statement(  # the payload travels as it is: no need to parse it
    "SELECT id, event_id, subject, payload::text, traceparent, recorded_at FROM outbox "
    "WHERE published_at IS NULL ORDER BY id LIMIT :limit"
)
_MARK = Statement("UPDATE outbox SET published_at = now() WHERE id = ANY(CAST(:ids AS bigint[]))")


def record(session: Session, subject: str, message: Message) -> None:
    """Queue an event in the caller's transaction: published if and only if it commits."""
    record_all(session, subject, [message])


def record_all(session: Session, subject: str, messages: Iterable[Message]) -> None:
    """Queue many events of one subject, in order, by one statement."""
    trace = current_traceparent()
    rows = [(uuid.uuid4(), subject, event_json.write(message), trace) for message in messages]
    if rows:
        _RECORD.rows(session, rows)
        session.info[_TOLD] = True


def has_told(session: Session) -> bool:
    """Whether events were recorded since the last time this was asked: the relay has work once they are committed."""
    return session.info.pop(_TOLD, False)


def first_time(session: Session, consumer: str, event_id: uuid.UUID) -> bool:
    """Claim an event in the caller's transaction; False if this consumer has already handled it."""
    return event_id in first_times(session, consumer, [event_id])


def first_times(session: Session, consumer: str, event_ids: Iterable[uuid.UUID]) -> set[uuid.UUID]:
    """Claim many events; the answer holds those that this consumer had not handled yet."""
    ids = sorted(set(event_ids))
    return {row[0] for row in _CLAIM.rows(session, consumer=consumer, ids=ids)} if ids else set()


@dataclass(frozen=True)
class Batch:
    """Unpublished events in order, locked by an open transaction. Closing `connection` gives them back."""

    connection: Connection
    rows: Sequence[Mapping[str, Any]]

    def published(self) -> None:
        """Note that all of them are kept by JetStream."""
        with self.connection:
            _MARK.rows(self.connection, ids=[row["id"] for row in self.rows])
            self.connection.commit()


def open_batch(engine: Engine, limit: int) -> Batch | None:
    """The oldest unpublished events; None if there are none, or if another relay is at work.

    Two relays at once would break the order, hence the lock.
    """
    connection = engine.connect()
    try:
        ((locked,),) = _LOCK.rows(connection, key=RELAY_LOCK)
        if locked and (rows := _UNPUBLISHED.rows(connection, limit=limit)):
            return Batch(connection, [dict(zip(_COLUMNS, row, strict=True)) for row in rows])
    except BaseException:
        connection.close()
        raise
    connection.close()
    return None


def unpublished(connection: Connection) -> int:
    """How many events wait in the outbox."""
    return connection.scalar(select(func.count()).select_from(outbox).where(outbox.c.published_at.is_(None))) or 0


def prune(connection: Connection, days: int = 7) -> None:
    """Forget published and handled events that are older than JetStream could ever bring back."""
    age = text(f"now() - interval '{int(days)} days'")
    connection.execute(delete(outbox).where(outbox.c.published_at < age))
    connection.execute(delete(inbox).where(inbox.c.handled_at < age))
