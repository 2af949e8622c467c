"""JetStream: the kit's one asyncio corner. A thread holds the connection; the rest of the process stays synchronous.

Relay: outbox rows are published in order with their id as `Nats-Msg-Id`. Consumers: durable pulls, worked in batches; a
message is acknowledged after its transaction has committed. NATS away: the outbox waits, nothing is lost.
"""

import asyncio
import contextlib
import threading
import uuid
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, TypeVar

import nats
import nats.errors
from google.protobuf.message import Message
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy, RetentionPolicy, StreamConfig
from sqlalchemy import Engine
from sqlalchemy.orm import Session, sessionmaker

from kit import event_json, telemetry
from kit.errors import DomainError, Kind
from kit.outbox import first_times, open_batch, unpublished

DUPLICATE_WINDOW_SECONDS = 600
MAX_DELIVER = 20
RELAY_BATCH = 500
RELAY_REST_SECONDS = 0.1  # after a batch, so that a crowd's events travel together; a lone event never waits for it
RELAY_LOOK_SECONDS = 1.0  # without a nudge: only another process's leftovers can be there
GATHER_SECONDS = 0.02  # how long a batch may fill up once its first event is there
_RETRY_KINDS = {Kind.BUSY, Kind.UNAVAILABLE}

T = TypeVar("T")


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


