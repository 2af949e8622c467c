"""What of a sale may still be given back, and which amounts that makes (A7). PRICES.md of ledger is the arithmetic."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import ledger
from device_gateway.domain.errors import AmountChanged, NothingToRefund, PaymentMismatch
from kit.errors import FieldInvalid
from ledger import DeadTicket, LineKind, Mode, MoneyBack, Refund, Sale

MAX_WISHES = 1000

TicketId = tuple[int, int]  # key, serial


@dataclass(frozen=True)
class Wish:
    """What the customer brings back: tickets, and so many of lines of articles."""

    tickets: frozenset[TicketId]
    quantities: Mapping[int, int]  # by line


@dataclass(frozen=True)
class Left:
    """What earlier refunds left of a sale."""

    sale: Sale
    refunds: tuple[Refund, ...]

    @property
    def dead(self) -> set[TicketId]:
        return {(ticket.key_id, ticket.serial) for refund in self.refunds for ticket in refund.tickets}

    def of_line(self, line: ledger.Line) -> int:
        """How many of this line may still come back."""
        return line.quantity - ledger.refunded_by_line(self.refunds).get(line.line, 0)

    def by_mode(self) -> dict[Mode, int]:
        """What was paid by each mode and has not been given back by it, the largest first."""
        left: dict[Mode, int] = {}
        for payment in self.sale.payments:
            left[payment.mode] = left.get(payment.mode, 0) + payment.amount
        for back in (back for refund in self.refunds for back in refund.payments):
            left[back.mode] = left.get(back.mode, 0) + back.amount
        return dict(sorted(((mode, amount) for mode, amount in left.items() if amount > 0), key=lambda x: -x[1]))

    def reverse(self, wish: Wish) -> tuple[tuple[ledger.Line, ...], tuple[DeadTicket, ...]]:
        """The lines and tickets of a refund. Places are named by their tickets, articles by how many.

        Raises FieldInvalid for what is not of this sale, NothingToRefund for what came back before.
        """
        tickets = self._tickets(wish.tickets)
        lines = []
        for line in self.sale.lines:
            own = [ticket for ticket in tickets if ticket.line == line.line]
            quantity = len(own) if line.kind is LineKind.ADMISSION else wish.quantities.get(line.line, 0)
            if quantity > self.of_line(line):
                raise NothingToRefund(f"{self.of_line(line)} of line {line.line} are left", line=line.line)
            if quantity:
                before = line.quantity - self.of_line(line)
                lines.append(ledger.reverse(line, before, quantity, self._seats(line, own)))
        articles = {line.line for line in self.sale.lines if line.kind is LineKind.PRODUCT}
        if unknown := set(wish.quantities) - articles:
            raise FieldInvalid("lines", f"line {min(unknown)} is no line of articles of this sale")
        if not lines:
            raise FieldInvalid("tickets", "nothing is chosen to be refunded")
        return tuple(lines), tickets

    def _tickets(self, wanted: frozenset[TicketId]) -> tuple[DeadTicket, ...]:
        found = [ticket for ticket in self.sale.tickets if (ticket.key_id, ticket.serial) in wanted]
        if len(found) != len(wanted):
            raise FieldInvalid("tickets", "not all are tickets of this sale")
        if again := wanted & self.dead:
            raise NothingToRefund("a ticket was refunded before", serial=min(again)[1])
        return tuple(DeadTicket(ticket.line, ticket.key_id, ticket.serial) for ticket in found)

    def _seats(self, line: ledger.Line, tickets: Sequence[DeadTicket]) -> ledger.Seating | None:
        """The seats of these tickets of the line: its tickets are in the order of its seats."""
        if line.seating is None:
            return None
        back = {(ticket.key_id, ticket.serial) for ticket in tickets}
        seats = self.sale.seat_of_each_ticket()
        return replace(line.seating, seats=tuple(seat for ticket, seat in seats.items() if ticket in back))


def money_back(left: Left, total: int, chosen: Mapping[Mode, int] | None) -> tuple[MoneyBack, ...]:
    """By which modes `total` is given back: as chosen, else in proportion to what is left of each mode.

    Raises PaymentMismatch when what was chosen does not make the total.
    """
    if not total:
        return (MoneyBack(Mode.FREE, 0, None),)
    if chosen is None:
        chosen = _in_proportion(left.by_mode(), total)
    if sum(chosen.values()) != total:
        raise PaymentMismatch(
            f"{sum(chosen.values())} is given back for {total}", paid=sum(chosen.values()), total=total
        )
    return tuple(MoneyBack(mode, -amount, None) for mode, amount in chosen.items() if amount)


def is_otherwise(left: Left, payments: Iterable[MoneyBack]) -> bool:
    """Whether more goes back by some mode than was paid by it: that needs a right of its own."""
    paid = left.by_mode()
    return any(-back.amount > paid.get(back.mode, 0) for back in payments)


def _in_proportion(left: Mapping[Mode, int], total: int) -> dict[Mode, int]:
    """Differences of a running share rounded down: they add up to the total, and none exceeds its mode's."""
    of, upto, shares = sum(left.values()), 0, {}
    for mode, amount in left.items():
        shares[mode] = total * (upto + amount) // of - total * upto // of
        upto += amount
    return shares


def require_amount(total: int, expected: int) -> None:
    """Raises AmountChanged unless what the cashier was shown is what will be given back."""
    if total != expected:
        raise AmountChanged(f"{total} is given back, {expected} was shown", total=total, expected=expected)


def parse_wish(raw_tickets: object, raw_lines: object) -> Wish:
    """From [{"key_id": 7, "serial": 12}] and [{"line": 2, "quantity": 1}]. Raises FieldInvalid."""
    tickets = frozenset((_whole(each, at, "key_id"), _whole(each, at, "serial"))
                        for at, each in _objects(raw_tickets, "tickets"))  # fmt: skip
    quantities: dict[int, int] = {}
    for at, each in _objects(raw_lines, "lines"):
        line = _whole(each, at, "line")
        quantities[line] = quantities.get(line, 0) + _whole(each, at, "quantity")
    return Wish(tickets, quantities)


def parse_chosen(raw: object, allowed_modes: Sequence[str]) -> dict[Mode, int] | None:
    """From [{"mode": "cash", "amount": 1200}], amounts positive; None when nothing was chosen. Raises FieldInvalid."""
    if raw is None:
        return None
    chosen: dict[Mode, int] = {}
    for at, each in _objects(raw, "payments"):
        mode = each.get("mode")
        if mode not in allowed_modes or mode not in list(Mode):
            raise FieldInvalid(f"{at}.mode", f"must be one of {', '.join(allowed_modes)}")
        chosen[Mode(mode)] = chosen.get(Mode(mode), 0) + _whole(each, at, "amount")
    return chosen


def _objects(raw: object, name: str) -> list[tuple[str, dict[str, Any]]]:
    if raw is None:
        return []
    if not isinstance(raw, list) or len(raw) > MAX_WISHES or not all(isinstance(each, dict) for each in raw):
        raise FieldInvalid(name, f"must be a list of at most {MAX_WISHES} objects")
    return [(f"{name}[{index}]", each) for index, each in enumerate(raw)]


def _whole(each: Mapping[str, Any], at: str, name: str) -> int:
    value = each.get(name)
    if type(value) is not int or not 1 <= value < 2**32:
        raise FieldInvalid(f"{at}.{name}", "must be a whole number of 1 or more")
    return value
