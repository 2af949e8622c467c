"""Places in a till's hands (réserve de caisse): granted = sold + given back + left. Rules of design §5.

The centre never takes back what a till may have sold: `reported_used` is what the till says it sold, `used` what the
centre knows from the journal, and until the two meet the difference stays set aside.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum

from inventory.domain.counts import Capacity
from inventory.domain.errors import Facts, LeaseNotActive, LeaseOverused

SCARCE = 20  # free places from which on tills get single ones


class LeaseState(IntEnum):
    ACTIVE = 1
    CLOSED = 2
    RECALLED = 3


@dataclass(frozen=True)
class LeaseWish:
    """What a till would like to have at hand; `needed`: a customer waits for so many of them."""

    performance_id: str
    left: int
    needed: int = 0


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

    @property
    def outstanding(self) -> int:
        """Set aside for the till: left with it, or sold by it and not yet known to be."""
        return self.granted - self.returned - self.used

    @property
    def left(self) -> int:
        """What the till can still sell, as far as the centre knows."""
        return self.granted - self.returned - max(self.used, self.reported_used)

    def report(self, capacity: Capacity, used: int, returned: int) -> None:
        """What the till says it has sold and given back. Absolute numbers; an older report changes nothing.

        Raises LeaseOverused. A lease that is no longer active takes no report: the till must drop it.
        """
        if self.state is LeaseState.RECALLED:
            return
        sold, back = max(self.used, self.reported_used, used), max(self.returned, returned)
        if used + returned > self.granted or sold + back > self.granted:
            facts: Facts = {"lease_id": self.lease_id, "granted": self.granted, "used": used, "returned": returned}
            raise LeaseOverused(f"{used} sold and {returned} given back of {self.granted} granted", **facts)
        capacity.give_back(back - self.returned)
        self.returned, self.reported_used = back, sold

    def settle(self, capacity: Capacity) -> None:
        """The till will sell no more from it: what it has not sold is free again."""
        if self.state is LeaseState.ACTIVE:
            self._give_back_left(capacity)
            self.state = LeaseState.CLOSED

    def recall(self, capacity: Capacity) -> int:
        """Take back what a dark till has left, by a supervisor's decision; gives the number. Raises LeaseNotActive."""
        if self.state is not LeaseState.ACTIVE:
            raise LeaseNotActive(f"lease {self.lease_id} is {self.state.name.lower()}", lease_id=self.lease_id)
        places = self._give_back_left(capacity)
        self.state = LeaseState.RECALLED
        return places

    def top_up(self, capacity: Capacity, wished: int, needed: int = 0) -> None:
        """Grant what is missing to the wish, within a fair share of what is free; what a customer waits for, all of it
        or nothing of it."""
        waited_for = max(0, needed - self.left)
        fair = min(wished - self.left, fair_share(capacity.free, self.left))
        places = max(fair, waited_for) if waited_for <= capacity.free else fair
        if places > 0:
            capacity.lease(places)
            self.granted += places
            self.epoch += 1

    def sell(self, capacity: Capacity, quantity: int) -> int:
        """A sale under this lease has come in; gives how many of its places could not be found anywhere.

        Beyond what is set aside (the lease was recalled, or overused) free places serve, as far as there are any.
        """
        covered = min(quantity, self.outstanding)
        capacity.sell_leased(covered)
        self.used += covered
        beyond = quantity - covered
        found = min(beyond, capacity.free)
        capacity.sell(found)
        # Of what was taken back, so many had been sold after all.
        after_all = min(beyond, self.returned)
        self.returned -= after_all
        self.used += after_all
        self.reported_used = max(self.reported_used, self.used)
        return beyond - found

    def _give_back_left(self, capacity: Capacity) -> int:
        places = self.left
        capacity.give_back(places)
        self.returned += places
        self.reported_used = max(self.reported_used, self.used)
        return places


def fair_share(free: int, left: int) -> int:
    """How many places a till may get at once: a quarter of what is free, and single ones when few are left."""
    if free <= SCARCE:
        return 1 if free > 0 and left == 0 else 0
    return max(1, free // 4)
