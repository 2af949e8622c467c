"""Plan versions, kept as they came from the catalogue, and their arrays in memory."""

import gzip
import json
import threading
from collections import OrderedDict

from sqlalchemy.orm import Session

from kit.sql import Statement
from seating import read_plan
from seating.allocation import Allocator
from seating.index import index_of

MOST_PLANS = 50  # in memory; a house of 60,000 takes some 10 MB

_PLAN = Statement("SELECT content FROM plans WHERE plan_version_id = CAST(:id AS uuid)")
_ADD_PLAN = Statement(
    "INSERT INTO plans (plan_version_id, fingerprint, content, seats)"
    " VALUES (CAST(:id AS uuid), :fingerprint, :content, :seats) ON CONFLICT DO NOTHING"
)
_MISSING_PLANS = Statement(
    "SELECT DISTINCT plan_version_id::text FROM capacities c WHERE plan_version_id IS NOT NULL"
    " AND NOT EXISTS (SELECT FROM plans p WHERE p.plan_version_id = c.plan_version_id)"
)
_PLANS_ON_SALE = Statement(
    "SELECT DISTINCT plan_version_id::text FROM capacities JOIN plans USING (plan_version_id) WHERE ends_at > now()"
)


class PlanCache:
    """Arrays of plans: making them of 60,000 seats takes a second, and they never change."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, Allocator] = OrderedDict()
        self._lock = threading.Lock()
        self._making = threading.Lock()  # one at a time: who waits for the same plan finds it made

    def allocator(self, session: Session, plan_version_id: str) -> Allocator | None:
        """None when the plan is not here yet."""
        return self._known(plan_version_id) or self._made(session, plan_version_id)

    def _known(self, plan_version_id: str) -> Allocator | None:
        with self._lock:
            known = self._kept.get(plan_version_id)
            if known is not None:
                self._kept.move_to_end(plan_version_id)
            return known

    def _made(self, session: Session, plan_version_id: str) -> Allocator | None:
        with self._making:
            known = self._known(plan_version_id)
            if known is not None:
                return known
            found = _PLAN.rows(session, id=plan_version_id)
            if not found:
                return None
            made = Allocator(index_of(read_plan(json.loads(gzip.decompress(found[0][0])))))
            with self._lock:
                self._kept[plan_version_id] = made
                while len(self._kept) > MOST_PLANS:
                    self._kept.popitem(last=False)
            return made


def missing_plans(session: Session) -> list[str]:
    """Plan versions of performances that are not here."""
    return [plan_version_id for (plan_version_id,) in _MISSING_PLANS.rows(session)]


def plans_on_sale(session: Session) -> list[str]:
    """Plan versions that are here, of performances that are not over."""
    return [plan_version_id for (plan_version_id,) in _PLANS_ON_SALE.rows(session)]


def add_plan(session: Session, plan_version_id: str, fingerprint: str, content: bytes, seats: int) -> None:
    """Keep a plan version (gzip of its own format); it never changes."""
    _ADD_PLAN.rows(session, id=plan_version_id, fingerprint=fingerprint, content=content, seats=seats)
