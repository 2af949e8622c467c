"""States of the money on screen (Q2): closings, payment detail, cancellations. The files hold the same table."""

from flask import abort, render_template
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _

from kit.web import current_language, requires
from reporting.web.pages import VIEW, asked_filter, blueprint, choices, in_address, periods, reporting
from reporting.web.statement import refused_filter
from ticketing.reporting.v1 import reporting_service_pb2 as pb

STATES = {
    "closings": (pb.REPORT_CLOSINGS, _("Closings")),
    "payments": (pb.REPORT_PAYMENTS, _("Payment detail")),
    "cancellations": (pb.REPORT_CANCELLATIONS, _("Cancellations")),
}


@blueprint.get("/states")
@requires(VIEW)
def closings() -> ResponseReturnValue:
    """The first of them."""
    return state("closings")


@blueprint.get("/states/<name>")
@requires(VIEW)
def state(name: str) -> ResponseReturnValue:
    """One of the states, of the chosen days, till, seller, event and type of till."""
    if name not in STATES:
        abort(404)
    report, title = STATES[name]
    chosen = asked_filter()
    shared = {"name": name, "title": title, "states": STATES}
    try:
        asked = pb.GetStateRequest(report=report, filter=chosen, language=current_language())
        found = reporting().GetState(asked)
        offered = choices(chosen)
    except Exception as error:
        return refused_filter(error, "reporting/state.html", chosen, **shared)
    return render_template(
        "reporting/state.html", chosen=chosen, asked=in_address(chosen), found=found, choices=offered,
        periods=periods(), errors={}, number=pb.CELL_KIND_NUMBER, **shared,
    )  # fmt: skip
