"""Who is given which seats (meilleure place): the cheapest window of neighbours, or the fewest and nearest groups.

A group that sits together is a slice of `PlanIndex.walk`. The cost of a window of n seats, with every term from 0 to 1:

    cost = quality · mean rank of its seats
         + centre  · mean distance from the middle axis
         + orphan  · seats that it leaves alone (0, 1 or 2)
         + narrow  · whether it leaves a pair between itself and an end (pairs sell, but later than larger runs)

    row A, all of one rank, n = 2:     . . . . .      1-2 and 4-5 leave three: no orphan
                                       1 2 3 4 5      2-3 leaves 1 alone: orphan · 1, so it is taken last

Places for wheelchairs and their companions' seats are given to nobody who did not ask for them, until they are released
(domain 6.5). Ties go to the lowest ordinal, so the same house gives the same seats.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

import numpy as np
import numpy.typing as npt

from seating.index import PlanIndex
from seating.plan import Trait
from seating.states import SeatState, contingent_of, state_of

Status = npt.NDArray[np.uint8]
_Mask = npt.NDArray[np.bool_]
_Indices = npt.NDArray[np.int32]

MOST_TOGETHER = 200
_SPECIAL = int(Trait.WHEELCHAIR | Trait.COMPANION)
_LEADERS = 8  # how many windows for the first group of a split are tried


class Refusal(StrEnum):
    NOT_ENOUGH_SEATS = "NOT_ENOUGH_SEATS"  # fewer free than wished, anywhere that the wish allows
    WOULD_LEAVE_ONE_ALONE = "WOULD_LEAVE_ONE_ALONE"  # they would fit, but one of three or more would sit by himself
    NOT_TOGETHER = "NOT_TOGETHER"  # they would fit, but not side by side, and the wish insists
    NO_WHEELCHAIR_SPACE = "NO_WHEELCHAIR_SPACE"


@dataclass(frozen=True)
class Weights:
    """How much each term counts. Quality leads; an orphan costs as much as the whole range of quality."""

    quality: float = 1.0
    centre: float = 0.15
    orphan: float = 1.0
    narrow: float = 0.02
    apart: float = 0.05  # of a split: per metre between groups
    last_resort: float = 0.3  # folding seats and seats with a reduced view, for each


@dataclass(frozen=True)
class Wish:
    """So many seats, among what is allowed. `prices` (minor units by category) and `budget` go together."""

    seats: int
    categories: frozenset[str] | None = None  # codes; None: any
    contingents: frozenset[int] = frozenset({0})
    wheelchairs: int = 0  # of `seats`, so many are spaces, each with its companion's seat
    together: bool = False  # rather nothing than a split
    no_orphans: bool = False  # leave nobody alone while another choice exists, however much worse; else it is weighed
    house_seats: bool = False
    released: bool = False  # places for wheelchairs may be sold to anybody now
    prices: Mapping[str, int] = field(default_factory=dict)
    budget: int | None = None

    def with_released_spaces(self) -> "Wish":
        """The same, from wheelchair spaces too."""
        return replace(self, released=True)


@dataclass(frozen=True)
class Choice:
    """Seat ordinals, by group; one group: all sit together."""

    groups: tuple[tuple[int, ...], ...]

    @property
    def ordinals(self) -> tuple[int, ...]:
        return tuple(ordinal for group in self.groups for ordinal in group)


class Allocator:
    """The arrays of one plan version, laid out for asking. Made once; asking changes nothing."""

    def __init__(self, index: PlanIndex, weights: Weights | None = None) -> None:
        self.index, self.weights = index, weights or Weights()
        walk = index.walk
        self._walk = walk
        self._there = walk >= 0
        seat = np.where(self._there, walk, 0)
        self._seat = seat
        rank = index.quality.astype(np.float32)
        rank = (rank - 1) / max(1.0, float(rank.max(initial=1)) - 1)
        off = np.abs(index.x.astype(np.float32) - index.focus[0])
        off /= max(1.0, float(off.max(initial=0)))
        last = ((index.traits & int(Trait.FOLDING | Trait.REDUCED_VIEW)) != 0).astype(np.float32)
        w = self.weights
        own = w.quality * rank + w.centre * off + w.last_resort * last
        self._own = _sums(np.where(self._there, own[seat], 0).astype(np.float64))
        self._x = _sums(np.where(self._there, index.x[seat], 0).astype(np.float64))
        self._y = _sums(np.where(self._there, index.y[seat], 0).astype(np.float64))
        self._special = self._there & ((index.traits[seat] & _SPECIAL) != 0)
        self._category = index.category[seat]

    def best(self, status: Status, wish: Wish) -> Choice | Refusal:
        """The seats for a wish. `status`: one byte per seat (`seating.states`)."""
        free = self._free(status)
        allowed = self._allowed(status, free, wish)
        if wish.wheelchairs:
            return self._accessible(status, free, allowed, wish)
        return self._place(free, allowed, wish, wish.seats, ())

    def orphans(self, status: Status, ordinals: Sequence[int]) -> tuple[int, ...]:
        """Ordinals of the free seats that taking these leaves alone, and that were not alone before (domain 6.3)."""
        places = {int(place) for place in self.index.place[np.asarray(ordinals, np.int64) - 1]}
        gone = {place: False for place in places}

        def free(place: int, then: Mapping[int, bool]) -> bool:
            seat = self._walk[place] if 0 <= place < len(self._walk) else -1
            return seat >= 0 and then.get(place, state_of(int(status[seat])) == SeatState.FREE)

        alone = [
            place for place in sorted({place + step for place in places for step in (-1, 1)} - places)
            if free(place, {}) and (free(place - 1, {}) or free(place + 1, {}))
            and not free(place - 1, gone) and not free(place + 1, gone)
        ]  # fmt: skip
        return tuple(int(self._walk[place]) + 1 for place in alone)

    def around(self, status: Status, ordinal: int, wish: Wish) -> Choice | Refusal:
        """The best window of `wish.seats` neighbours with this seat among them: a person pointed at it."""
        free = self._free(status)
        allowed = self._allowed(status, free, wish)
        place = int(self.index.place[ordinal - 1])
        starts = self._windows(allowed, wish.seats)
        starts = starts[(starts <= place) & (place < starts + wish.seats)]
        if not len(starts):
            return Refusal.NOT_TOGETHER if allowed.sum() >= wish.seats else Refusal.NOT_ENOUGH_SEATS
        cost = self._cost(free, starts, wish.seats)
        return Choice((self._group(int(starts[np.argmin(cost)]), wish.seats),))

    # -- who may be given

    def _free(self, status: Status) -> _Mask:
        """In walk order; what stands beside the walk's chains is not free."""
        free: _Mask = self._there & (state_of(status[self._seat]) == SeatState.FREE)
        return free

    def _allowed(self, status: Status, free: _Mask, wish: Wish) -> _Mask:
        here = status[self._seat]
        allowed = free | (self._there & (state_of(here) == SeatState.HOUSE)) if wish.house_seats else free.copy()
        contingents = np.zeros(32, np.bool_)
        contingents[list(wish.contingents)] = True
        allowed &= contingents[contingent_of(here)]
        if wish.categories is not None:
            categories = wish.categories
            allowed &= self._by_category(lambda code: code in categories)
        if wish.budget is not None:
            allowed &= self._by_category(lambda code: code in wish.prices)
        if not wish.released:
            allowed &= ~self._special
        return allowed

    def _by_category(self, holds: Any) -> _Mask:
        by_code = np.fromiter((bool(holds(code)) for code in self.index.categories), np.bool_)
        mask: _Mask = by_code[self._category]
        return mask

    # -- windows

    def _windows(self, allowed: _Mask, size: int) -> _Indices:
        """Where windows of so many allowed seats begin, in walk order."""
        total = np.concatenate(([0], np.cumsum(allowed, dtype=np.int32)))
        if size >= len(total):
            return np.empty(0, np.int32)
        starts: _Indices = np.flatnonzero(total[size:] - total[:-size] == size).astype(np.int32)
        return starts

    def _cost(self, free: _Mask, starts: _Indices, size: int) -> npt.NDArray[np.float64]:
        cost: npt.NDArray[np.float64] = (self._own[starts + size] - self._own[starts]) / size
        for alone, pair in self._beside(free, starts, size):
            cost += self.weights.orphan * alone + self.weights.narrow * pair
        return cost

    def _beside(self, free: _Mask, starts: _Indices, size: int) -> Iterator[tuple[_Mask, _Mask]]:
        """On each side of each window: whether it leaves one seat alone there, whether it leaves a pair."""
        padded = np.concatenate(([False] * 4, free, [False] * 4))
        ends = starts + size
        for outwards in ([starts + 3 - step for step in range(3)], [ends + 4 + step for step in range(3)]):
            first, second, third = (padded[places] for places in outwards)
            yield first & ~second, first & second & ~third

    def _within_budget(self, wish: Wish, starts: _Indices, size: int, left: int) -> _Indices:
        if wish.budget is None:
            return starts
        price = np.fromiter((wish.prices.get(code, 0) for code in self.index.categories), np.float64)
        paid = _sums(np.where(self._there, price[self._category], 0))
        kept: _Indices = starts[paid[starts + size] - paid[starts] <= left]
        return kept

    def _group(self, start: int, size: int) -> tuple[int, ...]:
        return tuple(int(seat) + 1 for seat in self._walk[start : start + size])

    # -- groups

    def _place(
        self, free: _Mask, allowed: _Mask, wish: Wish, count: int, beside: tuple[tuple[int, ...], ...]
    ) -> Choice | Refusal:
        """So many seats together, else in the fewest groups, near those that are given already."""
        budget = wish.budget if wish.budget is not None else 0
        starts = self._within_budget(wish, self._windows(allowed, count), count, budget)
        if len(starts):
            if wish.no_orphans:
                left = np.sum([alone for alone, _ in self._beside(free, starts, count)], axis=0)
                starts = starts[left == left.min()]
            cost = self._cost(free, starts, count) + self._distance(beside, starts, count)
            return Choice((*beside, self._group(int(starts[np.argmin(cost)]), count)))
        if allowed.sum() < count:
            return Refusal.NOT_ENOUGH_SEATS
        if wish.together or count == 1:
            return Refusal.NOT_TOGETHER if count > 1 else Refusal.NOT_ENOUGH_SEATS
        return self._split(free, allowed, wish, count, beside)

    def _split(
        self, free: _Mask, allowed: _Mask, wish: Wish, count: int, beside: tuple[tuple[int, ...], ...]
    ) -> Choice | Refusal:
        """The fewest groups: the largest first, each next one the nearest. Nobody of three or more sits alone."""
        least = 1 if count < 3 else 2
        windows = {size: self._windows(allowed, size) for size in range(least, count - least + 1)}
        for largest in range(count - least, least - 1, -1):
            first = windows[largest]
            if not len(first):
                continue
            costs = self._cost(free, first, largest) + self._distance(beside, first, largest)
            leaders = first[np.argsort(costs, kind="stable")[:_LEADERS]]
            found = [
                done for start in leaders
                if (done := self._rest(free, windows, wish, count, int(start), largest, beside))
            ]  # fmt: skip
            if found:
                return min(found, key=lambda each: (len(each[1].groups), each[0]))[1]
        if wish.budget is not None:
            return Refusal.NOT_ENOUGH_SEATS
        return Refusal.WOULD_LEAVE_ONE_ALONE if least == 2 else Refusal.NOT_TOGETHER

    def _rest(
        self, free: _Mask, windows: Mapping[int, _Indices], wish: Wish, count: int, start: int, size: int,
        beside: tuple[tuple[int, ...], ...],
    ) -> tuple[float, Choice] | None:  # fmt: skip
        """The groups after a first one, each as large as can be had near it; with what they cost together."""
        least = min(windows)
        free = free.copy()
        free[start : start + size] = False
        taken, groups, spent, missing = [(start, size)], [self._group(start, size)], 0.0, count - size
        money = (wish.budget or 0) - self._price(wish, groups[0])
        while missing:
            for length in range(min(size, missing), least - 1, -1):
                if 0 < missing - length < least:
                    continue
                starts = windows[length]
                for begin, width in taken:
                    starts = starts[(starts + length <= begin) | (begin + width <= starts)]
                starts = self._within_budget(wish, starts, length, money)
                if len(starts):
                    break
            else:
                return None
            cost = self._cost(free, starts, length) + self._distance((*beside, *groups), starts, length)
            best = int(np.argmin(cost))
            begin = int(starts[best])
            spent += float(cost[best])
            groups.append(self._group(begin, length))
            taken.append((begin, length))
            free[begin : begin + length] = False
            money -= self._price(wish, groups[-1])
            missing -= length
        return spent, Choice((*beside, *groups))

    def _price(self, wish: Wish, group: Sequence[int]) -> int:
        codes = self.index.categories
        return sum(wish.prices.get(codes[self.index.category[ordinal - 1]], 0) for ordinal in group)

    def _distance(
        self, groups: Sequence[Sequence[int]], starts: _Indices, size: int
    ) -> npt.NDArray[np.float64] | float:
        """From windows' middles to the middle of what is given already, as cost."""
        if not groups:
            return 0.0
        given = np.asarray([ordinal - 1 for group in groups for ordinal in group], np.int64)
        x = (self._x[starts + size] - self._x[starts]) / size - self.index.x[given].mean()
        y = (self._y[starts + size] - self._y[starts]) / size - self.index.y[given].mean()
        metres: npt.NDArray[np.float64] = np.hypot(x, y) / 100
        return self.weights.apart * metres

    def _accessible(self, status: Status, free: _Mask, allowed: _Mask, wish: Wish) -> Choice | Refusal:
        """Spaces with their companions' seats as units; whoever else comes along sits as near as can be."""
        index = self.index
        spaces = np.flatnonzero(index.companion_of >= 0)
        released = self._allowed(status, free, wish.with_released_spaces())
        at = index.place
        units = [
            (int(index.companion_of[companion]) + 1, int(companion) + 1) for companion in spaces
            if released[at[companion]] and released[at[index.companion_of[companion]]]
        ]  # fmt: skip
        if len(units) < wish.wheelchairs or wish.seats < 2 * wish.wheelchairs:
            return Refusal.NO_WHEELCHAIR_SPACE
        units.sort(key=lambda unit: (int(index.quality[unit[0] - 1]), unit))
        given = tuple(units[: wish.wheelchairs])
        others = wish.seats - 2 * wish.wheelchairs
        return self._place(free, allowed, wish, others, given) if others else Choice(given)


def _sums(values: Any) -> npt.NDArray[np.float64]:
    """Running sums from 0: the sum of a slice is a difference."""
    return np.concatenate(([0.0], np.cumsum(values)))
