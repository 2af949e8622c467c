"""Plan versions: written once, read as they were."""

import gzip
import json
from typing import Any

from sqlalchemy.orm import Session

from catalog.domain import PlanVersion
from kit.sql import Statement

_LISTED = "id::text, plan_id::text, number, name, venue_id::text, seats, capacity, fingerprint, imported_at"
_ADD = Statement(
    "INSERT INTO plan_versions (id, plan_id, number, name, venue_id, seats, capacity, fingerprint, content)"  # noqa: S608
    " SELECT CAST(:id AS uuid), CAST(:plan AS uuid), COALESCE(max(number), 0) + 1, :name, CAST(:venue AS uuid), :seats,"
    " :capacity, :fingerprint, :content FROM plan_versions WHERE plan_id = CAST(:plan AS uuid)"
    f" RETURNING {_LISTED}"
)
_FIND = Statement(f"SELECT {_LISTED}, content FROM plan_versions WHERE id = CAST(:id AS uuid)")  # noqa: S608 - ours
_LIST = Statement(
    f"SELECT {_LISTED} FROM plan_versions WHERE :venue = '' OR venue_id::text = :venue"  # noqa: S608 - ours
    " ORDER BY name, plan_id, number DESC"
)
_PRICED_CODES = Statement(
    "SELECT DISTINCT code FROM prices JOIN categories ON categories.id = category_id"
    " WHERE price_list_id = CAST(:id AS uuid) AND code <> ''"
)
_CAPACITIES = Statement("SELECT id::text, capacity FROM plan_versions WHERE id = ANY(CAST(:ids AS uuid[]))")


def add_plan(
    session: Session, version_id: str, plan_id: str, name: str, venue_id: str, seats: int, capacity: int,
    fingerprint: str, content: bytes,
) -> PlanVersion:  # fmt: skip
    """Keep the next version of a plan. The caller holds the catalogue's lock, so numbers have no double."""
    (row,) = _ADD.rows(
        session, id=version_id, plan=plan_id, name=name, venue=venue_id, seats=seats, capacity=capacity,
        fingerprint=fingerprint, content=content,
    )  # fmt: skip
    return PlanVersion(*row)


def plan_version(session: Session, version_id: str) -> tuple[PlanVersion, bytes] | None:
    """A version with its content (gzip)."""
    found: list[Any] = _FIND.rows(session, id=version_id)
    return (PlanVersion(*found[0][:-1]), bytes(found[0][-1])) if found else None


def plan_versions(session: Session, venue_id: str) -> list[PlanVersion]:
    """All versions, of one venue or of all."""
    return [PlanVersion(*row) for row in _LIST.rows(session, venue=venue_id)]


def plan_categories(session: Session, version_id: str) -> dict[str, str]:
    """Names of the categories that the seats of a version are of, by code."""
    found = plan_version(session, version_id)
    if found is None:
        return {}
    document = json.loads(gzip.decompress(found[1]))
    used = {seat["category"] for zone in document["zones"] for row in zone["rows"] for seat in row["seats"]}
    return {each["code"]: each["name"] for each in document["categories"] if each["code"] in used}


def priced_codes(session: Session, price_list_id: str) -> set[str]:
    """The categories of plans that a price list has a price for."""
    return {code for (code,) in _PRICED_CODES.rows(session, id=price_list_id)}


def plan_capacities(session: Session, version_ids: list[str]) -> dict[str, int]:
    """How many places each of these versions has."""
    return dict(_CAPACITIES.rows(session, ids=version_ids)) if version_ids else {}
