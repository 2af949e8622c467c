"""The seats of one numbered performance, as one transaction sees and changes them.

A seat has at most one owner: a hold (HELD, then SOLD) or a block (HOUSE, KILLED). What changes is kept as moves, from
the owner before this transaction to the one after it: a seat that came free and was taken again is written once.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from inventory.domain.contingents import Buyer, Contingent, open_to
from inventory.domain.errors import (
    NotEnoughPlaces,
    NoWheelchairSpace,
    SeatNotForYou,
    SeatsApart,
    SeatsNotTogether,
    SeatTaken,
    SeatUnknown,
)
from inventory.domain.holds import HoldLine
from kit.errors import DomainError
from seating import SeatState, contingent_of, pack, state_of
from seating.allocation import Allocator, Refusal, Status, Wish

_REFUSALS: dict[Refusal, type[DomainError]] = {
    Refusal.NOT_ENOUGH_SEATS: NotEnoughPlaces,
    Refusal.WOULD_LEAVE_ONE_ALONE: SeatsApart,
    Refusal.NOT_TOGETHER: SeatsNotTogether,
    Refusal.NO_WHEELCHAIR_SPACE: NoWheelchairSpace,
}
_NAMED = 20  # how many taken seats a refusal names


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
    contingents: dict[int, Contingent] = field(default_factory=dict)  # by number
    moves: dict[int, Move] = field(default_factory=dict)  # by ordinal
    assigned: dict[int, int] = field(default_factory=dict)  # contingent's number by ordinal, as this transaction set it

    def choose(self, line: HoldLine, buyer: Buyer, now: datetime) -> tuple[int, ...]:
        """The seats of a line: those that it names, all free and open to the buyer, or the best of those.

        Raises SeatUnknown, SeatTaken, SeatNotForYou, NotEnoughPlaces, SeatsApart, SeatsNotTogether, NoWheelchairSpace.
        """
        allowed = open_to(self.contingents.values(), buyer, now)
        if line.seats:
            self._must_be(line.seats, SeatState.FREE)
            others = [seat for seat in line.seats if contingent_of(int(self.status[seat - 1])) not in allowed]
            if others:
                raise SeatNotForYou(
                    "these seats are set apart for others", performance_id=self.performance_id, seats=_list(others)
                )
            return line.seats
        categories = frozenset(line.categories) or None
        wish = Wish(line.quantity, categories, allowed, wheelchairs=line.wheelchairs, together=line.together)
        found = self.allocator.best(self.status, wish)
        if isinstance(found, Refusal):
            raise _REFUSALS[found](
                f"{line.quantity} seats: {found}", performance_id=self.performance_id, wanted=line.quantity
            )
        return found.ordinals

    def take(self, seats: Sequence[int], owner: str, state: SeatState) -> None:
        """Free seats become somebody's, all or none. Raises SeatUnknown, SeatTaken."""
        self._must_be(seats, SeatState.FREE)
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

    def assign(self, seats: Sequence[int], number: int) -> None:
        """Put seats into a contingent (0: the general sale), whatever their state. Raises SeatUnknown."""
        self._must_be_known(seats)
        for seat in seats:
            byte = int(self.status[seat - 1])
            if contingent_of(byte) != number:
                self.assigned[seat] = number
                self.status[seat - 1] = pack(state_of(byte), number)

    def changed(self) -> dict[int, Move]:
        """Moves that lead somewhere."""
        return {seat: move for seat, move in self.moves.items() if move.before is not None or move.after is not None}

    def _move(self, seat: int, move: Move) -> None:
        self.moves[seat] = move
        self.status[seat - 1] = pack(int(move.state), contingent_of(int(self.status[seat - 1])))

    def _must_be_known(self, seats: Sequence[int]) -> None:
        unknown = [seat for seat in seats if not 1 <= seat <= len(self.status)]
        if unknown or len(set(seats)) != len(seats):
            raise SeatUnknown(
                "these are not seats of the plan, each once",
                performance_id=self.performance_id, seats=_list(unknown or seats),
            )  # fmt: skip

    def _must_be(self, seats: Sequence[int], state: SeatState) -> None:
        self._must_be_known(seats)
        taken = [seat for seat in seats if state_of(int(self.status[seat - 1])) != state]
        if taken:
            raise SeatTaken(f"{len(taken)} seats are taken", performance_id=self.performance_id, seats=_list(taken))


def _list(seats: Sequence[int]) -> str:
    return ",".join(map(str, sorted(seats)[:_NAMED]))
