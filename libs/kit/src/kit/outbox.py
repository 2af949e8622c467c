"""Outbox and inbox: an event is published if and only if its cause committed, and takes effect once."""

import json
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from google.protobuf.json_format import MessageToDict
from google.protobuf.message import Message
from sqlalchemy import Connection, Engine, RowMapping, delete, func, select, text
from sqlalchemy.orm import Session

from kit.database import inbox, outbox
from kit.telemetry import current_traceparent

RELAY_LOCK = 7_401_002
_TOLD = "outbox.told"

# Arrays make one prepared statement of any number of rows.
_RECORD = text(
    "INSERT INTO outbox (event_id, subject, payload, traceparent) "
    "SELECT event_id, :subject, CAST(payload AS jsonb), :trace "
    "FROM unnest(CAST(:ids AS uuid[]), CAST(:payloads AS text[])) AS rows (event_id, payload)"
)
_CLAIM = text(
    "INSERT INTO inbox (consumer, event_id) SELECT :consumer, unnest(CAST(:ids AS uuid[])) "
    "ON CONFLICT DO NOTHING RETURNING event_id"
)
_LOCK = text("SELECT pg_try_advisory_xact_lock(:key)")
_UNPUBLISHED = text(  # the payload travels as it is: no need to parse it
    "SELECT id, event_id, subject, payload::text, traceparent, recorded_at FROM outbox "
    "WHERE published_at IS NULL ORDER BY id LIMIT :limit"
)
_MARK = text("UPDATE outbox SET published_at = now() WHERE id = ANY(CAST(:ids AS bigint[]))")


def record(session: Session, subject: str, message: Message) -> None:
    """Queue an event in the caller's transaction: published if and only if it commits."""
    record_all(session, subject, [message])


def record_all(session: Session, subject: str, messages: Iterable[Message]) -> None:
    """Queue many events of one subject, in order, by one statement."""
    payloads = [payload_text(message) for message in messages]
    if payloads:
        ids = [uuid.uuid4() for _ in payloads]
        trace = current_traceparent()
        session.execute(_RECORD, {"ids": ids, "subject": subject, "payloads": payloads, "trace": trace})
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
    return set(session.scalars(_CLAIM, {"consumer": consumer, "ids": ids}).all()) if ids else set()


@dataclass(frozen=True)
class Batch:
    """Unpublished events in order, locked by an open transaction. Closing `connection` gives them back."""

    connection: Connection
    rows: Sequence[RowMapping]

    def published(self) -> None:
        """Note that all of them are kept by JetStream."""
        with self.connection:
            self.connection.execute(_MARK, {"ids": [row["id"] for row in self.rows]})
            self.connection.commit()


def open_batch(engine: Engine, limit: int) -> Batch | None:
    """The oldest unpublished events; None if there are none, or if another relay is at work.

    Two relays at once would break the order, hence the lock.
    """
    connection = engine.connect()
    try:
        if connection.scalar(_LOCK, {"key": RELAY_LOCK}):
            rows = connection.execute(_UNPUBLISHED, {"limit": limit}).mappings().all()
            if rows:
                return Batch(connection, rows)
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


def payload_text(message: Message) -> str:
    """An event's body as it is kept and as it travels: protobuf JSON."""
    return json.dumps(MessageToDict(message), ensure_ascii=False, separators=(",", ":"))
