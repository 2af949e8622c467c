"""Two copies of one till gave one number to different tickets: neither bearer loses his place (domain 5.3, 5.6)."""

from dataclasses import replace

import pytest

import titles
from kit import outbox
from kit.clock import now
from kit.testing import eventually
from ticketing.accounts.v1 import events_pb2 as accounts_events
from ticketing.orders.v1 import orders_service_pb2 as pb

from .test_orders import Till, admission, order
from .test_refunds import event as refund_event
from .test_refunds import keep as keep_refund

pytestmark = pytest.mark.service


@pytest.fixture
def till(house):
    house.issuer.ready()  # a core sees to it before it listens
    return Till(house)


def copy_of(till: Till) -> Till:
    """The same keys and counters, in another place: an old backup."""
    copy = Till(till.house)
    copy.key, copy.key_id, copy.serial, copy.branch_of = till.key, till.key_id, till.serial, till.id
    return copy


def tell(house, copy, sale):
    """As cashdesk tells what a branch has sealed."""
    told = copy.event(sale)
    told.till_number, told.branch_of = "T1*", copy.branch_of
    with house.journal_sessions.begin() as session:
        outbox.record(session, "cashdesk.sale.recorded.v1", told)


@pytest.fixture
def forked(events, till):
    """What the till has sold, and its copy under the same numbers; both are kept."""
    copy = copy_of(till)
    first = till.sale(admission(1, 1))
    second = copy.sale(replace(admission(1, 1), unit_price=900, total=900,
                               net=853, vat=47))  # fmt: skip
    assert (first.tickets[0].key_id, first.tickets[0].serial) == (second.tickets[0].key_id, second.tickets[0].serial)
    till.tell(first)
    eventually(lambda: events.count("orders", f"order_id = '{first.order_id}'") == 1)
    tell(events, copy, second)
    eventually(lambda: events.count("orders", f"order_id = '{second.order_id}'") == 1)
    return till, copy, first, second


def heard(house):
    pack = house.as_user("orders.view").GetGatePack(pb.GetGatePackRequest())
    root = titles.load_public(pack.root_public_key)
    certificates = {each.key_id: each for each in (titles.read_certificate(data, root) for data in pack.certificates)}
    revocations = titles.Revocations()
    revocations.apply(titles.read_delta(pack.revocations, certificates, root))
    return revocations


def test_the_copy_s_ticket_has_a_central_one_in_its_stead_and_its_paper_is_known(events, forked):
    _, _, first, second = forked
    [own], [instead] = order(events, first.order_id).tickets, order(events, second.order_id).tickets
    assert own.token == first.tickets[0].token
    assert instead.key_id != own.key_id
    assert titles.read(instead.token).token.kind is titles.Kind.CENTRAL
    look = events.as_user("orders.view").LookUpTicket
    paper = look(pb.LookUpTicketRequest(code=second.tickets[0].token))
    assert (paper.order.id, paper.superseded, paper.signature_valid) == (second.order_id, True, True)
    assert look(pb.LookUpTicketRequest(code=first.tickets[0].token)).order.id == first.order_id
    events.as_user("orders.view").RenderTickets(pb.RenderTicketsRequest(order_id=second.order_id))


def test_gates_send_both_papers_to_the_box_office_until_the_till_has_ended_and_then_believe_the_kept_one(
    events, forked
):
    till, _, first, second = forked
    [ticket] = first.tickets
    assert heard(events).is_disputed(ticket.key_id, ticket.serial)
    revoked = accounts_events.TillRevoked(till_id=till.id, reason="fork", ticket_key_ids=[till.key_id])
    revoked.revoked_at.FromDatetime(now())
    with events.journal_sessions.begin() as session:
        outbox.record(session, "accounts.till.revoked.v1", revoked)
    eventually(lambda: heard(events).is_key_dead(till.key_id))
    after = heard(events)
    assert not after.is_disputed(ticket.key_id, ticket.serial)
    assert after.vouches_for(ticket.key_id, ticket.serial, titles.read(ticket.token).signature)
    rival = titles.read(second.tickets[0].token)
    assert not after.vouches_for(ticket.key_id, ticket.serial, rival.signature)


def test_a_refund_by_the_copy_ends_its_own_ticket_and_not_the_other_of_the_same_number(events, forked):
    _, copy, first, second = forked
    [ticket] = second.tickets
    keep_refund(events, refund_event(copy, second, ticket.serial))
    assert [one.refunded for one in order(events, second.order_id).tickets] == [True]
    assert [one.refunded for one in order(events, first.order_id).tickets] == [False]
    assert not heard(events).is_dead(ticket.key_id, ticket.serial)


def test_a_sale_of_the_copy_that_is_told_twice_is_one_order_with_one_ticket(events, forked):
    till, copy, _, second = forked
    copy.count -= 1
    tell(events, copy, second)
    other = till.sale(admission(1, 1))
    till.tell(other)
    eventually(lambda: events.count("orders", f"order_id = '{other.order_id}'") == 1)
    assert events.count("tickets", f"order_id = '{second.order_id}'") == 1


def test_two_papers_that_are_the_same_to_the_byte_are_two_places_all_the_same(events, till):
    """A barcode says nothing of its sale: the copies may have sold the same performance under the same number."""
    copy = copy_of(till)
    line = admission(1, 1)
    first, second = till.sale(line), copy.sale(line)
    second = replace(second, tickets=first.tickets)
    till.tell(first)
    eventually(lambda: events.count("orders", f"order_id = '{first.order_id}'") == 1)
    tell(events, copy, second)
    eventually(lambda: events.count("tickets", f"order_id = '{second.order_id}'") == 1)
    look = events.as_user("orders.view").LookUpTicket(pb.LookUpTicketRequest(code=first.tickets[0].token))
    assert (look.order.id, look.superseded) == (first.order_id, False)
    keep_refund(events, refund_event(copy, second, first.tickets[0].serial))
    assert [one.refunded for one in order(events, first.order_id).tickets] == [False]
