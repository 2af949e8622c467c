"""The seats of one numbered performance, as one transaction sees and changes them.

A seat has at most one owner: a hold (HELD, then SOLD) or a block (HOUSE, KILLED). What changes is kept as moves, from
the owner before this transaction to the one after it: a seat that came free and was taken again is written once.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from inventory.domain.errors import (
    NotEnoughPlaces,
    NoWheelchairSpace,
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
    moves: dict[int, Move] = field(default_factory=dict)  # by ordinal

    def choose(self, line: HoldLine) -> tuple[int, ...]:
        """The seats of a line: those that it names, all free, or the best ones.

        Raises SeatUnknown, SeatTaken, NotEnoughPlaces, SeatsApart, SeatsNotTogether, NoWheelchairSpace.
        """
        if line.seats:
            self._must_be(line.seats, SeatState.FREE)
            return line.seats
        categories = frozenset(line.categories) or None
        wish = Wish(line.quantity, categories, wheelchairs=line.wheelchairs, together=line.together)
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

    def changed(self) -> dict[int, Move]:
        """Moves that lead somewhere."""
        return {seat: move for seat, move in self.moves.items() if move.before is not None or move.after is not None}

    def _move(self, seat: int, move: Move) -> None:
        self.moves[seat] = move
        self.status[seat - 1] = pack(int(move.state), contingent_of(int(self.status[seat - 1])))

    def _must_be(self, seats: Sequence[int], state: SeatState) -> None:
        unknown = [seat for seat in seats if not 1 <= seat <= len(self.status)]
        if unknown or len(set(seats)) != len(seats):
            raise SeatUnknown(
                "these are not seats of the plan, each once",
                performance_id=self.performance_id, seats=_list(unknown or seats),
            )  # fmt: skip
        taken = [seat for seat in seats if state_of(int(self.status[seat - 1])) != state]
        if taken:
            raise SeatTaken(f"{len(taken)} seats are taken", performance_id=self.performance_id, seats=_list(taken))


def _list(seats: Sequence[int]) -> str:
    return ",".join(map(str, sorted(seats)[:_NAMED]))
