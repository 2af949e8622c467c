"""The inventory through its doors – gRPC and events – on the real PostgreSQL."""

import threading
import uuid
from datetime import timedelta

import pytest
from sqlalchemy import text

from inventory.domain import LeaseReport, LeaseTerms, LeaseWish
from inventory.domain.errors import PerformanceNotHereYet
from inventory.usecases import HoldDesk, reap, sync_leases
from kit.auth import Caller, CallerKind
from kit.clock import now
from kit.database import outbox
from kit.errors import FieldInvalid
from ticketing.cashdesk.v1.events_pb2 import SaleRecorded
from ticketing.cashdesk.v1.sale_pb2 import Sale, SaleLine
from ticketing.catalog.v1.catalog_pb2 import Product, ProductOption
from ticketing.catalog.v1.events_pb2 import ProductSaved
from ticketing.inventory.v1 import inventory_service_pb2 as pb

from ..conftest import new, scheduled

TERMS = LeaseTerms(timedelta(hours=12), timedelta(minutes=5))
SERVICE = Caller("orders", CallerKind.SERVICE, "orders", frozenset(), now() + timedelta(hours=1))


def sale(*lines, till_id="till", order_id=None):
    numbered = [SaleLine(line=i + 1, **line) for i, line in enumerate(lines)]
    return SaleRecorded(till_id=till_id, sale=Sale(order_id=order_id or new(), lines=numbered))


def admission(performance_id, quantity=1, **others):
    return {"kind": "admission", "performance_id": performance_id, "quantity": quantity} | others


def hold(stub, performance_id, quantity=1, hold_id=None, seconds=0):
    line = pb.HoldLine(performance_id=performance_id, quantity=quantity)
    wish = pb.HoldRequest(hold_id=hold_id or new(), lines=[line], hold_seconds=seconds)
    return stub.HoldPlaces(pb.HoldPlacesRequest(holds=[wish])).results[0]


def confirm(stub, *hold_ids):
    return stub.ConfirmHolds(pb.ConfirmHoldsRequest(hold_ids=hold_ids)).results


def sync(stub, till_id, holdings=(), wishes=()):
    return stub.SyncLeases(
        pb.SyncLeasesRequest(
            till_id=till_id,
            holdings=[pb.LeaseHolding(**holding) for holding in holdings],
            wishes=[pb.LeaseWish(performance_id=p, left=n) for p, n in wishes],
        )
    )


def audit(sessions):
    """Every capacity's leased places are those of its leases, its held ones those of its running holds."""
    query = text(
        "SELECT count(*) FROM capacities c WHERE leased <> (SELECT coalesce(sum(granted - returned - used), 0)"
        " FROM leases l WHERE l.performance_id = c.performance_id) OR held <> (SELECT coalesce(sum(quantity), 0)"
        " FROM hold_lines l JOIN holds h USING (hold_id) WHERE h.state = 1 AND l.performance_id = c.performance_id)"
    )
    with sessions() as session:
        assert session.execute(query).scalar_one() == 0


def test_a_hold_becomes_a_sale(stub, room, places):
    performance_id = room(10)
    held = hold(stub, performance_id, 3)
    assert held.granted
    assert places(performance_id) == (0, 3, 0, 7)
    assert all(result.granted for _ in range(2) for result in confirm(stub, held.hold_id))
    assert places(performance_id) == (3, 0, 0, 7)


def test_each_hold_stands_alone_and_says_why_it_was_refused(stub, room):
    full, wide = room(1), room(100)
    lines = [[(full, 2)], [(wide, 2)], [(new(), 1)], [(wide, 1), (full, 5)]]
    wishes = [
        pb.HoldRequest(hold_id=new(), lines=[pb.HoldLine(performance_id=p, quantity=n) for p, n in of]) for of in lines
    ]
    results = stub.HoldPlaces(pb.HoldPlacesRequest(holds=wishes)).results
    refusals = [result.refusal for result in results]
    assert refusals == ["NOT_ENOUGH_PLACES", "", "PERFORMANCE_UNKNOWN", "NOT_ENOUGH_PLACES"]
    assert results[0].facts["free"] == "1"


