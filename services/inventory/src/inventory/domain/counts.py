"""The counter of places: it holds, confirms, releases and sells a quantity as `StockLevel` does for articles.

So a basket may mix them.
"""

from dataclasses import dataclass
from datetime import datetime

from inventory.domain.errors import Facts, NotEnoughPlaces


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
        """Sold places become free: they were exchanged or refunded."""
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
