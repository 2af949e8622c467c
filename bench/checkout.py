"""Orders accepted per second through orders.Checkout, beside a plain pgbench transaction on the same PostgreSQL."""

import multiprocessing
import re
import subprocess
import tempfile
import threading
import time
import uuid
from pathlib import Path

import grpc
import psycopg

from bench.figures import Figure, percentile
from kit.grpc_client import channel, service_tokens
from suite.demo.centre import id_of, signed_in
from suite.demo.people import ADMINISTRATOR
from suite.demo.programme import CATEGORY, FULL, extra_festival_day
from suite.machine import SERVICES, Machine
from suite.servers import postgres
from ticketing.orders.v1 import orders_service_pb2 as pb
from ticketing.orders.v1.orders_service_pb2_grpc import OrdersServiceStub

SECONDS = 8
CAPACITY = 60_000
PRICE = 3500

# The floor: what a till that sells one place at a time would ask of the database, and no more.
FLOOR_TABLES = """
CREATE TABLE capacity (id int PRIMARY KEY, total int NOT NULL, sold int NOT NULL, CHECK (sold <= total));
CREATE TABLE orders (id uuid PRIMARY KEY, capacity_id int NOT NULL, amount int NOT NULL, at timestamptz NOT NULL);
CREATE TABLE outbox (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, subject text NOT NULL, payload jsonb NOT NULL);
INSERT INTO capacity VALUES (1, 100000000, 0);
"""
FLOOR_TRANSACTION = """
BEGIN;
SELECT total - sold FROM capacity WHERE id = 1 FOR UPDATE;
UPDATE capacity SET sold = sold + 1 WHERE id = 1;
INSERT INTO orders VALUES (gen_random_uuid(), 1, 3500, now());
INSERT INTO outbox (subject, payload) VALUES ('orders.order.completed.v1', '{"total": 3500, "currency": "EUR"}');
COMMIT;
"""


def measure(running: Machine) -> list[Figure]:
    """The floor with 16 clients, then 1, 16 and 64 concurrent callers on one hot performance."""
    floor = pgbench(running)
    performance_id = hot_performance(running)
    figures = []
    for callers, to_reach, soon in ((1, "", "<= 5"), (16, "", ""), (64, "ratio >= 1", "")):
        rate, latencies = in_another_process(running, performance_id, callers)
        figures.append(Figure(f"orders.checkout_per_s_c{callers}", rate, "/s", floor=floor, to_reach=to_reach))
        figures.append(
            Figure(f"orders.checkout_p50_ms_c{callers}", percentile(latencies, 0.5) * 1000, "ms", to_reach=soon)
        )
    return figures


def pgbench(running: Machine) -> float:
    """Transactions per second of the floor."""
    admin = f"postgresql://postgres:{running.secrets['postgres']}@127.0.0.1:{running.port('postgres')}"
    name = f"floor_{uuid.uuid4().hex[:8]}"
    with psycopg.connect(f"{admin}/postgres", autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    try:
        with psycopg.connect(f"{admin}/{name}", autocommit=True) as connection:
            connection.execute(FLOOR_TABLES)
        with tempfile.NamedTemporaryFile("w", suffix=".sql") as script:
            script.write(FLOOR_TRANSACTION)
            script.flush()
            program = postgres.binaries(Path(), postgres.Account()) / "pgbench"
            command = [
                str(program),
                "-n",
                "-c",
                "16",
                "-j",
                "2",
                "-T",
                str(SECONDS),
                "-f",
                script.name,
                f"{admin}/{name}",
            ]
            said = subprocess.run(command, check=True, text=True, capture_output=True).stdout
        found = re.search(r"tps = ([0-9.]+)", said)
        assert found, said
        return float(found[1])
    finally:
        with psycopg.connect(f"{admin}/postgres", autocommit=True) as connection:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def hot_performance(running: Machine) -> str:
    """A new performance with places for the whole run."""
    targets = {service: running.target(service) for service in SERVICES}
    return extra_festival_day(signed_in(targets, ADMINISTRATOR), "Mesure", CAPACITY)


def in_another_process(running: Machine, performance_id: str, callers: int) -> tuple[float, list[float]]:
    """Checkouts per second and their latencies in seconds; the callers have an interpreter of their own."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        target, secret = running.target("orders"), running.secrets["service_secret"]
        return pool.apply(call_for_a_while, (target, secret, performance_id, callers))


def call_for_a_while(target: str, secret: str, performance_id: str, callers: int) -> tuple[float, list[float]]:
    """`callers` threads, each one checkout after the other."""
    stub = OrdersServiceStub(channel(target, token=service_tokens(secret, "bench"), timeout_seconds=30))
    wait_until_it_sells(stub, performance_id)
    latencies: list[float] = []
    began = time.monotonic()

    def caller() -> None:
        while time.monotonic() - began < SECONDS:
            at = time.monotonic()
            stub.Checkout(checkout(performance_id))
            latencies.append(time.monotonic() - at)

    threads = [threading.Thread(target=caller) for _ in range(callers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return len(latencies) / (time.monotonic() - began), latencies


def wait_until_it_sells(stub: OrdersServiceStub, performance_id: str) -> None:
    """Inventory learns of the performance by event."""
    end = time.monotonic() + 30
    while True:
        try:
            stub.Checkout(checkout(performance_id))
            return
        except grpc.RpcError:
            if time.monotonic() > end:
                raise
            time.sleep(0.1)


def checkout(performance_id: str) -> pb.CheckoutRequest:
    """One place, paid by card."""
    line = pb.CheckoutLine(
        performance_id=performance_id,
        tariff_id=id_of("tariff", FULL),
        category_id=id_of("category", CATEGORY),
        quantity=1,
    )
    payment = pb.CheckoutPayment(mode="card", amount=PRICE, reference="bench")
    return pb.CheckoutRequest(request_id=str(uuid.uuid4()), channel="web", lines=[line], payments=[payment])
