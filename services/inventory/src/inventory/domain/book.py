"""The book of one transaction: what was locked, and what may be done with it. Pure; the store loads it and writes it.

Each operation leaves every capacity's invariant true, or raises and changes nothing.
"""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from inventory.domain.contingents import ANYBODY, Buyer, Pools
from inventory.domain.counts import Capacity
from inventory.domain.errors import (
    Facts,
    HoldExpired,
    HoldNotFound,
    HoldReused,
    LeaseNotFound,
    NotEnoughPlaces,
    NotEnoughStock,
    NotYourSeat,
    NotYoursToGiveBack,
    PerformanceNotHereYet,
    PerformanceUnknown,
    QuotaReached,
    SeatTaken,
)
from inventory.domain.holds import GivenBack, Hold, HoldLine, HoldState, HoldWish, fingerprint
from inventory.domain.house import House, sold_of
from inventory.domain.leases import SCARCE, Lease, LeaseReport, LeaseState, LeaseWish
from inventory.domain.missing import Missing
from inventory.domain.seats import SeatMap
from inventory.domain.stock import Act, Shelves, StockLevel
from kit.errors import DomainError
from seating import SeatState


@dataclass(frozen=True)
class SoldLine:
    """A line of a sealed sale: admissions or articles."""

    order_id: str
    line: int
    till_id: str
    performance_id: str
    product_id: str
    option: str
    quantity: int
    lease_id: str
    hold_id: str
    seats: tuple[int, ...] = ()


@dataclass(frozen=True)
class RefundedLine:
    """So much of a line of a sealed sale came back: `sold` is that part of it. `till_id`: who gave the money back."""

    refund_id: str
    till_id: str
    sold: SoldLine


@dataclass(frozen=True)
class LeaseTerms:
    """How long a lease lasts without news, and how long after that a till's late report still finds it untouched."""

    lasts: timedelta
    grace: timedelta


