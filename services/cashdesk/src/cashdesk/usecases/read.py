"""Reading the journal. Right: cashdesk.view."""

from datetime import date

from sqlalchemy.orm import Session, sessionmaker

from cashdesk import reading, store
from cashdesk.domain import Till, TillUnknown
from kit.auth import Caller
from kit.errors import FieldInvalid

VIEW = "cashdesk.view"
MAX_PAGE = 1000
DEFAULT_PAGE = 200


def list_tills(sessions: sessionmaker[Session], caller: Caller) -> list[Till]:
    """Every till and how far its journal is kept."""
    caller.require(VIEW)
    with sessions() as session:
        return store.tills(session)


def list_entries(
    sessions: sessionmaker[Session], caller: Caller, till_id: str, first: int, page_size: int
) -> list[reading.StoredEntry]:
    """The sealed bytes as they were received, ascending. Raises FieldInvalid, TillUnknown."""
    caller.require(VIEW)
    if not 0 <= page_size <= MAX_PAGE:
        raise FieldInvalid("page_size", f"must be 1 to {MAX_PAGE}, or 0 for {DEFAULT_PAGE}")
    if first < 0:
        raise FieldInvalid("from_sequence", "must not be negative")
    with sessions() as session:
        if not store.has_till(session, till_id):
            raise TillUnknown("no such till is enrolled", till_id=till_id)
        return reading.entries(session, till_id, first, page_size or DEFAULT_PAGE)


def get_totals(sessions: sessionmaker[Session], caller: Caller, business_on: str) -> reading.DayTotals:
    """Sums of a business day, all from one snapshot of the journal. Raises FieldInvalid."""
    caller.require(VIEW)
    day = parse_day("business_on", business_on)
    with sessions() as session:
        session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
        return reading.day_totals(session, day)


def parse_day(field: str, value: str) -> date:
    """A date like 2026-11-23. Raises FieldInvalid."""
    try:
        if len(value) != 10:
            raise ValueError(value)
        return date.fromisoformat(value)
    except ValueError:
        raise FieldInvalid(field, "must be a date like 2026-11-23") from None
