"""A till and the centre: confirm to paper with and without a network, catching up, what a sale weighs on the wire.

Against the running suite. The till is one of our own, on a line that can be cut and slowed.
"""

import json
import os
import secrets
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg

from bench.checkout import hot_performance
from bench.figures import Figure, percentile
from device_gateway import enrolment, floats, selling, sign_in
from device_gateway.centre import Centre
from device_gateway.config import CENTRE_SERVICES
from device_gateway.identification import ByPin
from device_gateway.store import journal, meta, snapshot
from device_gateway.store.database import Database
from device_gateway.sync import fetch_roster, fetch_snapshot, fetch_templates, renew, sync_leases, upload
from device_gateway.till import Seller, Till
from kit.clock import now
from kit.testing import eventually
from suite.audit import services_of
from suite.demo.centre import Centre as DemoCentre
from suite.demo.centre import call, id_of, signed_in
from suite.demo.people import ADMINISTRATOR
from suite.demo.programme import FULL
from suite.line import Line
from suite.machine import SERVICES, Machine
from suite.processes import SIMULATED
from suite.testing import free_port
from tests.e2e.running import LUCAS_PIN
from tests.e2e.running import Till as Page
from ticketing.accounts.v1 import accounts_service_pb2 as accounts_pb
from ticketing.inventory.v1 import inventory_service_pb2 as inventory_pb
from ticketing.orders.v1 import orders_service_pb2 as orders_pb
from ticketing.reporting.v1 import reporting_service_pb2 as reporting_pb

PRINTED = 150  # sales, one after the other, with the network and again without
QUEUED, PLACES = 10_000, 3_000  # entries that wait; so many of them are admissions
WEIGHED = 1_000
FLOOR_TABLE = "CREATE TEMP TABLE copied (sequence bigint PRIMARY KEY, content bytea, signature bytea, hash bytea)"
NARROW, FAR = 256_000 / 8, 0.25  # bytes per second; one way of 500 ms there and back


def measure(here: Machine, folder: Path) -> list[Figure]:
    """All figures of a till on a line."""
    hot = hot_performance(here)  # places enough for all that follows
    figures = [*_fsync(folder), *_print(here, folder / "printing", hot)]
    return [*figures, *_catch_up(here, folder / "queued", hot), *_weigh(here, folder / "narrow", hot)]


def _fsync(folder: Path) -> list[Figure]:
    """What the disk itself needs to keep a page."""
    took = []
    with (folder / "page").open("wb", buffering=0) as file:
        for _ in range(PRINTED):
            began = time.perf_counter()
            file.write(os.urandom(4096))
            os.fsync(file.fileno())
            took.append((time.perf_counter() - began) * 1000)
    return [Figure("disk.fsync_p99_ms", percentile(took, 0.99), "ms")]


def _print(here: Machine, folder: Path, hot: str) -> list[Figure]:
    """Confirm, sealed on disk, first byte at the printer, as the till's process times itself."""
    timings = folder / "timings.jsonl"
    with _line(here) as line, till_process(here, line.targets, folder, timings) as page:
        page.sign_in("Lucas Bernard", LUCAS_PIN)
        key = page.place(hot, at_hand=100)
        figures = []
        for network in (True, False):
            if not network:
                line.cut()
                eventually(lambda: not page.get("/api/state")["online"], seconds=30)
            took = confirm_to_print(page, key, timings)
            name = "till.confirm_to_print" if network else "till.confirm_to_print_cut"
            figures += [
                Figure(f"{name}_p50_ms", percentile(took, 0.5), "ms"),
                Figure(f"{name}_p99_ms", percentile(took, 0.99), "ms", to_reach="<= 50"),
            ]
        return figures


def confirm_to_print(page: Page, key: dict[str, Any], timings: Path, *, receipt: bool = False) -> list[float]:
    """Milliseconds from the confirmation to the first byte at the printer, of sales one after the other."""
    took = []
    for _ in range(PRINTED):
        before = len(_lines(timings))
        page.sell(key, receipt=receipt)
        told = eventually(lambda seen=before: _lines(timings)[seen:], seconds=20, every=0.005)
        took.append(json.loads(told[0])["confirm_to_print_ms"])
    return took


