"""Money is integers in minor units (design.md rule 6)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.money import Money, format_money

amounts = st.integers(-(10**12), 10**12)


@given(amounts, amounts)
def test_adding_then_subtracting_gives_the_amount_back(a, b):
    assert Money(a, "EUR") + Money(b, "EUR") - Money(b, "EUR") == Money(a, "EUR")


def test_currencies_do_not_mix():
    with pytest.raises(ValueError, match="EUR and CHF"):
        Money(100, "EUR") + Money(100, "CHF")


def test_a_float_is_refused():
    with pytest.raises(TypeError):
        Money(12.5, "EUR")


@given(amounts)
def test_what_is_written_in_french_reads_back_to_the_same_cents(amount):
    text = format_money(amount, "EUR")
    digits = "".join(c for c in text if c.isdigit())
    assert int(digits) * (-1 if text.startswith("-") else 1) == amount


@pytest.mark.parametrize(
    ("amount", "french", "english"),
    [
        (0, "0,00\u00a0€", "€0.00"),
        (5, "0,05\u00a0€", "€0.05"),
        (-1250, "-12,50\u00a0€", "-€12.50"),
        (123456789, "1\u202f234\u202f567,89\u00a0€", "€1,234,567.89"),
    ],
)
def test_amounts_are_written_as_people_read_them(amount, french, english):
    assert format_money(amount, "EUR", "fr") == french
    assert format_money(amount, "EUR", "en") == english
