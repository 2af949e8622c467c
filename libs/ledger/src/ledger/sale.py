"""The one shape of a sale: what a till seals, what the centre checks, what events carry (LAW-1).

Amounts are integers in minor units of `currency`, tax included unless called net; rates are in basis points. PRICES.md
is the algorithm. Values are sealed, never references alone: labels, amounts and rates stand beside the ids.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Self

from ledger import canonical
from ledger.body import Reader, plain
from ledger.errors import BadEntry, NotCanonical

MAX_AMOUNT = 10_000_000_00
MAX_LINES = 500
MAX_QUANTITY = 1000
MAX_TICKETS = 1000
MAX_PAYMENTS = 50
MAX_RATE_BP = 10_000
CHANNEL = re.compile(r"[a-z][a-z0-9_-]{0,31}")
CURRENCY = re.compile(r"[A-Z]{3}")
_TOKEN = re.compile(r"[0-9A-Z]{1,512}")
_ENVELOPE_BYTES = 1024  # what sealing adds around a body


class LineKind(StrEnum):
    ADMISSION = "admission"
    PRODUCT = "product"


_REQUIRED = {
    LineKind.ADMISSION: ("performance_id", "category_id", "tariff_id"),
    LineKind.PRODUCT: ("product_id",),
}
_FOREIGN = {
    LineKind.ADMISSION: ("product_id",),
    LineKind.PRODUCT: ("performance_id", "show_id", "category_id", "tariff_id"),
}


class Mode(StrEnum):
    """How a payment was made. `free` is the payment of a sale whose total is nothing."""

    CASH = "cash"
    CARD = "card"
    CHEQUE = "cheque"
    VOUCHER = "voucher"
    TRANSFER = "transfer"
    FREE = "free"


def split_vat(total: int, rate_bp: int) -> tuple[int, int]:
    """(net, vat) of a line's total: VAT rounded half up to the unit, net the rest. Raises ValueError below zero."""
    if total < 0 or rate_bp < 0:
        raise ValueError(f"no VAT of {total} at {rate_bp}")
    base = 10_000 + rate_bp
    vat = (2 * total * rate_bp + base) // (2 * base)
    return total - vat, vat


@dataclass(frozen=True)
class Seat:
    """A numbered place: its ordinal in the plan version, and the words that are printed."""

    ordinal: int
    zone: str
    row: str
    label: str

    @classmethod
    def read(cls, fields: Reader) -> Self:
        return cls(
            ordinal=fields.integer("ordinal", 1, 2**24 - 1),
            zone=fields.text("zone", shortest=0),
            row=fields.text("row", 40, shortest=0),
            label=fields.text("label", 40),
        )

    @property
    def words(self) -> str:
        """The seat in one phrase: "Parterre · C 12"."""
        return " · ".join(word for word in (self.zone, f"{self.row} {self.label}".strip()) if word)


@dataclass(frozen=True)
class Seating:
    """Which seats a line sells, one for each of its places, of which version of which plan (G1)."""

    plan_version_id: str
    plan_version: int
    seats: tuple[Seat, ...]

    @classmethod
    def read(cls, fields: Reader) -> Self:
        return cls(
            plan_version_id=fields.identifier("plan_version_id"),
            plan_version=fields.integer("plan_version", 1, 2**31 - 1),
            seats=fields.many("seats", Seat.read, MAX_QUANTITY),
        )


