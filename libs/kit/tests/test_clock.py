"""The till's day (LAW-4): until the cut-off in the morning it is still the evening before, in the venue's zone."""

from datetime import UTC, date, datetime

import pytest

from kit.clock import business_date, iso_ms


@pytest.mark.parametrize(
    ("at", "day"),
    [
        (datetime(2026, 11, 23, 22, 30, tzinfo=UTC), date(2026, 11, 23)),  # 23:30 in Paris
        (datetime(2026, 11, 24, 1, 0, tzinfo=UTC), date(2026, 11, 23)),  # 02:00: the evening goes on
        (datetime(2026, 11, 24, 4, 0, tzinfo=UTC), date(2026, 11, 24)),  # 05:00: a new day
        (datetime(2026, 7, 1, 2, 59, tzinfo=UTC), date(2026, 6, 30)),  # 04:59 in summer
        (datetime(2026, 7, 1, 3, 0, tzinfo=UTC), date(2026, 7, 1)),
    ],
)
def test_the_day_turns_at_five_in_the_morning_in_paris(at, day):
    assert business_date(at, "Europe/Paris") == day


def test_instants_are_written_in_utc_with_milliseconds():
    assert iso_ms(datetime(2026, 11, 23, 22, 51, 30, 123999, tzinfo=UTC)) == "2026-11-23T22:51:30.123Z"
