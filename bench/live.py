"""From a sale's commit to 500 open plans, and a plan's first load, through the live gateway of the running suite.

Browsers and sellers each live in an interpreter of their own; all clocks are this machine's. A sale counts as
committed when the inventory has answered it.
"""

import asyncio
import gzip
import http.client
import json
import multiprocessing
import random
import time
from dataclasses import dataclass
from queue import Empty
from typing import Any

import psutil

from bench.figures import Figure, percentile, publish
from bench.inventory import apart, crowd, hold, inventory, numbered
from inventory.live.seats import Seats
from kit.auth import SESSION_COOKIE
from kit.grpc_client import channel
from seating.generate import stadium
from suite import place
from suite.demo.people import ADMINISTRATOR
from suite.machine import HOST, Machine
from ticketing.accounts.v1 import accounts_service_pb2 as accounts
from ticketing.accounts.v1.accounts_service_pb2_grpc import AccountsServiceStub
from ticketing.inventory.v1 import inventory_service_pb2 as pb

BROWSERS = 500
SALES_PER_S = 20
SECONDS = 15
LOADS = 100
HOUSES = (1_000, 10_000, 60_000)


@dataclass(frozen=True)
class Watched:
    """Seconds from commit to browser, one for each browser and sale; messages; CPU seconds that the gateway took."""

    delays: list[float]
    messages: int
    cpu_share: float


def main(here: Machine) -> int:
    """Measure and publish. The suite must be running."""
    publish("live", figures(here))
    return 0


def figures(here: Machine) -> list[Figure]:
    cookie = signed_in_cookie(here)
    target, secret = here.target("inventory"), here.secrets["service_secret"]
    found = []
    for seats in HOUSES:
        name, largest = f"{seats // 1000}k", seats == HOUSES[-1]
        performance_id = numbered(here, stadium(seats))
        apart(half_full, target, secret, performance_id, seats)
        size, loads, floor = apart(load, here.port("live"), cookie, performance_id)
        p99, bare = percentile(loads, 0.99) * 1000, percentile(floor, 0.99) * 1000
        found += [
            Figure(f"inventory.plan_load_bytes.{name}", size, "B", to_reach="<= 65536" if largest else ""),
            Figure(f"inventory.plan_load_p99_ms.{name}", p99, "ms", bare, "<= 20" if largest else ""),
        ]
        steady = watch(here, cookie, performance_id, seats, sell_steadily)
        found.append(
            Figure(f"inventory.sale_to_plan_p50_ms.{name}", percentile(steady.delays, 0.5) * 1000, "ms"),
        )
        found.append(
            Figure(f"inventory.sale_to_plan_p99_ms.{name}", percentile(steady.delays, 0.99) * 1000, "ms",
                   to_reach="<= 500")
        )  # fmt: skip
    rush = watch(here, cookie, performance_id, seats, sell_in_a_rush)
    found += [
        Figure("inventory.sale_to_plan_p99_ms.rush", percentile(rush.delays, 0.99) * 1000, "ms"),
        Figure("inventory.live_messages_per_s", steady.messages / SECONDS, "/s"),
        Figure("inventory.live_cpu_percent", steady.cpu_share * 100, "%"),
    ]
    return found


def signed_in_cookie(here: Machine) -> str:
    """What a browser sends once its user has signed in."""
    stub = AccountsServiceStub(channel(here.target("accounts")))
    answer = stub.SignIn(accounts.SignInRequest(login=ADMINISTRATOR.login, password=ADMINISTRATOR.password))
    return f"{SESSION_COOKIE}={answer.token}"


def half_full(target: str, secret: str, performance_id: str, seats: int) -> None:
    """Groups here and there: as hard to compress as an evening is."""
    stub = inventory(target, secret)
    places = random.Random(1)
    groups, first = [], 1
    while first + 6 < seats:
        many = places.randint(1, 6)
        groups.append((first, many))
        first += many + places.randint(0, 7)

    def turn(draw: random.Random) -> bool:
        try:
            first, many = groups.pop()
        except IndexError:
            return False
        hold(stub, performance_id, many, range(first, first + many))
        return True

    crowd(turn, 300)


def load(port: int, cookie: str, performance_id: str) -> tuple[int, list[float], list[float]]:
    """Bytes of the answer, how long it takes, and how long an answer without content takes."""
    path = f"/live/performances/{performance_id}/seats"
    seconds: dict[str, list[float]] = {path: [], "/healthz": []}
    size = 0
    for _ in range(LOADS):
        for asked, taken in seconds.items():
            connection = http.client.HTTPConnection(HOST, port)
            at = time.monotonic()
            connection.request("GET", asked, headers={"Cookie": cookie})
            body = connection.getresponse().read()
            taken.append(time.monotonic() - at)
            connection.close()
            if asked == path:
                size = len(body)
                assert len(Seats.decode(gzip.decompress(body))) > 0
    return size, seconds[path], seconds["/healthz"]


