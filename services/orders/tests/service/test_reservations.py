"""Reserved files through the real door (A6, F4)."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import grpc
import pytest
from hypothesis import given
from hypothesis import strategies as st

import ledger
import titles
from kit.auth import Caller, CallerKind
from kit.clock import now
from kit.errors import FieldInvalid
from kit.grpc_client import channel
from kit.grpc_errors import from_rpc_error
from kit.tokens import private_key, sign_token
from orders.domain.order import Sold
from orders.domain.reservation import Buyer, Search, understand
from orders.usecases.keep import keep_orders
from ticketing.orders.v1 import orders_service_pb2 as pb
from ticketing.orders.v1 import orders_service_pb2_grpc as rpc

from ..conftest import TOKEN_SEED, House, new_id

OPEN, PAID = pb.RESERVATION_STATE_OPEN, pb.RESERVATION_STATE_COMPLETED
CANCELLED, EXPIRED = pb.RESERVATION_STATE_CANCELLED, pb.RESERVATION_STATE_EXPIRED


@pytest.fixture(scope="module")
def counter(house):
    return house.as_user("orders.sell", "orders.view")


@pytest.fixture
def show(house):
    return house.performance(capacity=10, prices=(1200, 0))


@pytest.fixture
def reserve(counter, show):
    """Two places for Zoé Lefèvre until tomorrow, unless told otherwise."""

    def make(quantity=2, due_in=timedelta(days=1), performance=show, **buyer):
        request = pb.ReserveRequest(
            request_id=new_id(), channel="counter", note="Rappeler avant de venir",
            buyer=pb.Buyer(**{"name": "Zoé Lefèvre", "phone": "06 12 34 56 78", "email": "Zoe@example.org", **buyer}),
        )  # fmt: skip
        request.lines.add(performance_id=performance.id, tariff_id=performance.tariff_ids[0], quantity=quantity)
        request.due_at.FromDatetime(now() + due_in)
        return counter.Reserve(request).reservation

    return make


@pytest.fixture
def till(house):
    """A till's door to orders, and its id."""
    till_id = new_id()
    caller = Caller(till_id, CallerKind.TILL, "T09", frozenset({"orders.reserved"}), now() + timedelta(hours=1))
    token = sign_token(private_key(TOKEN_SEED), "test", caller, now())
    return rpc.OrdersServiceStub(channel(house.target, token=lambda: token, timeout_seconds=30)), till_id


def reason(method, request):
    with pytest.raises(grpc.RpcError) as refused:
        method(request)
    return from_rpc_error(refused.value)


def claim(till, reservation_id):
    door, till_id = till
    return door.ClaimReservation(pb.ClaimReservationRequest(reservation_id=reservation_id, till_id=till_id))


def sold_at(till, claimed) -> Sold:
    """The sale that the till seals of a file."""
    lines = tuple(
        ledger.Line(
            line=x.line, kind=ledger.LineKind(x.kind), performance_id=x.performance_id, show_id=x.show_id,
            category_id=x.category_id, tariff_id=x.tariff_id, product_id=None, option=None, label=x.label,
            quantity=x.quantity, unit_price=x.unit_price, total=x.total, vat_rate_bp=x.vat_rate_bp, vat=x.vat,
            net=x.net, lease_id=None, hold_id=x.hold_id,
        )
        for x in claimed.lines
    )  # fmt: skip
    key, at = titles.generate_key(), now()
    key_id = uuid.uuid4().int % 2**31 + 1
    tickets = tuple(
        ledger.Ticket(
            1, key_id, serial, titles.issue(titles.Token(titles.Kind.TILL, key_id, serial, 1, 1, at, 60), key)
        )
        for serial in range(1, 1 + sum(line.quantity for line in lines))
    )
    total = sum(line.total for line in lines)
    sale = ledger.Sale(
        order_id=new_id(), order_number=f"T09-{key_id}", channel="till", cashier_id=new_id(), shift_id=new_id(),
        cash_float_id=new_id(), business_on="2026-11-26", currency="EUR", catalog_version=1, lines=lines,
        tickets=tickets, payments=(ledger.Payment(ledger.Mode.CARD, total, total, 0, None),), total=total,
        vat=ledger.vat_totals(lines),
    )  # fmt: skip
    sale.check()
    return Sold(sale, till[1], 1, at, is_virtual=False)


def test_a_file_holds_its_places_until_its_date_and_says_what_is_due(house, reserve, show, counter):
    it = reserve()
    assert (it.state, it.total, it.due, it.currency) == (OPEN, 2400, 2400, "EUR")
    assert it.number.startswith("R-")
    assert [line.label for line in it.lines] == ["Visite libre, Tarif 1200"]
    assert house.inventory.free[show.id] == 8
    assert counter.GetReservation(pb.GetReservationRequest(reservation_id=it.id)).reservation == it