@dataclass(frozen=True)
class Line:
    """One line of the receipt. `line` counts from 1; a place names its performance, an article its product.

    `seating` is of numbered performances only.
    """

    line: int
    kind: LineKind
    performance_id: str | None
    show_id: str | None
    category_id: str | None
    tariff_id: str | None
    product_id: str | None
    option: str | None
    label: str
    quantity: int
    unit_price: int
    total: int
    vat_rate_bp: int
    vat: int
    net: int
    lease_id: str | None
    hold_id: str | None
    seating: Seating | None = None

    @classmethod
    def read(cls, fields: Reader) -> Self:
        return cls._read(fields, quantity=(1, MAX_QUANTITY), amount=(0, MAX_AMOUNT))

    @classmethod
    def read_reverse(cls, fields: Reader) -> Self:
        """A line of a refund."""
        return cls._read(fields, quantity=(-MAX_QUANTITY, -1), amount=(-MAX_AMOUNT, 0))

    @classmethod
    def _read(cls, fields: Reader, *, quantity: tuple[int, int], amount: tuple[int, int]) -> Self:
        return cls(
            line=fields.integer("line", 1, MAX_LINES),
            kind=fields.choice("kind", LineKind),
            performance_id=fields.optional(fields.identifier, "performance_id"),
            show_id=fields.optional(fields.identifier, "show_id"),
            category_id=fields.optional(fields.identifier, "category_id"),
            tariff_id=fields.optional(fields.identifier, "tariff_id"),
            product_id=fields.optional(fields.identifier, "product_id"),
            option=fields.optional(fields.text, "option"),
            label=fields.text("label"),
            quantity=fields.integer("quantity", *quantity),
            unit_price=fields.integer("unit_price", 0, MAX_AMOUNT),
            total=fields.integer("total", *amount),
            vat_rate_bp=fields.integer("vat_rate_bp", 0, MAX_RATE_BP),
            vat=fields.integer("vat", *amount),
            net=fields.integer("net", *amount),
            lease_id=fields.optional(fields.identifier, "lease_id"),
            hold_id=fields.optional(fields.identifier, "hold_id"),
            seating=fields.added_later("seating", Seating.read),
        )


@dataclass(frozen=True)
class Ticket:
    """A ticket that the till issued for one place of an admission line; its identity is (key_id, serial) (LAW-12)."""

    line: int
    key_id: int
    serial: int
    token: str

    @classmethod
    def read(cls, fields: Reader) -> Self:
        return cls(
            line=fields.integer("line", 1, MAX_LINES),
            key_id=fields.integer("key_id", 1, 2**32 - 1),
            serial=fields.integer("serial", 1, 2**32 - 1),
            token=fields.matching("token", _TOKEN, "digits and capitals"),
        )


@dataclass(frozen=True)
class Payment:
    """One payment: amount = tendered - change. `reference` is the terminal's, the cheque's or the voucher's."""

    mode: Mode
    amount: int
    tendered: int
    change: int
    reference: str | None

    @classmethod
    def read(cls, fields: Reader) -> Self:
        return cls(
            mode=fields.choice("mode", Mode),
            amount=fields.integer("amount", 0, MAX_AMOUNT),
            tendered=fields.integer("tendered", 0, MAX_AMOUNT),
            change=fields.integer("change", 0, MAX_AMOUNT),
            reference=fields.optional(fields.text, "reference"),
        )


@dataclass(frozen=True)
class VatTotal:
    """The stored nets and VATs of one rate, added."""

    rate_bp: int
    net: int
    vat: int

    @classmethod
    def read(cls, fields: Reader) -> Self:
        return cls._read(fields, 0, MAX_AMOUNT)

    @classmethod
    def read_reverse(cls, fields: Reader) -> Self:
        """Those of a refund."""
        return cls._read(fields, -MAX_AMOUNT, 0)

    @classmethod
    def _read(cls, fields: Reader, low: int, high: int) -> Self:
        return cls(
            rate_bp=fields.integer("rate_bp", 0, MAX_RATE_BP),
            net=fields.integer("net", low, high),
            vat=fields.integer("vat", low, high),
        )


def vat_totals(lines: Iterable[Line]) -> tuple[VatTotal, ...]:
    """Stored nets and VATs added per rate, lowest rate first."""
    sums: dict[int, tuple[int, int]] = {}
    for line in lines:
        net, vat = sums.get(line.vat_rate_bp, (0, 0))
        sums[line.vat_rate_bp] = net + line.net, vat + line.vat
    return tuple(VatTotal(rate, net, vat) for rate, (net, vat) in sorted(sums.items()))


