"""Tables of orders: what a group of sales needs is written by the set, in one statement per table."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

import ledger
from kit.sql import RowsStatement, Statement, insert, together
from orders import refunds
from orders.domain.order import Order, Sold, Ticket, Times
from titles import Cause

_LINE_TYPES = {
    "line": "integer", "kind": "text", "performance_id": "uuid", "show_id": "uuid", "category_id": "uuid",
    "tariff_id": "uuid", "product_id": "uuid", "option": "text", "label": "text", "quantity": "integer",
    "unit_price": "bigint", "total": "bigint", "vat_rate_bp": "integer", "vat": "bigint", "net": "bigint",
    "lease_id": "uuid", "hold_id": "uuid", "seating": "jsonb",
}  # fmt: skip


_ORDERS = {
    "order_id": "uuid", "number": "text", "channel": "text", "till_id": "uuid", "journal_sequence": "bigint",
    "cashier_id": "uuid", "sold_at": "timestamptz", "business_on": "date", "currency": "text", "total": "bigint",
}  # fmt: skip
_LINES = {"order_id": "uuid", **_LINE_TYPES}
_PAYMENTS = {
    "order_id": "uuid", "position": "integer", "mode": "text", "amount": "bigint", "tendered": "bigint",
    "change": "bigint", "reference": "text",
}  # fmt: skip
_TICKETS = {
    "key_id": "bigint", "serial": "bigint", "order_id": "uuid", "line": "integer", "token": "text",
    "seat_performance_id": "uuid", "seat": "integer", "seat_zone": "text", "seat_row": "text", "seat_label": "text",
    "live": "boolean", "replaces_key": "bigint", "replaces_serial": "bigint",
    "paper_token": "text", "paper_key": "bigint", "paper_serial": "bigint",
}  # fmt: skip
_ADD_ORDERS = insert("orders", _ORDERS, "ON CONFLICT (order_id) DO NOTHING RETURNING order_id::text")
_ADD_LINES = insert("order_lines", _LINES)
_ADD_PAYMENTS = insert("order_payments", _PAYMENTS)
_ADD_TICKETS = insert("tickets", _TICKETS, "ON CONFLICT DO NOTHING RETURNING key_id, serial")
_TOKENS_OF = RowsStatement(
    "SELECT key_id, serial, token FROM {rows} JOIN tickets USING (key_id, serial)",
    {"key_id": "bigint", "serial": "bigint"},
)
_SEATS_TAKEN = RowsStatement(
    "SELECT seat_performance_id::text, seat FROM {rows} JOIN tickets t USING (seat_performance_id, seat) WHERE live",
    {"seat_performance_id": "uuid", "seat": "integer"},
)
_LIVE = list(_TICKETS).index("live")
_KEPT_IDS = Statement("SELECT order_id::text FROM orders WHERE order_id = ANY(CAST(:ids AS uuid[]))")
_TAKE_SERIALS = Statement(
    "UPDATE ticket_keys SET last_serial = last_serial + :n WHERE key_id = :key RETURNING last_serial"
)
_TIMES_OF = Statement(
    "SELECT performance_id::text, starts_at, ends_at FROM performance_times"
    " WHERE performance_id = ANY(CAST(:ids AS uuid[]))"
)


def add_orders(session: Session, sold: Sequence[Sold]) -> list[Sold]:
    """Keep those that are not kept yet, with lines and payments, and say which. The key decides who comes first.

    Orders go in by their id, so that two transactions with the same ones lock them alike and cannot deadlock.
    """
    ordered = sorted({one.sale.order_id: one for one in reversed(sold)}.values(), key=lambda one: one.sale.order_id)
    added = _ADD_ORDERS.rows(
        session,
        ((s.sale.order_id, s.sale.order_number, s.sale.channel, s.till_id, s.sequence, s.sale.cashier_id, s.at,
          date.fromisoformat(s.sale.business_on), s.sale.currency, s.sale.total) for s in ordered),
    )  # fmt: skip
    ids = {row[0] for row in added}
    new = [one for one in ordered if one.sale.order_id in ids]
    with together(session):
        _ADD_LINES.rows(
            session,
            ((s.sale.order_id, x.line, x.kind.value, x.performance_id, x.show_id, x.category_id, x.tariff_id,
              x.product_id, x.option, x.label, x.quantity, x.unit_price, x.total, x.vat_rate_bp, x.vat, x.net,
              x.lease_id, x.hold_id, asdict(x.seating) if x.seating else None)
             for s in new for x in s.sale.lines),
        )  # fmt: skip
        _ADD_PAYMENTS.rows(
            session,
            ((s.sale.order_id, n, p.mode.value, p.amount, p.tendered, p.change, p.reference)
             for s in new for n, p in enumerate(s.sale.payments, 1)),
        )  # fmt: skip
    return new


def kept_ids(session: Session, order_ids: Collection[str]) -> set[str]:
    """Those of these orders that are kept."""
    return {order_id for (order_id,) in _KEPT_IDS.rows(session, ids=list(order_ids))}


@dataclass(frozen=True)
class Clashes:
    """Tickets, with their order's id, whose (key, serial) was taken already, and those whose seat was."""

    numbers: Sequence[tuple[str, Ticket]] = ()
    seats: Sequence[tuple[str, Ticket]] = ()


