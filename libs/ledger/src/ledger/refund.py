"""A refund (remboursement): a sale, or a part of it, in reverse (A7). The sale's entry stays; this one names it.

Quantities and amounts are negative: a sum over sales and refunds is a plain sum. VAT is not computed again: what comes
back is a share of the line's stored figures (`reverse`, PRICES.md), and a line's shares add up to it to the cent.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Self

from ledger import canonical
from ledger.body import Reader
from ledger.errors import BadEntry
from ledger.sale import (
    CHANNEL,
    CURRENCY,
    MAX_AMOUNT,
    MAX_LINES,
    MAX_PAYMENTS,
    MAX_TICKETS,
    Line,
    LineKind,
    Mode,
    Sale,
    Seating,
    VatTotal,
    body_of,
    check_kind,
    check_size,
    vat_totals,
)


class RefundReason(StrEnum):
    """Why money was given back."""

    CUSTOMER_REQUEST = "customer_request"
    PERFORMANCE_CANCELLED = "performance_cancelled"
    PERFORMANCE_CHANGED = "performance_changed"
    SELLING_MISTAKE = "selling_mistake"
    FAULTY_ARTICLE = "faulty_article"
    OTHER = "other"


@dataclass(frozen=True)
class Original:
    """The sale that is refunded, and its place in the journal of the till that sealed it."""

    order_id: str
    order_number: str
    till_id: str
    sequence: int

    @classmethod
    def read(cls, fields: Reader) -> Self:
        return cls(
            order_id=fields.identifier("order_id"),
            order_number=fields.text("order_number", 32),
            till_id=fields.identifier("till_id"),
            sequence=fields.integer("sequence", 1, canonical.MAX_INTEGER),
        )


@dataclass(frozen=True)
class DeadTicket:
    """A ticket of the sale that opens nothing any more; `line` is the sale's."""

    line: int
    key_id: int
    serial: int

    @classmethod
    def read(cls, fields: Reader) -> Self:
        return cls(
            line=fields.integer("line", 1, MAX_LINES),
            key_id=fields.integer("key_id", 1, 2**32 - 1),
            serial=fields.integer("serial", 1, 2**32 - 1),
        )


@dataclass(frozen=True)
class MoneyBack:
    """What is given back by one mode; `reference` is the terminal's."""

    mode: Mode
    amount: int
    reference: str | None

    @classmethod
    def read(cls, fields: Reader) -> Self:
        return cls(
            mode=fields.choice("mode", Mode),
            amount=fields.integer("amount", -MAX_AMOUNT, 0),
            reference=fields.optional(fields.text, "reference"),
        )


def reverse(line: Line, before: int, quantity: int, seating: Seating | None = None) -> Line:
    """The line of a refund of `quantity` of a sale's line, of which `before` were refunded earlier.

    Its VAT is what the VAT of the first `before + quantity` (the line's VAT in proportion, half up) exceeds that of the
    first `before`: whatever the parts, all of them together bear the line's own VAT. Raises ValueError beyond the line.
    """
    if before < 0 or quantity < 1 or before + quantity > line.quantity:
        raise ValueError(f"{quantity} after {before} of {line.quantity}")
    total = quantity * line.unit_price
    vat = _vat_of_first(line, before + quantity) - _vat_of_first(line, before)
    return replace(line, quantity=-quantity, total=-total, vat=-vat, net=vat - total, seating=seating)


def _vat_of_first(line: Line, count: int) -> int:
    return (2 * line.vat * count + line.quantity) // (2 * line.quantity)


def refunded_by_line(refunds: Iterable["Refund"]) -> dict[int, int]:
    """How many of each line of a sale its refunds gave back."""
    counts: dict[int, int] = {}
    for line in (line for refund in refunds for line in refund.lines):
        counts[line.line] = counts.get(line.line, 0) - line.quantity
    return counts


