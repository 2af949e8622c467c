"""Outbox and inbox: an event is published if and only if its cause committed, and takes effect once."""

import json
import uuid
from collections.abc import Iterable, Mapping

from google.protobuf.json_format import MessageToDict
from google.protobuf.message import Message
from sqlalchemy import Connection, Text, cast, delete, func, select, text, update
from sqlalchemy.orm import Session

from kit.database import inbox, outbox
from kit.telemetry import current_traceparent

RELAY_LOCK = 7_401_002

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


def first_time(session: Session, consumer: str, event_id: uuid.UUID) -> bool:
    """Claim an event in the caller's transaction; False if this consumer has already handled it."""
    return event_id in first_times(session, consumer, [event_id])


def first_times(session: Session, consumer: str, event_ids: Iterable[uuid.UUID]) -> set[uuid.UUID]:
    """Claim many events; the answer holds those that this consumer had not handled yet."""
    ids = sorted(set(event_ids))
    return set(session.scalars(_CLAIM, {"consumer": consumer, "ids": ids}).all()) if ids else set()


def claim_unpublished(connection: Connection, limit: int) -> list[Mapping[str, object]] | None:
    """The oldest unpublished events in order, locked for this transaction; None if another relay is at work.

    Two relays at once would break the order, hence the lock.
    """
    if not connection.scalar(text("SELECT pg_try_advisory_xact_lock(:key)"), {"key": RELAY_LOCK}):
        return None
    payload = cast(outbox.c.payload, Text).label("payload")  # it travels as it is: no need to parse it
    columns = (outbox.c.id, outbox.c.event_id, outbox.c.subject, payload, outbox.c.traceparent, outbox.c.recorded_at)
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


def payload_text(message: Message) -> str:
    """An event's body as it is kept and as it travels: protobuf JSON."""
    return json.dumps(MessageToDict(message), ensure_ascii=False, separators=(",", ":"))
