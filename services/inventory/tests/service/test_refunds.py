"""What is refunded may be sold again: once, by anybody, and never both by the house and from a till's lease (A7)."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from inventory.domain.errors import SaleNotHereYet
from kit.errors import DomainError
from seating import SeatState, state_of
from ticketing.cashdesk.v1.events_pb2 import RefundRecorded
from ticketing.cashdesk.v1.sale_pb2 import Refund, RefundedSale, Seat, Seating
from ticketing.inventory.v1 import inventory_service_pb2 as pb

from ..conftest import new
from .test_inventory import admission, audit, confirm, hold, sale, sync


def refund(sold, quantity=1, line=0, seats=(), refund_id=None):
    """Of so many of one line of a sale."""
    made = RefundRecorded(till_id=sold.till_id, refund=Refund(refund_id=refund_id or new()))
    made.refund.original.CopyFrom(RefundedSale(order_id=sold.sale.order_id, till_id=sold.till_id))
    back = made.refund.lines.add()
    back.CopyFrom(sold.sale.lines[line])
    back.quantity = -quantity
    if seats:
        back.seating.CopyFrom(Seating(seats=[Seat(ordinal=seat) for seat in seats]))
    return made


@pytest.fixture
def lease(till_stub):
    """A till's lease of so many places: (till, its stub, the lease's id)."""

    def make(performance_id, places):
        till_id = new()
        stub = till_stub(till_id)
        [made] = sync(stub, till_id, wishes=[(performance_id, places)]).leases
        assert made.granted == places
        return till_id, stub, made.lease_id

    return make


def test_a_place_sold_from_a_running_lease_goes_back_to_the_house_and_not_to_the_till(
    sessions, tell, room, places, lease
):
    """Never in the lease and in the pool at once: the till's own numbers stay true whatever it reports."""
    performance_id = room(100)
    till_id, stub, lease_id = lease(performance_id, 10)
    sold = sale(admission(performance_id, 4, lease_id=lease_id), till_id=till_id)
    tell(sold)
    assert places(performance_id) == (4, 0, 6, 90)
    tell(refund(sold, 3))
    assert places(performance_id) == (1, 0, 6, 93)
    report = {"lease_id": lease_id, "used": 4, "returned": 0}
    [after] = sync(stub, till_id, [report]).leases
    assert (after.granted, after.used, after.returned) == (10, 4, 0)
    [topped_up] = sync(stub, till_id, [report], [(performance_id, 10)]).leases
    assert (topped_up.granted, places(performance_id)) == (14, (1, 0, 10, 89))
    audit(sessions)


def test_a_refund_after_the_lease_has_ended_frees_its_place_too(sessions, tell, room, places, lease):
    performance_id = room(100)
    till_id, stub, lease_id = lease(performance_id, 10)
    sold = sale(admission(performance_id, 2, lease_id=lease_id), till_id=till_id)
    tell(sold)
    sync(stub, till_id, [{"lease_id": lease_id, "used": 2, "returned": 8, "done": True}])
    tell(refund(sold, 2))
    assert places(performance_id) == (0, 0, 0, 100)
    audit(sessions)


def test_a_refund_counts_once_whatever_brings_it(tell, room, places):
    performance_id = room(10)
    sold = sale(admission(performance_id, 3))
    tell(sold)
    back = refund(sold, 1)
    ids = tell(back, back)
    tell(back, event_ids=ids[:1])
    tell(back)
    assert places(performance_id) == (2, 0, 0, 8)


def test_a_refund_that_overtakes_its_sale_waits_for_it(tell, room, places):
    performance_id = room(10)
    sold = sale(admission(performance_id, 2))
    with pytest.raises(SaleNotHereYet):
        tell(refund(sold, 1))
    assert places(performance_id) == (0, 0, 0, 10)
    tell(sold)
    tell(refund(sold, 1))
    assert places(performance_id) == (1, 0, 0, 9)


