"""One performance as a transaction sees it: places counted, who may sell them, and the seats of a numbered one.

The three move together: each method changes all of them, or raises and changes nothing.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import reduce

from inventory.domain.contingents import Buyer, Draws, Pools, less, more
from inventory.domain.counts import Capacity
from inventory.domain.errors import NotEnoughPlaces, NotNumbered, NotYoursToGiveBack, PlanNotHereYet
from inventory.domain.holds import GivenBack, HoldLine, HoldWish
from inventory.domain.seats import SeatMap
from kit.errors import DomainError
from seating import SeatState


@dataclass(frozen=True)
class House:
    capacity: Capacity
    pools: Pools
    seat_map: SeatMap | None  # None: free seating, or the plan is not here yet

    @property
    def seats(self) -> SeatMap:
        """Raises NotNumbered, PlanNotHereYet."""
        performance_id = self.capacity.performance_id
        if not self.capacity.plan_version_id:
            raise NotNumbered("this performance has no numbered seats", performance_id=performance_id)
        if self.seat_map is None:
            raise PlanNotHereYet("the plan of this performance is on its way", performance_id=performance_id)
        return self.seat_map

    def hold(self, line: HoldLine, wish: HoldWish, now: datetime) -> HoldLine:
        """The line as it is held: with its seats, and the accounts that it draws from.

        Raises NotEnoughPlaces, QuotaReached, NotNumbered, PlanNotHereYet, and the refusals of `SeatMap.choose`.
        """
        held = line
        if line.seats or self.capacity.plan_version_id:
            chosen = self.seats.choose(line, wish.buyer, now, wish.orphans_allowed)
            held = replace(line, seats=chosen, orphans=self.seats.orphans(chosen))
        self.capacity.must_have(line.quantity)
        held = replace(held, draws=self._draw(held.quantity, held.seats, wish.buyer, now))
        self.capacity.hold(line.quantity)
        if held.seats:
            self.seats.take(held.seats, wish.hold_id, SeatState.OPTIONED if wish.option else SeatState.HELD)
        return held

    def hold_again(self, line: HoldLine, owner: str, now: datetime) -> None:
        """What `release` has just undone, in the same transaction."""
        self.pools.retake(line.draws, line.quantity, now, self._general_sale(now))
        self.capacity.hold(line.quantity)
        if line.seats:
            self.seats.take(line.seats, owner, SeatState.HELD)

    def confirm(self, line: HoldLine, owner: str) -> None:
        """Held places become sold."""
        self.capacity.confirm(line.quantity)
        if line.seats:
            self.seats.settle(line.seats, owner, SeatState.SOLD)

    def release(self, line: HoldLine, owner: str) -> None:
        """Held places become free."""
        self.capacity.release(line.quantity)
        self._undraw(line, owner)

    def sell(self, line: HoldLine, owner: str, now: datetime) -> None:
        """Places of a hold that ran out become sold, if they are free.

        Raises NotEnoughPlaces, QuotaReached, SeatTaken.
        """
        free = self._general_sale(now)
        self.capacity.sell(line.quantity)
        try:
            self.pools.retake(line.draws, line.quantity, now, free)
            if line.seats:
                self._take_or_give_back(line, owner)
        except DomainError:
            self.capacity.unsell(line.quantity)
            raise

    def unsell(self, line: HoldLine, owner: str) -> None:
        """Take back a `sell` of the same transaction."""
        self.capacity.unsell(line.quantity)
        self._undraw(line, owner)

    def take_back(self, given: GivenBack, sold: HoldLine, returned: Sequence[GivenBack]) -> None:
        """Sold places become free; `returned`: what came back of them before."""
        of, draws = sold.quantity, sold.draws
        for each in (*returned, given):
            part = self.pools.part(draws, each.quantity, of, self._by_contingent(each.seats))
            of, draws = of - each.quantity, less(draws, part)
        self.pools.give_back(part)
        self.capacity.take_back(given.quantity)
        if given.seats:
            self.seats.free(given.seats, given.hold_id)

    def sell_as_found(self, quantity: int, seats: Sequence[int], owner: str) -> tuple[int, tuple[int, ...]]:
        """A sealed sale is a fact: take what is free for it, whoever it is set apart for; gives how many were found,
        and which of its seats were not."""
        if not self.capacity.plan_version_id:
            found, absent = min(quantity, self.capacity.free), tuple[int, ...]()
        else:
            free = [seat for seat in seats if self.seats.is_free(seat)][: self.capacity.free]
            self.seats.take(free, owner, SeatState.SOLD)
            found, absent = len(free), tuple(seat for seat in seats if seat not in free)
        self.capacity.sell(found)
        return found, absent

    def refund(self, draws: Draws, drawn: int, of: int, quantity: int, seats: Sequence[int], owner: str) -> Draws:
        """Sold places become free: their money was given back. `drawn` of them are accounted for by `draws` of `of`
        places; gives what came off these."""
        part = self.pools.part(draws, drawn, of, self._by_contingent(seats))
        self.pools.give_back(part)
        self.capacity.take_back(quantity)
        if seats:
            self.seats.free(seats, owner)
        return part

    # -- leases

    def free_for(self, buyer: Buyer, now: datetime, categories: frozenset[str] | None = None) -> int:
        """How many places, of these categories of a numbered house, could go into the hands of a till that sells so."""
        free = self.capacity.free
        if self.seat_map is not None:
            free = min(free, self.seat_map.free_in(self.pools.open_to(buyer, now), categories))
        return self.pools.most(buyer, now, free)

    def lease(self, quantity: int, seats: Sequence[int], owner: str, buyer: Buyer, now: datetime) -> Draws:
        """Free places go into a till's hands. Raises NotEnoughPlaces, QuotaReached, SeatTaken."""
        self.capacity.must_have(quantity)
        draws = self._draw(quantity, seats, buyer, now)
        self.capacity.lease(quantity)
        if seats:
            self.seats.take(seats, owner, SeatState.LEASED)
        return draws

    def end_lease(self, draws: Draws, quantity: int, of: int, seats: Sequence[int], owner: str) -> Draws:
        """So many of the `of` places that a till still has or has sold become free; gives what came off its draws."""
        part = self.pools.part(draws, quantity, of, self._by_contingent(seats))
        self.pools.give_back(part)
        self.capacity.give_back(quantity)
        if seats:
            self.seats.free(seats, owner)
        return part

    def general_places(self, now: datetime) -> int:
        """Free places that are not set apart for anybody."""
        return max(0, self._general_sale(now) - self.pools.set_apart(now))

    def must_keep_apart(self, now: datetime) -> None:
        """Raises NotEnoughPlaces when contingents set apart more by number than is free for the general sale."""
        apart, free = self.pools.set_apart(now), self._general_sale(now)
        if apart > free:
            raise NotEnoughPlaces(
                f"{apart} to set apart, {free} free",
                performance_id=self.capacity.performance_id, wanted=apart, free=free,
            )  # fmt: skip

    # -- accounts

    def _draw(self, quantity: int, seats: Sequence[int], buyer: Buyer, now: datetime) -> Draws:
        if not self.pools:
            return {}
        return self.pools.draw(quantity, buyer, now, self._general_sale(now), self._by_contingent(seats))

    def _general_sale(self, now: datetime) -> int:
        """Free places that contingents of seats leave; those set apart by number are among them."""
        if self.seat_map is not None and self.pools.contingents:
            return self.seat_map.free_in(self.pools.released(now))
        return self.capacity.free

    def _take_or_give_back(self, line: HoldLine, owner: str) -> None:
        try:
            self.seats.take(line.seats, owner, SeatState.SOLD)
        except DomainError:
            self.pools.give_back(line.draws)
            raise

    def _undraw(self, line: HoldLine, owner: str) -> None:
        self.pools.give_back(line.draws)
        if line.seats:
            self.seats.free(line.seats, owner)

    def _by_contingent(self, seats: Iterable[int]) -> dict[int, int]:
        return dict(self.seat_map.by_contingent(seats)) if self.seat_map is not None and self.pools else {}


def sold_of(lines: Sequence[HoldLine], returned: Sequence[GivenBack], given: GivenBack) -> HoldLine:
    """The lines of a confirmed hold for that performance, as one. Raises NotYoursToGiveBack."""
    own = [line for line in lines if line.performance_id == given.performance_id]
    back = [each for each in returned if each.performance_id == given.performance_id]
    sold = HoldLine(
        given.performance_id,
        "",
        "",
        sum(line.quantity for line in own),
        tuple(seat for line in own for seat in line.seats),
    )
    seats = set(sold.seats) - {seat for each in back for seat in each.seats}
    enough = given.quantity <= sold.quantity - sum(each.quantity for each in back)
    named = set(given.seats) <= seats and len(given.seats) == (given.quantity if sold.seats else 0)
    if not (enough and named):
        raise NotYoursToGiveBack(
            "these places were not sold by this hold, or came back already",
            hold_id=given.hold_id, performance_id=given.performance_id,
        )  # fmt: skip
    return replace(sold, draws=reduce(more, (line.draws for line in own), {}))
