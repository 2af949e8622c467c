"""Closings and both perpetual totals, whatever is sold and refunded (LAW-4)."""

import json
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

import ledger
from ledger import Kind, Period

TILL = "6f1c9f5e-3a0b-4c57-9d5e-0a1b2c3d4e5f"


def act(total: int, mode: str = "cash", rate: int = 550) -> tuple[Kind, dict]:
    """What a closing reads of a sale, or of a refund where the total is negative."""
    vat = total * rate // (10_000 + rate)
    body = {"total": total, "vat": [{"rate_bp": rate, "net": total - vat, "vat": vat}],
            "payments": [{"mode": mode, "amount": total}], "currency": "EUR"}  # fmt: skip
    return (Kind.REFUND if total < 0 else Kind.SALE), body


class Journal:
    """A journal of bodies: acts, and closings as a till seals them."""

    def __init__(self) -> None:
        self.totals, self.sequence = ledger.Totals(), 0
        self.closings: list[tuple[int, ledger.Closing]] = []
        self.placed: list[ledger.Placed] = []
        self.acts: list[tuple[int, Kind, dict]] = []

    def add(self, kind: Kind, body: dict) -> None:
        self.sequence += 1
        if kind is not Kind.CLOSING:
            self.acts.append((self.sequence, kind, body))
        self.totals.add(self.sequence, kind, body, bytes([self.sequence % 251]) * 32)

    def close(self, period: Period, of: str = "2026-11-23") -> ledger.Closing | None:
        closing = self.totals.close(period, of, self.sequence)
        if closing is not None:
            self.add(Kind.CLOSING, closing.to_body())
            self.closings.append((self.sequence, closing))
            self.placed.append((self.sequence, closing.to_body(), bytes([self.sequence % 251]) * 32))
        return closing


amounts = st.integers(-5000, 5000).filter(bool)
steps = st.lists(st.one_of(amounts, st.sampled_from(Period)), max_size=60)


def play(journal: Journal, step) -> None:
    if isinstance(step, Period):
        for period in Period:  # a month ends with its last day, a year with its last month
            journal.close(period)
            if period is step:
                break
    else:
        journal.add(*act(step))


@given(steps)
def test_perpetual_totals_are_the_whole_journal_and_the_absolute_one_never_falls(taken):
    journal, acts, absolute = Journal(), [], 0
    for step in taken:
        play(journal, step)
        if not isinstance(step, Period):
            acts.append(step)
        now = journal.totals.reading(Period.DAY, "2026-11-23", max(1, journal.sequence))
        assert (now.perpetual, now.perpetual_absolute) == (sum(acts), sum(map(abs, acts)))
        assert now.perpetual_absolute >= max(absolute, abs(now.perpetual))
        absolute = now.perpetual_absolute


@given(steps)
def test_every_period_adds_up_to_the_acts_that_it_covers_and_none_is_left_out(taken):
    journal = Journal()
    for step in [*taken, Period.YEAR]:
        play(journal, step)
    acts = [step for step in taken if not isinstance(step, Period)]
    for period in Period:
        closed = [(sequence, each) for sequence, each in journal.closings if each.period is period]
        assert sum(each.total for _, each in closed) == sum(acts)
        assert sum(each.absolute for _, each in closed) == sum(map(abs, acts))
        assert sum(each.sales + each.refunds for _, each in closed) == len(acts)
        expected = 1
        for number, (sequence, each) in enumerate(closed, 1):
            assert (each.number, each.first, each.last) == (number, expected, sequence - 1)
            assert each.total == sum(vat.net + vat.vat for vat in each.vat) == sum(m.amount for m in each.payments)
            expected = sequence + 1


@given(steps)
def test_totals_begun_from_the_closings_that_are_needed_say_the_same(taken):
    """A till after a restart, an archive of one month, a centre: none reads the whole journal."""
    whole = Journal()
    for step in taken:
        play(whole, step)
    part, last_day = ledger.Totals(), 0
    for sequence, body, digest in ledger.needed(reversed(whole.placed)):
        part.add(sequence, Kind.CLOSING, body, digest)
        last_day = sequence if body["period"] == "day" else last_day
    for sequence, kind, body in whole.acts:
        if sequence > last_day:
            part.add(sequence, kind, body, bytes(32))
    for period in Period:
        assert part.close(period, "2026", 10**6) == whole.totals.close(period, "2026", 10**6)


def test_a_period_in_which_nothing_happened_is_not_closed_twice():
    journal = Journal()
    assert journal.close(Period.DAY) is None
    journal.add(*act(1200))
    assert journal.close(Period.DAY)
    assert journal.close(Period.DAY) is None
    assert journal.close(Period.MONTH)
    assert journal.close(Period.MONTH) is None


def test_a_day_on_which_nothing_was_sold_has_a_closing_all_the_same():
    journal = Journal()
    journal.add(Kind.SIGN_IN, {})
    closing = journal.close(Period.DAY)
    assert (closing.number, closing.total, closing.currency) == (1, 0, None)


@pytest.mark.parametrize(
    ("last", "today", "over"),
    [
        ("2026-11-23", "2026-11-23", ()),
        ("2026-11-23", "2026-11-22", ()),
        ("2026-11-23", "2026-11-24", ("day",)),
        ("2026-11-30", "2026-12-01", ("day", "month")),
        ("2026-12-31", "2027-01-01", ("day", "month", "year")),
        ("2026-11-30", "2027-11-30", ("day", "month", "year")),
    ],
)
def test_which_periods_are_over_on_a_new_day(last, today, over):
    assert ledger.periods_over(date.fromisoformat(last), date.fromisoformat(today)) == over


def test_a_closing_is_read_back_as_it_was_sealed():
    journal = Journal()
    journal.add(*act(1200))
    journal.add(*act(-500, "card", 2000))
    closing = journal.close(Period.DAY)
    assert ledger.Closing.from_body(json.loads(json.dumps(closing.to_body()))) == closing


@pytest.mark.parametrize(
    "change", [{"number": 0}, {"last": 0}, {"absolute": -1}, {"period": "week"}, {"previous": "00"}]
)
def test_a_closing_that_cannot_be_is_refused_by_field(change):
    journal = Journal()
    journal.add(*act(1200))
    body = {**journal.close(Period.DAY).to_body(), **change}
    with pytest.raises(ledger.BadEntry, match=next(iter(change))):
        ledger.Closing.from_body(body)


def test_a_closing_is_sealed_like_any_entry(till_key):
    journal = Journal()
    journal.add(*act(1200))
    closing = journal.close(Period.DAY)
    at = datetime(2026, 11, 24, 5, tzinfo=UTC) + timedelta(seconds=1)
    entry = ledger.Entry(TILL, 2, at, 1, Kind.CLOSING, bytes(32), closing.to_body())
    sealed = ledger.seal(entry, till_key)
    opened = ledger.open_sealed(sealed.bytes, sealed.signature, till_key.public_key())
    assert ledger.Closing.from_body(opened.body) == closing
