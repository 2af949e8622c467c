"""How many places are sold, held, leased and free."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session, sessionmaker

from inventory import store
from inventory.domain import Capacity
from inventory.usecases.checks import at_most, identity
from kit.auth import Caller


def availabilities(
    sessions: sessionmaker[Session], caller: Caller, performance_ids: Sequence[str], now: datetime
) -> list[tuple[Capacity, int]]:
    """The capacities of these performances, of all if none is named, each with how many free places are set apart.

    Unknown ones are left out. Raises FieldInvalid.
    """
    caller.require("inventory.view", "orders.sell", "inventory.lease")
    at_most("performance_ids", performance_ids, 5000)
    ids = [identity(f"performance_ids[{i}]", value) for i, value in enumerate(performance_ids)]
    with sessions.begin() as session:
        found = store.availabilities(session, ids)
        return with_set_apart(session, found, now)


def with_set_apart(session: Session, capacities: Sequence[Capacity], now: datetime) -> list[tuple[Capacity, int]]:
    """Each with how many of its free places are for contingents that are not released."""
    pools = store.pools_of(session, [capacity.performance_id for capacity in capacities])
    seats = store.free_seats_by_contingent(session, list(pools)) if pools else {}
    answer = []
    for capacity in capacities:
        own = pools.get(capacity.performance_id)
        apart = 0
        if own is not None:
            kept = own.contingents.keys() - own.released(now)
            apart = own.set_apart(now) + sum(seats.get((capacity.performance_id, number), 0) for number in kept)
        answer.append((capacity, min(apart, capacity.free)))
    return answer
