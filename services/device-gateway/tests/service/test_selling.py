"""The sale on a real SQLite file."""

import json
import sqlite3
import threading
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import ledger
import titles
from device_gateway import selling
from device_gateway.domain.errors import (
    CertificateExhausted,
    ClockWrong,
    FloatNotOpen,
    NotEnoughPlaces,
    PaymentMismatch,
    PerformanceOver,
    PriceChanged,
    ProductUnknown,
    QuantityOutOfRange,
    TillFrozen,
)
from device_gateway.store import jobs, journal, leases, meta, shifts
from device_gateway.store.database import Database, DatabaseInUse
from kit.errors import Forbidden, RequestReused


def sell(world, *items, seller=None, at=None, **how):
    request = selling.parse_request(world.request(*items, **how))
    return selling.sell(world.till, seller or world.seller(), request, at or world.at)


def sealed_sales(world) -> list[ledger.Sale]:
    public = world.till.identity.journal_key.public_key()
    entries = [ledger.open_sealed(each.bytes, each.signature, public) for each in world.journal()]
    return [ledger.Sale.from_body(entry.body) for entry in entries if entry.kind == ledger.Kind.SALE]


def test_a_sale_is_sealed_whole_and_its_chain_verifies(world):
    """LAW-1, LAW-2, LAW-3, LAW-12, LAW-26; A1-A3."""
    world.lease(10)
    answer = sell(world, ("full", 2), ("poster", 1), mode="cash", tendered=5000)
    assert (answer["order_number"], answer["total"], answer["change"]) == ("T01-000001", 2850, 2150)
    [sale] = sealed_sales(world)
    sale.check()
    assert [ticket.serial for ticket in sale.tickets] == [1, 2]
    assert sale.payments[0].tendered == 5000
    assert sale.lines[0].lease_id is not None
    assert world.faults_of_journal() == []


def test_its_tickets_are_genuine_to_a_gate_that_knows_the_certificate(world):
    """D5."""
    world.lease(1)
    sell(world, ("full", 1))
    [sale] = sealed_sales(world)
    certificate = world.till.issuer().certificate
    at = world.till.catalogue.performances[world.slot].starts_at
    verdict = titles.verify(sale.tickets[0].token, {certificate.key_id: certificate}, world.root.public_key(), at)
    assert verdict.colour is titles.Colour.GREEN
    assert verdict.token.group == titles.group_of(world.slot)


def test_a_repeated_request_gets_the_first_answer_and_sells_once(world):
    world.lease(10)
    request, seller = selling.parse_request(world.request(("full", 1))), world.seller()
    first = selling.sell(world.till, seller, request, world.at)
    assert selling.sell(world.till, seller, request, world.at) == first
    assert len(sealed_sales(world)) == 1
    other = selling.parse_request(world.request(("poster", 1), request_id=request.request_id))
    with pytest.raises(RequestReused):
        selling.sell(world.till, seller, other, world.at)


def test_a_price_that_changed_is_told_and_nothing_is_sold(world):
    world.lease(10)
    with pytest.raises(PriceChanged) as refusal:
        sell(world, ("full", 1), total=1100)
    assert refusal.value.facts["total"] == "1200"
    assert sealed_sales(world) == []


def test_a_refusal_leaves_no_trace_and_numbers_have_no_gap(world):
    """5.4: numbers are gapless per till."""
    world.lease(3)
    sell(world, ("full", 2))
    with pytest.raises(NotEnoughPlaces) as refusal:
        sell(world, ("poster", 1), ("full", 2))
    assert refusal.value.facts["left"] == "1"
    answer = sell(world, ("full", 1))
    assert answer["order_number"] == "T01-000002"
    assert [ticket["serial"] for ticket in answer["tickets"]] == [3]


def test_a_refusal_for_want_of_places_makes_the_wish_grow_at_once(world):
    with pytest.raises(NotEnoughPlaces):
        sell(world, ("full", 4))
    assert world.till.demand.all() == {(world.slot, ""): 4}
    assert world.till.wake_leases.is_set()


