"""Where a snapshot comes from: Redis, which another gateway has kept fresh, or else the core."""

import asyncio
import contextvars
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import grpc
import redis.asyncio
from redis.exceptions import RedisError

from inventory.live.seats import Seats
from kit import telemetry
from kit.grpc_client import channel
from kit.grpc_errors import from_rpc_error
from ticketing.inventory.v1 import inventory_service_pb2 as pb
from ticketing.inventory.v1.inventory_service_pb2_grpc import InventoryServiceStub

KEPT_SECONDS = 60  # an older one could not be brought up to date
REDIS_SECONDS = 1.0
CORE_SECONDS = 5.0
MOST_CALLS = 8  # at once; a core that hangs takes nobody else's threads


@dataclass(frozen=True)
class Snapshot:
    """Seats that hold all changes of the stream up to `position`."""

    position: int
    seats: Seats


class Shelf:
    """Snapshots in Redis. A pair of position and seats is true for ever; so nothing here can be wrong, only too old.

    Redis away: everything goes on without it.
    """

    def __init__(self, url: str) -> None:
        self._redis = redis.asyncio.from_url(url, socket_timeout=REDIS_SECONDS, socket_connect_timeout=REDIS_SECONDS)

    async def get(self, stream_id: str, performance_id: str) -> Snapshot | None:
        """The last one that was put there, if there is one."""
        try:
            kept = await self._redis.get(_key(stream_id, performance_id))
            if not isinstance(kept, bytes):
                return None
            return Snapshot(int.from_bytes(kept[:8], "little"), Seats.decode(kept[8:]))
        except (RedisError, OSError, TimeoutError, ValueError) as error:
            telemetry.log().warning("shelf_unreadable", error=str(error)[:200])
            return None

    async def put(self, stream_id: str, position: int, encoded: Mapping[str, bytes]) -> None:
        """Keep snapshots (`Seats.encode`) by performance, all as of one position."""
        try:
            async with self._redis.pipeline(transaction=False) as pipe:
                for performance_id, snapshot in encoded.items():
                    key = _key(stream_id, performance_id)
                    pipe.set(key, position.to_bytes(8, "little") + snapshot, ex=KEPT_SECONDS)
                await pipe.execute()
        except (RedisError, OSError, TimeoutError) as error:
            telemetry.log().warning("shelf_unwritable", error=str(error)[:200])

    async def close(self) -> None:
        await self._redis.aclose()


class Core:
    """The inventory's core, asked with the token of who wants to see the plan: this process needs no secret."""

    def __init__(self, target: str) -> None:
        self._target = target
        self._threads = ThreadPoolExecutor(MOST_CALLS, "core")

    async def seats(self, performance_id: str, token: str) -> Seats:
        """Raises PERFORMANCE_UNKNOWN, NOT_NUMBERED, PLAN_NOT_HERE_YET, Unavailable."""
        ask = contextvars.copy_context().run
        return await asyncio.get_running_loop().run_in_executor(self._threads, ask, self._ask, performance_id, token)

    def _ask(self, performance_id: str, token: str) -> Seats:
        stub = InventoryServiceStub(channel(self._target, token=lambda: token, timeout_seconds=CORE_SECONDS))
        try:
            answer = stub.GetSeatStatus(pb.GetSeatStatusRequest(performance_id=performance_id))
        except grpc.RpcError as error:
            raise from_rpc_error(error) from error
        return Seats(answer.version, answer.states)


def _key(stream_id: str, performance_id: str) -> str:
    return f"inventory:live:{stream_id}:{performance_id}"
