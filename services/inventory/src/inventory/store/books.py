"""Opens a book (locks and loads what a transaction touches) and writes it back.

Locks are taken in one order everywhere – capacities, then stock, then leases, then holds, each sorted – so that
transactions queue and never embrace. Whoever changes a hold or a lease has locked its capacities first.
"""

from collections.abc import Iterable
from copy import copy
from dataclasses import astuple
from typing import Any

from sqlalchemy.orm import Session

from inventory.domain import Book, Capacity, Hold, HoldLine, HoldState, Lease, LeaseState, StockLevel
from inventory.store.seats import LostRace, seat_map, write_seats
from kit.sql import RowsStatement, Statement, insert, together

_CAPACITY = {"performance_id": "uuid", "sold": "integer", "held": "integer", "leased": "integer", "version": "bigint"}
_LEVEL = {"product_id": "uuid", "option": "text", "on_hand": "integer", "held": "integer"}
_LEASE = {
    "lease_id": "uuid", "till_id": "text", "performance_id": "uuid", "expires_at": "timestamptz", "granted": "integer",
    "returned": "integer", "used": "integer", "reported_used": "integer", "epoch": "integer", "state": "smallint",
}  # fmt: skip

_HOLD_LINES = Statement(
    "SELECT hold_id::text, performance_id::text, product_id::text, option, quantity, seats FROM hold_lines"
    " WHERE hold_id = ANY(CAST(:ids AS uuid[])) ORDER BY hold_id, line"
)
_OF_LEASES = Statement("SELECT performance_id::text FROM leases WHERE lease_id = ANY(CAST(:ids AS uuid[]))")
_LOCK_CAPACITIES = Statement(
    "SELECT performance_id::text, total, starts_at, ends_at, on_sale, sold, held, leased, version,"
    " plan_version_id::text, seat_version FROM capacities"
    " WHERE performance_id = ANY(CAST(:ids AS uuid[])) ORDER BY performance_id FOR UPDATE"
)
_LOCK_STOCK = RowsStatement(
    "SELECT s.product_id::text, s.option, s.on_hand, s.held FROM {rows} JOIN stock_levels s USING (product_id, option)"
    " ORDER BY s.product_id, s.option FOR UPDATE OF s",
    {"product_id": "uuid", "option": "text"},
)
_LOCK_LEASES = Statement(
    f"SELECT lease_id::text, till_id, performance_id::text, {', '.join(list(_LEASE)[3:])} FROM leases"  # noqa: S608 - ours
    " WHERE (lease_id = ANY(CAST(:ids AS uuid[])) OR till_id = :till_id AND state = 1)"
    " AND performance_id = ANY(CAST(:performances AS uuid[])) ORDER BY lease_id FOR UPDATE"
)
_LOCK_HOLDS = Statement(
    "SELECT hold_id::text, fingerprint, state, held_until FROM holds"
    " WHERE hold_id = ANY(CAST(:ids AS uuid[])) ORDER BY hold_id FOR UPDATE"
)
_WRITE_CAPACITIES = RowsStatement(
    "UPDATE capacities c SET sold = r.sold, held = r.held, leased = r.leased, version = r.version"
    " FROM {rows} WHERE c.performance_id = r.performance_id",
    _CAPACITY,
)
_WRITE_STOCK = RowsStatement(
    "UPDATE stock_levels s SET on_hand = r.on_hand, held = r.held FROM {rows}"
    " WHERE s.product_id = r.product_id AND s.option = r.option",
    _LEVEL,
)
_WRITE_LEASES = insert(
    "leases", _LEASE,
    "ON CONFLICT (lease_id) DO UPDATE SET granted = excluded.granted, returned = excluded.returned,"
    " used = excluded.used, reported_used = excluded.reported_used, epoch = excluded.epoch,"
    " expires_at = excluded.expires_at, state = excluded.state",
)  # fmt: skip
_ADD_HOLDS = insert(
    "holds", {"hold_id": "uuid", "fingerprint": "bytea", "state": "smallint", "held_until": "timestamptz"}
)
_ADD_HOLD_LINES = insert(
    "hold_lines",
    {"hold_id": "uuid", "line": "integer", "performance_id": "uuid", "product_id": "uuid", "option": "text",
     "quantity": "integer", "seats": "integer[]"},
)  # fmt: skip
_WRITE_HOLDS = RowsStatement(
    "UPDATE holds h SET state = r.state FROM {rows} WHERE h.hold_id = r.hold_id",
    {"hold_id": "uuid", "state": "smallint"},
)
_ADD_MOVEMENTS = insert(
    "stock_movements",
    {"product_id": "uuid", "option": "text", "quantity": "integer", "cause": "smallint", "reference": "text",
     "note": "text"},
)  # fmt: skip
_ADD_CONFLICTS = insert(
    "conflicts",
    {"order_id": "uuid", "line": "integer", "performance_id": "uuid", "quantity": "integer", "cause": "text"},
)


