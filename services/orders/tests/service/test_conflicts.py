"""Places that were sold twice, with the real inventory and journal: recorded, decided, sealed, told to gates (5.6)."""

import json
import threading
from dataclasses import replace

import pytest
from google.protobuf.json_format import MessageToDict

import inventory.consumers
import ledger
import titles
from cashdesk import domain, reading
from inventory.usecases import reap
from kit import outbox
from kit.bus import Bus
from kit.clock import now
from kit.consumer import handle_batch
from kit.envelope import Unpacked
from kit.testing import eventually
from orders import gates
from orders.consumers import subscriptions
from orders.messages import sale_message
from ticketing.cashdesk.v1 import events_pb2 as cashdesk_events
from ticketing.cashdesk.v1 import sale_pb2
from ticketing.catalog.v1.events_pb2 import PerformanceScheduled
from ticketing.orders.v1 import orders_service_pb2 as pb
from titles import Cause

from ..conftest import new_id, refusal
from .test_orders import Till, admission
from .test_seats import SMALL, THEATRE, SeatedHouse, basket, code_of

pytestmark = pytest.mark.service


class DisputedHouse(SeatedHouse):
    """With the inventory's own word delivered too."""

    def deliver_events(self):
        super().deliver_events()
        telling = Bus(self._nats_url, "inventory")
        telling.start()
        telling.relay(self.places_engine)
        self.buses.append(telling)

    @property
    def manager(self):
        return self.as_user("orders.view", "orders.refund")


@pytest.fixture(scope="module")
def house(database, nats_url):
    running = DisputedHouse(database, nats_url)
    yield running
    running.close()


@pytest.fixture
def till(house):
    return Till(house)


def seated(show, plan, *seats, price=0):
    """A line of a till's sale for these seats, at the price of their category."""
    code = code_of(plan, seats[0])
    words = {plan.ordinals[seat.id]: (zone.name, row.label, seat.label)
             for zone in plan.zones for row in zone.rows for seat in row.seats}  # fmt: skip
    category_id, amount = show.categories[code]
    line = admission(1, len(seats), unit_price=price or amount)
    version_id = show.plan_version_id
    seating = ledger.Seating(version_id, 1, tuple(ledger.Seat(seat, *words[seat]) for seat in seats))
    return replace(
        line, performance_id=show.id, tariff_id=show.tariff_id, category_id=category_id, seating=seating, lease_id=None
    )


@pytest.fixture
def show(events):
    made = events.numbered(THEATRE)
    made.plan_version_id = events.catalog.performances[made.id].performance.plan_version_id
    return made


def conflicts_of(house, performance_id, *states):
    ask = pb.ListConflictsRequest(performance_id=performance_id, states=states)
    return list(house.manager.ListConflicts(ask).conflicts)


def one_conflict(house, performance_id, claims=2, settled=False):
    """The only conflict of a performance, once so many tickets claim its place."""

    def found():
        (it,) = conflicts_of(house, performance_id)
        whole = house.manager.GetConflict(pb.GetConflictRequest(conflict_id=it.id)).conflict
        ready = len(whole.claims) == claims and (whole.state == pb.CONFLICT_STATE_SETTLED) is settled
        return whole if ready else None

    return eventually(found)


def sold_twice(house, show, till, seat=40):
    """A seat that the counter sold while a till was away that had sold it before; the conflict."""
    counter = house.sell(basket(show, (code_of(THEATRE, seat), 1, [seat], {})))
    late = till.sale(seated(show, THEATRE, seat))
    till.tell(late)
    conflict = eventually(
        lambda: next((it for it in [one_conflict(house, show.id)] if any(c.without_place for c in it.claims)), None)
    )
    return counter, late, conflict


def heard(house):
    """What a gate knows, from the beginning: verified."""
    pack = house.as_user("orders.view").GetGatePack(pb.GetGatePackRequest())
    root = titles.load_public(pack.root_public_key)
    certificates = [titles.read_certificate(data, root) for data in pack.certificates]
    revocations = titles.Revocations()
    revocations.apply(titles.read_delta(pack.revocations, {each.key_id: each for each in certificates}, root))
    return revocations


def decide(house, conflict, decision, **others):
    request = pb.DecideConflictRequest(
        request_id=new_id(), conflict_id=conflict.id, decision=decision, reason="Vendu en premier", **others
    )
    return house.manager.DecideConflict(request).conflict


