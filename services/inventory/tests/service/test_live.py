"""The live gateway as its browsers meet it: real processes, the real core, NATS, Redis and PostgreSQL (G7)."""

import gzip
import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import grpc
import nats
import pytest
import redis
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from google.protobuf.json_format import MessageToJson
from sqlalchemy import event

from inventory import store
from inventory.live.gateway import MOST_SEATS
from inventory.live.seats import Applied, Change, Seats
from kit.auth import SESSION_COOKIE, Caller, CallerKind
from kit.bus import Bus
from kit.clock import now
from kit.outbox import has_told
from kit.testing import eventually, run_async
from kit.tokens import private_key, sign_token
from seating import SeatState
from seating.generate import stadium
from suite.servers import nats as nats_server
from suite.servers import running
from suite.testing import free_port
from ticketing.accounts.v1 import accounts_service_pb2 as accounts_pb
from ticketing.accounts.v1 import accounts_service_pb2_grpc as accounts_rpc
from ticketing.inventory.v1 import inventory_service_pb2 as pb
from ticketing.inventory.v1.events_pb2 import SeatsChanged

from ..conftest import SEED
from .test_inventory import new, scheduled

pytestmark = pytest.mark.service

PAGES = "http://127.0.0.1:7400"
PLAN = stadium(5_000)
SEATS = len(PLAN.ordinals)
NOBODYS = "00000000-0000-4000-8000-000000000000"
HELD, SOLD = int(SeatState.HELD), int(SeatState.SOLD)


