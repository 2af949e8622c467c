"""What is asked of a terminal, and what came of it. Silence is never taken for an answer (peripherals 1.5)."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Self

Options = Mapping[str, str | int | bool]
REFERENCE_LENGTH = 10
NUMERIC = {"EUR": "978", "CHF": "756", "GBP": "826", "USD": "840"}  # ISO 4217
LONGEST_WHY, LONGEST_AUTHORISATION = 60, 20


class Kind(StrEnum):
    """Which way the money goes."""

    DEBIT = "debit"
    CREDIT = "credit"  # back to the customer


class Result(StrEnum):
    """How an attempt ended; UNKNOWN until somebody knows."""

    APPROVED = "approved"
    PARTIAL = "partial"  # approved for less than was asked
    DECLINED = "declined"
    CANCELLED = "cancelled"
    NOT_STARTED = "not_started"  # the terminal never heard of it, or refused to begin
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Charge:
    """One attempt as the terminal is told of it. `reference` is ours, new each time, and echoed where it can be."""

    reference: str
    kind: Kind
    amount: int  # minor units
    currency: str
    began_at: datetime
    last_trace: str = ""  # the newest trace known of this terminal, where its protocol has no reference


@dataclass(frozen=True)
class Outcome:
    """What came of an attempt. Nothing in it may hold a card number."""

    result: Result
    why: str = ""  # a short code, for words on the page and for the log
    amount: int = 0  # what was taken or given
    authorisation: str = ""
    trace: str = ""

    @classmethod
    def unknown(cls, why: str) -> Self:
        return cls(Result.UNKNOWN, why)

    @classmethod
    def of_money(cls, charge: Charge, amount: int, authorisation: str, trace: str = "") -> Self:
        """The terminal says that it is done, for this amount; more than was asked is not believed."""
        kept = "".join(each for each in authorisation if each.isalnum())[:LONGEST_AUTHORISATION]
        made = cls(Result.APPROVED, amount=amount, authorisation=kept, trace=trace)
        if amount == charge.amount:
            return made
        if 0 < amount < charge.amount:
            return replace(made, result=Result.PARTIAL)
        return cls.unknown("wrong_amount")


class BadAnswer(Exception):
    """No answer in the terminal's language. The message never quotes the bytes: they may hold a card number."""