@dataclass(frozen=True)
class Refund:
    """A refund of a sale. `refund_id` is minted by whoever refunds and makes it count once, wherever it arrives.

    `lines` bear the numbers of the sale's lines. `authorised_by`: who overrode, where the cashier had not the right.
    """

    refund_id: str
    refund_number: str
    original: Original
    channel: str
    cashier_id: str | None
    shift_id: str | None
    cash_float_id: str | None
    authorised_by: str | None
    business_on: str
    currency: str
    reason: RefundReason
    note: str | None
    lines: tuple[Line, ...]
    tickets: tuple[DeadTicket, ...]
    payments: tuple[MoneyBack, ...]
    total: int
    vat: tuple[VatTotal, ...]

    def to_body(self) -> dict[str, Any]:
        """The body of a refund's entry, in plain JSON values."""
        return body_of(self)

    @classmethod
    def from_body(cls, body: object) -> Self:
        """The refund in an entry's body. Raises BadEntry for a field missing, unknown, mistyped or out of range."""
        fields = Reader(body)
        original = fields.one("original", Original.read)
        refund = cls(
            refund_id=fields.identifier("refund_id"),
            refund_number=fields.text("refund_number", 32),
            original=original,
            channel=fields.matching("channel", CHANNEL, "a channel's name in lower case"),
            cashier_id=fields.optional(fields.identifier, "cashier_id"),
            shift_id=fields.optional(fields.identifier, "shift_id"),
            cash_float_id=fields.optional(fields.identifier, "cash_float_id"),
            authorised_by=fields.optional(fields.identifier, "authorised_by"),
            business_on=fields.day("business_on"),
            currency=fields.matching("currency", CURRENCY, "an ISO 4217 code"),
            reason=fields.choice("reason", RefundReason),
            note=fields.optional(fields.text, "note"),
            lines=fields.many("lines", Line.read_reverse, MAX_LINES),
            tickets=fields.many("tickets", DeadTicket.read, MAX_TICKETS),
            payments=fields.many("payments", MoneyBack.read, MAX_PAYMENTS),
            total=fields.integer("total", -MAX_AMOUNT, 0),
            vat=fields.many("vat", VatTotal.read_reverse, MAX_LINES),
        )
        fields.done()
        return refund

    def check(self) -> None:
        """Raises BadEntry, naming the first field that is out of range, then the first that does not add up."""
        body = self.to_body()
        Refund.from_body(body)
        self.check_sums()
        check_size(body)

    def check_sums(self) -> None:
        """Of a refund that was just read from a body: raises BadEntry for what does not add up."""
        self._check_lines()
        self._check_payments()
        self._check_tickets()

    def check_against(self, sale: Sale, earlier: Iterable["Refund"]) -> None:
        """Raises BadEntry unless this gives back what was sold, once. `earlier`: the sale's refunds before it."""
        for name, ours, theirs in (
            ("original.order_id", self.original.order_id, sale.order_id),
            ("original.order_number", self.original.order_number, sale.order_number),
            ("currency", self.currency, sale.currency),
        ):
            if ours != theirs:
                raise BadEntry(name, f"{ours} is not the sale's: {theirs}")
        earlier = list(earlier)
        sold = {line.line: line for line in sale.lines}
        before = refunded_by_line(earlier)
        for index, line in enumerate(self.lines):
            self._check_line(f"lines[{index}]", line, sold.get(line.line), before.get(line.line, 0))
        dead = {(ticket.key_id, ticket.serial) for refund in earlier for ticket in refund.tickets}
        seats = _seats_of_tickets(sale)
        if sale.tickets and not self.tickets and any(line.kind is LineKind.ADMISSION for line in self.lines):
            raise BadEntry("tickets", "missing: this sale's places have tickets")
        seats_back: dict[int, list[int]] = {}
        for index, ticket in enumerate(self.tickets):
            at, identity = f"tickets[{index}]", (ticket.key_id, ticket.serial)
            if identity in dead:
                raise BadEntry(at, f"{ticket.serial} of key {ticket.key_id} was refunded before")
            if (ticket.line, *identity) not in seats:
                raise BadEntry(at, f"{ticket.serial} of key {ticket.key_id} is no ticket of line {ticket.line}")
            if seat := seats[ticket.line, *identity]:
                seats_back.setdefault(ticket.line, []).append(seat)
        for index, line in enumerate(self.lines):
            named = [seat.ordinal for seat in line.seating.seats] if line.seating else []
            if self.tickets and sorted(named) != sorted(seats_back.get(line.line, [])):
                raise BadEntry(f"lines[{index}].seating", "not the seats of the tickets")

    @staticmethod
    def _check_line(at: str, line: Line, sold: Line | None, before: int) -> None:
        if sold is None:
            raise BadEntry(f"{at}.line", f"the sale has no line {line.line}")
        try:
            expected = reverse(sold, before, -line.quantity, line.seating)
        except ValueError as error:
            raise BadEntry(f"{at}.quantity", f"more than is left of the line: {error}") from error
        for name, ours in vars(line).items():
            if ours != getattr(expected, name):
                raise BadEntry(f"{at}.{name}", f"{ours} is not what the sale's line gives: {getattr(expected, name)}")
        if (line.seating is None) != (sold.seating is None):
            raise BadEntry(f"{at}.seating", "the seats that come back must be named, and only where there are seats")
        if line.seating and sold.seating and not set(line.seating.seats) <= set(sold.seating.seats):
            raise BadEntry(f"{at}.seating", "not seats of the sale's line")

    def _check_lines(self) -> None:
        if not self.lines:
            raise BadEntry("lines", "a refund has at least one line")
        last = 0
        for index, line in enumerate(self.lines):
            at = f"lines[{index}]"
            if line.line <= last:
                raise BadEntry(f"{at}.line", f"lines are in the sale's order, each once: {line.line} after {last}")
            last = line.line
            check_kind(at, line)
            if line.total != line.quantity * line.unit_price:
                raise BadEntry(f"{at}.total", f"{line.total} is not {line.quantity} × {line.unit_price}")
            if line.net + line.vat != line.total:
                raise BadEntry(f"{at}.net", f"{line.net} is not {line.total} - {line.vat}")
            if line.seating and len({seat.ordinal for seat in line.seating.seats}) != -line.quantity:
                raise BadEntry(f"{at}.seating.seats", f"{len(line.seating.seats)} seats for {-line.quantity} places")
        total = sum(line.total for line in self.lines)
        if self.total != total:
            raise BadEntry("total", f"{self.total} is not the sum of the lines: {total}")
        if tuple(self.vat) != vat_totals(self.lines):
            raise BadEntry("vat", "not the lines' nets and VATs added per rate, lowest rate first")

    def _check_payments(self) -> None:
        modes: set[Mode] = set()
        for index, payment in enumerate(self.payments):
            at = f"payments[{index}]"
            if (payment.amount == 0) != (payment.mode is Mode.FREE):
                raise BadEntry(f"{at}.amount", f"{payment.amount} cannot be given back by mode {payment.mode}")
            if payment.mode in modes:
                raise BadEntry(f"{at}.mode", f"{payment.mode} is there twice")
            modes.add(payment.mode)
        given = sum(payment.amount for payment in self.payments)
        if given != self.total:
            raise BadEntry("payments", f"{given} is given back for a total of {self.total}")

    def _check_tickets(self) -> None:
        if not self.tickets:
            return
        places = {line.line: -line.quantity for line in self.lines if line.kind is LineKind.ADMISSION}
        dead: set[tuple[int, int]] = set()
        for index, ticket in enumerate(self.tickets):
            at = f"tickets[{index}]"
            if ticket.line not in places:
                raise BadEntry(f"{at}.line", f"line {ticket.line} gives back no place")
            if (ticket.key_id, ticket.serial) in dead:
                raise BadEntry(f"{at}.serial", f"{ticket.serial} of key {ticket.key_id} is there twice")
            dead.add((ticket.key_id, ticket.serial))
            places[ticket.line] -= 1
        for line, missing in places.items():
            if missing:
                excess = "more" if missing < 0 else "fewer"
                raise BadEntry("tickets", f"line {line} has {abs(missing)} {excess} than places that come back")


def _seats_of_tickets(sale: Sale) -> Mapping[tuple[int, int, int], int]:
    """The seat of each ticket (line, key, serial), 0 without one: a line's tickets are in its seats' order."""
    seats = {line.line: list(line.seating.seats) for line in sale.lines if line.seating}
    return {
        (ticket.line, ticket.key_id, ticket.serial): seats[ticket.line].pop(0).ordinal if ticket.line in seats else 0
        for ticket in sale.tickets
    }
