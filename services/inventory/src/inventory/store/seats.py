"""Seats of numbered performances: rows for those that are not free, and one array per performance in memory.

Whoever holds the lock of a capacity brings its array up to date from `seat_changes` before deciding anything, so any
number of processes may sell the same performance. An array is kept for the next transaction once its commit is known.
"""

import threading
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from inventory.domain.contingents import Pools
from inventory.domain.seating_rules import SeatingRules
from inventory.domain.seats import SeatMap
from inventory.store.plans import PlanCache, plans_on_sale
from inventory.store.pools import assign, contingent_seats, pools_of, rules_from
from kit import outbox
from kit.errors import DomainError, Kind
from kit.sql import RowsStatement, Statement, insert
from seating import pack
from seating.allocation import Status
from ticketing.inventory.v1.events_pb2 import SeatsChanged

MOST_MAPS = 500
CHANGES_KEPT_HOURS = 24

_VERSION = Statement(
    "SELECT seat_version, plan_version_id::text, seating_rules FROM capacities WHERE performance_id = CAST(:id AS uuid)"
)
_CHANGES = Statement(
    "SELECT seats, states FROM seat_changes WHERE performance_id = CAST(:id AS uuid) AND version > :known"
    " AND version <= :version ORDER BY version"
)
_NOT_FREE = Statement("SELECT seat, state FROM seats WHERE performance_id = CAST(:id AS uuid)")
_SEAT = {"performance_id": "uuid", "seat": "integer", "owner": "uuid", "state": "smallint"}
_FREE = RowsStatement(
    "DELETE FROM seats s USING {rows} WHERE s.performance_id = r.performance_id AND s.seat = r.seat"
    " AND s.owner = r.owner RETURNING s.seat",
    {name: kind for name, kind in _SEAT.items() if name != "state"},
)
_TAKE = insert("seats", _SEAT)
_SETTLE = RowsStatement(
    "UPDATE seats s SET state = r.state FROM {rows} WHERE s.performance_id = r.performance_id AND s.seat = r.seat"
    " AND s.owner = r.owner RETURNING s.seat",
    _SEAT,
)
_ADD_CHANGE = Statement(
    "INSERT INTO seat_changes (performance_id, version, seats, states)"
    " VALUES (CAST(:id AS uuid), :version, :seats, :states)"
)
_MOVE_VERSION = Statement("UPDATE capacities SET seat_version = :version WHERE performance_id = CAST(:id AS uuid)")
_FORGET = Statement("DELETE FROM seat_changes WHERE changed_at < now() - CAST(:age AS interval)")


@dataclass(frozen=True)
class _Kept:
    version: int
    status: Status


class LostRace(DomainError):
    """Somebody else was there first, which locks should have prevented: do the whole transaction again."""

    kind, reason = Kind.BUSY, "LOST_RACE"


class SeatCache:
    """What this process knows of seats: plans as they are, arrays as of a version. Losing it costs time only."""

    def __init__(self) -> None:
        self.plans = PlanCache()
        self._maps: OrderedDict[str, _Kept] = OrderedDict()
        self._lock = threading.Lock()

    def status(self, session: Session, performance_id: str, version: int, seats: int) -> Status:
        """The seats as of that version, for the caller to change."""
        with self._lock:
            kept = self._maps.get(performance_id)
        if kept is not None and len(kept.status) != seats:
            kept = None  # before its first sale a performance may be given another plan
        if kept is not None and kept.version == version:
            return kept.status.copy()
        if kept is not None and kept.version < version:
            changes = _CHANGES.rows(session, id=performance_id, known=kept.version, version=version)
            if len(changes) == version - kept.version:
                return _applied(kept.status.copy(), changes)
        return _loaded(session, performance_id, seats)

    def forget(self, performance_ids: Iterable[str]) -> None:
        """Read these anew when they are next asked for: the database knew better."""
        with self._lock:
            for performance_id in performance_ids:
                self._maps.pop(performance_id, None)

    def keep(self, performance_id: str, version: int, status: Status) -> None:
        """Remember what is committed; older news change nothing."""
        with self._lock:
            kept = self._maps.get(performance_id)
            if kept is None or kept.version < version:
                self._maps[performance_id] = _Kept(version, status)
                self._maps.move_to_end(performance_id)
                while len(self._maps) > MOST_MAPS:
                    self._maps.popitem(last=False)


_caches: WeakKeyDictionary[Engine, SeatCache] = WeakKeyDictionary()
_caches_lock = threading.Lock()


def cache_of(session: Session) -> SeatCache:
    """One for each database that this process works on."""
    engine = session.get_bind().engine
    with _caches_lock:
        return _caches.setdefault(engine, SeatCache())


