"""Opens a book (locks and loads what a transaction touches) and writes it back.

Locks are taken in one order everywhere – capacities, then stock, then leases, then holds, each sorted – so that
transactions queue and never embrace. Whoever changes a hold or a lease has locked its capacities first.
"""

from collections.abc import Iterable
from copy import copy
from dataclasses import asdict
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from inventory.domain import Book, Capacity, Hold, HoldLine, HoldState, Lease, LeaseState, StockLevel
from inventory.store.rows import insert, run
from kit.errors import DomainError, Kind

CAPACITY = "performance_id uuid, total integer, sold integer, held integer, leased integer, version bigint"
LEASE = (
    "lease_id uuid, till_id text, performance_id uuid, granted integer, returned integer, used integer, "
    "reported_used integer, epoch integer, expires_at timestamptz, state smallint"
)


class LostRace(DomainError):
    """A hold appeared while its locks were being taken: do the whole transaction again."""

    kind, reason = Kind.BUSY, "LOST_RACE"


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
    lines = _hold_lines(session, hold_ids)
    for line in (line for of in lines.values() for line in of):
        if line.performance_id:
            performance_ids.add(line.performance_id)
        else:
            keys.add((line.product_id, line.option))
    if lease_ids:
        query = text("SELECT performance_id FROM leases WHERE lease_id = ANY(CAST(:ids AS uuid[]))")
        performance_ids |= {str(found) for found in session.scalars(query, {"ids": lease_ids})}
    book = OpenBook()
    _lock_capacities(session, book, sorted(performance_ids))
    _lock_stock(session, book, sorted(keys))
    if lease_ids or till_id:
        _lock_leases(session, book, lease_ids, till_id)
    _lock_holds(session, book, hold_ids, lines)
    book.remember()
    return book


def _hold_lines(session: Session, hold_ids: list[str]) -> dict[str, tuple[HoldLine, ...]]:
    """Lines never change once written, so they may be read before anything is locked."""
    if not hold_ids:
        return {}
    query = text(
        "SELECT hold_id, performance_id, product_id, option, quantity FROM hold_lines"
        " WHERE hold_id = ANY(CAST(:ids AS uuid[])) ORDER BY hold_id, line"
    )
    found: dict[str, tuple[HoldLine, ...]] = {}
    for hold_id, performance_id, product_id, option, quantity in session.execute(query, {"ids": hold_ids}):
        line = HoldLine(str(performance_id or ""), str(product_id or ""), option, quantity)
        found[str(hold_id)] = (*found.get(str(hold_id), ()), line)
    return found


def _lock_capacities(session: Session, book: Book, performance_ids: list[str]) -> None:
    if not performance_ids:
        return
    query = text(
        "SELECT performance_id, total, starts_at, ends_at, on_sale, sold, held, leased, version FROM capacities"
        " WHERE performance_id = ANY(CAST(:ids AS uuid[])) ORDER BY performance_id FOR UPDATE"
    )
    for row in session.execute(query, {"ids": performance_ids}):
        book.capacities[str(row[0])] = Capacity(str(row[0]), *row[1:])


def _lock_stock(session: Session, book: Book, keys: list[tuple[str, str]]) -> None:
    if not keys:
        return
    wanted = ({"product_id": product_id, "option": option} for product_id, option in keys)
    statement = (
        "SELECT s.product_id, s.option, s.on_hand, s.held FROM {rows} JOIN stock_levels s USING (product_id, option)"
        " ORDER BY s.product_id, s.option FOR UPDATE OF s"
    )
    for product_id, option, on_hand, held in run(session, statement, "product_id uuid, option text", wanted):
        book.stock[str(product_id), option] = StockLevel(str(product_id), option, on_hand, held)


