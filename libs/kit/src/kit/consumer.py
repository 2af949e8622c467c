"""Durable consumers: events are worked in batches, and acknowledged after their transaction has committed."""

import asyncio
import contextlib
import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import nats.errors
from google.protobuf.message import Message
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy
from sqlalchemy.orm import Session, sessionmaker

from kit import event_json, telemetry
from kit.envelope import MOST_EVENTS, Unpacked, unpack
from kit.errors import DomainError, Kind
from kit.outbox import first_times

MAX_DELIVER = 20
ACK_SECONDS = 20  # what a killed process had is given again after so long; given twice is harmless (first_times)
GATHER_SECONDS = 0.02  # how long a batch may fill up once its first event is there
_RETRY_KINDS = {Kind.BUSY, Kind.UNAVAILABLE}


@dataclass(frozen=True)
class Event:
    """A fact from another service."""

    event_id: uuid.UUID
    subject: str
    message: Message
    published_at_header: str


@dataclass(frozen=True)
class Subscription:
    """What one consumer listens to. `handle(session, events)` gets each event once, in order, in one transaction.

    A DomainError of kind BUSY or UNAVAILABLE is retried later; any other parks the event, logged, so that one bad
    fact cannot stop the rest. Other exceptions are retried up to MAX_DELIVER times, then parked.
    """

    durable: str  # unique per listening service and purpose, such as "orders-sales"
    subject: str
    message_type: type[Message]
    handle: Callable[[Session, Sequence[Event]], None]
    batch: int = 200


async def pull(js: Any, sub: Subscription) -> Any:
    """The durable's subscription, made when it is not there."""
    config = ConsumerConfig(
        durable_name=sub.durable, ack_policy=AckPolicy.EXPLICIT, ack_wait=ACK_SECONDS,
        deliver_policy=DeliverPolicy.ALL, filter_subject=sub.subject, max_ack_pending=1000,
    )  # fmt: skip
    return await js.pull_subscribe(sub.subject, durable=sub.durable, config=config)


async def fetch(puller: Any, batch: int) -> list[Any]:
    """One message as soon as it comes, with those there by then: a fetch of many waits until it is full."""
    messages = await puller.fetch(1, timeout=1)
    with contextlib.suppress(nats.errors.TimeoutError, TimeoutError):
        messages += await puller.fetch(batch - 1, timeout=GATHER_SECONDS)
    return messages


async def work(sessions: sessionmaker[Session], sub: Subscription, messages: Sequence[Any]) -> None:
    """Handle messages, some events per transaction; where that fails, event by event."""
    for some in _slices(await _opened(sub, messages), max(sub.batch, MOST_EVENTS)):
        told = [each for delivery in some for each in delivery.told]
        try:
            await asyncio.to_thread(handle_batch, sessions, sub, told)
        except Exception:
            for delivery in some:
                await _work_singly(sessions, sub, delivery)
        else:
            for delivery in some:
                await delivery.message.ack()


def handle_batch(sessions: sessionmaker[Session], sub: Subscription, told: Sequence[Unpacked]) -> None:
    """Claim the new events, hand them over in order, commit."""
    once = {uuid.UUID(each.event_id): each for each in told}
    telemetry.bind_trace(told[0].traceparent)
    with sessions.begin() as session:
        new = first_times(session, sub.durable, once)
        fresh = [
            Event(event_id, sub.subject, event_json.read(sub.message_type, each.data), each.time)
            for event_id, each in once.items()
            if event_id in new
        ]
        if fresh:
            sub.handle(session, fresh)
    telemetry.EVENTS.labels(sub.durable, "ok").inc(len(told))


@dataclass(frozen=True)
class _Delivery:
    message: Any
    told: Sequence[Unpacked]


async def _opened(sub: Subscription, messages: Sequence[Any]) -> list[_Delivery]:
    """Messages with their events; what is no message of ours is put aside, logged."""
    deliveries = []
    for message in messages:
        try:
            deliveries.append(_Delivery(message, unpack(message.headers or {}, message.data)))
        except (ValueError, KeyError, TypeError) as error:
            telemetry.log().error("message_unreadable", durable=sub.durable, error=repr(error)[:500])
            await message.term()
    return deliveries


def _slices(deliveries: Sequence[_Delivery], most: int) -> Iterator[list[_Delivery]]:
    """In order, so many that their events make one transaction of a bearable size."""
    some: list[_Delivery] = []
    size = 0
    for delivery in deliveries:
        if some and size + len(delivery.told) > most:
            yield some
            some, size = [], 0
        some.append(delivery)
        size += len(delivery.told)
    if some:
        yield some


async def _work_singly(sessions: sessionmaker[Session], sub: Subscription, delivery: _Delivery) -> None:
    """Each event in a transaction of its own: only the faulty one waits, or is parked."""
    tries, waiting = delivery.message.metadata.num_delivered, False
    for each in delivery.told:
        try:
            await asyncio.to_thread(handle_batch, sessions, sub, [each])
        except Exception as error:
            waiting |= await asyncio.to_thread(_fail, sessions, sub, each, error, tries)
    if waiting:
        await delivery.message.nak(delay=min(30.0, 0.5 * 2**tries))
    else:
        await delivery.message.ack()


def _fail(sessions: sessionmaker[Session], sub: Subscription, each: Unpacked, error: Exception, tries: int) -> bool:
    """Park an event that nothing can be done about, as handled; True when it is to be tried again."""
    facts = {"durable": sub.durable, "event_id": each.event_id, "error": str(error)[:500]}
    final = isinstance(error, DomainError) and error.kind not in _RETRY_KINDS
    if not final and tries < MAX_DELIVER:
        telemetry.log().warning("event_retried", deliveries=tries, kind=type(error).__name__, **facts)
        telemetry.EVENTS.labels(sub.durable, "retried").inc()
        return True
    try:
        with sessions.begin() as session:
            first_times(session, sub.durable, [uuid.UUID(each.event_id)])
    except Exception as unkept:
        telemetry.log().warning("event_retried", deliveries=tries, kind=type(unkept).__name__, **facts)
        return True
    telemetry.log().error("event_parked", **facts)
    telemetry.EVENTS.labels(sub.durable, "parked").inc()
    return False