def seat_map(
    session: Session, performance_id: str, plan_version_id: str, version: int, pools: Pools, rules: SeatingRules
) -> SeatMap | None:
    """The seats of a performance whose capacity is locked, or read in this transaction; None without its plan."""
    cache = cache_of(session)
    allocator = cache.plans.allocator(session, plan_version_id)
    if allocator is None:
        return None
    status = cache.status(session, performance_id, version, len(allocator.index))
    return SeatMap(performance_id, allocator, status, version, pools, rules)


def status(session: Session, performance_id: str) -> tuple[str | None, SeatMap | None] | None:
    """(plan version, its seats) as they stand; None for a performance that is unknown. Locks nothing."""
    found = _VERSION.rows(session, id=performance_id)
    if not found:
        return None
    version, plan_version_id, rules = found[0]
    if plan_version_id is None:
        return None, None
    pools = pools_of(session, [performance_id]).get(performance_id) or Pools(performance_id)
    seats = seat_map(session, performance_id, plan_version_id, version, pools, rules_from(rules))
    if seats is not None:
        cache_of(session).keep(performance_id, version, seats.status)
    return plan_version_id, seats


def write_seats(session: Session, maps: Iterable[SeatMap]) -> None:
    """Write what has moved, tell it, and count the version up. Raises LostRace when the database knows better."""
    told = []
    freed: list[tuple[str, int, str]] = []
    settled: list[tuple[str, int, str, int]] = []
    taken: list[tuple[str, int, str, int]] = []
    for seats in maps:
        moves = seats.changed()
        if not moves and not seats.assigned and not seats.shows_otherwise():
            continue
        if seats.assigned:
            assign(session, seats.performance_id, seats.assigned)
        for seat, move in sorted(moves.items()):
            if move.before is not None and move.before != move.after:
                freed.append((seats.performance_id, seat, move.before))
            if move.after is not None:
                row = (seats.performance_id, seat, move.after, int(move.state))
                (settled if move.before == move.after else taken).append(row)
        told.append((seats, sorted({*moves, *seats.assigned})))
    if not told:
        return
    if len(_FREE.rows(session, freed)) != len(freed) or len(_SETTLE.rows(session, settled)) != len(settled):
        raise LostRace("a seat is not its owner's any more")
    _TAKE.rows(session, taken)
    for seats, ordinals in told:
        before, seats.version = seats.version, seats.version + 1
        states = _states(seats.status, ordinals)
        _ADD_CHANGE.rows(session, id=seats.performance_id, version=seats.version, seats=ordinals, states=states)
        _MOVE_VERSION.rows(session, id=seats.performance_id, version=seats.version)
        if seats.shown_before is not None:  # distance: one seat's change shows on those around it
            shown = seats.shown()
            ordinals = (np.flatnonzero(shown != seats.shown_before) + 1).tolist()
            states = _states(shown, ordinals)
        outbox.record(
            session,
            "inventory.seats.changed.v1",
            SeatsChanged(
                performance_id=seats.performance_id, from_version=before, to_version=seats.version, ordinals=ordinals,
                states=states,
            ),
        )  # fmt: skip


def _states(status: Status, ordinals: Sequence[int]) -> bytes:
    states: bytes = status[np.asarray(ordinals, np.int64) - 1].tobytes()
    return states


def keep_seats(session: Session, maps: Mapping[str, SeatMap]) -> None:
    """After the commit: this process need not read its own changes again."""
    cache = cache_of(session)
    for seats in maps.values():
        cache.keep(seats.performance_id, seats.version, seats.status)


def forget_seats(session: Session, performance_ids: Iterable[str]) -> None:
    """After a transaction that the database refused: what this process believes may be wrong."""
    cache_of(session).forget(performance_ids)


def warm_plans(session: Session) -> None:
    """Make the arrays of all plans that are on sale, before somebody waits for them with a lock in hand."""
    for plan_version_id in plans_on_sale(session):
        cache_of(session).plans.allocator(session, plan_version_id)


def forget_changes(session: Session) -> None:
    """Changes that no process is so far behind to need; who is, reads all seats again."""
    _FORGET.rows(session, age=f"{CHANGES_KEPT_HOURS} hours")


def _applied(status: Status, changes: Iterable[Sequence[Any]]) -> Status:
    for seats, states in changes:
        status[np.asarray(seats, np.int64) - 1] = np.frombuffer(bytes(states), np.uint8)
    return status


def _loaded(session: Session, performance_id: str, seats: int) -> Status:
    status = np.zeros(seats, np.uint8)
    rows = _NOT_FREE.rows(session, id=performance_id)
    if rows:
        taken, states = np.asarray(rows).T
        status[taken - 1] = states
    numbered = contingent_seats(session, performance_id)
    if numbered:
        apart, numbers = np.asarray(numbered).T
        status[apart - 1] = pack(status[apart - 1], numbers.astype(np.uint8))
    return status
