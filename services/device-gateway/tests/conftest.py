"""A till with something to sell, a centre over real gRPC, and printers over real TCP."""

import uuid
from datetime import datetime, timedelta

import argon2
import pytest

import ledger
import titles
from device_gateway import floats
from device_gateway.domain.leases import Lease
from device_gateway.identification import badge_hash
from device_gateway.store import identity, journal, leases, shifts, snapshot
from device_gateway.store.database import Database
from device_gateway.store.identity import Enrolment
from device_gateway.store.shifts import CashFloat, Shift
from device_gateway.store.snapshot import Cashier
from device_gateway.till import Seller, Till
from kit.clock import iso_ms, now

PIN = "2468"
BADGE, BADGE_SALT = "TK-7Q9Z-4M2X-88WD", b"the centre salts"
PIN_HASH = argon2.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PIN)
KEY_ID = 7
MANAGER_RIGHTS = (
    "cashdesk.sell", "cashdesk.open_drawer", "cashdesk.training", "cashdesk.confirm_clock", "cashdesk.close",
    "cashdesk.setup_devices", "orders.refund",
)  # fmt: skip


def uid(name: str) -> str:
    """The same UUID for the same name, so that tests can name things."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, name))


def catalogue_objects(at: datetime) -> dict:
    """A museum with slots of half an hour around `at`, and a shop."""
    hour = at.replace(minute=0, second=0, microsecond=0)
    slots = [
        {
            "id": uid(f"slot {number}"),
            "show_id": uid("visit"),
            "hall": "Entrée",
            "starts_at": iso_ms(hour + timedelta(minutes=30 * number)),
            "ends_at": iso_ms(hour + timedelta(minutes=30 * number + 30)),
            "capacity": 50,
            "price_list_id": uid("prices"),
            "state": "PERFORMANCE_STATE_ON_SALE",
        }
        for number in range(-2, 6)
    ]
    full, child, web = (
        {"tariff_id": uid(name), "category_id": uid("single"), "vat_rate_bp": 550} for name in ("full", "child", "web")
    )
    prices = [full | {"amount": "1200"}, child | {"channels": ["till"]}, web | {"amount": "900", "channels": ["web"]}]
    sizes = [{"code": "M", "label": "Taille M"}, {"code": "XL", "label": "XL", "price": "2200"}]
    one = {"show_id": uid("visit"), "tariff_id": uid("full"), "quantity": 1}
    keys = [
        {"id": "k1", "label": "Plein tarif", "items": [one]},
        {"id": "k2", "label": "Duo", "items": [one | {"quantity": 2}, {"product_id": uid("poster"), "quantity": 1}]},
        {"id": "k3", "label": "Rien", "items": [one | {"show_id": uid("nowhere")}]},
    ]
    pages = [
        {"id": "keys", "label": "Rapide", "kind": "PAGE_KIND_KEYS", "keys": keys},
        {"id": "dates", "label": "Séances", "kind": "PAGE_KIND_PERFORMANCES"},
        {"id": "shop", "label": "Boutique", "kind": "PAGE_KIND_PRODUCTS"},
    ]
    organisation = {
        "name": "Musée des Tuileries",
        "address": "1 rue du Bac\n75007 Paris",
        "siret": "12345678900011",
        "licence": "L-R-21-001",
        "currency": "EUR",
        "theme": {"--tk-brand": "#7a1f3d"},
    }
    shop = {"family": "Boutique", "vat_rate_bp": 2000}
    by_kind = {
        "venue": [{"id": uid("museum"), "name": "Musée", "zone": "Europe/Paris"}],
        "show": [{"id": uid("visit"), "title": "Visite libre", "venue_id": uid("museum"), "colour": "#123456"}],
        "performance": slots,
        "category": [{"id": uid("single"), "name": "Unique"}],
        "tariff": [
            {"id": uid("full"), "name": "Plein tarif", "kind": "TARIFF_KIND_FULL", "rank": 1},
            {"id": uid("child"), "name": "Moins de 6 ans", "kind": "TARIFF_KIND_FREE", "rank": 3},
            {"id": uid("web"), "name": "Internet", "kind": "TARIFF_KIND_REDUCED", "rank": 2},
        ],
        "price_list": [{"id": uid("prices"), "prices": prices}],
        "product": [
            shop | {"id": uid("poster"), "name": "Affiche", "price": "450"},
            shop | {"id": uid("shirt"), "name": "Tee-shirt", "family": "Textile", "price": "2000", "options": sizes},
        ],
        "point_of_sale": [
            {"id": uid("desk"), "name": "Accueil", "venue_id": uid("museum"), "till_profile_id": uid("profile")}
        ],
        "till_profile": [{"id": uid("profile"), "payment_modes": ["cash", "card"], "pages": pages}],
    }
    objects = {kind: {each["id"]: each for each in all_of_kind} for kind, all_of_kind in by_kind.items()}
    return objects | {"organisation": {"": organisation}}


class World:
    """One till on disk with its keys, its root, a cashier, and ways to make what tests need."""

    def __init__(self, folder, at: datetime, number: str = "T01") -> None:
        self.folder, self.at, self.number = folder, at, number
        self.root = titles.generate_key()
        self.slot, self.full, self.child = uid("slot 3"), uid("full"), uid("child")
        self.poster, self.shirt, self.cashier_id, self.till_id = uid("poster"), uid("shirt"), uid("alice"), uid("till")
        if number != "T01":
            self.till_id = uid(f"till {number}")
        self.till = self.open()

    uid = staticmethod(uid)

    def certificate(self, ticket_key, highest_serial=100_000, days=7) -> bytes:
        at = now()
        return titles.certify(titles.Certificate(
            titles.Kind.TILL, KEY_ID, titles.till_tag_of(self.till_id), titles.public_bytes(ticket_key),
            at - timedelta(days=1), at + timedelta(days=days), highest_serial,
        ), self.root)  # fmt: skip

    def open(self) -> Till:
        """Open the till's database, as after a start."""
        return Till(Database(self.folder))

    def reopen(self) -> Till:
        self.till.database.close()
        self.till = self.open()
        return self.till

    def enrol(self, **limits) -> None:
        certificate = self.certificate(self.till.identity.ticket_key, **limits)
        enrolment = Enrolment(
            self.till_id, self.number, "Accueil 1", uid("desk"), certificate, titles.public_bytes(self.root)
        )
        with self.till.database.write() as tx:
            identity.keep_enrolment(tx, enrolment)
            known = identity.load_or_make(tx)
            if not journal.last_sequence(tx):
                journal.append(tx, known, ledger.Kind.TILL_ENROLLED, {"number": "T01"}, self.at)
            snapshot.keep(tx, 12, catalogue_objects(self.at), True, self.at)
            alice = Cashier(self.cashier_id, "Alice", PIN_HASH, ("cashdesk.sell",), "fr", "cashier",
                            badge_hash(BADGE, BADGE_SALT))  # fmt: skip
            bob = Cashier(uid("bob"), "Bob", PIN_HASH, (), "en")
            ines = Cashier(uid("ines"), "Inès", PIN_HASH, MANAGER_RIGHTS, "fr", "head_cashier")
            snapshot.keep_roster(tx, "r1", [alice, bob, ines], BADGE_SALT)
        self.till.enrolled_as(enrolment)
        self.till.reload()

    def lease(
        self, places: int, name: str = "lease", expires_in: timedelta = timedelta(hours=8), slot: str = ""
    ) -> str:
        """Give the till a lease besides those that it has."""
        lease = Lease(uid(name), slot or self.slot, places, 0, 0, 1, self.at + expires_in, True)
        with self.till.database.write() as tx:
            leases.keep(tx, [*leases.every(tx), lease])
        return lease.lease_id

    def seller(self, name: str = "alice", with_float: bool = True) -> Seller:
        """A cashier signed in, by the short way."""
        shift = Shift(str(uuid.uuid4()), uid(name))
        with self.till.database.write() as tx:
            shifts.begin(tx, shift, uuid.uuid4().bytes, self.at)
            if with_float and shifts.float_of(tx, shift.cashier_id) is None:
                shifts.open_float(
                    tx, CashFloat(str(uuid.uuid4()), shift.cashier_id, "2026-11-23", iso_ms(self.at), 5000, 0)
                )
            cashier = snapshot.cashier(tx, shift.cashier_id)
        return Seller(cashier, shift)

    def request(self, *items, mode="card", receipt=False, total=None, tendered=None, request_id=None) -> dict:
        """A sale's body. Items: ("full", 2), ("poster", 1), ("shirt:M", 1)."""
        prices = {"full": 1200, "child": 0, "poster": 450, "shirt:M": 2000, "shirt:XL": 2200}
        asked, due = [], 0
        for name, quantity in items:
            due += prices[name] * quantity
            if name in ("full", "child"):
                asked.append(
                    {"kind": "admission", "performance_id": self.slot, "tariff_id": uid(name), "quantity": quantity}
                )
            else:
                product, _, option = name.partition(":")
                asked.append(
                    {"kind": "product", "product_id": uid(product), "option": option or None, "quantity": quantity}
                )
        due = due if total is None else total
        return {
            "request_id": request_id or str(uuid.uuid4()), "items": asked, "receipt": receipt, "expected_total": due,
            "catalog_version": 12, "payments": [{"mode": mode, "amount": due, "tendered": tendered}],
        }  # fmt: skip

    def close_float(self, seller: Seller, counts: dict, modes: dict | None = None, why: str = "essai"):
        """Count a float and close it."""
        floats.declare(self.till, seller, counts, modes or {}, self.at)
        return floats.close_float(self.till, seller, why, self.at)

    def journal(self) -> list[ledger.SealedEntry]:
        return list(journal.every(self.till.database.read()))

    def faults_of_journal(self) -> list[ledger.Finding]:
        return list(ledger.verify_chain(self.journal(), self.till.identity.journal_key.public_key()))


@pytest.fixture
def bare(tmp_path):
    """A till that no code was given to."""
    world = World(tmp_path / "till", now())
    yield world
    world.till.database.close()


@pytest.fixture
def world(bare):
    bare.enrol()
    return bare