def test_a_place_sold_by_a_hold_comes_back_once_though_it_was_exchanged_before(stub, tell, room, places):
    performance_id, elsewhere = room(10), room(10)
    held = hold(stub, performance_id, 2)
    confirm(stub, held.hold_id)
    sold = sale(admission(performance_id, 2, hold_id=held.hold_id))
    tell(sold)
    exchange = pb.HoldRequest(hold_id=new(), lines=[pb.HoldLine(performance_id=elsewhere, quantity=1)])
    exchange.gives_back.add(hold_id=held.hold_id, performance_id=performance_id, quantity=1)
    assert stub.HoldPlaces(pb.HoldPlacesRequest(holds=[exchange])).results[0].granted
    confirm(stub, exchange.hold_id)
    assert places(performance_id) == (1, 0, 0, 9)
    tell(refund(sold, 1))
    assert places(performance_id) == (0, 0, 0, 10)
    tell(refund(sold, 1))
    assert places(performance_id) == (0, 0, 0, 10)


def test_a_refunded_seat_is_free_on_the_plan_and_can_be_sold_again(stub, tell, house, places):
    """G1."""
    performance_id = house()
    seats = [Seat(ordinal=seat) for seat in (1, 2)]
    sold = sale(admission(performance_id, 2, seating=Seating(seats=seats)))
    tell(sold)
    tell(refund(sold, 1, seats=[2]))
    assert states(stub, performance_id)[:2] == [SeatState.SOLD, SeatState.FREE]
    again = sale(admission(performance_id, 1, seating=Seating(seats=seats[1:])))
    tell(again)
    assert states(stub, performance_id)[:2] == [SeatState.SOLD, SeatState.SOLD]
    assert places(performance_id)[0] == 2


def test_the_refund_of_a_seat_that_was_sold_twice_leaves_it_to_whoever_has_it(stub, tell, house, places, sessions):
    """5.6: the sealed sale that came first keeps the seat; the conflict is settled by the other's refund."""
    performance_id = house()
    one, two = (sale(admission(performance_id, 1, seating=Seating(seats=[Seat(ordinal=7)]))) for _ in range(2))
    tell(one, two)
    tell(refund(two, 1, seats=[7]))
    assert states(stub, performance_id)[6] == SeatState.SOLD
    assert places(performance_id)[0] == 1
    assert open_conflicts(sessions, performance_id) == 0
    tell(refund(one, 1, seats=[7]))
    assert states(stub, performance_id)[6] == SeatState.FREE


def test_a_seat_sold_from_a_lease_is_free_for_everybody_but_never_in_that_lease_again(
    stub, tell, house, till_stub, sessions, places
):
    """The till goes on naming it as sold: with the seat in the lease once more, its word would be ambiguous."""
    performance_id, till_id = house(), new()
    till = till_stub(till_id)
    [lease] = seat_lease(till, till_id, performance_id, 4)
    best, seating = list(lease.seats), Seating(seats=[Seat(ordinal=seat) for seat in lease.seats])
    sold = sale(admission(performance_id, 4, lease_id=lease.lease_id, seating=seating), till_id=till_id)
    tell(sold)
    tell(refund(sold, 4, seats=best))
    report = pb.LeaseHolding(lease_id=lease.lease_id, used=4, sold_seats=best, epoch=lease.epoch)
    [lease] = seat_lease(till, till_id, performance_id, 4, report)
    assert len(lease.seats) == 4
    assert not set(best) & set(lease.seats)
    tell(sale(admission(performance_id, 4, seating=seating)))
    assert [states(stub, performance_id)[seat - 1] for seat in best] == [SeatState.SOLD] * 4
    report.done, report.epoch = True, lease.epoch
    seat_lease(till, till_id, performance_id, 0, report)
    assert places(performance_id) == (4, 0, 0, 116)
    audit(sessions)


def seat_lease(till, till_id, performance_id, left, *holdings):
    request = pb.SyncLeasesRequest(till_id=till_id, holdings=holdings)
    if left:
        request.wishes.append(pb.LeaseWish(performance_id=performance_id, left=left, seats=True))
    return till.SyncLeases(request).leases


def test_a_refund_of_more_than_the_house_holds_first_settles_what_was_sold_too_much(tell, room, places, sessions):
    """5.6: inventory then counts as sold exactly what the journals sold and did not refund."""
    performance_id = room(2)
    sold = sale(admission(performance_id, 3))
    tell(sold)
    assert places(performance_id) == (2, 0, 0, 0)
    tell(refund(sold, 1))
    assert places(performance_id) == (2, 0, 0, 0)
    assert open_conflicts(sessions, performance_id) == 0
    tell(refund(sold, 2))
    assert places(performance_id) == (0, 0, 0, 2)