def test_a_repeated_hold_gives_the_first_answer(stub, room, places):
    performance_id, hold_id = room(10), new()
    first = hold(stub, performance_id, 2, hold_id)
    assert hold(stub, performance_id, 2, hold_id) == first
    assert hold(stub, performance_id, 3, hold_id).refusal == "HOLD_REUSED"
    assert hold(stub, room(5), 2, hold_id).refusal == "HOLD_REUSED"
    assert places(performance_id) == (0, 2, 0, 8)


def test_what_was_held_too_long_is_free_again(sessions, stub, room, places):
    """By the reaper, and at once for whoever needs the places."""
    first, second = room(2), room(2)
    a, b = hold(stub, first, 2, seconds=10), hold(stub, second, 2, seconds=10)
    later = now() + timedelta(seconds=11)
    wish = pb.HoldRequest(hold_id=new(), lines=[pb.HoldLine(performance_id=first, quantity=2)])
    from inventory.grpc_messages import wish as wish_from

    (outcome,) = HoldDesk(sessions).hold(SERVICE, [wish_from("h", wish, later)], later)
    assert not outcome.refusal
    assert reap(sessions, later) == 1
    assert places(second) == (0, 0, 0, 2)
    assert [result.refusal for result in confirm(stub, a.hold_id, b.hold_id)] == ["HOLD_EXPIRED", ""]
    assert places(second) == (2, 0, 0, 0)
    audit(sessions)


@pytest.mark.parametrize(
    ("hold_id", "line", "field"),
    [
        ("seven", {"performance_id": str(uuid.UUID(int=1)), "quantity": 1}, "holds[0].hold_id"),
        (str(uuid.UUID(int=2)), {"performance_id": "x", "quantity": 1}, "holds[0].lines[0].performance_id"),
        (str(uuid.UUID(int=2)), {"performance_id": str(uuid.UUID(int=1))}, "holds[0].lines[0].quantity"),
        (
            str(uuid.UUID(int=2)),
            {"performance_id": str(uuid.UUID(int=1)), "quantity": 1001},
            "holds[0].lines[0].quantity",
        ),
        (str(uuid.UUID(int=2)), {"quantity": 1}, "holds[0].lines[0]"),
    ],
)
def test_a_malformed_hold_is_refused_with_its_field(stub, refused, hold_id, line, field):
    wish = pb.HoldRequest(hold_id=hold_id, lines=[pb.HoldLine(**line)])
    refusal = refused(stub.HoldPlaces, pb.HoldPlacesRequest(holds=[wish]))
    assert (refusal.reason, refusal.facts["field"]) == ("FIELD_INVALID", field)


def test_rights_are_checked_in_the_core(stub_with, till_stub, refused):
    """M2; a till speaks for itself only."""
    nobody = stub_with()
    assert refused(nobody.HoldPlaces, pb.HoldPlacesRequest()).facts["right"] == "orders.sell"
    assert refused(nobody.GetAvailability, pb.GetAvailabilityRequest()).facts["right"] == "inventory.view"
    request = pb.RecallLeaseRequest(request_id=new(), lease_id=new(), reason="dark till")
    assert refused(nobody.RecallLease, request).facts["right"] == "inventory.manage"
    assert refused(nobody.MoveStock, pb.MoveStockRequest(request_id=new())).facts["right"] == "inventory.manage"
    assert refused(till_stub("a").SyncLeases, pb.SyncLeasesRequest(till_id="b")).facts["right"] == "till"


def test_sixty_four_callers_and_ten_places_are_exactly_ten_sales(sessions, stub, room, places):
    """Design §3 rule 1: over gRPC, with real threads; every answer is true."""
    performance_id = room(10)
    granted, ready = [], threading.Barrier(64)

    def buy():
        ready.wait()
        result = hold(stub, performance_id)
        if result.granted and confirm(stub, result.hold_id)[0].granted:
            granted.append(result.hold_id)

    run(buy for _ in range(64))
    assert len(granted) == 10
    assert places(performance_id) == (10, 0, 0, 0)
    audit(sessions)