class Bus:
    """One connection to NATS, kept alive in its own thread."""

    def __init__(self, url: str, service: str) -> None:
        self._url, self._service = url, service
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="bus", daemon=True)
        self._nc: Any = None
        self._stopping = threading.Event()
        self._tasks: list[Future[None]] = []
        self._wake: asyncio.Event | None = None

    def start(self) -> None:
        """Start connecting; returns at once. Whatever needs NATS waits for it."""
        self._thread.start()
        self._tasks.append(self._submit(self._connect()))

    def stop(self) -> None:
        """Let running batches finish, then disconnect."""
        self._stopping.set()

        async def close() -> None:
            if self._wake:
                self._wake.set()
            others = [task for task in asyncio.all_tasks() if task.get_name().startswith("kit-")]
            if others:
                _, late = await asyncio.wait(others, timeout=10)
                for task in late:
                    task.cancel()
            if self._nc is not None:
                await self._nc.close()

        self._submit(close()).result(timeout=15)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(timeout=5)

    def check(self) -> None:
        """Raise unless connected."""
        if self._nc is None or not self._nc.is_connected:
            raise ConnectionError("not connected to NATS")

    def relay(self, engine: Engine) -> None:
        """Publish this database's outbox for as long as the bus lives."""
        self._spawn("relay", self._relay(engine))

    def subscribe(self, sessions: sessionmaker[Session], subscription: Subscription) -> None:
        """Work one subscription for as long as the bus lives. Several processes share the work of one durable."""
        self._spawn(subscription.durable, self._consume(sessions, subscription))

    def nudge(self) -> None:
        """Tell the relay that something was just committed, so that it need not wait for its next look."""
        if self._wake is not None:
            self._loop.call_soon_threadsafe(self._wake.set)

    # -- inside the loop
    def _submit(self, coroutine: Any) -> Future[Any]:
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop)

    def _spawn(self, name: str, coroutine: Any) -> None:
        async def run() -> None:
            task = asyncio.current_task()
            if task:
                task.set_name(f"kit-{name}")
            await coroutine

        self._tasks.append(self._submit(run()))

    async def _connect(self) -> None:
        while not self._stopping.is_set():
            try:
                self._nc = await nats.connect(
                    self._url, name=self._service, max_reconnect_attempts=-1, reconnect_time_wait=0.5,
                    connect_timeout=3, allow_reconnect=True, error_cb=self._log_error,
                )  # fmt: skip
                return
            except (OSError, nats.errors.Error) as error:
                telemetry.log().warning("nats_unreachable", error=str(error)[:200])
                await asyncio.sleep(1)

    async def _log_error(self, error: Exception) -> None:
        telemetry.log().warning("nats_error", error=str(error)[:200] or type(error).__name__)

    async def _jetstream(self, stream_service: str) -> Any:
        """The JetStream context once connected, with the stream of that service in place."""
        while self._nc is None:
            await asyncio.sleep(0.1)
        js = self._nc.jetstream(timeout=5)
        config = StreamConfig(
            name=stream_service.upper(), subjects=[f"{stream_service}.>"], retention=RetentionPolicy.LIMITS,
            max_age=30 * 86400, duplicate_window=DUPLICATE_WINDOW_SECONDS, num_replicas=1,
        )  # fmt: skip
        await js.add_stream(config)
        return js

    async def _relay(self, engine: Engine) -> None:
        self._wake = asyncio.Event()
        js = None
        while not self._stopping.is_set():
            sent = 0
            try:
                js = js or await self._jetstream(self._service)
                sent = await self._relay_once(engine, js)
            except Exception as error:
                js = None
                telemetry.log().warning("relay_waits", error=str(error)[:200] or type(error).__name__)
                await self._pause(1.0)
            if sent < RELAY_BATCH and not self._stopping.is_set():
                if sent:
                    await asyncio.sleep(RELAY_REST_SECONDS)
                await self._pause(RELAY_LOOK_SECONDS)

    async def _pause(self, seconds: float) -> None:
        """Until nudged, at most so long."""
        if self._wake is None:
            await asyncio.sleep(seconds)
            return
        try:
            await asyncio.wait_for(self._wake.wait(), seconds)
        except TimeoutError:
            return
        self._wake.clear()

    async def _relay_once(self, engine: Engine, js: Any) -> int:
        """Publish the oldest unpublished events in order; return how many went out."""
        batch = await asyncio.to_thread(open_batch, engine, RELAY_BATCH)
        if batch is None:
            return 0
        try:
            # Written to the socket in this order; JetStream acknowledges each.
            await asyncio.gather(*(self._publish(js, row) for row in batch.rows))
        except BaseException:
            await asyncio.to_thread(batch.connection.close)
            raise
        await asyncio.to_thread(batch.published)
        telemetry.PUBLISHED.inc(len(batch.rows))
        return len(batch.rows)

    async def _publish(self, js: Any, row: Any) -> None:
        headers = {
            "Nats-Msg-Id": str(row["event_id"]),
            "ce-id": str(row["event_id"]),
            "ce-type": row["subject"],
            "ce-source": f"/{self._service}",
            "ce-time": row["recorded_at"].isoformat(),
        }
        if row["traceparent"]:
            headers["traceparent"] = row["traceparent"]
        await js.publish(row["subject"], row["payload"].encode(), headers=headers, timeout=5)

    async def _consume(self, sessions: sessionmaker[Session], sub: Subscription) -> None:
        puller = None
        while not self._stopping.is_set():
            try:
                if puller is None:
                    js = await self._jetstream(sub.subject.split(".", 1)[0])
                    config = ConsumerConfig(
                        durable_name=sub.durable, ack_policy=AckPolicy.EXPLICIT, ack_wait=60,
                        deliver_policy=DeliverPolicy.ALL, filter_subject=sub.subject, max_ack_pending=1000,
                    )  # fmt: skip
                    puller = await js.pull_subscribe(sub.subject, durable=sub.durable, config=config)
                messages = await self._fetch(puller, sub.batch)
            except (nats.errors.TimeoutError, TimeoutError):
                continue
            except Exception as error:
                telemetry.log().warning("consumer_waits", durable=sub.durable, error=str(error)[:200])
                puller = None
                await asyncio.sleep(1)
                continue
            await self._work(sessions, sub, messages)

    @staticmethod
    async def _fetch(puller: Any, batch: int) -> list[Any]:
        """One message as soon as it comes, with those there by then: a fetch of many waits until it is full."""
        messages = await puller.fetch(1, timeout=1)
        with contextlib.suppress(nats.errors.TimeoutError, TimeoutError):
            messages += await puller.fetch(batch - 1, timeout=GATHER_SECONDS)
        return messages

    async def _work(self, sessions: sessionmaker[Session], sub: Subscription, messages: list[Any]) -> None:
        """A whole batch in one transaction; if that fails, one by one: only the faulty one waits or is parked."""
        try:
            await asyncio.to_thread(handle_batch, sessions, sub, messages)
            for message in messages:
                await message.ack()
            telemetry.EVENTS.labels(sub.durable, "ok").inc(len(messages))
            return
        except Exception as error:
            if len(messages) == 1:
                await self._fail(sub, messages[0], error)
                return
        for message in messages:
            await self._work(sessions, sub, [message])

    async def _fail(self, sub: Subscription, message: Any, error: Exception) -> None:
        facts = {"durable": sub.durable, "event_id": message.headers.get("ce-id"), "error": str(error)[:500]}
        retried = message.metadata.num_delivered
        final = isinstance(error, DomainError) and error.kind not in _RETRY_KINDS
        if final or retried >= MAX_DELIVER:
            telemetry.log().error("event_parked", **facts)
            telemetry.EVENTS.labels(sub.durable, "parked").inc()
            await message.term()
        else:
            telemetry.log().warning("event_retried", deliveries=retried, kind=type(error).__name__, **facts)
            telemetry.EVENTS.labels(sub.durable, "retried").inc()
            await message.nak(delay=min(30.0, 0.5 * 2**retried))


def handle_batch(sessions: sessionmaker[Session], sub: Subscription, messages: Sequence[Any]) -> None:
    """Claim the new ones, hand them over in order, commit."""
    events = [
        Event(
            uuid.UUID(m.headers["ce-id"]), m.subject, event_json.read(sub.message_type, m.data),
            m.headers.get("ce-time", ""),
        )
        for m in messages
    ]  # fmt: skip
    telemetry.bind_trace(messages[0].headers.get("traceparent"))
    with sessions.begin() as session:
        new = first_times(session, sub.durable, [e.event_id for e in events])
        fresh, seen = [], set()
        for event in events:
            if event.event_id in new and event.event_id not in seen:
                seen.add(event.event_id)
                fresh.append(event)
        if fresh:
            sub.handle(session, fresh)


def outbox_depth(engine: Engine) -> int:
    """How many facts wait to be told; for metrics and the audit."""
    with engine.connect() as connection:
        return unpublished(connection)