@dataclass
class Book:
    capacities: dict[str, Capacity] = field(default_factory=dict)
    stock: Shelves = field(default_factory=Shelves)
    holds: dict[str, Hold] = field(default_factory=dict)
    leases: dict[str, Lease] = field(default_factory=dict)
    seats: dict[str, SeatMap] = field(default_factory=dict)  # of numbered performances
    pools: dict[str, Pools] = field(default_factory=dict)  # of performances that have any
    conflicts: list[Missing] = field(default_factory=list)  # new ones, and all open ones of what is locked

    def house(self, performance_id: str) -> House:
        """One performance with all that is known of it. Raises PerformanceUnknown."""
        capacity = self.capacities.get(performance_id)
        if capacity is None:
            raise PerformanceUnknown("no such performance", performance_id=performance_id)
        return House(capacity, self.pools.get(performance_id) or Pools(performance_id), self.seats.get(performance_id))

    def is_scarce(self, performance_id: str) -> bool:
        """Whether tills should give back what they can."""
        return self.capacities[performance_id].free <= SCARCE

    # -- holds

    def hold(self, wish: HoldWish, now: datetime) -> Hold:
        """Set aside all lines or none, in the place of the hold that it replaces. Repeating gives the first hold.

        Raises NotEnoughPlaces, NotEnoughStock, QuotaReached, PerformanceUnknown, HoldReused, HoldNotFound,
        NotYoursToGiveBack, PlanNotHereYet, and the refusals of `SeatMap.choose`.
        """
        known = self.holds.get(wish.hold_id)
        mark = fingerprint(wish)
        if known is not None:
            if known.fingerprint != mark:
                raise HoldReused(f"hold {wish.hold_id} was for other lines", hold_id=wish.hold_id)
            return known
        for line in wish.lines:
            if line.performance_id and not self.house(line.performance_id).capacity.sellable(now):
                raise PerformanceUnknown("not on sale", performance_id=line.performance_id)
        for given in wish.gives_back:
            self._must_be_sold(given)
        replaced = self._running(wish.replaces) if wish.replaces else None
        self._end(replaced, HoldState.RELEASED)
        done: list[HoldLine] = []
        try:
            for line in self.stock.placed(wish.lines, wish.buyer.point_of_sale_id):
                done.append(self._hold_line(line, wish, now))
        except DomainError:
            self._release_lines(done, wish.hold_id)
            if replaced is not None:
                self._hold_again(replaced, now)
            raise
        hold = Hold(wish.hold_id, mark, tuple(done), wish.held_until, gives_back=wish.gives_back)
        self.holds[wish.hold_id] = hold
        return hold

    def extend(self, hold_id: str, until: datetime) -> Hold:
        """A running hold lasts until then, or longer if it did. Raises HoldNotFound, HoldExpired."""
        hold = self._running(hold_id)
        hold.held_until = max(hold.held_until, until)
        return hold

    def confirm(self, hold_id: str, now: datetime) -> Hold:
        """The hold becomes a sale, and what it exchanges comes back; an expired one takes its places anew.

        Raises HoldNotFound, HoldExpired, NotYoursToGiveBack.
        """
        hold = self.holds.get(hold_id)
        if hold is None or hold.state is HoldState.RELEASED:
            raise HoldNotFound(f"no hold {hold_id}", hold_id=hold_id)
        if hold.state is not HoldState.CONFIRMED:
            for given in hold.gives_back:
                self._must_be_sold(given)
            self._sell_hold(hold, now)
            for given in hold.gives_back:
                self._take_back(given)
        return hold

    def release(self, hold_id: str) -> None:
        """Give a hold back; nothing happens to one that is unknown, sold or already given back."""
        self._end(self.holds.get(hold_id), HoldState.RELEASED)

    def expire(self, hold_ids: Iterable[str], now: datetime) -> int:
        """Free those that were held too long; gives their number."""
        holds = [self.holds[hold_id] for hold_id in hold_ids if hold_id in self.holds]
        late = [hold for hold in holds if hold.state is HoldState.ACTIVE and hold.held_until <= now]
        for hold in late:
            self._end(hold, HoldState.EXPIRED)
        return len(late)

    # -- leases

    def report(self, till_id: str, told: LeaseReport, now: datetime, terms: LeaseTerms) -> None:
        """A till's word on a lease. It is settled only by the word that nothing more will be sold: an expired lease may
        be good still by the till's own clock, and the answer that says otherwise may be lost.

        Raises LeaseNotFound, LeaseOverused, SeatsNotNamed.
        """
        lease = self.leases.get(told.lease_id)
        if lease is None or lease.till_id != till_id:
            raise LeaseNotFound(f"this till has no lease {told.lease_id}", lease_id=told.lease_id)
        house = self.house(lease.performance_id)
        lease.report(house, told)
        if told.done or (lease.is_late(now, terms.grace) and not lease.left):
            lease.settle(house)

    def grant(
        self, till_id: str, wish: LeaseWish, new_id: str, now: datetime, terms: LeaseTerms, buyer: Buyer = ANYBODY
    ) -> None:
        """Bring a till's lease near the wished number of places at hand. Nothing for what cannot be sold.

        Raises what `Lease.top_up` raises.
        """
        capacity = self.capacities.get(wish.performance_id)
        if capacity is None or not capacity.sellable(now):
            return
        house = self.house(wish.performance_id)
        if capacity.plan_version_id and (house.seat_map is None or not wish.seats):
            return  # its plan is on its way, or the till could not say who sits where
        lease = self.active_lease(till_id, wish.performance_id)
        if lease is not None and lease.is_late(now, terms.grace):
            return  # what is left of it is to come back first
        if lease is None:
            lease = Lease(new_id, till_id, wish.performance_id, self._expiry(capacity, now, terms))
        lease.top_up(house, wish, now, buyer)
        if lease.granted:
            self.leases[lease.lease_id] = lease

    def renew(self, till_id: str, now: datetime, terms: LeaseTerms) -> None:
        """A till in contact keeps its leases, but for those that are late: their tills' clocks are slow."""
        for lease in self.leases.values():
            capacity = self.capacities[lease.performance_id]
            mine = lease.till_id == till_id and lease.state is LeaseState.ACTIVE
            if mine and capacity.sellable(now) and not lease.is_late(now, terms.grace):
                lease.expires_at = self._expiry(capacity, now, terms)

    def active_lease(self, till_id: str, performance_id: str) -> Lease | None:
        """The one lease that the till may sell from for this performance."""
        for lease in self.leases.values():
            mine = lease.till_id == till_id and lease.performance_id == performance_id
            if mine and lease.state is LeaseState.ACTIVE:
                return lease
        return None

    # -- sales that are sealed: facts, never refused

    def record_sale(self, sold: SoldLine, now: datetime) -> None:
        """Count a sealed line. What cannot be found becomes a conflict. Raises PerformanceNotHereYet."""
        hold = self.holds.get(sold.hold_id)
        if (
            hold is not None
            and hold.is_for(sold.performance_id, sold.product_id)
            and self._confirmed_by_sale(hold, now)
        ):
            return
        if sold.performance_id:
            self._admit(sold)
        else:
            act = Act(sold.order_id, sold.till_id)
            self.stock.sell_sealed(sold.product_id, sold.option, sold.quantity, act, hold.lines if hold else ())

    def record_refund(self, back: RefundedLine, owners: Mapping[int, str], moves: Mapping[int, int]) -> None:
        """What was sold may be sold again, to whoever asks first; places that never were there are the first to go.

        `owners`: of the seats that this sale has, whether it has them by its order, its lease or its hold; another sale
        may have the others. `moves`: where those of its seats are now that were given others (domain 5.6).
        """
        sold = back.sold
        if sold.product_id:
            hold = self.holds.get(sold.hold_id)
            act = Act(back.refund_id, back.till_id)
            self.stock.refund_sealed(sold.product_id, sold.option, sold.quantity, act, hold.lines if hold else ())
            return
        elsewhere = tuple(moves[seat] for seat in sold.seats if seat in moves)
        there = replace(
            sold, quantity=sold.quantity - len(elsewhere), seats=tuple(seat for seat in sold.seats if seat not in moves)
        )
        if elsewhere:
            self.house(sold.performance_id).refund({}, 0, 0, len(elsewhere), elsewhere, sold.order_id)
        if there.quantity:
            self._give_up(there, owners)

    def reseat(self, sold: SoldLine, owners: Mapping[int, str], near: Sequence[str], to: int = 0) -> int:
        """A sale gets another seat for the one that it has, or that it lacks: this one, or the nearest of these plan
        categories, the first ones first. Gives that seat; the other is free for whoever waits for it.

        Raises NotYourSeat, NotEnoughPlaces, SeatTaken, SeatUnknown.
        """
        (seat,) = sold.seats
        house = self.house(sold.performance_id)
        house.capacity.must_have(1)
        lacking = self._missing(sold.order_id, sold.line)
        lacks = lacking is not None and seat in lacking.seats
        if not lacks and seat not in owners:
            raise NotYourSeat("this sale has not that seat", performance_id=sold.performance_id, seats=str(seat))
        found = to or next(iter(house.seats.near(seat, near, 1)), 0)
        if not found:
            facts: Facts = {"performance_id": sold.performance_id, "wanted": 1, "free": 0}
            raise NotEnoughPlaces("no seat of these categories is free", **facts)
        house.seats.must_be_free([found])
        if lacking is not None and lacks:
            lacking.give(1, (seat,))
        else:
            self._give_up(sold, owners)
        house.seats.take([found], sold.order_id, SeatState.SOLD)
        house.capacity.sell(1)
        return found

    def serve_who_waits(self) -> None:
        """What is free goes first to sealed sales that lack it, in the order in which they came in."""
        for lacking in self.conflicts:
            house = self.house(lacking.performance_id)
            if lacking.left and house.capacity.free > 0:
                found, absent = house.sell_as_found(lacking.left, lacking.seats, lacking.order_id)
                lacking.give(found, tuple(seat for seat in lacking.seats if seat not in absent))

    def _give_up(self, sold: SoldLine, owners: Mapping[int, str]) -> None:
        """Places of a sale become free, as far as it has them."""
        hold = self.holds.get(sold.hold_id)
        if hold is not None and hold.state is HoldState.CONFIRMED and hold.is_for(sold.performance_id, ""):
            with suppress(NotYoursToGiveBack):  # exchanged before: they came back then
                self._take_back(GivenBack(sold.hold_id, sold.performance_id, sold.quantity, sold.seats))
            return
        house, lease = self.house(sold.performance_id), self._lease_of(sold)
        lacking = self._missing(sold.order_id, sold.line)
        never = lacking.give_back(sold.quantity, sold.seats) if lacking is not None else 0
        by_order = tuple(seat for seat in sold.seats if owners.get(seat) == sold.order_id)
        by_lease = tuple(seat for seat in sold.seats if seat in owners and seat not in by_order)
        if not sold.seats and lease is None:
            house.refund({}, 0, 0, sold.quantity - never, (), sold.order_id)
        elif by_order:
            house.refund({}, 0, 0, len(by_order), by_order, sold.order_id)
        if lease is not None:
            lease.refund(house, len(by_lease) if sold.seats else sold.quantity - never, by_lease)

    def _missing(self, order_id: str, line: int) -> Missing | None:
        return next((each for each in self.conflicts if (each.order_id, each.line) == (order_id, line)), None)

    def _lease_of(self, sold: SoldLine) -> Lease | None:
        """The lease of the till that sold, for this performance."""
        lease = self.leases.get(sold.lease_id)
        own = lease is not None and (lease.till_id, lease.performance_id) == (sold.till_id, sold.performance_id)
        return lease if own else None

    def _admit(self, sold: SoldLine) -> None:
        if sold.performance_id not in self.capacities:
            raise PerformanceNotHereYet("this performance is not known yet", performance_id=sold.performance_id)
        house = self.house(sold.performance_id)
        lease = self._lease_of(sold)
        if lease is not None:
            was_recalled = lease.state is LeaseState.RECALLED
            found, absent = lease.sell(house, sold.quantity, sold.seats)
            cause = "lease recalled" if was_recalled else "lease overused"
        else:
            found, absent = house.sell_as_found(sold.quantity, sold.seats, sold.order_id)
            cause = "hold gone" if sold.hold_id else "lease unknown" if sold.lease_id else "sold without lease or hold"
        if missing := sold.quantity - found:
            self.conflicts.append(Missing(sold.order_id, sold.line, sold.performance_id, missing, cause, seats=absent))

    def _confirmed_by_sale(self, hold: Hold, now: datetime) -> bool:
        """Whether the hold's own places serve the sale. One that is gone is closed, so that it cannot count again."""
        if hold.state is HoldState.RELEASED:
            return False
        try:
            self.confirm(hold.hold_id, now)
        except NotYoursToGiveBack:
            self._sell_hold(hold, now)  # the sale is a fact; that its exchange came twice must not undo it
        except HoldExpired:
            hold.state = HoldState.RELEASED
            return False
        return True

    # -- the lines of a hold

    def _hold_line(self, line: HoldLine, wish: HoldWish, now: datetime) -> HoldLine:
        if line.performance_id:
            return self.house(line.performance_id).hold(line, wish, now)
        self._shelf(line).hold(line.quantity)
        return line

    def _release_lines(self, lines: Iterable[HoldLine], owner: str) -> None:
        for line in lines:
            if line.performance_id:
                self.house(line.performance_id).release(line, owner)
            else:
                self._shelf(line).release(line.quantity)

    def _hold_again(self, hold: Hold, now: datetime) -> None:
        for line in hold.lines:
            if line.performance_id:
                self.house(line.performance_id).hold_again(line, hold.hold_id, now)
            else:
                self._shelf(line).hold(line.quantity)
        hold.state = HoldState.ACTIVE

    def _end(self, hold: Hold | None, state: HoldState) -> None:
        if hold is not None and hold.state is HoldState.ACTIVE:
            self._release_lines(hold.lines, hold.hold_id)
            hold.state = state

    def _running(self, hold_id: str) -> Hold:
        hold = self.holds.get(hold_id)
        if hold is None or hold.state in (HoldState.RELEASED, HoldState.CONFIRMED):
            raise HoldNotFound(f"no hold {hold_id} is running", hold_id=hold_id)
        if hold.state is HoldState.EXPIRED:
            raise HoldExpired("the hold ran out", hold_id=hold_id)
        return hold

    def _sell_hold(self, hold: Hold, now: datetime) -> None:
        if hold.state is HoldState.ACTIVE:
            for line in hold.lines:
                if line.performance_id:
                    self.house(line.performance_id).confirm(line, hold.hold_id)
                else:
                    self._shelf(line).confirm(line.quantity)
        else:
            self._sell_anew(hold, now)
        hold.state = HoldState.CONFIRMED
        self.stock.note_sold(hold.lines, hold.hold_id)

    def _sell_anew(self, hold: Hold, now: datetime) -> None:
        done: list[HoldLine] = []
        try:
            for line in hold.lines:
                if line.performance_id:
                    self.house(line.performance_id).sell(line, hold.hold_id, now)
                else:
                    self._shelf(line).sell(line.quantity)
                done.append(line)
        except (NotEnoughPlaces, NotEnoughStock, QuotaReached, SeatTaken) as gone:
            for line in done:
                if line.performance_id:
                    self.house(line.performance_id).unsell(line, hold.hold_id)
                else:
                    self._shelf(line).unsell(line.quantity)
            raise HoldExpired("the hold ran out and its places are gone", hold_id=hold.hold_id) from gone

    # -- exchanges

    def _must_be_sold(self, given: GivenBack) -> tuple[Hold, HoldLine]:
        hold = self.holds.get(given.hold_id)
        if hold is None or hold.state is not HoldState.CONFIRMED:
            raise HoldNotFound(f"nothing was sold by hold {given.hold_id}", hold_id=given.hold_id)
        return hold, sold_of(hold.lines, hold.returned, given)

    def _take_back(self, given: GivenBack) -> None:
        hold, sold = self._must_be_sold(given)
        before = [each for each in hold.returned if each.performance_id == given.performance_id]
        self.house(given.performance_id).take_back(given, sold, before)
        hold.returned = (*hold.returned, given)

    # -- seats out of sale

    def block(self, performance_id: str, seats: Sequence[int], block_id: str, state: SeatState) -> None:
        """Take seats out of sale, all or none; the capacity counts them as held. Raises SeatTaken and its like."""
        house = self.house(performance_id)
        house.seats.must_be_free(seats)
        house.capacity.must_have(len(seats))
        house.seats.take(seats, block_id, state)
        house.capacity.hold(len(seats))

    def unblock(self, performance_id: str, seats: Sequence[int], block_id: str) -> None:
        """Give blocked seats back to the sale."""
        house = self.house(performance_id)
        house.seats.free(seats, block_id)
        house.capacity.release(len(seats))

    def _shelf(self, line: HoldLine) -> StockLevel:
        return self.stock.of(line)

    @staticmethod
    def _expiry(capacity: Capacity, now: datetime, terms: LeaseTerms) -> datetime:
        return min(capacity.ends_at, now + terms.lasts)