def proposals(house, conflict):
    return house.manager.ProposeDecisions(pb.ProposeDecisionsRequest(conflict_id=conflict.id)).proposals


def refund_of(till, sale):
    """Of the one ticket of a till's sale."""
    till.count += 1
    line = ledger.reverse(sale.lines[0], 0, 1, sale.lines[0].seating)
    message = cashdesk_events.RefundRecorded(till_id=till.id, till_number="T1", sequence=till.count)
    message.at.FromDatetime(now())
    message.refund.CopyFrom(sale_pb2.Refund(
        refund_id=new_id(), refund_number=f"T1-R{till.count}", channel="till", business_on="2026-11-21",
        currency="EUR", reason="other", note="", total=line.total,
        original=sale_pb2.RefundedSale(order_id=sale.order_id, order_number=sale.order_number, till_id=till.id),
        tickets=[sale_pb2.DeadTicket(line=1, key_id=t.key_id, serial=t.serial) for t in sale.tickets],
        payments=[sale_pb2.MoneyBack(mode="cash", amount=line.total)],
    ))  # fmt: skip
    back = message.refund.lines.add()
    back.CopyFrom(sale_message(sale).lines[0])
    back.quantity, back.total, back.vat, back.net = -1, line.total, line.vat, line.net
    return message


def tell(house, message, subject):
    with house.journal_sessions.begin() as session:
        outbox.record(session, subject, message)


def test_a_late_ticket_for_a_seat_that_was_sold_is_kept_and_both_tickets_are_disputed(events, show, till):
    """It is on paper in a customer's hand: nothing is refused, nothing is undone, and gates send both to the office."""
    counter, late, conflict = sold_twice(events, show, till)
    assert (conflict.kind, conflict.state) == (pb.CONFLICT_KIND_SEAT, pb.CONFLICT_STATE_OPEN)
    assert [claim.order_id for claim in conflict.claims] == [late.order_id, counter.id]
    first, second = conflict.claims
    assert first.sealed_at.ToSeconds() < second.sealed_at.ToSeconds()
    assert (first.till_id, first.journal_sequence, first.cashier_id) == (till.id, 1, late.cashier_id)
    assert (first.without_place, second.without_place) == (True, False)
    assert first.seat == second.seat
    revocations = heard(events)
    assert all(revocations.is_disputed(claim.key_id, claim.serial) for claim in conflict.claims)
    looked = events.as_user("orders.view").LookUpTicket(pb.LookUpTicketRequest(code=late.tickets[0].token))
    assert looked.ticket.disputed
    assert [act.act for act in conflict.history] == ["opened"]


def test_what_is_told_twice_is_one_conflict(events, show, till):
    _, late, conflict = sold_twice(events, show, till)
    till.count = 0
    till.tell(late)
    other = till.sale(seated(show, THEATRE, 41))
    till.tell(other)
    eventually(lambda: events.count("orders", f"order_id = '{other.order_id}'") == 1)
    assert one_conflict(events, show.id) == conflict


