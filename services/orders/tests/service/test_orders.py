"""Orders follow from sealed sales, and are found again."""

import itertools
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import ledger
import titles
from kit import outbox
from kit.clock import now
from kit.testing import eventually
from orders.consumers import subscriptions
from orders.messages import sale_message
from ticketing.cashdesk.v1 import events_pb2 as cashdesk_events
from ticketing.catalog.v1 import events_pb2 as catalog_events
from ticketing.orders.v1 import orders_service_pb2 as pb

from ..conftest import House, new_id, refusal

_key_ids = itertools.count(9)


def admission(number: int, quantity: int = 2, unit_price: int = 1000, rate_bp: int = 550) -> ledger.Line:
    net, vat = ledger.split_vat(quantity * unit_price, rate_bp)
    return ledger.Line(
        line=number, kind=ledger.LineKind.ADMISSION, performance_id=new_id(), show_id=new_id(), category_id=new_id(),
        tariff_id=new_id(), product_id=None, option=None, label="Plein tarif", quantity=quantity,
        unit_price=unit_price, total=quantity * unit_price, vat_rate_bp=rate_bp, vat=vat, net=net, lease_id=new_id(),
        hold_id=None,
    )  # fmt: skip


class Till:
    """A till whose sales have reached the journal."""

    def __init__(self, house: House) -> None:
        self.house, self.id, self.count, self.serial = house, new_id(), 0, house.count("tickets") + 1000
        self.key, self.key_id = titles.generate_key(), next(_key_ids)
        house.accounts.certificate(titles.public_bytes(self.key), titles.Kind.TILL, self.key_id)

    def sale(self, *lines: ledger.Line, **changes: Any) -> ledger.Sale:
        total = sum(line.total for line in lines)
        tickets = []
        for line in lines:
            for _ in range(line.quantity):
                self.serial += 1
                assert line.performance_id is not None
                token = titles.Token(
                    titles.Kind.TILL, self.key_id, self.serial, titles.group_of(line.performance_id), 1, now(), 60
                )
                tickets.append(ledger.Ticket(line.line, self.key_id, self.serial, titles.issue(token, self.key)))
        mode = ledger.Mode.CASH if total else ledger.Mode.FREE
        made = ledger.Sale(
            order_id=new_id(), order_number=f"T1-{self.serial:06d}", channel="till",
            cashier_id=new_id(), shift_id=new_id(), cash_float_id=new_id(), business_on="2026-11-20", currency="EUR",
            catalog_version=1, lines=lines, tickets=tuple(tickets),
            payments=(ledger.Payment(mode, total, total + (5 if total else 0), 5 if total else 0, None),), total=total,
            vat=ledger.vat_totals(lines),
        )  # fmt: skip
        return replace(made, **changes)

    def event(self, sale: ledger.Sale) -> cashdesk_events.SaleRecorded:
        self.count += 1
        event = cashdesk_events.SaleRecorded(
            till_id=self.id, till_number="T1", sequence=self.count, hash=bytes(32), sale=sale_message(sale)
        )
        event.at.FromDatetime(now() - timedelta(hours=1))
        return event

    def tell(self, *sales: ledger.Sale) -> None:
        """As cashdesk does: by its outbox."""
        with self.house.journal_sessions.begin() as session:
            outbox.record_all(session, "cashdesk.sale.recorded.v1", [self.event(sale) for sale in sales])


@pytest.fixture
def till(house: House) -> Till:
    return Till(house)


def order(house: House, order_id: str) -> pb.Order:
    return house.as_user("orders.view").GetOrder(pb.GetOrderRequest(order_id=order_id)).order


def test_a_till_s_sale_becomes_an_order_exactly_as_sealed(events: House, till: Till) -> None:
    sale = till.sale(admission(1, 2), admission(2, 1, unit_price=0))
    till.tell(sale)
    eventually(lambda: events.count("orders", f"order_id = '{sale.order_id}'") == 1)
    kept = order(events, sale.order_id)
    assert (kept.number, kept.channel, kept.till_id, kept.journal_sequence) == (sale.order_number, "till", till.id, 1)
    assert (kept.total, kept.business_on, kept.cashier_id) == (2000, "2026-11-20", sale.cashier_id)
    assert [(t.key_id, t.serial, t.token, t.line) for t in kept.tickets] == [
        (t.key_id, t.serial, t.token, t.line) for t in sale.tickets
    ]
    assert [(x.label, x.total, x.vat) for x in kept.lines] == [(x.label, x.total, x.vat) for x in sale.lines]