def test_places_come_from_two_leases_as_two_lines(world):
    first, second = world.lease(2, "first", timedelta(hours=1)), world.lease(5, "second", timedelta(hours=2))
    sell(world, ("full", 3))
    [sale] = sealed_sales(world)
    assert [(line.lease_id, line.quantity) for line in sale.lines] == [(first, 2), (second, 1)]


def test_an_expired_lease_sells_nothing(world):
    """5.2: the till stops before the centre takes the places back."""
    world.lease(5, expires_in=timedelta(seconds=1))
    with pytest.raises(NotEnoughPlaces):
        sell(world, ("full", 1), at=world.at + timedelta(seconds=1))


def test_a_free_ticket_is_paid_by_nothing_and_says_so(world):
    """LAW-10, LAW-11."""
    world.lease(2)
    sell(world, ("child", 1))
    [sale] = sealed_sales(world)
    assert sale.payments[0].mode == ledger.Mode.FREE
    [job] = jobs.of_order(world.till.database.read(), sale.order_id)
    assert job.data["price"] == "free"


def test_a_ticket_bears_every_mention_of_the_law(world):
    """LAW-11."""
    world.lease(2)
    answer = sell(world, ("full", 1))
    [job] = jobs.of_order(world.till.database.read(), answer["order_id"])
    for mention in (
        "organiser",
        "show",
        "performance_starts_at",
        "ticket_number",
        "category",
        "price",
        "sold_at",
        "till",
    ):
        assert job.data[mention]


def test_a_receipt_is_printed_only_when_asked(world):
    """LAW-24, C5: cash without receipt opens the drawer only."""
    without = sell(world, ("poster", 1), mode="cash")
    with_one = sell(world, ("poster", 1), mode="cash", receipt=True)
    by_card = sell(world, ("poster", 1))
    connection = world.till.database.read()
    assert [job.kind for job in jobs.of_order(connection, without["order_id"])] == [jobs.Document.DRAWER]
    [receipt] = jobs.of_order(connection, with_one["order_id"])
    assert (receipt.kind, receipt.kick_drawer) == (jobs.Document.RECEIPT, True)
    assert jobs.of_order(connection, by_card["order_id"]) == []


def test_cash_goes_to_the_float_of_the_cashier(world):
    """E1, E7."""
    seller = world.seller()
    sell(world, ("poster", 2), seller=seller, mode="cash", tendered=1000)
    sell(world, ("poster", 1), seller=seller)
    cash_float = shifts.float_of(world.till.database.read(), seller.cashier.id)
    assert cash_float.expected == 5000 + 900


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({"items": [{"kind": "product", "product_id": "none", "quantity": 1}]}, ProductUnknown),
        ({"payments": [{"mode": "card", "amount": 1}]}, PaymentMismatch),
        ({"payments": [{"mode": "cash", "amount": 450, "tendered": 400}]}, PaymentMismatch),
        ({"items": [{"kind": "product", "product_id": "x", "quantity": 0}]}, QuantityOutOfRange),
        ({"items": [{"kind": "product", "product_id": "x", "quantity": 101}]}, QuantityOutOfRange),
        ({"items": [{"kind": "product", "product_id": "x", "quantity": True}]}, QuantityOutOfRange),
    ],
)
def test_a_wrong_request_is_refused_by_name(world, change, refusal):
    body = world.request(("poster", 1)) | change
    with pytest.raises(refusal):
        selling.sell(world.till, world.seller(), selling.parse_request(body), world.at)


def test_an_article_with_options_needs_one(world):
    body = world.request(("shirt:XL", 1))
    assert selling.sell(world.till, world.seller(), selling.parse_request(body), world.at)["total"] == 2200
    body = world.request(("shirt:M", 1)) | {"items": [{"kind": "product", "product_id": world.shirt, "quantity": 1}]}
    with pytest.raises(ProductUnknown):
        selling.sell(world.till, world.seller(), selling.parse_request(body), world.at)


