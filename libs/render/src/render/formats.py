"""Money, dates and rates as people read them, in French and English, without asking the machine's locale."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

NBSP = "\u00a0"  # an amount is never cut from its currency
FREE = "free"
FREE_WORD = {"fr": "Gratuit", "en": "Free"}  # LAW-11: a free ticket bears the word
SYMBOLS = {"EUR": "€", "GBP": "£", "USD": "$"}
EXPONENTS = {"JPY": 0, "KRW": 0, "XAF": 0, "XOF": 0, "XPF": 0, "BHD": 3, "KWD": 3, "TND": 3}  # ISO 4217; others 2

WEEKDAYS = {
    "fr": ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"),
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
}
MONTHS = {
    "fr": ("janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre",
           "novembre", "décembre"),
    "en": ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
           "November", "December"),
}  # fmt: skip


def money(minor_units: int | str, currency: str, language: str) -> str:
    """12,50 € in French, €12.50 in English; the word for free when `minor_units` is "free"."""
    if minor_units == FREE:
        return FREE_WORD[language]
    amount = int(minor_units)
    exponent = EXPONENTS.get(currency, 2)
    whole, part = divmod(abs(amount), 10**exponent)
    thousands, point = (NBSP, ",") if language == "fr" else (",", ".")
    digits = f"{whole:,}".replace(",", thousands) + (f"{point}{part:0{exponent}d}" if exponent else "")
    sign = "-" if amount < 0 else ""
    symbol = SYMBOLS.get(currency, currency)
    if language == "fr":
        return f"{sign}{digits}{NBSP}{symbol}"
    return f"{sign}{symbol}{digits}" if currency in SYMBOLS else f"{sign}{symbol}{NBSP}{digits}"


def rate(basis_points: int, language: str) -> str:
    """A VAT rate: 550 is 5,5 % in French, 5.5% in English."""
    whole, part = divmod(basis_points, 100)
    decimals = f"{part:02d}".rstrip("0")
    number = f"{whole}.{decimals}" if decimals else str(whole)
    return f"{number.replace('.', ',')}{NBSP}%" if language == "fr" else f"{number}%"


def date_long(at: datetime, language: str) -> str:
    day = "1er" if at.day == 1 and language == "fr" else str(at.day)
    return f"{WEEKDAYS[language][at.weekday()]} {day} {MONTHS[language][at.month - 1]} {at.year}"


def date_short(at: datetime, language: str) -> str:
    return f"{at:%d/%m/}{at.year:04d}"


def time(at: datetime, language: str) -> str:
    return f"{at:%H}h{at:%M}" if language == "fr" else f"{at:%H:%M}"


def date_time(at: datetime, language: str) -> str:
    return f"{date_short(at, language)} {at:%H:%M}"


INSTANT_FORMATS: dict[str, Callable[[datetime, str], str]] = {
    "date_long": date_long,
    "date_short": date_short,
    "time": time,
    "date_time": date_time,
}
