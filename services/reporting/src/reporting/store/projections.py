"""Writing what was told: keys make facts count once, revisions make the newest name win, in any order."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import text
from sqlalchemy.orm import Session

Columns = dict[str, str]  # column -> PostgreSQL type

SALES: Columns = {
    "order_id": "uuid", "order_number": "text", "till_id": "text", "till_number": "text", "sequence": "bigint",
    "at": "timestamptz", "business_on": "date", "channel": "text", "cashier_id": "text", "currency": "text",
    "total": "bigint",
}  # fmt: skip
LINES: Columns = {
    "order_id": "uuid", "line": "integer", "kind": "text", "performance_id": "text", "show_id": "text",
    "product_id": "text", "label": "text", "quantity": "integer", "unit_price": "bigint", "total": "bigint",
    "vat_rate_bp": "integer", "vat": "bigint", "net": "bigint",
}  # fmt: skip
PAYMENTS: Columns = {"order_id": "uuid", "position": "integer", "mode": "text", "amount": "bigint"}
TICKETS: Columns = {
    "order_id": "uuid", "line": "integer", "key_id": "bigint", "first_serial": "bigint", "last_serial": "bigint",
}  # fmt: skip
OPENINGS: Columns = {
    "cash_float_id": "text", "till_id": "text", "till_number": "text", "cashier_id": "text", "business_on": "date",
    "opening_total": "bigint", "opened_at": "timestamptz",
}  # fmt: skip
CLOSINGS: Columns = {
    "cash_float_id": "text", "till_id": "text", "cashier_id": "text", "business_on": "date", "expected": "bigint",
    "counted": "bigint", "difference": "bigint", "closed_at": "timestamptz",
}  # fmt: skip


@dataclass(frozen=True)
class Names:
    """A table of names: its key comes first, its revision last."""

    table: str
    columns: Columns


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
    """A sale's rows, their values in the order of SALES, LINES and PAYMENTS."""

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
    claim = _inserting("sales", SALES) + " ON CONFLICT (order_id) DO NOTHING RETURNING order_id"
    heads = [sale.head for _, sale in sorted(by_order.items())]  # sorted: two batches lock alike
    new = [by_order[str(order_id)] for order_id in session.scalars(text(claim), _arrays(SALES, heads))]
    _insert(session, "sale_lines", LINES, [row for sale in new for row in sale.lines])
    _insert(session, "payments", PAYMENTS, [row for sale in new for row in sale.payments])
    keep_tickets(session, [ticket for sale in new for ticket in sale.tickets])


def keep_tickets(session: Session, tickets: Iterable[Ticket]) -> None:
    """First and last serial per line and issuing key."""
    serials: dict[tuple[str, int, int], list[int]] = {}
    for order_id, line, key_id, serial in tickets:
        serials.setdefault((order_id, line, key_id), []).append(serial)
    rows = [(*key, min(found), max(found)) for key, found in sorted(serials.items())]
    widen = (
        " ON CONFLICT (order_id, line, key_id) DO UPDATE SET"
        " first_serial = least(tickets.first_serial, excluded.first_serial),"
        " last_serial = greatest(tickets.last_serial, excluded.last_serial)"
    )
    _insert(session, "tickets", TICKETS, rows, widen)


def keep_openings(session: Session, rows: Iterable[tuple[Any, ...]]) -> None:
    """The first opening of a float counts, as in cashdesk; its closing may be here already."""
    take = (
        " ON CONFLICT (cash_float_id) DO UPDATE SET till_id = excluded.till_id, till_number = excluded.till_number,"
        " opening_total = excluded.opening_total, opened_at = excluded.opened_at"
        " WHERE cash_floats.opened_at IS NULL"
    )
    _insert(session, "cash_floats", OPENINGS, _first_of_each(rows), take)


def keep_closings(session: Session, rows: Iterable[tuple[Any, ...]]) -> None:
    """The first closing of a float counts, as in cashdesk."""
    take = (
        " ON CONFLICT (cash_float_id) DO UPDATE SET expected = excluded.expected, counted = excluded.counted,"
        " difference = excluded.difference, closed_at = excluded.closed_at"
        " WHERE cash_floats.closed_at IS NULL"
    )
    _insert(session, "cash_floats", CLOSINGS, _first_of_each(rows), take)


def keep_names(session: Session, names: Names, rows: Iterable[tuple[Any, ...]]) -> None:
    """Take each row unless a newer revision is there; of one revision the one told last is right."""
    newest: dict[str, tuple[Any, ...]] = {}
    for row in rows:
        if row[0] not in newest or row[-1] >= newest[row[0]][-1]:
            newest[row[0]] = row
    key, *others = names.columns
    changes = ", ".join(f"{name} = excluded.{name}" for name in others)
    take = f" ON CONFLICT ({key}) DO UPDATE SET {changes} WHERE {names.table}.revision <= excluded.revision"
    _insert(session, names.table, names.columns, [row for _, row in sorted(newest.items())], take)


def _first_of_each(rows: Iterable[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    first: dict[str, tuple[Any, ...]] = {}
    for row in rows:
        first.setdefault(row[0], row)
    return [row for _, row in sorted(first.items())]


def _insert(session: Session, table: str, columns: Columns, rows: Sequence[tuple[Any, ...]], then: str = "") -> None:
    if rows:
        session.execute(text(_inserting(table, columns) + then), _arrays(columns, rows))


def _inserting(table: str, columns: Columns) -> str:
    """One statement for all rows: each column travels as one array."""
    values = ", ".join(f"CAST(:{name} AS {kind}[])" for name, kind in columns.items())
    return f"INSERT INTO {table} ({', '.join(columns)}) SELECT * FROM unnest({values})"  # noqa: S608 - names are ours


def _arrays(columns: Columns, rows: Sequence[tuple[Any, ...]]) -> dict[str, list[Any]]:
    return {name: [row[place] for row in rows] for place, name in enumerate(columns)}
