"""Places in a till's hands (réserve de caisse): granted = sold + given back + left. Rules of design §5.

The centre never takes back what a till may have sold: `reported_used` is what the till says it sold, `used` what the
centre knows from the journal, and until the two meet the difference stays set aside. In a numbered house the places are
seats, in blocks of neighbours, so that the till can give best seats without a network.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import IntEnum

from inventory.domain.contingents import ANYBODY, Buyer, Draws, less, more
from inventory.domain.errors import Facts, LeaseNotActive, LeaseOverused, SeatsNotNamed, SeatTaken
from inventory.domain.holds import HoldLine
from inventory.domain.house import House
from seating import SeatState

SCARCE = 20  # free places from which on tills get single ones


class LeaseState(IntEnum):
    ACTIVE = 1
    CLOSED = 2
    RECALLED = 3


@dataclass(frozen=True)
class LeaseWish:
    """What a till would like to have at hand; `needed`: a customer waits for so many of them.

    `seats`: the till sells numbered seats; `named_seats`: those that the customer points at.
    """

    performance_id: str
    left: int
    needed: int = 0
    categories: tuple[str, ...] = ()
    seats: bool = False
    named_seats: tuple[int, ...] = ()


@dataclass(frozen=True)
class LeaseReport:
    """What a till says of a lease. Numbers are absolute; `returned_seats` are given back under that epoch only."""

    lease_id: str
    used: int
    returned: int
    done: bool = False
    returned_seats: tuple[int, ...] = ()
    sold_seats: tuple[int, ...] = ()
    epoch: int = 0


@dataclass
class Lease:
    """Always: returned + used <= granted. `outstanding` is what the capacity counts as leased."""

    lease_id: str
    till_id: str
    performance_id: str
    expires_at: datetime
    granted: int = 0
    returned: int = 0
    used: int = 0
    reported_used: int = 0
    epoch: int = 0
    state: LeaseState = LeaseState.ACTIVE
    seats: tuple[int, ...] = ()  # of a numbered house: as many as outstanding
    reported_seats: tuple[int, ...] = ()  # of these, what the till says it sold
    draws: Draws = field(default_factory=dict)  # of all that is granted, and neither returned nor refunded
    refunded: int = 0  # of the used ones: they went back to the house, not to the till
    refunded_seats: tuple[
        int, ...
    ] = ()  # the till goes on naming them as sold, so it never gets them again by this lease

    @property
    def outstanding(self) -> int:
        """Set aside for the till: left with it, or sold by it and not yet known to be."""
        return self.granted - self.returned - self.used

    @property
    def left(self) -> int:
        """What the till can still sell, as far as the centre knows."""
        return self.granted - self.returned - max(self.used, self.reported_used)

    def report(self, house: House, told: LeaseReport) -> None:
        """What the till says it has sold and given back; an older report changes nothing.

        Raises LeaseOverused, SeatsNotNamed. A lease that is no longer active takes no report: the till must drop it.
        """
        if self.state is LeaseState.RECALLED:
            return
        numbered = house.capacity.plan_version_id is not None
        if numbered and len(set(told.sold_seats)) != told.used:
            raise SeatsNotNamed(f"{told.used} sold, {len(told.sold_seats)} named", lease_id=self.lease_id)
        back_seats = self._seats_back(told) if numbered else ()
        told_back = self.returned + len(back_seats) if numbered else told.returned
        sold, back = max(self.used, self.reported_used, told.used), max(self.returned, told_back)
        over = not numbered and told.used + told.returned > self.granted
        if over or sold + back > self.granted:
            facts: Facts = {
                "lease_id": self.lease_id,
                "granted": self.granted,
                "used": told.used,
                "returned": told_back,
            }
            raise LeaseOverused(f"{told.used} sold and {told_back} given back of {self.granted} granted", **facts)
        self._give_back(house, back - self.returned, back_seats)
        self.reported_used = sold
        told_sold = {*self.reported_seats, *told.sold_seats}
        self.reported_seats = tuple(seat for seat in self.seats if seat in told_sold)

    def settle(self, house: House) -> None:
        """The till will sell no more from it: what it has not sold is free again."""
        if self.state is LeaseState.ACTIVE:
            self._give_back_left(house)
            self.state = LeaseState.CLOSED

    def recall(self, house: House) -> int:
        """Take back what a dark till has left, by a supervisor's decision; gives the number. Raises LeaseNotActive."""
        if self.state is not LeaseState.ACTIVE:
            raise LeaseNotActive(f"lease {self.lease_id} is {self.state.name.lower()}", lease_id=self.lease_id)
        places = self._give_back_left(house)
        self.state = LeaseState.RECALLED
        return places

    def top_up(self, house: House, wish: LeaseWish, now: datetime, buyer: Buyer = ANYBODY) -> None:
        """Grant what is missing to the wish, within a fair share of what is free; what a customer waits for, all of it
        or nothing of it. Seats that the wish names are granted before the rest.

        Raises what `SeatMap.choose` refuses of named seats, QuotaReached: then the lease has not changed.
        """
        if wish.named_seats:
            self._take_named(house, wish, now, buyer)
        categories = frozenset(wish.categories) or None
        left = self._left_of(house, categories)
        if max(wish.left, wish.needed) <= left:
            return  # as every second of a quiet evening: no seat is looked at
        free = house.free_for(buyer, now, categories)
        waited_for = max(0, wish.needed - left)
        fair = min(wish.left - left, fair_share(free, left))
        places = max(fair, waited_for) if waited_for <= free else fair
        seats: tuple[int, ...] = ()
        if places > 0 and house.capacity.plan_version_id:
            allowed = house.pools.open_to(buyer, now, places)
            seats = house.seats.block_of(places, categories, allowed, self.refunded_seats)
            places = len(seats)
        if places > 0:
            self._take(house, places, seats, now, buyer)

    def _take_named(self, house: House, wish: LeaseWish, now: datetime, buyer: Buyer) -> None:
        """A cashier who points at a wheelchair space asks for it, so as many as there are among them are meant."""
        seats = tuple(seat for seat in dict.fromkeys(wish.named_seats) if seat not in self.seats)
        if not seats:
            return
        if back := [seat for seat in seats if seat in self.refunded_seats]:
            # The till still names them as sold under this lease: it gets them again by its next one.
            raise SeatTaken(f"{len(back)} were sold here and given back", seats=",".join(map(str, back)))
        line = HoldLine(wish.performance_id, "", "", len(seats), seats, wheelchairs=len(seats))
        self._take(house, len(seats), house.seats.choose(line, buyer, now), now, buyer)

    def _take(self, house: House, places: int, seats: tuple[int, ...], now: datetime, buyer: Buyer) -> None:
        self.draws = more(self.draws, house.lease(places, seats, self.lease_id, buyer, now))
        self.granted += places
        self.seats = tuple(sorted((*self.seats, *seats)))
        self.epoch += 1

    def _left_of(self, house: House, categories: frozenset[str] | None) -> int:
        """What the till can still sell of these categories."""
        if categories is None or not house.capacity.plan_version_id:
            return self.left
        own = (seat for seat in self.seats if seat not in self.reported_seats)
        return sum(house.seats.category_of(seat) in categories for seat in own)

    def is_late(self, now: datetime, grace: timedelta) -> bool:
        """Past its expiry by more than the clocks may differ: a till that still has it does not know."""
        return now >= self.expires_at + grace

    def wanted_back(self, house: House, leases: int, late: bool = False) -> int:
        """How many the till should give back: all of a late lease; else what lets the last places be sold where
        somebody asks for them."""
        if late and self.state is LeaseState.ACTIVE:
            return self.left
        free = house.capacity.free
        if self.state is not LeaseState.ACTIVE or free > SCARCE:
            return 0
        fair = max(1, (free + house.capacity.leased) // (2 * max(1, leases)))
        return max(0, self.left - fair)

    def sell(self, house: House, quantity: int, seats: Sequence[int] = ()) -> tuple[int, tuple[int, ...]]:
        """A sale under this lease has come in; gives how many of its places were found, and which seats were not.

        Beyond what is set aside (the lease was recalled, or overused) free places serve, as far as there are any.
        """
        own = tuple(seat for seat in seats if seat in self.seats)
        covered = len(own) if seats else min(quantity, self.outstanding)
        house.capacity.sell_leased(covered)
        self.used += covered
        if own:
            house.seats.settle(own, self.lease_id, SeatState.SOLD)
            self.seats = tuple(seat for seat in self.seats if seat not in own)
            self.reported_seats = tuple(seat for seat in self.reported_seats if seat not in own)
        beyond = quantity - covered
        found, absent = house.sell_as_found(beyond, [seat for seat in seats if seat not in own], self.lease_id)
        # Of what was taken back, so many had been sold after all.
        after_all = min(beyond, self.returned)
        self.returned -= after_all
        self.used += after_all
        self.reported_used = max(self.reported_used, self.used)
        return covered + found, absent

    def refund(self, house: House, quantity: int, seats: Sequence[int] = ()) -> None:
        """Places that were sold under this lease become free for everybody. The till's own numbers stay as they are, so
        that nothing it has said or will say of the lease is contradicted: it gets them again by its next wish."""
        drawn = min(quantity, self.used - self.refunded)
        part = house.refund(self.draws, drawn, self._drawn, quantity, seats, self.lease_id)
        self.draws = less(self.draws, part)
        self.refunded += drawn
        self.refunded_seats = (*self.refunded_seats, *seats)

    @property
    def _drawn(self) -> int:
        """The places that `draws` accounts for."""
        return self.granted - self.returned - self.refunded

    def _seats_back(self, told: LeaseReport) -> tuple[int, ...]:
        """Of the seats that the till gives back, those that it still had."""
        if told.epoch != self.epoch:
            return ()
        return tuple(seat for seat in self.seats if seat in told.returned_seats and seat not in told.sold_seats)

    def _give_back_left(self, house: House) -> int:
        seats = tuple(seat for seat in self.seats if seat not in self.reported_seats)
        places = len(seats) if self.seats else self.left
        self._give_back(house, places, seats)
        self.reported_used = max(self.reported_used, self.used)
        return places

    def _give_back(self, house: House, places: int, seats: Sequence[int]) -> None:
        if not places:
            return
        part = house.end_lease(self.draws, places, self._drawn, seats, self.lease_id)
        self.draws = less(self.draws, part)
        self.returned += places
        if seats:
            self.seats = tuple(seat for seat in self.seats if seat not in seats)
            self.epoch += 1


def fair_share(free: int, left: int) -> int:
    """How many places a till may get at once: a quarter of what is free, and single ones when few are left."""
    if free <= SCARCE:
        return 1 if free > 0 and left == 0 else 0
    return max(1, free // 4)
