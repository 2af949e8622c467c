"""A plan as other people's files tell it: where seats are, and not always who sits beside whom or how good a seat is.

What a file does not say is *proposed*: seats of a row that stand no further apart than one and a half times what is
usual in that row are neighbours; the best seats are the nearest to the focus, which is the middle of the upper edge.
Somebody must look. Positions are in the file's own unit; seats usually stand half a metre apart, which gives the
scale.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Any

from seating.faults import Fault, Severity
from seating.plan import FORMAT, Plan

USUAL_PITCH_CM = 50
REACH = 1.5  # times the usual distance of the row
MARGIN_CM = 200
PALETTE = ("#8c1d40", "#1f6f78", "#b7791f", "#5b4b8a", "#3f6b3a", "#7a4a2b", "#2b5a8a", "#6b6b6b")


@dataclass(frozen=True)
class Imported:
    """A plan out of somebody's file. `proposed`: what the file did not say, as warnings about the whole plan."""

    plan: Plan
    proposed: tuple[Fault, ...] = ()


@dataclass
class SketchSeat:
    """`quality` None: to be proposed. `left`, `right`: a neighbour's id, "" at an aisle; None: nothing is said."""

    id: str
    label: str
    category: str  # code
    x: float
    y: float
    left: str | None = None
    right: str | None = None
    quality: int | None = None
    traits: int = 0
    companion_of: str | None = None
    box: str = ""


@dataclass
class SketchRow:
    """Seats from left to right. `told`: their neighbours are known."""

    label: str
    seats: list[SketchSeat]
    told: bool = False


@dataclass
class SketchZone:
    id: str
    name: str
    rows: list[SketchRow]


@dataclass
class Sketch:
    """`cm`: how many centimetres the unit of positions is; None: to be proposed. `focus` in the same unit."""

    name: object
    categories: list[dict[str, str]]
    zones: list[SketchZone]
    cm: float | None = None
    focus: tuple[float, float] | None = None
    size: tuple[int, int] | None = None  # centimetres, of a sketch whose positions are centimetres already
    _rows: list[SketchRow] = field(init=False)

    def __post_init__(self) -> None:
        self._rows = [row for zone in self.zones for row in zone.rows]

    def proposed(self) -> tuple[Fault, ...]:
        """What `document` makes up."""
        seats = sum(len(row.seats) for row in self._rows if not row.told)
        ranks = sum(seat.quality is None for row in self._rows for seat in row.seats)
        counted = (("NEIGHBOURS_PROPOSED", seats), ("QUALITY_PROPOSED", ranks))
        return tuple(Fault(reason, (), {"seats": str(n)}, Severity.WARNING) for reason, n in counted if n)

    def document(self) -> dict[str, Any]:
        """The plan in its own format, for `read_plan`."""
        seats = [seat for row in self._rows for seat in row.seats]
        gaps = [gap for row in self._rows for gap in _gaps(row)]
        scale = self.cm or (USUAL_PITCH_CM / median(gaps) if gaps else 1.0)
        spots = [(seat.x, seat.y) for seat in seats] + ([self.focus] if self.focus else [])
        moved = (0.0, 0.0)
        if self.size is None:
            moved = min((x for x, _ in spots), default=0) - MARGIN_CM / scale, min((y for _, y in spots), default=0)
            moved = moved[0], moved[1] - MARGIN_CM / scale

        def place(spot: tuple[float, float]) -> tuple[int, int]:
            return round((spot[0] - moved[0]) * scale), round((spot[1] - moved[1]) * scale)

        placed = [place(spot) for spot in spots]
        width, height = self.size or (
            max((x for x, _ in placed), default=0) + MARGIN_CM, max((y for _, y in placed), default=0) + MARGIN_CM
        )  # fmt: skip
        focus = place(self.focus) if self.focus else (width // 2, 0)
        ranks = _ranks([place((seat.x, seat.y)) for seat in seats], focus)
        rank_of = {id(seat): rank for seat, rank in zip(seats, ranks, strict=True)}

        def said(seat: SketchSeat, sides: tuple[str | None, str | None]) -> dict[str, Any]:
            x, y = place((seat.x, seat.y))
            found: dict[str, Any] = {
                "id": seat.id, "label": seat.label, "x": x, "y": y, "category": seat.category,
                "quality": rank_of[id(seat)] if seat.quality is None else seat.quality,
            }  # fmt: skip
            more = {"left": sides[0], "right": sides[1], "traits": seat.traits, "companion_of": seat.companion_of}
            return found | {key: value for key, value in (more | {"box": seat.box}).items() if value}

        zones = [
            {"id": zone.id, "name": zone.name, "rows": [
                {"label": row.label, "seats": [said(*each) for each in zip(row.seats, _sides(row), strict=True)]}
                for row in zone.rows
            ]} for zone in self.zones
        ]  # fmt: skip
        return {
            "format": FORMAT, "name": self.name, "width": width, "height": height, "focus": list(focus),
            "categories": self.categories, "zones": zones,
        }  # fmt: skip


def colour_of(value: object, number: int) -> str:
    """The colour, if it is one; else one of the palette."""
    plain = isinstance(value, str) and len(value) == 7 and value.startswith("#")
    return str(value) if plain else PALETTE[number % len(PALETTE)]


def _ranks(places: Sequence[tuple[int, int]], focus: tuple[int, int]) -> list[int]:
    """1 to 1000, the nearest to the focus first."""
    order = sorted(range(len(places)), key=lambda each: (math.dist(places[each], focus), each))
    ranks = [1] * len(places)
    for position, each in enumerate(order):
        ranks[each] = 1 + position * 999 // len(places)
    return ranks


def _gaps(row: SketchRow) -> list[float]:
    """Distances from each seat to the next; seats on one spot say nothing."""
    pairs = zip(row.seats, row.seats[1:], strict=False)
    return [gap for one, other in pairs if (gap := math.dist((one.x, one.y), (other.x, other.y)))]


def _sides(row: SketchRow) -> list[tuple[str | None, str | None]]:
    """(left, right) of each seat of a row, as told or as proposed."""
    if row.told:
        return [(seat.left, seat.right) for seat in row.seats]
    gaps = _gaps(row)
    reach = REACH * median(gaps) if gaps else 0
    rights: list[str | None] = []
    for one, other in zip(row.seats, row.seats[1:], strict=False):
        near = 0 < math.dist((one.x, one.y), (other.x, other.y)) <= reach
        rights.append(other.id if near and one.right is None and other.left is None else None)
    rights.append(None)
    lefts = [None, *(seat.id if right else None for seat, right in zip(row.seats, rights, strict=False))]
    return list(zip(lefts, rights, strict=False)) if row.seats else []
