"""The live dashboard: today's figures, refreshed in place every 2 seconds (L3)."""

import hashlib
from typing import Any

from flask import make_response, render_template, request
from flask.typing import ResponseReturnValue

from kit.clock import now
from kit.errors import Kind
from kit.web import as_domain_error, current_language, requires
from reporting.web.pages import VIEW, blueprint, reporting, today
from ticketing.reporting.v1 import reporting_service_pb2 as pb

LAST = 20


@blueprint.get("/")
@requires(VIEW)
def dashboard() -> ResponseReturnValue:
    """Today, live."""
    return render_template("reporting/dashboard.html", **_figures(), late=False)


@blueprint.get("/live")
@requires(VIEW)
def live() -> ResponseReturnValue:
    """The figures, or only the time when they are those that the page shows (`seen`): nothing flickers.

    A core that is away is said beside the time, and asked again at the next turn.
    """
    try:
        figures = _figures()
    except Exception as error:
        if as_domain_error(error).kind is not Kind.UNAVAILABLE:
            raise
        return _clock_only(late=True)
    if figures["digest"] == request.args.get("seen"):
        return _clock_only(late=False)
    return render_template("reporting/_live.html", **figures, late=False, refreshed=True)


def _clock_only(late: bool) -> ResponseReturnValue:
    answer = make_response(render_template("reporting/_clock.html", at=now(), late=late, refreshed=True))
    answer.headers["HX-Reswap"] = "none"
    return answer


def _figures() -> dict[str, Any]:
    day = today().isoformat()
    chosen = pb.Filter(from_on=day, to_on=day)
    found = reporting().GetDayStatement(pb.GetDayStatementRequest(filter=chosen))
    last = reporting().ListTransactions(pb.ListTransactionsRequest(filter=chosen, page_size=LAST))
    shown = found.SerializeToString(deterministic=True) + last.SerializeToString(deterministic=True)
    digest = hashlib.sha256(shown + day.encode() + current_language().encode()).hexdigest()[:16]
    return {"day": day, "found": found, "last": last.transactions, "digest": digest, "at": now()}
