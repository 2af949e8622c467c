"""Checks of single values. Each raises FieldInvalid, or a narrower error, naming the field.

Amounts are in minor units, VAT rates in basis points. A price says its own rate, which stands where its show has no VAT
rule (`vat.py`, LAW-19).
"""

import re
import uuid
from collections.abc import Sized

from catalog.domain.errors import PriceOutOfRange, VatRateOutOfRange
from kit.errors import FieldInvalid

MAX_AMOUNT = 1_000_000
MAX_VAT_RATE_BP = 3_000

_COLOUR = re.compile(r"#[0-9a-f]{6}")


def text(path: str, value: str, longest: int, *, required: bool = True) -> None:
    """Refuse a text that is missing, too long or has control characters."""
    if required and not value.strip():
        raise FieldInvalid(path, "is missing")
    if len(value) > longest:
        raise FieldInvalid(path, f"has {len(value)} characters; at most {longest} fit")
    if any(ord(c) < 32 and c not in "\n\t" for c in value):
        raise FieldInvalid(path, "has control characters")


def identity(path: str, value: str, *, required: bool = True) -> None:
    """Refuse what is not a UUID in its usual writing; empty is fine unless required."""
    if not value:
        if required:
            raise FieldInvalid(path, "is missing")
        return
    try:
        usual = str(uuid.UUID(value))
    except ValueError:
        usual = ""
    if usual != value:
        raise FieldInvalid(path, "must be a UUID in lower case with dashes")


def colour(path: str, value: str) -> None:
    if value and not _COLOUR.fullmatch(value):
        raise FieldInvalid(path, 'must be written like "#7a1f3d"')


def at_most(path: str, things: Sized, most: int) -> None:
    if len(things) > most:
        raise FieldInvalid(path, f"has too many; at most {most}")


def amount(path: str, value: int) -> None:
    if not 0 <= value <= MAX_AMOUNT:
        raise PriceOutOfRange(f"{path}: must be 0 to {MAX_AMOUNT} minor units", field=path, why=f"0 to {MAX_AMOUNT}")


def vat_rate(path: str, value: int) -> None:
    if not 0 <= value <= MAX_VAT_RATE_BP:
        raise VatRateOutOfRange(f"{path}: must be 0 to {MAX_VAT_RATE_BP} basis points", field=path)


def contrast_with_white(value: str) -> float:
    """Contrast ratio (WCAG 2.1) of white text on a colour "#rrggbb": 1 for white, 21 for black."""

    def linear(channel: int) -> float:
        share = channel / 255
        return share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4

    red, green, blue = (linear(int(value[i : i + 2], 16)) for i in (1, 3, 5))
    return 1.05 / (0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05)
