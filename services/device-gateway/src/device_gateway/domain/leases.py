"""Leases (réserve de caisse): places that the centre has set aside for this till, from which it sells alone.

granted = left + used + returned      `used` and `returned` only grow; `granted` is the centre's word
"""

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from device_gateway.domain.errors import NotEnoughPlaces
from setups.catalogue import Catalogue

DEFAULT_WISH = 10
MOST_WISHED = 200
MOST_WISHES = 500  # in one call; the soonest first
WISH_AHEAD = timedelta(hours=24)
RATE_WINDOW = timedelta(minutes=30)  # the outage that a lease should outlast


@dataclass(frozen=True)
class Lease:
    """One lease, as this till knows it. `done`: the till will sell no more from it, and has said or will say so."""

    lease_id: str
    performance_id: str
    granted: int
    used: int
    returned: int
    epoch: int
    expires_at: datetime
    active: bool
    done: bool = False
    wanted_back: int = 0  # the house fills: so many should be given back, the centre says

    @property
    def left(self) -> int:
        return self.granted - self.used - self.returned

    def sellable(self, now: datetime) -> int:
        """Places that may be sold now: none once it has expired, even if the centre does not know yet."""
        return self.left if self.active and not self.done and now < self.expires_at else 0

    def given_back(self) -> "Lease":
        """The lease with all that is left returned, for good."""
        return replace(self, returned=self.granted - self.used, done=True)


@dataclass(frozen=True)
class Draw:
    lease_id: str
    quantity: int


def draw(leases: Iterable[Lease], performance_id: str, quantity: int, now: datetime) -> list[Draw]:
    """Where the places come from, soonest expiry first. Raises NotEnoughPlaces when all leases together do not do."""
    mine = [lease for lease in leases if lease.performance_id == performance_id]
    draws, missing = [], quantity
    for lease in sorted(mine, key=lambda lease: (lease.expires_at, lease.lease_id)):
        taken = min(missing, lease.sellable(now))
        if taken > 0:
            draws.append(Draw(lease.lease_id, taken))
            missing -= taken
    if missing:
        raise NotEnoughPlaces(
            f"{quantity} places asked, {quantity - missing} at hand",
            performance=performance_id,
            left=quantity - missing,
        )
    return draws


def practice(catalogue: Catalogue, now: datetime) -> list[Lease]:
    """Leases of whole houses for training, made here: no place of the centre's stands behind them."""
    return [
        Lease(str(uuid.uuid5(uuid.UUID(each.id), "practice")), each.id, each.capacity, 0, 0, 1, each.ends_at, True)
        for each in catalogue.performances.values()
        if each.on_sale and each.ends_at > now
    ]


def left_by_performance(leases: Iterable[Lease], now: datetime) -> dict[str, int]:
    left: dict[str, int] = {}
    for lease in leases:
        left[lease.performance_id] = left.get(lease.performance_id, 0) + lease.sellable(now)
    return left


def wanted_back(held: Iterable[Lease], told: Iterable[Lease]) -> list[Lease]:
    """Leases that give back what the centre would like to sell elsewhere, as far as they have it left."""
    wanted = {lease.lease_id: lease.wanted_back for lease in told if lease.wanted_back}
    return [
        replace(lease, returned=lease.returned + min(wanted[lease.lease_id], lease.left))
        for lease in held
        if lease.lease_id in wanted and lease.active and not lease.done
    ]


def to_give_back(leases: Iterable[Lease], catalogue: Catalogue, now: datetime) -> list[Lease]:
    """Leases that will sell no more: the performance is over or no longer on sale, or the lease has expired."""
    return [
        lease.given_back() for lease in leases if lease.active and not lease.done and _is_over(lease, catalogue, now)
    ]


def _is_over(lease: Lease, catalogue: Catalogue, now: datetime) -> bool:
    performance = catalogue.performances.get(lease.performance_id)
    return now >= lease.expires_at or performance is None or not performance.on_sale or performance.ends_at <= now


def wishes(
    catalogue: Catalogue,
    leases: Iterable[Lease],
    sold_lately: Mapping[str, int],
    asked: Mapping[str, int],
    now: datetime,
) -> dict[str, int]:
    """Places to have at hand, by performance: of the till's range within 24 hours, the next of each show, those that
    a lease exists for, and those that a cashier asked for in vain (`asked`). `sold_lately` covers RATE_WINDOW."""
    wanted: set[str] = set()
    for show_id in range_of(catalogue):
        for index, performance in enumerate(catalogue.upcoming(show_id, now)):
            if index > 0 and performance.starts_at > now + WISH_AHEAD:
                break
            wanted.add(performance.id)
    wanted |= {lease.performance_id for lease in leases if lease.sellable(now)} | set(asked)
    known = [catalogue.performances[each] for each in wanted if each in catalogue.performances]
    soonest = sorted((each.starts_at, each.id) for each in known if each.on_sale and each.ends_at > now)
    sizes = {}
    for _, performance_id in soonest[:MOST_WISHES]:
        size = max(
            DEFAULT_WISH, 2 * sold_lately.get(performance_id, 0), asked.get(performance_id, 0) + DEFAULT_WISH // 2
        )
        sizes[performance_id] = min(size, MOST_WISHED, max(1, catalogue.performances[performance_id].capacity))
    return sizes


def range_of(catalogue: Catalogue) -> set[str]:
    """Shows that the till's pages offer (B7)."""
    shows: set[str] = set()
    for page in catalogue.profile.pages:
        if page.kind == "performances":
            shows |= {
                id for id, show in catalogue.shows.items() if not page.venue_ids or show.venue_id in page.venue_ids
            }
        for item in (item for key in page.keys for item in key.items):
            performance = catalogue.performances.get(item.performance_id)
            if item.show_id or performance:
                shows.add(item.show_id or (performance.show_id if performance else ""))
    return shows
