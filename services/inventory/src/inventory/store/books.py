"""Opens a book (locks and loads what a transaction touches) and writes it back.

Locks are taken in one order everywhere – capacities, then holds, then stock, then leases, each sorted – so that
transactions queue and never embrace. Whoever changes a hold or a lease has locked its capacities first.
"""

from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from dataclasses import astuple, dataclass
from typing import Any

from sqlalchemy.orm import Session

from inventory.domain import (
    MAIN_PLACE,
    Book,
    Capacity,
    GivenBack,
    Hold,
    HoldLine,
    HoldState,
    Lease,
    LeaseState,
    Missing,
    Shelf,
)
from inventory.domain.contingents import Draws, Pools
from inventory.store.pools import pools_of, rules_from, save_contingents, save_quotas
from inventory.store.seats import LostRace, seat_map, write_seats
from inventory.store.stock import lock_stock, tell_low, write_stock
from kit import outbox
from kit.sql import RowsStatement, Statement, insert, together
from ticketing.inventory.v1.events_pb2 import PlacesMissing

_CAPACITY = {"performance_id": "uuid", "sold": "integer", "held": "integer", "leased": "integer", "version": "bigint"}
_LEASE = {
    "lease_id": "uuid", "till_id": "text", "performance_id": "uuid", "expires_at": "timestamptz", "granted": "integer",
    "returned": "integer", "used": "integer", "reported_used": "integer", "epoch": "integer", "state": "smallint",
    "seats": "integer[]", "reported_seats": "integer[]", "draws": "jsonb", "refunded": "integer",
    "refunded_seats": "integer[]",
}  # fmt: skip

