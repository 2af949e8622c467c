"""JetStream: the kit's one asyncio corner. A thread holds the connection; the rest of the process stays synchronous.

Relay: outbox rows are published in order, a crowd of them in one message. Consumers: `kit.consumer`. NATS away: the
outbox waits, nothing is lost.
"""

import asyncio
import threading
from concurrent.futures import Future
from typing import Any

import nats
import nats.errors
from nats.js.api import RetentionPolicy, StreamConfig
from sqlalchemy import Engine
from sqlalchemy.orm import Session, sessionmaker

from kit import consumer, telemetry
from kit.consumer import Subscription
from kit.envelope import pack
from kit.outbox import open_batch, unpublished

DUPLICATE_WINDOW_SECONDS = 600
RELAY_BATCH = 500
RELAY_REST_SECONDS = 0.3  # after a batch, so that a crowd's events travel together; a lone event never waits for it
RELAY_LOOK_SECONDS = 1.0  # without a nudge: only another process's leftovers can be there


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
            await asyncio.gather(
                *(
                    js.publish(packed.subject, packed.body, headers=dict(packed.headers), timeout=5)
                    for packed in pack(batch.rows, f"/{self._service}")
                )
            )
        except BaseException:
            await asyncio.to_thread(batch.connection.close)
            raise
        await asyncio.to_thread(batch.published)
        telemetry.PUBLISHED.inc(len(batch.rows))
        return len(batch.rows)

    async def _consume(self, sessions: sessionmaker[Session], sub: Subscription) -> None:
        puller = None
        while not self._stopping.is_set():
            try:
                puller = puller or await consumer.pull(await self._jetstream(sub.subject.split(".", 1)[0]), sub)
                messages = await consumer.fetch(puller, sub.batch)
            except (nats.errors.TimeoutError, TimeoutError):
                continue
            except Exception as error:
                telemetry.log().warning("consumer_waits", durable=sub.durable, error=str(error)[:200])
                puller = None
                await asyncio.sleep(1)
                continue
            await consumer.work(sessions, sub, messages)


def outbox_depth(engine: Engine) -> int:
    """How many facts wait to be told; for metrics and the audit."""
    with engine.connect() as connection:
        return unpublished(connection)