def watch(here: Machine, cookie: str, performance_id: str, seats: int, seller: Any) -> Watched:
    """Open the plans, sell, and match each seat's sale with its arrival in every browser."""
    context = multiprocessing.get_context("spawn")
    ready, stop, arrived, sold = context.Event(), context.Event(), context.Queue(), context.Queue()
    address = here.port("live"), cookie, performance_id
    browsers = context.Process(target=browse, args=(*address, ready, stop, arrived))
    browsers.start()
    if not ready.wait(60):
        raise RuntimeError("the browsers could not open their plans")
    gateway = psutil.Process(place.read_state(here.var)["processes"]["live"]["pid"])
    before, began = sum(gateway.cpu_times()[:2]), time.monotonic()
    shop = context.Process(
        target=seller, args=(here.target("inventory"), here.secrets["service_secret"], performance_id, seats, sold)
    )
    shop.start()
    committed: dict[int, float] = sold.get(timeout=SECONDS + 60)
    share = (sum(gateway.cpu_times()[:2]) - before) / (time.monotonic() - began)
    shop.join()
    time.sleep(2)  # what was told last is on its way
    stop.set()
    seen: list[tuple[int, float]] = []
    messages = arrived.get(timeout=60)
    while True:
        try:
            seen += arrived.get(timeout=5)
        except Empty:
            break
    browsers.join()
    expected = len(committed) * BROWSERS
    delays = [max(0.0, at - committed[seat]) for seat, at in seen if seat in committed]
    if len(delays) != expected:
        raise RuntimeError(f"{len(delays)} of {expected} sales were seen")
    return Watched(delays, messages, share)


def browse(port: int, cookie: str, performance_id: str, ready: Any, stop: Any, arrived: Any) -> None:
    """500 browsers with the plan open; then when each of them first saw each seat change."""
    seen: list[dict[int, float]] = [{} for _ in range(BROWSERS)]
    counted = 0
    opened = 0

    async def browser(number: int, since: int) -> None:
        nonlocal counted, opened
        reader, writer = await asyncio.open_connection(HOST, port, limit=2**20)
        path = f"/live/performances/{performance_id}/events?since={since}"
        writer.write(f"GET {path} HTTP/1.1\r\nHost: {HOST}\r\nCookie: {cookie}\r\n\r\n".encode())
        await reader.readuntil(b"\r\n\r\n")
        opened += 1
        if opened == BROWSERS:
            ready.set()
        while True:
            line = await reader.readline()
            if line.startswith(b"data: {"):
                at = time.time()
                counted += 1
                for seat in json.loads(line[6:])["seats"][::2]:
                    seen[number].setdefault(seat, at)

    async def all_of_them() -> None:
        connection = http.client.HTTPConnection(HOST, port)
        connection.request("GET", f"/live/performances/{performance_id}/seats", headers={"Cookie": cookie})
        since = Seats.decode(gzip.decompress(connection.getresponse().read())).version
        tasks = [asyncio.create_task(browser(number, since)) for number in range(BROWSERS)]
        await asyncio.to_thread(stop.wait)
        for task in tasks:
            task.cancel()

    asyncio.run(all_of_them())
    arrived.put(counted)
    for one in seen:
        arrived.put(list(one.items()))


def sell_steadily(target: str, secret: str, performance_id: str, seats: int, sold: Any) -> None:
    """So many seats a second, one at a time; when the inventory answered for each."""
    stub, committed = inventory(target, secret), dict[int, float]()
    free = free_seats(stub, performance_id)
    began = time.monotonic()
    for number, seat in enumerate(free[: SALES_PER_S * SECONDS]):
        time.sleep(max(0.0, began + number / SALES_PER_S - time.monotonic()))
        if hold(stub, performance_id, 1, [seat]).granted:
            committed[seat] = time.time()
    sold.put(committed)


def sell_in_a_rush(target: str, secret: str, performance_id: str, seats: int, sold: Any) -> None:
    """As fast as 64 callers can."""
    stub, committed = inventory(target, secret), dict[int, float]()
    free = free_seats(stub, performance_id)

    def turn(draw: random.Random) -> bool:
        if not free:
            return False
        seat = free.pop()
        if hold(stub, performance_id, 1, [seat]).granted:
            committed[seat] = time.time()
        return True

    crowd(turn)
    sold.put(committed)


def free_seats(stub: Any, performance_id: str) -> list[int]:
    states = stub.GetSeatStatus(pb.GetSeatStatusRequest(performance_id=performance_id)).states
    free = [seat for seat, byte in enumerate(states, 1) if byte == 0]
    random.Random(2).shuffle(free)
    return free
