"""Contingents, quotas and the rules of seats: what managers set for one performance (K6, G6)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from google.protobuf.message import Message
from sqlalchemy.orm import Session, sessionmaker

from inventory import store
from inventory.domain.contingents import GENERAL_SALE, Contingent, Quota, Sellers
from inventory.domain.errors import (
    ContingentInUse,
    ContingentNotFound,
    NotEnoughPlaces,
    PerformanceUnknown,
    QuotaNotFound,
)
from inventory.domain.seating_rules import USUAL, SeatingRules
from inventory.usecases.availability import Standing, standings
from inventory.usecases.checks import at_most, identity, number, short
from inventory.usecases.leases import once
from kit.auth import Caller
from seating import MOST_CONTINGENTS
from seating.distance import estimated_places

Sessions = sessionmaker[Session]
Answer = TypeVar("Answer", bound=Message)
MOST_SELLERS = 200
MOST_QUOTAS = 99
MOST_PLACES = 1_000_000


@dataclass(frozen=True)
class PoolsView:
    """All that is set for a performance. `seats`: how many each contingent has."""

    standing: Standing
    contingents: list[Contingent]
    seats: dict[int, int]
    quotas: list[Quota]
    rules: SeatingRules
    blocks: list[store.Block]
    estimated_places: int


def list_pools(sessions: Sessions, caller: Caller, performance_id: str, now: datetime) -> PoolsView:
    """Raises FieldInvalid, PerformanceUnknown."""
    caller.require("inventory.view")
    identity("performance_id", performance_id)
    with sessions.begin() as session:
        found = store.availabilities(session, [performance_id])
        if not found:
            raise PerformanceUnknown("no such performance", performance_id=performance_id)
        pools = store.pools_of(session, [performance_id]).get(performance_id)
        [standing] = standings(session, found, now)
        seats = store.status(session, performance_id)
        seat_map = seats[1] if seats else None
        rules = seat_map.rules if seat_map is not None else USUAL
        places = standing.capacity.total
        if seat_map is not None and rules.distance:
            places = min(places, estimated_places(seat_map.allocator.index, rules.distance))
        return PoolsView(
            standing,
            list(pools.contingents.values()) if pools else [],
            store.seats_by_contingent(session, performance_id),
            [quota for quota in pools.quotas.values() if quota.at_most is not None] if pools else [],
            rules,
            store.blocks(session, performance_id),
            places,
        )


def save_contingent(
    sessions: Sessions, caller: Caller, request: Message, performance_id: str, wanted: Contingent, now: datetime,
    answer_type: type[Answer], answer: Callable[[Contingent], Answer],
) -> Answer:  # fmt: skip
    """Set places apart for someone. What is taken of it stays.

    Raises FieldInvalid, PerformanceUnknown, NotEnoughPlaces (more than are free, or fewer than are taken).
    """
    caller.require("inventory.manage")
    identity("performance_id", performance_id)
    number("contingent.number", wanted.number, 1, MOST_CONTINGENTS)
    number("contingent.places", wanted.places, 0, MOST_PLACES)
    _check_sellers("contingent", wanted.name, wanted.sellers)

    def work(session: Session) -> Answer:
        book = store.opened(session, performances=[performance_id])
        house = book.house(performance_id)
        known = house.pools.contingents.get(wanted.number)
        if known is not None:
            wanted.taken = known.taken
        if wanted.places < wanted.taken:
            raise NotEnoughPlaces(
                f"{wanted.taken} of them are taken",
                performance_id=performance_id,
                wanted=wanted.taken,
                free=wanted.places,
            )
        others = house.general_places(now) + (known.left if known is not None and not known.is_released(now) else 0)
        if wanted.left > others and not wanted.is_released(now):
            raise NotEnoughPlaces(
                f"{wanted.left} to set apart, {others} free",
                performance_id=performance_id,
                wanted=wanted.left,
                free=others,
            )
        store.save_contingents(session, performance_id, [wanted])
        return answer(wanted)

    return once(sessions, request, answer_type, work)


def remove_contingent(
    sessions: Sessions, caller: Caller, request: Message, performance_id: str, which: int,
    answer_type: type[Answer], answer: Callable[[], Answer],
) -> Answer:  # fmt: skip
    """Its free places and its seats are everybody's. Raises PerformanceUnknown, ContingentNotFound, ContingentInUse."""
    caller.require("inventory.manage")
    identity("performance_id", performance_id)

    def work(session: Session) -> Answer:
        book = store.opened(session, performances=[performance_id])
        house = book.house(performance_id)
        found = house.pools.contingents.get(which)
        if found is None:
            raise ContingentNotFound(f"no contingent {which}", performance_id=performance_id, number=which)
        if found.taken:
            raise ContingentInUse(
                f"{found.taken} of its places are taken", performance_id=performance_id, taken=found.taken
            )
        if house.seat_map is not None:
            house.seat_map.assign(house.seat_map.seats_of(which), GENERAL_SALE)
        for quota in house.pools.quotas.values():
            if quota.contingent == which:
                quota.at_most = None
        store.write(session, book)
        store.remove_contingent(session, performance_id, which)
        return answer()

    return once(sessions, request, answer_type, work)


