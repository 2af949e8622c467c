"""A line between a till and the centre, as bad as lines are: cut, silent, slow, far; and how much went over it.

Real sockets, one loopback port for each target. It looks at no byte: what is lost, is lost in the middle of anything.
"""

import asyncio
import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Self

HOST = "127.0.0.1"
CHUNK, MOST_QUEUED = 16 * 1024, 256 * 1024
FRAMES = 66  # Ethernet, IP and TCP headers of a packet
PACKET = 1448  # of data in one packet
WAYS = ("up", "down")
Waiting = asyncio.Queue[tuple[float, bytes]]  # data, and when it arrives


@dataclass
class Carried:
    """Bytes of data towards the centre and back, and about how many packets they need."""

    up: int = 0
    down: int = 0
    packets: int = 0

    @property
    def on_the_wire(self) -> int:
        """With the headers of packets."""
        return self.up + self.down + self.packets * FRAMES


class Line:
    """`with Line({"accounts": ("127.0.0.1", 7410), …}) as line: line.targets` are the addresses to call instead."""

    def __init__(self, targets: Mapping[str, tuple[str, int]]) -> None:
        self._goals = dict(targets)
        self.carried = Carried()
        self.targets: dict[str, str] = {}
        self._bytes_per_second: float | None = None
        self._delay = 0.0
        self._is_cut = False
        self._flows = {way: asyncio.Event() for way in WAYS}
        self._free_at = dict.fromkeys(WAYS, 0.0)
        self._open: set[asyncio.StreamWriter] = set()
        self._connections: set[asyncio.Task[None]] = set()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="line", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        self._do(self._listen())
        return self

    def __exit__(self, *_: object) -> None:
        self._do(self._close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def cut(self) -> None:
        """Pull the cable out: connections break at once, and new ones are refused."""
        self._do(self._set(cut=True))

    def mend(self) -> None:
        """Put it in again, and let what was silent flow."""
        self._do(self._set(cut=False, flows=True))

    def silence(self, *ways: str) -> None:
        """Nothing arrives any more, and nobody is told: the worst way in which a network goes.

        Only "down": the centre hears what it is asked, and its answers are lost.
        """
        self._do(self._set(flows=False, ways=ways or WAYS))

    def slow(self, bytes_per_second: float | None = None, delay_seconds: float = 0.0) -> None:
        """A narrow line, in each direction, and a far one: the delay is that of one way. None: as fast as it goes."""
        self._bytes_per_second, self._delay = bytes_per_second, delay_seconds

    def _do(self, work: object) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(30)  # type: ignore[arg-type]

    async def _listen(self) -> None:
        await self._set(flows=True)
        self._servers = []
        for name, goal in self._goals.items():
            server = await asyncio.start_server(partial(self._connect, goal), HOST, 0)
            self.targets[name] = f"{HOST}:{server.sockets[0].getsockname()[1]}"
            self._servers.append(server)

    async def _close(self) -> None:
        for server in self._servers:
            server.close()
        await self._set(cut=True)
        for connection in self._connections:
            connection.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)

    async def _set(self, *, cut: bool | None = None, flows: bool | None = None, ways: tuple[str, ...] = WAYS) -> None:
        for way in ways if flows is not None else ():
            (self._flows[way].set if flows else self._flows[way].clear)()
        if cut is not None:
            self._is_cut = cut
            if cut:
                for writer in list(self._open):
                    writer.transport.abort()

    async def _connect(self, goal: tuple[str, int], reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._connections.add(task)
        task.add_done_callback(self._connections.discard)
        ends = [writer]
        try:
            if self._is_cut:
                return
            far_reader, far_writer = await asyncio.open_connection(*goal)
            ends.append(far_writer)
            self._open.update(ends)
            await asyncio.gather(
                self._carry(reader, far_writer, "up"), self._carry(far_reader, writer, "down"), return_exceptions=True
            )
        except (OSError, asyncio.CancelledError):
            pass  # the target is away, or the line is being closed: so is this connection
        finally:
            for each in ends:
                each.transport.abort()
                self._open.discard(each)

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, way: str) -> None:
        """Read as the sender writes, and write when the line has had time to carry it."""
        waiting: Waiting = asyncio.Queue(maxsize=MOST_QUEUED // CHUNK)
        async with asyncio.TaskGroup() as together:
            together.create_task(self._deliver(waiting, writer, way))
            while data := await reader.read(CHUNK):
                await waiting.put((self._loop.time() + self._delay, data))
            await waiting.put((self._loop.time() + self._delay, b""))

    async def _deliver(self, waiting: Waiting, writer: asyncio.StreamWriter, way: str) -> None:
        while True:
            due, data = await waiting.get()
            if self._bytes_per_second:
                began = max(due, self._free_at[way])
                due = self._free_at[way] = began + len(data) / self._bytes_per_second
            await asyncio.sleep(max(0.0, due - self._loop.time()))
            await self._flows[way].wait()
            if not data:
                with suppress(OSError):
                    writer.write_eof()
                return
            setattr(self.carried, way, getattr(self.carried, way) + len(data))
            self.carried.packets += -(-len(data) // PACKET)
            writer.write(data)
            await writer.drain()
