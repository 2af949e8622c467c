import uuid
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

import ledger
from ledger import canonical

COUNTS = st.dictionaries(st.sampled_from([1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000]), st.integers(0, 100))


def an_id(name: str) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_URL, name))


OPENED = ledger.FloatOpened(an_id("float"), an_id("cashier"), "2026-11-23", "EUR", {5000: 2, 200: 7}, 11400)
CLOSED = ledger.FloatClosed(
    an_id("float"),
    an_id("cashier"),
    "2026-11-23",
    "EUR",
    {5000: 2, 200: 7},
    expected=11500,
    counted=11400,
    difference=-100,
)


@given(counts=COUNTS, expected=st.integers(0, 10_000_00))
def test_counted_floats_add_up_and_come_back_from_their_bodies(counts, expected):
    """E1."""
    counted = sum(denomination * pieces for denomination, pieces in counts.items())
    opened = replace(OPENED, counts=counts, total=counted)
    closed = replace(CLOSED, counts=counts, expected=expected, counted=counted, difference=counted - expected)
    opened.check()
    closed.check()
    assert ledger.FloatOpened.from_body(canonical.decode(canonical.encode(opened.to_body()))) == opened
    assert ledger.FloatClosed.from_body(canonical.decode(canonical.encode(closed.to_body()))) == closed


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (replace(OPENED, total=11401), "total"),
        (replace(OPENED, counts={0: 1}, total=0), "counts.0"),
        (replace(OPENED, counts={5: -1}, total=0), "counts.5"),
        (replace(OPENED, counts={5: 1.0}, total=5), "counts.5"),
        (replace(OPENED, currency="EURO"), "currency"),
        (replace(CLOSED, counted=1, difference=-11499), "counted"),
        (replace(CLOSED, difference=100), "difference"),
        (replace(CLOSED, business_on="yesterday"), "business_on"),
    ],
)
def test_a_count_that_does_not_add_up_is_named(body, field):
    with pytest.raises(ledger.BadEntry) as refused:
        body.check()
    assert refused.value.field == field


def test_a_shift_change_comes_back_and_is_strict():
    change = ledger.ShiftChange(an_id("cashier"), an_id("shift"))
    assert ledger.ShiftChange.from_body(change.to_body()) == change
    with pytest.raises(ledger.BadEntry, match="unknown"):
        ledger.ShiftChange.from_body(change.to_body() | {"pin": "1234"})


def test_a_shift_begun_by_badge_says_so_and_one_by_pin_keeps_the_bytes_that_it_had():
    """M3."""
    by_pin = ledger.ShiftChange(an_id("cashier"), an_id("shift"))
    by_badge = replace(by_pin, by_badge=True)
    assert by_pin.to_body() == {"cashier_id": an_id("cashier"), "shift_id": an_id("shift")}
    assert ledger.ShiftChange.from_body(by_badge.to_body()) == by_badge
    for wrong in (False, None, 1):
        with pytest.raises(ledger.BadEntry, match="by_badge"):
            ledger.ShiftChange.from_body(by_pin.to_body() | {"by_badge": wrong})


CARD = ledger.ModeCount(ledger.Mode.CARD, 5000, 4500, -500)
CHEQUE = ledger.ModeCount(ledger.Mode.CHEQUE, -1200, -1200, 0)
DECLARED = ledger.FloatDeclared(
    an_id("float"), an_id("cashier"), "2026-11-23", "EUR", {5000: 2, 200: 7}, 11500, 11400, -100, (CARD, CHEQUE), True
)
SETTLED = ledger.FloatSettled("T01-F000002", (CARD, CHEQUE), "Un billet de 5 rendu en trop", 2, True)


@given(counts=COUNTS, expected=st.integers(0, 10_000_00), declared=st.integers(-10_000_00, 10_000_00))
def test_declarations_and_closings_of_every_mode_come_back_from_their_bodies(counts, expected, declared):
    """E4, E5: each count is sealed, whatever it is."""
    counted = sum(denomination * pieces for denomination, pieces in counts.items())
    card = replace(CARD, declared=declared, difference=declared - CARD.expected)
    figures = {"counts": counts, "expected": expected, "counted": counted, "difference": counted - expected}
    made = replace(DECLARED, modes=(card,), **figures)
    closed = replace(CLOSED, settled=replace(SETTLED, modes=(card,)), **figures)
    made.check()
    closed.check()
    assert made.is_even is (counted == expected and declared == CARD.expected)
    assert ledger.FloatDeclared.from_body(canonical.decode(canonical.encode(made.to_body()))) == made
    assert ledger.FloatClosed.from_body(canonical.decode(canonical.encode(closed.to_body()))) == closed


def test_a_closing_of_cash_alone_keeps_the_bytes_that_it_had():
    """LAW-3: entries of earlier releases verify for ever."""
    assert "settled" not in CLOSED.to_body()


def test_a_difference_is_explained_in_the_closing():
    """E4."""
    with pytest.raises(ledger.BadEntry, match="explanation"):
        replace(CLOSED, settled=replace(SETTLED, explanation=None)).check()
    even = replace(SETTLED, modes=(CHEQUE,), explanation=None)
    replace(CLOSED, expected=11400, difference=0, settled=even).check()


@pytest.mark.parametrize(
    ("modes", "field"),
    [
        ((replace(CARD, difference=0),), "modes[0].difference"),
        ((CARD, CARD), "modes[1].mode"),
        ((replace(CARD, mode=ledger.Mode.CASH),), "modes[0].mode"),
    ],
)
def test_modes_that_do_not_add_up_are_refused_by_name(modes, field):
    with pytest.raises(ledger.BadEntry) as caught:
        replace(DECLARED, modes=modes).check()
    assert caught.value.field == field
