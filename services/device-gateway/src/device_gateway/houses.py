"""Numbered houses as this till knows them: the plans of their seats, and what the centre says of where each stands.

A plan is read when it is first asked for: one of 60,000 seats takes 17 MiB, which tills that do not sell it need not
carry.
"""

import gzip
import threading
import time
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

import ledger
from device_gateway.domain.errors import PlanNotHere
from device_gateway.store import plans
from device_gateway.store.database import Database
from kit.errors import DomainError
from seating import SeatState
from seating.allocation import Allocator, Choice, Status, Wish
from seating.geometry import SeatNames, decode
from seating.index import index_of_geometry

WATCHED_SECONDS = 10.0  # how long after somebody looked at a plan it is followed


class HousePlan:
    """One version of a plan: who sits where, what a seat is priced by, and the best of those that are at hand."""

    def __init__(self, version_id: str, number: int, geometry: bytes) -> None:
        found = decode(geometry)
        self.version_id, self.number = version_id, number
        self.names = SeatNames(found)
        self.allocator = Allocator(index_of_geometry(found))

    def __len__(self) -> int:
        return self.names.seats

    def seating(self, ordinals: Iterable[int]) -> ledger.Seating:
        return ledger.Seating(self.version_id, self.number, tuple(map(self._seat, ordinals)))

    def _seat(self, ordinal: int) -> ledger.Seat:
        zone, row = self.names.row(self.names.row_of(ordinal))
        return ledger.Seat(ordinal, zone, row, self.names.label(ordinal))

    def code_of(self, ordinal: int) -> str:
        """The code of the category of a seat."""
        index = self.allocator.index
        return index.categories[index.category[ordinal - 1]]

    def best(self, at_hand: Collection[int], code: str, quantity: int) -> tuple[int, ...] | None:
        """The best seats of a category among those at hand, together if possible; None when they are too few.

        Whoever leaves somebody alone rather than selling would wait for the centre: here each seat counts.
        """
        status = self._status(at_hand)
        found = self.allocator.best(status, Wish(quantity, frozenset({code}), released=True))
        if isinstance(found, Choice):
            return found.ordinals
        left = sorted(seat for seat in at_hand if self.code_of(seat) == code)
        return tuple(left[:quantity]) if len(left) >= quantity else None

    def _status(self, free: Collection[int]) -> Status:
        status = np.full(len(self), int(SeatState.SOLD), np.uint8)
        status[np.fromiter(free, np.int64, len(free)) - 1] = int(SeatState.FREE)
        return status