def test_a_tariff_of_another_channel_is_not_sold_here(world):
    assert all(
        price.tariff.name != "Internet"
        for price in world.till.catalogue.prices[next(iter(world.till.catalogue.prices))]
    )


def test_a_performance_that_has_ended_is_not_sold(world):
    world.lease(5)
    with pytest.raises(PerformanceOver):
        sell(world, ("full", 1), at=world.at + timedelta(hours=3))


def test_selling_needs_a_float_a_right_a_clock_and_a_thawed_till(world):
    with pytest.raises(FloatNotOpen):
        sell(world, ("poster", 1), seller=world.seller(with_float=False))
    with pytest.raises(Forbidden):
        sell(world, ("poster", 1), seller=world.seller("bob"))
    seller = world.seller()
    with pytest.raises(ClockWrong):
        sell(world, ("poster", 1), seller=seller, at=world.at - timedelta(minutes=3))
    with world.till.database.write() as tx:
        meta.freeze(tx, "cashdesk", "JOURNAL_FORK")
    with pytest.raises(TillFrozen):
        sell(world, ("poster", 1), seller=seller)


def test_no_ticket_is_signed_beyond_the_certificate(bare):
    """4.4: the highest serial allowed."""
    bare.enrol(highest_serial=2)
    bare.lease(10)
    sell(bare, ("full", 2))
    with pytest.raises(CertificateExhausted):
        sell(bare, ("full", 1))


def test_no_ticket_is_signed_once_the_certificate_has_ended(bare):
    bare.enrol(days=0.01)
    bare.lease(10)
    with pytest.raises(CertificateExhausted):
        sell(bare, ("full", 1), at=bare.at + timedelta(minutes=20))


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    places=st.lists(st.integers(1, 9), min_size=1, max_size=3),
    orders=st.lists(st.integers(1, 4), min_size=16, max_size=16),
)
def test_sixteen_cashiers_never_sell_more_than_the_leases(world, places, orders):
    """Design 3.1: never oversell."""
    with world.till.database.write() as tx:
        tx.execute("DELETE FROM leases")
    before = len(sealed_sales(world))
    for count in places:
        world.lease(count, str(uuid.uuid4()))
    seller = world.seller()
    together = threading.Barrier(16)

    def try_to_sell(quantity: int) -> int:
        together.wait(timeout=10)
        try:
            sell(world, ("full", quantity), seller=seller)
        except NotEnoughPlaces:
            return 0
        return quantity

    with ThreadPoolExecutor(16) as pool:
        sold = sum(pool.map(try_to_sell, orders))
    held = leases.every(world.till.database.read())
    assert sold <= sum(places)
    assert sum(lease.used for lease in held) == sold
    assert sum(line.quantity for sale in sealed_sales(world)[before:] for line in sale.lines) == sold
    assert world.faults_of_journal() == []


def test_the_journal_and_the_lease_refuse_to_be_altered(world):
    """LAW-2."""
    world.lease(1)
    sell(world, ("full", 1))
    for statement in ("UPDATE journal SET kind = 'x'", "DELETE FROM journal", "UPDATE leases SET used = used + 1"):
        with pytest.raises(sqlite3.IntegrityError), world.till.database.write() as tx:
            tx.execute(statement)
    with pytest.raises(sqlite3.IntegrityError), world.till.database.write() as tx:
        tx.execute(
            "INSERT INTO journal SELECT sequence + 5, content, signature, algorithm, x'00', kind, at"
            " FROM journal LIMIT 1"
        )


def test_two_processes_on_one_till_are_refused(world):
    """5.7."""
    with pytest.raises(DatabaseInUse):
        Database(world.folder)


def test_what_was_committed_is_there_after_a_restart(world):
    """D3."""
    world.lease(4)
    answer = sell(world, ("full", 1))
    world.reopen()
    assert sell(world, ("full", 1))["order_number"] == "T01-000002"
    assert json.loads(world.journal()[1].bytes)["body"]["order_id"] == answer["order_id"]
    assert journal.last_sequence(world.till.database.read()) == 3
