"""What the till says of its line and of what it holds (D1, C9)."""

import sqlite3
from datetime import timedelta

import pytest

from device_gateway.line import ONLINE_SECONDS, Line
from device_gateway.store import meta

from .test_http import Page, app  # noqa: F401 - a fixture

LATER = timedelta(minutes=20)


class Clock:
    def __init__(self) -> None:
        self.at = 1000.0

    def __call__(self) -> float:
        return self.at


@pytest.fixture
def clock():
    return Clock()


def test_a_line_says_since_when_it_is_good_and_since_when_it_is_lost(world, clock):
    """D1: lost since the last answer, not since somebody noticed."""
    line = Line(world.till.database, clock)
    assert (line.online, line.since) == (False, None)
    line.answered(world.at)
    clock.at += 1
    line.answered(world.at + LATER)
    assert (line.online, line.since) == (True, world.at)
    clock.at += ONLINE_SECONDS
    assert (line.online, line.since) == (False, world.at + LATER)
    line.answered(world.at + 2 * LATER)
    assert (line.online, line.since) == (True, world.at + 2 * LATER)


def test_a_restart_does_not_forget_since_when_the_line_is_lost(world, clock):
    """D3."""
    line = Line(world.till.database, clock)
    line.answered(world.at)
    clock.at += ONLINE_SECONDS
    line.keep()
    assert Line(world.reopen().database, clock).since == world.at.replace(
        microsecond=world.at.microsecond // 1000 * 1000
    )


def test_a_good_line_is_written_down_now_and_then_and_before_the_till_stops(world, clock):
    line = Line(world.till.database, clock)

    def kept() -> str:
        return meta.get(world.till.database.read(), meta.LAST_ANSWER)

    line.answered(world.at)
    line.keep()
    first = kept()
    assert first
    clock.at += 1
    line.answered(world.at + LATER)
    line.keep()
    assert kept() == first
    line.keep(at_once=True)
    assert kept() > first


@pytest.fixture
def page(app):  # noqa: F811
    page = Page(app)
    page.state()
    return page


def test_the_state_says_since_when_and_the_details_what_is_held_until_when(world, page):
    world.lease(10)
    world.lease(5, "more", expires_in=timedelta(hours=1))
    world.till.line.answered(world.at)
    state = page.state()
    assert (state["online"], state["line_since"][:19]) == (True, world.at.isoformat()[:19])
    told = page.get("/api/status").json
    [lease] = told["leases"]
    assert (lease["title"], lease["left"]) == ("Visite libre", 15)
    assert lease["until"][:19] == (world.at + timedelta(hours=1)).isoformat()[:19]
    assert told["last_answer_at"][:19] == told["waiting_since"][:19] == world.at.isoformat()[:19]


def test_what_a_lease_no_longer_sells_is_not_counted_as_at_hand(world, page):
    world.lease(10, expires_in=-timedelta(minutes=1))
    assert page.get("/api/status").json["leases"] == []


def test_a_full_disk_is_said_and_is_over_as_soon_as_something_can_be_written(world, page):
    """domain 5.7: nobody has to restart the till."""
    database = world.till.database
    with database.write() as tx:
        [pages] = tx.execute("PRAGMA page_count").fetchone()
        tx.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(sqlite3.OperationalError), database.write() as tx:
        tx.execute("CREATE TABLE much AS SELECT zeroblob(1000000) AS it")
    assert page.state()["disk_full"] is True
    with pytest.raises(sqlite3.OperationalError):
        database.try_full_disk()
    assert page.state()["disk_full"] is True
    database._writer.execute(f"PRAGMA max_page_count = {pages + 10_000}")
    database.try_full_disk()
    assert page.state()["disk_full"] is False
