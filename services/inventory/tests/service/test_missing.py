"""Seats and places that were sold twice all the same (domain 5.6): none is lost, and none is sold a third time."""

import threading

import pytest
from sqlalchemy import select

from inventory import usecases
from inventory.domain import SoldLine
from inventory.domain.errors import NotYourSeat
from inventory.usecases import reap
from kit.auth import Caller, CallerKind
from kit.clock import now
from kit.database import outbox
from kit.errors import Forbidden
from seating import SeatState
from seating.generate import theatre
from ticketing.cashdesk.v1.sale_pb2 import Seat, Seating
from ticketing.inventory.v1 import inventory_service_pb2 as pb

from ..conftest import new, scheduled
from .test_inventory import SERVICE, admission, audit, confirm, hold, sale
from .test_refunds import refund, seat_lease, states
from .test_seats import hold as hold_seats
from .test_seats import seats_add_up

SOLD, FREE = SeatState.SOLD, SeatState.FREE
THEATRE = theatre()
CATEGORIES = [category.code for category in THEATRE.categories]


def seated(performance_id, *seats, till_id="till", **line):
    seating = Seating(seats=[Seat(ordinal=seat) for seat in seats])
    return sale(admission(performance_id, len(seats), seating=seating, **line), till_id=till_id)


def told(sessions, sold):
    """What was told of the places that a sale lacks, oldest first: (missing, seats)."""
    query = select(outbox.c.payload).where(outbox.c.subject == "inventory.places.missing.v1").order_by(outbox.c.id)
    with sessions() as session:
        payloads = [row.payload for row in session.execute(query) if row.payload["orderId"] == sold.sale.order_id]
    revisions = [payload["revision"] for payload in payloads]
    assert revisions == sorted(set(revisions))
    return [(payload.get("missing", 0), payload.get("seats", [])) for payload in payloads]


def missing(stub, performance_id):
    (found,) = stub.GetAvailability(pb.GetAvailabilityRequest(performance_ids=[performance_id])).availabilities
    return found.missing


@pytest.fixture
def reseat(sessions):
    """Gives the first seat of a sealed line another; asked as orders asks."""

    def ask(sold, seat, to=0, categories=(), caller=SERVICE):
        line = sold.sale.lines[0]
        request = pb.ReseatSaleRequest(request_id=new())
        of = SoldLine(
            sold.sale.order_id, 1, sold.till_id, line.performance_id, "", "", 1, line.lease_id, line.hold_id, (seat,)
        )
        answer = usecases.reseat(
            sessions, caller, request, of, categories, to, pb.ReseatSaleResponse,
            lambda found: pb.ReseatSaleResponse(seat=found),
        )  # fmt: skip
        return answer.seat

    return ask


def test_a_seat_sold_twice_stays_with_its_owner_and_the_other_sale_is_known_to_lack_it(stub, tell, house, sessions):
    performance_id = house()
    one, two = seated(performance_id, 7), seated(performance_id, 6, 7)
    tell(one)
    tell(two)
    assert told(sessions, two) == [(1, [7])]
    assert told(sessions, one) == []
    assert missing(stub, performance_id) == 1
    assert states(stub, performance_id)[5:7] == [SOLD, SOLD]
    seats_add_up(sessions, performance_id)


def test_of_two_late_sales_of_one_seat_that_come_at_once_one_has_it_and_the_other_is_recorded(
    stub, tell, house, sessions
):
    """Races of real threads: whoever is first, nothing fails and nothing is lost."""
    performance_id = house()
    sales = [seated(performance_id, seat) for seat in (1, 2, 3) for _ in range(2)]
    ready = threading.Barrier(len(sales))

    def arrive(sold):
        ready.wait()
        tell(sold)

    threads = [threading.Thread(target=arrive, args=(sold,)) for sold in sales]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    lacking = [sold for sold in sales if told(sessions, sold)]
    assert sorted(sold.sale.lines[0].seating.seats[0].ordinal for sold in lacking) == [1, 2, 3]
    assert missing(stub, performance_id) == 3
    seats_add_up(sessions, performance_id)


def test_the_refund_of_a_seats_owner_gives_it_to_the_sale_that_lacks_it_and_never_to_the_public(
    stub, tell, house, sessions, places
):
    performance_id = house()
    one, two = seated(performance_id, 7), seated(performance_id, 7)
    tell(one, two)
    tell(refund(one, 1, seats=[7]))
    assert told(sessions, two) == [(1, [7]), (0, [])]
    assert hold_seats(stub, performance_id, 7).refusal == "SEAT_TAKEN"
    assert (missing(stub, performance_id), places(performance_id)[0]) == (0, 1)
    tell(refund(two, 1, seats=[7]))
    assert states(stub, performance_id)[6] == FREE
    seats_add_up(sessions, performance_id)


def test_a_seat_that_a_basket_held_goes_to_the_sealed_sale_when_the_basket_gives_it_back(stub, tell, house, sessions):
    performance_id = house()
    basket = hold_seats(stub, performance_id, 7)
    sold = seated(performance_id, 7)
    tell(sold)
    assert told(sessions, sold) == [(1, [7])]
    stub.ReleaseHolds(pb.ReleaseHoldsRequest(hold_ids=[basket.hold_id]))
    assert told(sessions, sold)[-1] == (0, [])
    assert hold_seats(stub, performance_id, 7).refusal == "SEAT_TAKEN"
    seats_add_up(sessions, performance_id)