def test_a_sale_told_twice_makes_one_order(events: House, till: Till) -> None:
    """design.md §3.2: two events of one sale, whatever their ids."""
    sale = till.sale(admission(1))
    till.tell(sale)
    till.tell(sale)
    last = till.sale(admission(1))
    till.tell(last)
    eventually(lambda: events.count("orders", f"order_id = '{last.order_id}'") == 1)
    assert events.count("orders", f"order_id = '{sale.order_id}'") == 1
    assert events.count("outbox", f"payload->>'orderId' = '{sale.order_id}'") == 1


def test_a_malformed_event_is_parked_and_the_next_ones_go_on(events: House, till: Till) -> None:
    bad = till.event(till.sale(admission(1)))
    bad.sale.order_id = "not an id"
    with events.journal_sessions.begin() as session:
        outbox.record(session, "cashdesk.sale.recorded.v1", bad)
    good = till.sale(admission(1))
    till.tell(good)
    eventually(lambda: events.count("orders", f"order_id = '{good.order_id}'") == 1)


def test_a_ticket_sold_by_web_whose_event_comes_first_opens_with_its_performance(house: House, till: Till) -> None:
    """The times are those that catalog has told, though catalog is not asked."""
    line = admission(1)
    told = catalog_events.PerformanceScheduled()
    told.performance.id, told.performance.revision = str(line.performance_id), 4
    told.performance.starts_at.FromSeconds(1_800_000_000)
    told.performance.ends_at.FromSeconds(1_800_005_400)
    sale = replace(till.sale(line), tickets=(), channel="web", cash_float_id=None)
    event = till.event(sale)
    event.is_virtual = True
    sales, performances, *_ = subscriptions(house.issuer)
    house.issuer.ready()
    with house.sessions.begin() as session:
        performances.handle(session, [_event(told)])
        sales.handle(session, [_event(event)])
    token = titles.read(order(house, sale.order_id).tickets[0].token).token
    assert int(token.valid_from.timestamp()) == 1_800_000_000 - 3600
    assert int(token.valid_until.timestamp()) == 1_800_005_400


def _event(message: Any) -> Any:
    import uuid

    from kit.consumer import Event

    return Event(uuid.uuid4(), "", message, "")


line_values = st.tuples(st.integers(1, 6), st.integers(0, 50_000), st.sampled_from([0, 210, 550, 1000, 2000]))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(line_values, min_size=1, max_size=6))
def test_whatever_is_sold_the_order_s_totals_are_the_sale_s(house: House, till: Till, wanted: list[Any]) -> None:
    sale = till.sale(*(admission(n, *values) for n, values in enumerate(wanted, 1)))
    sale.check()
    with house.sessions.begin() as session:
        subscriptions(house.issuer)[0].handle(session, [_event(till.event(sale))])
    kept = order(house, sale.order_id)
    assert kept.total == sum(x.total for x in kept.lines) == sum(p.amount for p in kept.payments) == sale.total
    assert sum(x.vat for x in kept.lines) == sum(v.vat for v in sale.vat)
    assert len(kept.tickets) == sum(x.quantity for x in kept.lines)


def keep(house: House, till: Till, *sales: ledger.Sale) -> None:
    with house.sessions.begin() as session:
        subscriptions(house.issuer)[0].handle(session, [_event(till.event(sale)) for sale in sales])


def test_orders_are_found_by_number_code_day_and_till_page_by_page(house: House, till: Till) -> None:
    sales = [till.sale(admission(1), order_number=f"ZZ-{n:06d}") for n in range(1, 8)]
    keep(house, till, *sales)
    core = house.as_user("orders.view")
    seen, token = [], ""
    while True:
        page = core.SearchOrders(pb.SearchOrdersRequest(till_id=till.id, page_size=3, page_token=token))
        seen += [found.id for found in page.orders]
        token = page.next_page_token
        if not token:
            break
    assert sorted(seen) == sorted(sale.order_id for sale in sales)
    by_number = core.SearchOrders(pb.SearchOrdersRequest(text="zz-000003")).orders
    assert [found.id for found in by_number] == [sales[2].order_id]
    code = titles.human_code(till.key_id, sales[4].tickets[1].serial)
    assert [found.id for found in core.SearchOrders(pb.SearchOrdersRequest(text=code)).orders] == [sales[4].order_id]
    assert not core.SearchOrders(pb.SearchOrdersRequest(text="ZZ%")).orders
    assert not core.SearchOrders(pb.SearchOrdersRequest(till_id=till.id, business_on="2026-11-21")).orders


