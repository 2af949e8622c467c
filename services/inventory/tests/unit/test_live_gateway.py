"""When a kept snapshot may be used, and when the core has to be asked."""

import asyncio
from datetime import UTC, datetime

import pytest

from inventory.live.gateway import Gateway
from inventory.live.seats import Change, Seats
from inventory.live.snapshots import Snapshot
from kit.errors import DomainError, Kind
from kit.testing import run_async

NOW = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)


class Shelf:
    """What Redis would hold."""

    def __init__(self, kept: Snapshot | None = None) -> None:
        self.kept = {"stream": kept}

    async def get(self, stream_id, performance_id):
        return self.kept.get(stream_id)

    async def put(self, stream_id, position, encoded):
        self.kept[stream_id] = Snapshot(position, Seats.decode(encoded["p"]))


class Core:
    """Answers when it is let, and counts."""

    def __init__(self, seats: Seats | DomainError) -> None:
        self.asked, self.answer, self.let = 0, seats, asyncio.Event()

    async def seats(self, performance_id, token):
        self.asked += 1
        await self.let.wait()
        if isinstance(self.answer, DomainError):
            raise self.answer
        return Seats(self.answer.version, self.answer.encode()[16:])


def gateway(shelf, core, begins=10):
    made = Gateway(shelf, core, asyncio.get_running_loop().time)
    made.begun("stream", begins)
    return made


def told(before, version, **seats):
    return [("p", Change(before, version, {int(seat[1:]): byte for seat, byte in seats.items()}), NOW)]


@pytest.mark.parametrize(("position", "version", "asked"), [(9, 4, 1), (10, 4, 0), (11, 5, 0)])
def test_a_kept_snapshot_is_used_if_everything_since_was_heard(position, version, asked):
    async def run():
        core = Core(Seats(5, bytes([1, 0, 0])))
        core.let.set()
        one = gateway(Shelf(Snapshot(position, Seats(version, bytes([version - 4, 0, 0])))), core)
        one.heard(told(4, 5, s1=1), 11)
        plan = await one.opened("p", "token")
        assert core.asked == asked
        return plan.seats.encode()

    assert run_async(run()) == Seats(5, bytes([1, 0, 0])).encode()


def test_a_kept_snapshot_that_is_ahead_of_what_was_heard_is_as_good():
    """Another gateway heard more than this one so far: what it knows already comes here too, and changes nothing."""

    async def run():
        one = gateway(Shelf(Snapshot(12, Seats(6, bytes([1, 1, 0])))), Core(Seats(0, b"")))
        plan = await one.opened("p", "token")
        one.heard(told(4, 5, s1=1), 11)
        one.heard(told(5, 6, s2=1), 12)
        one.heard(told(6, 7, s3=1), 13)
        return plan.seats.encode()

    assert run_async(run()) == Seats(7, bytes([1, 1, 1])).encode()


def test_what_is_told_while_the_core_is_asked_is_not_lost():
    async def run():
        core = Core(Seats(5, bytes(3)))
        one = gateway(Shelf(), core)
        loading = asyncio.create_task(one.opened("p", "token"))
        while not core.asked:
            await asyncio.sleep(0)
        one.heard(told(5, 6, s2=4), 11)
        core.let.set()
        return (await loading).seats.encode()

    assert run_async(run()) == Seats(6, bytes([0, 4, 0])).encode()


def test_many_who_open_a_plan_share_one_call_and_its_refusal():
    async def run():
        core = Core(DomainError("on its way", kind=Kind.REFUSED, reason="PLAN_NOT_HERE_YET"))
        one = gateway(Shelf(), core)
        waiting = [asyncio.create_task(one.opened("p", "token")) for _ in range(100)]
        while not core.asked:
            await asyncio.sleep(0)
        core.let.set()
        outcomes = await asyncio.gather(*waiting, return_exceptions=True)
        assert {outcome.reason for outcome in outcomes} == {"PLAN_NOT_HERE_YET"}
        return core.asked

    assert run_async(run()) == 1


def test_one_persons_refusal_is_not_everybodys():
    async def run():
        core = Core(DomainError("not this one", kind=Kind.FORBIDDEN, reason="FORBIDDEN"))
        core.let.set()
        one = gateway(Shelf(), core)
        with pytest.raises(DomainError, match="not this one"):
            await one.opened("p", "hers")
        core.answer = Seats(1, bytes(3))
        return (await one.opened("p", "his")).seats.version

    assert run_async(run()) == 1


def test_on_another_stream_nothing_that_was_known_counts():
    """NATS lost its disk: positions begin anew, and kept ones would look young."""

    async def run():
        core = Core(Seats(5, bytes(3)))
        core.let.set()
        one = gateway(Shelf(), core)
        await one.opened("p", "token")
        one.begun("another", 0)
        core.answer = Seats(9, bytes([4, 4, 4]))
        return (await one.opened("p", "token")).seats.version

    assert run_async(run()) == 9