# -- what stands around a gateway
@pytest.fixture(scope="module")
def accounts_target():
    """The one answer of accounts that a gateway needs: the public keys."""

    class Keys(accounts_rpc.AccountsServiceServicer):
        def GetPublicKeys(self, request, context):
            raw = Ed25519PrivateKey.from_private_bytes(SEED).public_key().public_bytes_raw()
            return accounts_pb.GetPublicKeysResponse(keys=[accounts_pb.PublicKey(key_id="k1", public_key=raw)])

    server = grpc.server(ThreadPoolExecutor(2))
    accounts_rpc.add_AccountsServiceServicer_to_server(Keys(), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    yield f"grpc://127.0.0.1:{port}"
    server.stop(0)


@pytest.fixture(scope="module")
def _relay(sessions, nats_url):
    """The core's relay, told of each commit as `kit.core` does."""
    bus = Bus(nats_url, "inventory")
    bus.start()
    bus.relay(sessions.kw["bind"])

    def nudge(session):
        if has_told(session):
            bus.nudge()

    event.listen(sessions, "after_commit", nudge)
    yield
    event.remove(sessions, "after_commit", nudge)
    bus.stop()


@pytest.fixture(scope="module")
def launch(tmp_path_factory, nats_url, redis_url, target, accounts_target, _relay):
    """Starts a gateway and waits until it is ready."""
    log = tmp_path_factory.mktemp("live") / "log"
    started = []

    def start(**variables):
        port = free_port()
        env = {
            **os.environ, "INVENTORY_NATS_URL": nats_url, "INVENTORY_REDIS_URL": redis_url,
            "INVENTORY_INVENTORY_TARGET": target, "INVENTORY_ACCOUNTS_TARGET": accounts_target,
            "INVENTORY_LIVE_PORT": str(port), "INVENTORY_LIVE_ORIGINS": PAGES, **variables,
        }  # fmt: skip
        with log.open("ab") as words:
            command = [sys.executable, "-m", "inventory.main", "live"]
            process = subprocess.Popen(command, env=env, stdout=words, stderr=subprocess.STDOUT)
        gateway = Gateway(port, process)
        started.append(gateway)
        eventually(lambda: gateway.get("/readyz")[0] == 200, seconds=30)
        return gateway

    yield start
    for gateway in started:
        gateway.process.kill()
        gateway.process.wait()


@pytest.fixture(scope="module")
def gateway(launch):
    """One that stays."""
    return launch()


@pytest.fixture
def house(sessions, tell):
    """A numbered performance of 5,000 seats."""
    event = scheduled(new(), SEATS)
    event.performance.plan_version_id = new()
    content = gzip.compress(json.dumps(PLAN.to_json()).encode())
    with sessions.begin() as session:
        store.add_plan(session, event.performance.plan_version_id, PLAN.fingerprint(), content, SEATS)
    tell(event)
    return event.performance.id


def cookie(*rights, seconds=3600):
    caller = Caller(str(uuid.uuid4()), CallerKind.USER, "Anna", frozenset(rights), now() + timedelta(seconds=seconds))
    return f"{SESSION_COOKIE}={sign_token(private_key(SEED), 'k1', caller, now())}"


SELLER = cookie("orders.sell")


class Gateway:
    """One process, and what one may ask of it."""

    def __init__(self, port, process):
        self.port, self.process = port, process

    def get(self, path, cookie=SELLER, **headers):
        """Status, headers, body."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        connection.request("GET", path, headers={"Cookie": cookie, **headers} if cookie else headers)
        answer = connection.getresponse()
        body = answer.read()
        connection.close()
        return answer.status, answer.headers, body

    def seats(self, performance_id):
        status, headers, body = self.get(f"/live/performances/{performance_id}/seats")
        assert (status, headers["Content-Encoding"]) == (200, "gzip")
        return Seats.decode(gzip.decompress(body))

    def metric(self, name):
        (found,) = re.findall(rf"^{re.escape(name)} (.*)$", self.get("/metrics")[2].decode(), re.M) or ["0"]
        return float(found)


class Browser:
    """A page with the plan open: a snapshot, then what the line tells, as web/src/seatmap/live.ts does it."""

    def __init__(self, gateway, performance_id, cookie=SELLER, seats=None):
        self.seats = seats or gateway.seats(performance_id)
        self.told = []  # (event, data)
        self.ended = False
        self._socket = socket.create_connection(("127.0.0.1", gateway.port), timeout=60)
        path = f"/live/performances/{performance_id}/events?since={self.seats.version}"
        self._socket.sendall(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {cookie}\r\n\r\n".encode())
        self._answer = http.client.HTTPResponse(self._socket)
        self._answer.begin()
        self.status = self._answer.status
        if self.status == 200:
            assert self._answer.readline() == b":\n"
            threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        event = ""
        try:
            while words := self._answer.readline().decode():
                field, _, value = words.strip().partition(": ")
                if field == "event":
                    event = value
                elif field == "data":
                    self._hear(event, value)
        except OSError:
            pass  # cut
        self.ended = True

    def _hear(self, event, data):
        self.told.append(event)
        if event == "seats":
            it = json.loads(data)
            change = Change(it["from"], it["to"], dict(zip(it["seats"][::2], it["seats"][1::2], strict=True)))
            assert self.seats.apply(change) is not Applied.GAP

    def state(self, seat):
        return self.seats.encode()[15 + seat] & 7

    def sees(self, **states):
        return all(self.state(int(seat[1:])) == state for seat, state in states.items())

    def close(self):
        self._socket.shutdown(socket.SHUT_RDWR)
        eventually(lambda: self.ended)
        self._socket.close()


def hold(stub, performance_id, *seats):
    line = pb.HoldLine(performance_id=performance_id, quantity=len(seats), seats=seats)
    request = pb.HoldRequest(hold_id=new(), lines=[line])
    (answer,) = stub.HoldPlaces(pb.HoldPlacesRequest(holds=[request])).results
    assert answer.granted
    return answer.hold_id


def truth(stub, performance_id):
    answer = stub.GetSeatStatus(pb.GetSeatStatusRequest(performance_id=performance_id))
    return Seats(answer.version, answer.states).encode()


def tell_seats(nats_url, *changes):
    """Changes as the relay tells them, but of our own making."""

    async def publish():
        connection = await nats.connect(nats_url)
        for performance_id, change in changes:
            message = SeatsChanged(
                performance_id=performance_id, from_version=change.before, to_version=change.version,
                ordinals=change.seats.keys(), states=bytes(change.seats.values()),
            )  # fmt: skip
            headers = {"ce-id": new(), "ce-time": now().isoformat()}
            await connection.jetstream().publish("inventory.seats.changed.v1", MessageToJson(message).encode(),
                                                 headers=headers)  # fmt: skip
        await connection.close()

    run_async(publish())


def with_stream(nats_url):
    """As the inventory's relay makes it."""

    async def add():
        connection = await nats.connect(nats_url)
        await connection.jetstream().add_stream(name="INVENTORY", subjects=["inventory.>"])
        await connection.close()

    run_async(add())


# -- what browsers see
def test_a_seat_taken_elsewhere_changes_on_an_open_plan(gateway, stub, house):
    """G7: held, sold, given back."""
    browser = Browser(gateway, house)
    assert len(browser.seats) == SEATS
    hold_id = hold(stub, house, 5, 6)
    eventually(lambda: browser.sees(s5=HELD, s6=HELD))
    stub.ConfirmHolds(pb.ConfirmHoldsRequest(hold_ids=[hold_id]))
    eventually(lambda: browser.sees(s5=SOLD, s6=SOLD))
    other = hold(stub, house, 7)
    eventually(lambda: browser.sees(s7=HELD))
    stub.ReleaseHolds(pb.ReleaseHoldsRequest(hold_ids=[other]))
    eventually(lambda: browser.sees(s5=SOLD, s6=SOLD, s7=0))
    assert browser.seats.encode() == truth(stub, house)
    assert set(browser.told) == {"seats"}
    browser.close()


def test_every_gateway_tells_every_change(gateway, launch, stub, house):
    other = launch()
    browsers = [Browser(one, house) for one in (gateway, other)]
    hold(stub, house, 9)
    for browser in browsers:
        eventually(lambda browser=browser: browser.sees(s9=HELD))


def test_changes_of_a_busy_moment_travel_together(gateway, nats_url, house):
    browser = Browser(gateway, house)
    tell_seats(nats_url, *((house, Change(n, n + 1, {n + 1: SOLD})) for n in range(500)))
    eventually(lambda: browser.seats.version == 500)
    assert len(browser.told) < 250
    assert browser.seats.encode() == Seats(500, bytes([SOLD] * 500) + bytes(SEATS - 500)).encode()


def test_a_browser_that_comes_back_is_told_what_it_missed(gateway, stub, house):
    away = Browser(gateway, house)
    away.close()
    hold(stub, house, 11)
    hold(stub, house, 12)
    here = Browser(gateway, house)
    eventually(lambda: here.sees(s11=HELD, s12=HELD))
    back = Browser(gateway, house, seats=away.seats)
    eventually(lambda: back.sees(s11=HELD, s12=HELD))
    assert back.told == ["seats"]


def test_a_browser_that_missed_more_than_is_remembered_is_told_to_load_again(gateway, nats_url, house):
    gateway.seats(house)
    tell_seats(nats_url, (house, Change(0, 9, {1: SOLD})))
    eventually(lambda: gateway.seats(house).version == 9)
    late = Browser(gateway, house, seats=Seats(0, bytes(SEATS)))
    eventually(lambda: late.sees(s1=SOLD))
    tell_seats(nats_url, (house, Change(9, 10, dict.fromkeys(range(1, MOST_SEATS + 2), SOLD))))
    eventually(lambda: late.ended)
    assert late.told[-1] == "resync"
    assert gateway.seats(house).version == 10


def test_where_a_change_went_missing_everybody_loads_again_and_the_core_says_what_is_true(
    gateway, stub, nats_url, house
):
    browser = Browser(gateway, house)
    tell_seats(nats_url, (house, Change(7, 8, {1: SOLD})))
    eventually(lambda: browser.ended)
    assert browser.told == ["resync"]
    hold(stub, house, 2)
    eventually(lambda: gateway.seats(house).encode() == truth(stub, house))


def test_a_browser_that_does_not_read_is_cut_and_the_others_are_not(gateway, nats_url, house):
    other = Browser(gateway, house)
    lazy = socket.socket()
    lazy.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    lazy.connect(("127.0.0.1", gateway.port))
    path = f"/live/performances/{house}/events?since=0"
    lazy.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\nCookie: {SELLER}\r\n\r\n".encode())
    before = gateway.metric("live_slow_lines_cut_total")
    eventually(lambda: gateway.metric("live_open_lines") >= 2)
    version = 0

    def cut():
        nonlocal version
        tell_seats(nats_url, (house, Change(version, version + 1, dict.fromkeys(range(1, 1_900), version % 5))))
        version += 1
        return gateway.metric("live_slow_lines_cut_total") > before

    eventually(cut, seconds=60)
    eventually(lambda: other.seats.version == version)
    assert not other.ended
    lazy.close()


# -- many at once, and what happens when something is away
def test_a_thousand_browsers_cost_the_core_one_call(launch, redis_url, house):
    redis.from_url(redis_url).flushall()
    gateway = launch()
    with ThreadPoolExecutor(50) as pool:
        found = list(pool.map(lambda _: gateway.seats(house).encode(), range(1_000)))
    assert len(set(found)) == 1
    assert gateway.metric('live_plans_loaded_total{source="core"}') == 1


def test_a_second_gateway_finds_the_plan_in_redis(gateway, launch, stub, house):
    hold(stub, house, 3)
    eventually(lambda: gateway.seats(house).encode() == truth(stub, house))
    other = launch()
    assert other.seats(house).encode() == truth(stub, house)
    assert other.metric('live_plans_loaded_total{source="core"}') == 0
    assert other.metric('live_plans_loaded_total{source="redis"}') == 1


def test_a_gateway_that_was_killed_knows_afterwards_what_happened_meanwhile(launch, stub, house):
    gateway = launch()
    browser = Browser(gateway, house)
    gateway.process.kill()
    eventually(lambda: browser.ended)
    hold(stub, house, 21)
    again = launch()
    assert again.seats(house).encode() == truth(stub, house)
    back = Browser(again, house, seats=browser.seats)
    eventually(lambda: back.sees(s21=HELD))
    assert back.told == ["seats"]


def test_an_emptied_redis_changes_nothing_for_browsers(gateway, launch, stub, redis_url, house):
    browser = Browser(gateway, house)
    redis.from_url(redis_url).flushall()
    hold(stub, house, 31)
    eventually(lambda: browser.sees(s31=HELD))
    assert launch().seats(house).encode() == truth(stub, house)


def test_without_redis_plans_are_live_all_the_same(launch, stub, house):
    gateway = launch(INVENTORY_REDIS_URL=f"redis://127.0.0.1:{free_port()}/0")
    browser = Browser(gateway, house)
    hold(stub, house, 41)
    eventually(lambda: browser.sees(s41=HELD))


def test_without_nats_nothing_pretends_to_be_live_and_afterwards_nothing_is_missing(launch, stub, house, tmp_path):
    port = free_port()
    server = nats_server.server(tmp_path / "nats", port, free_port(), durable=False)
    url = f"nats://127.0.0.1:{port}"
    with running(server, tmp_path / "log"):
        with_stream(url)
        gateway = launch(INVENTORY_NATS_URL=url)
        browser = Browser(gateway, house)
    eventually(lambda: browser.ended, seconds=30)
    assert browser.told == ["closing"]
    assert gateway.get("/readyz")[0] == 503
    assert Browser(gateway, house).status == 503
    hold(stub, house, 51)
    eventually(lambda: gateway.seats(house).encode() == truth(stub, house))
    with running(server, tmp_path / "log"):
        tell_seats(url, (house, Change(0, 1, {51: HELD})))
        eventually(lambda: gateway.get("/readyz")[0] == 200, seconds=30)
        back = Browser(gateway, house, seats=browser.seats)
        eventually(lambda: back.sees(s51=HELD))
        tell_seats(url, (house, Change(1, 2, {52: HELD})))
        eventually(lambda: back.sees(s52=HELD))


def test_a_gateway_that_is_told_to_stop_sends_its_browsers_elsewhere(launch, house):
    gateway = launch()
    browsers = [Browser(gateway, house) for _ in range(5)]
    gateway.process.send_signal(signal.SIGTERM)
    assert gateway.process.wait(timeout=20) == 0
    for browser in browsers:
        eventually(lambda browser=browser: browser.ended)
        assert browser.told == ["closing"]


def test_a_house_that_is_given_another_plan_before_its_first_sale_is_shown_with_that(gateway, sessions, tell, house):
    assert len(gateway.seats(house)) == SEATS
    smaller = stadium(1_000)
    event = scheduled(house, len(smaller.ordinals), revision=2)
    event.performance.plan_version_id = new()
    content = gzip.compress(json.dumps(smaller.to_json()).encode())
    with sessions.begin() as session:
        store.add_plan(
            session, event.performance.plan_version_id, smaller.fingerprint(), content, len(smaller.ordinals)
        )
    tell(event)
    eventually(lambda: len(gateway.seats(house)) == len(smaller.ordinals))


# -- who may look
def test_who_is_not_signed_in_or_has_no_right_is_refused(gateway, house):
    gateway.seats(house)  # what others have opened is not for everybody
    for path in ("seats", "events?since=0"):
        for someone, status, reason in (
            ("", 401, "UNAUTHENTICATED"),
            (f"{SESSION_COOKIE}=forged", 401, "UNAUTHENTICATED"),
            (cookie("catalog.view"), 403, "FORBIDDEN"),
            (cookie("orders.sell", seconds=-60), 401, "UNAUTHENTICATED"),
        ):
            answered, headers, body = gateway.get(f"/live/performances/{house}/{path}", cookie=someone)
            assert (answered, json.loads(body)["reason"]) == (status, reason)
            assert headers["Content-Type"].startswith("application/problem+json")


def test_a_line_ends_with_the_session(gateway, house):
    browser = Browser(gateway, house, cookie=cookie("inventory.view", seconds=2))
    eventually(lambda: browser.ended, seconds=30)
    assert browser.told == ["closing"]


def test_pages_of_the_back_office_may_ask_and_those_of_strangers_may_not(gateway, house):
    path = f"/live/performances/{house}/seats"
    status, headers, _ = gateway.get(path, Origin=PAGES)
    assert (status, headers["Access-Control-Allow-Origin"]) == (200, PAGES)
    assert headers["Access-Control-Allow-Credentials"] == "true"
    status, headers, _ = gateway.get(path, Origin="https://evil.example")
    assert (status, headers["Access-Control-Allow-Origin"]) == (403, None)


@pytest.mark.parametrize(
    ("path", "status", "reason"),
    [
        (f"{NOBODYS}/seats", 409, "PERFORMANCE_UNKNOWN"),
        (f"{NOBODYS}/events", 409, "PERFORMANCE_UNKNOWN"),
        ("1/seats", 400, "FIELD_INVALID"),
        (f"{NOBODYS}/events?since=-1", 400, "FIELD_INVALID"),
        (f"{NOBODYS}/events?since=99999999999999999999", 400, "FIELD_INVALID"),
        (f"{NOBODYS}/doors", 404, "HTTP"),
    ],
)
def test_what_makes_no_sense_is_refused_with_a_reason(gateway, path, status, reason):
    answered, _, body = gateway.get(f"/live/performances/{path}")
    assert (answered, json.loads(body)["reason"]) == (status, reason)


def test_a_performance_without_numbered_seats_has_no_live_plan(gateway, tell):
    performance_id = new()
    tell(scheduled(performance_id, 10))
    status, _, body = gateway.get(f"/live/performances/{performance_id}/seats")
    assert (status, json.loads(body)["reason"]) == (409, "NOT_NUMBERED")
