"""Leases (réserve de caisse): places that the centre has set aside for this till, from which it sells alone.

granted = left + used + returned      `used` and `returned` only grow; `granted` is the centre's word
"""

import uuid
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from device_gateway.domain.errors import NotEnoughPlaces, SeatsNotAtHand
from setups.catalogue import Catalogue, Performance

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
    # In a numbered house; `seats` are what is left, and as the centre tells it, all that it does not know to be sold.
    seats: tuple[int, ...] = ()
    sold_seats: tuple[int, ...] = ()
    back_seats: tuple[int, ...] = ()  # given back; the centre may not have heard of it

    @property
    def left(self) -> int:
        return self.granted - self.used - self.returned

    def sellable(self, now: datetime) -> int:
        """Places that may be sold now: none once it has expired, even if the centre does not know yet."""
        return self.left if self.active and not self.done and now < self.expires_at else 0

    def given_back(self) -> "Lease":
        """The lease with all that is left returned, for good."""
        return replace(self.shrunk_by(self.left, self.seats), done=True)

    def shrunk_by(self, places: int, seats: Sequence[int]) -> "Lease":
        """The lease with some of what is left returned; `seats`: which, in a numbered house."""
        left = tuple(seat for seat in self.seats if seat not in seats)
        return replace(self, returned=self.returned + places, seats=left, back_seats=(*self.back_seats, *seats))


@dataclass(frozen=True)
class Draw:
    """Places, or seats, of one lease."""

    lease_id: str
    quantity: int
    performance_id: str = ""
    seats: tuple[int, ...] = ()


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


def seats_at_hand(leases: Iterable[Lease], performance_id: str, now: datetime) -> dict[int, str]:
    """Seats of a numbered performance that may be sold now, with the lease of each."""
    return {
        seat: lease.lease_id
        for lease in leases
        if lease.performance_id == performance_id and lease.sellable(now)
        for seat in lease.seats
    }


def draw_seats(at_hand: Mapping[int, str], performance_id: str, seats: Sequence[int]) -> list[Draw]:
    """These seats, by lease. Raises SeatsNotAtHand."""
    missing = [seat for seat in seats if seat not in at_hand]
    if missing:
        raise SeatsNotAtHand(
            f"{len(missing)} of the seats are not at hand",
            performance=performance_id,
            seats=",".join(map(str, missing)),
        )
    by_lease: dict[str, list[int]] = {}
    for seat in seats:
        by_lease.setdefault(at_hand[seat], []).append(seat)
    return [Draw(lease_id, len(own), performance_id, tuple(own)) for lease_id, own in by_lease.items()]


def practice(catalogue: Catalogue, now: datetime) -> list[Lease]:
    """Leases for training, made here: no place of the centre's stands behind them. Of houses as a whole, and of the
    first seats of numbered ones."""
    leases = []
    for each in catalogue.performances.values():
        if each.on_sale and each.ends_at > now:
            places = min(each.capacity, MOST_WISHED) if each.plan_version_id else each.capacity
            seats = tuple(range(1, places + 1)) if each.plan_version_id else ()
            lease_id = str(uuid.uuid5(uuid.UUID(each.id), "practice"))
            leases.append(Lease(lease_id, each.id, places, 0, 0, 1, each.ends_at, True, seats=seats))
    return leases


def left_by_performance(leases: Iterable[Lease], now: datetime) -> dict[str, int]:
    left: dict[str, int] = {}
    for lease in leases:
        left[lease.performance_id] = left.get(lease.performance_id, 0) + lease.sellable(now)
    return left


@dataclass(frozen=True)
class AtHand:
    """What the leases of one performance still sell, and until when the first of them runs out."""

    performance_id: str
    left: int
    until: datetime


def at_hand(leases: Iterable[Lease], now: datetime) -> list[AtHand]:
    """By performance, only where something is left."""
    found: dict[str, AtHand] = {}
    for lease in leases:
        if left := lease.sellable(now):
            known = found.get(lease.performance_id, AtHand(lease.performance_id, 0, lease.expires_at))
            found[lease.performance_id] = AtHand(
                lease.performance_id, known.left + left, min(known.until, lease.expires_at)
            )
    return list(found.values())


