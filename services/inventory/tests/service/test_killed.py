"""Sixty-four callers, two cores as real processes, one of them killed again and again: never a place too many."""

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import grpc
import pytest
from sqlalchemy import text

from kit.grpc_client import channel, service_tokens
from suite.testing import free_port
from ticketing.inventory.v1 import inventory_service_pb2 as pb
from ticketing.inventory.v1 import inventory_service_pb2_grpc as rpc

from ..conftest import new

pytestmark = pytest.mark.service

SECRET = "a secret of the tests that is long enough"
CALLERS = 64
PATIENCE_SECONDS = 60


class Process:
    """One core, as operators run it."""

    def __init__(self, database_url, nats_url, log):
        self.port, self.log = free_port(), log
        self.env = os.environ | {
            "INVENTORY_DATABASE_URL": database_url, "INVENTORY_NATS_URL": nats_url, "INVENTORY_SERVICE_SECRET": SECRET,
            "INVENTORY_GRPC_PORT": str(self.port), "INVENTORY_OPS_PORT": str(free_port()),
            "INVENTORY_CATALOG_TARGET": f"grpc://127.0.0.1:{free_port()}",
            "INVENTORY_ACCOUNTS_TARGET": f"grpc://127.0.0.1:{free_port()}",
        }  # fmt: skip
        token = service_tokens(SECRET, "orders")
        self.stub = rpc.InventoryServiceStub(channel(f"grpc://127.0.0.1:{self.port}", token=token, timeout_seconds=5))
        self.start()

    def start(self):
        with self.log.open("ab") as log:
            self.popen = subprocess.Popen(
                [sys.executable, "-m", "inventory.main", "core"], env=self.env, stderr=log, stdout=log
            )
        patiently(lambda: self.stub.GetAvailability(pb.GetAvailabilityRequest(performance_ids=[new()])))

    def kill(self):
        self.popen.send_signal(signal.SIGKILL)
        self.popen.wait(10)

    def stop(self):
        self.popen.terminate()
        self.popen.wait(30)


def patiently(*calls):
    """The first answer that any of these gives, each tried in turn until one does."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        for call in calls:
            try:
                return call()
            except grpc.RpcError as error:
                if error.code() not in (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED):
                    raise
                assert time.monotonic() < deadline, "nobody answered"
        threading.Event().wait(0.02)


@pytest.fixture(scope="module")
def cores(database_url, nats_url, tmp_path_factory):
    log = tmp_path_factory.mktemp("cores") / "log"
    pair = [Process(database_url, nats_url, log) for _ in range(2)]
    yield pair
    for process in pair:
        process.stop()


@pytest.fixture
def killer(cores):
    """Kills the second core and starts it again, for as long as the callers are at it."""
    stop, killed = threading.Event(), []

    def run():
        while not stop.wait(0.3):
            cores[1].kill()
            killed.append(cores[1].popen.returncode)
            cores[1].start()

    thread = threading.Thread(target=run)
    thread.start()
    yield killed
    stop.set()
    thread.join(PATIENCE_SECONDS)


def in_turn(cores, number, method, request):
    """Ask the cores until one answers, the caller's own first. Repeating is safe: that is what ids are for."""
    order = cores if number % 2 else cores[::-1]
    return patiently(*(lambda core=core: getattr(core.stub, method)(request) for core in order))


def buy(cores, number, *lines, buyer=None):
    """Hold, then confirm; what was sold, or nothing."""
    wish = pb.HoldRequest(hold_id=new(), lines=lines, buyer=pb.Buyer(channel=buyer or "till"))
    held = in_turn(cores, number, "HoldPlaces", pb.HoldPlacesRequest(holds=[wish])).results[0]
    if not held.granted:
        return wish.hold_id, held.refusal, ()
    sold = in_turn(cores, number, "ConfirmHolds", pb.ConfirmHoldsRequest(hold_ids=[wish.hold_id])).results[0]
    assert sold.granted, sold.refusal
    return wish.hold_id, "", tuple((seats.performance_id, seat) for seats in held.seats for seat in seats.seats)


def crowd(work):
    with ThreadPoolExecutor(CALLERS) as callers:
        return list(callers.map(work, range(CALLERS)))


