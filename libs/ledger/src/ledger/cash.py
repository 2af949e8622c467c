"""Bodies of what happens around sales: cash floats (fonds de caisse) opened and closed, cashiers signing in and out.

`counts` says how many pieces of each denomination were counted: {5000: 2, 200: 7} is two notes of 50.00 and
seven coins of 2.00. In JSON its keys are decimal text.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from ledger.body import Reader, plain
from ledger.errors import BadEntry
from ledger.sale import MAX_AMOUNT

MAX_PIECES = 100_000
_CURRENCY = re.compile(r"[A-Z]{3}")
_DENOMINATION = re.compile(r"[1-9][0-9]{0,9}")


@dataclass(frozen=True)
class ShiftChange:
    """Body of SIGN_IN and SIGN_OUT. `by_badge`: a badge was scanned; entries by PIN keep the bytes that they had."""

    cashier_id: str
    shift_id: str
    by_badge: bool = False

    def to_body(self) -> dict[str, Any]:
        body: dict[str, Any] = plain(self)
        if not self.by_badge:
            del body["by_badge"]
        return body

    @classmethod
    def from_body(cls, body: object) -> Self:
        """Raises BadEntry."""
        fields = Reader(body)
        change = cls(
            cashier_id=fields.identifier("cashier_id"),
            shift_id=fields.identifier("shift_id"),
            by_badge=fields.flag_added_later("by_badge"),
        )
        fields.done()
        return change


@dataclass(frozen=True)
class FloatOpened:
    """A cashier counted the opening amount of a float."""

    cash_float_id: str
    cashier_id: str
    business_on: str
    currency: str
    counts: Mapping[int, int]
    total: int

    def to_body(self) -> dict[str, Any]:
        body: dict[str, Any] = plain(self)
        return body

    @classmethod
    def from_body(cls, body: object) -> Self:
        """Raises BadEntry for a field missing, unknown, mistyped or out of range."""
        fields = Reader(body)
        opened = cls(
            cash_float_id=fields.identifier("cash_float_id"),
            cashier_id=fields.identifier("cashier_id"),
            business_on=fields.day("business_on"),
            currency=fields.matching("currency", _CURRENCY, "an ISO 4217 code"),
            counts=_counts(fields),
            total=fields.integer("total", 0, MAX_AMOUNT),
        )
        fields.done()
        return opened

    def check(self) -> None:
        """Raises BadEntry when the count is out of range or does not add up."""
        FloatOpened.from_body(self.to_body())
        _check_sum("total", self.total, self.counts)


@dataclass(frozen=True)
class FloatClosed:
    """A cashier counted a float at its end: difference = counted - expected, positive when there is too much."""

    cash_float_id: str
    cashier_id: str
    business_on: str
    currency: str
    counts: Mapping[int, int]
    expected: int
    counted: int
    difference: int

    def to_body(self) -> dict[str, Any]:
        body: dict[str, Any] = plain(self)
        return body

    @classmethod
    def from_body(cls, body: object) -> Self:
        """Raises BadEntry for a field missing, unknown, mistyped or out of range."""
        fields = Reader(body)
        closed = cls(
            cash_float_id=fields.identifier("cash_float_id"),
            cashier_id=fields.identifier("cashier_id"),
            business_on=fields.day("business_on"),
            currency=fields.matching("currency", _CURRENCY, "an ISO 4217 code"),
            counts=_counts(fields),
            expected=fields.integer("expected", 0, MAX_AMOUNT),
            counted=fields.integer("counted", 0, MAX_AMOUNT),
            difference=fields.integer("difference", -MAX_AMOUNT, MAX_AMOUNT),
        )
        fields.done()
        return closed

    def check(self) -> None:
        """Raises BadEntry when the count is out of range or does not add up."""
        FloatClosed.from_body(self.to_body())
        _check_sum("counted", self.counted, self.counts)
        if self.difference != self.counted - self.expected:
            raise BadEntry("difference", f"{self.difference} is not {self.counted} - {self.expected}")


def _counts(fields: Reader) -> dict[int, int]:
    path = fields.path("counts")
    counts = {}
    for text, pieces in fields.mapping("counts").items():
        if not isinstance(text, str) or not _DENOMINATION.fullmatch(text):
            raise BadEntry(f"{path}.{text}", "not a denomination in minor units")
        if type(pieces) is not int or not 0 <= pieces <= MAX_PIECES:
            raise BadEntry(f"{path}.{text}", f"{pieces!r} is not within 0…{MAX_PIECES} pieces")
        counts[int(text)] = pieces
    return counts


def _check_sum(field: str, stated: int, counts: Mapping[int, int]) -> None:
    total = sum(denomination * pieces for denomination, pieces in counts.items())
    if stated != total:
        raise BadEntry(field, f"{stated} is not what was counted: {total}")
