"""Questions that lock nothing."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from inventory.domain import Capacity, Lease, LeaseState
from kit.sql import Statement

LEASE = "lease_id, till_id, performance_id, granted, returned, used, reported_used, epoch, expires_at, state, seats"
_LATE = "SELECT h.hold_id::text FROM holds h WHERE state = 1 AND held_until <= :now"
_FIRST = " ORDER BY held_until LIMIT :limit"
_EXPIRED = Statement(_LATE + _FIRST)
_EXPIRED_OF = Statement(
    _LATE + " AND EXISTS (SELECT FROM hold_lines l WHERE l.hold_id = h.hold_id"
    " AND l.performance_id = ANY(CAST(:ids AS uuid[])))" + _FIRST
)
_MISSING = Statement(
    "SELECT performance_id::text, sum(quantity - refunded - found)::integer FROM conflicts"
    " WHERE refunded + found < quantity AND performance_id = ANY(CAST(:ids AS uuid[])) GROUP BY performance_id"
)
_WITH_ROOM = Statement(
    "SELECT DISTINCT performance_id::text FROM conflicts m JOIN capacities c USING (performance_id)"
    " WHERE refunded + found < quantity AND sold + held + leased < total AND (plan_version_id IS NULL OR EXISTS"
    " (SELECT FROM unnest(m.seats) AS wanted WHERE NOT EXISTS (SELECT FROM seats s"
    " WHERE s.performance_id = m.performance_id AND s.seat = wanted)))"
)


def missing_places(session: Session, performance_ids: Sequence[str]) -> dict[str, int]:
    """How many places of these performances were sold though there were none, and still lack."""
    if not performance_ids:
        return {}
    return {one: count for one, count in _MISSING.rows(session, ids=list(performance_ids))}


def waiting_with_room(session: Session) -> list[str]:
    """Performances with places free for a sealed sale that lacks them: as when the programme opened more."""
    return [performance_id for (performance_id,) in _WITH_ROOM.rows(session)]


def availabilities(session: Session, performance_ids: Sequence[str]) -> list[Capacity]:
    """The capacities of these performances, or of all; unknown ones are left out."""
    where = "WHERE performance_id = ANY(CAST(:ids AS uuid[]))" if performance_ids else ""
    listed = "performance_id, total, starts_at, ends_at, on_sale, sold, held, leased, version, plan_version_id::text"
    query = text(f"SELECT {listed} FROM capacities {where} ORDER BY starts_at, performance_id")  # noqa: S608 - ours
    values = {"ids": list(performance_ids)} if performance_ids else {}
    return [Capacity(str(row[0]), *row[1:]) for row in session.execute(query, values)]


def expired_holds(session: Session, now: datetime, performance_ids: Sequence[str] = (), limit: int = 200) -> list[str]:
    """Holds whose time is up, oldest first; only those with places of these performances, if any are named."""
    if performance_ids:
        rows = _EXPIRED_OF.rows(session, now=now, limit=limit, ids=list(performance_ids))
    else:
        rows = _EXPIRED.rows(session, now=now, limit=limit)
    return [hold_id for (hold_id,) in rows]


def leases(session: Session, till_id: str = "", performance_id: str = "") -> list[Lease]:
    """Leases that are active or still hold places for sales on their way, by till."""
    where = "(state = 1 OR granted > returned + used)"
    where += " AND till_id = :till_id" if till_id else ""
    where += " AND performance_id = CAST(:performance_id AS uuid)" if performance_id else ""
    values = {name: value for name, value in (("till_id", till_id), ("performance_id", performance_id)) if value}
    query = text(f"SELECT {LEASE} FROM leases WHERE {where} ORDER BY till_id, expires_at, lease_id")  # noqa: S608 - ours
    found = []
    for row in session.execute(query, values).mappings():
        ids = {"lease_id": str(row["lease_id"]), "performance_id": str(row["performance_id"])}
        found.append(Lease(**dict(row) | ids | {"state": LeaseState(row["state"]), "seats": tuple(row["seats"])}))
    return found


def till_leases(session: Session, till_id: str) -> list[tuple[str, str]]:
    """The till's active leases with their performances."""
    query = text("SELECT lease_id, performance_id FROM leases WHERE till_id = :till_id AND state = 1")
    return [
        (str(lease_id), str(performance_id))
        for lease_id, performance_id in session.execute(query, {"till_id": till_id})
    ]


def performances_of_leases(session: Session, lease_ids: Sequence[str]) -> dict[str, str]:
    """The performance of each of these leases."""
    query = text("SELECT lease_id, performance_id FROM leases WHERE lease_id = ANY(CAST(:ids AS uuid[]))")
    return {str(lease_id): str(found) for lease_id, found in session.execute(query, {"ids": list(lease_ids)})}
