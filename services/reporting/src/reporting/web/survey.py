"""What customers said at the till, on screen and as files (B4)."""

from flask import render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from kit.web import requires
from reporting.web.pages import VIEW, Choices, asked_filter, blueprint, in_address, periods, reporting, today
from reporting.web.statement import refused_filter
from ticketing.reporting.v1 import reporting_service_pb2 as pb

SHOWN_ANSWERS = 30  # of one question; the files hold all


@blueprint.get("/survey")
@requires(VIEW)
def survey() -> ResponseReturnValue:
    """Each question with its answers, the most frequent first."""
    asked = asked_filter()
    # Answers name neither till nor cashier, so nothing is narrowed by them.
    chosen = pb.Filter(from_on=asked.from_on, to_on=asked.to_on, show_id=asked.show_id)
    if not chosen.from_on:
        chosen.from_on = chosen.to_on = today().isoformat()
    try:
        found = reporting().GetSurvey(pb.GetSurveyRequest(filter=chosen))
    except Exception as error:
        return refused_filter(error, "reporting/survey.html", chosen)
    shows = {show.id: show.title for show in found.shows}
    if chosen.show_id:
        shows.setdefault(chosen.show_id, chosen.show_id)
    offered = Choices([], [], [("", _("All shows")), *shows.items()])
    return render_template(
        "reporting/survey.html", chosen=chosen, asked=in_address(chosen), found=found, choices=offered,
        periods=periods(), errors={}, shown=SHOWN_ANSWERS,
    )  # fmt: skip
