"""What VAT by rule asks of the programme, and the rates that it gives to performances."""

import json
from collections.abc import Iterable, Mapping, Sequence
from zoneinfo import ZoneInfo

from sqlalchemy import text
from sqlalchemy.orm import Session

from catalog.domain import Dated, Territory, VatKind, VatRule

_DATED = """
SELECT id, starts_at, state = 2 AND EXISTS (
  SELECT FROM prices WHERE prices.price_list_id = performances.price_list_id AND amount > 0
) AS paid FROM performances WHERE show_id = CAST(:id AS uuid)
"""
_RATE = """
UPDATE performances SET vat_rate_bp = r.vat_rate_bp, revision = :version
FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r(id uuid, vat_rate_bp integer)
WHERE performances.id = r.id AND performances.vat_rate_bp IS DISTINCT FROM r.vat_rate_bp
"""
_UNRATE = """
UPDATE performances SET vat_rate_bp = NULL, revision = :version
WHERE show_id = ANY(CAST(:ids AS uuid[])) AND vat_rate_bp IS NOT NULL
"""


def vat_rules(session: Session, show_ids: Sequence[str]) -> dict[str, tuple[VatRule, str]]:
    """The rule and the venue's zone of each of these shows."""
    query = text(
        "SELECT shows.id, vat_kind, drinks_served, paid_before, territory, zone FROM shows"
        " JOIN venues ON venues.id = venue_id WHERE shows.id = ANY(CAST(:ids AS uuid[]))"
    )
    return {
        str(id): (VatRule(VatKind(kind), drinks, before, Territory(territory)), zone)
        for id, kind, drinks, before, territory, zone in session.execute(query, {"ids": list(show_ids)})
    }


def dated(session: Session, show_id: str, zone: str) -> list[Dated]:
    """A show's performances as VAT sees them."""
    here = ZoneInfo(zone)
    rows = session.execute(text(_DATED), {"id": show_id})
    return [Dated(str(id), starts_at, starts_at.astimezone(here).date(), paid) for id, starts_at, paid in rows]


def save_rates(session: Session, version: int, rates: Mapping[str, int | None]) -> None:
    """Give performances their rates; one whose rate changes has changed in this version."""
    rows = [{"id": id, "vat_rate_bp": rate} for id, rate in rates.items()]
    session.execute(text(_RATE), {"version": version, "rows": json.dumps(rows)})


def drop_rates(session: Session, version: int, show_ids: Iterable[str]) -> None:
    """These shows have no rule: each price says its own rate."""
    session.execute(text(_UNRATE), {"version": version, "ids": list(show_ids)})


def shows_of(session: Session, performance_ids: Sequence[str]) -> set[str]:
    query = text("SELECT DISTINCT show_id FROM performances WHERE id = ANY(CAST(:ids AS uuid[]))")
    return {str(id) for id in session.scalars(query, {"ids": list(performance_ids)})}


def shows_in(session: Session, venue_id: str) -> set[str]:
    query = text("SELECT id FROM shows WHERE venue_id = CAST(:id AS uuid)")
    return {str(id) for id in session.scalars(query, {"id": venue_id})}


def shows_priced_by(session: Session, price_list_id: str) -> set[str]:
    query = text("SELECT DISTINCT show_id FROM performances WHERE price_list_id = CAST(:id AS uuid)")
    return {str(id) for id in session.scalars(query, {"id": price_list_id})}
