import uuid
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

import ledger
from ledger import BadEntry, LineKind, Refund, canonical, reverse

from .test_sale import an_id, sales


def refund_of(sale, earlier, wanted, number=1):
    """A refund of so many of each line ({line: quantity}), the first tickets that are alive first, by card."""
    before = ledger.refunded_by_line(earlier)
    dead = {(ticket.key_id, ticket.serial) for refund in earlier for ticket in refund.tickets}
    lines, tickets = [], []
    for line in sale.lines:
        quantity = wanted.get(line.line, 0)
        if not quantity:
            continue
        own = [ticket for ticket in sale.tickets if ticket.line == line.line]
        alive = [at for at, ticket in enumerate(own) if (ticket.key_id, ticket.serial) not in dead]
        if not own:
            alive = list(range(before.get(line.line, 0), line.quantity))
        chosen = alive[:quantity]
        tickets += [ledger.DeadTicket(own[at].line, own[at].key_id, own[at].serial) for at in chosen if own]
        seating = line.seating and replace(line.seating, seats=tuple(line.seating.seats[at] for at in chosen))
        lines.append(reverse(line, before.get(line.line, 0), quantity, seating))
    total = sum(line.total for line in lines)
    mode = ledger.Mode.CARD if total else ledger.Mode.FREE
    return Refund(
        refund_id=str(uuid.uuid4()), refund_number=f"G1-R{number}",
        original=ledger.Original(sale.order_id, sale.order_number, an_id("till"), 4), channel="till",
        cashier_id=an_id("cashier"), shift_id=None, cash_float_id=None, authorised_by=None, business_on="2026-11-24",
        currency=sale.currency, reason=ledger.RefundReason.CUSTOMER_REQUEST, note=None, lines=tuple(lines),
        tickets=tuple(tickets), payments=(ledger.MoneyBack(mode, total, None),), total=total,
        vat=ledger.vat_totals(lines),
    )  # fmt: skip


@st.composite
def sales_refunded_whole(draw):
    """A sale, and refunds of random parts of it in random order, until nothing is left."""
    sale = draw(sales())
    left, refunds = {line.line: line.quantity for line in sale.lines}, []
    while any(left.values()):
        wanted = {line: draw(st.integers(0, count)) for line, count in left.items()}
        if not any(wanted.values()):
            wanted = {next(line for line, count in left.items() if count): 1}
        refunds.append(refund_of(sale, refunds, wanted, len(refunds) + 1))
        left = {line: count - wanted.get(line, 0) for line, count in left.items()}
    return sale, refunds


@given(sales_refunded_whole())
def test_the_refunds_of_a_line_add_up_to_it_to_the_cent(history):
    """A7: gross, net and VAT, whatever the parts."""
    sale, refunds = history
    for line in sale.lines:
        parts = [back for refund in refunds for back in refund.lines if back.line == line.line]
        for amount in ("quantity", "total", "net", "vat"):
            assert sum(getattr(part, amount) for part in parts) == -getattr(line, amount)
        assert all(part.vat <= 0 and part.net <= 0 for part in parts)
    assert sum(refund.total for refund in refunds) == -sale.total


@given(sales_refunded_whole())
def test_each_refund_holds_against_the_sale_and_those_before_it(history):
    sale, refunds = history
    for index, refund in enumerate(refunds):
        refund.check()
        refund.check_against(sale, refunds[:index])
        assert Refund.from_body(canonical.decode(canonical.encode(refund.to_body()))) == refund


@given(sales_refunded_whole(), st.data())
def test_nothing_is_refunded_twice(history, data):
    sale, refunds = history
    again = data.draw(st.sampled_from(refunds))
    with pytest.raises(BadEntry):
        again.check_against(sale, refunds)


@given(sales_refunded_whole(), st.data())
def test_no_amount_of_a_refund_can_be_changed_unseen(history, data):
    """LAW-3: by itself or against its sale."""
    sale, refunds = history
    index = data.draw(st.integers(0, len(refunds) - 1))
    body = refunds[index].to_body()
    places = [(body, "total")]
    places += [(line, name) for line in body["lines"] for name in ("total", "vat", "net", "unit_price")]
    places += [(payment, "amount") for payment in body["payments"]]
    places += [(total, name) for total in body["vat"] for name in ("rate_bp", "net", "vat")]
    row, name = data.draw(st.sampled_from(places))
    row[name] += data.draw(st.sampled_from([-1, 1]))
    with pytest.raises(BadEntry):
        believe(body, sale, refunds[:index])


def believe(body, sale, earlier):
    refund = Refund.from_body(body)
    refund.check()
    refund.check_against(sale, earlier)


def test_a_place_of_three_bears_its_share_of_the_vat():
    """The worked example of PRICES.md."""
    line = ledger.Line(
        1, LineKind.PRODUCT, None, None, None, None, an_id("product"), None, "Museum, reduced", 3, 850, 2550, 550, 133,
        2417, None, None,
    )  # fmt: skip
    assert [reverse(line, before, 1).vat for before in range(3)] == [-44, -45, -44]
    with pytest.raises(ValueError, match="2 after 2 of 3"):
        reverse(line, 2, 2)


@given(sales_refunded_whole())
def test_a_ticket_of_another_sale_is_refused(history):
    sale, refunds = history
    if not refunds[0].tickets:
        return
    first, *others = refunds[0].tickets
    forged = replace(refunds[0], tickets=(replace(first, serial=9_999_999), *others))
    with pytest.raises(BadEntry, match="is no ticket of line"):
        forged.check_against(sale, [])