def test_tills_and_counters_racing_for_the_last_places_never_pass_the_capacity(sessions, stub, till_stub, room, places):
    performance_id = room(10)
    sold, ready = [], threading.Barrier(64)

    def buy():
        ready.wait()
        result = hold(stub, performance_id)
        if result.granted and confirm(stub, result.hold_id)[0].granted:
            sold.append(1)

    def lease(till_id):
        ready.wait()
        sync(till_stub(till_id), till_id, wishes=[(performance_id, 5)])

    run([buy] * 40 + [lambda i=i: lease(f"t{i}") for i in range(24)])
    bought, held, leased, free = places(performance_id)
    assert bought == len(sold)
    assert (bought + leased, held, free) == (10, 0, 0)
    audit(sessions)


def test_two_processes_on_the_same_performances_neither_deadlock_nor_oversell(sessions, room, places):
    """Each desk is what one process has; baskets name the performances in opposite orders."""
    from inventory.domain import HoldLine, HoldWish

    rooms, desks, granted = [room(20), room(20)], [HoldDesk(sessions), HoldDesk(sessions)], []

    def buy(i):
        order = rooms if i % 2 else rooms[::-1]
        lines = tuple(HoldLine(performance_id, "", "", 1) for performance_id in order)
        (outcome,) = desks[i % 2].hold(SERVICE, [HoldWish(new(), lines, now() + timedelta(minutes=5))], now())
        if not outcome.refusal:
            granted.append(outcome)

    run(lambda i=i: buy(i) for i in range(48))
    assert len(granted) == 20
    assert [places(r) for r in rooms] == [(0, 20, 0, 0)] * 2


def run(works):
    failures = []

    def guarded(work):
        try:
            work()
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=guarded, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures


def test_a_till_keeps_its_lease_sells_from_it_and_gives_it_back(stub, till_stub, room, places, tell, sessions):
    performance_id, till_id = room(400), new()
    till = till_stub(till_id)
    (lease,) = sync(till, till_id, wishes=[(performance_id, 50)]).leases
    again = sync(till, till_id, wishes=[(performance_id, 50)])
    assert again.leases[0].granted == lease.granted == 50
    assert again.availabilities[0].leased == 50
    tell(sale(admission(performance_id, 4, lease_id=lease.lease_id), till_id=till_id))
    assert places(performance_id) == (4, 0, 46, 350)
    told = {"lease_id": lease.lease_id, "used": 6, "returned": 10}
    assert sync(till, till_id, [told]).leases[0].returned == 10
    (closed,) = sync(till, till_id, [told | {"done": True}]).leases
    assert closed.state == pb.LEASE_STATE_CLOSED
    assert places(performance_id) == (4, 0, 2, 394)
    tell(sale(admission(performance_id, 2, lease_id=lease.lease_id), till_id=till_id))
    assert places(performance_id) == (6, 0, 0, 394)
    (fresh,) = sync(till, till_id, [told | {"done": True}], [(performance_id, 3)]).leases[-1:]
    assert fresh.lease_id != lease.lease_id
    audit(sessions)


def test_a_report_of_more_than_was_granted_changes_nothing(till_stub, room, places, refused):
    performance_id, till_id = room(400), new()
    till = till_stub(till_id)
    (lease,) = sync(till, till_id, wishes=[(performance_id, 10)]).leases
    told = pb.LeaseHolding(lease_id=lease.lease_id, used=11)
    refusal = refused(till.SyncLeases, pb.SyncLeasesRequest(till_id=till_id, holdings=[told]))
    assert refusal.reason == "LEASE_OVERUSED"
    other = pb.LeaseHolding(lease_id=new())
    assert refused(till.SyncLeases, pb.SyncLeasesRequest(till_id=till_id, holdings=[other])).reason == "LEASE_NOT_FOUND"
    assert places(performance_id)[2] == 10


