"""Tickets printed again at a till: the newest paper counts, here and at the gates (A8)."""

from dataclasses import replace

import pytest

import titles
from kit import outbox
from kit.clock import now
from kit.testing import eventually
from orders import gates
from ticketing.cashdesk.v1 import events_pb2 as cashdesk_events
from ticketing.orders.v1 import orders_service_pb2 as pb
from titles import Cause

from .test_orders import Till, admission, till  # noqa: F401 - a fixture


@pytest.fixture
def viewer(house):
    return house.as_user("orders.view")


def reissued(till: Till, sale, reissue):  # noqa: F811
    """The event of another paper of the sale's first ticket, and its barcode."""
    first = sale.tickets[0]
    token = titles.issue(replace(titles.read(first.token).token, reissue=reissue), till.key)
    event = cashdesk_events.TicketReissued(
        till_id=till.id, order_id=sale.order_id, key_id=first.key_id, serial=first.serial, reissue=reissue, token=token,
        reason="lost",
    )  # fmt: skip
    event.at.FromDatetime(now())
    return event, token


def tell(house, *told):
    with house.journal_sessions.begin() as session:
        outbox.record_all(session, "cashdesk.ticket.reissued.v1", list(told))


def look_up(viewer, code):
    return viewer.LookUpTicket(pb.LookUpTicketRequest(code=code))


def test_the_newest_paper_is_the_ticket_and_an_older_one_is_named_as_replaced(events, till, viewer):  # noqa: F811
    sale = till.sale(admission(1, 2))
    (second, newest), (first, _) = reissued(till, sale, 2), reissued(till, sale, 1)
    tell(events, second, first)  # out of order
    till.tell(sale)  # and before their sale
    eventually(lambda: events.count("tickets", f"serial = {sale.tickets[0].serial} AND reissue = 2") == 1)
    old, new = look_up(viewer, sale.tickets[0].token), look_up(viewer, newest)
    assert (old.superseded, new.superseded, new.signature_valid, new.ticket.reissue) == (True, False, True, 2)
    assert new.ticket.token == newest
    other = look_up(viewer, sale.tickets[1].token)
    assert (other.superseded, other.ticket.reissue) == (False, 0)


def test_gates_hear_of_each_paper_once(events, till):  # noqa: F811
    sale = till.sale(admission(1))
    till.tell(sale)
    event, _ = reissued(till, sale, 1)
    tell(events, event, event)
    serial = sale.tickets[0].serial
    eventually(lambda: events.count("revocations", f"serial = {serial} AND cause = {Cause.REISSUED:d}") == 1)
    with events.sessions() as session:
        entries = [each for each in gates.after(session, 0, 100_000) if each.serial == serial]
    assert [(each.cause, each.reissue) for each in entries] == [(Cause.REISSUED, 1)]


def test_a_paper_forged_under_a_higher_counter_is_no_earlier_paper(events, till, viewer):  # noqa: F811
    sale = till.sale(admission(1))
    till.tell(sale)
    event, _ = reissued(till, sale, 3)
    tell(events, event)
    eventually(lambda: events.count("tickets", f"serial = {sale.tickets[0].serial} AND reissue = 3") == 1)
    forged = titles.issue(replace(titles.read(sale.tickets[0].token).token, reissue=1), titles.generate_key())
    found = look_up(viewer, forged)
    assert (found.signature_valid, found.superseded) == (False, False)
