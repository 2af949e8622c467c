"""How many places are sold, held, leased and free."""

from collections.abc import Sequence

from sqlalchemy.orm import Session, sessionmaker

from inventory import store
from inventory.domain import Capacity
from inventory.usecases.checks import at_most, identity
from kit.auth import Caller


def availabilities(sessions: sessionmaker[Session], caller: Caller, performance_ids: Sequence[str]) -> list[Capacity]:
    """The capacities of these performances, of all if none is named; unknown ones are left out. Raises FieldInvalid."""
    caller.require("inventory.view", "orders.sell", "inventory.lease")
    at_most("performance_ids", performance_ids, 5000)
    ids = [identity(f"performance_ids[{i}]", value) for i, value in enumerate(performance_ids)]
    with sessions.begin() as session:
        return store.availabilities(session, ids)