def until_killed_twice(killed, race):
    """Race after race, so that the second core dies and comes back in the middle of some."""
    while len(killed) < 2:
        race()
    assert set(killed) == {-signal.SIGKILL}


def confirmed(sessions):
    with sessions() as session:
        return {str(hold_id) for (hold_id,) in session.execute(text("SELECT hold_id FROM holds WHERE state = 2"))}


def leaked(sessions):
    """Holds that run although their callers are done, and counters that the holds and seats do not explain."""
    query = text(
        "SELECT count(*) FROM capacities c WHERE held <> 0"
        " OR sold <> (SELECT coalesce(sum(l.quantity), 0) FROM hold_lines l JOIN holds h USING (hold_id)"
        " WHERE l.performance_id = c.performance_id AND h.state = 2) OR (plan_version_id IS NOT NULL"
        " AND sold <> (SELECT count(*) FROM seats s WHERE s.performance_id = c.performance_id))"
    )
    with sessions() as session:
        running = session.execute(text("SELECT count(*) FROM holds WHERE state = 1")).scalar_one()
        return running, session.execute(query).scalar_one()


def test_the_last_ten_seats_are_sold_once_each(sessions, cores, killer, house):
    def race():
        performance_id = house()
        others = range(11, 121)
        assert not buy(cores, 1, pb.HoldLine(performance_id=performance_id, quantity=110, seats=others))[1]
        one = [pb.HoldLine(performance_id=performance_id, quantity=1, seats=[i % 10 + 1]) for i in range(CALLERS)]
        answers = crowd(lambda i: buy(cores, i, one[i]))
        sold = Counter(seat for _, _, seats in answers for seat in seats)
        assert sorted(sold.values()) == [1] * 10
        assert {refusal for _, refusal, seats in answers if not seats} == {"SEAT_TAKEN"}
        assert {hold_id for hold_id, _, seats in answers if seats} < confirmed(sessions)

    until_killed_twice(killer, race)
    assert leaked(sessions) == (0, 0)


def test_overlapping_groups_get_all_their_seats_or_none(sessions, cores, killer, house):
    chance = random.Random(7)

    def race():
        performance_id = house()
        groups = [(chance.randrange(1, 110), chance.randrange(2, 7)) for _ in range(CALLERS)]
        lines = [
            pb.HoldLine(performance_id=performance_id, quantity=size, seats=range(start, start + size))
            for start, size in groups
        ]
        answers = crowd(lambda i: buy(cores, i, lines[i]))
        sold = Counter(seat for _, _, seats in answers for seat in seats)
        assert set(sold.values()) == {1}
        assert all(len(seats) in (0, size) for (_, _, seats), (_, size) in zip(answers, groups, strict=True))

    until_killed_twice(killer, race)
    assert leaked(sessions) == (0, 0)


def test_one_quota_is_sold_to_its_last_place_and_no_further(sessions, cores, killer, room, stub):
    def race():
        performance_id = room(1000)
        quota = pb.Quota(number=1, name="web", at_most=40, channels=["web"])
        stub.SaveQuota(pb.SaveQuotaRequest(request_id=new(), performance_id=performance_id, quota=quota))
        line = pb.HoldLine(performance_id=performance_id, quantity=1)
        answers = crowd(lambda i: buy(cores, i, line, buyer="web"))
        assert Counter(refusal for _, refusal, _ in answers) == {"": 40, "QUOTA_REACHED": CALLERS - 40}
        assert {hold_id for hold_id, refusal, _ in answers if not refusal} < confirmed(sessions)

    until_killed_twice(killer, race)
    assert leaked(sessions) == (0, 0)


def test_every_answer_is_counted_once(sessions, cores, killer, room):
    performance_id = room(100_000)
    line = pb.HoldLine(performance_id=performance_id, quantity=1)
    counts = []
    until_killed_twice(killer, lambda: counts.append(sum(not x[1] for x in crowd(lambda i: buy(cores, i, line)))))
    sold = text("SELECT sold FROM capacities WHERE performance_id = :id")
    with sessions() as session:
        assert session.execute(sold, {"id": performance_id}).scalar_one() == sum(counts)
    assert leaked(sessions) == (0, 0)
