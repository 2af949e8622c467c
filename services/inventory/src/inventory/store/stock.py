"""Articles in their places: levels are locked and written with a book, movements only ever added."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy.orm import Session

from inventory.domain import Act, Cause, Movement, Shelf, Shelves, StockLevel, StockState
from kit import outbox
from kit.sql import RowsStatement, Statement, insert
from ticketing.inventory.v1.events_pb2 import StockLow

SHELF = {"place_id": "uuid", "product_id": "uuid", "option": "text"}
_SHELVE = insert("shelves", SHELF, "ON CONFLICT DO NOTHING")
_LOCK = RowsStatement(
    "SELECT s.product_id::text, s.option, s.on_hand, s.held, s.place_id::text, s.threshold"
    " FROM {rows} JOIN shelves s USING (place_id, product_id, option)"
    " ORDER BY s.place_id, s.product_id, s.option FOR UPDATE OF s",
    SHELF,
)
_WRITE = RowsStatement(
    "UPDATE shelves s SET on_hand = r.on_hand, held = r.held, threshold = r.threshold FROM {rows}"
    " WHERE s.place_id = r.place_id AND s.product_id = r.product_id AND s.option = r.option",
    SHELF | {"on_hand": "integer", "held": "integer", "threshold": "integer"},
)
_ADD_MOVEMENTS = insert(
    "stock_movements",
    SHELF | {"quantity": "integer", "cause": "smallint", "reference": "text", "by_id": "text", "by_name": "text",
             "note": "text"},
)  # fmt: skip
_NAMES = Statement("SELECT place_id::text, name FROM stock_places WHERE place_id = ANY(CAST(:ids AS uuid[]))")
_SELL_FROM = Statement(
    "SELECT point_of_sale_id, place_id::text FROM stock_sellers WHERE point_of_sale_id = ANY(:points_of_sale)"
    " UNION ALL SELECT till_id, place_id::text FROM tills JOIN stock_sellers USING (point_of_sale_id)"
    " WHERE till_id = ANY(:tills)"
)
_STATE = (
    f"CASE WHEN on_hand < 0 THEN {StockState.NEGATIVE:d} WHEN on_hand = 0 THEN {StockState.OUT:d}"
    f" WHEN on_hand <= threshold THEN {StockState.LOW:d} ELSE {StockState.OK:d} END"
)
_FOUND = (
    "(CAST(:place_id AS uuid) IS NULL OR place_id = CAST(:place_id AS uuid))"
    " AND (:everything OR product_id = ANY(CAST(:product_ids AS uuid[])))"
)
_LEVELS = Statement(
    "SELECT product_id::text, option, on_hand, held, place_id::text, threshold FROM shelves"  # noqa: S608 - ours
    f" WHERE {_FOUND} AND (NOT :watched OR threshold IS NOT NULL OR on_hand < 0)"
    f" AND (:any_state OR {_STATE} = ANY(CAST(:states AS integer[])))"
    " ORDER BY product_id, option, place_id LIMIT :limit"
)
_SUMS = Statement(
    "SELECT product_id::text, option, sum(on_hand)::integer, sum(held)::integer FROM shelves"  # noqa: S608 - ours
    f" WHERE {_FOUND} GROUP BY product_id, option ORDER BY product_id, option LIMIT :limit"
)
_MOVEMENTS = Statement(
    "SELECT id, moved_at, place_id::text, product_id::text, option, quantity, cause, reference, by_id, by_name, note"
    " FROM stock_movements WHERE id < :before"
    " AND (CAST(:product_id AS uuid) IS NULL OR product_id = CAST(:product_id AS uuid) AND option = :option)"
    " AND (CAST(:place_id AS uuid) IS NULL OR place_id = CAST(:place_id AS uuid)) ORDER BY id DESC LIMIT :limit"
)


class Recorded(NamedTuple):
    """A movement as the journal has it."""

    movement_id: int
    moved_at: datetime
    movement: Movement


def shelve(session: Session, shelves: Iterable[Shelf]) -> None:
    """Make a level for each that there is none of."""
    _SHELVE.rows(session, sorted(set(shelves)))


def lock_stock(session: Session, shelves: Iterable[Shelf]) -> dict[Shelf, StockLevel]:
    """Lock and load these, in order; what is nowhere is left out."""
    found = [StockLevel(*row) for row in _LOCK.rows(session, sorted(set(shelves)))]
    return {level.shelf: level for level in found}


def write_stock(session: Session, stock: Shelves, before: Mapping[int, Any]) -> None:
    """Write what is no longer as it was `before`, with its movements."""
    _WRITE.rows(
        session,
        ((*level.shelf, level.on_hand, level.held, level.threshold)
         for level in stock.levels.values() if before[id(level)] != level),
    )  # fmt: skip
    _ADD_MOVEMENTS.rows(
        session,
        ((*m.shelf, m.quantity, m.cause, m.act.reference, m.act.by_id, m.act.by_name, m.act.note)
         for m in stock.movements),
    )  # fmt: skip


def tell_low(session: Session, stock: Shelves, before: Mapping[int, Any]) -> None:
    """Tell of what is low, and was not `before`. Its lock is held, so each crossing is told once."""
    low = [level for level in stock.levels.values() if level.is_low and not before[id(level)].is_low]
    if not low:
        return
    names = dict(_NAMES.rows(session, ids=[level.place_id for level in low]))
    outbox.record_all(
        session,
        "inventory.stock.low.v1",
        [StockLow(
            place_id=level.place_id, place_name=names[level.place_id], product_id=level.product_id,
            option=level.option, on_hand=level.on_hand, threshold=level.threshold,
        ) for level in low],
    )  # fmt: skip


def selling_places(session: Session, points_of_sale: Iterable[str] = (), tills: Iterable[str] = ()) -> dict[str, str]:
    """From which place these points of sale and tills sell; those that sell from the main one are left out."""
    wanted = {"points_of_sale": sorted(set(points_of_sale) - {""}), "tills": sorted(set(tills) - {""})}
    return dict(_SELL_FROM.rows(session, **wanted)) if any(wanted.values()) else {}


def levels(
    session: Session, place_id: str, product_ids: Sequence[str], states: Sequence[int], watched: bool, limit: int
) -> list[StockLevel]:
    """Levels of a place, or of all; of these articles, if any are named; in one of these states, if any are named.

    `watched`: only those that have a threshold or are negative.
    """
    rows = _LEVELS.rows(
        session, place_id=place_id or None, everything=not product_ids, product_ids=list(product_ids),
        any_state=not states, states=list(states), watched=watched, limit=limit or None,
    )  # fmt: skip
    return [StockLevel(*row) for row in rows]


def sums(session: Session, place_id: str, product_ids: Sequence[str], limit: int) -> list[StockLevel]:
    """The levels of all places together; they are of no place."""
    rows = _SUMS.rows(
        session, place_id=place_id or None, everything=not product_ids, product_ids=list(product_ids),
        limit=limit or None,
    )  # fmt: skip
    return [StockLevel(product_id, option, on_hand, held, place_id="") for product_id, option, on_hand, held in rows]


def movements(session: Session, product_id: str, option: str, place_id: str, before: int, limit: int) -> list[Recorded]:
    """The newest first, older than `before`: of an option of an article, or of all; of a place, or of all."""
    rows = _MOVEMENTS.rows(
        session, product_id=product_id or None, option=option, place_id=place_id or None, before=before, limit=limit
    )
    found = []
    for movement_id, moved_at, *shelf, quantity, cause, reference, by_id, by_name, note in rows:
        act = Act(reference, by_id, by_name, note)
        found.append(Recorded(movement_id, moved_at, Movement(Shelf(*shelf), quantity, Cause(cause), act)))
    return found
