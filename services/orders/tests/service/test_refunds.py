"""A sealed refund ends tickets of its order, once, in whatever order the facts arrive (A7)."""

from dataclasses import replace

import pytest

import ledger
from kit import outbox
from kit.clock import now
from kit.errors import Unavailable
from kit.testing import eventually
from orders import gates
from orders.messages import refund_from_event
from orders.usecases.refund import keep_refunds
from ticketing.cashdesk.v1 import events_pb2 as cashdesk_events
from ticketing.cashdesk.v1 import sale_pb2
from ticketing.orders.v1 import orders_service_pb2 as pb
from titles import Cause

from ..conftest import House, new_id, refusal
from .test_orders import Till, admission, order


@pytest.fixture
def till(house: House) -> Till:
    return Till(house)


def event(till: Till, sale: ledger.Sale, *serials: int, before: int = 0, **changes) -> cashdesk_events.RefundRecorded:
    """The refund of tickets of a sale's first line."""
    till.count += 1
    line = ledger.reverse(sale.lines[0], before, len(serials))
    message = cashdesk_events.RefundRecorded(till_id=till.id, till_number="T1", sequence=till.count)
    message.at.FromDatetime(now())
    message.refund.CopyFrom(sale_pb2.Refund(
        refund_id=new_id(), refund_number=f"T1-R{till.count}", channel="till", business_on="2026-11-21",
        currency="EUR", reason="customer_request", note="changed her mind", total=line.total,
        original=sale_pb2.RefundedSale(order_id=sale.order_id, order_number=sale.order_number, till_id=till.id),
        lines=[sale_pb2.SaleLine(line=1, quantity=line.quantity, total=line.total, vat=line.vat, net=line.net)],
        tickets=[sale_pb2.DeadTicket(line=1, key_id=till.key_id, serial=serial) for serial in serials],
        payments=[sale_pb2.MoneyBack(mode="cash", amount=line.total)], **changes,
    ))  # fmt: skip
    return message


def tell(house: House, *events: cashdesk_events.RefundRecorded) -> None:
    with house.journal_sessions.begin() as session:
        outbox.record_all(session, "cashdesk.refund.recorded.v1", list(events))


def keep(house: House, *events: cashdesk_events.RefundRecorded) -> None:
    with house.sessions.begin() as session:
        keep_refunds(session, [refund_from_event(one) for one in events])


def test_an_order_says_what_of_it_came_back(events: House, till: Till) -> None:
    sale = till.sale(admission(1, 2))
    first, second = (ticket.serial for ticket in sale.tickets)
    till.tell(sale)
    tell(events, event(till, sale, second))
    partly = eventually(lambda: (found := order_or_none(events, sale)) and found.refunds and found)
    assert partly.state == pb.ORDER_STATE_PARTLY_REFUNDED
    assert [ticket.refunded for ticket in partly.tickets] == [False, True]
    assert (partly.total, partly.lines[0].refunded, partly.refunds[0].total) == (2000, 1, -1000)
    assert (partly.refunds[0].note, partly.refunds[0].payments[0].amount) == ("changed her mind", -1000)
    tell(events, event(till, sale, first, before=1))
    eventually(lambda: order(events, sale.order_id).state == pb.ORDER_STATE_REFUNDED)


def order_or_none(house: House, sale: ledger.Sale):
    return order(house, sale.order_id) if house.count("orders", f"order_id = '{sale.order_id}'") else None


def test_a_refund_that_overtakes_its_sale_waits_for_it(house: House, till: Till) -> None:
    """Subscriptions are not ordered among each other."""
    sale = till.sale(admission(1, 2))
    back = event(till, sale, sale.tickets[0].serial)
    with pytest.raises(Unavailable):
        keep(house, back)
    house.deliver_events()
    till.tell(sale)
    tell(house, back)
    eventually(lambda: house.count("refunds", f"order_id = '{sale.order_id}'") == 1)
    house.stop_events()


def test_a_refund_told_twice_counts_once(events: House, till: Till) -> None:
    sale = till.sale(admission(1, 2))
    till.tell(sale)
    eventually(lambda: order_or_none(events, sale))
    back = event(till, sale, sale.tickets[0].serial)
    keep(events, back, back)
    keep(events, back)
    found = order(events, sale.order_id)
    assert (len(found.refunds), found.lines[0].refunded) == (1, 1)


def test_gates_hear_of_the_ticket_that_died_and_a_look_up_says_so(events: House, till: Till) -> None:
    """D5: the list of revocations."""
    sale = till.sale(admission(1, 1))
    [ticket] = sale.tickets
    till.tell(sale)
    eventually(lambda: order_or_none(events, sale))
    keep(events, event(till, sale, ticket.serial))
    with events.sessions() as session:
        told = {(entry.cause, entry.key_id, entry.serial) for entry in gates.after(session, 0, 10_000)}
    assert (Cause.DEAD, till.key_id, ticket.serial) in told
    found = events.as_user("orders.view").LookUpTicket(pb.LookUpTicketRequest(code=ticket.token))
    assert (found.ticket.refunded, found.order.state) == (True, pb.ORDER_STATE_REFUNDED)


def test_a_refunded_ticket_is_not_printed_again(events: House, till: Till) -> None:
    sale = till.sale(admission(1, 1))
    till.tell(sale)
    eventually(lambda: order_or_none(events, sale))
    keep(events, event(till, sale, sale.tickets[0].serial))
    ask = pb.RenderTicketsRequest(order_id=sale.order_id)
    assert refusal(lambda: events.as_user("orders.view").RenderTickets(ask)).reason == "NO_TICKETS"


def test_a_seat_sold_again_has_the_new_ticket_alive_whichever_fact_comes_first(events: House, till: Till) -> None:
    """G1: the next buyer's sale may be heard of before the refund."""
    seat = ledger.Seat(int(new_id()[:6], 16), "Parterre", "C", "12")
    line = replace(admission(1, 1), seating=ledger.Seating(new_id(), 1, (seat,)))
    first, second = till.sale(line), till.sale(line)
    till.tell(first)
    eventually(lambda: order_or_none(events, first))
    till.tell(second)
    eventually(lambda: order_or_none(events, second))
    alive = f"seat_performance_id = '{line.performance_id}' AND live AND order_id = "
    assert events.count("tickets", f"{alive}'{second.order_id}'") == 0
    keep(events, event(till, first, first.tickets[0].serial))
    assert events.count("tickets", f"{alive}'{first.order_id}'") == 0
    assert events.count("tickets", f"{alive}'{second.order_id}'") == 1


def test_the_totals_of_a_day_name_the_refunds_of_that_day(events: House, till: Till) -> None:
    sale = till.sale(admission(1, 2), business_on="2026-02-10")
    till.tell(sale)
    eventually(lambda: order_or_none(events, sale))
    back = event(till, sale, sale.tickets[0].serial)
    back.refund.business_on = "2026-02-11"
    keep(events, back)
    ask = events.as_user("orders.view").GetTotals
    sold_on = ask(pb.GetTotalsRequest(business_on="2026-02-10"))
    refunded_on = ask(pb.GetTotalsRequest(business_on="2026-02-11"))
    assert (sold_on.orders, sold_on.total, sold_on.tickets, sold_on.refunded) == (1, 2000, 2, 0)
    assert (refunded_on.orders, refunded_on.refunded, refunded_on.refunded_tickets) == (0, -1000, 1)
    assert list(refunded_on.refund_ids) == [back.refund.refund_id]
