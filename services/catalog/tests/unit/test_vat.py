"""LAW-19: which VAT rate a performance has."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.domain.vat import Dated, Territory, VatKind, VatRule, count, rated

FIRST_DAY = datetime(2026, 1, 1, 20, tzinfo=UTC)
CREATION = VatRule(VatKind.CREATION, drinks_served=False, paid_before=0, territory=Territory.MAINLAND)


def run(paid, first=FIRST_DAY):
    """One performance a day, paid or entirely free."""
    days = [first + timedelta(days=i) for i in range(len(paid))]
    return [Dated(f"{i:04}", at, at.date(), counts) for i, (at, counts) in enumerate(zip(days, paid, strict=True))]


def rates(rule, performances):
    return [each.rate_bp for each in rated(rule, performances)]


def test_the_140th_paid_performance_is_reduced_and_the_141st_is_not():
    assert rates(CREATION, run([True] * 142)) == [210] * 140 + [550] * 2


def test_entirely_free_performances_do_not_count():
    assert rates(CREATION, run([True] * 100 + [False] * 10 + [True] * 41))[-2:] == [210, 550]


def test_a_tour_begins_where_the_work_stands():
    touring = VatRule(VatKind.CREATION, False, 139, Territory.MAINLAND)
    assert rates(touring, run([True, True])) == [210, 550]
    assert rates(VatRule(VatKind.CREATION, False, 500, Territory.MAINLAND), run([True])) == [550]


def test_drinks_during_the_show_lose_a_creation_its_reduced_rate():
    assert rates(VatRule(VatKind.CREATION, True, 0, Territory.MAINLAND), run([True])) == [550]


@pytest.mark.parametrize(
    ("territory", "kind", "rate"),
    [
        (Territory.MAINLAND, VatKind.ENTERTAINMENT, 550), (Territory.MAINLAND, VatKind.EXHIBITION, 1000),
        (Territory.MAINLAND, VatKind.STANDARD, 2000), (Territory.CORSICA, VatKind.CREATION, 90),
        (Territory.CORSICA, VatKind.ENTERTAINMENT, 210), (Territory.CORSICA, VatKind.EXHIBITION, None),
        (Territory.OVERSEAS, VatKind.CREATION, 105), (Territory.OVERSEAS, VatKind.ENTERTAINMENT, 210),
        (Territory.OVERSEAS, VatKind.STANDARD, 850), (Territory.MAINLAND, VatKind.BY_PRICES, None),
    ],
)  # fmt: skip
def test_each_territory_has_its_rates_and_what_no_source_says_is_left_to_the_prices(territory, kind, rate):
    assert rates(VatRule(kind, False, 0, territory), run([True])) == [rate]


def test_before_the_rates_were_law_the_prices_say_their_own():
    assert rates(CREATION, run([True, True], datetime(2013, 12, 31, 20, tzinfo=UTC))) == [None, 210]


def test_the_counter_says_where_a_work_stands_and_from_which_day_the_rate_changes():
    performances = run([True, False, True, True])
    rule = VatRule(VatKind.CREATION, False, 138, Territory.MAINLAND)
    found = count(rule, performances, FIRST_DAY + timedelta(days=1))
    assert (found.past, found.programmed, found.then_on, found.then_rate_bp) == (139, 141, date(2026, 1, 4), 550)
    assert count(CREATION, performances, FIRST_DAY).then_on is None


@given(st.lists(st.booleans(), max_size=320), st.integers(0, 200), st.randoms(use_true_random=False))
def test_whatever_is_programmed_the_reduced_rate_is_given_to_just_the_first_140(paid, before, random):
    performances = run(paid)
    random.shuffle(performances)
    found = rated(VatRule(VatKind.CREATION, False, before, Territory.MAINLAND), performances)
    counted = [each.rate_bp for each in found if each.paid]
    reduced = min(max(140 - before, 0), len(counted))
    assert counted == [210] * reduced + [550] * (len(counted) - reduced)
    assert [each.starts_at for each in found] == sorted(each.starts_at for each in performances)
