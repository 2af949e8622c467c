"""What a report is: its filter, its figures, and what may not be asked. Amounts in minor units, tax included."""

import base64
import binascii
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from kit.errors import DomainError, FieldInvalid, Kind
from titles import human_code

MAX_DAYS = 1000
MAX_PRINTED_LINES = 5_000  # some 150 sheets
MAX_EXPORTED_LINES = 100_000  # what a file of 16 MiB holds with a margin
MAX_PAGE = 1000
DEFAULT_PAGE = 100
MAX_KEY = 64
NO_CURRENCY = "EUR"  # shown with the zeros of a period without any sale


class FormatUnknown(DomainError):
    kind, reason = Kind.INVALID, "FORMAT_UNKNOWN"


class ReportTooLarge(DomainError):
    """The file would hold more than `facts["most"]` lines."""

    reason = "REPORT_TOO_LARGE"


class Report(StrEnum):
    DAY_STATEMENT = "day_statement"
    TRANSACTIONS = "transactions"
    SURVEY = "survey"
    CLOSINGS = "closings"
    PAYMENTS = "payments"
    CANCELLATIONS = "cancellations"


STATES = (Report.CLOSINGS, Report.PAYMENTS, Report.CANCELLATIONS)


class FileFormat(StrEnum):
    CSV = "csv"
    XLSX = "xlsx"
    PDF = "pdf"


@dataclass(frozen=True)
class Filter:
    """Which lines count. Sale dates are business days, inclusive; None is any. Empty text is any (Q3)."""

    from_on: date | None
    to_on: date | None
    performance_on: date | None = None
    till_id: str = ""
    cashier_id: str = ""
    show_id: str = ""
    channel: str = ""  # the type of till

    @property
    def by_programme(self) -> bool:
        """Whether it keeps only a part of a basket."""
        return bool(self.show_id or self.performance_on)


def read_filter(
    from_on: str, to_on: str, till_id: str, cashier_id: str, show_id: str, performance_on: str, today: date,
    channel: str = "",
) -> Filter:  # fmt: skip
    """The filter that was asked for; days left out are today, or any when a performance date is given.

    Raises FieldInvalid.
    """
    performed = _day("performance_on", performance_on) if performance_on else None
    missing = None if performed else today
    first = _day("from_on", from_on) if from_on else missing
    last = _day("to_on", to_on) if to_on else missing
    if first and last and first > last:
        raise FieldInvalid("to_on", "is before the first day")
    if first and last and (last - first).days > MAX_DAYS:
        raise FieldInvalid("to_on", f"a report covers at most {MAX_DAYS} days")
    for name, key in (("till_id", till_id), ("cashier_id", cashier_id), ("show_id", show_id), ("channel", channel)):
        if len(key) > MAX_KEY or "\x00" in key:
            raise FieldInvalid(name, f"must be an id of at most {MAX_KEY} characters")
    return Filter(first, last, performed, till_id, cashier_id, show_id, channel)


def _day(field: str, value: str) -> date:
    try:
        found = date.fromisoformat(value)
        if found.isoformat() != value:  # Python reads 20261123 and 2026-W48-1 too
            raise ValueError(value)
        return found
    except ValueError:
        raise FieldInvalid(field, "must be a date like 2026-11-23") from None


@dataclass(frozen=True)
class Cursor:
    """The last line of a page: the next page begins after it."""

    at: datetime
    order_id: UUID
    line: int

    def to_token(self) -> str:
        plain = f"{self.at.isoformat()} {self.order_id} {self.line}"
        return base64.urlsafe_b64encode(plain.encode()).decode().rstrip("=")

    @classmethod
    def from_token(cls, token: str) -> "Cursor":
        """Raises FieldInvalid."""
        try:
            if len(token) > 200:
                raise ValueError
            at, order_id, line = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)).decode("ascii").split()
            cursor = cls(datetime.fromisoformat(at), UUID(order_id), int(line))
            if cursor.at.tzinfo is None or not 0 <= cursor.line < 2**31:
                raise ValueError
            return cursor
        except (ValueError, binascii.Error):
            raise FieldInvalid("page_token", "is not one that a page gave") from None


