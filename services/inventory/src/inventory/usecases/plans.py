"""Plans come from the catalogue after the performances that are sold by them."""

from sqlalchemy.orm import Session, sessionmaker

from inventory import store
from inventory.clients import Catalog
from kit import telemetry
from kit.errors import DomainError


def fetch_plans(sessions: sessionmaker[Session], catalog: Catalog) -> int:
    """Fetch the plans that performances need and that are not here; gives how many came. Raises nothing of the network:
    what could not be had is asked for again."""
    with sessions.begin() as session:
        missing = store.missing_plans(session)
    came = 0
    for plan_version_id in missing:
        try:
            plan = catalog.plan_version(plan_version_id)
        except DomainError as error:
            telemetry.log().warning("plan_waits", plan_version_id=plan_version_id, reason=error.reason)
            continue
        with sessions.begin() as session:
            store.add_plan(session, plan_version_id, plan.fingerprint, plan.content, plan.seats)
        telemetry.log().info("plan_fetched", plan_version_id=plan_version_id, seats=plan.seats)
        came += 1
    with sessions.begin() as session:
        store.warm_plans(session)
    return came