def _lines(file: Path) -> list[str]:
    return file.read_text().splitlines() if file.exists() else []


def _catch_up(here: Machine, folder: Path, hot: str) -> list[Figure]:
    """10,000 entries that waited: until the centre has countersigned them, and until everybody knows of them."""
    till, centre, seller = enrolled(new_code(administrator(here)), folder, targets(here))
    services = services_of(here)
    taken = _queue(till, centre, seller, hot, QUEUED, PLACES)
    today = till.business_on(now())

    def orders() -> int:
        return services.orders.GetTotals(orders_pb.GetTotalsRequest(business_on=today)).orders

    def sold() -> int:
        request = inventory_pb.GetAvailabilityRequest(performance_ids=[hot])
        return services.inventory.GetAvailability(request).availabilities[0].sold

    def reported() -> int:
        return services.reporting.GetDayStatement(reporting_pb.GetDayStatementRequest()).total

    waiting, before = _waiting(till), {known.__name__: known() for known in (orders, sold, reported)}
    floor = _copy(here, list(journal.after(till.database.read(), 0, waiting)))
    began = time.perf_counter()
    while upload(till, centre):
        pass
    acknowledged = time.perf_counter() - began
    for known, due in ((sold, PLACES), (reported, taken), (orders, QUEUED)):  # the dearest question last
        start = before[known.__name__]
        eventually(lambda known=known, due=due, start=start: known() - start == due, seconds=120, every=0.05)
    projected = time.perf_counter() - began
    till.database.close()
    return [
        Figure("till.sync_entries_per_s", waiting / projected, "/s", floor=floor, to_reach=">= 2000"),
        Figure("till.sync_acknowledged_per_s", waiting / acknowledged, "/s", floor=floor),
    ]


def _copy(here: Machine, entries: list[tuple[int, Any]]) -> float:
    """The floor: the same bytes into a plain table of the same PostgreSQL, entries a second."""
    admin = f"postgresql://postgres:{here.secrets['postgres']}@127.0.0.1:{here.port('postgres')}/postgres"
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute(FLOOR_TABLE)
        began = time.perf_counter()
        with connection.cursor().copy("COPY copied FROM STDIN (FORMAT BINARY)") as copy:
            copy.set_types(["int8", "bytea", "bytea", "bytea"])
            for sequence, sealed in entries:
                copy.write_row((sequence, sealed.bytes, sealed.signature, sealed.hash))
        return len(entries) / (time.perf_counter() - began)


