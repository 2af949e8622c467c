"""Where stock lies, and who sells from there."""

from collections.abc import Iterable

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from inventory.domain import MAIN_PLACE, StockPlace
from inventory.domain.errors import StockPlaceClosed, StockPlaceNameTaken, StockPlaceNotFound
from kit.sql import Statement, insert

_PLACES = Statement(
    "SELECT p.place_id::text, p.name, array_remove(array_agg(s.point_of_sale_id ORDER BY s.point_of_sale_id), NULL),"
    " p.closed_at IS NOT NULL FROM stock_places p LEFT JOIN stock_sellers s USING (place_id)"
    " GROUP BY p.place_id"
    " ORDER BY p.place_id <> CAST(:main AS uuid), p.closed_at IS NOT NULL, lower(p.name)"
)
_OPEN = Statement(
    "SELECT place_id::text, closed_at IS NOT NULL FROM stock_places WHERE place_id = ANY(CAST(:ids AS uuid[]))"
    " ORDER BY place_id FOR SHARE"
)
_LOCK = Statement("SELECT name FROM stock_places WHERE place_id = CAST(:id AS uuid) FOR UPDATE")
_SAVE = Statement(
    "INSERT INTO stock_places (place_id, name) VALUES (CAST(:id AS uuid), :name)"
    " ON CONFLICT (place_id) DO UPDATE SET name = excluded.name, closed_at = NULL"
)
_CLOSE = Statement("UPDATE stock_places SET closed_at = now() WHERE place_id = CAST(:id AS uuid) AND closed_at IS NULL")
_DISMISS = Statement("DELETE FROM stock_sellers WHERE place_id = CAST(:id AS uuid)")
_ENGAGE = insert(
    "stock_sellers", {"point_of_sale_id": "text", "place_id": "uuid"},
    "ON CONFLICT (point_of_sale_id) DO UPDATE SET place_id = excluded.place_id",
)  # fmt: skip
_NOT_EMPTY = Statement(
    "SELECT count(*) FROM shelves WHERE place_id = CAST(:id AS uuid) AND (on_hand <> 0 OR held <> 0)"
)
_POINT_OF_SALE = Statement("SELECT point_of_sale_id FROM tills WHERE till_id = :till")
_ENROL = insert(
    "tills", {"till_id": "text", "point_of_sale_id": "text"},
    "ON CONFLICT (till_id) DO UPDATE SET point_of_sale_id = excluded.point_of_sale_id",
)  # fmt: skip


def places(session: Session) -> list[StockPlace]:
    """The main one first, then by name, the closed ones last."""
    rows = _PLACES.rows(session, main=MAIN_PLACE)
    return [StockPlace(place_id, name, tuple(who), closed) for place_id, name, who, closed in rows]


def must_be_open(session: Session, place_ids: Iterable[str]) -> None:
    """Nobody closes these before this transaction ends. Raises StockPlaceNotFound, StockPlaceClosed."""
    wanted = sorted(set(place_ids))
    found = dict(_OPEN.rows(session, ids=wanted))
    for place_id in wanted:
        if place_id not in found:
            raise StockPlaceNotFound("no such stock place", place_id=place_id)
        if found[place_id]:
            raise StockPlaceClosed("this stock place is closed", place_id=place_id)


def save_place(session: Session, place: StockPlace) -> None:
    """Make it, or rename it and open it again; its points of sale leave any other place. Raises StockPlaceNameTaken."""
    try:
        with session.begin_nested():
            _SAVE.rows(session, id=place.place_id, name=place.name)
    except IntegrityError as taken:
        raise StockPlaceNameTaken(f"another stock place is called {place.name}", name=place.name) from taken
    _DISMISS.rows(session, id=place.place_id)
    _ENGAGE.rows(session, ((who, place.place_id) for who in sorted(place.points_of_sale)))


def close_place(session: Session, place_id: str) -> int:
    """Close it, unless articles lie there: gives how many do. Raises StockPlaceNotFound."""
    if not _LOCK.rows(session, id=place_id):
        raise StockPlaceNotFound("no such stock place", place_id=place_id)
    ((articles,),) = _NOT_EMPTY.rows(session, id=place_id)
    if not articles:
        _DISMISS.rows(session, id=place_id)
        _CLOSE.rows(session, id=place_id)
    return int(articles)


def point_of_sale_of(session: Session, till_id: str) -> str:
    """Where a till was enrolled; empty: not known here."""
    found = _POINT_OF_SALE.rows(session, till=till_id)
    return str(found[0][0]) if found else ""


def enrol_tills(session: Session, tills: Iterable[tuple[str, str]]) -> None:
    """Note the point of sale of each till."""
    _ENROL.rows(session, sorted(dict(tills).items()))