def test_a_place_that_comes_free_in_a_full_house_goes_first_to_the_sale_that_lacks_one(stub, tell, room, sessions):
    """Rule 1: three people for two places; when one leaves, nobody else may be sold his."""
    performance_id = room(2)
    one, two = sale(admission(performance_id, 2)), sale(admission(performance_id, 1))
    tell(one, two)
    assert missing(stub, performance_id) == 1
    tell(refund(one, 1))
    assert told(sessions, two) == [(1, []), (0, [])]
    assert hold(stub, performance_id).refusal == "NOT_ENOUGH_PLACES"
    tell(refund(two, 1))
    assert hold(stub, performance_id).granted


def test_places_that_the_programme_opens_serve_who_lacks_them(stub, tell, room, sessions, places):
    performance_id = room(1)
    one, two = sale(admission(performance_id)), sale(admission(performance_id))
    tell(one, two)
    tell(scheduled(performance_id, 3, revision=2))
    reap(sessions, now())
    assert told(sessions, two)[-1] == (0, [])
    assert places(performance_id) == (2, 0, 0, 1)


def test_a_sale_from_a_recalled_lease_keeps_its_seats_where_they_are_free_and_lacks_the_others(
    stub, tell, house, till_stub, sessions
):
    """A supervisor took the block back while the till was away."""
    performance_id, till_id = house(), new()
    [lease] = seat_lease(till_stub(till_id), till_id, performance_id, 2)
    first, second = lease.seats
    recall = pb.RecallLeaseRequest(request_id=new(), lease_id=lease.lease_id, reason="La caisse ne répond plus")
    stub.RecallLease(recall)
    basket = hold_seats(stub, performance_id, first)
    confirm(stub, basket.hold_id)
    late = seated(performance_id, first, second, lease_id=lease.lease_id, till_id=till_id)
    tell(late)
    assert told(sessions, late) == [(1, [first])]
    tell(refund(late, 2, seats=[first, second]))
    assert missing(stub, performance_id) == 0
    assert [states(stub, performance_id)[seat - 1] for seat in (first, second)] == [SOLD, FREE]
    seats_add_up(sessions, performance_id)
    audit(sessions)


def test_the_sale_that_lacks_a_seat_gets_the_nearest_of_its_category_and_gives_that_one_back_when_it_is_refunded(
    stub, tell, house, sessions, reseat
):
    performance_id = house(THEATRE)
    one, two = seated(performance_id, 40), seated(performance_id, 40)
    tell(one, two)
    near = stub.SuggestSeats(
        pb.SuggestSeatsRequest(performance_id=performance_id, seat=40, categories=CATEGORIES, most=3)
    ).seats
    assert len(near) == 3
    now_seat = reseat(two, 40, categories=CATEGORIES)
    assert now_seat == near[0]
    assert reseat(two, 40, categories=CATEGORIES) == now_seat
    assert states(stub, performance_id)[now_seat - 1] == SOLD
    assert missing(stub, performance_id) == 0
    tell(refund(two, 1, seats=[40]))
    assert [states(stub, performance_id)[seat - 1] for seat in (40, now_seat)] == [SOLD, FREE]
    seats_add_up(sessions, performance_id)


@pytest.mark.parametrize("sold_by", ["order", "lease", "hold"])
def test_the_owner_of_a_seat_moves_and_the_sale_that_lacked_it_has_it_at_once(
    stub, tell, house, sessions, reseat, till_stub, sold_by, places
):
    """However the seat was sold; and each of the two gives back what it has now."""
    performance_id, till_id = house(), new()
    if sold_by == "lease":
        [lease] = seat_lease(till_stub(till_id), till_id, performance_id, 2)
        seat, other = lease.seats
        one = seated(performance_id, seat, other, lease_id=lease.lease_id, till_id=till_id)
    elif sold_by == "hold":
        seat, other = 7, 8
        basket = hold_seats(stub, performance_id, seat, other)
        confirm(stub, basket.hold_id)
        one = seated(performance_id, seat, other, hold_id=basket.hold_id)
    else:
        seat, other = 7, 8
        one = seated(performance_id, seat, other)
    two = seated(performance_id, seat)
    tell(one)
    tell(two)
    reseat(one, seat, to=90)
    assert told(sessions, two)[-1] == (0, [])
    assert [states(stub, performance_id)[x - 1] for x in (seat, other, 90)] == [SOLD] * 3
    assert places(performance_id)[0] == 3
    again = reseat(one, 90, to=91)
    assert again == 91
    tell(refund(one, 2, seats=[seat, other]))
    assert [states(stub, performance_id)[x - 1] for x in (seat, other, 90, 91)] == [SOLD, FREE, FREE, FREE]
    tell(refund(two, 1, seats=[seat]))
    assert places(performance_id)[0] == 0
    seats_add_up(sessions, performance_id)
    audit(sessions)


def test_nobody_moves_a_sale_from_a_seat_that_is_not_its_own(tell, house, reseat):
    performance_id = house()
    one = seated(performance_id, 7)
    tell(one)
    with pytest.raises(NotYourSeat):
        reseat(one, 8, to=9)
    person = Caller(new(), CallerKind.USER, "Anna", frozenset({"inventory.manage"}), now())
    with pytest.raises(Forbidden):
        reseat(one, 7, to=9, caller=person)
