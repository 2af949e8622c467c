"""The inventory at an on-sale: one hot capacity, a numbered house of 60,000, and how fast a plan's status loads.

Runs against the running suite, with callers in an interpreter of their own. Floors, in the same run: a plain pgbench
transaction on the same PostgreSQL for commits, an RPC of the same server that does nothing for seats.
"""

import asyncio
import gzip
import itertools
import json
import multiprocessing
import os
import random
import subprocess
import sys
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import nats
from google.protobuf.json_format import MessageToJson
from grpc_health.v1 import health_pb2, health_pb2_grpc

from bench.checkout import hot_performance, pgbench
from bench.figures import Figure, percentile, publish
from kit.group_commit import GroupCommit
from kit.grpc_client import channel, service_tokens
from seating import Plan
from seating.generate import stadium
from suite.demo.centre import call, id_of, signed_in
from suite.demo.people import ADMINISTRATOR
from suite.demo.programme import FESTIVAL, MUSEUM
from suite.machine import SERVICES, Machine
from suite.processes import table
from suite.testing import free_port
from ticketing.catalog.v1 import catalog_pb2, catalog_service_pb2
from ticketing.catalog.v1.events_pb2 import PerformanceScheduled
from ticketing.inventory.v1 import inventory_service_pb2 as pb
from ticketing.inventory.v1.inventory_service_pb2_grpc import InventoryServiceStub

SECONDS = 8
CALLERS = 64
DESKS = 1  # processes of orders that the callers reach
HOUSES = (1_000, 10_000, 60_000)
SOLD_OUT, BUYERS = (10_000, 60_000), 256
LOADS = 100


def main(here: Machine) -> int:
    """Measure and publish. The suite must be running."""
    floor = pgbench(here)
    target, secret = here.target("inventory"), here.secrets["service_secret"]
    performance_id = hot_performance(here)
    figures = []
    for name, gathered, goal in (("", True, "ratio >= 2"), (".one_by_one", False, "")):
        rate, latencies = apart(commit_for_a_while, target, secret, performance_id, gathered)
        figures.append(Figure(f"inventory.hot_commits_per_s{name}", rate, "/s", floor, goal))
        figures.append(Figure(f"inventory.hot_commit_p99_ms{name}", percentile(latencies, 0.99) * 1000, "ms"))
    echo, _ = apart(echo_for_a_while, target, secret)
    for seats in HOUSES:
        performance_id = numbered(here, stadium(seats))
        rate, latencies = apart(hold_seats_for_a_while, target, secret, performance_id, seats)
        name = f"{seats // 1000}k"
        goal = "ratio >= 0.4" if seats == HOUSES[-1] else ""
        figures.append(Figure(f"inventory.seat_holds_per_s.{name}", rate, "/s", echo, goal))
        figures.append(Figure(f"inventory.seat_hold_p99_ms.{name}", percentile(latencies, 0.99) * 1000, "ms"))
        size, loads = load(target, secret, performance_id)
        most = "<= 65536" if seats == HOUSES[-1] else ""
        figures.append(Figure(f"inventory.first_load_bytes.{name}", size, "B", to_reach=most))
        soon = "<= 20" if seats == HOUSES[-1] else ""
        figures.append(
            Figure(f"inventory.first_load_p99_ms.{name}", percentile(loads, 0.99) * 1000, "ms", to_reach=soon)
        )
    with second_core(here) as other:
        for seats in (HOUSES[0], HOUSES[-1]):
            performance_id = numbered(here, stadium(seats))
            until(lambda one=performance_id: loaded(other, secret, one))
            rate, _ = apart(hold_seats_for_a_while, f"{target} {other}", secret, performance_id, seats)
            figures.append(Figure(f"inventory.seat_holds_per_s.{seats // 1000}k.two_processes", rate, "/s", echo, ""))
        rate, _ = apart(commit_for_a_while, f"{target} {other}", secret, hot_performance(here), False)
        figures.append(Figure("inventory.hot_commits_per_s.one_by_one.two_processes", rate, "/s", floor, ""))
    for seats in SOLD_OUT:
        performance_id = numbered(here, stadium(seats))
        wall, latencies = apart(sell_out, target, secret, performance_id)
        left, twice = remains(target, secret, performance_id)
        name = f"{seats // 1000}k"
        figures += [
            Figure(f"inventory.sell_out_{name}_s", wall, "s"),
            Figure(f"inventory.sell_out_p99_ms.{name}", percentile(latencies, 0.99) * 1000, "ms"),
            Figure(f"inventory.sell_out_left.{name}", left, "seats"),
            Figure(f"inventory.sell_out_sold_twice.{name}", twice, "seats", to_reach="<= 0"),
        ]
    publish("inventory", figures)
    return 0


