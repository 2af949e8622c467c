"""The book of one transaction: what was locked, and what may be done with it. Pure; the store loads it and writes it.

Each operation leaves every capacity's invariant true, or raises and changes nothing.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import IntEnum

from inventory.domain.counts import Capacity, StockLevel
from inventory.domain.errors import (
    Facts,
    HoldExpired,
    HoldNotFound,
    HoldReused,
    LeaseNotFound,
    NotEnoughPlaces,
    NotEnoughStock,
    NotNumbered,
    PerformanceNotHereYet,
    PerformanceUnknown,
    PlanNotHereYet,
    SeatTaken,
)
from inventory.domain.holds import Hold, HoldLine, HoldState, HoldWish, fingerprint
from inventory.domain.leases import Lease, LeaseState, LeaseWish
from inventory.domain.seats import SeatMap
from kit.errors import DomainError
from seating import SeatState


class Cause(IntEnum):
    """Why stock moved (O3)."""

    RECEIVED = 1
    SOLD = 2
    CORRECTED = 3
    RETURNED = 4


@dataclass(frozen=True)
class Movement:
    product_id: str
    option: str
    quantity: int  # negative: out
    cause: Cause
    reference: str  # order or hold
    note: str = ""


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


@dataclass(frozen=True)
class Conflict:
    """Places that were sold though there were none (domain 5.6)."""

    order_id: str
    line: int
    performance_id: str
    quantity: int
    cause: str


@dataclass(frozen=True)
class LeaseTerms:
    """How long a lease lasts without news, and how long after that a till's late report still finds it untouched."""

    lasts: timedelta
    grace: timedelta


