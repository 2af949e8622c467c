"""Money, dates and rates as French and English people read them."""

from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from render import formats


@given(st.integers(-(10**12), 10**12), st.sampled_from(["EUR", "JPY", "TND", "CHF"]), st.sampled_from(["fr", "en"]))
def test_an_amount_reads_back_to_the_same_minor_units(amount: int, currency: str, language: str) -> None:
    """LAW-26: cents are exact."""
    shown = formats.money(amount, currency, language)
    digits = "".join(char for char in shown if char.isdigit())
    assert int(digits) * (-1 if shown.startswith("-") else 1) == amount
    decimals = shown.replace(formats.NBSP, "").split("," if language == "fr" else ".")[-1]
    expected = formats.EXPONENTS.get(currency, 2)
    if expected:
        assert sum(char.isdigit() for char in decimals) == expected
    assert formats.SYMBOLS.get(currency, currency) in shown
    assert " " not in shown, "an ordinary space would let a line end inside an amount"


@pytest.mark.parametrize(
    ("amount", "currency", "language", "shown"),
    [
        (1250, "EUR", "fr", "12,50 €"),
        (5, "EUR", "fr", "0,05 €"),
        (-1250, "EUR", "fr", "-12,50 €"),
        (123456789, "EUR", "fr", "1 234 567,89 €"),
        (1250, "EUR", "en", "€12.50"),
        (-123456, "GBP", "en", "-£1,234.56"),
        (1500, "CHF", "en", "CHF 15.00"),
        (1500, "JPY", "fr", "1 500 JPY"),
        ("free", "EUR", "fr", "Gratuit"),
        ("free", "EUR", "en", "Free"),
    ],
)
def test_amounts_look_as_expected(amount: int | str, currency: str, language: str, shown: str) -> None:
    assert formats.money(amount, currency, language) == shown.replace(" ", formats.NBSP)


@pytest.mark.parametrize(
    ("rate_bp", "fr", "en"), [(550, "5,5 %", "5.5%"), (2000, "20 %", "20%"), (105, "1,05 %", "1.05%")]
)
def test_rates_look_as_expected(rate_bp: int, fr: str, en: str) -> None:
    assert formats.rate(rate_bp, "fr") == fr.replace(" ", formats.NBSP)
    assert formats.rate(rate_bp, "en") == en


def test_dates_are_said_in_the_language_of_the_template() -> None:
    at = datetime.fromisoformat("2026-08-01T09:05:00+02:00")
    assert formats.date_long(at, "fr") == "samedi 1er août 2026"
    assert formats.date_long(at, "en") == "Saturday 1 August 2026"
    assert formats.date_short(at, "fr") == "01/08/2026"
    assert (formats.time(at, "fr"), formats.time(at, "en")) == ("09h05", "09:05")
    assert formats.date_time(at, "fr") == "01/08/2026 09:05"
