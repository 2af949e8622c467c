"""What the catalogue told: performances open capacities."""

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy.orm import Session

from kit.sql import insert

CAPACITY = {
    "performance_id": "uuid", "total": "integer", "revision": "bigint", "starts_at": "timestamptz",
    "ends_at": "timestamptz", "on_sale": "boolean", "plan_version_id": "uuid",
}  # fmt: skip
_SCHEDULE = insert(
    "capacities", CAPACITY,
    "ON CONFLICT (performance_id) DO UPDATE SET"
    " total = GREATEST(excluded.total, capacities.sold + capacities.held + capacities.leased),"
    " revision = excluded.revision, starts_at = excluded.starts_at, ends_at = excluded.ends_at,"
    " on_sale = excluded.on_sale, version = capacities.version + 1,"
    " plan_version_id = CASE WHEN capacities.seat_version + capacities.sold + capacities.held + capacities.leased = 0"
    " THEN excluded.plan_version_id ELSE capacities.plan_version_id END"
    " WHERE capacities.revision < excluded.revision RETURNING performance_id::text, total",
)  # fmt: skip


def schedule(session: Session, performances: Iterable[Mapping[str, Any]]) -> list[tuple[str, int]]:
    """Create or change capacities, in the order of their ids; what is older than what is known changes nothing.

    A capacity never shrinks below what is sold, held or leased, and keeps its plan once a place was taken; gives each
    one's id and the total that it has now.
    """
    rows = sorted(performances, key=lambda row: row["performance_id"])
    found = _SCHEDULE.rows(session, ([row[column] for column in CAPACITY] for row in rows))
    return [(performance_id, total) for performance_id, total in found]
