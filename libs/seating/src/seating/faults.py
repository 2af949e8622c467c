"""What is wrong with a plan that can be read: each fault by name, with the seats or parts that have it.

A plan with an error cannot be sold from: ids that are not unique, neighbours that disagree, seats in the wrong place.
A warning is for a person to look at.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from seating.plan import Plan, Point, Row, Seat, Trait, Zone


class Severity(StrEnum):
    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True)
class Fault:
    """`reason` is stable and in capitals: words for people are found by it. `where`: ids of seats, zones or areas."""

    reason: str
    where: tuple[str, ...]
    facts: Mapping[str, str] = field(default_factory=dict)
    severity: Severity = Severity.ERROR


@dataclass(frozen=True)
class _Placed:
    seat: Seat
    row: Row
    zone: Zone


def faults(plan: Plan) -> list[Fault]:
    """Every fault of the plan; none: it may be sold from."""
    placed: dict[str, _Placed] = {}
    for zone in plan.zones:
        for row in zone.rows:
            for seat in row.seats:
                placed.setdefault(seat.id, _Placed(seat, row, zone))
    checks: tuple[Callable[[Plan, Mapping[str, _Placed]], Iterator[Fault]], ...] = (
        _ids, _categories, _positions, _neighbours, _companions, _rows,
    )  # fmt: skip
    return [fault for check in checks for fault in check(plan, placed)]


def errors(plan: Plan) -> list[Fault]:
    """Only the faults that keep the plan from being sold from."""
    return [fault for fault in faults(plan) if fault.severity is Severity.ERROR]


def _ids(plan: Plan, placed: Mapping[str, _Placed]) -> Iterator[Fault]:
    named = {
        "SEAT_ID_TWICE": [seat.id for seat in plan.seats()],
        "ZONE_ID_TWICE": [zone.id for zone in plan.zones],
        "AREA_ID_TWICE": [area.id for area in plan.areas],
        "CATEGORY_TWICE": [category.code for category in plan.categories],
    }
    for reason, ids in named.items():
        for twice in (each for each, count in Counter(ids).items() if count > 1):
            yield Fault(reason, (twice,))


def _categories(plan: Plan, placed: Mapping[str, _Placed]) -> Iterator[Fault]:
    known = {category.code for category in plan.categories}
    priced = [(seat.id, seat.category) for seat in plan.seats()] + [(area.id, area.category) for area in plan.areas]
    for thing_id, category in priced:
        if category not in known:
            yield Fault("CATEGORY_UNKNOWN", (thing_id,), {"category": category})


def _positions(plan: Plan, placed: Mapping[str, _Placed]) -> Iterator[Fault]:
    at: dict[Point, str] = {}
    for zone in plan.zones:
        for row in zone.rows:
            for seat in row.seats:
                spot = (seat.x, seat.y)
                if seat.x > plan.width or seat.y > plan.height:
                    yield Fault("SEAT_OUTSIDE_PLAN", (seat.id,))
                elif zone.outline and not _inside(spot, zone.outline):
                    yield Fault("SEAT_OUTSIDE_ZONE", (seat.id,), {"zone": zone.id})
                if at.setdefault(spot, seat.id) != seat.id:
                    yield Fault("SEATS_AT_ONE_SPOT", (at[spot], seat.id))


def _neighbours(plan: Plan, placed: Mapping[str, _Placed]) -> Iterator[Fault]:
    for one in placed.values():
        for side, other_side in (("left", "right"), ("right", "left")):
            neighbour_id = getattr(one.seat, side)
            if neighbour_id is None:
                continue
            facts = {"side": side, "neighbour": neighbour_id}
            other = placed.get(neighbour_id)
            if other is None:
                yield Fault("NEIGHBOUR_UNKNOWN", (one.seat.id,), facts)
            elif neighbour_id == one.seat.id:
                yield Fault("NEIGHBOUR_OF_ITSELF", (one.seat.id,), facts)
            elif getattr(other.seat, other_side) != one.seat.id:
                yield Fault("NEIGHBOURS_DISAGREE", (one.seat.id, neighbour_id), facts)
            elif other.row is not one.row:
                yield Fault("NEIGHBOUR_IN_ANOTHER_ROW", (one.seat.id, neighbour_id), facts)
    yield from _rings(placed)


def _rings(placed: Mapping[str, _Placed]) -> Iterator[Fault]:
    """Chains that come back to where they began: whoever walks them never arrives. Each is told once."""
    seen: set[str] = set()
    for start in placed:
        chain, here = [], placed.get(start)
        while here is not None and here.seat.id not in seen:
            seen.add(here.seat.id)
            chain.append(here.seat.id)
            here = placed.get(here.seat.right or "")
        if here is not None and len(chain) > 1 and here.seat.id == start:
            yield Fault("NEIGHBOURS_IN_A_RING", tuple(chain[:20]))


def _companions(plan: Plan, placed: Mapping[str, _Placed]) -> Iterator[Fault]:
    for one in placed.values():
        seat = one.seat
        if bool(seat.traits & Trait.COMPANION) != (seat.companion_of is not None):
            yield Fault("COMPANION_WITHOUT_SPACE", (seat.id,))
        if seat.companion_of is None:
            continue
        space = placed.get(seat.companion_of)
        if space is None or not space.seat.traits & Trait.WHEELCHAIR:
            yield Fault("COMPANION_OF_NO_WHEELCHAIR_SPACE", (seat.id,), {"space": seat.companion_of})
        elif seat.companion_of not in (seat.left, seat.right):
            yield Fault("COMPANION_APART", (seat.id, seat.companion_of), severity=Severity.WARNING)


def _rows(plan: Plan, placed: Mapping[str, _Placed]) -> Iterator[Fault]:
    if not placed and not plan.areas:
        yield Fault("PLAN_EMPTY", ())
    for zone in plan.zones:
        for row in zone.rows:
            if not row.seats:
                yield Fault("ROW_EMPTY", (zone.id,), {"row": row.label})
            for label in (each for each, count in Counter(seat.label for seat in row.seats).items() if count > 1):
                facts = {"row": row.label, "seat": label}
                yield Fault("SEAT_LABEL_TWICE", (zone.id,), facts, Severity.WARNING)


def _inside(point: Point, outline: Sequence[Point]) -> bool:
    """Whether a point lies in a polygon, its edge included (even-odd rule)."""
    x, y = point
    inside = False
    for (x1, y1), (x2, y2) in zip(outline, (*outline[1:], outline[0]), strict=True):
        across = (x2 - x1) * (y - y1) - (y2 - y1) * (x - x1)
        if across == 0 and min(x1, x2) <= x <= max(x1, x2) and min(y1, y2) <= y <= max(y1, y2):
            return True
        if (y1 > y) != (y2 > y) and (across < 0) == (y2 < y1):
            inside = not inside
    return inside
