"""Filters, pages and settings, without any server."""

from datetime import UTC, date, datetime
from uuid import UUID

import pytest

from kit.config import ConfigError
from kit.errors import FieldInvalid
from reporting.config import load
from reporting.domain import Cursor, Filter, read_filter, ticket_number
from reporting.main import main

TODAY = date(2026, 11, 23)


def asked(**given: str) -> Filter:
    names = ("from_on", "to_on", "till_id", "cashier_id", "show_id", "performance_on")
    return read_filter(**{name: given.get(name, "") for name in names}, today=TODAY)


def test_days_left_out_are_today() -> None:
    assert (asked().from_on, asked().to_on) == (TODAY, TODAY)
    assert asked(from_on="2026-11-01").to_on == TODAY


def test_a_performance_date_alone_leaves_the_days_of_sale_open() -> None:
    """Q3."""
    found = asked(performance_on="2026-12-24")
    assert (found.from_on, found.to_on, found.performance_on) == (None, None, date(2026, 12, 24))
    assert found.by_programme


@pytest.mark.parametrize("day", ["2026-02-30", "20261123", "2026-11-23T00:00", "demain", "2026-W48-1"])
def test_what_is_no_date_is_refused(day: str) -> None:
    with pytest.raises(FieldInvalid, match="from_on"):
        asked(from_on=day)


def test_a_page_token_gives_its_cursor_back() -> None:
    cursor = Cursor(datetime(2026, 11, 23, 11, 0, 0, 123456, tzinfo=UTC), UUID(int=7), 3)
    assert Cursor.from_token(cursor.to_token()) == cursor


def test_a_line_without_ticket_has_no_number() -> None:
    assert ticket_number(None) == ""
    assert ticket_number([3, 17]).startswith("K003-000017-")


def test_settings_are_named_when_missing_or_wrong(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(ConfigError, match="REPORTING_SERVICE_SECRET"):
        load({})
    with pytest.raises(ConfigError, match="REPORTING_VENUE_ZONE"):
        load({"REPORTING_VENUE_ZONE": "Europe/Lutèce"})
    monkeypatch.delenv("REPORTING_MIGRATE_DATABASE_URL", raising=False)
    assert main(["migrate"]) == 2
    assert "REPORTING_MIGRATE_DATABASE_URL" in capsys.readouterr().err
