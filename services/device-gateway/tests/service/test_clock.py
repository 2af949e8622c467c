"""A clock that was set back, or that was ahead: who says what time it is, and what is sealed (domain 5.3, 5.7)."""

import json
from datetime import timedelta

import pytest

import ledger
from device_gateway import clock, enrolment, selling, sign_in, sync
from device_gateway.domain.errors import ClockWrong, OverrideNeeded
from device_gateway.identification import ByPin, identify
from device_gateway.store import journal, meta
from kit.clock import iso_ms, now
from kit.errors import DomainError, FieldInvalid, Unavailable
from kit.testing import eventually

from ..conftest import PIN, uid
from .test_http import Page, app  # noqa: F401 - a fixture

HOUR = timedelta(hours=1)


def sell(world, at) -> dict:
    return selling.sell(world.till, world.seller(), selling.parse_request(world.request(("poster", 1))), at)


def bodies(world, kind: ledger.Kind) -> list[dict]:
    return [
        each["body"] for each in map(json.loads, (sealed.bytes for sealed in world.journal())) if each["kind"] == kind
    ]


def confirmations(world) -> list[dict]:
    return [body for body in bodies(world, ledger.Kind.TECHNICAL) if body["event"] == "clock_confirmed"]


@pytest.fixture
def an_hour_ahead(world):
    """The till sold while its clock was an hour ahead; then somebody set the clock right."""
    sell(world, world.at + HOUR)
    return world


def test_a_clock_that_stands_before_the_journal_sells_nothing_and_says_why(an_hour_ahead):
    world = an_hour_ahead
    with pytest.raises(ClockWrong):
        sell(world, world.at)
    assert clock.read(world.till, world.at).ahead_of == journal.ahead_of(world.till.database.read(), world.at)
    assert sell(world, world.at + HOUR - timedelta(minutes=1))["sequence"]


def test_neither_a_restart_nor_a_change_of_cashier_hides_a_clock_that_went_back(an_hour_ahead):
    """What is sealed at the wrong time is no proof that the time is right."""
    world = an_hour_ahead
    world.reopen()
    enrolment.record_technical(world.till, "started")
    sign_in.sign_in(world.till, ByPin(world.cashier_id, PIN), None, b"session", world.at)
    with pytest.raises(ClockWrong):
        sell(world, world.at)


def test_the_centre_takes_the_clock_and_the_till_goes_on(an_hour_ahead, centre):
    """domain 5.3: order is that of the numbers, whatever the times; the chain holds."""
    world, client = an_hour_ahead, centre.client()
    sync.renew(world.till, client)
    assert sell(world, now())["sequence"]
    [confirmed] = confirmations(world)
    assert confirmed["by"] == "centre"
    assert confirmed["ahead_of"] > iso_ms(now())
    assert world.faults_of_journal() == []
    assert sync.upload(world.till, client) is False
    assert [entry.sequence for entry in centre.kept] == list(range(1, len(world.journal()) + 1))


def test_the_centre_is_asked_anew_though_the_token_still_serves(an_hour_ahead, centre):
    world, client = an_hour_ahead, centre.client()
    client.renew(world.till.identity, now())
    sync.renew(world.till, client)
    assert len(confirmations(world)) == 1
    sync.renew(world.till, client)
    assert len(confirmations(world)) == 1


def test_a_running_till_asks_the_centre_as_soon_as_its_page_sees_the_doubt(an_hour_ahead, centre):
    world = an_hour_ahead
    running = sync.Sync(world.till, centre.client(), pace=10)
    running.start()
    try:
        eventually(lambda: clock.read(world.till, now()).ahead_of is None, seconds=20)
    finally:
        running.stop()