class Plans:
    """The plans of one till's database, each read once."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = threading.Lock()
        self._read: dict[str, HousePlan] = {}

    def get(self, plan_version_id: str) -> HousePlan:
        """Raises PlanNotHere."""
        with self._lock:
            if plan_version_id not in self._read:
                kept = plans.read(self._database.read(), plan_version_id)
                if kept is None:
                    raise PlanNotHere("the plan of this performance is on its way", plan_version_id=plan_version_id)
                self._read[plan_version_id] = HousePlan(plan_version_id, kept[0], gzip.decompress(kept[1]))
            return self._read[plan_version_id]

    def here(self) -> set[str]:
        """Ids of the versions that can be sold from."""
        return plans.known(self._database.read())

    def forget(self, but: Collection[str]) -> None:
        """Drop what no performance plays in any more."""
        with self._lock:
            self._read = {key: plan for key, plan in self._read.items() if key in but}


@dataclass(frozen=True)
class HouseStatus:
    """Where each seat stands, by the centre: one byte each (`seating.states`)."""

    version: int
    states: bytes


class Watch:
    """Plans that somebody looks at: what the centre says of them, while it says something."""

    def __init__(self) -> None:
        self._news = threading.Condition()
        self._looked: dict[str, float] = {}
        self._known: dict[str, HouseStatus] = {}
        self.wake = threading.Event()

    def look(self, performance_id: str, seconds: float) -> HouseStatus | None:
        """What is known, followed from now on; the first time after at most so many seconds."""
        with self._news:
            first = performance_id not in self._looked
            self._looked[performance_id] = time.monotonic()
            if first:
                self.wake.set()
                self._news.wait_for(lambda: performance_id in self._known, seconds)
            return self._known.get(performance_id)

    def watched(self) -> list[str]:
        """Performances whose plan somebody looked at lately; the others are forgotten."""
        with self._news:
            since = time.monotonic() - WATCHED_SECONDS
            self._looked = {key: at for key, at in self._looked.items() if at > since}
            self._known = {key: status for key, status in self._known.items() if key in self._looked}
            return list(self._looked)

    def told(self, performance_id: str, version: int, states: bytes) -> None:
        with self._news:
            self._known[performance_id] = HouseStatus(version, states)
            self._news.notify_all()


class Picks:
    """Seats that customers at this till point at: asked for, then kept for them until sold, given back or forgotten."""

    def __init__(self) -> None:
        self._news = threading.Condition()
        self._asked: dict[str, tuple[int, ...]] = {}
        self._refused: dict[str, DomainError] = {}
        self._kept: dict[tuple[str, int], float] = {}

    def ask(self, performance_id: str, seats: Sequence[int]) -> None:
        with self._news:
            self._asked[performance_id] = tuple(seats)
            self._refused.pop(performance_id, None)

    def asked(self) -> dict[str, tuple[int, ...]]:
        with self._news:
            return dict(self._asked)

    def answered(self, asked: Mapping[str, tuple[int, ...]], refused: Mapping[str, DomainError]) -> None:
        """The centre was asked for these; what it did not refuse is in the leases now."""
        with self._news:
            for performance_id, seats in asked.items():
                if self._asked.get(performance_id) == seats:
                    del self._asked[performance_id]
                    if performance_id in refused:
                        self._refused[performance_id] = refused[performance_id]
            self._news.notify_all()

    def wait(self, performance_id: str, seconds: float) -> bool:
        """Until the centre has answered; False when it did not in this time. Raises its refusal."""
        with self._news:
            answered = self._news.wait_for(lambda: performance_id not in self._asked, seconds)
            self._asked.pop(performance_id, None)
            refused = self._refused.pop(performance_id, None)
        if refused is not None:
            raise refused
        return answered

    def keep(self, performance_id: str, seats: Iterable[int], until: float) -> None:
        """`until`: time.monotonic."""
        with self._news:
            self._kept |= {(performance_id, seat): until for seat in seats}

    def drop(self, performance_id: str, seats: Iterable[int]) -> None:
        with self._news:
            for seat in seats:
                self._kept.pop((performance_id, seat), None)

    def kept(self) -> set[tuple[str, int]]:
        """Seats, with their performance, that a customer has in mind."""
        with self._news:
            return set(self._kept)

    def forgotten(self) -> dict[str, list[int]]:
        """Seats by performance that were kept too long: nobody has them in mind any more."""
        with self._news:
            late = [key for key, until in self._kept.items() if until < time.monotonic()]
            found: dict[str, list[int]] = {}
            for performance_id, seat in late:
                del self._kept[performance_id, seat]
                found.setdefault(performance_id, []).append(seat)
            return found


def as_shown(
    status: HouseStatus | None, seats: int, at_hand: Iterable[int], kept: Iterable[int], sold: Iterable[int]
) -> bytes:
    """Where each seat stands to this till: what it has at hand is free to it unless a basket here keeps it, and so is
    what the centre has free, while it answers. Without it nobody knows of the others: they are in others' hands."""
    shown = bytearray(status.states if status and len(status.states) == seats else bytes([SeatState.LEASED]) * seats)
    for seat in at_hand:
        shown[seat - 1] = SeatState.FREE
    for seat in kept:
        shown[seat - 1] = SeatState.HELD
    for seat in sold:
        shown[seat - 1] = SeatState.SOLD
    return bytes(shown)
