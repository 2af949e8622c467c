"""Clocks that jump, with a real till process: nothing is misdated in silence, nobody waits for an hour (domain 5.7)."""

import json
import re
import sqlite3
from datetime import datetime

import pytest
from playwright.sync_api import expect

from kit.clock import now
from kit.testing import eventually

from .conftest import screenshot
from .own_till import own_till
from .running import LUCAS_PIN, Refused
from .shifted_till import OFFSET_FILE
from .test_first_sale import NARROW
from .test_people_at_the_till import INES_PIN

pytestmark = pytest.mark.e2e
HOUR = 3600


class Clock:
    """The clock of the till's machine."""

    def __init__(self, file) -> None:
        self._file = file
        self.set(0)

    def set(self, seconds_off: int) -> None:
        fresh = self._file.with_suffix(".new")
        fresh.write_text(str(seconds_off))
        fresh.replace(self._file)


@pytest.fixture
def clock(tmp_path):
    return Clock(tmp_path / "offset")


@pytest.fixture
def till(running_suite, tmp_path, clock):
    offset = {OFFSET_FILE: str(tmp_path / "offset")}
    with own_till(running_suite.machine, tmp_path / "till", "tests.e2e.shifted_till", **offset) as it:
        yield it


def sell(till) -> str:
    return str(till.page.sell(till.page.key("Carte postale"))["order_id"])


def reason_of_refusal(till) -> str:
    with pytest.raises(Refused) as refused:
        sell(till)
    return refused.value.reason


def confirmations(till) -> list[dict]:
    with sqlite3.connect(till.database) as database:
        rows = database.execute("SELECT content FROM journal WHERE kind = 'technical' ORDER BY sequence").fetchall()
    bodies = [json.loads(content)["body"] for (content,) in rows]
    return [body for body in bodies if body["event"] == "clock_confirmed"]


def test_a_lease_that_ends_while_the_network_is_gone_sells_to_its_end_and_not_beyond(till, clock, running_suite):
    """domain 5.2, 5.7: the basket was made before, the confirmation comes after; what needs no place sells on."""
    place = till.page.key("Festival", "Plein")
    till.line.cut()
    eventually(lambda: not till.page.get("/api/state")["online"], seconds=60)
    with sqlite3.connect(till.database) as database:
        (ends_at,) = database.execute(
            "SELECT max(expires_at) FROM leases WHERE performance_id = ?", (place["items"][0]["performance_id"],)
        ).fetchone()
    left = int((datetime.fromisoformat(ends_at) - now()).total_seconds())
    clock.set(left - HOUR // 4)
    till.page.sell(place)
    basket = till.page.sale(place)
    clock.set(left + 1)
    with pytest.raises(Refused) as refused:
        till.page.post("/api/sales", basket)
    assert refused.value.reason == "NOT_ENOUGH_PLACES"
    sell(till)
    clock.set(0)
    till.line.mend()
    eventually(till.is_caught_up, seconds=90)
    eventually(lambda: till.page.get("/api/state")["clock"]["ahead_of"] is None, seconds=60)
    eventually(lambda: till.page.sell(place), seconds=60)
    eventually(till.is_caught_up, seconds=90)
    assert running_suite.audit() == []


def test_a_clock_that_was_ahead_and_is_set_right_stops_nobody_while_the_centre_answers(till, clock, running_suite):
    """domain 5.3: the centre confirms the present time; the journal keeps its order, and all of it arrives."""
    sell(till)
    clock.set(HOUR)
    sell(till)
    clock.set(0)
    eventually(lambda: till.page.get("/api/state")["clock"]["ahead_of"] is None, seconds=60)
    sell(till)
    assert [each["by"] for each in confirmations(till)] == ["centre"]
    eventually(till.is_caught_up, seconds=90)
    assert running_suite.audit() == []


def test_a_clock_that_jumps_back_sells_nothing_though_the_till_restarts_and_says_what_time_it_is(till, clock, page):
    """domain 5.7: the centre's time is read on the screen; a restart hides nothing; set right, the till goes on."""
    sell(till)
    clock.set(-HOUR)
    assert reason_of_refusal(till) == "CLOCK"
    till.kill()
    till.start()
    till.page.sign_in("Lucas Bernard", LUCAS_PIN)
    assert reason_of_refusal(till) == "CLOCK"
    page.goto(till.page.base)
    banner = page.get_by_role("region", name="Heure à vérifier")
    expect(banner).to_contain_text(re.compile("Le siège dit \\d\\d\\sh\\s\\d\\d"), timeout=30_000)
    screenshot(page, "till-clock-wrong")
    clock.set(0)
    expect(banner).to_be_hidden(timeout=30_000)
    sell(till)


def test_with_no_network_a_manager_confirms_the_time_at_the_till(till, clock, page, running_suite):
    """M4, domain 5.7: in words, by PIN, sealed; what was sold before and after arrives."""
    clock.set(HOUR)
    sell(till)
    till.line.cut()
    eventually(lambda: not till.page.get("/api/state")["online"], seconds=60)
    clock.set(0)
    assert reason_of_refusal(till) == "CLOCK"
    page.goto(till.page.base)
    page.get_by_role("button", name="Lucas Bernard").click()
    page.keyboard.type(LUCAS_PIN)
    page.keyboard.press("Enter")
    banner = page.get_by_role("region", name="Heure à vérifier")
    expect(banner).to_contain_text("Regardez une montre")
    expect(page.locator("aside [data-mode=cash]")).to_be_disabled()
    screenshot(page, "till-clock")
    page.set_viewport_size(NARROW)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    screenshot(page, "till-clock-narrow")
    page.set_viewport_size({"width": 1280, "height": 800})
    banner.get_by_role("button", name="Oui, il est").click()
    leave = page.get_by_role("dialog", name="Accord d’un responsable")
    leave.get_by_role("button", name="Inès Garnier").click()
    page.keyboard.type(INES_PIN)
    page.keyboard.press("Enter")
    expect(banner).to_be_hidden()
    sell(till)
    assert [each["by"] for each in confirmations(till)] == ["person"]
    till.line.mend()
    eventually(till.is_caught_up, seconds=90)
    assert running_suite.audit() == []