def numbered(here: Machine, plan: Plan) -> str:
    """A numbered performance on sale. Its event is told here, for the catalogue would ask for prices."""
    centre = signed_in({service: here.target(service) for service in SERVICES}, ADMINISTRATOR)
    content = gzip.compress(json.dumps(plan.to_json()).encode())
    request = catalog_service_pb2.ImportPlanRequest(
        request_id=str(uuid.uuid4()), venue_id=id_of("venue", MUSEUM), content=content
    )
    version = call(centre.catalog.ImportPlan, request).version
    performance = catalog_pb2.Performance(
        id=str(uuid.uuid4()), show_id=id_of("show", FESTIVAL), capacity=version.capacity, revision=1,
        state=catalog_pb2.PERFORMANCE_STATE_ON_SALE, plan_version_id=version.id,
    )  # fmt: skip
    at = datetime.now(UTC) + timedelta(days=2)
    performance.starts_at.FromDatetime(at.replace(tzinfo=None))
    performance.ends_at.FromDatetime((at + timedelta(hours=3)).replace(tzinfo=None))
    asyncio.run(tell(here, performance))
    stub = inventory(here.target("inventory"), here.secrets["service_secret"])
    until(lambda: stub.GetSeatStatus(pb.GetSeatStatusRequest(performance_id=performance.id)))
    return performance.id


async def tell(here: Machine, performance: catalog_pb2.Performance) -> None:
    """As the catalogue's relay does."""
    connection = await nats.connect(f"nats://127.0.0.1:{here.port('nats')}")
    body = MessageToJson(PerformanceScheduled(performance=performance)).encode()
    subject = "catalog.performance.scheduled.v1"
    await connection.jetstream().publish(subject, body, headers={"ce-id": str(uuid.uuid4()), "ce-time": ""})
    await connection.close()


def until(works: Callable[[], Any]) -> None:
    """Ask until there is an answer, at most a minute."""
    end = time.monotonic() + 60
    while True:
        try:
            works()
            return
        except Exception:
            if time.monotonic() > end:
                raise
            time.sleep(0.2)


def apart(work: Callable[..., Any], *values: Any) -> Any:
    """Run in an interpreter of its own."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(work, values)


@contextmanager
def second_core(here: Machine) -> Iterator[str]:
    """One more core of the inventory on the same database; gives its target."""
    own = next(process.env for process in table(here) if process.name == "inventory")
    port, operations = free_port(), free_port()
    ports = {"INVENTORY_GRPC_PORT": str(port), "INVENTORY_OPS_PORT": str(operations)}
    command = [sys.executable, "-m", "inventory.main", "core"]
    with (here.var / "bench-second-core.log").open("w") as log:
        process = subprocess.Popen(command, env={**os.environ, **own, **ports}, stdout=log, stderr=log)
    try:
        target = f"grpc://127.0.0.1:{port}"
        stub = health_pb2_grpc.HealthStub(channel(target))
        until(lambda: stub.Check(health_pb2.HealthCheckRequest(), timeout=2))
        yield target
    finally:
        process.terminate()
        process.wait(30)


def loaded(target: str, secret: str, performance_id: str) -> None:
    """That core has the plan of this performance in memory. Raises while it has not."""
    inventory(target, secret).GetSeatStatus(pb.GetSeatStatusRequest(performance_id=performance_id))


class Cores:
    """Stubs of one core or of several (targets with spaces between them), each call to the next one."""

    def __init__(self, targets: str, secret: str) -> None:
        self._stubs = itertools.cycle([inventory(target, secret) for target in targets.split()])

    def __getattr__(self, method: str) -> Any:
        return getattr(next(self._stubs), method)


def inventory(target: str, secret: str) -> InventoryServiceStub:
    return InventoryServiceStub(channel(target, token=service_tokens(secret, "bench"), timeout_seconds=30))


def crowd(
    turn: Callable[[random.Random], bool], seconds: float = SECONDS, callers: int = CALLERS
) -> tuple[float, list[float]]:
    """So many threads, each one turn after the other until time is up or a turn says that it was the last."""
    latencies: list[float] = []
    began = time.monotonic()

    def caller(number: int) -> None:
        draw = random.Random(number)
        going = True
        while going and time.monotonic() - began < seconds:
            at = time.monotonic()
            going = turn(draw)
            latencies.append(time.monotonic() - at)

    threads = [threading.Thread(target=caller, args=(number,)) for number in range(callers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return len(latencies) / (time.monotonic() - began), latencies


def commit_for_a_while(target: str, secret: str, performance_id: str, gathered: bool) -> tuple[float, list[float]]:
    """Hold one place and confirm it: two durable steps count as one sale.

    Gathered: the callers share calls as those of `orders.Checkout` do, through two processes of it; else each makes two
    of its own.
    """
    stub = Cores(target, secret)
    until(lambda: granted(hold(stub, performance_id)))

    def hold_all(wishes: list[pb.HoldRequest]) -> list[pb.HoldResult]:
        return list(stub.HoldPlaces(pb.HoldPlacesRequest(holds=wishes)).results)

    def confirm_all(hold_ids: list[str]) -> list[pb.HoldResult]:
        return list(stub.ConfirmHolds(pb.ConfirmHoldsRequest(hold_ids=hold_ids)).results)

    desks = [(GroupCommit(hold_all), GroupCommit(confirm_all)) for _ in range(DESKS)]

    def turn(draw: random.Random) -> bool:
        wish = pb.HoldRequest(hold_id=str(uuid.uuid4()), lines=[pb.HoldLine(performance_id=performance_id, quantity=1)])
        if gathered:
            holds, confirms = draw.choice(desks)
            granted(holds.do(wish))
            granted(confirms.do(wish.hold_id))
        else:
            (held,) = hold_all([wish])
            confirm_all([granted(held)])
        return True

    return crowd(turn)


def hold_seats_for_a_while(target: str, secret: str, performance_id: str, seats: int) -> tuple[float, list[float]]:
    """Random seats by their numbers, one to four side by side; some are taken, as they would be."""
    stub = Cores(target, secret)

    def turn(draw: random.Random) -> bool:
        first, many = draw.randrange(1, seats - 3), draw.randint(1, 4)
        hold(stub, performance_id, many, range(first, first + many))
        return True

    return crowd(turn)


def echo_for_a_while(target: str, secret: str) -> tuple[float, list[float]]:
    """The server's health: a call that costs nothing but the call."""
    stub = health_pb2_grpc.HealthStub(channel(target, token=service_tokens(secret, "bench")))

    def turn(draw: random.Random) -> bool:
        stub.Check(health_pb2.HealthCheckRequest())
        return True

    return crowd(turn)