def add_tickets(session: Session, tickets: Sequence[tuple[str, Ticket]]) -> Clashes:
    """Keep tickets, given with their order's id. One whose seat has a live ticket is kept too: it is in somebody's
    hand, and a person decides (domain 5.6). The index decides races: who loses one is late."""
    seated = [(t.performance_id, t.seat.ordinal) for _, t in tickets if t.seat]
    taken = set(_SEATS_TAKEN.rows(session, seated))
    late: list[tuple[str, Ticket]] = []
    rows: list[tuple[Any, ...]] = []
    # By seat, as others do, so that two transactions with the same seats wait for each other and never embrace.
    for order_id, t in sorted(tickets, key=lambda pair: _by_seat(pair[1])):
        seat = (t.performance_id, t.seat.ordinal) if t.seat else None
        if seat is not None and seat in taken:
            late.append((order_id, t))
        own = (t.key_id, t.serial, order_id, t.line, t.token, *_seat(t))
        rows.append((*own, seat not in taken, *(t.replaces or (None, None)), t.paper_token, *(t.paper or (None, None))))
        if seat is not None:
            taken.add(seat)
    added = {(key_id, serial) for key_id, serial in _ADD_TICKETS.rows(session, rows)}
    refused = [pair for pair in tickets if (pair[1].key_id, pair[1].serial) not in added]
    if lost := [pair for pair in refused if pair[1].seat and pair not in late]:
        losers = {(t.key_id, t.serial) for _, t in lost}
        again = [(*row[:_LIVE], False, *row[_LIVE + 1 :]) for row in rows if (row[0], row[1]) in losers]
        added |= {(key_id, serial) for key_id, serial in _ADD_TICKETS.rows(session, again)}
        late += [pair for pair in lost if (pair[1].key_id, pair[1].serial) in added]
        refused = [pair for pair in tickets if (pair[1].key_id, pair[1].serial) not in added]
    return Clashes(refused, [pair for pair in late if pair not in refused])


def _by_seat(ticket: Ticket) -> tuple[str, int]:
    return ticket.performance_id, ticket.seat.ordinal if ticket.seat else 0


def _seat(ticket: Ticket) -> tuple[str | None, int | None, str | None, str | None, str | None]:
    seat = ticket.seat
    if seat is None:
        return None, None, None, None, None
    return ticket.performance_id, seat.ordinal, seat.zone, seat.row, seat.label


def reissue(session: Session, key_id: int, serial: int, reissue: int, token: str) -> bool:
    """Keep a ticket's newer barcode, if it is newer than what is kept; False when the ticket is not kept yet."""
    statement = text(
        "UPDATE tickets SET token = CASE WHEN reissue < :reissue THEN :token ELSE token END,"
        " reissue = greatest(reissue, :reissue) WHERE key_id = :key AND serial = :serial RETURNING 1"
    )
    values = {"key": key_id, "serial": serial, "reissue": reissue, "token": token}
    return session.execute(statement, values).first() is not None


def take_serials(session: Session, key_id: int, count: int) -> int:
    """Reserve `count` serials of a key and return the first. The counter's row stays locked until commit, and goes back
    with a rollback: serials have no gap (LAW-12)."""
    ((last,),) = _TAKE_SERIALS.rows(session, n=count, key=key_id)
    return int(last) - count + 1


