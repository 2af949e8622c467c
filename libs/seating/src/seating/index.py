"""One version of a plan as arrays: what the allocator scans and the inventory keeps in memory.

Arrays are by seat index = ordinal - 1. `walk` lays all seats out so that neighbours stand side by side and nobody else
does: indices from left to right, with -1 after each chain. A group that sits together is a slice of it.

    row A   1 2 3 | 4 5      walk  0 1 2 -1 3 4 -1 5 6 7 -1
    row B   1 2 3
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from seating.geometry import SeatNames
from seating.plan import Plan, Seat

Int32 = npt.NDArray[np.int32]


@dataclass(frozen=True)
class PlanIndex:
    """Made once per version, from a plan without faults."""

    ids: tuple[str, ...]  # none where only the geometry is known
    labels: tuple[str, ...]
    row_labels: tuple[str, ...]  # of each row
    zone_names: tuple[str, ...]  # of each zone
    categories: tuple[str, ...]  # codes
    x: npt.NDArray[np.int16]
    y: npt.NDArray[np.int16]
    row: Int32  # which row, counted through the whole plan
    zone: npt.NDArray[np.int16]
    category: npt.NDArray[np.uint8]  # index into categories
    quality: npt.NDArray[np.uint16]  # rank, 1 is best
    traits: npt.NDArray[np.uint8]
    companion_of: Int32  # index of the wheelchair space, -1 for others
    box: Int32  # seats of one box share a number, -1 for others
    walk: Int32
    focus: tuple[int, int]

    def __len__(self) -> int:
        return len(self.x)

    @cached_property
    def ordinal_of(self) -> Mapping[str, int]:
        """Ordinal of each seat id."""
        return {seat_id: index + 1 for index, seat_id in enumerate(self.ids)}

    @cached_property
    def around(self) -> dict[tuple[int, int], Int32]:
        """Seats too near to each, by distance in seats and rows: what `seating.distance` has worked out."""
        return {}

    @cached_property
    def place(self) -> Int32:
        """Where each seat stands in `walk`."""
        place = np.empty(len(self), np.int32)
        there = np.flatnonzero(self.walk >= 0)
        place[self.walk[there]] = there
        return place


def index_of(plan: Plan) -> PlanIndex:
    """The arrays of a plan that has no faults (`seating.faults`)."""
    seats = list(plan.seats())
    number = {seat.id: index for index, seat in enumerate(seats)}
    rows = [(zone_number, row) for zone_number, zone in enumerate(plan.zones) for row in zone.rows]
    codes = tuple(category.code for category in plan.categories)
    code_number = {code: index for index, code in enumerate(codes)}
    boxes = {box: index for index, box in enumerate(sorted({seat.box for seat in seats if seat.box}))}

    def array(values: Iterator[int], kind: Any) -> Any:
        return np.fromiter(values, kind, len(seats))

    return PlanIndex(
        ids=tuple(seat.id for seat in seats),
        labels=tuple(seat.label for seat in seats),
        row_labels=tuple(row.label for _, row in rows),
        zone_names=tuple(zone.name for zone in plan.zones),
        categories=codes,
        x=array((seat.x for seat in seats), np.int16),
        y=array((seat.y for seat in seats), np.int16),
        row=array((index for index, (_, row) in enumerate(rows) for _ in row.seats), np.int32),
        zone=array((zone_number for zone_number, row in rows for _ in row.seats), np.int16),
        category=array((code_number[seat.category] for seat in seats), np.uint8),
        quality=array((seat.quality for seat in seats), np.uint16),
        traits=array((seat.traits for seat in seats), np.uint8),
        companion_of=array((number[seat.companion_of] if seat.companion_of else -1 for seat in seats), np.int32),
        box=array((boxes[seat.box] if seat.box else -1 for seat in seats), np.int32),
        walk=np.array(list(_walk(seats, number)), np.int32),
        focus=plan.focus,
    )


def index_of_geometry(found: Mapping[str, Any]) -> PlanIndex:
    """The arrays of a plan as `geometry.decode` reads it: all that best seats need, without ids and companions."""
    names = SeatNames(found)
    count = found["seats"]
    rows = [names.row(number) for number in range(len(found["rows"]))]
    row = np.repeat(np.arange(len(rows), dtype=np.int32), [each["count"] for each in found["rows"]])
    zones = np.array([each["zone"] for each in found["rows"]], np.int16)
    nobody = np.full(count, -1, np.int32)
    return PlanIndex(
        ids=(),
        labels=tuple(map(names.label, range(1, count + 1))),
        row_labels=tuple(label for _, label in rows),
        zone_names=tuple(zone["name"] for zone in found["zones"]),
        categories=tuple(each["code"] for each in found["categories"]),
        x=found["x"].astype(np.int16),
        y=found["y"].astype(np.int16),
        row=row,
        zone=zones[row],
        category=found["category"].astype(np.uint8),
        quality=found["quality"].astype(np.uint16),
        traits=found["traits"].astype(np.uint8),
        companion_of=nobody,
        box=nobody,
        walk=np.array(list(_walk_right(found["right"].tolist())), np.int32),
        focus=(found["focus"][0], found["focus"][1]),
    )


def _walk_right(right: list[int]) -> Iterator[int]:
    """The walk of seats that know their right neighbour's index, -1: none."""
    followers = set(right)
    for first in range(len(right)):
        if first not in followers:
            here = first
            while here >= 0:
                yield here
                here = right[here]
            yield -1


def _walk(seats: list[Seat], number: Mapping[str, int]) -> Iterator[int]:
    """Chains of neighbours from left to right, each closed by -1."""
    for seat in seats:
        if seat.left is None:
            here: Seat | None = seat
            while here is not None:
                yield number[here.id]
                here = seats[number[here.right]] if here.right else None
            yield -1