def _lock_leases(session: Session, book: Book, lease_ids: list[str], till_id: str) -> None:
    query = text(
        "SELECT lease_id, till_id, performance_id, granted, returned, used, reported_used, epoch, expires_at, state"
        " FROM leases WHERE (lease_id = ANY(CAST(:ids AS uuid[])) OR till_id = :till_id AND state = 1)"
        " AND performance_id = ANY(CAST(:performances AS uuid[])) ORDER BY lease_id FOR UPDATE"
    )
    values = {"ids": lease_ids, "till_id": till_id, "performances": sorted(book.capacities)}
    for row in session.execute(query, values).mappings():
        ids = {"lease_id": str(row["lease_id"]), "performance_id": str(row["performance_id"])}
        lease = Lease(**dict(row) | ids | {"state": LeaseState(row["state"])})
        book.leases[lease.lease_id] = lease


def _lock_holds(session: Session, book: Book, hold_ids: list[str], lines: dict[str, tuple[HoldLine, ...]]) -> None:
    if not hold_ids:
        return
    query = text(
        "SELECT hold_id, fingerprint, state, held_until FROM holds"
        " WHERE hold_id = ANY(CAST(:ids AS uuid[])) ORDER BY hold_id FOR UPDATE"
    )
    for hold_id, mark, state, held_until in session.execute(query, {"ids": hold_ids}):
        if str(hold_id) not in lines:
            raise LostRace(f"hold {hold_id} was being made", hold_id=hold_id)
        book.holds[str(hold_id)] = Hold(str(hold_id), bytes(mark), lines[str(hold_id)], held_until, HoldState(state))


def write(session: Session, book: OpenBook) -> None:
    """Write back what changed, one statement per table."""
    run(
        session,
        "UPDATE capacities c SET sold = r.sold, held = r.held, leased = r.leased, version = r.version"
        " FROM {rows} WHERE c.performance_id = r.performance_id",
        CAPACITY,
        (asdict(capacity) for capacity in book.changed(book.capacities.values())),
    )
    run(
        session,
        "UPDATE stock_levels s SET on_hand = r.on_hand, held = r.held FROM {rows}"
        " WHERE s.product_id = r.product_id AND s.option = r.option",
        "product_id uuid, option text, on_hand integer, held integer",
        (asdict(level) for level in book.changed(book.stock.values())),
    )
    _write_holds(session, book)
    insert(
        session,
        "leases",
        LEASE,
        (asdict(lease) for lease in book.changed(book.leases.values())),
        "ON CONFLICT (lease_id) DO UPDATE SET granted = excluded.granted, returned = excluded.returned,"
        " used = excluded.used, reported_used = excluded.reported_used, epoch = excluded.epoch,"
        " expires_at = excluded.expires_at, state = excluded.state",
    )
    columns = "product_id uuid, option text, quantity integer, cause smallint, reference text, note text"
    insert(session, "stock_movements", columns, map(asdict, book.movements))
    columns = "order_id uuid, line integer, performance_id uuid, quantity integer, cause text"
    insert(session, "conflicts", columns, map(asdict, book.conflicts))


def _write_holds(session: Session, book: OpenBook) -> None:
    changed = book.changed(book.holds.values())
    new = [hold for hold in changed if id(hold) not in book.before]
    insert(
        session,
        "holds",
        "hold_id uuid, fingerprint bytea, state smallint, held_until timestamptz",
        (
            {
                "hold_id": h.hold_id,
                "fingerprint": f"\\x{h.fingerprint.hex()}",
                "state": h.state,
                "held_until": h.held_until,
            }
            for h in new
        ),
    )
    insert(
        session,
        "hold_lines",
        "hold_id uuid, line integer, performance_id uuid, product_id uuid, option text, quantity integer",
        (
            asdict(line)
            | {"hold_id": h.hold_id, "line": i, "product_id": line.product_id or None}
            | {"performance_id": line.performance_id or None}
            for h in new
            for i, line in enumerate(h.lines)
        ),
    )
    run(
        session,
        "UPDATE holds h SET state = r.state FROM {rows} WHERE h.hold_id = r.hold_id",
        "hold_id uuid, state smallint",
        ({"hold_id": h.hold_id, "state": h.state} for h in changed if id(h) in book.before),
    )