def wanted_back(held: Iterable[Lease], told: Iterable[Lease], chosen: Container[tuple[str, int]] = ()) -> list[Lease]:
    """Leases that give back what the centre would like to sell elsewhere, as far as they have it left.

    `chosen`: seats, with their performance, that a customer at this till has in mind: those stay. Of the others the
    last ones of the plan go first, so that neighbours stay together.
    """
    wanted = {lease.lease_id: lease.wanted_back for lease in told if lease.wanted_back}
    shrunk = []
    for lease in held:
        if lease.lease_id in wanted and lease.active and not lease.done:
            places = min(wanted[lease.lease_id], lease.left)
            free = [seat for seat in lease.seats if (lease.performance_id, seat) not in chosen]
            seats = sorted(free)[max(0, len(free) - places) :] if places else []
            shrunk.append(lease.shrunk_by(len(seats) if lease.seats else places, seats))
    return shrunk


def to_give_back(leases: Iterable[Lease], catalogue: Catalogue, now: datetime) -> list[Lease]:
    """Leases that will sell no more: the performance is over or no longer on sale, or the lease has expired."""
    return [
        lease.given_back() for lease in leases if lease.active and not lease.done and _is_over(lease, catalogue, now)
    ]


def _is_over(lease: Lease, catalogue: Catalogue, now: datetime) -> bool:
    performance = catalogue.performances.get(lease.performance_id)
    return now >= lease.expires_at or performance is None or not performance.on_sale or performance.ends_at <= now


@dataclass(frozen=True)
class Wish:
    """So many places of a performance at hand; `needed`: a customer waits for so many of them.

    In a numbered house of the seats of one category (its code), and the very seats that a customer points at.
    """

    performance_id: str
    places: int
    needed: int = 0
    seats: str = ""
    named_seats: tuple[int, ...] = ()


Asked = tuple[str, str]  # a performance, and in a numbered house the code of the seats


def wishes(
    catalogue: Catalogue,
    leases: Iterable[Lease],
    sold_lately: Mapping[str, int],
    asked: Mapping[Asked, int],
    now: datetime,
    plans: Container[str] = (),
    named: Mapping[str, tuple[int, ...]] | None = None,
) -> list[Wish]:
    """Places to have at hand: of the till's range within 24 hours, the next of each show, those that a lease exists
    for, and those that a cashier asked for in vain (`asked`); in a numbered house of each category that has a price.
    `sold_lately` covers RATE_WINDOW; `plans`: those that are here, without which no seat can be sold; `named`: seats
    that customers point at."""
    named = named or {}
    wanted: set[str] = set()
    for show_id in range_of(catalogue):
        for index, performance in enumerate(catalogue.upcoming(show_id, now)):
            if index > 0 and performance.starts_at > now + WISH_AHEAD:
                break
            wanted.add(performance.id)
    wanted |= (
        {lease.performance_id for lease in leases if lease.sellable(now)} | {each for each, _ in asked} | set(named)
    )
    known = [catalogue.performances[each] for each in wanted if each in catalogue.performances]
    soonest = sorted(
        (each.starts_at, each.id) for each in known
        if each.on_sale and each.ends_at > now and (not each.plan_version_id or each.plan_version_id in plans)
    )  # fmt: skip
    found = []
    for _, performance_id in soonest:
        performance = catalogue.performances[performance_id]
        pointed_at = named.get(performance_id, ())
        for code in _codes(catalogue, performance):
            needed = asked.get((performance_id, code), 0)
            size = max(DEFAULT_WISH, 2 * sold_lately.get(performance_id, 0), needed + DEFAULT_WISH // 2)
            places = min(size, MOST_WISHED, max(1, performance.capacity))
            found.append(Wish(performance_id, places, min(places, needed), code, pointed_at))
            pointed_at = ()
    return found[:MOST_WISHES]


def _codes(catalogue: Catalogue, performance: Performance) -> list[str]:
    """What to wish for: seats of each category that has a price; places as such where they have no number."""
    if not performance.plan_version_id:
        return [""]
    return list(dict.fromkeys(price.seats for price in catalogue.prices_of(performance)))


def range_of(catalogue: Catalogue) -> set[str]:
    """Shows that the till's pages offer (B7)."""
    shows: set[str] = set()
    for page in catalogue.profile.pages:
        if page.kind in ("performances", "calendar"):
            shows |= {id for id, show in catalogue.shows.items() if page.offers(show)}
        for item in (item for key in page.keys for item in key.items):
            performance = catalogue.performances.get(item.performance_id)
            if item.show_id or performance:
                shows.add(item.show_id or (performance.show_id if performance else ""))
    return shows