def body_of(sealed: Any) -> dict[str, Any]:
    """The body of something with lines: `seating` only where there is one, so that sales keep the bytes that they had
    before seats were numbered."""
    body: dict[str, Any] = plain(sealed)
    for line in body["lines"]:
        if line["seating"] is None:
            del line["seating"]
    return body


def check_kind(at: str, line: Line) -> None:
    """Raises BadEntry unless the line names what a line of its kind must name, and nothing else."""
    for name in _REQUIRED[line.kind]:
        if getattr(line, name) is None:
            raise BadEntry(f"{at}.{name}", f"missing from a line of kind {line.kind}")
    for name in _FOREIGN[line.kind]:
        if getattr(line, name) is not None:
            raise BadEntry(f"{at}.{name}", f"does not belong in a line of kind {line.kind}")
    if line.seating is not None and line.kind is not LineKind.ADMISSION:
        raise BadEntry(f"{at}.seating", f"does not belong in a line of kind {line.kind}")


def check_size(body: dict[str, Any]) -> None:
    """Raises BadEntry unless the body fits in one entry."""
    try:
        size = len(canonical.encode(body))
    except NotCanonical as error:
        raise BadEntry("lines", f"it does not fit in one entry: {error.reason}") from error
    if size > canonical.MAX_BYTES - _ENVELOPE_BYTES:
        raise BadEntry("lines", f"it does not fit in one entry: {size} bytes")


