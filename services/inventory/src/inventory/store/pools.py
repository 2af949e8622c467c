"""Contingents of numbered performances, and the seats in them."""

from collections.abc import Iterable, Mapping
from dataclasses import astuple

from sqlalchemy.orm import Session

from inventory.domain.contingents import Contingent
from kit.sql import RowsStatement, Statement, insert

_COLUMNS = {
    "performance_id": "uuid", "number": "smallint", "name": "text", "channels": "text[]", "points_of_sale": "text[]",
    "partners": "text[]", "release_at": "timestamptz",
}  # fmt: skip
_OF = Statement(
    "SELECT number, name, channels, points_of_sale, partners, release_at FROM contingents"
    " WHERE performance_id = CAST(:id AS uuid)"
)
_SAVE = insert(
    "contingents", _COLUMNS,
    "ON CONFLICT (performance_id, number) DO UPDATE SET name = excluded.name, channels = excluded.channels,"
    " points_of_sale = excluded.points_of_sale, partners = excluded.partners, release_at = excluded.release_at",
)  # fmt: skip
_SEATS = Statement("SELECT seat, number FROM contingent_seats WHERE performance_id = CAST(:id AS uuid)")
_PUT = insert(
    "contingent_seats", {"performance_id": "uuid", "seat": "integer", "number": "smallint"},
    "ON CONFLICT (performance_id, seat) DO UPDATE SET number = excluded.number",
)  # fmt: skip
_TAKE_OUT = RowsStatement(
    "DELETE FROM contingent_seats c USING {rows} WHERE c.performance_id = r.performance_id AND c.seat = r.seat",
    {"performance_id": "uuid", "seat": "integer"},
)


def contingents_of(session: Session, performance_id: str) -> dict[int, Contingent]:
    """By number."""
    return {
        number: Contingent(number, name, tuple(channels), tuple(points), tuple(partners), until)
        for number, name, channels, points, partners, until in _OF.rows(session, id=performance_id)
    }


def save_contingent(session: Session, performance_id: str, contingent: Contingent) -> None:
    """Create it or replace it."""
    _SAVE.rows(session, [(performance_id, *astuple(contingent))])


def contingent_seats(session: Session, performance_id: str) -> list[tuple[int, int]]:
    """(seat, number) of every seat that is in a contingent."""
    return [(seat, number) for seat, number in _SEATS.rows(session, id=performance_id)]


def assign(session: Session, performance_id: str, numbers: Mapping[int, int]) -> None:
    """Put seats (ordinals) into contingents, by number; 0 takes them out."""
    out: Iterable[tuple[str, int]] = [(performance_id, seat) for seat, number in numbers.items() if not number]
    _TAKE_OUT.rows(session, out)
    _PUT.rows(session, [(performance_id, seat, number) for seat, number in sorted(numbers.items()) if number])
