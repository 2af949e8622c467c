"""Closings of a day, a month and a year on a real SQLite file (LAW-4)."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

import ledger
from device_gateway import closing, selling
from device_gateway.domain.errors import OverrideNeeded, TillFrozen
from device_gateway.store import jobs, journal, meta
from device_gateway.store.jobs import Document, Role, State
from ledger import Period

RIGHTS = ("cashdesk.sell", "cashdesk.close")


def noon(world) -> datetime:
    """A midday from now on: the same business day before and after it."""
    return world.at.astimezone(UTC).replace(hour=11, minute=0, second=0, microsecond=0) + timedelta(days=1)


def head_cashier(world):
    seller = world.seller()
    return replace(seller, cashier=replace(seller.cashier, rights=RIGHTS))


def sell(world, at, quantity=1, mode="cash"):
    request = selling.parse_request(world.request(("poster", quantity), mode=mode))
    return selling.sell(world.till, world.seller(), request, at)


def note(world, at):
    with world.till.database.write() as tx:
        journal.append(tx, world.till.identity, ledger.Kind.TECHNICAL, {"event": "noted"}, at)


def closings(world) -> list[tuple[int, ledger.Closing]]:
    entries = [json.loads(each.bytes) for each in world.journal()]
    return [(each["seq"], ledger.Closing.from_body(each["body"])) for each in entries if each["kind"] == "closing"]


def last_of(world, period) -> ledger.Closing:
    return [each for _, each in closings(world) if each.period is period][-1]


def test_the_first_act_of_a_new_day_comes_after_the_closing_of_the_day_before(world):
    day = noon(world)
    note(world, day)
    before = journal.last_sequence(world.till.database.read())
    sell(world, day + timedelta(hours=1), 2)
    sell(world, day + timedelta(hours=2), 1, mode="card")
    assert last_of(world, Period.DAY).last < before  # that of the day on which the till was enrolled
    note(world, day + timedelta(days=1))
    closed = last_of(world, Period.DAY)
    assert (closed.sales, closed.refunds, closed.total, closed.absolute) == (2, 0, 1350, 1350)
    assert [(each.mode, each.amount) for each in closed.payments] == [("card", 450), ("cash", 900)]
    assert [(each.rate_bp, each.net + each.vat) for each in closed.vat] == [(2000, 1350)]
    assert closed.of == day.date().isoformat()
    assert (closed.perpetual, closed.perpetual_absolute, closed.cashier_id) == (1350, 1350, None)
    assert world.faults_of_journal() == []


def test_until_five_in_the_morning_it_is_still_the_evening_before(world):
    """LAW-4: the cut-off of a late venue."""
    day = noon(world)
    note(world, day)
    number = last_of(world, Period.DAY).number
    sell(world, day + timedelta(hours=15))  # 03:00 or 04:00 in Paris
    assert last_of(world, Period.DAY).number == number
    note(world, day + timedelta(hours=18))
    assert last_of(world, Period.DAY).number == number + 1
    assert last_of(world, Period.DAY).total == 450


def test_months_add_their_days_and_years_their_months(world):
    """The totals of a year, with a day closed twice, are those of its sales."""
    new_year = datetime(noon(world).year + 1, 1, 1, 11, tzinfo=UTC)
    note(world, new_year)
    start = last_of(world, Period.YEAR).number
    for days, quantity in ((0, 1), (9, 2), (40, 3), (200, 4)):
        sell(world, new_year + timedelta(days=days), quantity)
        closing.close_day(world.till, head_cashier(world), None, new_year + timedelta(days=days, hours=1))
        sell(world, new_year + timedelta(days=days, hours=2), 1)
    note(world, datetime(new_year.year + 1, 1, 1, 11, tzinfo=UTC))
    assert last_of(world, Period.YEAR).number == start + 1
    assert last_of(world, Period.YEAR).total == 14 * 450
    months = [each.total for _, each in closings(world) if each.period is Period.MONTH and each.total]
    assert months == [5 * 450, 4 * 450, 5 * 450]
    assert last_of(world, Period.YEAR).of == str(new_year.year)


def test_closings_of_a_period_are_a_chain_without_a_gap(world):
    day = noon(world)
    for days in range(4):
        sell(world, day + timedelta(days=days))
    hashes = {json.loads(each.bytes)["seq"]: each.hash.hex() for each in world.journal()}
    days = [(sequence, each) for sequence, each in closings(world) if each.period is Period.DAY]
    assert [each.number for _, each in days] == [1, 2, 3, 4]
    assert days[0][1].previous is None
    for (earlier, _), (sequence, each) in pairwise(days):
        assert (each.previous, each.first, each.last) == (hashes[earlier], earlier + 1, sequence - 1)


def test_the_day_is_closed_at_demand_once_and_sales_go_on_under_the_next_one(world):
    day = noon(world)
    sell(world, day)
    first = closing.close_day(world.till, head_cashier(world), None, day)
    assert (first.total, first.cashier_id) == (450, world.cashier_id)
    assert closing.close_day(world.till, head_cashier(world), None, day) == first
    sell(world, day, 2)
    second = closing.close_day(world.till, head_cashier(world), None, day)
    assert (second.number, second.of, second.total, second.perpetual) == (first.number + 1, first.of, 900, 1350)


def test_a_closing_asked_for_comes_out_on_paper_with_both_perpetual_totals_once(world):
    day = noon(world)
    sell(world, day, 2)
    for _ in range(2):
        closing.close_day(world.till, head_cashier(world), None, day)
    waiting = jobs.in_states(world.till.database.read(), State.QUEUED, role=Role.RECEIPT)
    [slip] = [each for each in waiting if each.kind is Document.CASH_SLIP]
    assert slip.title == "Clôture Z n° 2"  # the first one was that of the day on which the till was enrolled
    shown = {line["label"]: line["amount"] for line in slip.data["lines"]}
    assert shown == {"Espèces": 900, "TVA 20 %": 150, "Total perpétuel": 900, "Perpétuel, valeur absolue": 900}
    assert slip.data["total"] == 900


def test_closing_needs_the_right_or_leave(world):
    with pytest.raises(OverrideNeeded):
        closing.close_day(world.till, world.seller(), None, noon(world))
    with pytest.raises(OverrideNeeded):
        closing.read_day(world.till, world.seller(), None, noon(world))


def test_a_day_that_ended_is_closed_before_the_one_that_is_asked_for(world):
    day = noon(world)
    sell(world, day)
    asked = closing.close_day(world.till, head_cashier(world), None, day + timedelta(days=1))
    assert asked.total == 450
    assert asked.of == day.date().isoformat()
    assert asked.cashier_id is None


def test_an_x_reading_closes_nothing_and_leaves_a_trace(world):
    day = noon(world)
    sell(world, day)
    reading = closing.read_day(world.till, head_cashier(world), None, day)
    assert (reading.total, reading.perpetual) == (450, 450)
    told = json.loads(world.journal()[-1].bytes)
    assert (told["kind"], told["body"]["event"], told["body"]["total"]) == ("technical", "x_reading", 450)
    assert closing.close_day(world.till, head_cashier(world), None, day).total == 450


def test_a_frozen_till_is_not_closed_by_hand(world):
    with world.till.database.write() as tx:
        meta.freeze(tx, "cashdesk", "JOURNAL_FORK")
    with pytest.raises(TillFrozen):
        closing.close_day(world.till, head_cashier(world), None, noon(world))


def test_a_till_restarted_goes_on_where_its_journal_stands(world):
    """D3: nothing is counted beside the journal."""
    day = noon(world)
    sell(world, day)
    world.reopen()
    sell(world, day)
    assert closing.close_day(world.till, head_cashier(world), None, day).total == 900


def test_a_clock_set_back_closes_nothing(world):
    day = noon(world)
    note(world, day)
    count = len(closings(world))
    note(world, day - timedelta(days=3))
    assert len(closings(world)) == count
