"""The pretix seating plan, the one JSON format for plans that travels between systems (domain 6.7).

It knows zones, rows, seats with their positions, and categories by name. What it lacks – neighbours, quality, traits,
companions, boxes, areas with a capacity, the focus – travels in a side file of ours, by `seat_guid`; with it nothing is
lost. Without it they are proposed (`formats.sketch`).

Positions there are pixels, each inside its row's inside its zone's; seats usually stand 25 pixels apart.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from seating.formats.sketch import Imported, Sketch, SketchRow, SketchSeat, SketchZone, colour_of
from seating.plan import FORMAT, Plan
from seating.reading import InvalidPlan, Problem, read_plan

SIDE_FORMAT = "ticketing-plan-side/1"
CM_PER_PIXEL = 2


def to_pretix(plan: Plan) -> tuple[dict[str, Any], dict[str, Any]]:
    """(the plan in pretix's format, the side file)."""
    own = plan.to_json()
    names = {category.code: category.name for category in plan.categories}
    zones = [
        {
            "name": zone.name,
            "position": {"x": 0, "y": 0},
            "rows": [
                {
                    "row_number": row.label,
                    "position": {"x": 0, "y": 0},
                    "seats": [
                        {"seat_guid": seat.id, "seat_number": seat.label, "category": names[seat.category],
                         "position": {"x": seat.x // CM_PER_PIXEL, "y": seat.y // CM_PER_PIXEL}}
                        for seat in row.seats
                    ],
                }
                for row in zone.rows
            ],
            "areas": [],
        }
        for zone in plan.zones
    ]  # fmt: skip
    document = {
        "name": plan.name,
        "size": {"width": plan.width // CM_PER_PIXEL, "height": plan.height // CM_PER_PIXEL},
        "categories": [{"name": category.name, "color": category.colour} for category in plan.categories],
        "zones": zones,
    }
    seats = {
        seat["id"]: {key: value for key, value in seat.items() if key not in ("id", "label")}
        for zone in own["zones"] for row in zone["rows"] for seat in row["seats"]
    }  # fmt: skip
    side = {
        "format": SIDE_FORMAT,
        **{key: own[key] for key in ("width", "height", "focus", "categories", "areas")},
        "zones": [{"id": zone.id, "outline": [list(point) for point in zone.outline]} for zone in plan.zones],
        "seats": seats,
    }
    return document, side


def from_pretix(document: object, side: object = None) -> Imported:
    """The plan of a pretix file, exact with its side file, else proposed. Raises InvalidPlan naming what is wrong.

    Whether the plan makes sense is told by `seating.faults`.
    """
    problems: list[Problem] = []
    try:
        zones = list(_zones(_mapping("", document)))
        if side is not None:
            return Imported(read_plan(_with_side(_mapping("", document), zones, _mapping("side", side))))
        sketch = _sketch(_mapping("", document), zones)
    except _Wrong as wrong:
        problems.append(wrong.problem)
        raise InvalidPlan(problems) from wrong
    return Imported(read_plan(sketch.document()), sketch.proposed())


class _Wrong(Exception):
    def __init__(self, path: str, message: str) -> None:
        super().__init__(message)
        self.problem = Problem(path, "NOT_VALID", message)


def _zones(document: Mapping[str, Any]) -> Iterator[tuple[str, list[SketchRow]]]:
    """Zones by name with their rows; positions added up."""
    for z, zone in enumerate(_list("zones", document.get("zones"))):
        at_zone = f"zones[{z}]"
        zone = _mapping(at_zone, zone)
        zone_x, zone_y = _position(f"{at_zone}.position", zone.get("position"))
        rows = []
        for r, row in enumerate(_list(f"{at_zone}.rows", zone.get("rows"))):
            at_row = f"{at_zone}.rows[{r}]"
            row = _mapping(at_row, row)
            row_x, row_y = _position(f"{at_row}.position", row.get("position", {"x": 0, "y": 0}))
            seats = []
            for s, seat in enumerate(_list(f"{at_row}.seats", row.get("seats"))):
                at = f"{at_row}.seats[{s}]"
                seat = _mapping(at, seat)
                x, y = _position(f"{at}.position", seat.get("position"))
                guid, number, category = (
                    _text(f"{at}.{name}", seat.get(name)) for name in ("seat_guid", "seat_number", "category")
                )
                seats.append(SketchSeat(guid, number, category, zone_x + row_x + x, zone_y + row_y + y))
            rows.append(SketchRow(_text(f"{at_row}.row_number", row.get("row_number")), seats))
        yield str(zone.get("name") or f"Zone {z + 1}"), rows


def _with_side(
    document: Mapping[str, Any], zones: Sequence[tuple[str, list[SketchRow]]], side: Mapping[str, Any]
) -> dict[str, Any]:
    if side.get("format") != SIDE_FORMAT:
        raise _Wrong("side.format", f"must be {SIDE_FORMAT}")
    about = _list("side.zones", side.get("zones"))
    known = _mapping("side.seats", side.get("seats"))
    if len(about) != len(zones):
        raise _Wrong("side.zones", f"describes {len(about)} zones, the plan has {len(zones)}")
    made = []
    for (name, rows), more in zip(zones, about, strict=True):
        for seat in (seat for row in rows for seat in row.seats):
            if seat.id not in known:
                raise _Wrong("side.seats", f"says nothing of seat {seat.id}")
        seats = [
            {"label": row.label, "seats": [
                {**_mapping(f"side.seats.{seat.id}", known[seat.id]), "id": seat.id, "label": seat.label}
                for seat in row.seats
            ]} for row in rows
        ]  # fmt: skip
        made.append({**_mapping("side.zones", more), "name": name, "rows": seats})
    shared = {key: side.get(key) for key in ("width", "height", "focus", "categories", "areas")}
    return {"format": FORMAT, "name": document.get("name"), **shared, "zones": made}


def _sketch(document: Mapping[str, Any], zones: Sequence[tuple[str, list[SketchRow]]]) -> Sketch:
    categories = []
    for number, category in enumerate(_list("categories", document.get("categories"))):
        category = _mapping(f"categories[{number}]", category)
        name = _text(f"categories[{number}].name", category.get("name"))
        categories.append({"code": name, "name": name, "colour": colour_of(category.get("color"), number)})
    made = [SketchZone(f"z{number + 1}", name, rows) for number, (name, rows) in enumerate(zones)]
    return Sketch(document.get("name"), categories, made)


def _mapping(path: str, value: object) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise _Wrong(path or "plan", "must be an object")
    return value


def _list(path: str, value: object) -> list[Any]:
    if not isinstance(value, list):
        raise _Wrong(path, "must be a list")
    return value


def _text(path: str, value: object) -> str:
    if not isinstance(value, str) or not value:
        raise _Wrong(path, "must be a text")
    return value


def _position(path: str, value: object) -> tuple[float, float]:
    if isinstance(value, Mapping):
        x, y = (_number(value.get(name)) for name in ("x", "y"))
        if not math.isnan(x + y):
            return x, y
    raise _Wrong(path, "must be an object of two numbers, x and y")


def _number(value: object) -> float:
    """Not a number where it is none, or one beyond any plan; true is none."""
    fine = isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e6
    return float(value) if fine else math.nan  # type: ignore[arg-type]
