"""Hears every change of seats: an ephemeral consumer of this process, taken up again where it broke off."""

import asyncio
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

import nats
import nats.errors
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy, Header

from inventory.live.seats import Change
from kit import event_json, telemetry
from kit.envelope import Unpacked, unpack
from ticketing.inventory.v1.events_pb2 import SeatsChanged

SUBJECT = "inventory.seats.changed.v1"
STREAM = "INVENTORY"
HEARTBEAT_SECONDS = 2.0  # JetStream says at least this often that the consumer stands
SILENT_SECONDS = 5.0  # after these the consumer is dead, whatever the connection believes
RETRY_SECONDS = 0.5
REPLAYED_SECONDS = 60  # at the first start: how far back to hear


class Listener(Protocol):
    def begun(self, stream_id: str, position: int) -> None:
        """A consumer stands behind this position; a new stream id means that positions count anew."""

    def heard(self, changes: Iterable[tuple[str, Change, datetime]], position: int) -> None:
        """Changes by performance, each with the instant of its commit, told by the message at this position."""

    def reached(self, position: int) -> None:
        """The stream came up to this position, with nothing more of ours."""


class _Broken(Exception):
    """A message went missing, or the consumer fell silent."""


class Stream:
    """`caught_up` while nothing that was told is still to be heard; `silent_since` (loop time) while cut off."""

    def __init__(self, url: str, listener: Listener, clock: Callable[[], float]) -> None:
        self._url, self._listener, self._clock = url, listener, clock
        self._position: int | None = None
        self._stream_id = ""
        self.caught_up = False
        self.silent_since: float | None = clock()

    async def run(self) -> None:
        """Until cancelled."""
        connection = None
        try:
            while True:
                try:
                    connection = connection or await self._connected()
                    await self._follow(connection)
                except (nats.errors.Error, OSError, TimeoutError, _Broken) as error:
                    telemetry.log().warning("stream_waits", error=str(error)[:200] or type(error).__name__)
                self.caught_up = False
                if self.silent_since is None:
                    self.silent_since = self._clock()
                await asyncio.sleep(RETRY_SECONDS)
        finally:
            if connection is not None:
                with suppress(Exception):
                    await connection.close()

    async def _connected(self) -> Any:
        async def complain(error: Exception) -> None:
            telemetry.log().warning("nats_error", error=str(error)[:200] or type(error).__name__)

        return await nats.connect(
            self._url, name="inventory-live", max_reconnect_attempts=-1, reconnect_time_wait=RETRY_SECONDS,
            connect_timeout=3, ping_interval=10, max_outstanding_pings=2, error_cb=complain,
        )  # fmt: skip

    async def _follow(self, connection: Any) -> None:
        """One consumer's life. Raises _Broken, or what NATS raises."""
        js = connection.jetstream(timeout=3)
        stream = await js.stream_info(STREAM)
        stream_id = stream.created.isoformat()
        if stream_id != self._stream_id or (self._position or 0) > stream.state.last_seq:
            self._stream_id, self._position = stream_id, None  # another stream, or one that lost its end
        inbox = connection.new_inbox()
        messages = await connection.subscribe(inbox)
        try:
            consumer = await js.add_consumer(STREAM, config=self._config(inbox))
            self._position = consumer.delivered.stream_seq
            self._listener.begun(stream_id, self._position)
            pending, expected = consumer.num_pending, 1
            while True:
                if pending == 0:
                    self.caught_up, self.silent_since = True, None
                message = await messages.next_msg(timeout=SILENT_SECONDS)
                headers = message.headers or {}
                if "Status" in headers:
                    if int(headers.get(Header.LAST_CONSUMER, expected - 1)) != expected - 1:
                        raise _Broken("changes went missing on the way")
                    self._reached(int(headers.get(Header.LAST_STREAM, 0)))
                    continue
                told = message.metadata
                if told.sequence.consumer != expected:
                    raise _Broken("changes went missing on the way")
                expected, pending = expected + 1, told.num_pending
                self._position = told.sequence.stream
                self._listener.heard(_changes(headers, message.data), self._position)
        finally:
            with suppress(nats.errors.Error, OSError):
                await messages.unsubscribe()

    def _reached(self, position: int) -> None:
        if self._position is not None and position > self._position:
            self._position = position
            self._listener.reached(position)

    def _config(self, inbox: str) -> ConsumerConfig:
        config = ConsumerConfig(
            deliver_subject=inbox, filter_subject=SUBJECT, ack_policy=AckPolicy.NONE, mem_storage=True, num_replicas=1,
            idle_heartbeat=HEARTBEAT_SECONDS, inactive_threshold=30,
        )  # fmt: skip
        if self._position is None:
            config.deliver_policy = DeliverPolicy.BY_START_TIME
            config.opt_start_time = datetime.now(UTC) - timedelta(seconds=REPLAYED_SECONDS)
        else:
            config.deliver_policy = DeliverPolicy.BY_START_SEQUENCE
            config.opt_start_seq = self._position + 1
        return config


def _changes(headers: dict[str, str], body: bytes) -> list[tuple[str, Change, datetime]]:
    """The changes that a message tells; one that cannot be read is left out, and the next one's version shows it."""
    try:
        return [_change(each) for each in unpack(headers, body)]
    except Exception as error:
        telemetry.log().error("message_unreadable", subject=SUBJECT, error=repr(error)[:500])
        return []


def _change(told: Unpacked) -> tuple[str, Change, datetime]:
    it = event_json.read(SeatsChanged, told.data)
    if len(it.ordinals) != len(it.states):
        raise ValueError("as many states as seats are needed")
    change = Change(it.from_version, it.to_version, dict(zip(it.ordinals, it.states, strict=True)))
    return it.performance_id, change, datetime.fromisoformat(told.time)