def sell_out(target: str, secret: str, performance_id: str) -> tuple[float, list[float]]:
    """Best seats by groups of one to six, held and confirmed, until the house says that it is full."""
    stub = inventory(target, secret)
    began = time.monotonic()

    def turn(draw: random.Random) -> bool:
        answer = hold(stub, performance_id, draw.randint(1, 6))
        if not answer.granted:
            answer = hold(stub, performance_id, 1)
        if answer.granted:
            stub.ConfirmHolds(pb.ConfirmHoldsRequest(hold_ids=[answer.hold_id]))
        return answer.granted

    _, latencies = crowd(turn, 600, BUYERS)
    return time.monotonic() - began, latencies


def remains(target: str, secret: str, performance_id: str) -> tuple[int, int]:
    """Seats that are not sold, and how many more were sold than the house has."""
    stub = inventory(target, secret)
    states = Counter(stub.GetSeatStatus(pb.GetSeatStatusRequest(performance_id=performance_id)).states)
    (counted,) = stub.GetAvailability(pb.GetAvailabilityRequest(performance_ids=[performance_id])).availabilities
    return counted.total - states[4], max(0, counted.sold - states[4])


def load(target: str, secret: str, performance_id: str) -> tuple[int, list[float]]:
    """Bytes of a plan's status as a browser gets them, and how long the inventory takes to give it."""
    stub = inventory(target, secret)
    seconds = []
    for _ in range(LOADS):
        at = time.monotonic()
        answer = stub.GetSeatStatus(pb.GetSeatStatusRequest(performance_id=performance_id))
        seconds.append(time.monotonic() - at)
    return len(gzip.compress(answer.states)), seconds


def hold(stub: Any, performance_id: str, quantity: int = 1, seats: Any = ()) -> pb.HoldResult:
    line = pb.HoldLine(performance_id=performance_id, quantity=quantity, seats=seats)
    request = pb.HoldRequest(hold_id=str(uuid.uuid4()), lines=[line])
    return stub.HoldPlaces(pb.HoldPlacesRequest(holds=[request])).results[0]


def granted(answer: pb.HoldResult) -> str:
    """The id of a hold that was granted. Raises RuntimeError."""
    if not answer.granted:
        raise RuntimeError(answer.refusal)
    return answer.hold_id
