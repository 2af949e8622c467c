"""Tills report how they are, and the back office reads it (R7): one row a till, seven writes a second for 200 tills."""

from datetime import datetime

from accounts import store
from accounts.domain import health
from accounts.domain.health import Condition
from accounts.domain.tills import Till, TillState
from accounts.messages import CONCERNS, CONDITIONS, facts_of, timestamp, uuid_of
from accounts.store import KeptReport
from accounts.usecases.means import Means
from kit.auth import Caller
from kit.errors import FieldInvalid
from ticketing.accounts.v1 import accounts_service_pb2 as pb

MOST_BYTES = 8192


def report_till(means: Means, caller: Caller, request: pb.ReportTillRequest, now: datetime) -> pb.ReportTillResponse:
    """Keep it in the place of the one before, and say what is asked of the till.

    Raises TillNotFound, TillRevoked, TillReturned, FieldInvalid, Forbidden.
    """
    caller.require("accounts.report")
    caller.require_till(request.till_id)
    content = request.report.SerializeToString()
    if len(content) > MOST_BYTES:
        raise FieldInvalid("report", f"must be at most {MOST_BYTES} bytes")
    till_id = uuid_of(request.till_id, "till_id")
    with means.sessions.begin() as session:
        till = store.till(session, till_id)
        till.require_not_revoked()
        store.keep_report(session, till_id, content, now)
        log = store.till_log(session, till_id)
    return pb.ReportTillResponse(
        asked_back=till.state is TillState.LEAVING, log_wanted=str(log.request_id) if log and not log.came_at else ""
    )


def list_till_health(
    means: Means, caller: Caller, request: pb.ListTillHealthRequest, now: datetime
) -> pb.ListTillHealthResponse:
    """Tills in service, by number; only the one that is named, if one is. Raises TillNotFound, FieldInvalid."""
    caller.require("accounts.enrol_tills", "cashdesk.view")
    with means.sessions.begin() as session:
        if request.till_id:
            tills = [store.till(session, uuid_of(request.till_id, "till_id"))]
        else:
            tills = store.all_tills(session)
        reports = store.reports(session, [till.id for till in tills])
        found = [_health(till, reports.get(till.id), now) for till in tills if till.is_in_service]
    return pb.ListTillHealthResponse(tills=found)


def _health(till: Till, kept: KeptReport | None, now: datetime) -> pb.TillHealth:
    if kept is None:
        return pb.TillHealth(till_id=str(till.id), condition=CONDITIONS[Condition.NEVER_REPORTED])
    report = pb.TillReport.FromString(kept.content)
    concerns = health.concerns(facts_of(report), till.mac_address)
    return pb.TillHealth(
        till_id=str(till.id), condition=CONDITIONS[health.condition(kept.reported_at, concerns, now)],
        concerns=[CONCERNS[concern] for concern in concerns], reported_at=timestamp(kept.reported_at), report=report,
    )  # fmt: skip