@dataclass(frozen=True)
class Sale:
    """A sale. `order_id` is minted by whoever sells and makes it count once, wherever it arrives.

    `tickets` is empty when another service issues them. `cashier_id`, `shift_id` and `cash_float_id` are None
    where nobody sits at a till.
    """

    order_id: str
    order_number: str
    channel: str
    cashier_id: str | None
    shift_id: str | None
    cash_float_id: str | None
    business_on: str
    currency: str
    catalog_version: int
    lines: tuple[Line, ...]
    tickets: tuple[Ticket, ...]
    payments: tuple[Payment, ...]
    total: int
    vat: tuple[VatTotal, ...]

    def to_body(self) -> dict[str, Any]:
        """The body of a sale's entry: every field present, in plain JSON values."""
        return body_of(self)

    @classmethod
    def from_body(cls, body: object) -> Self:
        """The sale in an entry's body. Raises BadEntry for a field missing, unknown, mistyped or out of range."""
        fields = Reader(body)
        sale = cls(
            order_id=fields.identifier("order_id"),
            order_number=fields.text("order_number", 32),
            channel=fields.matching("channel", CHANNEL, "a channel's name in lower case"),
            cashier_id=fields.optional(fields.identifier, "cashier_id"),
            shift_id=fields.optional(fields.identifier, "shift_id"),
            cash_float_id=fields.optional(fields.identifier, "cash_float_id"),
            business_on=fields.day("business_on"),
            currency=fields.matching("currency", CURRENCY, "an ISO 4217 code"),
            catalog_version=fields.integer("catalog_version", 0, canonical.MAX_INTEGER),
            lines=fields.many("lines", Line.read, MAX_LINES),
            tickets=fields.many("tickets", Ticket.read, MAX_TICKETS),
            payments=fields.many("payments", Payment.read, MAX_PAYMENTS),
            total=fields.integer("total", 0, MAX_AMOUNT),
            vat=fields.many("vat", VatTotal.read, MAX_LINES),
        )
        fields.done()
        return sale

    def seat_of_each_ticket(self) -> dict[tuple[int, int], Seat]:
        """Of numbered places, by the ticket's key and serial: the tickets of a line are in the order of its seats."""
        found: dict[tuple[int, int], Seat] = {}
        for line in self.lines:
            if line.seating:
                own = (ticket for ticket in self.tickets if ticket.line == line.line)
                found |= {(it.key_id, it.serial): seat for it, seat in zip(own, line.seating.seats, strict=True)}
        return found

    def check(self) -> None:
        """Raises BadEntry, naming the first field that is out of range, then the first that does not add up."""
        body = self.to_body()
        Sale.from_body(body)
        self.check_sums()
        check_size(body)

    def check_sums(self) -> None:
        """Of a sale that was just read from a body: raises BadEntry for what does not add up."""
        self._check_lines()
        self._check_payments()
        self._check_tickets()

    def _check_lines(self) -> None:
        if not self.lines:
            raise BadEntry("lines", "a sale has at least one line")
        for index, line in enumerate(self.lines):
            at = f"lines[{index}]"
            if line.line != index + 1:
                raise BadEntry(f"{at}.line", f"lines count from 1 in order: {line.line} is not {index + 1}")
            check_kind(at, line)
            if line.total != line.quantity * line.unit_price:
                raise BadEntry(f"{at}.total", f"{line.total} is not {line.quantity} × {line.unit_price}")
            net, vat = split_vat(line.total, line.vat_rate_bp)
            if line.vat != vat:
                raise BadEntry(f"{at}.vat", f"{line.vat} is not the VAT of {line.total} at {line.vat_rate_bp}: {vat}")
            if line.net != net:
                raise BadEntry(f"{at}.net", f"{line.net} is not {line.total} - {vat}")
        self._check_seats()
        total = sum(line.total for line in self.lines)
        if self.total != total:
            raise BadEntry("total", f"{self.total} is not the sum of the lines: {total}")
        if tuple(self.vat) != vat_totals(self.lines):
            raise BadEntry("vat", "not the lines' nets and VATs added per rate, lowest rate first")

    def _check_seats(self) -> None:
        taken: set[tuple[str | None, int]] = set()
        for index, line in enumerate(self.lines):
            if line.seating is None:
                continue
            at = f"lines[{index}].seating"
            if len(line.seating.seats) != line.quantity:
                raise BadEntry(f"{at}.seats", f"{len(line.seating.seats)} seats for {line.quantity} places")
            for seat in line.seating.seats:
                if (line.performance_id, seat.ordinal) in taken:
                    raise BadEntry(f"{at}.seats", f"seat {seat.ordinal} is sold twice")
                taken.add((line.performance_id, seat.ordinal))

    def _check_payments(self) -> None:
        for index, payment in enumerate(self.payments):
            at = f"payments[{index}]"
            if payment.amount != payment.tendered - payment.change:
                raise BadEntry(f"{at}.amount", f"{payment.amount} is not {payment.tendered} - {payment.change}")
            if payment.change and payment.mode != Mode.CASH:
                raise BadEntry(f"{at}.change", f"change is given on cash, not on {payment.mode}")
            if (payment.amount == 0) != (payment.mode == Mode.FREE):
                raise BadEntry(f"{at}.amount", f"{payment.amount} cannot be paid by mode {payment.mode}")
        paid = sum(payment.amount for payment in self.payments)
        if paid != self.total:
            raise BadEntry("payments", f"{paid} was paid for a total of {self.total}")

    def _check_tickets(self) -> None:
        if not self.tickets:
            return
        admissions = {line.line: line.quantity for line in self.lines if line.kind == LineKind.ADMISSION}
        serials: set[tuple[int, int]] = set()
        tokens: set[str] = set()
        for index, ticket in enumerate(self.tickets):
            at = f"tickets[{index}]"
            if ticket.line not in admissions:
                raise BadEntry(f"{at}.line", f"line {ticket.line} is not an admission")
            if (ticket.key_id, ticket.serial) in serials:
                raise BadEntry(f"{at}.serial", f"{ticket.serial} of key {ticket.key_id} was given twice")
            if ticket.token in tokens:
                raise BadEntry(f"{at}.token", "was given twice")
            serials.add((ticket.key_id, ticket.serial))
            tokens.add(ticket.token)
            admissions[ticket.line] -= 1
        for line, missing in admissions.items():
            if missing:
                excess = "more" if missing < 0 else "fewer"
                raise BadEntry("tickets", f"line {line} has {abs(missing)} {excess} than places")
