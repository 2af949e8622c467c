"""The seats of one numbered performance, as one transaction sees and changes them.

A seat has at most one owner: a hold (HELD, then SOLD), a lease (LEASED, then SOLD) or a block (HOUSE, KILLED). What
changes is kept as moves, from the owner before this transaction to the one after it: a seat that came free and was
taken again is written once.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

import numpy as np

from inventory.domain.contingents import Buyer, Pools
from inventory.domain.errors import (
    CompanionAlone,
    LeavesOrphans,
    NotEnoughPlaces,
    NoWheelchairSpace,
    SeatForWheelchairs,
    SeatNotForYou,
    SeatsApart,
    SeatsNotTogether,
    SeatTaken,
    SeatUnknown,
    TooNear,
)
from inventory.domain.holds import HoldLine
from inventory.domain.seating_rules import USUAL, SeatingRules
from kit.errors import DomainError
from seating import SeatState, Trait, contingent_of, pack, state_of
from seating.allocation import Allocator, Choice, Refusal, Status, Wish
from seating.distance import keep_apart

_REFUSALS: dict[Refusal, type[DomainError]] = {
    Refusal.NOT_ENOUGH_SEATS: NotEnoughPlaces,
    Refusal.WOULD_LEAVE_ONE_ALONE: SeatsApart,
    Refusal.NOT_TOGETHER: SeatsNotTogether,
    Refusal.NO_WHEELCHAIR_SPACE: NoWheelchairSpace,
}
_NAMED = 20  # how many seats a refusal names


@dataclass(frozen=True)
class Move:
    """Of one seat: whose it was when the transaction began, whose it is now, and in which state."""

    before: str | None
    after: str | None
    state: SeatState


@dataclass
class SeatMap:
    """One byte per seat by index (`seating.states`). `version` grows by one with each commit that changes seats."""

    performance_id: str
    allocator: Allocator
    status: Status
    version: int
    pools: Pools = field(default_factory=lambda: Pools(""))
    rules: SeatingRules = USUAL
    moves: dict[int, Move] = field(default_factory=dict)  # by ordinal
    assigned: dict[int, int] = field(default_factory=dict)  # contingent's number by ordinal, as this transaction set it
    released_spaces: list[int] = field(default_factory=list)  # wheelchair spaces that went to somebody else

    def choose(self, line: HoldLine, buyer: Buyer, now: datetime, orphans_allowed: bool = False) -> tuple[int, ...]:
        """The seats of a line: those that it names, or the best of those that it may have.

        Raises SeatUnknown, SeatTaken, SeatNotForYou, SeatForWheelchairs, CompanionAlone, TooNear, LeavesOrphans,
        NotEnoughPlaces, SeatsApart, SeatsNotTogether, NoWheelchairSpace.
        """
        allowed = self.pools.open_to(buyer, now, line.quantity)
        strict = not orphans_allowed and self.rules.refuses_orphans(buyer.channel, self._free_seats(buyer.channel))
        if line.seats:
            self._check_named(line, allowed, now, strict)
            chosen = line.seats
        else:
            chosen = self._best(line, allowed, now, strict)
        if not line.wheelchairs and self.rules.wheelchairs_released(now):
            self.released_spaces += [seat for seat in chosen if self._has(seat, Trait.WHEELCHAIR)]
        return chosen

    def block_of(
        self, quantity: int, categories: frozenset[str] | None, allowed: frozenset[int], but: Sequence[int] = ()
    ) -> tuple[int, ...]:
        """Neighbours for a till's lease, none of them in `but`: so many, or half as many, and so on; nothing when there
        is none."""
        offered = self._offered()
        if but:
            offered = offered.copy()
            offered[np.asarray(but, np.int64) - 1] = pack(int(SeatState.KILLED), 0)
        while quantity:
            found = self.allocator.best(offered, Wish(quantity, categories, allowed))
            if isinstance(found, Choice):
                return found.ordinals
            quantity //= 2
        return ()

    def orphans(self, seats: Sequence[int]) -> tuple[int, ...]:
        """Free seats that these leave alone, before they are taken."""
        return self.allocator.orphans(self._offered(), seats)

    def take(self, seats: Sequence[int], owner: str, state: SeatState) -> None:
        """Free seats become somebody's, all or none. Raises SeatUnknown, SeatTaken."""
        self.must_be_free(seats)
        for seat in seats:
            known = self.moves.get(seat)
            self._move(seat, Move(known.before if known else None, owner, state))

    def settle(self, seats: Iterable[int], owner: str, state: SeatState) -> None:
        """The owner's seats stand otherwise: held ones are sold."""
        for seat in seats:
            known = self.moves.get(seat)
            self._move(seat, Move(known.before if known else owner, owner, state))

    def free(self, seats: Iterable[int], owner: str) -> None:
        """The owner's seats are nobody's again."""
        for seat in seats:
            known = self.moves.get(seat)
            self._move(seat, Move(known.before if known else owner, None, SeatState.FREE))

    def assign(self, seats: Sequence[int], number: int) -> int:
        """Put seats into a contingent (0: the general sale), whatever their state; gives how many came.

        Raises SeatUnknown.
        """
        self._must_be_known(seats)
        came = 0
        _ = self.shown_before
        for seat in seats:
            byte = int(self.status[seat - 1])
            if contingent_of(byte) != number:
                self.assigned[seat] = number
                self.status[seat - 1] = pack(state_of(byte), number)
                came += 1
        return came

    def follow(self, rules: SeatingRules) -> None:
        """Give seats by other rules from now on; what a plan shows may change at once."""
        self.shown_before = self.shown().copy()
        self.rules = rules

    def must_be_free(self, seats: Sequence[int]) -> None:
        """Raises SeatUnknown, SeatTaken."""
        self._must_be_known(seats)
        self._refuse(SeatTaken, "these seats are taken", [seat for seat in seats if not self.is_free(seat)])

    def is_free(self, seat: int) -> bool:
        return 1 <= seat <= len(self.status) and state_of(int(self.status[seat - 1])) == SeatState.FREE

    def free_in(self, contingents: Iterable[int], categories: frozenset[str] | None = None) -> int:
        """How many free seats there are of these contingents and categories; contingent 0 names the general sale."""
        index = self.allocator.index
        free = state_of(self.status) == SeatState.FREE
        if categories is not None:
            wanted = [number for number, code in enumerate(index.categories) if code in categories]
            free = free & np.isin(index.category, wanted)
        return int(np.isin(contingent_of(self.status[free]), list(contingents)).sum())

    def category_of(self, seat: int) -> str:
        """The code of a seat's category."""
        index = self.allocator.index
        return index.categories[index.category[seat - 1]]

    def by_contingent(self, seats: Iterable[int]) -> Counter[int]:
        """How many of these seats are of each contingent."""
        return Counter(contingent_of(int(self.status[seat - 1])) for seat in seats)

    def seats_of(self, contingent: int) -> tuple[int, ...]:
        """Every seat of a contingent, whatever its state."""
        return tuple(int(index) + 1 for index in np.flatnonzero(contingent_of(self.status) == contingent))

    def shown(self) -> Status:
        """What a plan shows: the seats as they are, and those that must stay empty as too near."""
        return self._offered()

    @cached_property
    def shown_before(self) -> Status | None:
        """What was shown when the transaction began, where distance makes one seat's change show on others."""
        return self.shown().copy() if self.rules.distance else None

    def shows_otherwise(self) -> bool:
        """Whether a plan shows seats otherwise than when the transaction began, though none has moved."""
        before = self.__dict__.get("shown_before")
        return before is not None and bool((before != self.shown()).any())

    def changed(self) -> dict[int, Move]:
        """Moves that lead somewhere."""
        return {seat: move for seat, move in self.moves.items() if move.before is not None or move.after is not None}

    def near(self, seat: int, categories: Sequence[str], most: int) -> list[int]:
        """Free seats of the general sale that stand in for this one: category by category in the order given, in each
        the nearest first. Raises SeatUnknown."""
        self._must_be_known([seat])
        index, offered = self.allocator.index, self._offered()
        special = index.traits & int(Trait.WHEELCHAIR | Trait.COMPANION)
        free = (state_of(offered) == SeatState.FREE) & (contingent_of(offered) == 0) & (special == 0)
        across = index.x.astype(np.int64) - int(index.x[seat - 1])
        away = across**2 + (index.y.astype(np.int64) - int(index.y[seat - 1])) ** 2
        found: list[int] = []
        for code in categories:
            which = index.categories.index(code) if code in index.categories else -1
            there = np.flatnonzero(free & (index.category == which))
            found += (there[np.argsort(away[there], kind="stable")] + 1).tolist()
        return found[:most]

    # -- what may be chosen

    def _offered(self) -> Status:
        """The seats, those that are free but too near to others marked."""
        return (
            keep_apart(self.allocator.index, self.status, self.rules.distance) if self.rules.distance else self.status
        )

    def _free_seats(self, channel: str) -> int:
        """Counted only where the number matters."""
        if channel not in self.rules.orphans_refused_on:
            return 0
        return int((state_of(self.status) == SeatState.FREE).sum())

    def _best(self, line: HoldLine, allowed: frozenset[int], now: datetime, strict: bool) -> tuple[int, ...]:
        offered = self._offered()
        wish = Wish(
            line.quantity, frozenset(line.categories) or None, allowed, wheelchairs=line.wheelchairs,
            together=line.together, no_orphans=strict, prices=line.prices, budget=line.budget or None,
        )  # fmt: skip
        found = self.allocator.best(offered, wish)
        if isinstance(found, Refusal) and self.rules.wheelchairs_released(now):
            found = self.allocator.best(offered, wish.with_released_spaces())  # last: only when nothing else serves
        if isinstance(found, Refusal):
            raise _REFUSALS[found](
                f"{line.quantity} seats: {found}", performance_id=self.performance_id, wanted=line.quantity
            )
        return found.ordinals

    def _check_named(self, line: HoldLine, allowed: frozenset[int], now: datetime, strict: bool) -> None:
        seats = line.seats
        self.must_be_free(seats)
        self._refuse(
            SeatNotForYou, "these seats are set apart for others",
            [seat for seat in seats if contingent_of(int(self.status[seat - 1])) not in allowed],
        )  # fmt: skip
        if self.rules.distance:
            offered = self._offered()
            near = [seat for seat in seats if state_of(int(offered[seat - 1])) == SeatState.APART]
            self._refuse(TooNear, "these seats stay empty between groups", near)
        self._check_spaces(line, now)
        if strict and self._leaves_orphans_needlessly(line, allowed):
            self._refuse(LeavesOrphans, "a single seat would be left over", self.orphans(seats))

    def _check_spaces(self, line: HoldLine, now: datetime) -> None:
        """A space is for who asks for it, until it is released; a companion's seat goes with its space (domain 6.5)."""
        spaces = [seat for seat in line.seats if self._has(seat, Trait.WHEELCHAIR)]
        if len(spaces) > line.wheelchairs and not self.rules.wheelchairs_released(now):
            self._refuse(SeatForWheelchairs, "wheelchair spaces", spaces)
        alone = [
            seat for seat in line.seats
            if (space := int(self.allocator.index.companion_of[seat - 1]) + 1) and space not in line.seats
            and self.is_free(space)
        ]  # fmt: skip
        self._refuse(CompanionAlone, "companions' seats without their space", alone)

    def _leaves_orphans_needlessly(self, line: HoldLine, allowed: frozenset[int]) -> bool:
        """Whether these seats leave one alone though as many of the same categories would not."""
        if not self.orphans(line.seats):
            return False
        index = self.allocator.index
        categories = frozenset(index.categories[index.category[seat - 1]] for seat in line.seats)
        other = self.allocator.best(self._offered(), Wish(line.quantity, categories, allowed, no_orphans=True))
        return isinstance(other, Choice) and not self.orphans(other.ordinals)

    def _has(self, seat: int, trait: Trait) -> bool:
        return bool(int(self.allocator.index.traits[seat - 1]) & trait)

    # -- moves

    def _move(self, seat: int, move: Move) -> None:
        _ = self.shown_before  # once, before the first change
        self.moves[seat] = move
        self.status[seat - 1] = pack(int(move.state), contingent_of(int(self.status[seat - 1])))

    def _must_be_known(self, seats: Sequence[int]) -> None:
        unknown = [seat for seat in seats if not 1 <= seat <= len(self.status)]
        if unknown or len(set(seats)) != len(seats):
            self._refuse(SeatUnknown, "these are not seats of the plan, each once", unknown or seats)

    def _refuse(self, error: type[DomainError], why: str, seats: Sequence[int]) -> None:
        if seats:
            named = ",".join(map(str, sorted(seats)[:_NAMED]))
            raise error(f"{len(seats)}: {why}", performance_id=self.performance_id, seats=named)
