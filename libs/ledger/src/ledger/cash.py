"""Bodies of what happens around sales: cash floats (fonds de caisse) opened, declared and closed, cashiers signing in
and out. What moves between the two is in `ledger.movement`.

`counts` says how many pieces of each denomination were counted: {5000: 2, 200: 7} is two notes of 50.00 and
seven coins of 2.00. In JSON its keys are decimal text.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from ledger.body import Reader, plain
from ledger.errors import BadEntry
from ledger.sale import MAX_AMOUNT, Mode

MAX_PIECES = 100_000
LONGEST_EXPLANATION = 500
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
class ModeCount:
    """What was found of one mode of payment besides cash; difference = declared - expected.

    Either may be less than nothing: more was given back by this mode than taken.
    """

    mode: Mode
    expected: int
    declared: int
    difference: int

    @classmethod
    def read(cls, fields: Reader) -> Self:
        return cls(
            mode=fields.choice("mode", Mode),
            expected=fields.integer("expected", -MAX_AMOUNT, MAX_AMOUNT),
            declared=fields.integer("declared", -MAX_AMOUNT, MAX_AMOUNT),
            difference=fields.integer("difference", -MAX_AMOUNT, MAX_AMOUNT),
        )


@dataclass(frozen=True)
class FloatDeclared:
    """A cashier counted a float, mode by mode (E4). `blind`: without having been shown what was expected.

    A float may be declared again: each count stays. Its closing names the last one's figures.
    """

    cash_float_id: str
    cashier_id: str
    business_on: str
    currency: str
    counts: Mapping[int, int]
    expected: int
    counted: int
    difference: int
    modes: tuple[ModeCount, ...]
    blind: bool

    @property
    def is_even(self) -> bool:
        """Whether nothing has to be explained."""
        return not self.difference and not any(each.difference for each in self.modes)

    def to_body(self) -> dict[str, Any]:
        body: dict[str, Any] = plain(self)
        return body

    @classmethod
    def from_body(cls, body: object) -> Self:
        """Raises BadEntry for a field missing, unknown, mistyped or out of range."""
        fields = Reader(body)
        declared = cls(
            cash_float_id=fields.identifier("cash_float_id"),
            cashier_id=fields.identifier("cashier_id"),
            business_on=fields.day("business_on"),
            currency=fields.matching("currency", _CURRENCY, "an ISO 4217 code"),
            counts=_counts(fields),
            expected=fields.integer("expected", 0, MAX_AMOUNT),
            counted=fields.integer("counted", 0, MAX_AMOUNT),
            difference=fields.integer("difference", -MAX_AMOUNT, MAX_AMOUNT),
            modes=fields.many("modes", ModeCount.read, len(Mode)),
            blind=fields.boolean("blind"),
        )
        fields.done()
        return declared

    def check(self) -> None:
        """Raises BadEntry when a count is out of range or does not add up."""
        FloatDeclared.from_body(self.to_body())
        _check_count(self)
        _check_modes("modes", self.modes)


@dataclass(frozen=True)
class FloatSettled:
    """What a closing says besides the cash: the other modes, how the differences are explained, after which of its
    declarations, and by which slip."""

    number: str
    modes: tuple[ModeCount, ...]
    explanation: str | None
    declarations: int
    blind: bool

    @classmethod
    def read(cls, fields: Reader) -> Self:
        return cls(
            number=fields.text("number", 32),
            modes=fields.many("modes", ModeCount.read, len(Mode)),
            explanation=fields.optional(lambda name: fields.text(name, LONGEST_EXPLANATION), "explanation"),
            declarations=fields.integer("declarations", 1, 10_000),
            blind=fields.boolean("blind"),
        )


@dataclass(frozen=True)
class FloatClosed:
    """A cashier counted a float at its end: difference = counted - expected, positive when there is too much.

    `settled` is None in entries that were sealed when a closing counted cash alone; they keep the bytes that they had.
    """

    cash_float_id: str
    cashier_id: str
    business_on: str
    currency: str
    counts: Mapping[int, int]
    expected: int
    counted: int
    difference: int
    settled: FloatSettled | None = None

    @property
    def modes(self) -> tuple[ModeCount, ...]:
        return self.settled.modes if self.settled else ()

    def to_body(self) -> dict[str, Any]:
        body: dict[str, Any] = plain(self)
        if self.settled is None:
            del body["settled"]
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
            settled=fields.added_later("settled", FloatSettled.read),
        )
        fields.done()
        return closed

    def check(self) -> None:
        """Raises BadEntry when a count is out of range or does not add up, or a difference is not explained."""
        FloatClosed.from_body(self.to_body())
        _check_count(self)
        if self.settled is None:
            return
        _check_modes("settled.modes", self.settled.modes)
        uneven = self.difference or any(each.difference for each in self.settled.modes)
        if uneven and not self.settled.explanation:
            raise BadEntry("settled.explanation", "missing where something is too much or too little")


def _check_count(of: FloatDeclared | FloatClosed) -> None:
    _check_sum("counted", of.counted, of.counts)
    if of.difference != of.counted - of.expected:
        raise BadEntry("difference", f"{of.difference} is not {of.counted} - {of.expected}")


def _check_modes(at: str, modes: tuple[ModeCount, ...]) -> None:
    for index, each in enumerate(modes):
        if each.mode in (Mode.CASH, Mode.FREE) or each.mode in {one.mode for one in modes[:index]}:
            raise BadEntry(f"{at}[{index}].mode", f"{each.mode} is not declared here, or twice")
        if each.difference != each.declared - each.expected:
            raise BadEntry(f"{at}[{index}].difference", f"{each.difference} is not {each.declared} - {each.expected}")


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
