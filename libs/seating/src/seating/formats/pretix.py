"""The pretix seating plan, the one JSON format for plans that travels between systems (domain 6.7).

It knows zones, rows, seats with their positions, and categories by name. What it lacks – neighbours, quality, traits,
companions, boxes, areas with a capacity, the focus – travels in a side file of ours, by `seat_guid`; with it nothing is
lost. Without it we *propose*: seats of a row that stand no further apart than one and a half times what is usual in
that row are neighbours, the best seats are the nearest to the middle of the plan's upper edge. Somebody must look.

Positions there are pixels, each inside its row's inside its zone's; seats usually stand 25 pixels apart.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from seating.plan import FORMAT, Plan
from seating.reading import InvalidPlan, Problem, read_plan

SIDE_FORMAT = "ticketing-plan-side/1"
CM_PER_PIXEL = 2
USUAL_PITCH_CM = 50
REACH = 1.5  # times the usual distance of the row
MARGIN_CM = 200
PALETTE = ("#8c1d40", "#1f6f78", "#b7791f", "#5b4b8a", "#3f6b3a", "#7a4a2b", "#2b5a8a", "#6b6b6b")


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


def from_pretix(document: object, side: object = None) -> Plan:
    """The plan of a pretix file, exact with its side file, else proposed. Raises InvalidPlan naming what is wrong.

    Whether the plan makes sense is told by `seating.faults`.
    """
    problems: list[Problem] = []
    try:
        zones = list(_zones(_mapping("", document)))
        own = _with_side(_mapping("", document), zones, _mapping("side", side)) if side is not None else None
        own = own or _proposed(_mapping("", document), zones)
    except _Wrong as wrong:
        problems.append(wrong.problem)
        raise InvalidPlan(problems) from wrong
    return read_plan(own)


@dataclass
class _Seat:
    id: str
    label: str
    category: str  # its name
    x: float  # pixels, in the plan
    y: float


@dataclass
class _Row:
    label: str
    seats: list[_Seat]


class _Wrong(Exception):
    def __init__(self, path: str, message: str) -> None:
        super().__init__(message)
        self.problem = Problem(path, "NOT_VALID", message)


def _zones(document: Mapping[str, Any]) -> Iterator[tuple[str, list[_Row]]]:
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
                seats.append(_Seat(guid, number, category, zone_x + row_x + x, zone_y + row_y + y))
            rows.append(_Row(_text(f"{at_row}.row_number", row.get("row_number")), seats))
        yield str(zone.get("name") or f"Zone {z + 1}"), rows


def _with_side(
    document: Mapping[str, Any], zones: Sequence[tuple[str, list[_Row]]], side: Mapping[str, Any]
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


def _proposed(document: Mapping[str, Any], zones: Sequence[tuple[str, list[_Row]]]) -> dict[str, Any]:
    rows = [row for _, of_zone in zones for row in of_zone]
    seats = [seat for row in rows for seat in row.seats]
    gaps = [gap for row in rows for gap in _gaps(row)]
    scale = USUAL_PITCH_CM / median(gaps) if gaps else CM_PER_PIXEL
    left = min((seat.x for seat in seats), default=0) - MARGIN_CM / scale
    top = min((seat.y for seat in seats), default=0) - MARGIN_CM / scale
    place = {id(seat): (round((seat.x - left) * scale), round((seat.y - top) * scale)) for seat in seats}
    width = max((x for x, _ in place.values()), default=0) + MARGIN_CM
    height = max((y for _, y in place.values()), default=0) + MARGIN_CM
    focus = (width // 2, 0)
    order = sorted(range(len(seats)), key=lambda each: (math.dist(place[id(seats[each])], focus), each))
    rank = {id(seats[each]): 1 + position * 999 // len(seats) for position, each in enumerate(order)}
    categories = []
    for number, category in enumerate(_list("categories", document.get("categories"))):
        category = _mapping(f"categories[{number}]", category)
        name, colour = _text(f"categories[{number}].name", category.get("name")), str(category.get("color", ""))
        plain = len(colour) == 7 and colour.startswith("#")
        categories.append({"code": name, "name": name, "colour": colour if plain else PALETTE[number % len(PALETTE)]})

    def seat_of(seat: _Seat, sides: tuple[str | None, str | None]) -> dict[str, Any]:
        x, y = place[id(seat)]
        said = {
            "id": seat.id,
            "label": seat.label,
            "x": x,
            "y": y,
            "category": seat.category,
            "quality": rank[id(seat)],
        }
        return said | {side: other for side, other in zip(("left", "right"), sides, strict=True) if other}

    return {
        "format": FORMAT, "name": document.get("name"), "width": width, "height": height, "focus": list(focus),
        "categories": categories,
        "zones": [
            {"id": f"z{number + 1}", "name": name, "rows": [
                {"label": row.label, "seats": [
                    seat_of(seat, sides) for seat, sides in zip(row.seats, _neighbours(row), strict=True)
                ]} for row in of_zone
            ]} for number, (name, of_zone) in enumerate(zones)
        ],
    }  # fmt: skip


def _gaps(row: _Row) -> list[float]:
    """Distances from each seat to the next, in pixels; seats on one spot say nothing."""
    pairs = zip(row.seats, row.seats[1:], strict=False)
    return [gap for one, other in pairs if (gap := math.dist((one.x, one.y), (other.x, other.y)))]


def _neighbours(row: _Row) -> list[tuple[str | None, str | None]]:
    """(left, right) of each seat of a row, as proposed."""
    gaps = _gaps(row)
    reach = REACH * median(gaps) if gaps else 0
    rights: list[str | None] = []
    for one, other in zip(row.seats, row.seats[1:], strict=False):
        rights.append(other.id if 0 < math.dist((one.x, one.y), (other.x, other.y)) <= reach else None)
    rights.append(None)
    lefts = [None, *(seat.id if right else None for seat, right in zip(row.seats, rights, strict=False))]
    return list(zip(lefts, rights, strict=False)) if row.seats else []


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