def test_an_expired_lease_is_settled_by_its_tills_word_only(sessions, room, places):
    performance_id, till_id = room(400), new()
    leases, _, _ = sync_leases(sessions, SERVICE, till_id, [], [LeaseWish(performance_id, 40)], now(), TERMS)
    later = leases[0].lease.expires_at + TERMS.grace + timedelta(seconds=1)
    reap(sessions, later)
    assert places(performance_id)[2] == 40
    told = [LeaseReport(leases[0].lease.lease_id, 3, 0)]
    leases, _, _ = sync_leases(sessions, SERVICE, till_id, told, [], later, TERMS)
    assert (leases[0].wanted_back, places(performance_id)[2]) == (37, 40)
    told = [LeaseReport(leases[0].lease.lease_id, 3, 37)]
    sync_leases(sessions, SERVICE, till_id, told, [], later, TERMS)
    assert places(performance_id)[2] == 3


def test_a_supervisor_recalls_a_dark_tills_lease_once(stub, till_stub, room, places, sessions, refused, tell):
    performance_id, till_id, request_id = room(400), new(), new()
    (lease,) = sync(till_stub(till_id), till_id, wishes=[(performance_id, 30)]).leases
    request = pb.RecallLeaseRequest(request_id=request_id, lease_id=lease.lease_id, reason="till stolen")
    assert stub.RecallLease(request) == stub.RecallLease(request)
    assert places(performance_id) == (0, 0, 0, 400)
    with sessions() as session:
        found = session.execute(outbox.select().where(outbox.c.subject == "inventory.lease.recalled.v1")).all()
        told = [row.payload for row in found if row.payload["leaseId"] == lease.lease_id]
    assert [(t["places"], t["reason"]) for t in told] == [(30, "till stolen")]
    again = pb.RecallLeaseRequest(request_id=new(), lease_id=lease.lease_id, reason="till stolen")
    assert refused(stub.RecallLease, again).reason == "LEASE_NOT_ACTIVE"
    answer = sync(till_stub(till_id), till_id, [{"lease_id": lease.lease_id, "used": 5}])
    assert answer.leases[0].state == pb.LEASE_STATE_RECALLED
    tell(sale(admission(performance_id, 5, lease_id=lease.lease_id), till_id=till_id))
    assert places(performance_id) == (5, 0, 0, 395)


def test_a_sale_counts_once_however_often_it_is_told(tell, room, places, sessions):
    """Design §3 rule 2: the same event, the same sale in another event, and both in one batch."""
    performance_id = room(10)
    told = sale(admission(performance_id, 2))
    ids = tell(told)
    tell(told, event_ids=ids)
    tell(told)
    tell(told, told)
    assert places(performance_id) == (2, 0, 0, 8)


def test_a_sale_confirms_its_hold_and_the_counter_may_confirm_it_too(stub, tell, room, places):
    performance_id = room(10)
    held = hold(stub, performance_id, 2)
    tell(sale(admission(performance_id, 2, hold_id=held.hold_id)))
    assert confirm(stub, held.hold_id)[0].granted
    assert places(performance_id) == (2, 0, 0, 8)


def test_a_sale_beyond_the_capacity_is_a_conflict_and_no_failure(tell, room, places, sessions):
    """Domain 5.6."""
    performance_id = room(3)
    told = sale(admission(performance_id, 5, lease_id=new()))
    tell(told)
    tell(told)
    assert places(performance_id) == (3, 0, 0, 0)
    with sessions() as session:
        query = text("SELECT quantity, cause FROM conflicts WHERE performance_id = CAST(:p AS uuid)")
        assert session.execute(query, {"p": performance_id}).all() == [(2, "lease unknown")]


def test_a_sale_that_overtakes_its_performance_waits_for_it(tell, places):
    performance_id = new()
    told, ids = sale(admission(performance_id)), [new()]
    with pytest.raises(PerformanceNotHereYet):
        tell(told, event_ids=ids)
    tell(scheduled(performance_id, 5))
    tell(told, event_ids=ids)
    assert places(performance_id) == (1, 0, 0, 4)


def test_a_malformed_sale_is_parked_not_retried(tell):
    with pytest.raises(FieldInvalid):
        tell(sale(admission("museum")))
    with pytest.raises(FieldInvalid):
        tell(sale(admission(new(), 0)))