@dataclass(frozen=True)
class Total:
    """One slice of the period. `count` is of sales; of places and articles by rate and by show."""

    key: str
    label: str
    count: int
    amount: int
    net: int = 0
    vat: int = 0


@dataclass(frozen=True)
class Row:
    """One line of the statement: a series of tickets of one price, or an article (LAW-15)."""

    show: str
    performance_id: str
    performance_starts_at: datetime | None
    label: str
    first_number: str
    last_number: str
    quantity: int
    unit_price: int
    total: int
    vat: int
    vat_rate_bp: int
    refund: bool  # given back: quantity and amounts are negative


@dataclass(frozen=True)
class FloatFigures:
    """A cash float; the last three are None until it is closed."""

    cash_float_id: str
    till_number: str
    cashier: str
    business_on: date
    opening_total: int | None
    expected: int | None
    counted: int | None
    difference: int | None


@dataclass(frozen=True)
class Statement:
    """The day's statement. Its totals are the sums of its rows, and of each of its breakdowns."""

    currency: str
    sales: int
    total: int
    net: int
    vat: int
    admissions: int
    articles: int
    last_sale_at: datetime | None
    refunds: int
    refunded: int  # what the refunds gave back: negative or 0; every other amount is less that
    rows: tuple[Row, ...]
    by_payment_mode: tuple[Total, ...]
    by_vat_rate: tuple[Total, ...]
    by_till: tuple[Total, ...]
    by_cashier: tuple[Total, ...]
    by_show: tuple[Total, ...]
    cash_floats: tuple[FloatFigures, ...]


@dataclass(frozen=True)
class Transaction:
    """One sold line, or one given back; then `refund_of` is the number of the order that it was sold by."""

    order_id: UUID
    line: int
    order_number: str
    at: datetime
    business_on: date
    till_number: str
    cashier: str
    channel: str
    label: str
    quantity: int
    unit_price: int
    total: int
    vat_rate_bp: int
    vat: int
    payment_modes: str
    sequence: int
    refund_of: str

    @property
    def cursor(self) -> Cursor:
        return Cursor(self.at, self.order_id, self.line)


def ticket_number(key_and_serial: list[int] | None) -> str:
    """The number as it stands on the ticket; empty where none was issued (yet)."""
    return human_code(*key_and_serial) if key_and_serial else ""


@dataclass(frozen=True)
class PaymentLine:
    """One payment of a sale, or money given back; of a sale that is found in part, its share of that part."""

    at: datetime
    business_on: date
    order_number: str
    till_number: str
    cashier: str
    channel: str
    mode: str
    reference: str
    amount: int
    refund_of: str


@dataclass(frozen=True)
class CancelledLine:
    """One line that was given back: quantity and amounts are negative."""

    at: datetime
    business_on: date
    number: str
    refund_of: str
    till_number: str
    cashier: str
    authorised_by: str
    reason: str
    note: str
    label: str
    quantity: int
    vat: int
    total: int


@dataclass(frozen=True)
class ClosingLine:
    """One mode of a closed float: opening, sales, refunds and movements make what was expected."""

    business_on: date
    till_number: str
    cashier: str
    number: str
    closed_at: datetime
    mode: str
    opening: int
    sales: int
    refunds: int
    moved: int
    expected: int
    declared: int
    explanation: str

    @property
    def difference(self) -> int:
        return self.declared - self.expected


@dataclass(frozen=True)
class SurveyAnswer:
    """How often something was said."""

    answer: str
    count: int


@dataclass(frozen=True)
class SurveyQuestion:
    """What customers said to a question; `silent` of those who were asked said nothing (B4)."""

    question_id: str
    question: str
    kind: str  # choice, postcode, number, text
    silent: int
    answers: tuple[SurveyAnswer, ...]  # the most frequent first

    @property
    def answered(self) -> int:
        return sum(each.count for each in self.answers)

    @property
    def asked(self) -> int:
        return self.answered + self.silent
