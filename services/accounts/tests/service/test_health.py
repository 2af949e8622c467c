"""What tills say of their health, and how the centre judges it (R7)."""

import gzip
import uuid
from datetime import timedelta

import pytest
from sqlalchemy import text

from accounts.domain.health import SILENCE
from accounts.usecases import health
from kit.auth import Caller, CallerKind
from kit.clock import now
from kit.errors import DomainError
from ticketing.accounts.v1 import accounts_service_pb2 as pb

pytestmark = pytest.mark.service
MAC = "02:00:00:00:00:01"  # as Machine enrols


class ReportingTill:
    """A till in service that reports with its own token."""

    def __init__(self, door, machine) -> None:
        made = door.administrator.CreateTill(pb.CreateTillRequest(
            request_id=str(uuid.uuid4()), number=f"T{uuid.uuid4().hex[:5]}", name="Accueil", point_of_sale_id="pos-1",
        ))  # fmt: skip
        self.id = door.anybody.EnrolTill(machine.enrolment(made.enrolment_code)).till.id
        self._calls = door.stub(door.anybody.IssueTillToken(machine.proof(self.id, now())).token)

    def report(self, till_id: str = "", **facts) -> pb.ReportTillResponse:
        report = pb.TillReport(**{"mac_address": MAC, "free_disk_bytes": 10**10} | facts)
        return self._calls.ReportTill(pb.ReportTillRequest(till_id=till_id or self.id, report=report))

    def send_log(self, wanted: str, content: bytes, till_id: str = "") -> None:
        self._calls.SendTillLog(
            pb.SendTillLogRequest(till_id=till_id or self.id, log_wanted=wanted, content=content)
        )  # fmt: skip


@pytest.fixture
def reporting(door, new_machine):
    return lambda: ReportingTill(door, new_machine())


def health_of(door, till) -> pb.TillHealth:
    return door.user("cashdesk.view").ListTillHealth(pb.ListTillHealthRequest(till_id=till.id)).tills[0]


def refusal(call, *arguments, **named) -> str:
    with pytest.raises(DomainError) as refused:
        call(*arguments, **named)
    return refused.value.reason


def test_the_last_report_is_what_is_read(door, reporting):
    """R7."""
    till = reporting()
    assert health_of(door, till).condition == pb.TILL_CONDITION_UNSPECIFIED
    till.report(journal_sequence=7, frozen="JOURNAL_FORK")
    till.report(journal_sequence=8)
    told = health_of(door, till)
    assert (told.condition, told.report.journal_sequence) == (pb.TILL_CONDITION_WELL, 8)


def test_another_mac_address_is_told_and_blocks_nothing(door, reporting):
    """R6."""
    till = reporting()
    till.report(mac_address="02:00:00:00:00:99")
    told = health_of(door, till)
    assert (told.condition, list(told.concerns)) == (pb.TILL_CONDITION_ATTENTION, [pb.TILL_CONCERN_OTHER_MACHINE])
    till.report(mac_address=MAC.upper())
    assert health_of(door, till).condition == pb.TILL_CONDITION_WELL


def test_a_silent_till_is_offline_with_what_it_last_said(means, reporting):
    till = reporting()
    till.report(jobs_failed=1)
    manager = Caller("u", CallerKind.USER, "Test", frozenset({"cashdesk.view"}), now() + timedelta(hours=1), {})
    asked = pb.ListTillHealthRequest(till_id=till.id)
    told = health.list_till_health(means, manager, asked, now() + SILENCE).tills[0]
    assert (told.condition, list(told.concerns)) == (pb.TILL_CONDITION_OFFLINE, [pb.TILL_CONCERN_PAPERS])


def test_a_till_reports_for_itself_alone_and_only_tills_report(door, reporting):
    first, second = reporting(), reporting()
    assert refusal(first.report, till_id=second.id) == "FORBIDDEN"
    request = pb.ReportTillRequest(till_id=first.id)
    assert refusal(door.administrator.ReportTill, request) == "FORBIDDEN"
    assert refusal(door.user("orders.view").ListTillHealth, pb.ListTillHealthRequest()) == "FORBIDDEN"


def test_a_revoked_till_reports_no_more_and_is_not_listed(door, reporting):
    """R6: its token lives on for half an hour, its reports do not."""
    till = reporting()
    till.report()
    door.administrator.RevokeTill(
        pb.RevokeTillRequest(request_id=str(uuid.uuid4()), till_id=till.id, reason="vol de la caisse")
    )
    assert refusal(till.report) == "TILL_REVOKED"
    assert till.id not in {each.till_id for each in door.administrator.ListTillHealth(pb.ListTillHealthRequest()).tills}


def test_a_report_is_bounded_and_a_till_keeps_one_row(reporting, sessions):
    till = reporting()
    for sequence in range(50):
        till.report(journal_sequence=sequence)
    assert refusal(till.report, hostname="x" * 9000) == "FIELD_INVALID"
    with sessions.begin() as session:
        count = session.scalar(text("SELECT count(*) FROM till_reports WHERE till_id = :id"), {"id": till.id})
    assert count == 1


def test_a_tills_log_comes_when_it_is_asked_for_and_once(door, reporting):
    """R7: without remote screen."""
    till, administrator = reporting(), door.administrator
    asked = pb.AskTillLogRequest(till_id=till.id)
    assert not administrator.GetTillLog(pb.GetTillLogRequest(till_id=till.id)).HasField("log")
    assert till.report().log_wanted == ""
    first = administrator.AskTillLog(asked).log
    assert administrator.AskTillLog(asked).log == first
    wanted = till.report().log_wanted
    content = gzip.compress(b'{"event": "started"}\n')
    till.send_log(str(uuid.uuid4()), content)
    assert till.report().log_wanted == wanted
    till.send_log(wanted, content)
    till.send_log(wanted, gzip.compress(b"another"))
    assert till.report().log_wanted == ""
    log = administrator.GetTillLog(pb.GetTillLogRequest(till_id=till.id)).log
    assert (log.content, log.HasField("came_at")) == (content, True)
    assert administrator.AskTillLog(asked).log.asked_at.ToDatetime() > first.asked_at.ToDatetime()
    assert till.report().log_wanted not in ("", wanted)


NO_LOGS = {
    "nothing": b"",
    "plain text": b"plain text",
    "cut off": gzip.compress(b"x", mtime=0)[:-4],
    "a bomb": gzip.compress(bytes(40_000_000), mtime=0),
}


@pytest.mark.parametrize("content", NO_LOGS.values(), ids=NO_LOGS)
def test_a_log_that_is_no_gzip_or_opens_too_wide_is_refused(door, reporting, content):
    till = reporting()
    door.administrator.AskTillLog(pb.AskTillLogRequest(till_id=till.id))
    assert refusal(till.send_log, till.report().log_wanted, content) == "FIELD_INVALID"


def test_a_log_is_sent_by_the_till_itself_and_read_by_who_has_tills_in_care(door, reporting):
    till, other = reporting(), reporting()
    assert refusal(other.send_log, str(uuid.uuid4()), gzip.compress(b""), till_id=till.id) == "FORBIDDEN"
    assert refusal(door.user("cashdesk.view").GetTillLog, pb.GetTillLogRequest(till_id=till.id)) == "FORBIDDEN"
