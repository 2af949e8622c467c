"""Tables of refunds: each counts once, and ends its tickets in the same transaction."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

import ledger
from kit.sql import RowsStatement, Statement, insert, together
from orders.domain.refund import Refund, SealedRefund

_REFUNDS = {
    "refund_id": "uuid", "order_id": "uuid", "number": "text", "till_id": "uuid", "journal_sequence": "bigint",
    "cashier_id": "uuid", "authorised_by": "uuid", "refunded_at": "timestamptz", "business_on": "date",
    "reason": "text", "note": "text", "total": "bigint", "payments": "jsonb",
}  # fmt: skip
_ADD = insert("refunds", _REFUNDS, "ON CONFLICT (refund_id) DO NOTHING RETURNING refund_id::text")
_ADD_LINES = insert(
    "refund_lines",
    {"refund_id": "uuid", "line": "integer", "quantity": "integer", "total": "bigint", "vat": "bigint",
     "net": "bigint"},
)  # fmt: skip
# A ticket that stands in for a refunded one ends with it: no till knows its number. Of two copies of a till each names
# its own order's tickets, though by the same numbers.
_END_TICKETS = RowsStatement(
    "WITH RECURSIVE ended AS (SELECT r.refund_id, o.key_id, o.serial FROM {rows} JOIN refunds f"
    " ON f.refund_id = r.refund_id JOIN tickets o ON o.order_id = f.order_id AND (o.key_id = r.key_id"
    " AND o.serial = r.serial OR o.paper_key = r.key_id AND o.paper_serial = r.serial)"
    " UNION SELECT e.refund_id, t.key_id, t.serial FROM ended e"
    " JOIN tickets t ON t.replaces_key = e.key_id AND t.replaces_serial = e.serial)"
    " UPDATE tickets t SET live = false, refund_id = r.refund_id FROM ended r"
    " WHERE t.key_id = r.key_id AND t.serial = r.serial AND t.refund_id IS NULL"
    " RETURNING t.seat_performance_id::text, t.seat, t.key_id, t.serial",
    {"refund_id": "uuid", "key_id": "bigint", "serial": "bigint"},
)
# The next buyer's sale may have been kept before the refund was heard of: then this is the seat's live ticket.
_REVIVE = RowsStatement(
    "UPDATE tickets t SET live = true FROM (SELECT DISTINCT ON (seat_performance_id, seat) key_id, serial"
    " FROM {rows} JOIN tickets USING (seat_performance_id, seat) JOIN orders USING (order_id)"
    " WHERE refund_id IS NULL AND NOT replaced AND NOT EXISTS (SELECT FROM tickets l WHERE l.live"
    " AND l.seat = tickets.seat AND l.seat_performance_id = tickets.seat_performance_id)"
    " ORDER BY seat_performance_id, seat, sold_at, key_id, serial) waiting"
    " WHERE t.key_id = waiting.key_id AND t.serial = waiting.serial",
    {"seat_performance_id": "uuid", "seat": "integer"},
)
_OF_ORDERS = Statement(
    "SELECT order_id::text, refund_id::text, number, till_id::text, journal_sequence, cashier_id::text,"
    " authorised_by::text, refunded_at, business_on::text, reason, note, total, payments FROM refunds"
    " WHERE order_id = ANY(CAST(:ids AS uuid[])) ORDER BY order_id, refunded_at, journal_sequence"
)
_QUANTITIES = Statement(
    "SELECT order_id::text, line, -sum(l.quantity)::integer FROM refunds JOIN refund_lines l USING (refund_id)"
    " WHERE order_id = ANY(CAST(:ids AS uuid[])) GROUP BY order_id, line"
)


@dataclass(frozen=True)
class Ended:
    """A ticket that a refund has ended, and its seat if it has one."""

    key_id: int
    serial: int
    performance_id: str | None
    seat: int | None


def add(session: Session, refunds: Sequence[SealedRefund]) -> list[Ended]:
    """Keep those that are not kept yet, and end their tickets, which it gives. The key decides who comes first."""
    ordered = sorted({one.refund.id: one for one in refunds}.values(), key=lambda one: one.refund.id)
    added = _ADD.rows(session, (_row(one.refund) for one in ordered))
    ids = {row[0] for row in added}
    new = [one for one in ordered if one.refund.id in ids]
    with together(session):
        _ADD_LINES.rows(
            session, ((r.refund.id, x.line, x.quantity, x.total, x.vat, x.net) for r in new for x in r.lines)
        )
    ended = _END_TICKETS.rows(session, sorted((r.refund.id, *ticket) for r in new for ticket in r.tickets))
    _REVIVE.rows(session, [(performance_id, seat) for performance_id, seat, *_ in ended if seat])
    return [Ended(key_id, serial, performance_id, seat) for performance_id, seat, key_id, serial in ended]


def of_orders(session: Session, order_ids: Collection[str]) -> dict[str, list[Refund]]:
    """The refunds of these orders, oldest first."""
    found: dict[str, list[Refund]] = {}
    for order_id, refund_id, *others, payments in _OF_ORDERS.rows(session, ids=list(order_ids)):
        back = tuple(ledger.MoneyBack(ledger.Mode(mode), amount, reference) for mode, amount, reference in payments)
        facts: Any = (*others, back)
        found.setdefault(order_id, []).append(Refund(refund_id, order_id, *facts))
    return found


def quantities(session: Session, order_ids: Collection[str]) -> dict[str, dict[int, int]]:
    """How many of each line of these orders came back."""
    found: dict[str, dict[int, int]] = {}
    for order_id, line, quantity in _QUANTITIES.rows(session, ids=list(order_ids)):
        found.setdefault(order_id, {})[line] = quantity
    return found


def totals(session: Session, day: date) -> tuple[int, int, list[str]]:
    """Of a business day: what was given back (negative), tickets that ended, and the ids of the refunds."""
    total, ids = session.execute(
        text(
            "SELECT COALESCE(sum(total), 0)::bigint, COALESCE(array_agg(refund_id::text ORDER BY refund_id), '{}')"
            " FROM refunds WHERE business_on = :day"
        ),
        {"day": day},
    ).one()
    tickets = session.scalar(
        text(
            "SELECT count(*) FROM tickets JOIN refunds USING (refund_id) WHERE business_on = :day"
            " AND replaces_key IS NULL"
        ),
        {"day": day},
    )
    return total, tickets or 0, list(ids)


def _row(it: Refund) -> tuple[Any, ...]:
    payments = [(back.mode.value, back.amount, back.reference) for back in it.payments]
    return (it.id, it.order_id, it.number, it.till_id, it.journal_sequence, it.cashier_id, it.authorised_by,
            it.refunded_at, date.fromisoformat(it.business_on), it.reason, it.note, it.total, payments)  # fmt: skip