class OpenBook(Book):
    """A book with what it was when it was opened."""

    def __init__(self) -> None:
        super().__init__()
        self.before: dict[int, Any] = {}

    def remember(self) -> None:
        things = (*self.capacities.values(), *self.stock.values(), *self.holds.values(), *self.leases.values())
        self.before = {id(thing): copy(thing) for thing in things}

    def changed(self, things: Iterable[Any]) -> list[Any]:
        """Those that differ from what was loaded, or are new."""
        return [thing for thing in things if self.before.get(id(thing)) != thing]


def opened(
    session: Session,
    *,
    performances: Iterable[str] = (),
    articles: Iterable[tuple[str, str]] = (),
    holds: Iterable[str] = (),
    leases: Iterable[str] = (),
    till_id: str = "",
) -> OpenBook:
    """Lock and load these, with the capacities and articles of the holds and leases. `till_id`: its active leases too.

    What does not exist is simply not in the book. Raises LostRace.
    """
    hold_ids, lease_ids = sorted(set(holds)), sorted(set(leases))
    performance_ids, keys = set(performances), set(articles)
    lines = _hold_lines(session, hold_ids) if hold_ids else {}
    for line in (line for of in lines.values() for line in of):
        if line.performance_id:
            performance_ids.add(line.performance_id)
        else:
            keys.add((line.product_id, line.option))
    if lease_ids:
        performance_ids |= {row[0] for row in _OF_LEASES.rows(session, ids=lease_ids)}
    book = OpenBook()
    _lock_capacities(session, book, sorted(performance_ids))
    _lock_stock(session, book, sorted(keys))
    if lease_ids or till_id:
        _lock_leases(session, book, lease_ids, till_id)
    if hold_ids:
        _lock_holds(session, book, hold_ids, lines)
    book.remember()
    return book


def _hold_lines(session: Session, hold_ids: list[str]) -> dict[str, tuple[HoldLine, ...]]:
    """Lines never change once written, so they may be read before anything is locked."""
    found: dict[str, tuple[HoldLine, ...]] = {}
    for hold_id, performance_id, product_id, option, quantity, seats in _HOLD_LINES.rows(session, ids=hold_ids):
        line = HoldLine(performance_id or "", product_id or "", option, quantity, tuple(seats or ()))
        found[hold_id] = (*found.get(hold_id, ()), line)
    return found


def _lock_capacities(session: Session, book: Book, performance_ids: list[str]) -> None:
    if performance_ids:
        for *row, seat_version in _LOCK_CAPACITIES.rows(session, ids=performance_ids):
            capacity = Capacity(*row)
            book.capacities[capacity.performance_id] = capacity
            if capacity.plan_version_id:
                seats = seat_map(session, capacity.performance_id, capacity.plan_version_id, seat_version)
                if seats is not None:
                    book.seats[capacity.performance_id] = seats


def _lock_stock(session: Session, book: Book, keys: list[tuple[str, str]]) -> None:
    for row in _LOCK_STOCK.rows(session, keys):
        book.stock[row[0], row[1]] = StockLevel(*row)


def _lock_leases(session: Session, book: Book, lease_ids: list[str], till_id: str) -> None:
    performances = sorted(book.capacities)
    for row in _LOCK_LEASES.rows(session, ids=lease_ids, till_id=till_id, performances=performances):
        lease = Lease(*row)
        lease.state = LeaseState(lease.state)
        book.leases[lease.lease_id] = lease


def _lock_holds(session: Session, book: Book, hold_ids: list[str], lines: dict[str, tuple[HoldLine, ...]]) -> None:
    for hold_id, mark, state, held_until in _LOCK_HOLDS.rows(session, ids=hold_ids):
        if hold_id not in lines:
            raise LostRace(f"hold {hold_id} was being made", hold_id=hold_id)
        book.holds[hold_id] = Hold(hold_id, bytes(mark), lines[hold_id], held_until, HoldState(state))


def write(session: Session, book: OpenBook) -> None:
    """Write back what changed, one statement per table, all in one round trip. Raises LostRace."""
    write_seats(session, book.seats.values())
    capacities, levels = book.changed(book.capacities.values()), book.changed(book.stock.values())
    changed = book.changed(book.holds.values())
    new = [hold for hold in changed if id(hold) not in book.before]
    with together(session):
        _WRITE_CAPACITIES.rows(session, ((c.performance_id, c.sold, c.held, c.leased, c.version) for c in capacities))
        _WRITE_STOCK.rows(session, ((s.product_id, s.option, s.on_hand, s.held) for s in levels))
        _ADD_HOLDS.rows(session, ((h.hold_id, h.fingerprint, h.state, h.held_until) for h in new))
        _ADD_HOLD_LINES.rows(
            session,
            ((h.hold_id, i, x.performance_id or None, x.product_id or None, x.option, x.quantity, list(x.seats) or None)
             for h in new for i, x in enumerate(h.lines)),
        )  # fmt: skip
        _WRITE_HOLDS.rows(session, ((h.hold_id, h.state) for h in changed if id(h) in book.before))
        _WRITE_LEASES.rows(session, map(astuple, book.changed(book.leases.values())))
        _ADD_MOVEMENTS.rows(session, map(astuple, book.movements))
        _ADD_CONFLICTS.rows(session, map(astuple, book.conflicts))
