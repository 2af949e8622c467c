"""Checkout: money, places and tickets agree, whoever calls at once and whatever fails."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

import titles
from kit.errors import Unavailable
from kit.testing import eventually
from orders.domain.basket import hold_id_of
from ticketing.catalog.v1 import catalog_pb2
from ticketing.orders.v1 import orders_service_pb2 as pb

from ..conftest import House, new_id, refusal


def test_a_checkout_seals_the_payment_confirms_the_places_and_issues_signed_tickets(house: House) -> None:
    show, poster = house.performance(), house.product(options=(("A2", 0), ("A1", 900)))
    request = show.basket(2)
    request.lines.add(product_id=poster, option="A1", quantity=1)
    request.payments.add(mode="voucher", amount=900, reference="B-1")
    order = house.sell(request)
    assert (order.id, order.total, order.channel) == (request.request_id, 3300, "web")
    assert order.number.startswith("WEB-")
    lines = [(x.quantity, x.unit_price, x.total, x.vat) for x in order.lines]
    assert lines == [(2, 1200, 2400, 125), (1, 900, 900, 150)]
    assert order.lines[0].label == "Visite libre, Tarif 1200"
    assert [(p.mode, p.amount) for p in order.payments] == [("card", 2400), ("voucher", 900)]
    assert len(order.tickets) == 2
    assert house.inventory.state(hold_id_of(order.id)) == "sold"
    assert house.count("sales", f"order_id = '{order.id}' AND total = 3300", house.journal_engine) == 1
    assert house.count("outbox", f"payload->>'orderId' = '{order.id}'") == 1
    root = house.accounts.root.public_key()
    certificates = {
        c.key_id: c for c in (titles.read_certificate(d, root) for d in house.accounts.certificates.values())
    }
    for ticket in order.tickets:
        token = titles.read(ticket.token).token
        verdict = titles.verify(ticket.token, certificates, root, token.valid_from)
        assert verdict.colour is titles.Colour.GREEN
        assert (token.key_id, token.serial) == (ticket.key_id, ticket.serial)
        assert token.group == titles.group_of(show.id)
        assert token.flags == 0
        starts_at = house.catalog.performances[show.id].performance.starts_at.seconds
        assert int(token.valid_from.timestamp()) == starts_at - 3600
        assert int(token.valid_until.timestamp()) == starts_at + 3600


def test_a_free_place_needs_no_payment_and_its_ticket_says_free(house: House) -> None:
    """LAW-10, LAW-11: free spectators get a ticket too."""
    order = house.sell(house.performance().basket(1, tariff=1))
    assert order.total == 0
    assert titles.read(order.tickets[0].token).token.flags == titles.Flag.FREE


def test_a_repeated_request_gets_its_first_answer_even_after_the_performance(house: House) -> None:
    show = house.performance()
    request = show.basket()
    first = house.sell(request)
    house.catalog.performances[show.id].performance.state = catalog_pb2.PERFORMANCE_STATE_CANCELLED
    house.catalog_client._performances.forget()
    assert house.sell(request) == first
    assert house.count("orders", f"order_id = '{first.id}'") == 1


def test_a_request_id_with_another_content_is_refused(house: House) -> None:
    show = house.performance()
    request = show.basket(2)
    house.sell(request)
    other = show.basket(3)
    other.request_id = request.request_id
    assert refusal(lambda: house.sell(other)).reason == "REQUEST_REUSED"
    same_places = show.basket(2)
    same_places.request_id, same_places.payments[0].reference = request.request_id, "AUT-43"
    assert refusal(lambda: house.sell(same_places)).reason == "REQUEST_REUSED"


def test_the_same_request_sent_by_many_at_once_sells_once(house: House) -> None:
    request = house.performance(capacity=10).basket(2)
    with ThreadPoolExecutor(8) as pool:
        orders = list(pool.map(lambda _: house.sell(request), range(8)))
    assert all(order == orders[0] for order in orders)
    assert house.inventory.free[request.lines[0].performance_id] == 8


def test_many_callers_on_the_last_places_sell_exactly_those(house: House) -> None:
    """G1: 40 callers want 2 of 30 places; everyone's answer is true and serials have no gap (LAW-12)."""
    show = house.performance(capacity=30)
    before = house.count("tickets", "key_id = 3")

    def buy(_: int) -> pb.Order | str:
        try:
            return house.sell(show.basket(2))
        except Exception as error:
            return str(error)

    with ThreadPoolExecutor(40) as pool:
        answers = list(pool.map(buy, range(40)))
    sold = [answer for answer in answers if isinstance(answer, pb.Order)]
    assert len(sold) == 15
    assert house.inventory.free[show.id] == 0
    serials = sorted(ticket.serial for order in sold for ticket in order.tickets)
    assert serials == list(range(before + 1, before + 31))
    assert house.count("tickets", "key_id = 3") == before + 30
    assert house.count("order_lines", f"performance_id = '{show.id}'") == 15


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (lambda show, r: r.payments.pop(), "PAYMENT_MISMATCH"),
        (lambda show, r: setattr(r, "expected_total", 2300), "PRICE_CHANGED"),
        (lambda show, r: setattr(r.lines[0], "performance_id", new_id()), "PERFORMANCE_NOT_FOUND"),
        (lambda show, r: setattr(r.lines[0], "tariff_id", new_id()), "TARIFF_NOT_OFFERED"),
        (lambda show, r: r.lines.add(product_id=new_id(), quantity=1), "PRODUCT_NOT_FOUND"),
    ],
)
def test_a_basket_that_cannot_be_sold_is_refused_and_holds_nothing(
    house: House, spoil: Callable[[Any, Any], Any], reason: str
) -> None:
    show = house.performance()
    request = show.basket(2)
    spoil(show, request)
    error = refusal(lambda: house.sell(request))
    assert error.reason == reason
    if reason == "PRICE_CHANGED":
        assert error.facts["total"] == "2400"
    assert house.inventory.state(hold_id_of(request.request_id)) == "none"
    assert house.count("sales", f"order_id = '{request.request_id}'", house.journal_engine) == 0