def test_two_late_tickets_for_one_seat_that_come_at_once_are_both_kept(house):
    """Races of real threads, on the index that allows one live ticket per seat."""
    show = house.numbered(SMALL)
    show.plan_version_id = house.catalog.performances[show.id].performance.plan_version_id
    tills = [Till(house) for _ in range(8)]
    sales = [till.sale(seated(show, SMALL, 5)) for till in tills]
    handler = next(s for s in subscriptions(house.issuer) if s.durable == "orders-sales")
    ready = threading.Barrier(len(sales))
    failed = []

    def arrive(till, sale):
        event = Unpacked(new_id(), "", None, MessageToDict(till.event(sale)))
        ready.wait()
        try:
            handle_batch(house.sessions, handler, [event])
        except Exception as error:
            failed.append(error)

    threads = [threading.Thread(target=arrive, args=pair) for pair in zip(tills, sales, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert house.count("tickets", f"seat_performance_id = '{show.id}'") == 8
    assert house.count("tickets", f"seat_performance_id = '{show.id}' AND live") == 1
    (conflict,) = conflicts_of(house, show.id)
    assert len(conflict.claims) == 8
    assert len(conflict.history) == 7


def test_the_one_who_gives_way_gets_another_seat_and_ticket_and_the_other_keeps_his(events, show, till):
    counter, late, conflict = sold_twice(events, show, till)
    offered = proposals(events, conflict)
    best = offered[0]
    assert (best.decision, best.key_id, best.serial) == (
        pb.CONFLICT_DECISION_RESEAT, counter.tickets[0].key_id, counter.tickets[0].serial,
    )  # fmt: skip
    assert best.seats[0].words
    assert not best.seats[0].better
    decided = decide(events, conflict, pb.CONFLICT_DECISION_RESEAT, key_id=best.key_id, serial=best.serial)
    assert decided.state == pb.CONFLICT_STATE_SETTLED
    keeps, gave_way = decided.claims
    assert (keeps.replaced, gave_way.replaced) == (False, True)
    assert gave_way.instead_seat.ordinal == best.seats[0].ordinal
    act = decided.history[-1]
    assert (act.act, act.reason, act.author_name, act.till_number) == ("reseated", "Vendu en premier", "Ada", "CTR")
    revocations = heard(events)
    assert revocations.is_dead(gave_way.key_id, gave_way.serial)
    assert not revocations.is_disputed(keeps.key_id, keeps.serial)
    order = events.as_user("orders.view").GetOrder(pb.GetOrderRequest(order_id=counter.id)).order
    old, new = order.tickets
    assert (old.replaced, new.replaced, new.seat.ordinal) == (True, False, best.seats[0].ordinal)
    assert (new.replaces_key_id, new.replaces_serial) == (old.key_id, old.serial)
    assert titles.read(new.token).token.seat == new.seat.ordinal
    assert events.as_user("orders.view").RenderTickets(pb.RenderTicketsRequest(order_id=counter.id)).pdf
    assert len(events.documents.data) == 1
    states = events.states(show.id)
    assert [states[39], states[new.seat.ordinal - 1]] == [4, 4]
    eventually(lambda: events.count("missing_places", f"order_id = '{late.order_id}' AND missing = 0") == 1)
    assert [it.state for it in conflicts_of(events, show.id)] == [pb.CONFLICT_STATE_SETTLED]
    entry = sealed_decision(events, act)
    assert (entry.decided, entry.reason, entry.conflict_id) == ("reseated", "Vendu en premier", conflict.id)


def sealed_decision(house, act):
    with house.journal_sessions() as session:
        (entry,) = reading.entries(session, domain.virtual_till_id("counter"), act.journal_sequence, 1)
    return ledger.Decision.from_body(json.loads(entry.content)["body"])


def test_a_decision_that_is_asked_for_again_is_made_once(events, show, till):
    _, _, conflict = sold_twice(events, show, till)
    request = pb.DecideConflictRequest(
        request_id=new_id(), conflict_id=conflict.id, decision=pb.CONFLICT_DECISION_RESEAT, reason="Vendu en premier"
    )
    first = events.manager.DecideConflict(request).conflict
    assert events.manager.DecideConflict(request).conflict == first
    assert events.count("tickets", f"seat_performance_id = '{show.id}'") == 3
    again = refusal(lambda: decide(events, conflict, pb.CONFLICT_DECISION_REFUND))
    assert again.reason == "CONFLICT_SETTLED"


def test_a_decision_that_died_after_its_seal_is_finished_by_the_same_request(events, show, till, monkeypatch):
    """Rule 2: whatever fails after the journal heals, and the seat that inventory gave is the one on the ticket."""
    _, _, conflict = sold_twice(events, show, till)
    request = pb.DecideConflictRequest(
        request_id=new_id(), conflict_id=conflict.id, decision=pb.CONFLICT_DECISION_RESEAT, reason="Vendu en premier"
    )
    manager = events.manager
    with monkeypatch.context() as broken:

        def gone(*_):
            raise RuntimeError("the process dies here")

        broken.setattr(events.issuer, "issue_one", gone)
        refusal(lambda: manager.DecideConflict(request))
    decided = manager.DecideConflict(request).conflict
    assert decided.state == pb.CONFLICT_STATE_SETTLED
    moved = next(claim for claim in decided.claims if claim.replaced)
    assert events.states(show.id)[moved.instead_seat.ordinal - 1] == 4
    decisions = events.count("entries", "kind = 'decision'", events.journal_engine)
    assert decisions == events.count("conflict_acts", "journal_sequence IS NOT NULL")


def test_a_refund_is_decided_then_made_and_the_seat_is_the_other_ones(events, show, till):
    """The money goes back at the till, as for any refund; until then the paper is sent to the box office."""
    counter, late, conflict = sold_twice(events, show, till)
    [ticket] = late.tickets
    decided = decide(events, conflict, pb.CONFLICT_DECISION_REFUND, key_id=ticket.key_id, serial=ticket.serial)
    assert decided.state == pb.CONFLICT_STATE_REFUND
    revocations = heard(events)
    assert revocations.is_disputed(ticket.key_id, ticket.serial)
    assert not revocations.is_disputed(counter.tickets[0].key_id, counter.tickets[0].serial)
    tell(events, refund_of(till, late), "cashdesk.refund.recorded.v1")
    settled = one_conflict(events, show.id, settled=True)
    assert [act.act for act in settled.history] == ["opened", "refund", "refunded"]
    assert heard(events).is_dead(ticket.key_id, ticket.serial)
    assert events.states(show.id)[39] == 4


def test_a_refund_that_was_decided_is_taken_back_by_a_further_decision_only(events, show, till):
    _, _, conflict = sold_twice(events, show, till)
    decide(events, conflict, pb.CONFLICT_DECISION_REFUND)
    [offered] = proposals(events, conflict)
    assert offered.decision == pb.CONFLICT_DECISION_REOPEN
    reopened = decide(events, conflict, pb.CONFLICT_DECISION_REOPEN)
    assert reopened.state == pb.CONFLICT_STATE_OPEN
    assert [act.act for act in reopened.history] == ["opened", "refund", "reopened"]
    assert all(heard(events).is_disputed(claim.key_id, claim.serial) for claim in reopened.claims)
    refused = refusal(lambda: decide(events, conflict, pb.CONFLICT_DECISION_REOPEN))
    assert refused.reason == "NOTHING_TO_DECIDE"


def test_a_refund_at_a_till_settles_a_conflict_though_nobody_decided(events, show, till):
    counter, late, _ = sold_twice(events, show, till)
    tell(events, refund_of(till, late), "cashdesk.refund.recorded.v1")
    settled = one_conflict(events, show.id, settled=True)
    assert settled.history[-1].act == "refunded"
    assert not heard(events).is_disputed(counter.tickets[0].key_id, counter.tickets[0].serial)


def test_a_till_that_refunds_a_ticket_ends_the_one_that_stands_in_for_it(events, show, till):
    """No till knows the number of the new ticket: it refunds what it has sealed."""
    _, late, conflict = sold_twice(events, show, till)
    [ticket] = late.tickets
    decided = decide(events, conflict, pb.CONFLICT_DECISION_RESEAT, key_id=ticket.key_id, serial=ticket.serial)
    seat = next(claim for claim in decided.claims if claim.replaced).instead_seat.ordinal
    assert events.states(show.id)[seat - 1] == 4
    tell(events, refund_of(till, late), "cashdesk.refund.recorded.v1")
    eventually(lambda: events.states(show.id)[seat - 1] == 0)
    eventually(lambda: events.count("refunds", f"order_id = '{late.order_id}'") == 1)
    order = events.as_user("orders.view").GetOrder(pb.GetOrderRequest(order_id=late.order_id)).order
    assert [one.refunded for one in order.tickets] == [True, True]
    new = order.tickets[-1] if order.tickets[-1].replaces_key_id else order.tickets[0]
    assert heard(events).is_dead(new.key_id, new.serial)
    totals = events.as_user("orders.view").GetTotals(pb.GetTotalsRequest(business_on="2026-11-21"))
    assert totals.refunded_tickets == events.count("refunds", "business_on = '2026-11-21'")


def test_a_better_seat_is_offered_at_no_charge_where_the_category_is_full_and_never_a_worse_one(events, show, till):
    cheap = min(show.categories, key=lambda code: show.categories[code][1])
    dear = max(show.categories, key=lambda code: show.categories[code][1])
    of = {code: [i for i in range(1, len(THEATRE.ordinals) + 1) if code_of(THEATRE, i) == code]
          for code in (cheap, dear)}  # fmt: skip
    _, _, conflict = sold_twice(events, show, till, seat=of[dear][0])
    offered = proposals(events, conflict)[0]
    assert {code_of(THEATRE, seat.ordinal) for seat in offered.seats} == {dear}
    worse = refusal(lambda: decide(events, conflict, pb.CONFLICT_DECISION_RESEAT, to_seat=of[cheap][0]))
    assert (worse.reason, worse.facts["field"]) == ("FIELD_INVALID", "to_seat")


def full_house(house, till, capacity=2):
    """A performance without seats that the counter has sold out, and a till's late sale of one place more."""
    show = house.performance(capacity=capacity)
    answer = house.catalog.performances[show.id]
    answer.performance.capacity, answer.performance.revision = capacity, 1
    with house.places.begin() as session:
        told = PerformanceScheduled(performance=answer.performance)
        inventory.consumers.performances(session, [type("Event", (), {"message": told})])
    house.sell(show.basket(capacity, channel="counter"))
    late = till.sale(replace(admission(1, 1), performance_id=show.id, lease_id=None))
    till.tell(late)
    return show, late


def test_a_place_beyond_the_capacity_is_disputed_until_a_place_comes_free(events, till):
    show, late = full_house(events, till)
    conflict = one_conflict(events, show.id, claims=1)
    assert (conflict.kind, conflict.claims[0].order_id) == (pb.CONFLICT_KIND_PLACES, late.order_id)
    [ticket] = late.tickets
    assert heard(events).is_disputed(ticket.key_id, ticket.serial)
    answer = events.catalog.performances[show.id]
    answer.performance.capacity, answer.performance.revision = 3, 2
    with events.places.begin() as session:
        told = PerformanceScheduled(performance=answer.performance)
        inventory.consumers.performances(session, [type("Event", (), {"message": told})])
    reap(events.places, now())
    settled = one_conflict(events, show.id, claims=1, settled=True)
    assert [act.act for act in settled.history] == ["opened", "found"]
    assert not heard(events).is_disputed(ticket.key_id, ticket.serial)


def test_everybody_goes_in_within_the_tolerance_of_the_house_and_not_beyond(events, till):
    """The tests' house lets in a tenth more."""
    show, late = full_house(events, till, capacity=10)
    conflict = one_conflict(events, show.id, claims=1)
    accept = proposals(events, conflict)[-1]
    assert (accept.decision, accept.refusal, accept.facts["most"]) == (pb.CONFLICT_DECISION_ACCEPT, "", "1")
    accepted = decide(events, conflict, pb.CONFLICT_DECISION_ACCEPT)
    assert accepted.state == pb.CONFLICT_STATE_SETTLED
    [ticket] = late.tickets
    assert not heard(events).is_disputed(ticket.key_id, ticket.serial)
    more = till.sale(replace(admission(1, 1), performance_id=show.id, lease_id=None))
    till.tell(more)
    second = eventually(lambda: next(iter(conflicts_of(events, show.id, pb.CONFLICT_STATE_OPEN)), None))
    refused = refusal(lambda: decide(events, second, pb.CONFLICT_DECISION_ACCEPT))
    assert (refused.reason, refused.facts["over"], refused.facts["most"]) == ("BEYOND_TOLERANCE", "2", "1")
    reopened = decide(events, conflict, pb.CONFLICT_DECISION_REOPEN)
    assert reopened.state == pb.CONFLICT_STATE_OPEN
    assert heard(events).is_disputed(ticket.key_id, ticket.serial)


def test_who_may_not_give_money_back_decides_nothing_and_a_decision_says_why(events, show, till):
    _, _, conflict = sold_twice(events, show, till)
    request = pb.DecideConflictRequest(
        request_id=new_id(), conflict_id=conflict.id, decision=pb.CONFLICT_DECISION_REFUND, reason="Vendu en premier"
    )
    refused = refusal(lambda: events.as_user("orders.view", "orders.sell").DecideConflict(request))
    assert (refused.reason, refused.facts["right"]) == ("FORBIDDEN", "orders.refund")
    request.reason = " "
    assert refusal(lambda: events.manager.DecideConflict(request)).facts["field"] == "reason"
    wrong = refusal(lambda: decide(events, conflict, pb.CONFLICT_DECISION_ACCEPT))
    assert wrong.reason == "NOTHING_TO_DECIDE"
    gone = pb.GetConflictRequest(conflict_id=new_id())
    assert refusal(lambda: events.manager.GetConflict(gone)).reason == "CONFLICT_NOT_FOUND"
    with events.sessions() as session:
        told = [entry.cause for entry in gates.after(session, 0, 100_000)]
    assert Cause.DISPUTED in told
