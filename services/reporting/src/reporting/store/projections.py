"""Writing what was told: keys make facts count once, revisions make the newest name win, in any order."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy.orm import Session

from kit.sql import Columns, insert, together

_ADD_SALES = insert("sales", {
    "order_id": "uuid", "order_number": "text", "till_id": "text", "till_number": "text", "sequence": "bigint",
    "at": "timestamptz", "business_on": "date", "channel": "text", "cashier_id": "text", "currency": "text",
    "total": "bigint", "refund_of": "text", "cash_float_id": "text", "reason": "text", "note": "text",
    "authorised_by": "text",
}, "ON CONFLICT (order_id) DO NOTHING RETURNING order_id::text")  # fmt: skip
_ADD_LINES = insert("sale_lines", {
    "order_id": "uuid", "line": "integer", "kind": "text", "performance_id": "text", "show_id": "text",
    "product_id": "text", "label": "text", "quantity": "integer", "unit_price": "bigint", "total": "bigint",
    "vat_rate_bp": "integer", "vat": "bigint", "net": "bigint",
})  # fmt: skip
_ADD_PAYMENTS = insert("payments", {
    "order_id": "uuid", "position": "integer", "mode": "text", "amount": "bigint", "reference": "text",
})  # fmt: skip
_WIDEN_TICKETS = insert(
    "tickets",
    {"order_id": "uuid", "line": "integer", "key_id": "bigint", "first_serial": "bigint", "last_serial": "bigint"},
    "ON CONFLICT (order_id, line, key_id) DO UPDATE SET"
    " first_serial = least(tickets.first_serial, excluded.first_serial),"
    " last_serial = greatest(tickets.last_serial, excluded.last_serial)",
)
_ADD_OPENINGS = insert("cash_floats", {
    "cash_float_id": "text", "till_id": "text", "till_number": "text", "cashier_id": "text", "business_on": "date",
    "opening_total": "bigint", "opened_at": "timestamptz",
}, "ON CONFLICT (cash_float_id) DO UPDATE SET till_id = excluded.till_id, till_number = excluded.till_number,"
    " opening_total = excluded.opening_total, opened_at = excluded.opened_at"
    " WHERE cash_floats.opened_at IS NULL")  # fmt: skip
_ADD_CLOSINGS = insert("cash_floats", {
    "cash_float_id": "text", "till_id": "text", "cashier_id": "text", "business_on": "date", "expected": "bigint",
    "counted": "bigint", "difference": "bigint", "closed_at": "timestamptz", "number": "text", "explanation": "text",
}, "ON CONFLICT (cash_float_id) DO UPDATE SET expected = excluded.expected, counted = excluded.counted,"
    " difference = excluded.difference, closed_at = excluded.closed_at, number = excluded.number,"
    " explanation = excluded.explanation"
    " WHERE cash_floats.closed_at IS NULL")  # fmt: skip
_ADD_MODES = insert("float_modes", {
    "cash_float_id": "text", "mode": "text", "expected": "bigint", "declared": "bigint",
}, "ON CONFLICT DO NOTHING")  # fmt: skip
_ADD_MOVEMENTS = insert("cash_movements", {
    "movement_id": "text", "kind": "text", "number": "text", "cash_float_id": "text", "till_id": "text",
    "till_number": "text", "cashier_id": "text", "business_on": "date", "amount": "bigint",
}, "ON CONFLICT DO NOTHING")  # fmt: skip


class Names:
    """A table of names: its key comes first, its revision last."""

    def __init__(self, table: str, columns: Columns) -> None:
        key, *others = columns
        changes = ", ".join(f"{name} = excluded.{name}" for name in others)
        take = f"ON CONFLICT ({key}) DO UPDATE SET {changes} WHERE {table}.revision <= excluded.revision"
        self.take = insert(table, columns, take)


PERFORMANCES = Names("performances", {
    "performance_id": "text", "show_id": "text", "starts_at": "timestamptz", "performed_on": "date",
    "revision": "bigint",
})  # fmt: skip
SHOWS = Names("shows", {"show_id": "text", "title": "text", "revision": "bigint"})
PRODUCTS = Names("products", {"product_id": "text", "family": "text", "revision": "bigint"})
USERS = Names("users", {"user_id": "text", "name": "text", "revision": "bigint"})
TILLS = Names("tills", {"till_id": "text", "number": "text", "name": "text", "revision": "bigint"})


class Ticket(NamedTuple):
    order_id: str
    line: int
    key_id: int
    serial: int


@dataclass(frozen=True)
class Sale:
    """The rows of a sale, or of a refund under its own id; their values in the order of the columns above."""

    head: tuple[Any, ...]
    lines: Sequence[tuple[Any, ...]]
    payments: Sequence[tuple[Any, ...]]
    tickets: Sequence[Ticket]

    @property
    def order_id(self) -> str:
        return str(self.head[0])


def keep_sales(session: Session, sales: Sequence[Sale]) -> None:
    """Each order id counts once, however often and under whichever event it is told."""
    by_order = {sale.order_id: sale for sale in reversed(sales)}
    heads = [sale.head for _, sale in sorted(by_order.items())]  # sorted: two batches lock alike
    new = [by_order[order_id] for (order_id,) in _ADD_SALES.rows(session, heads)]
    with together(session):
        _ADD_LINES.rows(session, (row for sale in new for row in sale.lines))
        _ADD_PAYMENTS.rows(session, (row for sale in new for row in sale.payments))
        keep_tickets(session, [ticket for sale in new for ticket in sale.tickets])


def keep_tickets(session: Session, tickets: Iterable[Ticket]) -> None:
    """First and last serial per line and issuing key."""
    serials: dict[tuple[str, int, int], list[int]] = {}
    for order_id, line, key_id, serial in tickets:
        serials.setdefault((order_id, line, key_id), []).append(serial)
    _WIDEN_TICKETS.rows(session, ((*key, min(found), max(found)) for key, found in sorted(serials.items())))


def keep_openings(session: Session, rows: Iterable[tuple[Any, ...]]) -> None:
    """The first opening of a float counts, as in cashdesk; its closing may be here already."""
    _ADD_OPENINGS.rows(session, _first_of_each(rows))


def keep_closings(
    session: Session, rows: Iterable[tuple[Any, ...]], modes: Mapping[str, Sequence[tuple[Any, ...]]]
) -> None:
    """The first closing of a float counts, as in cashdesk. `modes`: of each float, those besides cash."""
    _ADD_CLOSINGS.rows(session, _first_of_each(rows))
    _ADD_MODES.rows(session, (row for _, own in sorted(modes.items()) for row in own))


def keep_movements(session: Session, rows: Iterable[tuple[Any, ...]]) -> None:
    """Each side of a movement counts once."""
    _ADD_MOVEMENTS.rows(session, sorted({row[:2]: row for row in rows}.values()))


def keep_names(session: Session, names: Names, rows: Iterable[tuple[Any, ...]]) -> None:
    """Take each row unless a newer revision is there; of one revision the one told last is right."""
    newest: dict[str, tuple[Any, ...]] = {}
    for row in rows:
        if row[0] not in newest or row[-1] >= newest[row[0]][-1]:
            newest[row[0]] = row
    names.take.rows(session, [row for _, row in sorted(newest.items())])


def _first_of_each(rows: Iterable[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    first: dict[str, tuple[Any, ...]] = {}
    for row in rows:
        first.setdefault(row[0], row)
    return [row for _, row in sorted(first.items())]
