"""A till by itself: 100,000 past sales, no network. What starting, finding, remembering and verifying cost."""

import json
import os
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import argon2
import psutil

import ledger
import titles
from bench.figures import Figure, percentile
from device_gateway.config import CENTRE_SERVICES
from device_gateway.domain.finding import understand
from device_gateway.domain.leases import Lease
from device_gateway.store import finding, identity, journal, leases, meta, sales, snapshot
from device_gateway.store.database import Database
from device_gateway.store.identity import Enrolment, Identity
from device_gateway.store.snapshot import Cashier
from device_gateway.till import Till
from kit.clock import iso_ms, now
from suite.testing import free_port
from tests.e2e.running import Till as Page

PAST_SALES, BATCH = 100_000, 1000
PIN = "2468"
KEY_ID = 7
SHOW, SLOT, TARIFF, CATEGORY, PRICES, PLACE, PROFILE, POSTCARD, TILL_ID = (str(uuid.uuid4()) for _ in range(9))
CASHIERS = [str(uuid.uuid4()) for _ in range(4)]
START = datetime(2026, 1, 1, tzinfo=UTC)
PARIS = ZoneInfo("Europe/Paris")


def measure(folder: Path) -> list[Figure]:
    """Figures of one till with 100,000 past sales."""
    _make(folder)
    return [*_find(folder), *_start(folder), *verify_ratio()]


def verify_ratio() -> list[Figure]:
    """Whole verdicts of a gate on one core, beside bare signature checks of the same titles."""
    root, key, at = titles.generate_key(), titles.generate_key(), now()
    certificate = titles.read_certificate(
        titles.certify(
            titles.Certificate(titles.Kind.TILL, 3, 1, titles.public_bytes(key), at - timedelta(days=1),
                               at + timedelta(days=9), 10**6), root),
        root.public_key(),
    )  # fmt: skip
    texts = [
        titles.issue(titles.Token(titles.Kind.TILL, 3, serial, 1, 1, at - timedelta(hours=1), 240), key)
        for serial in range(1, 2001)
    ]
    signed, public = [titles.read(text) for text in texts], key.public_key()
    rates, floors = [], []
    for _ in range(5):
        began = time.perf_counter()
        for text in texts:
            titles.verify(text, {3: certificate}, root.public_key(), at)
        rates.append(len(texts) / (time.perf_counter() - began))
        began = time.perf_counter()
        for each in signed:
            public.verify(each.signature, titles.token.DOMAIN + each.payload)
        floors.append(len(texts) / (time.perf_counter() - began))
    rate, floor = percentile(rates, 0.5), percentile(floors, 0.5)
    return [
        Figure("titles.verify_ratio", rate, "/s", floor=floor, to_reach="ratio >= 0.7"),
        Figure("titles.verify_per_s", rate, "/s", to_reach=">= 5000"),
    ]


def _make(folder: Path) -> None:
    """The database of a till that has sold for a year, its chain whole and signed."""
    database = Database(folder)
    known, root, at = Till(database).identity, titles.generate_key(), now()
    certificate = titles.certify(
        titles.Certificate(titles.Kind.TILL, KEY_ID, 1, titles.public_bytes(known.ticket_key), at - timedelta(days=1),
                           at + timedelta(days=9), 10**6), root)  # fmt: skip
    pin_hash = argon2.PasswordHasher().hash(PIN)
    with database.write() as tx:
        identity.keep_enrolment(tx, Enrolment(TILL_ID, "T01", "Accueil", PLACE, certificate, titles.public_bytes(root)))
        known = identity.load_or_make(tx)
        journal.append(tx, known, ledger.Kind.TILL_ENROLLED, {"number": "T01"}, at - timedelta(days=400))
        snapshot.keep(tx, 1, _catalogue(at), True, at)
        people = [Cashier(each, f"Caissier {n}", pin_hash, ("cashdesk.sell",), "fr") for n, each in enumerate(CASHIERS)]
        snapshot.keep_roster(tx, "r1", people, b"")
        leases.keep(tx, [Lease(str(uuid.uuid4()), SLOT, 500, 0, 0, 1, at + timedelta(days=1), True)])
        meta.take(tx, "order", PAST_SALES)
        meta.take(tx, f"serial:{KEY_ID}", PAST_SALES)
    for start in range(0, PAST_SALES, BATCH):
        with database.write() as tx:
            for number in range(start + 1, start + BATCH + 1):
                sold_at = at - timedelta(days=399) + number * timedelta(seconds=340)
                sale = _sale(number, known)
                sequence = journal.append(tx, known, ledger.Kind.SALE, sale.to_body(), sold_at)
                sales.record(tx, sale, sequence)
                finding.mark(tx, sale, sequence, iso_ms(sold_at), f"Caissier {number % len(CASHIERS)}")
    with database.write() as tx:
        meta.put(tx, meta.ACKNOWLEDGED, journal.last_sequence(tx))
    database.close()


