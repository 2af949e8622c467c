"""What the till tells the centre of its health (R7)."""

import uuid

import pytest

from device_gateway import machine, sync
from device_gateway.devices.status import Condition, Status
from device_gateway.reporting import EVERY_SECONDS, Reporter
from device_gateway.store import meta
from device_gateway.store.jobs import Role
from kit.errors import DomainError
from kit.testing import eventually


class Clock:
    def __init__(self) -> None:
        self.at = 0.0

    def __call__(self) -> float:
        return self.at


def test_a_report_says_what_the_till_holds(world, centre):
    """R7."""
    Reporter()(world.till, centre.client())
    told = centre.reports[0]
    assert (told.journal_sequence, told.entries_waiting) == (len(world.journal()), len(world.journal()))
    assert {printer.role for printer in told.printers} == {"ticket", "receipt"}
    assert told.free_disk_bytes > 0
    assert told.memory_bytes > 0
    assert told.frozen == ""


def test_a_till_that_has_nothing_new_to_say_reports_every_30_seconds(world, centre):
    """R3: figures that change by themselves are not worth a call."""
    clock = Clock()
    report, client = Reporter(clock), centre.client()
    report(world.till, client)
    clock.at = EVERY_SECONDS - 1
    report(world.till, client)
    assert len(centre.reports) == 1
    clock.at = EVERY_SECONDS
    report(world.till, client)
    assert len(centre.reports) == 2


def test_what_a_person_may_have_to_see_to_is_told_at_once(world, centre):
    report, client = Reporter(Clock()), centre.client()
    report(world.till, client)
    world.till.printer_status[Role.TICKET] = lambda: Status(Condition.BLOCKED, ("paper_out",))
    report(world.till, client)
    ticket = next(printer for printer in centre.reports[-1].printers if printer.role == "ticket")
    assert (ticket.condition, list(ticket.causes)) == ("blocked", ["paper_out"])
    world.till.sync_failures["journal"] = "JOURNAL_FORK"
    report(world.till, client)
    assert dict(centre.reports[-1].sync_failures) == {"journal": "JOURNAL_FORK"}


def test_a_report_that_was_not_heard_is_made_again(world, centre):
    report, client = Reporter(Clock()), centre.client()
    centre.refusals["ReportTill"] = ("RATE_LIMITED", {})
    with pytest.raises(DomainError):
        report(world.till, client)
    del centre.refusals["ReportTill"]
    report(world.till, client)
    assert len(centre.reports) == 1


def test_the_sync_reports_which_of_its_steps_is_refused(world, centre):
    centre.refusals["ListTemplates"] = ("FORBIDDEN", {})
    running = sync.Sync(world.till, centre.client(), pace=0.05)
    running.start()
    try:
        eventually(lambda: any(dict(told.sync_failures) == {"templates": "FORBIDDEN"} for told in centre.reports))
        del centre.refusals["ListTemplates"]
        eventually(lambda: not centre.reports[-1].sync_failures)
    finally:
        running.stop()


def test_a_revoked_till_is_frozen_though_its_token_still_serves(world, centre):
    """R6: it asks for its roster every 10 seconds, for a token every half hour."""
    centre.refusals["GetTillRoster"] = ("TILL_REVOKED", {})
    with pytest.raises(DomainError):
        sync.fetch_roster(world.till, centre.client())
    assert meta.frozen(world.till.database.read()) == "TILL_REVOKED"


def test_a_machine_that_another_one_replaced_is_frozen(world, centre):
    """R6, I1: its journal key is not the till's any more."""
    centre.refusals["IssueTillToken"] = ("SIGNATURE_INVALID", {})
    with pytest.raises(DomainError):
        sync.renew(world.till, centre.client())
    assert meta.frozen(world.till.database.read()) == "MACHINE_REPLACED"


def test_an_address_that_was_made_up_is_not_told(monkeypatch):
    """R6: it would be another one at each start."""
    monkeypatch.setattr(uuid, "getnode", lambda: 0x020000000001)
    assert machine.mac_address() == "02:00:00:00:00:01"
    monkeypatch.setattr(uuid, "getnode", lambda: 0x030000000001)
    assert machine.mac_address() == ""
