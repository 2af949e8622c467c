"""Who may sell the places of a performance, and how many: contingents set apart, quotas limit (domain 6.1, K6).

    the house 500 ─┬─ contingent "Partners" 100 ─┬─ quota "FNAC" at most 40
                   │                             └─ quota "agencies" at most 60
                   └─ quota "web" at most 300

A buyer draws from the contingents that are open to him first, lowest number first, then from the general sale. What was
drawn is kept by account with the hold or lease that drew it, so that it goes back to where it came from whatever is
changed meanwhile.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from inventory.domain.errors import Facts, NotEnoughPlaces, QuotaReached

GENERAL_SALE = 0
QUOTA_ACCOUNTS, SEAT_ACCOUNTS = 100, 200
NO_LIMIT = 2**31 - 1
_GENERAL = frozenset({GENERAL_SALE})

# Places by account. Of a contingent: its number; of a quota: 100 and its number; seats of a contingent, which are
# counted nowhere else: 200 and its number.
Draws = Mapping[int, int]


@dataclass(frozen=True)
class Buyer:
    """Through whom a basket is sold."""

    channel: str = ""
    point_of_sale_id: str = ""
    partner: str = ""


ANYBODY = Buyer()


@dataclass(frozen=True)
class Sellers:
    """Any of these channels, points of sale and partners."""

    channels: tuple[str, ...] = ()
    points_of_sale: tuple[str, ...] = ()
    partners: tuple[str, ...] = ()

    def include(self, buyer: Buyer) -> bool:
        """What a buyer does not say is empty, and no seller is called that."""
        return (
            buyer.channel in self.channels
            or buyer.point_of_sale_id in self.points_of_sale
            or buyer.partner in self.partners
        )


@dataclass
class Contingent:
    """Places and seats that only its sellers may sell until it is released. Always: 0 <= taken <= places.

    `places` and `taken` count those without a seat of their own: in a numbered house, seats that are not said yet.
    """

    number: int
    name: str
    sellers: Sellers = Sellers()
    release_at: datetime | None = None
    places: int = 0
    taken: int = 0

    @property
    def left(self) -> int:
        return self.places - self.taken

    def is_released(self, now: datetime) -> bool:
        return self.release_at is not None and now >= self.release_at

    def is_open_to(self, buyer: Buyer, now: datetime) -> bool:
        """Whether this buyer may sell from it; anybody may once it is released."""
        return self.is_released(now) or self.sellers.include(buyer)


@dataclass
class Quota:
    """At most so many places for its sellers, of one contingent or of the whole house; counted from when it is made.

    `taken` may exceed a quota that was lowered later. One that was removed (None) limits nothing and goes on
    counting, so that it is true when it comes back.
    """

    number: int
    name: str
    sellers: Sellers
    at_most: int | None
    contingent: int = GENERAL_SALE  # 0: the whole house
    taken: int = 0

    @property
    def account(self) -> int:
        return QUOTA_ACCOUNTS + self.number

    @property
    def left(self) -> int:
        return NO_LIMIT if self.at_most is None else max(0, self.at_most - self.taken)


@dataclass
class Pools:
    """The contingents and quotas of one performance, as one transaction sees and changes them."""

    performance_id: str
    contingents: dict[int, Contingent] = field(default_factory=dict)
    quotas: dict[int, Quota] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.contingents or self.quotas)

    def open_to(self, buyer: Buyer, now: datetime, quantity: int = 1) -> frozenset[int]:
        """Whose seats this buyer may sell: of the general sale, and of contingents with room for so many."""
        if not self.contingents:
            return _GENERAL
        open_ones = (each for each in self.contingents.values() if each.is_open_to(buyer, now))
        return frozenset(
            {GENERAL_SALE}
            | {each.number for each in open_ones if self._quota_left(each, buyer, now, quantity) >= quantity}
        )

    def released(self, now: datetime) -> frozenset[int]:
        """Whose seats anybody may sell."""
        if not self.contingents:
            return _GENERAL
        return frozenset({GENERAL_SALE} | {each.number for each in self.contingents.values() if each.is_released(now)})

    def set_apart(self, now: datetime) -> int:
        """Places by number that the general sale must leave."""
        return sum(each.left for each in self.contingents.values() if not each.is_released(now))

    def most(self, buyer: Buyer, now: datetime, free: int) -> int:
        """How many places this buyer could take of so many free ones."""
        general = max(0, free - self.set_apart(now))
        own = sum(
            self._quota_left(each, buyer, now, each.left)
            for each in self.contingents.values()
            if not each.is_released(now) and each.sellers.include(buyer)
        )
        return min([general + own, free, *(quota.left for quota in self._of_house(buyer))])

    def draw(
        self, quantity: int, buyer: Buyer, now: datetime, free: int, seats: Mapping[int, int] | None = None
    ) -> dict[int, int]:
        """Take so many of `free` places, and say from which accounts; all or nothing.

        `seats`: how many of them are seats of each contingent (`free` then counts other seats only): those touch no
        contingent's own numbers. Raises NotEnoughPlaces, QuotaReached.
        """
        draws = {quota.account: quantity for quota in self._of_house(buyer)}
        missing = quantity
        for number, count in (seats or {}).items():
            contingent = self.contingents.get(number)
            if contingent is not None:
                missing -= count
                draws[SEAT_ACCOUNTS + number] = count
                if not contingent.is_released(now):
                    self._note(draws, contingent, buyer, count)
        for contingent in self._own(buyer, now):
            inside = max((draws.get(quota.account, 0) for quota in self._inside(contingent, buyer)), default=0)
            count = min(missing, self._quota_left(contingent, buyer, now, contingent.left + inside) - inside)
            if count > 0:
                draws[contingent.number] = count
                self._note(draws, contingent, buyer, count)
                missing -= count
        self.retake(draws, quantity, now, free)
        return draws

    def retake(self, draws: Draws, quantity: int, now: datetime, free: int) -> None:
        """Take so many from these accounts and the rest from the general sale, all or none.

        Raises NotEnoughPlaces, QuotaReached.
        """
        general = quantity - sum(draws[account] for account in draws if not _is_quota(account))
        for account, count in draws.items():
            quota, contingent = self.quotas.get(account - QUOTA_ACCOUNTS), self.contingents.get(account)
            if quota is not None and count > quota.left:
                raise QuotaReached(
                    f"{quota.name}: {count} wanted, {quota.left} left",
                    performance_id=self.performance_id, quota=quota.name, wanted=count, left=quota.left,
                )  # fmt: skip
            if contingent is not None and contingent.is_released(now):
                general += count
            elif contingent is not None and count > contingent.left:
                raise self._too_few(quantity, contingent.left)
        left = max(0, free - self.set_apart(now))
        if general > left:
            raise self._too_few(quantity, left + quantity - general)
        self._move(draws, 1)

    def give_back(self, draws: Draws) -> None:
        """Undo a draw."""
        self._move(draws, -1)

    def part(self, draws: Draws, quantity: int, of: int, seats: Mapping[int, int] | None = None) -> dict[int, int]:
        """What to give back to each account when so many of the `of` places that were drawn come back.

        Those of the general sale come back first. `seats`: how many of them are seats of each contingent.
        """
        gone = {SEAT_ACCOUNTS + n: min(count, draws.get(SEAT_ACCOUNTS + n, 0)) for n, count in (seats or {}).items()}
        drawn = {account: count for account, count in draws.items() if not _is_quota(account)}
        general = of - sum(drawn.values())
        back = max(0, quantity - sum(gone.values()) - general)
        for number in sorted((account for account in drawn if account < QUOTA_ACCOUNTS), reverse=True):
            gone[number] = min(back, drawn[number])
            back -= gone[number]
        for account, count in draws.items():
            quota = self.quotas.get(account - QUOTA_ACCOUNTS)
            if quota is not None:
                inside = gone.get(quota.contingent, 0) + gone.get(SEAT_ACCOUNTS + quota.contingent, 0)
                gone[account] = min(count, inside if quota.contingent else quantity)
        return {account: count for account, count in gone.items() if count}

    def _too_few(self, wanted: int, free: int) -> NotEnoughPlaces:
        facts: Facts = {"performance_id": self.performance_id, "wanted": wanted, "free": free}
        return NotEnoughPlaces(f"{wanted} places wanted, {free} free for this buyer", **facts)

    def _of_house(self, buyer: Buyer) -> Iterable[Quota]:
        return (q for q in self.quotas.values() if q.contingent == GENERAL_SALE and q.sellers.include(buyer))

    def _inside(self, contingent: Contingent, buyer: Buyer) -> Iterable[Quota]:
        return (q for q in self.quotas.values() if q.contingent == contingent.number and q.sellers.include(buyer))

    def _own(self, buyer: Buyer, now: datetime) -> list[Contingent]:
        mine = (each for each in self.contingents.values() if not each.is_released(now) and each.sellers.include(buyer))
        return sorted((each for each in mine if each.left), key=lambda each: each.number)

    def _quota_left(self, contingent: Contingent, buyer: Buyer, now: datetime, wanted: int) -> int:
        """Of so many wanted, what the quotas inside a contingent leave to this buyer; a released one has no quotas."""
        if contingent.is_released(now):
            return wanted
        return min([wanted, *(quota.left for quota in self._inside(contingent, buyer))])

    def _note(self, draws: dict[int, int], contingent: Contingent, buyer: Buyer, count: int) -> None:
        for quota in self._inside(contingent, buyer):
            draws[quota.account] = draws.get(quota.account, 0) + count

    def _move(self, draws: Draws, sign: int) -> None:
        for account, count in draws.items():
            quota, contingent = self.quotas.get(account - QUOTA_ACCOUNTS), self.contingents.get(account)
            if quota is not None:
                quota.taken = max(0, quota.taken + sign * count)
            elif contingent is not None:
                contingent.taken = max(0, contingent.taken + sign * count)


def less(draws: Draws, gone: Draws) -> dict[int, int]:
    """What is left of a draw."""
    left = {account: count - gone.get(account, 0) for account, count in draws.items()}
    return {account: count for account, count in left.items() if count > 0}


def more(draws: Draws, added: Draws) -> dict[int, int]:
    """Two draws as one."""
    return {account: draws.get(account, 0) + added.get(account, 0) for account in sorted({*draws, *added})}


def _is_quota(account: int) -> bool:
    return QUOTA_ACCOUNTS < account < SEAT_ACCOUNTS
