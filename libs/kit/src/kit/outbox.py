"""Outbox and inbox: an event is published if and only if its cause committed, and takes effect once."""

import json
import uuid
from collections.abc import Iterable, Mapping

from google.protobuf.json_format import MessageToDict
from google.protobuf.message import Message
from sqlalchemy import Connection, delete, func, insert, select, text, update
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.orm import Session

from kit.database import inbox, outbox
from kit.telemetry import current_traceparent

RELAY_LOCK = 7_401_002


def record(session: Session, subject: str, message: Message) -> None:
    """Queue an event in the caller's transaction: published if and only if it commits."""
    record_all(session, subject, [message])


def record_all(session: Session, subject: str, messages: Iterable[Message]) -> None:
    """Queue many events of one subject, in order, by one statement."""
    trace = current_traceparent()
    rows = [
        {"event_id": uuid.uuid4(), "subject": subject, "payload": MessageToDict(m), "traceparent": trace}
        for m in messages
    ]
    if rows:
        session.execute(insert(outbox), rows)


def first_time(session: Session, consumer: str, event_id: uuid.UUID) -> bool:
    """Claim an event in the caller's transaction; False if this consumer has already handled it."""
    return event_id in first_times(session, consumer, [event_id])


def first_times(session: Session, consumer: str, event_ids: Iterable[uuid.UUID]) -> set[uuid.UUID]:
    """Claim many events; the answer holds those that this consumer had not handled yet."""
    rows = [{"consumer": consumer, "event_id": event_id} for event_id in sorted(set(event_ids))]
    if not rows:
        return set()
    claim = pg_insert(inbox).values(rows).on_conflict_do_nothing().returning(inbox.c.event_id)
    return set(session.scalars(claim).all())


def claim_unpublished(connection: Connection, limit: int) -> list[Mapping[str, object]] | None:
    """The oldest unpublished events in order, locked for this transaction; None if another relay is at work.

    Two relays at once would break the order, hence the lock.
    """
    if not connection.scalar(text("SELECT pg_try_advisory_xact_lock(:key)"), {"key": RELAY_LOCK}):
        return None
    columns = (outbox.c.id, outbox.c.event_id, outbox.c.subject, outbox.c.payload, outbox.c.traceparent,
               outbox.c.recorded_at)  # fmt: skip
    query = select(*columns).where(outbox.c.published_at.is_(None)).order_by(outbox.c.id).limit(limit)
    return [dict(row) for row in connection.execute(query).mappings()]


def mark_published(connection: Connection, ids: Iterable[int]) -> None:
    """Note that these events are kept by JetStream."""
    connection.execute(update(outbox).where(outbox.c.id.in_(list(ids))).values(published_at=func.now()))


def unpublished(connection: Connection) -> int:
    """How many events wait in the outbox."""
    return connection.scalar(select(func.count()).select_from(outbox).where(outbox.c.published_at.is_(None))) or 0


def prune(connection: Connection, days: int = 7) -> None:
    """Forget published and handled events that are older than JetStream could ever bring back."""
    age = text(f"now() - interval '{int(days)} days'")
    connection.execute(delete(outbox).where(outbox.c.published_at < age))
    connection.execute(delete(inbox).where(inbox.c.handled_at < age))


def payload_bytes(payload: object) -> bytes:
    """An event's body as it travels."""
    return json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode()
