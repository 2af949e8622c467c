"""Two counters of scarce things: the places of a performance, and an article on the shelf.

Both know how to hold, confirm, release and sell a quantity, so that a basket may mix them.
"""

from dataclasses import dataclass
from datetime import datetime

from inventory.domain.errors import Facts, NotEnoughPlaces, NotEnoughStock


@dataclass
class Capacity:
    """The places of one performance (jauge). Always: sold + held + leased <= total, and none is negative."""

    performance_id: str
    total: int
    starts_at: datetime
    ends_at: datetime
    on_sale: bool = True
    sold: int = 0
    held: int = 0
    leased: int = 0  # in tills' hands, not yet known to be sold
    version: int = 0  # grows at each change
    plan_version_id: str | None = None  # numbered seats

    @property
    def free(self) -> int:
        return self.total - self.sold - self.held - self.leased

    def sellable(self, now: datetime) -> bool:
        """Whether more places may be promised."""
        return self.on_sale and now < self.ends_at

    def must_have(self, quantity: int) -> None:
        """Raises NotEnoughPlaces when fewer are free."""
        if quantity > self.free:
            facts: Facts = {"performance_id": self.performance_id, "wanted": quantity, "free": self.free}
            raise NotEnoughPlaces(f"{quantity} places wanted, {self.free} free", **facts)

    def hold(self, quantity: int) -> None:
        self._take(quantity)
        self.held += quantity

    def confirm(self, quantity: int) -> None:
        """Held places become sold."""
        self.held -= quantity
        self.sold += quantity
        self.version += 1

    def release(self, quantity: int) -> None:
        """Held places become free."""
        self.held -= quantity
        self.version += 1

    def sell(self, quantity: int) -> None:
        """Free places become sold. Raises NotEnoughPlaces."""
        self._take(quantity)
        self.sold += quantity

    def unsell(self, quantity: int) -> None:
        """Take back a `sell` of the same transaction."""
        self.sold -= quantity
        self.version += 1

    def take_back(self, quantity: int) -> None:
        """Sold places become free: they were exchanged."""
        self.sold -= quantity
        self.version += 1

    def lease(self, quantity: int) -> None:
        """Free places go into a till's hands. Raises NotEnoughPlaces."""
        self._take(quantity)
        self.leased += quantity

    def give_back(self, quantity: int) -> None:
        """Leased places become free."""
        self.leased -= quantity
        self.version += 1

    def sell_leased(self, quantity: int) -> None:
        """Leased places turn out to be sold."""
        self.leased -= quantity
        self.sold += quantity
        self.version += 1

    def _take(self, quantity: int) -> None:
        self.must_have(quantity)
        self.version += 1


@dataclass
class StockLevel:
    """An article, or an option of it, on the shelf. `on_hand` may be negative: sold at a till before it was there."""

    product_id: str
    option: str
    on_hand: int = 0
    held: int = 0

    @property
    def free(self) -> int:
        return max(0, self.on_hand - self.held)

    def hold(self, quantity: int) -> None:
        self._must_have(quantity)
        self.held += quantity

    def confirm(self, quantity: int) -> None:
        """Held articles leave the shelf."""
        self.held -= quantity
        self.on_hand -= quantity

    def release(self, quantity: int) -> None:
        self.held -= quantity

    def sell(self, quantity: int) -> None:
        """Articles leave the shelf. Raises NotEnoughStock."""
        self._must_have(quantity)
        self.on_hand -= quantity

    def unsell(self, quantity: int) -> None:
        """Take back a `sell` of the same transaction."""
        self.on_hand += quantity

    def move(self, quantity: int) -> None:
        """Received, corrected, or sold by a till: what has happened is never refused."""
        self.on_hand += quantity

    def _must_have(self, quantity: int) -> None:
        if quantity > self.free:
            facts: Facts = {"product_id": self.product_id, "option": self.option, "wanted": quantity, "free": self.free}
            raise NotEnoughStock(f"{quantity} articles wanted, {self.free} free", **facts)
