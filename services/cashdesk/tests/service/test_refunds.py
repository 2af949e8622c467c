"""A refund is kept once, against the sale that it refunds (A7)."""

from dataclasses import replace

import pytest

import ledger
from ticketing.cashdesk.v1 import cashdesk_service_pb2 as pb

from ..conftest import Core, TillJournal, line, new_id, refund, refusal, sale, tickets_of


@pytest.fixture
def sold(core: Core, till: TillJournal) -> ledger.Sale:
    """Three places at 8.50, paid in cash into a float, in the till's first entry."""
    three = line(quantity=3, unit_price=850)
    made = sale(three, tickets=tickets_of(three), cash_float_id=new_id())
    core.append(till, [till.write(made)])
    return made


def test_a_refund_is_kept_and_told_with_its_lines_tickets_and_amounts(core: Core, till: TillJournal, sold) -> None:
    back = refund(till.id, 1, sold)
    core.append(till, [till.write(back)])
    assert core.count("refunds", f"refund_id = '{back.refund_id}' AND total = -850 AND admissions = -1") == 1
    told = f"subject = 'cashdesk.refund.recorded.v1' AND payload->'refund'->>'refundId' = '{back.refund_id}'"
    dead = "payload->'refund'->'tickets'->0->>'serial' = '1' AND payload->'refund'->>'total' = '-850'"
    assert core.count("outbox", f"{told} AND {dead}") == 1


def test_a_line_is_refunded_in_parts_until_nothing_is_left(core: Core, till: TillJournal, sold) -> None:
    parts = [refund(till.id, 1, sold, before=before) for before in range(3)]
    assert [part.lines[0].vat for part in parts] == [-44, -45, -44]
    core.append(till, [till.write(part) for part in parts])
    again = refund(till.id, 1, sold, before=2)
    error = refusal(lambda: core.append(till, [till.write(again)]))
    assert (error.reason, error.facts["field"]) == ("ENTRY_MALFORMED", "body.lines[0].quantity")


def test_a_ticket_is_refunded_once_though_places_are_left(core: Core, till: TillJournal, sold) -> None:
    first = refund(till.id, 1, sold)
    second = replace(refund(till.id, 1, sold, before=1), tickets=first.tickets)
    error = refusal(lambda: core.append(till, [till.write(first), till.write(second)]))
    assert (error.reason, error.facts["field"]) == ("ENTRY_MALFORMED", "body.tickets[0]")
    assert core.count("refunds", f"order_id = '{sold.order_id}'") == 1


def test_a_sale_and_its_refund_may_come_in_one_call(core: Core, till: TillJournal) -> None:
    """A till that was offline sends both at once."""
    two = line()
    made = sale(two, tickets=tickets_of(two))
    entries = [till.write(made), till.write(refund(till.id, 1, made, quantity=2))]
    assert core.append(till, entries).acknowledged_sequence == 2
    assert core.append(till, entries).acknowledged_sequence == 2
    assert core.count("refunds", f"order_id = '{made.order_id}'") == 1


@pytest.mark.parametrize("wrong", ["another entry", "another till", "no sale"])
def test_a_refund_of_what_was_not_sold_there_is_refused(core: Core, till: TillJournal, sold, wrong) -> None:
    original = {
        "another entry": ledger.Original(sold.order_id, sold.order_number, till.id, 2),
        "another till": ledger.Original(sold.order_id, sold.order_number, new_id(), 1),
        "no sale": ledger.Original(new_id(), sold.order_number, till.id, 1),
    }[wrong]
    error = refusal(lambda: core.append(till, [till.write(refund(till.id, 1, sold, original=original))]))
    assert (error.reason, error.facts["field"]) == ("ENTRY_MALFORMED", "body.original")


def test_cash_given_back_is_not_expected_in_the_drawer(core: Core, till: TillJournal, sold) -> None:
    """E1: the float of whoever refunds, which need not be the seller's."""
    opened = ledger.FloatOpened(sold.cash_float_id, new_id(), "2026-11-23", "EUR", {1000: 5}, 5000)
    core.append(till, [till.write(opened.to_body(), "float_opened")])
    core.append(till, [till.write(refund(till.id, 1, sold, quantity=2, cash_float_id=sold.cash_float_id))])
    listed = core.as_user("cashdesk.view").ListCashFloats(pb.ListCashFloatsRequest(business_on="2026-11-23"))
    [found] = [one for one in listed.cash_floats if one.cash_float_id == sold.cash_float_id]
    assert (found.cash_sales, found.cash_refunds, found.expected) == (2550, -1700, 5850)


def test_the_sums_of_a_day_are_less_the_refunds_of_that_day(core: Core, till: TillJournal) -> None:
    two = line(quantity=2, unit_price=1200)
    made = sale(two, tickets=tickets_of(two), business_on="2026-01-05", mode="card")
    core.append(till, [till.write(made), till.write(refund(till.id, 1, made, business_on="2026-01-06"))])
    ask = core.as_user("cashdesk.view").GetTotals
    sold_on = ask(pb.GetTotalsRequest(business_on="2026-01-05"))
    refunded_on = ask(pb.GetTotalsRequest(business_on="2026-01-06"))
    assert (sold_on.sales, sold_on.total, sold_on.refunds, sold_on.admissions) == (1, 2400, 0, 2)
    assert (refunded_on.sales, refunded_on.refunds, refunded_on.admissions) == (0, 1, -1)
    assert (refunded_on.total, refunded_on.refunded) == (-1200, -1200)
    assert [(one.mode, one.amount) for one in refunded_on.payments] == [("card", -1200)]
    assert [(one.rate_bp, one.net + one.vat) for one in refunded_on.vat] == [(550, -1200)]