def test_a_repeated_request_gives_the_first_file_and_another_content_is_refused(counter, show, house):
    request = pb.ReserveRequest(request_id=new_id(), channel="counter", buyer=pb.Buyer(name="Ada"))
    request.lines.add(performance_id=show.id, tariff_id=show.tariff_ids[0], quantity=1)
    request.due_at.FromDatetime(now() + timedelta(hours=5))
    first, again = counter.Reserve(request).reservation, counter.Reserve(request).reservation
    assert first == again
    assert house.inventory.free[show.id] == 9
    request.buyer.name = "Bob"
    assert reason(counter.Reserve, request).reason == "REQUEST_REUSED"


@pytest.mark.parametrize(
    "typed",
    [
        "zoe lefevre",
        "LEFÈVRE",
        "zoé@example.org".replace("é", "e"),
        "06.12.34.56.78",
        "+33 6 12 34 56 78",
        "{number}",
        "{digits}",
    ],
)
def test_a_file_is_found_by_number_name_telephone_and_address(counter, reserve, typed):
    """A6: whatever the accents, and whether the telephone has its country before it."""
    it = reserve()
    text = typed.format(number=it.number.lower(), digits=it.number.removeprefix("R-"))
    found = counter.SearchReservations(pb.SearchReservationsRequest(text=text, page_size=500)).reservations
    assert it.id in [each.id for each in found]
    assert counter.SearchReservations(pb.SearchReservationsRequest(text="nobody at all")).reservations == []


def test_files_are_read_page_by_page_newest_first(counter, reserve):
    made = [reserve(quantity=1, name="Page Tourner").id for _ in range(5)]
    request = pb.SearchReservationsRequest(text="page tourner", page_size=2, states=[OPEN])
    seen = []
    while True:
        answer = counter.SearchReservations(request)
        seen += [each.id for each in answer.reservations]
        if not answer.next_page_token:
            break
        request.page_token = answer.next_page_token
    assert seen == made[::-1]


@given(st.text(max_size=60))
def test_whatever_is_typed_is_understood_as_one_thing_at_most(text):
    found = understand(text)
    assert sum(map(bool, (found.number, found.phone, found.email, found.words))) <= 1
    assert found == Search() or text.strip()


@pytest.mark.parametrize(
    ("buyer", "field"),
    [
        ({"name": " "}, "buyer.name"),
        ({"name": "A", "phone": "call me"}, "buyer.phone"),
        ({"name": "A", "email": "x"}, "buyer.email"),
    ],
)
def test_a_buyer_who_cannot_be_reached_as_written_is_refused_by_field(buyer, field):
    with pytest.raises(FieldInvalid) as refused:
        Buyer(**buyer)
    assert refused.value.facts["field"] == field


def test_a_date_in_the_past_or_after_the_performance_is_refused(house, reserve, show):
    for due_in in (timedelta(hours=-1), timedelta(days=3), timedelta(days=400)):
        with pytest.raises(grpc.RpcError) as refused:
            reserve(due_in=due_in)
        assert from_rpc_error(refused.value).facts["field"] == "due_at"
    assert house.inventory.free[show.id] == 10


def test_a_file_whose_date_has_passed_gives_its_places_back(house, reserve, show, counter):
    it = reserve()
    assert house.desk.expire(now()) == 0
    assert house.desk.expire(now() + timedelta(days=1, seconds=1)) >= 1
    assert house.inventory.free[show.id] == 10
    found = counter.GetReservation(pb.GetReservationRequest(reservation_id=it.id)).reservation
    assert (found.state, found.due) == (EXPIRED, 0)


def test_a_cancelled_file_gives_its_places_back_once(house, reserve, show, counter):
    request = pb.CancelReservationRequest(reservation_id=reserve().id, reason="Ne vient plus")
    assert counter.CancelReservation(request).reservation.state == CANCELLED
    assert counter.CancelReservation(request).reservation.ended_reason == "Ne vient plus"
    assert house.inventory.free[show.id] == 10


def test_a_file_is_prolonged_unless_its_places_are_gone(house, reserve, counter):
    it = reserve()
    request = pb.ProlongReservationRequest(reservation_id=it.id)
    request.due_at.FromDatetime(now() + timedelta(hours=40))
    assert counter.ProlongReservation(request).reservation.due_at == request.due_at
    del house.inventory.holds[it.lines[0].hold_id]
    assert reason(counter.ProlongReservation, request).reason == "HOLD_EXPIRED"


