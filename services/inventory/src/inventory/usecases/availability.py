"""How many places are sold, held, leased and free."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session, sessionmaker

from inventory import store
from inventory.domain import Capacity
from inventory.usecases.checks import at_most, identity
from kit.auth import Caller


@dataclass(frozen=True)
class Standing:
    """A capacity, how many of its free places are for contingents that are not released, and how many of those that it
    counts as held are blocked."""

    capacity: Capacity
    set_apart: int
    blocked: int
    missing: int = 0  # sold though there were none, and not found since (domain 5.6)


def availabilities(
    sessions: sessionmaker[Session], caller: Caller, performance_ids: Sequence[str], now: datetime
) -> list[Standing]:
    """How these performances stand, or all if none is named; unknown ones are left out. Raises FieldInvalid."""
    caller.require("inventory.view", "orders.sell", "inventory.lease")
    at_most("performance_ids", performance_ids, 5000)
    ids = [identity(f"performance_ids[{i}]", value) for i, value in enumerate(performance_ids)]
    with sessions.begin() as session:
        return standings(session, store.availabilities(session, ids), now)


def standings(session: Session, capacities: Sequence[Capacity], now: datetime) -> list[Standing]:
    """How these stand, in their order."""
    pools = store.pools_of(session, [capacity.performance_id for capacity in capacities])
    seats = store.free_seats_by_contingent(session, list(pools)) if pools else {}
    numbered = [capacity.performance_id for capacity in capacities if capacity.plan_version_id]
    blocked = store.blocked_seats(session, numbered) if numbered else {}
    missing = store.missing_places(session, [capacity.performance_id for capacity in capacities])
    answer = []
    for capacity in capacities:
        own = pools.get(capacity.performance_id)
        apart = 0
        if own is not None:
            kept = own.contingents.keys() - own.released(now)
            apart = own.set_apart(now) + sum(seats.get((capacity.performance_id, number), 0) for number in kept)
        key = capacity.performance_id
        answer.append(Standing(capacity, min(apart, capacity.free), blocked.get(key, 0), missing.get(key, 0)))
    return answer
