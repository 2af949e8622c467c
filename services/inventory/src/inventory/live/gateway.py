"""Open plans: each is loaded once, follows every change, and tells its lines at most ten times a second."""

import asyncio
import gzip
import random
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

from prometheus_client import Counter, Gauge, Histogram

from inventory.live.lines import BEAT, RESYNC, Line, closing_message, seats_message
from inventory.live.seats import Applied, Change, Log, Seats
from inventory.live.snapshots import KEPT_SECONDS, Core, Shelf, Snapshot
from kit import telemetry
from kit.errors import DomainError, Kind, Unavailable

GATHER_SECONDS = 0.1  # between two messages to the same lines
MOST_SEATS = 4_000  # of one message; a browser that needs more loads the snapshot, which is smaller
PACKING = 4  # of gzip: a quarter of what the usual 6 costs, for a tenth more bytes
FRESH_SECONDS = 0.2  # a packed snapshot is given out for so long: what came since follows on the line
REFUSED_SECONDS = 1.0  # a refusal of the core is everybody's for so long
BEAT_SECONDS = 10.0
SHELVED_SECONDS = 15.0
UNTOUCHED_SECONDS = 2.0  # a house in which nothing has moved may still be given another plan: ask again
IDLE_SECONDS = 60.0  # a plan that nobody looks at is kept for so long
DEAF_SECONDS = 5.0  # after so long without the stream, the lines are closed
MOST_CHANGES = 100_000
MOST_LINES = 20_000
MOST_IDLE_PLANS = 200
COME_BACK_MS = (300, 3_000)  # so that a thousand browsers do not come back in the same instant

PLANS = Gauge("live_open_plans", "Performances whose seats are followed")
LINES = Gauge("live_open_lines", "Browsers that listen")
HEARD = Counter("live_changes_heard_total", "Changes of seats that came from the stream")
TOLD = Counter("live_messages_told_total", "Messages with changes, written to browsers")
LOADED = Counter("live_plans_loaded_total", "Plans loaded", ["source"])
RESYNCED = Counter("live_resyncs_total", "Browsers told to load the snapshot again")
CUT = Counter("live_slow_lines_cut_total", "Browsers cut off because they did not read")
DELAY = Histogram("live_commit_to_send_seconds", "From the commit of a change to its writing to browsers",
                  buckets=(0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 1, 2, 5, 15))  # fmt: skip


@dataclass(eq=False)
class Plan:
    """One performance that somebody looks at."""

    performance_id: str
    seats: Seats
    loaded_at: float
    asked_at: float
    lines: set[Line] = field(default_factory=set)
    untold: Change | None = None
    commits: list[datetime] = field(default_factory=list)  # when those of `untold` were made
    told_at: float = -1e9
    timer: asyncio.Handle | None = None
    packed: tuple[int, float, bytes] | None = None  # version, when it was made, gzip of the snapshot
    packing: asyncio.Lock = field(default_factory=asyncio.Lock)