def test_articles_come_back_to_the_shelf_with_their_own_cause(stub, tell):
    """O3."""
    product_id = new()
    sold = sale({"kind": "product", "product_id": product_id, "quantity": 3})
    tell(sold)
    tell(refund(sold, 2))
    [level] = stub.ListStock(pb.ListStockRequest(product_ids=[product_id])).levels
    moves = stub.ListStockMovements(pb.ListStockMovementsRequest(product_id=product_id)).movements
    assert level.on_hand == -1
    assert [(it.quantity, it.cause) for it in moves] == [(2, pb.STOCK_CAUSE_REFUNDED), (-3, pb.STOCK_CAUSE_SOLD)]


def test_a_refund_of_a_line_that_was_never_sold_is_not_counted(tell, room):
    sold = sale(admission(room(5), 1))
    tell(sold)
    other = refund(sold, 1)
    other.refund.lines[0].line = 9
    with pytest.raises(DomainError):
        tell(other)


def test_a_quota_has_room_again_for_what_was_refunded(stub, tell, room, sessions, till_stub):
    """K6: places of a lease stay with the quota that they were drawn from until they come back."""
    performance_id, till_id = room(50), new()
    request = pb.SaveQuotaRequest(request_id=new(), performance_id=performance_id)
    request.quota.number, request.quota.name, request.quota.at_most = 1, "tills", 4
    request.quota.channels.append("till")
    stub.SaveQuota(request)
    till = till_stub(till_id)
    [made] = waited_for(till, till_id, performance_id, 4)
    sold = sale(admission(performance_id, 4, lease_id=made.lease_id), till_id=till_id)
    tell(sold)
    report = {"lease_id": made.lease_id, "used": 4, "returned": 0}
    assert waited_for(till, till_id, performance_id, 3, report)[0].granted == 4
    tell(refund(sold, 3))
    assert waited_for(till, till_id, performance_id, 3, report)[0].granted == 7
    sync(till, till_id, [report | {"returned": 3, "done": True}])
    assert taken(sessions, performance_id) == 1


def waited_for(till, till_id, performance_id, places, *holdings):
    """The leases of a till at which a customer waits for so many places."""
    wish = pb.LeaseWish(performance_id=performance_id, left=places, needed=places)
    told = [pb.LeaseHolding(**holding) for holding in holdings]
    return till.SyncLeases(pb.SyncLeasesRequest(till_id=till_id, holdings=told, wishes=[wish])).leases


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.tuples(st.sampled_from(["sell", "refund", "sync"]), st.integers(1, 4)), max_size=14))
def test_whatever_is_sold_refunded_and_reported_the_house_counts_what_is_sold_and_not_refunded(
    steps, sessions, tell, room, places, till_stub
):
    """sold − refunded = capacity used; the lease never takes part in it."""
    performance_id, till_id = room(200), new()
    stub = till_stub(till_id)
    [made] = sync(stub, till_id, wishes=[(performance_id, 40)]).leases
    granted, used, sales, left = made.granted, 0, [], {}
    for step, count in steps:
        if step == "sell":
            sold = sale(admission(performance_id, count, lease_id=made.lease_id), till_id=till_id)
            used += count
            left[sold.sale.order_id] = count
            sales.append(sold)
            tell(sold)
        elif step == "refund" and sales:
            sold = sales[count % len(sales)]
            if left[sold.sale.order_id]:
                left[sold.sale.order_id] -= 1
                tell(refund(sold, 1))
        elif step == "sync":
            report = {"lease_id": made.lease_id, "used": used, "returned": 0}
            granted = sync(stub, till_id, [report], [(performance_id, 40)]).leases[0].granted
    sold_now, held, leased, free = places(performance_id)
    assert sold_now == sum(left.values())
    assert leased == granted - used
    assert sold_now + held + leased + free == 200
    audit(sessions)


def states(stub, performance_id):
    status = stub.GetSeatStatus(pb.GetSeatStatusRequest(performance_id=performance_id))
    return [state_of(byte) for byte in status.states]


def open_conflicts(sessions, performance_id):
    query = text("SELECT coalesce(sum(quantity - refunded), 0) FROM conflicts WHERE performance_id = :id")
    with sessions() as session:
        return session.execute(query, {"id": performance_id}).scalar_one()


def taken(sessions, performance_id):
    query = text("SELECT taken FROM quotas WHERE performance_id = :id")
    with sessions() as session:
        return session.execute(query, {"id": performance_id}).scalar_one()