def ticket_key_id(session: Session, public_key: bytes) -> int | None:
    """The id under which accounts certified this key, if it has."""
    return session.scalar(text("SELECT key_id FROM ticket_keys WHERE public_key = :key"), {"key": public_key})


def add_ticket_key(session: Session, key_id: int, public_key: bytes) -> None:
    """Remember a certified key; its serials start at 1."""
    statement = "INSERT INTO ticket_keys (key_id, public_key) VALUES (:id, :key) ON CONFLICT (key_id) DO NOTHING"
    session.execute(text(statement), {"id": key_id, "key": public_key})


def save_times(session: Session, performance_id: str, times: Times, revision: int) -> None:
    """Remember when a performance takes place; the highest revision is right."""
    session.execute(
        text(
            "INSERT INTO performance_times (performance_id, starts_at, ends_at, revision)"
            " VALUES (:id, :starts, :ends, :revision) ON CONFLICT (performance_id) DO UPDATE SET"
            " starts_at = excluded.starts_at, ends_at = excluded.ends_at, revision = excluded.revision"
            " WHERE performance_times.revision <= excluded.revision"
        ),
        {"id": performance_id, "starts": times.starts_at, "ends": times.ends_at, "revision": revision},
    )


def performance_times(session: Session, performance_ids: Collection[str]) -> dict[str, Times]:
    """Those of these performances whose times are known."""
    if not performance_ids:
        return {}
    rows = _TIMES_OF.rows(session, ids=list(performance_ids))
    return {performance_id: Times(starts_at, ends_at) for performance_id, starts_at, ends_at in rows}


_ORDER_COLUMNS = (
    "order_id::text, number, channel, till_id::text, journal_sequence, cashier_id::text, sold_at, business_on::text,"
    " currency, total"
)


_THESE = "WHERE order_id = ANY(CAST(:ids AS uuid[]))"
_HEADS = Statement(f"SELECT {_ORDER_COLUMNS} FROM orders {_THESE}")  # noqa: S608 - our names
_LINES_OF = Statement(
    f"SELECT order_id::text, {', '.join(f'{n}::text' if t == 'uuid' else n for n, t in _LINE_TYPES.items())}"  # noqa: S608
    f" FROM order_lines {_THESE} ORDER BY order_id, line"
)
_PAYMENTS_OF = Statement(
    f"SELECT order_id::text, mode, amount, tendered, change, reference FROM order_payments {_THESE}"  # noqa: S608
    " ORDER BY order_id, position"
)
_TICKETS_OF = Statement(
    "SELECT order_id::text, key_id, serial, token, line, label, unit_price, performance_id::text,"  # noqa: S608
    " seat, seat_zone, seat_row, seat_label, reissue, refund_id IS NOT NULL, replaced, replaces_key, replaces_serial,"
    f" COALESCE((SELECT cause = {Cause.DISPUTED:d} FROM revocations r WHERE r.key_id = tickets.key_id"
    f" AND r.serial = tickets.serial AND cause IN ({Cause.DISPUTED:d}, {Cause.SETTLED:d})"
    " ORDER BY sequence DESC LIMIT 1), false)"
    f" FROM tickets JOIN order_lines USING (order_id, line) {_THESE}"
    " ORDER BY key_id, serial"
)


def orders(session: Session, order_ids: Collection[str], *, with_tickets: bool = True) -> dict[str, Order]:
    """These orders, whole, by id."""
    ids = list(order_ids)
    heads = _HEADS.rows(session, ids=ids) if ids else []
    if not heads:
        return {}
    lines = _grouped(_LINES_OF.rows(session, ids=ids), _line)
    payments = _grouped(_PAYMENTS_OF.rows(session, ids=ids), lambda r: ledger.Payment(ledger.Mode(r[0]), *r[1:]))
    tickets = _grouped(_TICKETS_OF.rows(session, ids=ids), _ticket) if with_tickets else {}
    back, quantities = refunds.of_orders(session, ids), refunds.quantities(session, ids)
    found: dict[str, Order] = {}
    for head in heads:
        parts: Any = (tuple(part.get(head[0], ())) for part in (lines, payments, tickets, back))
        whole: Any = (*head, *parts, quantities.get(head[0], {}))
        found[head[0]] = Order(*whole)
    return found


