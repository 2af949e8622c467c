"""Contingents and quotas of performances, the seats in contingents, and the rules of seats."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from inventory.domain.contingents import Contingent, Pools, Quota, Sellers
from inventory.domain.seating_rules import USUAL, SeatingRules
from kit.sql import RowsStatement, Statement, insert
from seating.distance import Distance

_SELLERS = {"channels": "text[]", "points_of_sale": "text[]", "partners": "text[]"}
_CONTINGENT = {
    "performance_id": "uuid", "number": "smallint", "name": "text", **_SELLERS, "release_at": "timestamptz",
    "places": "integer", "taken": "integer",
}  # fmt: skip
_QUOTA = {
    "performance_id": "uuid", "number": "smallint", "name": "text", **_SELLERS, "at_most": "integer",
    "contingent": "smallint", "taken": "integer",
}  # fmt: skip


def _saved(table: str, columns: Mapping[str, str]) -> RowsStatement:
    changes = ", ".join(f"{name} = excluded.{name}" for name in list(columns)[2:])
    return insert(table, columns, f"ON CONFLICT (performance_id, number) DO UPDATE SET {changes}")


_SAVE_CONTINGENTS, _SAVE_QUOTAS = _saved("contingents", _CONTINGENT), _saved("quotas", _QUOTA)
_CONTINGENTS = Statement(
    "SELECT performance_id::text, number, name, channels, points_of_sale, partners, release_at, places, taken"
    " FROM contingents WHERE performance_id = ANY(CAST(:ids AS uuid[])) ORDER BY number"
)
_QUOTAS = Statement(
    "SELECT performance_id::text, number, name, channels, points_of_sale, partners, at_most, contingent, taken"
    " FROM quotas WHERE performance_id = ANY(CAST(:ids AS uuid[])) ORDER BY number"
)
_REMOVE_CONTINGENT = Statement("DELETE FROM contingents WHERE performance_id = CAST(:id AS uuid) AND number = :number")
_SAVE_RULES = Statement(
    "UPDATE capacities SET seating_rules = CAST(:rules AS jsonb) WHERE performance_id = CAST(:id AS uuid)"
)
_SEATS = Statement("SELECT seat, number FROM contingent_seats WHERE performance_id = CAST(:id AS uuid)")
_COUNTED = Statement(
    "SELECT number, count(*) FROM contingent_seats WHERE performance_id = CAST(:id AS uuid) GROUP BY number"
)
_FREE_SEATS = Statement(
    "SELECT c.performance_id::text, c.number, count(*) FROM contingent_seats c"
    " WHERE c.performance_id = ANY(CAST(:ids AS uuid[])) AND NOT EXISTS (SELECT FROM seats s"
    " WHERE s.performance_id = c.performance_id AND s.seat = c.seat) GROUP BY c.performance_id, c.number"
)
_PUT = insert(
    "contingent_seats", {"performance_id": "uuid", "seat": "integer", "number": "smallint"},
    "ON CONFLICT (performance_id, seat) DO UPDATE SET number = excluded.number",
)  # fmt: skip
_TAKE_OUT = RowsStatement(
    "DELETE FROM contingent_seats c USING {rows} WHERE c.performance_id = r.performance_id AND c.seat = r.seat",
    {"performance_id": "uuid", "seat": "integer"},
)


def pools_of(session: Session, performance_ids: Sequence[str]) -> dict[str, Pools]:
    """The contingents and quotas of these performances; those that have none are left out."""
    found: dict[str, Pools] = {}
    for performance_id, number, name, *sellers, release_at, places, taken in _CONTINGENTS.rows(
        session, ids=list(performance_ids)
    ):
        pools = found.setdefault(performance_id, Pools(performance_id))
        pools.contingents[number] = Contingent(number, name, _sellers(sellers), release_at, places, taken)
    for performance_id, number, name, *sellers, at_most, contingent, taken in _QUOTAS.rows(
        session, ids=list(performance_ids)
    ):
        pools = found.setdefault(performance_id, Pools(performance_id))
        pools.quotas[number] = Quota(number, name, _sellers(sellers), at_most, contingent, taken)
    return found


def save_contingents(session: Session, performance_id: str, contingents: Iterable[Contingent]) -> None:
    """Create them or replace them."""
    _SAVE_CONTINGENTS.rows(
        session,
        ((performance_id, x.number, x.name, *_lists(x.sellers), x.release_at, x.places, x.taken) for x in contingents),
    )


def save_quotas(session: Session, performance_id: str, quotas: Iterable[Quota]) -> None:
    """Create them or replace them."""
    _SAVE_QUOTAS.rows(
        session,
        ((performance_id, x.number, x.name, *_lists(x.sellers), x.at_most, x.contingent, x.taken) for x in quotas),
    )


def remove_contingent(session: Session, performance_id: str, number: int) -> None:
    """Forget a contingent that has no seats."""
    _REMOVE_CONTINGENT.rows(session, id=performance_id, number=number)


def save_rules(session: Session, performance_id: str, rules: SeatingRules) -> None:
    """How seats of this performance are given from now on."""
    until = rules.wheelchairs_release_at
    plain = {
        "orphans_refused_on": rules.orphans_refused_on, "orphans_below": rules.orphans_below,
        "distance": [rules.distance.seats, rules.distance.rows],
        "wheelchairs_release_at": until.isoformat() if until else None,
    }  # fmt: skip
    _SAVE_RULES.rows(session, id=performance_id, rules=json.dumps(plain))


def rules_from(plain: Mapping[str, Any] | None) -> SeatingRules:
    """Rules as they are kept; the usual ones where nobody said anything."""
    if plain is None:
        return USUAL
    until = plain["wheelchairs_release_at"]
    return SeatingRules(
        tuple(plain["orphans_refused_on"]), plain["orphans_below"], Distance(*plain["distance"]),
        datetime.fromisoformat(until) if until else None,
    )  # fmt: skip


def contingent_seats(session: Session, performance_id: str) -> list[tuple[int, int]]:
    """(seat, number) of every seat that is in a contingent."""
    return [(seat, number) for seat, number in _SEATS.rows(session, id=performance_id)]


def seats_by_contingent(session: Session, performance_id: str) -> dict[int, int]:
    """How many seats are assigned to each contingent."""
    return {number: count for number, count in _COUNTED.rows(session, id=performance_id)}


def free_seats_by_contingent(session: Session, performance_ids: Sequence[str]) -> dict[tuple[str, int], int]:
    """How many of them are free, by performance and contingent."""
    return {(one, number): count for one, number, count in _FREE_SEATS.rows(session, ids=list(performance_ids))}


def assign(session: Session, performance_id: str, numbers: Mapping[int, int]) -> None:
    """Put seats (ordinals) into contingents, by number; 0 takes them out."""
    out: Iterable[tuple[str, int]] = [(performance_id, seat) for seat, number in numbers.items() if not number]
    _TAKE_OUT.rows(session, out)
    _PUT.rows(session, [(performance_id, seat, number) for seat, number in sorted(numbers.items()) if number])


def _sellers(lists: Sequence[Sequence[str]]) -> Sellers:
    return Sellers(*(tuple(each) for each in lists))


def _lists(sellers: Sellers) -> tuple[list[str], list[str], list[str]]:
    return list(sellers.channels), list(sellers.points_of_sale), list(sellers.partners)
