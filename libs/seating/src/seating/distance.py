"""Distance between groups: so many seats and rows stay empty around whoever sits (domain 6.4).

    d = 1 seat, 1 row, X sits:      . . - - . .      - stays empty for the next groups; a group itself sits together
                                    . - X X - .
                                    . . - - . .

What stays empty follows from who sits where, so nothing is kept: a seat that is given back frees its surroundings.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from seating.allocation import Status
from seating.index import Int32, PlanIndex
from seating.states import SeatState, contingent_of, pack, state_of

_BESIDE = 0.75  # of the usual step between seats: who is nearer than that, seen along the row, sits before or behind
_USUAL_GROUPS = (2, 3, 4)
_SITTING = np.array([SeatState.HELD, SeatState.LEASED, SeatState.OPTIONED, SeatState.SOLD])


@dataclass(frozen=True)
class Distance:
    """Seats beside and rows before and behind each group; none: people sit as they like."""

    seats: int = 0
    rows: int = 0

    def __bool__(self) -> bool:
        return bool(self.seats or self.rows)


NO_DISTANCE = Distance()


def keep_apart(index: PlanIndex, status: Status, distance: Distance) -> Status:
    """The status with the free seats that are too near to somebody marked APART."""
    sitting = np.flatnonzero(np.isin(state_of(status), _SITTING))
    near = _around(index, distance)[sitting].ravel()
    near = near[near >= 0]
    near = near[state_of(status[near]) == SeatState.FREE]
    kept = status.copy()
    kept[near] = pack(np.uint8(SeatState.APART), contingent_of(status[near]))
    return kept


def estimated_places(index: PlanIndex, distance: Distance) -> int:
    """How many people the house may hold, for groups of two to four: an estimate, for it depends on who comes."""
    chains = np.split(index.walk, np.flatnonzero(index.walk < 0) + 1)
    first_of_zone = {int(zone): int(index.row[index.zone == zone].min()) for zone in np.unique(index.zone)}
    total = 0
    for chain in chains:
        if len(chain) < 2:  # the end of the walk
            continue
        seat, length = int(chain[0]), len(chain) - 1
        if (int(index.row[seat]) - first_of_zone[int(index.zone[seat])]) % (distance.rows + 1):
            continue
        for group in _USUAL_GROUPS:
            whole, rest = divmod(length + distance.seats, group + distance.seats)
            total += whole * group + max(0, rest - distance.seats)
    return total // len(_USUAL_GROUPS)


def _around(index: PlanIndex, distance: Distance) -> Int32:
    """For each seat the indices of those that are too near to it, -1 where there are fewer. Made once per plan."""
    known = index.around.get((distance.seats, distance.rows))
    if known is None:
        columns = [*_along_rows(index, distance.seats), *_across_rows(index, distance.rows)]
        known = np.stack(columns, axis=1) if columns else np.empty((len(index), 0), np.int32)
        index.around[distance.seats, distance.rows] = known
    return known


def _along_rows(index: PlanIndex, seats: int) -> list[Int32]:
    """Neighbours on both sides, up to the aisle."""
    columns = []
    for step in (-1, 1):
        place, there = index.place.copy(), np.ones(len(index), np.bool_)
        for _ in range(seats):
            place = place + step
            there &= (place >= 0) & (place < len(index.walk))
            there &= index.walk[np.where(there, place, 0)] >= 0
            columns.append(np.where(there, index.walk[np.where(there, place, 0)], -1).astype(np.int32))
    return columns


def _across_rows(index: PlanIndex, rows: int) -> list[Int32]:
    """Those that sit before and behind, in the same zone."""
    if not rows:
        return []
    by_row = np.argsort(index.row, kind="stable").astype(np.int32)
    starts = np.searchsorted(index.row[by_row], np.arange(int(index.row.max()) + 2))
    seats_of = [by_row[begin:end][np.argsort(index.x[by_row[begin:end]])] for begin, end in pairwise(starts)]
    reach = _BESIDE * _usual_step(index, seats_of)
    columns = []
    for offset in (step * sign for step in range(1, rows + 1) for sign in (-1, 1)):
        found = np.full((3, len(index)), -1, np.int32)  # three at most sit within reach
        for number, seats in enumerate(seats_of):
            other = number + offset
            if not 0 <= other < len(seats_of) or index.zone[seats[0]] != index.zone[seats_of[other][0]]:
                continue
            there = index.x[seats_of[other]].astype(np.float64)
            here = index.x[seats].astype(np.float64)
            first = np.searchsorted(there, here - reach)
            for place in range(3):
                at = np.minimum(first + place, len(there) - 1)
                near = (first + place < len(there)) & (np.abs(there[at] - here) <= reach)
                found[place, seats[near]] = seats_of[other][at[near]]
        columns += list(found)
    return columns


def _usual_step(index: PlanIndex, seats_of: list[Int32]) -> float:
    steps = np.concatenate([np.diff(index.x[seats].astype(np.float64)) for seats in seats_of])
    return float(np.median(steps)) if len(steps) else 0.0