def _line(row: Sequence[Any]) -> ledger.Line:
    *others, seating = row
    line: Any = (others[0], ledger.LineKind(others[1]), *others[2:], seating_of(seating))
    return ledger.Line(*line)


def seating_of(plain: Mapping[str, Any] | None) -> ledger.Seating | None:
    """The seats of a line, from its JSON."""
    if plain is None:
        return None
    return ledger.Seating(**dict(plain) | {"seats": tuple(ledger.Seat(**seat) for seat in plain["seats"])})


def _ticket(row: Sequence[Any]) -> Ticket:
    *own, ordinal, zone, seat_row, label, reissue, refunded, replaced, key, serial, disputed = row
    seat = ledger.Seat(ordinal, zone, seat_row, label) if ordinal else None
    gone = refunded or replaced
    ticket: Any = (*own, seat, reissue, refunded, replaced, (key, serial) if key else None, disputed and not gone)
    return Ticket(*ticket)


def _grouped(rows: Iterable[Any], make: Callable[[Any], Any]) -> dict[str, list[Any]]:
    grouped: dict[str, list[Any]] = {}
    for row in rows:
        grouped.setdefault(row[0], []).append(make(row[1:]))
    return grouped


def tokens_of(session: Session, numbers: Iterable[tuple[int, int]]) -> dict[tuple[int, int], str]:
    """The barcodes that are kept under these numbers."""
    return {(key_id, serial): token for key_id, serial, token in _TOKENS_OF.rows(session, numbers)}


def ticket_of_paper(session: Session, token: str) -> tuple[int, int] | None:
    """The ticket that stands in for a paper whose number another ticket has."""
    row = session.execute(
        text("SELECT key_id, serial FROM tickets WHERE paper_token = :token"), {"token": token}
    ).first()
    return (row[0], row[1]) if row else None


def order_of_ticket(session: Session, key_id: int, serial: int) -> str | None:
    """The id of the order that holds a ticket."""
    statement = text("SELECT order_id::text FROM tickets WHERE key_id = :key AND serial = :serial")
    return session.scalar(statement, {"key": key_id, "serial": serial})


def search(
    session: Session, *, number: str, ticket: tuple[int, int] | None, business_on: date | None, till_id: str,
    before: tuple[datetime, str] | None, limit: int,
) -> list[str]:  # fmt: skip
    """Ids of orders, newest first: by prefix of the number or by a ticket, by day, by till; after a page's last."""
    where, facts = ["true"], dict[str, Any](limit=limit)
    if number:
        where.append("number LIKE :number")
        facts["number"] = number.replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_") + "%"
    if ticket:
        where.append("order_id = (SELECT order_id FROM tickets WHERE key_id = :key AND serial = :serial)")
        facts["key"], facts["serial"] = ticket
    if business_on:
        where.append("business_on = :day")
        facts["day"] = business_on
    if till_id:
        where.append("till_id = :till")
        facts["till"] = till_id
    if before:
        where.append("(sold_at, order_id) < (:sold_at, CAST(:order_id AS uuid))")
        facts["sold_at"], facts["order_id"] = before
    conditions = " AND ".join(where)
    newest_first = "ORDER BY sold_at DESC, order_id DESC LIMIT :limit"
    statement = text(f"SELECT order_id::text AS id FROM orders WHERE {conditions} {newest_first}")  # noqa: S608
    return list(session.scalars(statement, facts))


def totals(session: Session, day: date) -> tuple[int, int, int, list[str]]:
    """Of a business day: orders, money, tickets, and the ids of the orders."""
    count, total, ids = session.execute(
        text(
            "SELECT count(*), COALESCE(sum(total), 0)::bigint, COALESCE(array_agg(order_id::text ORDER BY order_id),"
            " '{}') FROM orders WHERE business_on = :day"
        ),
        {"day": day},
    ).one()
    tickets = session.scalar(
        text(
            "SELECT count(*) FROM tickets JOIN orders USING (order_id)"
            " WHERE business_on = :day AND replaces_key IS NULL"
        ),
        {"day": day},
    )
    return count, total, tickets or 0, list(ids)
