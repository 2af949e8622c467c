"""What of a sale may come back, and by which modes (A7)."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

import ledger
from device_gateway.domain import refunds as rules
from device_gateway.domain.errors import NothingToRefund, PaymentMismatch
from kit.errors import FieldInvalid
from ledger import Mode

from ..conftest import uid


def sale(payments: dict[Mode, int], *, tickets: int = 2, posters: int = 3, unit_price: int = 850) -> ledger.Sale:
    """Places with tickets 1…n of key 7, and posters, whatever was paid for them."""
    lines = (_line(1, tickets, unit_price, performance=uid("slot")), _line(2, posters, 450, product=uid("poster")))
    paid = tuple(ledger.Payment(mode, amount, amount, 0, None) for mode, amount in payments.items())
    return ledger.Sale(
        order_id=uid("order"), order_number="T01-000001", channel="till", cashier_id=None, shift_id=None,
        cash_float_id=None, business_on="2026-11-23", currency="EUR", catalog_version=1, lines=lines,
        tickets=tuple(ledger.Ticket(1, 7, serial, f"T{serial}") for serial in range(1, tickets + 1)), payments=paid,
        total=sum(line.total for line in lines), vat=ledger.vat_totals(lines),
    )  # fmt: skip


def _line(number, quantity, unit_price, performance=None, product=None):
    net, vat = ledger.split_vat(quantity * unit_price, 550)
    kind = ledger.LineKind.ADMISSION if performance else ledger.LineKind.PRODUCT
    place = uid("single") if performance else None
    return ledger.Line(
        number, kind, performance, None, place, place, product, None, f"line {number}", quantity, unit_price,
        quantity * unit_price, 550, vat, net, None, None,
    )  # fmt: skip


def wish(*serials: int, **quantities: int) -> rules.Wish:
    return rules.Wish(frozenset((7, serial) for serial in serials), {2: quantities["posters"]} if quantities else {})


amounts = st.dictionaries(st.sampled_from([Mode.CASH, Mode.CARD, Mode.CHEQUE]), st.integers(1, 50_000), min_size=1)


@given(amounts, st.data())
def test_money_goes_back_in_proportion_to_what_was_paid_and_never_more_by_a_mode_than_that(paid, data):
    left = rules.Left(sale(paid), ())
    total = data.draw(st.integers(1, sum(paid.values())))
    back = rules.money_back(left, total, None)
    assert sum(each.amount for each in back) == -total
    assert all(0 < -each.amount <= paid[each.mode] for each in back)
    assert not rules.is_otherwise(left, back)
    for each in back:
        assert abs(-each.amount - total * paid[each.mode] / sum(paid.values())) < 1


def test_what_was_chosen_must_make_the_total():
    left = rules.Left(sale({Mode.CASH: 1000, Mode.CARD: 2050}), ())
    with pytest.raises(PaymentMismatch):
        rules.money_back(left, 850, {Mode.CARD: 800})
    assert rules.money_back(left, 850, {Mode.CARD: 850})[0].amount == -850


def test_more_than_was_paid_by_a_mode_is_another_mode():
    left = rules.Left(sale({Mode.CASH: 1000, Mode.CARD: 2050}), ())
    assert not rules.is_otherwise(left, rules.money_back(left, 1000, {Mode.CASH: 1000}))
    assert rules.is_otherwise(left, rules.money_back(left, 1001, {Mode.CASH: 1001}))
    assert rules.is_otherwise(left, rules.money_back(left, 850, {Mode.CHEQUE: 850}))


def test_places_come_back_by_their_tickets_and_articles_by_how_many():
    lines, dead = rules.Left(sale({Mode.CASH: 3050}), ()).reverse(wish(2, posters=1))
    assert [(line.line, line.quantity, line.total) for line in lines] == [(1, -1, -850), (2, -1, -450)]
    assert [ticket.serial for ticket in dead] == [2]


@given(st.lists(st.sets(st.integers(1, 6)), max_size=6))
def test_a_ticket_brings_its_own_seat_back_in_whatever_order_tickets_come(wanted):
    """G1: what the till makes holds against the sale and what came back before, as the centre will check it."""
    whole = sale({Mode.CARD: 6 * 850 + 3 * 450}, tickets=6)
    seats = tuple(ledger.Seat(100 + n, "Parterre", "C", str(n)) for n in range(1, 7))
    numbered = replace(whole.lines[0], seating=ledger.Seating(uid("plan"), 2, seats))
    whole, refunds = replace(whole, lines=(numbered, whole.lines[1])), ()
    for serials in wanted:
        left = rules.Left(whole, refunds)
        alive = {serial for serial in serials if (7, serial) not in left.dead}
        if not alive:
            continue
        lines, dead = left.reverse(wish(*alive))
        [seating] = [line.seating for line in lines]
        assert {seat.ordinal for seat in seating.seats} == {100 + serial for serial in alive}
        total = sum(line.total for line in lines)
        made = ledger.Refund(
            refund_id=uid(f"refund {len(refunds)}"), refund_number=f"T01-{len(refunds):06d}",
            original=ledger.Original(whole.order_id, whole.order_number, uid("till"), 1), channel="till",
            cashier_id=None, shift_id=None, cash_float_id=None, authorised_by=None, business_on="2026-11-23",
            currency="EUR", reason=ledger.RefundReason.OTHER, note=None, lines=lines, tickets=dead,
            payments=rules.money_back(left, -total, None), total=total, vat=ledger.vat_totals(lines),
        )  # fmt: skip
        made.check()
        made.check_against(whole, refunds)
        refunds = (*refunds, made)


def test_what_is_not_of_the_sale_is_refused_naming_the_field():
    left = rules.Left(sale({Mode.CASH: 3050}), ())
    for asked, field in ((wish(9), "tickets"), (rules.Wish(frozenset(), {1: 1}), "lines"), (wish(), "tickets")):
        with pytest.raises(FieldInvalid) as refusal:
            left.reverse(asked)
        assert refusal.value.facts["field"] == field
    with pytest.raises(NothingToRefund):
        left.reverse(wish(posters=4))


def test_free_places_come_back_for_nothing():
    """LAW-10: the ticket dies all the same."""
    left = rules.Left(sale({Mode.FREE: 0}, unit_price=0, posters=1), ())
    assert rules.money_back(left, 0, None) == (ledger.MoneyBack(Mode.FREE, 0, None),)
