"""One box for every way to look for a sale (A5)."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

import titles
from device_gateway.domain.finding import Wanted, on_day, understand

PARIS = ZoneInfo("Europe/Paris")
NOW = datetime(2026, 11, 26, 15, 0, tzinfo=UTC)  # 16:00 in Paris


def utc(day, hour, minute=0):
    return datetime(2026, 11, day, hour, minute, tzinfo=UTC)


@pytest.mark.parametrize(
    ("typed", "wanted"),
    [
        ("", Wanted()),
        ("t01-000042", Wanted(number="T01-000042")),
        ("42", Wanted(digits=(42,))),
        ("42,50", Wanted(amounts=(4250,))),
        ("42.50 €", Wanted(amounts=(4250,))),
        ("42 €", Wanted(amounts=(4200,))),
        ("12 euros", Wanted(amounts=(1200,))),
        ("*4242", Wanted(card="4242")),
        ("Musée lucas", Wanted(words=("musee", "lucas"))),
        ("hier", Wanted(between=(utc(24, 23), utc(25, 23)))),
        ("26/11", Wanted(between=(utc(25, 23), utc(26, 23)))),
        ("14h", Wanted(between=(utc(26, 13), utc(26, 14)))),
        ("14:30", Wanted(between=(utc(26, 13, 20), utc(26, 13, 41)))),
        (
            "hier 14h30 musée 24,00",
            Wanted(amounts=(2400,), between=(utc(25, 13, 20), utc(25, 13, 41)), words=("musee",)),
        ),
        ("27/11", Wanted(between=(datetime(2025, 11, 26, 23, tzinfo=UTC), datetime(2025, 11, 27, 23, tzinfo=UTC)))),
        ("31/02", Wanted(words=("31", "02"))),
        (titles.human_code(3, 17), Wanted(ticket=(3, 17))),
    ],
)
def test_what_is_typed_is_understood(typed, wanted):
    assert understand(typed, PARIS, NOW) == wanted


def test_a_scanned_ticket_is_its_sale():
    token = titles.Token(titles.Kind.TILL, 3, 17, 1, 1, NOW, 60)
    assert understand(titles.issue(token, titles.generate_key()), PARIS, NOW) == Wanted(ticket=(3, 17))


def test_a_day_of_a_clock_change_is_as_long_as_it_is():
    """DST: the last Sunday of October has 25 hours."""
    since, until = understand("25/10/2026", PARIS, NOW).between
    assert (until - since).total_seconds() == 25 * 3600


def test_today_is_added_only_when_no_time_was_asked_for():
    today = NOW.date()
    assert on_day(understand("musée", PARIS, NOW), today, PARIS).between == (utc(25, 23), utc(26, 23))
    assert on_day(understand("hier", PARIS, NOW), today, PARIS).between == (utc(24, 23), utc(25, 23))


@given(st.text(max_size=300))
def test_whatever_is_typed_is_taken_without_complaint(typed):
    assert isinstance(understand(typed, PARIS, NOW), Wanted)


@given(
    st.lists(
        st.sampled_from(["42", "9/9/2020", "2026-02-29", "24:00", "00:00", "*1", "1,5", "€", "hier", "T1-0", "7h"]),
        max_size=6,
    )
)
def test_whatever_is_combined_is_taken_without_complaint(words):
    understand(" ".join(words), PARIS, NOW)
