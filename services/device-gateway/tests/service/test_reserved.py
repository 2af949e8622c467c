"""Reserved files at the till: found with the network, paid without it if need be (A6)."""

import json
import uuid
from datetime import timedelta

import pytest

import ledger
from device_gateway import reserved, selling
from device_gateway.domain.errors import NotClaimed, ProductUnknown, QuantityOutOfRange
from device_gateway.store import claims, leases
from kit.clock import now
from kit.errors import DomainError, RequestReused
from ticketing.orders.v1 import orders_service_pb2 as orders


@pytest.fixture
def file(world, centre):
    """A file of two places and a poster for Zoé, at the price of the day when she called: cheaper than today's."""
    it = orders.Reservation(
        id=str(uuid.uuid4()), number="R-000042", state=orders.RESERVATION_STATE_OPEN, total=2450, due=2450,
        currency="EUR", buyer=orders.Buyer(name="Zoé Lefèvre", phone="0612345678"),
    )  # fmt: skip
    it.due_at.FromDatetime(now() + timedelta(days=1))
    hold_id = str(uuid.uuid4())
    it.lines.add(line=1, kind="admission", performance_id=world.slot, show_id=world.uid("visit"), tariff_id=world.full,
                 category_id=world.uid("single"), label="Visite libre, Plein tarif", quantity=2, unit_price=1000,
                 total=2000, vat_rate_bp=550, hold_id=hold_id)  # fmt: skip
    it.lines.add(line=2, kind="product", product_id=world.poster, label="Affiche", quantity=1, unit_price=450,
                 total=450, vat_rate_bp=2000, hold_id=hold_id)  # fmt: skip
    centre.reservations[it.id] = it
    return it


@pytest.fixture
def claimed(world, centre, file):
    return reserved.claim(world.till, centre.client(), world.seller(), file.id)


def request_of(file, *others, total=2450, request_id=None):
    return {
        "request_id": request_id or str(uuid.uuid4()), "receipt": False, "expected_total": total,
        "items": [{"kind": "reserved", "reservation_id": file.id, "quantity": 1}, *others],
        "payments": [{"mode": "card", "amount": total, "tendered": None}],
    }  # fmt: skip


def sell(world, raw):
    return selling.sell(world.till, world.seller(), selling.parse_request(raw), world.at)


def sealed(world):
    bodies = [json.loads(entry.bytes) for entry in world.journal()]
    return [ledger.Sale.from_body(each["body"]) for each in bodies if each["kind"] == ledger.Kind.SALE]


def test_a_file_is_found_and_says_what_is_due(world, centre, file):
    [found] = reserved.search(world.till, centre.client(), world.seller(), "Zoé")
    assert (found.number, found.state, found.due, found.lines) == (
        "R-000042", "open", 2450, ("2 × Visite libre, Plein tarif", "1 × Affiche"),
    )  # fmt: skip
    assert reserved.search(world.till, centre.client(), world.seller(), "Nobody") == []


def test_a_claimed_file_is_sold_at_its_own_price_from_its_hold_and_not_from_a_lease(world, centre, file, claimed):
    world.lease(10)
    answer = sell(world, request_of(file))
    assert (answer["total"], len(answer["tickets"])) == (2450, 2)
    [sale] = sealed(world)
    assert {line.hold_id for line in sale.lines} == {file.lines[0].hold_id}
    assert {line.lease_id for line in sale.lines} == {None}
    assert [lease.used for lease in leases.every(world.till.database.read())] == [0]
    assert claims.every(world.till.database.read()) == {}
    assert world.faults_of_journal() == []


def test_a_claimed_file_is_paid_without_a_network_and_after_a_restart(world, centre, file, claimed):
    """D2, D3: the cable is pulled between the claim and the payment."""
    centre.server.stop(None).wait()
    world.reopen()
    assert sell(world, request_of(file))["total"] == 2450


def test_a_file_and_an_article_are_one_basket(world, file, claimed):
    """A3."""
    poster = {"kind": "product", "product_id": world.poster, "option": None, "quantity": 1}
    assert sell(world, request_of(file, poster, total=2900))["total"] == 2900


def test_a_file_is_sold_once(world, file, claimed):
    request = request_of(file)
    first = sell(world, request)
    assert sell(world, request) == first  # the same request again
    with pytest.raises(NotClaimed):
        sell(world, request_of(file))
    with pytest.raises(RequestReused):
        sell(world, request_of(file, request_id=request["request_id"], total=2400))
    assert len(sealed(world)) == 1


def test_a_file_that_was_not_claimed_is_not_sold(world, file):
    with pytest.raises(NotClaimed):
        sell(world, request_of(file))
    with pytest.raises(QuantityOutOfRange):
        selling.parse_request(
            request_of(file) | {"items": [{"kind": "reserved", "reservation_id": file.id, "quantity": 2}]}
        )


def test_a_file_that_is_left_is_somebody_else_s(world, centre, file, claimed):
    assert centre.claimed_by == {file.id: world.till_id}
    reserved.leave(world.till, centre.client(), file.id)
    assert centre.claimed_by == {}
    with pytest.raises(NotClaimed):
        sell(world, request_of(file))


def test_a_file_is_left_though_the_centre_does_not_answer(world, centre, file, claimed):
    client = centre.client()
    centre.server.stop(None).wait()
    with pytest.raises(DomainError):
        reserved.leave(world.till, client, file.id)
    assert claims.every(world.till.database.read()) == {}


def test_a_file_of_a_performance_that_the_till_does_not_know_is_refused_in_words(world, centre, file):
    file.lines[0].performance_id = str(uuid.uuid4())
    reserved.claim(world.till, centre.client(), world.seller(), file.id)
    with pytest.raises(ProductUnknown):
        sell(world, request_of(file))
    assert len(claims.every(world.till.database.read())) == 1


def test_a_claim_that_the_centre_refuses_leaves_nothing_behind(world, centre, file):
    centre.refusals["ClaimReservation"] = ("RESERVATION_BEING_PAID", {})
    with pytest.raises(DomainError) as refused:
        reserved.claim(world.till, centre.client(), world.seller(), file.id)
    assert refused.value.reason == "RESERVATION_BEING_PAID"
    assert claims.every(world.till.database.read()) == {}