def test_a_till_takes_the_money_of_a_file_and_it_becomes_an_order(house, reserve, till, counter):
    """A6: state, lines and money due; the sale draws from what the file held."""
    it = reserve()
    claimed = claim(till, it.id)
    assert claimed.claimed_until.ToDatetime(UTC) > now() + timedelta(minutes=14)
    sold = sold_at(till, claimed.reservation)
    with house.sessions.begin() as session:
        keep_orders(session, house.issuer, [sold], {})
    paid = till[0].GetReservation(pb.GetReservationRequest(reservation_id=it.id)).reservation
    assert (paid.state, paid.due, paid.order_id) == (PAID, 0, sold.sale.order_id)
    assert (
        reason(counter.CancelReservation, pb.CancelReservationRequest(reservation_id=it.id)).reason
        == "RESERVATION_ENDED"
    )


def test_a_claimed_file_outlives_its_date_so_that_a_sealed_sale_finds_its_places(house, reserve, till):
    """A till that loses its network just after the claim sells all the same, and tells us later."""
    it = reserve(due_in=timedelta(minutes=5))
    claimed = claim(till, it.id).reservation
    assert house.inventory.until[it.lines[0].hold_id] > now() + timedelta(days=1)
    assert house.desk.expire(now() + timedelta(minutes=6)) == 0
    sold = sold_at(till, claimed)
    house.desk.expire(now() + timedelta(hours=1))  # nobody heard of the sale yet
    with house.sessions.begin() as session:
        keep_orders(session, house.issuer, [replace(sold)], {})
    assert till[0].GetReservation(pb.GetReservationRequest(reservation_id=it.id)).reservation.state == PAID


def test_of_many_tills_one_takes_the_money(house: House, reserve):
    it = reserve()

    def one_till(_):
        till_id = new_id()
        caller = Caller(till_id, CallerKind.TILL, "T", frozenset({"orders.reserved"}), now() + timedelta(hours=1))
        try:
            house.desk.claim(caller, it.id, till_id, now())
        except Exception as error:
            return type(error).__name__
        return "claimed"

    with ThreadPoolExecutor(8) as workers:
        answers = sorted(workers.map(one_till, range(8)))
    assert answers == ["ReservationBeingPaid"] * 7 + ["claimed"]


def test_a_claim_that_is_left_or_runs_out_frees_the_file_for_another_till(house, reserve, till):
    it = reserve()
    claim(till, it.id)
    other = Caller(new_id(), CallerKind.TILL, "T", frozenset({"orders.reserved"}), now() + timedelta(hours=1))
    house.desk.claim(other, it.id, other.subject, now() + timedelta(minutes=16))
    assert reason(lambda i: claim(till, i), it.id).reason == "RESERVATION_BEING_PAID"
    house.desk.unclaim(other, it.id, other.subject)
    claim(till, it.id)
    till[0].UnclaimReservation(pb.UnclaimReservationRequest(reservation_id=it.id, till_id=till[1]))


def test_a_till_claims_in_its_own_name_only_and_makes_no_files(house, reserve, till):
    it = reserve()
    request = pb.ClaimReservationRequest(reservation_id=it.id, till_id=new_id())
    assert reason(till[0].ClaimReservation, request).reason == "FORBIDDEN"
    assert reason(till[0].CancelReservation, pb.CancelReservationRequest(reservation_id=it.id)).reason == "FORBIDDEN"
    unknown = pb.GetReservationRequest(reservation_id=new_id())
    assert reason(till[0].GetReservation, unknown).reason == "RESERVATION_NOT_FOUND"


def test_places_that_are_not_there_make_no_file(house, counter, reserve, show):
    with pytest.raises(grpc.RpcError) as refused:
        reserve(quantity=11, name="Trop De Monde")
    assert from_rpc_error(refused.value).reason == "NOT_ENOUGH_PLACES"
    found = counter.SearchReservations(pb.SearchReservationsRequest(text="trop de monde")).reservations
    assert list(found) == []


def test_dates_are_instants(counter, show):
    request = pb.ReserveRequest(request_id=new_id(), channel="counter", buyer=pb.Buyer(name="Ada"))
    request.lines.add(performance_id=show.id, tariff_id=show.tariff_ids[0], quantity=1)
    assert reason(counter.Reserve, request).facts["field"] == "due_at"
    request.due_at.FromDatetime(datetime(2020, 1, 1, tzinfo=UTC))
    assert reason(counter.Reserve, request).facts["field"] == "due_at"