_HOLD_LINES = Statement(
    "SELECT hold_id::text, performance_id::text, product_id::text, option, quantity, seats, draws, place_id::text,"
    " gives_back"
    " FROM hold_lines JOIN holds USING (hold_id) WHERE hold_id = ANY(CAST(:ids AS uuid[])) ORDER BY hold_id, line"
)
_RETURNS = Statement(
    "SELECT hold_id::text, performance_id::text, quantity, seats FROM hold_returns"
    " WHERE hold_id = ANY(CAST(:ids AS uuid[])) ORDER BY hold_id, number"
)
_MANY_LEASES = Statement(
    "SELECT performance_id::text, count(*) FROM leases WHERE performance_id = ANY(CAST(:ids AS uuid[])) AND state = 1"
    " GROUP BY performance_id"
)
_OF_LEASES = Statement("SELECT performance_id::text FROM leases WHERE lease_id = ANY(CAST(:ids AS uuid[]))")
_LOCK_CAPACITIES = Statement(
    "SELECT performance_id::text, total, starts_at, ends_at, on_sale, sold, held, leased, version,"
    " plan_version_id::text, seat_version, seating_rules, EXISTS (SELECT FROM contingents k"
    " WHERE k.performance_id = c.performance_id)"
    " OR EXISTS (SELECT FROM quotas q WHERE q.performance_id = c.performance_id),"
    " EXISTS (SELECT FROM conflicts m WHERE m.performance_id = c.performance_id AND refunded + found < quantity)"
    " FROM capacities c WHERE performance_id = ANY(CAST(:ids AS uuid[])) ORDER BY performance_id FOR UPDATE"
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
_WRITE_LEASES = insert(
    "leases", _LEASE,
    "ON CONFLICT (lease_id) DO UPDATE SET granted = excluded.granted, returned = excluded.returned,"
    " used = excluded.used, reported_used = excluded.reported_used, epoch = excluded.epoch,"
    " expires_at = excluded.expires_at, state = excluded.state, seats = excluded.seats,"
    " reported_seats = excluded.reported_seats, draws = excluded.draws, refunded = excluded.refunded,"
    " refunded_seats = excluded.refunded_seats",
)  # fmt: skip
_ADD_HOLDS = insert(
    "holds",
    {
        "hold_id": "uuid",
        "fingerprint": "bytea",
        "state": "smallint",
        "held_until": "timestamptz",
        "gives_back": "jsonb",
    },
)
_ADD_HOLD_LINES = insert(
    "hold_lines",
    {"hold_id": "uuid", "line": "integer", "performance_id": "uuid", "product_id": "uuid", "option": "text",
     "quantity": "integer", "seats": "integer[]", "draws": "jsonb", "place_id": "uuid"},
)  # fmt: skip
_WRITE_HOLDS = RowsStatement(
    "UPDATE holds h SET state = r.state, held_until = r.held_until FROM {rows} WHERE h.hold_id = r.hold_id",
    {"hold_id": "uuid", "state": "smallint", "held_until": "timestamptz"},
)
_ADD_RETURNS = insert(
    "hold_returns",
    {"hold_id": "uuid", "number": "integer", "performance_id": "uuid", "quantity": "integer", "seats": "integer[]"},
)
_CONFLICT = {
    "order_id": "uuid", "line": "integer", "performance_id": "uuid", "quantity": "integer", "cause": "text",
    "refunded": "integer", "found": "integer", "seats": "integer[]", "revision": "integer",
}  # fmt: skip
_WRITE_CONFLICTS = insert(
    "conflicts", _CONFLICT,
    "ON CONFLICT (order_id, line) DO UPDATE SET refunded = excluded.refunded, found = excluded.found,"
    " seats = excluded.seats, revision = excluded.revision",
)  # fmt: skip
_OPEN_CONFLICTS = Statement(
    "SELECT order_id::text, line, performance_id::text, quantity, cause, refunded, found, seats, revision"
    " FROM conflicts WHERE performance_id = ANY(CAST(:ids AS uuid[])) AND refunded + found < quantity ORDER BY id"
)


class OpenBook(Book):
    """A book with what it was when it was opened."""

    def __init__(self) -> None:
        super().__init__()
        self.before: dict[int, Any] = {}

    def remember(self) -> None:
        accounts = (x for pools in self.pools.values() for x in (*pools.contingents.values(), *pools.quotas.values()))
        things = (
            *self.capacities.values(),
            *self.stock.levels.values(),
            *self.holds.values(),
            *self.leases.values(),
            *self.conflicts,
            *accounts,
        )
        self.before = {id(thing): copy(thing) for thing in things}

    def changed(self, things: Iterable[Any]) -> list[Any]:
        """Those that differ from what was loaded, or are new."""
        return [thing for thing in things if self.before.get(id(thing)) != thing]


def opened(
    session: Session,
    *,
    performances: Iterable[str] = (),
    articles: Iterable[Shelf] = (),
    holds: Iterable[str] = (),
    new_holds: Iterable[str] = (),
    leases: Iterable[str] = (),
    exchanged: Iterable[str] = (),
    till_id: str = "",
) -> OpenBook:
    """Lock and load these, with the capacities and articles of the holds and leases. `till_id`: its active leases too;
    `exchanged`: holds with what came back of them, as are those that a named hold gives back; `new_holds`: those that
    are to be made, which are there already only if they are asked for again, for what is named here.

    What does not exist is simply not in the book. Raises LostRace.
    """
    exchanged = set(exchanged)
    hold_ids, lease_ids = sorted({*holds, *exchanged}), sorted(set(leases))
    performance_ids, keys = set(performances), set(articles)
    known = _hold_lines(_HOLD_LINES.rows(session, ids=hold_ids)) if hold_ids else {}
    exchanged |= {given.hold_id for found in known.values() for given in found.gives_back}
    if not exchanged <= set(hold_ids):
        hold_ids = sorted({*hold_ids, *exchanged})
        known |= _hold_lines(_HOLD_LINES.rows(session, ids=sorted(exchanged)))
    for line in (line for found in known.values() for line in found.lines):
        if line.performance_id:
            performance_ids.add(line.performance_id)
        else:
            keys.add(Shelf(line.place_id, line.product_id, line.option))
    if lease_ids:
        performance_ids |= {row[0] for row in _OF_LEASES.rows(session, ids=lease_ids)}
    book = OpenBook()
    _lock_capacities_and_holds(
        session, book, sorted(performance_ids), hold_ids, sorted({*new_holds} - {*hold_ids}), known
    )
    book.stock.levels = lock_stock(session, keys)
    if lease_ids or till_id:
        _lock_leases(session, book, lease_ids, till_id)
    if exchanged:
        _read_returns(session, book, sorted(exchanged))
    book.remember()
    return book


def many_leases(session: Session, performance_ids: Iterable[str]) -> dict[str, int]:
    """How many tills hold an active lease for each of these performances."""
    return {one: count for one, count in _MANY_LEASES.rows(session, ids=list(performance_ids))}


@dataclass(frozen=True)
class _Lines:
    """What never changes of a hold, so that it may be read before anything is locked."""

    lines: tuple[HoldLine, ...]
    gives_back: tuple[GivenBack, ...]


def _hold_lines(rows: Iterable[tuple[Any, ...]]) -> dict[str, _Lines]:
    lines: dict[str, tuple[HoldLine, ...]] = {}
    given: dict[str, tuple[GivenBack, ...]] = {}
    for hold_id, performance_id, product_id, option, quantity, seats, draws, place_id, gives_back in rows:
        line = HoldLine(
            performance_id or "", product_id or "", option, quantity, tuple(seats or ()), draws=_draws(draws),
            place_id=(place_id or MAIN_PLACE) if product_id else "",
        )  # fmt: skip
        lines[hold_id] = (*lines.get(hold_id, ()), line)
        given[hold_id] = tuple(
            GivenBack(sold_by, place, count, tuple(which)) for sold_by, place, count, which in gives_back or ()
        )
    return {hold_id: _Lines(found, given[hold_id]) for hold_id, found in lines.items()}


def _lock_capacities_and_holds(
    session: Session, book: Book, performance_ids: list[str], hold_ids: list[str], new_ids: list[str],
    known: dict[str, _Lines],
) -> None:  # fmt: skip
    """In one round trip, in this order."""
    if not performance_ids and not hold_ids and not new_ids:
        return
    with together(session):
        capacities = _LOCK_CAPACITIES.later(session, ids=performance_ids)
        heads = _LOCK_HOLDS.later(session, ids=sorted({*hold_ids, *new_ids}))
        lines = _HOLD_LINES.later(session, ids=new_ids)
    _load_capacities(session, book, capacities())
    known = known | _hold_lines(lines())
    for hold_id, mark, state, held_until in heads():
        if hold_id not in known:
            raise LostRace(f"hold {hold_id} was being made", hold_id=hold_id)
        of = known[hold_id]
        book.holds[hold_id] = Hold(hold_id, bytes(mark), of.lines, held_until, HoldState(state), of.gives_back)


def _load_capacities(session: Session, book: Book, found: list[tuple[Any, ...]]) -> None:
    pooled = [row[0] for row in found if row[-2]]
    if pooled:
        book.pools |= pools_of(session, pooled)
    if lacking := [row[0] for row in found if row[-1]]:
        rows = _OPEN_CONFLICTS.rows(session, ids=lacking)
        book.conflicts = list(map(_missing, rows))
    for *row, seat_version, rules, _, _ in found:
        capacity = Capacity(*row)
        book.capacities[capacity.performance_id] = capacity
        if capacity.plan_version_id:
            pools = book.pools.setdefault(capacity.performance_id, Pools(capacity.performance_id))
            seats = seat_map(
                session, capacity.performance_id, capacity.plan_version_id, seat_version, pools, rules_from(rules)
            )
            if seats is not None:
                book.seats[capacity.performance_id] = seats


def _missing(row: Sequence[Any]) -> Missing:
    *first, seats, revision = row
    facts: Any = (*first, tuple(seats), revision)
    return Missing(*facts)


def _lock_leases(session: Session, book: Book, lease_ids: list[str], till_id: str) -> None:
    performances = sorted(book.capacities)
    for row in _LOCK_LEASES.rows(session, ids=lease_ids, till_id=till_id, performances=performances):
        lease = Lease(*row)
        lease.state, lease.draws = LeaseState(lease.state), _draws(lease.draws)
        lease.seats, lease.reported_seats = tuple(lease.seats), tuple(lease.reported_seats)
        lease.refunded_seats = tuple(lease.refunded_seats)
        book.leases[lease.lease_id] = lease


def _read_returns(session: Session, book: Book, hold_ids: list[str]) -> None:
    for hold_id, performance_id, quantity, seats in _RETURNS.rows(session, ids=hold_ids):
        hold = book.holds[hold_id]
        hold.returned = (*hold.returned, GivenBack(hold_id, performance_id, quantity, tuple(seats)))


def _draws(plain: Mapping[Any, int] | None) -> Draws:
    return {int(account): count for account, count in (plain or {}).items()}


def write(session: Session, book: OpenBook) -> None:
    """Write back what changed, one statement per table, all in one round trip; what has come free goes to sealed sales
    that lack it before anybody can be sold it. Raises LostRace."""
    book.serve_who_waits()
    lacking = book.changed(book.conflicts)
    write_seats(session, book.seats.values())
    tell_low(session, book.stock, book.before)
    capacities = book.changed(book.capacities.values())
    changed = book.changed(book.holds.values())
    new = [hold for hold in changed if id(hold) not in book.before]
    known = [hold for hold in changed if id(hold) in book.before]
    with together(session):
        _WRITE_CAPACITIES.rows(session, ((c.performance_id, c.sold, c.held, c.leased, c.version) for c in capacities))
        for performance_id, pools in book.pools.items():
            save_contingents(session, performance_id, book.changed(pools.contingents.values()))
            save_quotas(session, performance_id, book.changed(pools.quotas.values()))
        write_stock(session, book.stock, book.before)
        _ADD_HOLDS.rows(
            session,
            (
                (h.hold_id, h.fingerprint, h.state, h.held_until, [astuple(x) for x in h.gives_back] or None)
                for h in new
            ),
        )
        _ADD_HOLD_LINES.rows(
            session,
            ((h.hold_id, i, x.performance_id or None, x.product_id or None, x.option, x.quantity, list(x.seats) or None,
              x.draws or None, x.place_id or None)
             for h in new for i, x in enumerate(h.lines)),
        )  # fmt: skip
        _WRITE_HOLDS.rows(session, ((h.hold_id, h.state, h.held_until) for h in known))
        _ADD_RETURNS.rows(
            session,
            ((h.hold_id, i, x.performance_id, x.quantity, x.seats)
             for h in known for i, x in enumerate(h.returned) if i >= len(book.before[id(h)].returned)),
        )  # fmt: skip
        _WRITE_LEASES.rows(session, map(astuple, book.changed(book.leases.values())))
        _WRITE_CONFLICTS.rows(session, map(astuple, lacking))
        outbox.record_all(session, "inventory.places.missing.v1", map(_missing_message, lacking))


def _missing_message(it: Missing) -> PlacesMissing:
    return PlacesMissing(
        performance_id=it.performance_id, order_id=it.order_id, line=it.line, sold_without=it.quantity,
        missing=it.left, seats=it.seats, cause=it.cause, revision=it.revision,
    )  # fmt: skip