@pytest.mark.parametrize(
    ("request_", "field"),
    [
        (pb.SearchOrdersRequest(page_size=501), "page_size"),
        (pb.SearchOrdersRequest(page_token="bm9uc2Vuc2U="), "page_token"),
        (pb.SearchOrdersRequest(business_on="yesterday"), "business_on"),
        (pb.SearchOrdersRequest(till_id="T01"), "till_id"),
    ],
)
def test_a_search_that_makes_no_sense_is_refused_by_field(house: House, request_: Any, field: str) -> None:
    assert refusal(lambda: house.as_user("orders.view").SearchOrders(request_)).facts["field"] == field


def test_a_ticket_is_looked_up_by_barcode_or_code_and_a_forgery_is_seen(house: House, till: Till) -> None:
    sale = till.sale(admission(1))
    keep(house, till, sale)
    genuine = sale.tickets[0]
    core = house.as_user("orders.view")

    def look_up(code: str) -> pb.LookUpTicketResponse:
        return core.LookUpTicket(pb.LookUpTicketRequest(code=code))

    for code in (genuine.token, f" {genuine.token.lower()}\n", titles.human_code(till.key_id, genuine.serial)):
        found = look_up(code)
        assert (found.order.id, found.ticket.serial, found.signature_valid) == (sale.order_id, genuine.serial, True)
    token = titles.read(genuine.token).token
    assert not look_up(titles.issue(token, titles.generate_key())).signature_valid
    assert not look_up(titles.issue(replace(token, entries=200), till.key)).signature_valid
    assert refusal(lambda: look_up("hello")).reason == "BARCODE_UNREADABLE"
    assert refusal(lambda: look_up(titles.human_code(till.key_id, 4_000_000))).reason == "TICKET_NOT_FOUND"


def test_tickets_are_rendered_with_what_the_law_wants_on_them(house: House) -> None:
    """LAW-11."""
    import json

    show = house.performance()
    sold = house.sell(show.basket(2))
    pdf = house.as_user("orders.view").RenderTickets(pb.RenderTicketsRequest(order_id=sold.id)).pdf
    assert pdf == b"%PDF-1.7 eticket_a4"
    data = [json.loads(datum) for datum in house.documents.data]
    assert [datum["barcode"] for datum in data] == [ticket.token for ticket in sold.tickets]
    mentions = {"organiser": "Musée des Cartes", "show": "Visite libre", "tariff": "Tarif 1200", "price": 1200,
                "order_number": sold.number, "till": "WEB", "licence": "L-R-20-1234"}  # fmt: skip
    assert {name: data[0][name] for name in mentions} == mentions


def test_an_order_of_articles_has_no_tickets_to_render(house: House) -> None:
    request = pb.CheckoutRequest(request_id=new_id(), channel="web")
    request.lines.add(product_id=house.product(price=450), quantity=1)
    request.payments.add(mode="card", amount=450)
    sold = house.sell(request)
    core = house.as_user("orders.view")
    assert refusal(lambda: core.RenderTickets(pb.RenderTicketsRequest(order_id=sold.id))).reason == "NO_TICKETS"


def test_the_day_s_totals_are_those_of_its_orders(house: House, till: Till) -> None:
    sales = [till.sale(admission(1, 2), business_on="2026-02-03"), till.sale(admission(1, 1), business_on="2026-02-03")]
    keep(house, till, *sales)
    totals = house.as_user("orders.view").GetTotals(pb.GetTotalsRequest(business_on="2026-02-03"))
    assert (totals.orders, totals.total, totals.tickets) == (2, 3000, 3)
    assert sorted(totals.order_ids) == sorted(sale.order_id for sale in sales)


@pytest.mark.parametrize(
    "call",
    [
        lambda core: core.GetOrder(pb.GetOrderRequest(order_id=new_id())),
        lambda core: core.SearchOrders(pb.SearchOrdersRequest()),
        lambda core: core.LookUpTicket(pb.LookUpTicketRequest(code="x")),
        lambda core: core.RenderTickets(pb.RenderTicketsRequest(order_id=new_id())),
        lambda core: core.GetTotals(pb.GetTotalsRequest(business_on="2026-02-03")),
    ],
)
def test_reading_needs_the_right(house: House, call: Callable[[Any], Any]) -> None:
    assert refusal(lambda: call(house.as_user("orders.sell"))).reason == "FORBIDDEN"


def test_an_unknown_order_is_not_found(house: House) -> None:
    assert refusal(lambda: order(house, new_id())).reason == "ORDER_NOT_FOUND"
    assert refusal(lambda: order(house, "1")).facts["field"] == "order_id"