def _catalogue(at: datetime) -> dict:
    """One visit on sale, one article, and a page of keys."""
    price = {"tariff_id": TARIFF, "category_id": CATEGORY, "vat_rate_bp": 550, "amount": "1200"}
    keys = [{"id": "k1", "label": "Visite", "items": [{"show_id": SHOW, "tariff_id": TARIFF, "quantity": 1}]}]
    by_kind = {
        "venue": [{"id": PLACE, "name": "Musée", "zone": "Europe/Paris"}],
        "show": [{"id": SHOW, "title": "Visite libre", "venue_id": PLACE}],
        "performance": [{
            "id": SLOT, "show_id": SHOW, "starts_at": iso_ms(at), "ends_at": iso_ms(at + timedelta(hours=12)),
            "capacity": 500, "price_list_id": PRICES, "state": "PERFORMANCE_STATE_ON_SALE",
        }],
        "category": [{"id": CATEGORY, "name": "Unique"}],
        "tariff": [{"id": TARIFF, "name": "Plein tarif", "kind": "TARIFF_KIND_FULL", "rank": 1}],
        "price_list": [{"id": PRICES, "prices": [price]}],
        "product": [{"id": POSTCARD, "name": "Carte postale", "vat_rate_bp": 2000, "price": "150"}],
        "point_of_sale": [{"id": PLACE, "name": "Accueil", "venue_id": PLACE, "till_profile_id": PROFILE}],
        "till_profile": [{
            "id": PROFILE, "payment_modes": ["cash", "card"],
            "pages": [{"id": "keys", "label": "Accueil", "kind": "PAGE_KIND_KEYS", "keys": keys}],
        }],
    }  # fmt: skip
    objects = {kind: {each["id"]: each for each in every} for kind, every in by_kind.items()}
    return objects | {"organisation": {"": {"name": "Musée des Canaux", "currency": "EUR"}}}


def _sale(number: int, known: Identity) -> ledger.Sale:
    """One place, or now and then a postcard, so that amounts, words and hours differ."""
    postcard = number % 5 == 0
    price = 150 if postcard else 1200 + number % 40 * 50
    net, vat = ledger.split_vat(price, 550)
    line = ledger.Line(
        line=1, kind=ledger.LineKind.PRODUCT if postcard else ledger.LineKind.ADMISSION,
        performance_id=None if postcard else SLOT, show_id=None if postcard else SHOW,
        category_id=None if postcard else CATEGORY, tariff_id=None if postcard else TARIFF,
        product_id=POSTCARD if postcard else None, option=None,
        label="Carte postale" if postcard else f"Visite libre {number % 97} – Plein tarif", quantity=1,
        unit_price=price, total=price, vat_rate_bp=550, vat=vat, net=net, lease_id=None, hold_id=None,
    )  # fmt: skip
    token = titles.Token(titles.Kind.TILL, KEY_ID, number, 1, 1, START + timedelta(seconds=number), 240)
    tickets = () if postcard else (ledger.Ticket(1, KEY_ID, number, titles.issue(token, known.ticket_key)),)
    reference = f"AUT {number % 10_000:04d}"
    return ledger.Sale(
        order_id=str(uuid.UUID(int=number)), order_number=f"T01-{number:06d}", channel="till",
        cashier_id=CASHIERS[number % len(CASHIERS)], shift_id=SHOW, cash_float_id=SLOT, business_on="2026-01-01",
        currency="EUR", catalog_version=1, lines=(line,), tickets=tickets,
        payments=(ledger.Payment(ledger.Mode.CARD, price, price, 0, reference),), total=price,
        vat=ledger.vat_totals((line,)),
    )  # fmt: skip


def _find(folder: Path) -> list[Figure]:
    """The first page of each way to look for a sale, as the till's page asks for it."""
    database, at = Database(folder), now()
    read = database.read()
    ticket = read.execute("SELECT token FROM tickets ORDER BY serial DESC LIMIT 1").fetchone()["token"]
    typed = ["", "99998", "T01-55555", ticket, "23,50", "*4242", "hier", "14h30", "carte postale", "visite 42",
             "caissier 3", "hier visite 23,50", "nothing like it"]  # fmt: skip
    took = []
    for text in typed * 5:
        began = time.perf_counter()
        finding.find(read, understand(text, PARIS, at), None, 21)
        took.append((time.perf_counter() - began) * 1000)
    database.close()
    return [
        Figure("till.find_p50_ms", percentile(took, 0.5), "ms"),
        Figure("till.find_worst_ms", max(took), "ms", to_reach="<= 1000"),
    ]


def _start(folder: Path) -> list[Figure]:
    """From the start of the process to a first sale, with nobody at the other end of any line."""
    starts, memory = [], 0.0
    for _ in range(3):
        began = time.perf_counter()
        with _running(folder) as (page, process):
            cashier = page.get("/api/cashiers")["cashiers"][0]
            page.post("/api/sign-in", {"cashier_id": cashier["id"], "pin": PIN})
            if not page.get("/api/state")["cash_float"]:
                page.post("/api/float/open", {"counts": {"1000": 10}})
            page.sell(page.key("Visite"))
            starts.append(time.perf_counter() - began)
            for _ in range(50):
                page.sell(page.key("Visite"))
                page.get("/api/sales?text=visite")
            memory = max(memory, process.memory_info().rss / 2**20)
    return [
        Figure("till.start_offline_s", percentile(starts, 0.5), "s", to_reach="<= 2"),
        Figure("till.memory_mib", memory, "MiB", to_reach="<= 150"),
    ]


@contextmanager
def _running(folder: Path) -> Iterator[tuple[Page, psutil.Process]]:
    port = free_port()
    env = {
        **os.environ, "TILL_PORT": str(port), "TILL_DATA_DIR": str(folder), "TILL_TICKET_PRINTER": "tcp://127.0.0.1:9",
        "TILL_RECEIPT_PRINTER": "tcp://127.0.0.1:9",
        "TILL_CENTRE_TARGETS": json.dumps(dict.fromkeys(CENTRE_SERVICES, "grpc://127.0.0.1:9")),
    }  # fmt: skip
    command = [sys.executable, "-m", "device_gateway.main", "web"]
    process = subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    page = Page(f"http://127.0.0.1:{port}")
    try:
        while True:
            try:
                page.get("/healthz")
                break
            except OSError:
                time.sleep(0.005)
        yield page, psutil.Process(process.pid)
    finally:
        process.terminate()
        process.wait(20)