def _weigh(here: Machine, folder: Path, hot: str) -> list[Figure]:
    """Bytes on the wire for each sale, up and down, at 256 kb/s and 500 ms."""
    with _line(here) as line:
        till, centre, seller = enrolled(new_code(administrator(here)), folder, line.targets)
        _queue(till, centre, seller, hot, WEIGHED, WEIGHED // 2)
        line.slow(NARROW, FAR)
        before, began = line.carried.on_the_wire, time.perf_counter()
        while upload(till, centre):
            pass
        took, carried = time.perf_counter() - began, line.carried.on_the_wire - before
        till.database.close()
    return [
        Figure("till.sync_bytes_per_sale", carried / WEIGHED, "bytes", to_reach="<= 400"),
        Figure("till.sync_narrow_entries_per_s", WEIGHED / took, "/s"),
    ]


def enrolled(code: str, folder: Path, targets: dict[str, str]) -> tuple[Till, Centre, Seller]:
    """A till in this process, without printers and threads, with Lucas at work."""
    till, centre = Till(Database(folder)), Centre(targets)
    enrolment.enrol(till, centre, code)
    renew(till, centre)
    for step in (fetch_roster, fetch_snapshot, fetch_templates, sync_leases):
        step(till, centre)
    lucas = next(each for each in snapshot.cashiers(till.database.read()) if each.name == "Lucas Bernard")
    seller = sign_in.sign_in(till, ByPin(lucas.id, LUCAS_PIN), None, secrets.token_bytes(32), now())
    floats.open_float(till, seller, {"1000": 10}, now())
    return till, centre, seller


def _queue(till: Till, centre: Centre, seller: Seller, hot: str, sales: int, places: int) -> int:
    """So many sales by card, some of a place each, while nothing is sent; leases grow as in the field. The takings."""
    card = next(each for each in till.catalogue.products.values() if each.name == "Carte postale")
    performance = till.catalogue.performances[hot]
    full = next(each for each in till.catalogue.prices_of(performance) if each.tariff.id == id_of("tariff", FULL))
    admission = {"kind": "admission", "performance_id": hot, "tariff_id": full.tariff.id, "quantity": 1}
    article = {"kind": "product", "product_id": card.id, "option": None, "quantity": 1}
    taken = 0
    for number in range(sales):
        item, price = (admission, full.amount) if number < places else (article, card.price)
        if number < places and number % 40 == 0:
            till.demand.ask((hot, ""), 60)
            sync_leases(till, centre)
        taken += price
        selling.sell(till, seller, selling.parse_request({
            "request_id": str(uuid.uuid4()), "items": [item], "receipt": False, "expected_total": price,
            "payments": [{"mode": "card", "amount": price, "tendered": None}],
        }), now())  # fmt: skip
    return taken


def _waiting(till: Till) -> int:
    connection = till.database.read()
    return journal.last_sequence(connection) - meta.number(connection, meta.ACKNOWLEDGED)


def new_code(by: DemoCentre) -> str:
    """A new till at the museum's desk; the code for its machine."""
    number = f"B{uuid.uuid4().hex[:6].upper()}"
    request = accounts_pb.CreateTillRequest(
        request_id=str(uuid.uuid4()), number=number, name=f"Banc {number}", point_of_sale_id=id_of("point of sale")
    )
    made = call(by.accounts.CreateTill, request)
    return str(made.enrolment_code)


def administrator(here: Machine) -> DemoCentre:
    """Who may make tills. Signing in too often is refused: keep the answer."""
    return signed_in(targets(here), ADMINISTRATOR)


def targets(here: Machine) -> dict[str, str]:
    return {service: here.target(service) for service in SERVICES}


@contextmanager
def _line(here: Machine) -> Iterator[Line]:
    goals = {service: ("127.0.0.1", here.port(f"{service} gRPC")) for service in CENTRE_SERVICES}
    with Line(goals) as line:
        yield line


@contextmanager
def till_process(here: Machine, centre: Mapping[str, str], folder: Path, timings: Path) -> Iterator[Page]:
    """The till as a process, with all the suite's simulated devices."""
    folder.mkdir(parents=True)
    code, port = folder / "code", free_port()
    code.write_text(new_code(administrator(here)))
    env = {
        **os.environ, "TILL_PORT": str(port), "TILL_DATA_DIR": str(folder), "TILL_ENROLMENT_CODE_FILE": str(code),
        "TILL_CENTRE_TARGETS": json.dumps(dict(centre)), "TILL_TIMINGS_FILE": str(timings),
        **{variable: f"tcp://127.0.0.1:{here.port(name)}" for name, (_, variable) in SIMULATED.items()},
    }  # fmt: skip
    process = subprocess.Popen([sys.executable, "-m", "device_gateway.main", "web"], env=env, stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL)  # fmt: skip
    page = Page(f"http://127.0.0.1:{port}")
    try:
        eventually(_answers(lambda: page.get("/api/state")["till"]), seconds=60)
        yield page
    finally:
        process.terminate()
        process.wait(20)


def _answers(ask: Callable[[], Any]) -> Callable[[], Any]:
    def asked() -> Any:
        try:
            return ask()
        except OSError:
            return None

    return asked
