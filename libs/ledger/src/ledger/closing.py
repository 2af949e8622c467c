"""Closings (clôtures, Z) of a day, a month and a year: what a till's journal adds up to, sealed in it (LAW-4).

A closing covers every entry since the closing of the same period before it, which it names by its hash: closings of a
period are a chain of their own inside the till's. It states the sums of its period and both perpetual totals, which
begin with the journal and never begin again: the algebraic one, and the sum of absolute values, which never falls.

    entry   1 … 40    41          42 … 90   91          92            93 …
            acts      day 1       acts      day 2       month 1       acts of a new month
                      1 … 40                41 … 90     1 … 91

A day's closing adds sales and refunds, a month's adds its days' closings, a year's its months'.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, Self

from ledger.body import Reader, plain
from ledger.canonical import MAX_INTEGER
from ledger.entry import Kind
from ledger.errors import BadEntry
from ledger.sale import CURRENCY, Mode, VatTotal

MAX_RATES = 100


class Period(StrEnum):
    DAY = "day"
    MONTH = "month"
    YEAR = "year"

    def name_of(self, day: date) -> str:
        """The period in which a business day lies: 2026-11-23, 2026-11, 2026."""
        return day.isoformat()[: {Period.DAY: 10, Period.MONTH: 7, Period.YEAR: 4}[self]]


ABOVE: Mapping[Period, Period] = {Period.DAY: Period.MONTH, Period.MONTH: Period.YEAR}


def periods_over(last: date, today: date) -> tuple[Period, ...]:
    """Those that ended between two business days, in the order in which they are closed. A clock set back ends none."""
    if today <= last:
        return ()
    return tuple(period for period in Period if period.name_of(last) != period.name_of(today))


@dataclass(frozen=True)
class ModeTotal:
    """What came in by one mode, less what was given back by it."""

    mode: Mode
    amount: int

    @classmethod
    def read(cls, fields: Reader) -> Self:
        return cls(fields.choice("mode", Mode), fields.integer("amount", -MAX_INTEGER, MAX_INTEGER))


@dataclass(frozen=True)
class Closing:
    """Body of CLOSING. `of` names the period, by the business day of its last act.

    `first` to `last` are the entries covered; `previous` is the hash of the closing of this period before it, None for
    the first. `absolute` adds the absolute values of sales and refunds; `currency` is None until something was sold.
    `cashier_id`: who asked; None where it came with the first act of a new day.
    """

    period: Period
    number: int
    of: str
    first: int
    last: int
    previous: str | None
    currency: str | None
    sales: int
    refunds: int
    total: int
    absolute: int
    vat: tuple[VatTotal, ...]
    payments: tuple[ModeTotal, ...]
    perpetual: int
    perpetual_absolute: int
    cashier_id: str | None

    def to_body(self) -> dict[str, Any]:
        body: dict[str, Any] = plain(self)
        return body

    @classmethod
    def from_body(cls, body: object) -> Self:
        """Raises BadEntry for a field missing, unknown, mistyped or out of range, or a range that runs backwards."""
        fields = Reader(body)
        closing = cls(
            period=fields.choice("period", Period),
            number=fields.integer("number", 1, MAX_INTEGER),
            of=fields.text("of", 10, 4),
            first=fields.integer("first", 1, MAX_INTEGER),
            last=fields.integer("last", 1, MAX_INTEGER),
            previous=fields.optional(lambda name: fields.digest(name).hex(), "previous"),
            currency=fields.optional(lambda name: fields.matching(name, CURRENCY, "an ISO 4217 code"), "currency"),
            sales=fields.integer("sales", 0, MAX_INTEGER),
            refunds=fields.integer("refunds", 0, MAX_INTEGER),
            total=fields.integer("total", -MAX_INTEGER, MAX_INTEGER),
            absolute=fields.integer("absolute", 0, MAX_INTEGER),
            vat=fields.many("vat", _read_vat, MAX_RATES),
            payments=fields.many("payments", ModeTotal.read, len(Mode)),
            perpetual=fields.integer("perpetual", -MAX_INTEGER, MAX_INTEGER),
            perpetual_absolute=fields.integer("perpetual_absolute", 0, MAX_INTEGER),
            cashier_id=fields.optional(fields.identifier, "cashier_id"),
        )
        fields.done()
        if closing.last < closing.first:
            raise BadEntry("last", f"{closing.first}…{closing.last} is not a range of entries")
        return closing


def _read_vat(fields: Reader) -> VatTotal:
    return VatTotal(
        fields.integer("rate_bp", 0, 10_000),
        fields.integer("net", -MAX_INTEGER, MAX_INTEGER),
        fields.integer("vat", -MAX_INTEGER, MAX_INTEGER),
    )


class _Sums:
    """Sales and refunds added up, of a period that runs. `parts`: how many things it would close."""

    def __init__(self) -> None:
        self.parts = self.sales = self.refunds = self.total = self.absolute = 0
        self.vat: dict[int, tuple[int, int]] = {}
        self.modes: dict[str, int] = {}

    def add_act(self, kind: Kind, body: Mapping[str, Any]) -> None:
        if kind is Kind.SALE:
            self.sales += 1
        else:
            self.refunds += 1
        self.total += body["total"]
        self.absolute += abs(body["total"])
        self._add(body["vat"], body["payments"])

    def add_closing(self, body: Mapping[str, Any]) -> None:
        self.parts += 1
        self.sales += body["sales"]
        self.refunds += body["refunds"]
        self.total += body["total"]
        self.absolute += body["absolute"]
        self._add(body["vat"], body["payments"])

    def _add(self, vat: Iterable[Mapping[str, int]], payments: Iterable[Mapping[str, Any]]) -> None:
        for rate in vat:
            net, tax = self.vat.get(rate["rate_bp"], (0, 0))
            self.vat[rate["rate_bp"]] = net + rate["net"], tax + rate["vat"]
        for payment in payments:
            self.modes[payment["mode"]] = self.modes.get(payment["mode"], 0) + payment["amount"]


class Totals:
    """What a journal adds up to since its closings: entries are added in order, and closings asked for.

    It may begin in the middle of a journal, with the closings that `needed` keeps.
    """

    def __init__(self) -> None:
        self._since = {period: _Sums() for period in Period}
        self._before: dict[Period, tuple[int, int, bytes]] = {}  # number, sequence and hash of the last closing
        self.currency: str | None = None
        self.perpetual = self.perpetual_absolute = 0

    def add(self, sequence: int, kind: Kind, body: Mapping[str, Any], hash: bytes) -> None:
        """The next entry, whose body has the shape of its kind."""
        if kind is Kind.CLOSING:
            period = Period(body["period"])
            self._before[period] = body["number"], sequence, hash
            self._since[period] = _Sums()
            if period in ABOVE:
                self._since[ABOVE[period]].add_closing(body)
            self.perpetual, self.perpetual_absolute = body["perpetual"], body["perpetual_absolute"]
            self.currency = body["currency"] or self.currency
            return
        self._since[Period.DAY].parts += 1
        if kind is Kind.SALE or kind is Kind.REFUND:
            self._since[Period.DAY].add_act(kind, body)
            self.perpetual += body["total"]
            self.perpetual_absolute += abs(body["total"])
            self.currency = body["currency"]

    def close(self, period: Period, of: str, last: int, cashier_id: str | None = None) -> Closing | None:
        """The closing that would follow entry `last`; None where there is nothing to close since the one before."""
        since = self._since[period]
        if not since.parts:
            return None
        return self.reading(period, of, last, cashier_id)

    def reading(self, period: Period, of: str, last: int, cashier_id: str | None = None) -> Closing:
        """The same, also where nothing happened since: an X reading shows it and closes nothing."""
        since = self._since[period]
        number, sequence, hash = self._before.get(period, (0, 0, None))
        return Closing(
            period=period, number=number + 1, of=of, first=sequence + 1, last=last,
            previous=hash.hex() if hash else None, currency=self.currency, sales=since.sales, refunds=since.refunds,
            total=since.total, absolute=since.absolute,
            vat=tuple(VatTotal(rate, net, vat) for rate, (net, vat) in sorted(since.vat.items())),
            payments=tuple(ModeTotal(Mode(mode), amount) for mode, amount in sorted(since.modes.items())),
            perpetual=self.perpetual, perpetual_absolute=self.perpetual_absolute, cashier_id=cashier_id,
        )  # fmt: skip


Placed = tuple[int, dict[str, Any], bytes]  # sequence, body and hash of a closing


def needed(newest_first: Iterable[Placed]) -> list[Placed]:
    """Of a journal's closings those that `Totals` begins with, oldest first: of each period the last, and those that
    the period above has not closed yet. Reading stops as soon as nothing older can be needed."""
    kept, seen = list[Placed](), set[Period]()
    for placed in newest_first:
        period = Period(placed[1]["period"])
        if period not in seen or not any(above in seen for above in _above(period)):
            kept.append(placed)
        seen.add(period)
        if len(seen) == len(Period):
            break
    return kept[::-1]


def _above(period: Period) -> tuple[Period, ...]:
    return tuple(Period)[tuple(Period).index(period) + 1 :]