@dataclass
class Book:
    capacities: dict[str, Capacity] = field(default_factory=dict)
    stock: dict[tuple[str, str], StockLevel] = field(default_factory=dict)
    holds: dict[str, Hold] = field(default_factory=dict)
    leases: dict[str, Lease] = field(default_factory=dict)
    seats: dict[str, SeatMap] = field(default_factory=dict)  # of numbered performances
    movements: list[Movement] = field(default_factory=list)
    conflicts: list[Conflict] = field(default_factory=list)

    # -- holds

    def hold(self, wish: HoldWish, now: datetime) -> Hold:
        """Set aside all lines or none. Repeating gives the first hold.

        Raises NotEnoughPlaces, NotEnoughStock, PerformanceUnknown, HoldReused, PlanNotHereYet, and the refusals of
        `SeatMap.choose`.
        """
        known = self.holds.get(wish.hold_id)
        mark = fingerprint(wish.lines)
        if known is not None:
            if known.fingerprint != mark:
                raise HoldReused(f"hold {wish.hold_id} was for other lines", hold_id=wish.hold_id)
            return known
        for line in wish.lines:
            if line.performance_id:
                capacity = self.capacities.get(line.performance_id)
                if capacity is None or not capacity.sellable(now):
                    raise PerformanceUnknown("not on sale", performance_id=line.performance_id)
        done: list[HoldLine] = []
        try:
            for line in wish.lines:
                self._count(line).hold(line.quantity)
                done.append(replace(line, seats=()))  # counted, even if its seats are refused
                done[-1] = self._seat(line, wish, now)
        except DomainError:
            for line in done:
                self._count(line).release(line.quantity)
                self._unseat(line, wish.hold_id)
            raise
        self.holds[wish.hold_id] = Hold(wish.hold_id, mark, tuple(done), wish.held_until)
        return self.holds[wish.hold_id]

    def confirm(self, hold_id: str) -> Hold:
        """The hold becomes a sale; an expired one takes its places anew. Raises HoldNotFound, HoldExpired."""
        hold = self.holds.get(hold_id)
        if hold is None or hold.state is HoldState.RELEASED:
            raise HoldNotFound(f"no hold {hold_id}", hold_id=hold_id)
        if hold.state is HoldState.CONFIRMED:
            return hold
        if hold.state is HoldState.ACTIVE:
            for line in hold.lines:
                self._count(line).confirm(line.quantity)
                if line.seats:
                    self._map(line.performance_id).settle(line.seats, hold_id, SeatState.SOLD)
        else:
            self._sell_all(hold)
        hold.state = HoldState.CONFIRMED
        self._note_sold(hold.lines, hold_id)
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

    def report(
        self, till_id: str, lease_id: str, used: int, returned: int, done: bool, now: datetime, terms: LeaseTerms
    ) -> None:
        """A till's word on a lease; done, or long expired, it is settled. Raises LeaseNotFound, LeaseOverused."""
        lease = self.leases.get(lease_id)
        if lease is None or lease.till_id != till_id:
            raise LeaseNotFound(f"this till has no lease {lease_id}", lease_id=lease_id)
        capacity = self.capacities[lease.performance_id]
        lease.report(capacity, used, returned)
        if done or now >= lease.expires_at + terms.grace:
            lease.settle(capacity)

    def grant(self, till_id: str, wish: LeaseWish, new_id: str, now: datetime, terms: LeaseTerms) -> None:
        """Bring a till's lease near the wished number of places at hand. Nothing for what cannot be sold."""
        performance_id = wish.performance_id
        capacity = self.capacities.get(performance_id)
        if capacity is None or not capacity.sellable(now) or capacity.plan_version_id:
            return
        lease = self.active_lease(till_id, performance_id)
        if lease is None:
            lease = Lease(new_id, till_id, performance_id, self._expiry(capacity, now, terms))
        lease.top_up(capacity, wish.left, wish.needed)
        if lease.granted:
            self.leases[lease.lease_id] = lease

    def renew(self, till_id: str, now: datetime, terms: LeaseTerms) -> None:
        """A till in contact keeps its leases."""
        for lease in self.leases.values():
            capacity = self.capacities[lease.performance_id]
            if lease.till_id == till_id and lease.state is LeaseState.ACTIVE and capacity.sellable(now):
                lease.expires_at = self._expiry(capacity, now, terms)

    def active_lease(self, till_id: str, performance_id: str) -> Lease | None:
        """The one lease that the till may sell from for this performance."""
        for lease in self.leases.values():
            mine = lease.till_id == till_id and lease.performance_id == performance_id
            if mine and lease.state is LeaseState.ACTIVE:
                return lease
        return None

    # -- sales that are sealed: facts, never refused

    def record_sale(self, sold: SoldLine) -> None:
        """Count a sealed line. What cannot be found becomes a conflict. Raises PerformanceNotHereYet."""
        hold = self.holds.get(sold.hold_id)
        if hold is not None and hold.is_for(sold.performance_id, sold.product_id) and self._confirmed_by_sale(hold):
            return
        if sold.performance_id:
            self._admit(sold)
        else:
            self.stock[sold.product_id, sold.option].move(-sold.quantity)
            self.movements.append(Movement(sold.product_id, sold.option, -sold.quantity, Cause.SOLD, sold.order_id))

    def _admit(self, sold: SoldLine) -> None:
        capacity = self.capacities.get(sold.performance_id)
        if capacity is None:
            raise PerformanceNotHereYet("this performance is not known yet", performance_id=sold.performance_id)
        lease = self.leases.get(sold.lease_id)
        own = lease is not None and (lease.till_id, lease.performance_id) == (sold.till_id, sold.performance_id)
        if lease is not None and own:
            was_recalled = lease.state is LeaseState.RECALLED
            missing = lease.sell(capacity, sold.quantity)
            cause = "lease recalled" if was_recalled else "lease overused"
        else:
            found = min(sold.quantity, capacity.free)
            capacity.sell(found)
            missing = sold.quantity - found
            cause = "hold gone" if sold.hold_id else "lease unknown" if sold.lease_id else "sold without lease or hold"
        if missing:
            self.conflicts.append(Conflict(sold.order_id, sold.line, sold.performance_id, missing, cause))

    def _confirmed_by_sale(self, hold: Hold) -> bool:
        """Whether the hold's own places serve the sale. One that is gone is closed, so that it cannot count again."""
        if hold.state is HoldState.RELEASED:
            return False
        try:
            self.confirm(hold.hold_id)
        except HoldExpired:
            hold.state = HoldState.RELEASED
            return False
        return True

    def _sell_all(self, hold: Hold) -> None:
        done: list[HoldLine] = []
        try:
            for line in hold.lines:
                self._count(line).sell(line.quantity)
                done.append(replace(line, seats=()))
                if line.seats:
                    self._map(line.performance_id).take(line.seats, hold.hold_id, SeatState.SOLD)
                    done[-1] = line
        except (NotEnoughPlaces, NotEnoughStock, SeatTaken) as gone:
            for line in done:
                self._count(line).unsell(line.quantity)
                self._unseat(line, hold.hold_id)
            raise HoldExpired("the hold ran out and its places are gone", hold_id=hold.hold_id) from gone

    def _end(self, hold: Hold | None, state: HoldState) -> None:
        if hold is not None and hold.state is HoldState.ACTIVE:
            for line in hold.lines:
                self._count(line).release(line.quantity)
                self._unseat(line, hold.hold_id)
            hold.state = state

    # -- seats

    def block(self, performance_id: str, seats: Sequence[int], block_id: str, state: SeatState) -> None:
        """Take seats out of sale, all or none; the capacity counts them as held. Raises SeatTaken and its like."""
        capacity = self.capacities[performance_id]
        self._map(performance_id).take(seats, block_id, state)
        capacity.hold(len(seats))

    def unblock(self, performance_id: str, seats: Sequence[int], block_id: str) -> None:
        """Give blocked seats back to the sale."""
        self._map(performance_id).free(seats, block_id)
        self.capacities[performance_id].release(len(seats))

    def _map(self, performance_id: str) -> SeatMap:
        found = self.seats.get(performance_id)
        if found is None:
            raise PlanNotHereYet("the plan of this performance is on its way", performance_id=performance_id)
        return found

    def _seat(self, line: HoldLine, wish: HoldWish, now: datetime) -> HoldLine:
        """The line with its seats, taken; as it is where nobody numbers them."""
        capacity = self.capacities.get(line.performance_id)
        if capacity is None or not capacity.plan_version_id:
            if line.seats:
                raise NotNumbered("this performance has no numbered seats", performance_id=line.performance_id)
            return line
        seat_map = self._map(line.performance_id)
        chosen = seat_map.choose(line, wish.buyer, now)
        seat_map.take(chosen, wish.hold_id, SeatState.HELD)
        return replace(line, seats=chosen)

    def _unseat(self, line: HoldLine, owner: str) -> None:
        if line.seats:
            self._map(line.performance_id).free(line.seats, owner)

    def _note_sold(self, lines: Iterable[HoldLine], reference: str) -> None:
        for line in lines:
            if line.product_id:
                self.movements.append(Movement(line.product_id, line.option, -line.quantity, Cause.SOLD, reference))

    def _count(self, line: HoldLine) -> Capacity | StockLevel:
        if line.performance_id:
            return self.capacities[line.performance_id]
        level = self.stock.get((line.product_id, line.option))
        if level is None:
            facts: Facts = {"product_id": line.product_id, "option": line.option, "wanted": line.quantity, "free": 0}
            raise NotEnoughStock("there is none of this article", **facts)
        return level

    @staticmethod
    def _expiry(capacity: Capacity, now: datetime, terms: LeaseTerms) -> datetime:
        return min(capacity.ends_at, now + terms.lasts)