def test_what_is_over_not_on_sale_or_not_for_this_channel_is_refused(house: House) -> None:
    assert refusal(lambda: house.sell(house.performance(starts_in=-2).basket())).reason == "PERFORMANCE_OVER"
    draft = house.performance(state=catalog_pb2.PERFORMANCE_STATE_DRAFT)
    assert refusal(lambda: house.sell(draft.basket())).reason == "PERFORMANCE_NOT_ON_SALE"
    counter = house.performance(channels=("counter",))
    assert refusal(lambda: house.sell(counter.basket())).reason == "TARIFF_NOT_OFFERED"
    assert house.sell(counter.basket(channel="counter")).number.startswith("CTR-")


@pytest.mark.parametrize(
    ("spoil", "field"),
    [
        (lambda r: setattr(r, "request_id", "7"), "request_id"),
        (lambda r: setattr(r, "channel", "till"), "channel"),
        (lambda r: r.lines.pop(), "lines"),
        (lambda r: r.lines.extend(list(r.lines) * 50), "lines"),
        (lambda r: setattr(r.lines[0], "quantity", 0), "lines[0].quantity"),
        (lambda r: setattr(r.lines[0], "quantity", -1), "lines[0].quantity"),
        (lambda r: setattr(r.lines[0], "quantity", 101), "lines[0].quantity"),
        (lambda r: setattr(r.lines[0], "performance_id", "'; DROP"), "lines[0].performance_id"),
        (lambda r: setattr(r.lines[0], "product_id", new_id()), "lines[0].performance_id"),
        (lambda r: setattr(r.payments[0], "mode", "gold"), "payments[0].mode"),
        (lambda r: setattr(r.payments[0], "amount", -5), "payments[0].amount"),
        (lambda r: setattr(r.payments[0], "reference", "4970 1012 3456 7890"[:4] + " 1012 3456 7890"), None),
        (lambda r: setattr(r.payments[0], "reference", "4111 1111 1111 1111"), "payments[0].reference"),
    ],
)
def test_a_malformed_basket_is_refused_by_field(house: House, spoil: Callable[[Any], Any], field: str | None) -> None:
    request = house.performance().basket()
    spoil(request)
    if field is None:  # digits that are no card number
        house.sell(request)
    else:
        error = refusal(lambda: house.sell(request))
        assert (error.reason, error.facts["field"]) == ("FIELD_INVALID", field)