def test_a_performance_never_shrinks_below_what_is_engaged_and_old_news_changes_nothing(stub, tell, room, places):
    performance_id = room(10)
    hold(stub, performance_id, 6)
    tell(scheduled(performance_id, 4, revision=3))
    assert places(performance_id) == (0, 6, 0, 0)
    tell(scheduled(performance_id, 50, revision=2))
    assert sum(places(performance_id)) == 6
    tell(scheduled(performance_id, 20, revision=5), scheduled(performance_id, 30, revision=4))
    assert sum(places(performance_id)) == 20
    tell(scheduled(performance_id, 20, revision=6, state=3))
    assert hold(stub, performance_id).refusal == "PERFORMANCE_UNKNOWN"


def test_thousands_of_performances_are_opened_and_read_at_once(stub, tell):
    ids = [new() for _ in range(3000)]
    tell(*[scheduled(i, 50) for i in ids])
    found = stub.GetAvailability(pb.GetAvailabilityRequest(performance_ids=[*ids, new()])).availabilities
    assert {a.performance_id for a in found} == set(ids)


def test_stock_is_received_sold_and_corrected_with_a_cause_each(stub, tell, sessions, refused):
    """O3."""
    product_id, request_id = new(), new()
    options = [ProductOption(code="M", label="M"), ProductOption(code="L", label="L")]
    tell(ProductSaved(product=Product(id=product_id, options=options)))

    def level(option):
        return next(
            (x.on_hand, x.held)
            for x in stub.ListStock(pb.ListStockRequest()).levels
            if (x.product_id, x.option) == (product_id, option)
        )

    def move(quantity, cause, **others):
        values = {"request_id": new(), "product_id": product_id, "option": "M", "quantity": quantity, "cause": cause}
        return pb.MoveStockRequest(**values | others)

    assert level("L") == (0, 0)
    received = move(5, pb.STOCK_CAUSE_RECEIVED, request_id=request_id)
    assert stub.MoveStock(received) == stub.MoveStock(received)
    stub.MoveStock(move(-1, pb.STOCK_CAUSE_CORRECTED, note="broken"))
    line = pb.HoldLine(product_id=product_id, option="M", quantity=3)
    held = stub.HoldPlaces(pb.HoldPlacesRequest(holds=[pb.HoldRequest(hold_id=new(), lines=[line])])).results[0]
    assert level("M") == (4, 3)
    more = pb.HoldRequest(hold_id=new(), lines=[pb.HoldLine(product_id=product_id, option="M", quantity=2)])
    assert stub.HoldPlaces(pb.HoldPlacesRequest(holds=[more])).results[0].refusal == "NOT_ENOUGH_STOCK"
    by_hold = {"kind": "product", "product_id": product_id, "option": "M", "quantity": 3, "hold_id": held.hold_id}
    at_till = {"kind": "product", "product_id": product_id, "option": "M", "quantity": 2}
    tell(sale(by_hold, at_till))
    assert level("M") == (-1, 0)
    with sessions() as session:
        query = text("SELECT sum(quantity), count(*) FROM stock_movements WHERE product_id = CAST(:p AS uuid)")
        assert session.execute(query, {"p": product_id}).one() == (-1, 4)
    for wrong, field in (
        (move(1, pb.STOCK_CAUSE_SOLD), "cause"),
        (move(-1, pb.STOCK_CAUSE_RECEIVED), "quantity"),
        (move(0, pb.STOCK_CAUSE_CORRECTED), "quantity"),
        (move(1, pb.STOCK_CAUSE_RECEIVED, product_id="mug"), "product_id"),
    ):
        assert refused(stub.MoveStock, wrong).facts["field"] == field


def test_leases_are_listed_by_till_and_performance(stub, till_stub, room):
    performance_id, till_id = room(100), new()
    sync(till_stub(till_id), till_id, wishes=[(performance_id, 10)])
    for request in (pb.ListLeasesRequest(till_id=till_id), pb.ListLeasesRequest(performance_id=performance_id)):
        assert [lease.till_id for lease in stub.ListLeases(request).leases] == [till_id]