def save_quota(
    sessions: Sessions, caller: Caller, request: Message, performance_id: str, wanted: Quota,
    answer_type: type[Answer], answer: Callable[[Quota], Answer],
) -> Answer:  # fmt: skip
    """Limit what someone may sell from now on. Raises FieldInvalid, PerformanceUnknown, ContingentNotFound."""
    caller.require("inventory.manage")
    identity("performance_id", performance_id)
    number("quota.number", wanted.number, 1, MOST_QUOTAS)
    number("quota.at_most", wanted.at_most or 0, 0, MOST_PLACES)
    _check_sellers("quota", wanted.name, wanted.sellers)

    def work(session: Session) -> Answer:
        pools = store.opened(session, performances=[performance_id]).house(performance_id).pools
        if wanted.contingent != GENERAL_SALE and wanted.contingent not in pools.contingents:
            raise ContingentNotFound(f"no contingent {wanted.contingent}", performance_id=performance_id)
        known = pools.quotas.get(wanted.number)
        wanted.taken = known.taken if known is not None else 0
        store.save_quotas(session, performance_id, [wanted])
        return answer(wanted)

    return once(sessions, request, answer_type, work)


def remove_quota(
    sessions: Sessions, caller: Caller, request: Message, performance_id: str, which: int,
    answer_type: type[Answer], answer: Callable[[], Answer],
) -> Answer:  # fmt: skip
    """It limits nothing any more. Raises FieldInvalid, PerformanceUnknown, QuotaNotFound."""
    caller.require("inventory.manage")
    identity("performance_id", performance_id)

    def work(session: Session) -> Answer:
        book = store.opened(session, performances=[performance_id])
        found = book.house(performance_id).pools.quotas.get(which)
        if found is None or found.at_most is None:
            raise QuotaNotFound(f"no quota {which}", performance_id=performance_id, number=which)
        found.at_most = None
        store.write(session, book)
        return answer()

    return once(sessions, request, answer_type, work)


def save_seating_rules(
    sessions: Sessions, caller: Caller, request: Message, performance_id: str, rules: SeatingRules,
    answer_type: type[Answer], answer: Callable[[SeatingRules], Answer],
) -> Answer:  # fmt: skip
    """How seats are given from now on; who sits stays. Raises FieldInvalid, PerformanceUnknown, NotNumbered."""
    caller.require("inventory.manage")
    identity("performance_id", performance_id)
    _check_names("seating_rules.orphans_refused_on", rules.orphans_refused_on)
    number("seating_rules.orphans_below", rules.orphans_below, 0, MOST_PLACES)
    number("seating_rules.distance_seats", rules.distance.seats, 0, 10)
    number("seating_rules.distance_rows", rules.distance.rows, 0, 5)

    def work(session: Session) -> Answer:
        book = store.opened(session, performances=[performance_id])
        book.house(performance_id).seats.follow(rules)
        store.save_rules(session, performance_id, rules)
        store.write(session, book)
        return answer(rules)

    return once(sessions, request, answer_type, work)


def _check_sellers(path: str, name: str, sellers: Sellers) -> None:
    short(f"{path}.name", name, 80, 1)
    _check_names(f"{path}.channels", sellers.channels)
    _check_names(f"{path}.points_of_sale", sellers.points_of_sale)
    _check_names(f"{path}.partners", sellers.partners)


def _check_names(path: str, names: Sequence[str]) -> None:
    at_most(path, names, MOST_SELLERS)
    for i, who in enumerate(names):
        short(f"{path}[{i}]", who, 64, 1)