class Gateway:
    """Listens to the stream, serves the door. All of it happens in one event loop; `clock` is the loop's time."""

    def __init__(self, shelf: Shelf, core: Core, clock: Callable[[], float]) -> None:
        self._shelf, self._core, self._clock = shelf, core, clock
        self._log = Log(MOST_CHANGES)
        self._stream_id = ""
        self._deaf = False
        self._plans: dict[str, Plan] = {}
        self._loading: dict[str, asyncio.Task[Plan]] = {}

    # -- the stream (live.stream.Listener)
    def begun(self, stream_id: str, position: int) -> None:
        """Where the stream is not the one that we know, or goes on further than we heard, we know nothing."""
        if stream_id == self._stream_id and position == self._log.position:
            return
        self._stream_id = stream_id
        self._log.start(position)
        for plan in list(self._plans.values()):
            self._drop(plan)

    def heard(self, changes: Iterable[tuple[str, Change, datetime]], position: int) -> None:
        for performance_id, change, committed_at in changes:
            HEARD.inc()
            self._log.add(performance_id, change, position, self._clock())
            plan = self._plans.get(performance_id)
            if plan is not None:
                self._change(plan, change, committed_at)
        self._log.reach(position)

    def reached(self, position: int) -> None:
        self._log.reach(position)

    # -- the door
    async def snapshot(self, performance_id: str, token: str) -> bytes:
        """gzip of where the seats stand; at most a moment old, as a line that begins at its version tells the rest.

        Raises what the core refuses with, Unavailable.
        """
        plan = await self.opened(performance_id, token)
        async with plan.packing:
            packed = plan.packed
            if packed is None or (packed[0] != plan.seats.version and self._clock() - packed[1] > FRESH_SECONDS):
                version, made_at, encoded = plan.seats.version, self._clock(), plan.seats.encode()
                packed = plan.packed = version, made_at, await asyncio.to_thread(gzip.compress, encoded, PACKING)
        return packed[2]

    def join(self, performance_id: str, line: Line) -> None:
        """Tell the line what it has missed of an opened plan, and all that follows."""
        plan = self._plans.get(performance_id)
        missed = self._log.after(performance_id, line.known)
        if plan is None or missed is None or len(missed.seats) > MOST_SEATS or missed.version < plan.seats.version:
            self._resync(line)
            return
        if missed.version > line.known:
            self._tell(line, seats_message(missed))
        plan.lines.add(line)

    def leave(self, performance_id: str, line: Line) -> None:
        """The browser has gone."""
        plan = self._plans.get(performance_id)
        if plan is not None:
            plan.lines.discard(line)
            plan.asked_at = self._clock()

    def must_have_room(self) -> None:
        """Raises Unavailable when there are as many lines as one process may hold."""
        if self.lines() >= MOST_LINES:
            raise Unavailable("this gateway holds as many open plans as it can")

    def lines(self) -> int:
        return sum(len(plan.lines) for plan in self._plans.values())

    # -- time
    async def watch(self, silent_for: Callable[[], float]) -> None:
        """What is due every second; `silent_for` says since how many seconds the stream is cut off."""
        beaten_at = shelved_at = self._clock()
        while True:
            await asyncio.sleep(1.0)
            at = self._clock()
            self._log.forget(at - KEPT_SECONDS)
            self._end_sessions(datetime.now(UTC))
            self._deaf = silent_for() > DEAF_SECONDS
            if self._deaf:
                self._say_nothing_that_may_be_wrong(at)
            if at - beaten_at >= BEAT_SECONDS:
                beaten_at = at
                self._beat()
            if at - shelved_at >= SHELVED_SECONDS:
                shelved_at = at
                await self.shelve()
            self._drop_idle(at)
            PLANS.set(len(self._plans))
            LINES.set(self.lines())

    async def shelve(self) -> None:
        """Leave the open plans where other gateways, and this one after a restart, find them."""
        if self._stream_id and self._plans:
            encoded = {performance_id: plan.seats.encode() for performance_id, plan in self._plans.items()}
            await self._shelf.put(self._stream_id, self._log.position, encoded)

    def close_lines(self) -> None:
        """Send everybody elsewhere, spread over some seconds."""
        for plan in self._plans.values():
            for line in plan.lines:
                line.close(closing_message(random.randint(*COME_BACK_MS)))
            plan.lines.clear()

    # -- loading
    async def opened(self, performance_id: str, token: str) -> Plan:
        """The plan; however many ask at once, it is loaded once, and one refusal is everybody's."""
        plan, at = self._plans.get(performance_id), self._clock()
        if plan is not None and (plan.seats.version > 0 or at - plan.loaded_at < UNTOUCHED_SECONDS):
            plan.asked_at = at
            return plan
        task = self._loading.get(performance_id)
        if task is None:
            task = self._loading[performance_id] = asyncio.create_task(self._load(performance_id, token))
            task.add_done_callback(lambda done: self._loaded(performance_id, done))
        return await asyncio.shield(task)

    def _loaded(self, performance_id: str, done: asyncio.Task[Plan]) -> None:
        error = None if done.cancelled() else done.exception()
        personal = isinstance(error, DomainError) and error.kind in (Kind.UNAUTHENTICATED, Kind.FORBIDDEN)
        if error is None or personal:
            del self._loading[performance_id]
        else:
            asyncio.get_running_loop().call_later(REFUSED_SECONDS, self._loading.pop, performance_id, None)

    async def _load(self, performance_id: str, token: str) -> Plan:
        source, seats = "redis", await self._from_shelf(performance_id)
        if seats is None:
            # What the core answers holds all that was told before it was asked.
            source, asked_at = "core", self._log.position
            answer = await self._core.seats(performance_id, token)
            seats = self._up_to_date(performance_id, Snapshot(asked_at, answer))
        if seats is None:
            raise Unavailable("changes of these seats are missing", performance_id=performance_id)
        LOADED.labels(source).inc()
        telemetry.log().info("plan_loaded", performance_id=performance_id, source=source, seat_version=seats.version)
        plan = self._keep(performance_id, seats)
        if source == "core" and self._stream_id:
            # Not waited for: what is kept is true whenever it arrives.
            kept = self._shelf.put(self._stream_id, self._log.position, {performance_id: seats.encode()})
            asyncio.get_running_loop().create_task(kept)
        return plan

    def _keep(self, performance_id: str, seats: Seats) -> Plan:
        at = self._clock()
        plan = self._plans.get(performance_id)
        if plan is not None and len(plan.seats) == len(seats):
            plan.loaded_at = plan.asked_at = at
            return plan
        if plan is not None:
            self._drop(plan)
        plan = self._plans[performance_id] = Plan(performance_id, seats, at, at)
        return plan

    async def _from_shelf(self, performance_id: str) -> Seats | None:
        """A kept snapshot, unless something may have happened between it and what we heard."""
        if not self._stream_id or self._deaf:
            return None
        kept = await self._shelf.get(self._stream_id, performance_id)
        if kept is None or kept.position < self._log.begins or kept.seats.version == 0:
            return None
        return self._up_to_date(performance_id, kept)

    def _up_to_date(self, performance_id: str, known: Snapshot) -> Seats | None:
        """With all that was heard since; None when something is missing."""
        missed = self._log.after(performance_id, known.seats.version, known.position)
        if missed is None or known.seats.apply(missed) is Applied.GAP:
            return None
        return known.seats

    # -- telling
    def _change(self, plan: Plan, change: Change, committed_at: datetime) -> None:
        applied = plan.seats.apply(change)
        if applied is Applied.GAP:
            telemetry.log().warning(
                "change_missing", performance_id=plan.performance_id, seat_version=plan.seats.version
            )
            self._drop(plan)
        elif applied is Applied.DONE and plan.lines:
            plan.untold = change if plan.untold is None else plan.untold.then(change)
            plan.commits.append(committed_at)
            if plan.timer is None:
                wait = plan.told_at + GATHER_SECONDS - self._clock()
                plan.timer = asyncio.get_running_loop().call_later(max(0.0, wait), self._tell_all, plan)

    def _tell_all(self, plan: Plan) -> None:
        plan.timer, plan.told_at = None, self._clock()
        untold, plan.untold = plan.untold, None
        commits, plan.commits = plan.commits, []
        if untold is None:
            return
        if len(untold.seats) > MOST_SEATS:
            self._resync_all(plan)
            return
        message = seats_message(untold)
        for line in list(plan.lines):
            if not self._tell(line, message):
                plan.lines.discard(line)
        at = datetime.now(UTC)
        for committed_at in commits:
            DELAY.observe((at - committed_at).total_seconds())

    def _tell(self, line: Line, message: bytes) -> bool:
        TOLD.inc()
        well = line.send(message)
        if not well:
            CUT.inc()
        return well

    def _resync(self, line: Line) -> None:
        RESYNCED.inc()
        line.close(RESYNC)

    def _resync_all(self, plan: Plan) -> None:
        plan.packed = None  # it would send them back to what they cannot follow
        for line in plan.lines:
            self._resync(line)
        plan.lines.clear()

    def _drop(self, plan: Plan) -> None:
        """What we know of this plan is not to be relied on: who looks at it loads it again."""
        del self._plans[plan.performance_id]
        self._resync_all(plan)

    # -- what is due every second
    def _each_line(self) -> Iterator[tuple[Plan, Line]]:
        return ((plan, line) for plan in list(self._plans.values()) for line in list(plan.lines))

    def _end_sessions(self, at: datetime) -> None:
        """The browser comes back at once, with the cookie that it has by then."""
        for plan, line in self._each_line():
            if line.until <= at:
                plan.lines.discard(line)
                line.close(closing_message(0))

    def _beat(self) -> None:
        for plan, line in self._each_line():
            if line.known > plan.seats.version:  # a version that we never reached: of a database before its restore
                plan.lines.discard(line)
                self._resync(line)
            elif not line.send(BEAT):
                plan.lines.discard(line)
                CUT.inc()

    def _say_nothing_that_may_be_wrong(self, at: float) -> None:
        """Without the stream no plan is live; snapshots come from the core, and are not kept."""
        self.close_lines()
        for plan in list(self._plans.values()):
            if at - plan.loaded_at > FRESH_SECONDS:
                self._drop(plan)

    def _drop_idle(self, at: float) -> None:
        idle = sorted((plan for plan in self._plans.values() if not plan.lines), key=lambda plan: plan.asked_at)
        for place, plan in enumerate(idle):
            if at - plan.asked_at > IDLE_SECONDS or place < len(idle) - MOST_IDLE_PLANS:
                self._drop(plan)