def test_a_clock_that_the_centre_refuses_stays_in_doubt_and_its_time_is_told(an_hour_ahead, centre):
    world = an_hour_ahead
    centre.refusals["IssueTillToken"] = ("CLOCK_SKEWED", {"server_at": iso_ms(now() + 2 * HOUR)})
    with pytest.raises(DomainError):
        sync.renew(world.till, centre.client())
    world.till.line.answered(now())
    told = clock.read(world.till, now()).centre_at
    assert abs(told - (now() + 2 * HOUR)) < timedelta(seconds=5)
    with pytest.raises(ClockWrong):
        sell(world, now())
    centre.refusals.clear()
    sync.renew(world.till, centre.client())
    assert clock.read(world.till, now()).centre_at is None


def test_what_the_centre_measured_before_the_clock_was_set_is_forgotten(an_hour_ahead, centre):
    world = an_hour_ahead
    with world.till.database.write() as tx:
        meta.put(tx, meta.CLOCK_OFFSET, 3_600_000)
    sync.renew(world.till, centre.client())
    assert clock.read(world.till, now()).offset_ms == 0


def test_after_a_word_for_the_clock_it_is_watched_as_before(an_hour_ahead, centre):
    world = an_hour_ahead
    sync.renew(world.till, centre.client())
    sell(world, now())
    with pytest.raises(ClockWrong):
        sell(world, now() - timedelta(minutes=10))


def test_with_no_network_a_manager_confirms_the_time_and_it_is_sealed(an_hour_ahead, centre):
    """M4: who asked, who gave leave, and what the clock stood before."""
    world, seller = an_hour_ahead, an_hour_ahead.seller()
    centre.server.stop(None).wait()
    with pytest.raises(Unavailable):
        sync.renew(world.till, centre.client())
    with pytest.raises(OverrideNeeded):
        clock.confirm(world.till, seller, world.at, None, world.at)
    ines = identify(world.till, ByPin(uid("ines"), PIN), world.at)
    clock.confirm(world.till, seller, world.at, ines, world.at)
    [override] = bodies(world, ledger.Kind.OVERRIDE)
    assert (override["right"], override["act"]) == ("cashdesk.confirm_clock", "confirm_clock")
    assert override["authorised_by"] == uid("ines")
    [confirmed] = confirmations(world)
    assert (confirmed["by"], confirmed["person"]) == ("person", uid("ines"))
    assert sell(world, world.at)["sequence"]
    assert world.faults_of_journal() == []


def test_who_has_the_right_confirms_alone_and_is_named(an_hour_ahead):
    world = an_hour_ahead
    clock.confirm(world.till, world.seller("ines"), world.at, None, world.at)
    assert bodies(world, ledger.Kind.OVERRIDE) == []
    assert [each["person"] for each in confirmations(world)] == [uid("ines")]


def test_a_time_that_is_not_the_one_on_the_screen_is_not_confirmed(an_hour_ahead):
    world = an_hour_ahead
    with pytest.raises(FieldInvalid):
        clock.confirm(world.till, world.seller("ines"), world.at - timedelta(minutes=10), None, world.at)
    assert confirmations(world) == []


def test_a_clock_that_nobody_doubts_needs_no_word(world):
    clock.confirm(world.till, world.seller("ines"), world.at, None, world.at)
    assert confirmations(world) == []


def test_the_page_reads_the_doubt_and_settles_it(an_hour_ahead, app):  # noqa: F811
    """POST /api/clock, as every act with leave."""
    world, page = an_hour_ahead, Page(app)
    told = page.state()["clock"]
    assert told["ahead_of"][:16] == (world.at + HOUR).isoformat()[:16]
    page.post("/api/sign-in", {"cashier_id": world.cashier_id, "pin": PIN})
    asked = {"at": page.state()["now"]}
    refused = page.post("/api/clock", asked)
    assert (refused.status_code, refused.json["reason"]) == (403, "OVERRIDE_NEEDED")
    assert "confirmer l'heure" in refused.json["detail"]
    assert page.post("/api/clock", {"at": "soon"}).json["reason"] == "FIELD_INVALID"
    leave = {"cashier_id": uid("ines"), "pin": PIN}
    assert page.post("/api/clock", asked | {"authorisation": leave}).status_code == 200
    assert page.state()["clock"]["ahead_of"] is None