def test_selling_needs_the_right(house: House) -> None:
    request = house.performance().basket()
    assert refusal(lambda: house.as_user("orders.view").Checkout(request)).reason == "FORBIDDEN"


def test_a_sale_that_cashdesk_refuses_gives_its_places_back(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    request = house.performance(capacity=2).basket(2)
    record = house.cashdesk_client.record
    monkeypatch.setattr(house.cashdesk_client, "record", lambda sales: record([_spoilt(sale) for sale in sales]))
    assert refusal(lambda: house.sell(request)).reason == "SALE_INVALID"
    assert house.inventory.free[request.lines[0].performance_id] == 2


def _spoilt(sale: Any) -> Any:
    from dataclasses import replace

    return replace(sale, total=sale.total + 1)


def test_a_hold_of_an_earlier_try_that_is_about_to_end_is_not_sold_from(house: House) -> None:
    """G1: its places may be somebody else's by the time the sale is sealed."""
    request = house.performance(capacity=2).basket(2)
    house.inventory.seconds_left = 5
    try:
        assert refusal(lambda: house.sell(request)).reason == "HOLD_EXPIRED"
    finally:
        house.inventory.seconds_left = 0
    assert house.count("sales", f"order_id = '{request.request_id}'", house.journal_engine) == 0


def test_a_confirmation_that_fails_does_not_lose_the_sale(house: House) -> None:
    house.inventory.fail_confirm = True
    try:
        order = house.sell(house.performance().basket())
    finally:
        house.inventory.fail_confirm = False
    assert len(order.tickets) == 2


def test_a_crash_between_the_seal_and_the_order_heals_by_the_event(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """design.md §3.3, §4: money taken is always matched by an order; the same request then gets it."""
    request = house.performance().basket(2)

    def die(*_: Any) -> Any:
        raise Unavailable("stopped here")

    with monkeypatch.context() as stopped:
        stopped.setattr(house.checkout, "_keep", die)
        assert refusal(lambda: house.sell(request)).reason == "UNAVAILABLE"
    assert house.count("sales", f"order_id = '{request.request_id}'", house.journal_engine) == 1
    assert house.count("orders", f"order_id = '{request.request_id}'") == 0
    house.deliver_events()
    try:
        eventually(lambda: house.count("orders", f"order_id = '{request.request_id}'") == 1)
    finally:
        house.stop_events()
    order = house.sell(request)
    assert (order.id, order.total, len(order.tickets)) == (request.request_id, 2400, 2)
    assert house.count("outbox", f"payload->>'orderId' = '{order.id}'") == 1


def test_a_retry_after_a_crash_at_another_price_waits_for_the_sealed_one(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    show = house.performance()
    request = show.basket(2)

    def die(*_: Any) -> Any:
        raise Unavailable("stopped here")

    with monkeypatch.context() as stopped:
        stopped.setattr(house.checkout, "_keep", die)
        refusal(lambda: house.sell(request))
    house.catalog.programme.version += 1  # the catalogue moved on
    house.catalog_client._programme.forget()
    assert refusal(lambda: house.sell(request)).reason == "UNAVAILABLE"
    assert house.inventory.state(hold_id_of(request.request_id)) == "held"
    house.deliver_events()
    try:
        eventually(lambda: house.count("orders", f"order_id = '{request.request_id}'") == 1)
    finally:
        house.stop_events()
    assert house.sell(request).total == 2400


def test_events_and_checkouts_together_make_each_order_once(events: House) -> None:
    show = events.performance(capacity=1000)
    with ThreadPoolExecutor(16) as pool:
        orders = list(pool.map(lambda _: events.sell(show.basket(2)), range(120)))
    assert len({order.number for order in orders}) == 120
    eventually(lambda: events.count("inbox", "consumer = 'orders-sales'") >= 120)
    assert events.count("order_lines", f"performance_id = '{show.id}'") == 120
    tickets = "tickets JOIN order_lines USING (order_id, line)"
    assert events.count(tickets, f"performance_id = '{show.id}'") == 240
    assert events.count("(SELECT max(serial) - count(*) AS gap FROM tickets WHERE key_id = 3) t", "gap = 0") == 1
