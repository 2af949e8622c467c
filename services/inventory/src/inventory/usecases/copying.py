"""Setting other performances as one is set: contingents, quotas, rules of seats, blocks (K6, G6)."""

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TypeVar

from google.protobuf.message import Message
from sqlalchemy.orm import Session, sessionmaker

from inventory import store
from inventory.domain.contingents import GENERAL_SALE, Pools
from inventory.domain.errors import (
    ContingentInUse,
    ContingentNotFound,
    NotEnoughPlaces,
    OtherPlan,
    PerformanceUnknown,
    PlanNotHereYet,
)
from inventory.domain.house import House
from inventory.domain.seats import SeatMap
from inventory.usecases.checks import at_most, identity
from inventory.usecases.leases import once
from kit.auth import Caller
from kit.errors import DomainError, FieldInvalid
from seating import SeatState, state_of

Sessions = sessionmaker[Session]
Answer = TypeVar("Answer", bound=Message)
MOST_TARGETS = 200
_BLOCKED = (SeatState.HOUSE, SeatState.KILLED)


@dataclass(frozen=True)
class Parts:
    """What is copied."""

    contingents: bool
    quotas: bool
    rules: bool
    blocks: bool


@dataclass(frozen=True)
class Copied:
    """How it went with one performance: `refusal` is empty when it now stands as the other one."""

    performance_id: str
    refusal: str = ""
    facts: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class _Source:
    """As it stood at one moment; nobody changes it."""

    starts_at: datetime
    plan_version_id: str | None
    pools: Pools
    seats: SeatMap | None
    blocks: list[store.Block]


def copy_pools(
    sessions: Sessions, caller: Caller, request_id: str, performance_id: str, targets: Sequence[str], parts: Parts,
    now: datetime, request_for: Callable[[str, str, str, Parts], Message], answer_type: type[Answer],
) -> list[Copied]:  # fmt: skip
    """Each target in a transaction of its own, wholly or not at all. Repeating does again only what was refused.

    Raises FieldInvalid, PerformanceUnknown and PlanNotHereYet (of what is copied).
    """
    caller.require("inventory.manage")
    identity("request_id", request_id)
    identity("performance_id", performance_id)
    at_most("to_performance_ids", targets, MOST_TARGETS)
    for i, target in enumerate(targets):
        identity(f"to_performance_ids[{i}]", target)
    if not targets or performance_id in targets or len(set(targets)) < len(targets):
        raise FieldInvalid("to_performance_ids", "must name other performances, each once")
    if parts == Parts(False, False, False, False):
        raise FieldInvalid("contingents", "or quotas, seating_rules, blocks must be chosen")
    source = _read(sessions, performance_id)
    results = []
    for target in targets:
        request = request_for(str(uuid.uuid5(uuid.UUID(request_id), target)), performance_id, target, parts)

        def work(session: Session, target: str = target) -> Answer:
            _stand_as(session, target, source, parts, caller, now)
            return answer_type()

        try:
            once(sessions, request, answer_type, work)
            results.append(Copied(target))
        except DomainError as refused:
            facts = {name: str(value) for name, value in refused.facts.items()}
            results.append(Copied(target, refused.reason, facts))
    return results


def _read(sessions: Sessions, performance_id: str) -> _Source:
    with sessions.begin() as session:
        found = store.availabilities(session, [performance_id])
        status = store.status(session, performance_id)
        if not found or status is None:
            raise PerformanceUnknown("no such performance", performance_id=performance_id)
        plan_version_id, seats = status
        if plan_version_id is not None and seats is None:
            raise PlanNotHereYet("the plan of this performance is on its way", performance_id=performance_id)
        pools = store.pools_of(session, [performance_id]).get(performance_id) or Pools(performance_id)
        return _Source(found[0].starts_at, plan_version_id, pools, seats, store.blocks(session, performance_id))


def _stand_as(session: Session, target: str, source: _Source, parts: Parts, caller: Caller, now: datetime) -> None:
    """Raises DomainErrors; the caller's transaction then changes nothing."""
    book = store.opened(session, performances=[target])
    house = book.house(target)
    if house.capacity.plan_version_id != source.plan_version_id:
        raise OtherPlan("it is sold by another plan", performance_id=target)
    later = house.capacity.starts_at - source.starts_at
    gone: list[int] = []
    if parts.contingents:
        gone = _copy_contingents(house, source, later)
    if parts.quotas:
        _copy_quotas(house, source)
    store.save_contingents(session, target, house.pools.contingents.values())  # before the seats that are put into them
    store.save_quotas(session, target, house.pools.quotas.values())
    if source.seats is not None and parts.rules:
        until = source.seats.rules.wheelchairs_release_at
        rules = replace(source.seats.rules, wheelchairs_release_at=until and until + later)
        house.seats.follow(rules)
        store.save_rules(session, target, rules)
    if parts.blocks:
        for block in source.blocks:
            status = house.seats.status
            seats = [seat for seat in block.seats if state_of(int(status[seat - 1])) not in _BLOCKED]
            if seats:
                block_id = str(uuid.uuid4())
                book.block(target, seats, block_id, SeatState(block.state))
                store.add_block(session, block_id, target, block.state, seats, block.reason, caller.subject)
    house.must_keep_apart(now)
    store.write(session, book)
    for number in gone:
        store.remove_contingent(session, target, number)


def _copy_contingents(house: House, source: _Source, later: timedelta) -> list[int]:
    """Those of the source in the place of the target's, with their seats; gives the numbers that are no more."""
    mine, theirs = house.pools.contingents, source.pools.contingents
    gone = sorted(mine.keys() - theirs.keys())
    for number in gone:
        if mine[number].taken:
            raise ContingentInUse(
                f"{mine[number].taken} of its places are taken",
                performance_id=house.capacity.performance_id, taken=mine[number].taken,
            )  # fmt: skip
        _empty(house, number)
        del mine[number]
        for quota in house.pools.quotas.values():
            if quota.contingent == number:
                quota.at_most = None
    for number, wanted in theirs.items():
        taken = mine[number].taken if number in mine else 0
        if taken > wanted.places:
            raise NotEnoughPlaces(
                f"{taken} of contingent {number} are taken",
                performance_id=house.capacity.performance_id, wanted=taken, free=wanted.places,
            )  # fmt: skip
        until = wanted.release_at
        mine[number] = replace(wanted, taken=taken, release_at=until and until + later)
        if source.seats is not None:
            _empty(house, number)
    for number in theirs:
        if source.seats is not None:
            house.seats.assign(source.seats.seats_of(number), number)
    return gone


def _copy_quotas(house: House, source: _Source) -> None:
    """Those of the source in the place of the target's; each goes on counting where it was."""
    mine = house.pools.quotas
    for quota in mine.values():
        quota.at_most = None
    for number, wanted in source.pools.quotas.items():
        if wanted.at_most is None:
            continue
        if wanted.contingent != GENERAL_SALE and wanted.contingent not in house.pools.contingents:
            raise ContingentNotFound(f"no contingent {wanted.contingent}", performance_id=house.capacity.performance_id)
        mine[number] = replace(wanted, taken=mine[number].taken if number in mine else 0)


def _empty(house: House, number: int) -> None:
    """The seats of a contingent are in the general sale."""
    if house.seat_map is not None:
        house.seat_map.assign(house.seat_map.seats_of(number), GENERAL_SALE)
