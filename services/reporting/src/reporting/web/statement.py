"""The day's statement on screen, on paper and as files (LAW-15, L1, L4)."""

from dataclasses import dataclass
from itertools import groupby
from typing import Any

from flask import Response, abort, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from kit.errors import Kind
from kit.web import as_domain_error, current_language, field_errors, requires
from reporting.web.pages import VIEW, asked_filter, blueprint, choices, in_address, periods, reporting
from ticketing.reporting.v1 import reporting_service_pb2 as pb

SHOWN_ROWS = 1000  # what a browser lays out at once; the files hold all
EXPORT_SECONDS = 25.0
REPORTS = {"statement": pb.REPORT_DAY_STATEMENT, "transactions": pb.REPORT_TRANSACTIONS, "survey": pb.REPORT_SURVEY,
           "closings": pb.REPORT_CLOSINGS, "payments": pb.REPORT_PAYMENTS,
           "cancellations": pb.REPORT_CANCELLATIONS}  # fmt: skip
FORMATS = {"csv": pb.FILE_FORMAT_CSV, "xlsx": pb.FILE_FORMAT_XLSX, "pdf": pb.FILE_FORMAT_PDF}


@dataclass(frozen=True)
class Group:
    """The rows of one performance, or of one family of articles."""

    show: str
    starts_at: Any  # Timestamp or None
    is_admission: bool
    lines: list[pb.StatementRow]

    def label_of(self, row: pb.StatementRow) -> str:
        """The row's label; tills seal "show – tariff", and the show stands above already."""
        return str(row.label).removeprefix(f"{self.show} – ")

    @property
    def quantity(self) -> int:
        return sum(row.quantity for row in self.lines)

    @property
    def total(self) -> int:
        return sum(row.total for row in self.lines)

    @property
    def vat(self) -> int:
        return sum(row.vat for row in self.lines)


@blueprint.get("/statement")
@requires(VIEW)
def statement() -> ResponseReturnValue:
    """The statement of the chosen period."""
    chosen = asked_filter()
    try:
        found = reporting().GetDayStatement(pb.GetDayStatementRequest(filter=chosen))
        offered = choices(chosen, found)
    except Exception as error:
        return refused_filter(error, "reporting/statement.html", chosen)
    return render_template(
        "reporting/statement.html", chosen=chosen, asked=in_address(chosen), found=found, groups=_groups(found),
        hidden=max(0, len(found.rows) - SHOWN_ROWS), choices=offered, periods=periods(), errors={},
    )  # fmt: skip


@blueprint.get("/export/<report>.<form>")
@requires(VIEW)
def export(report: str, form: str) -> ResponseReturnValue:
    """The same figures as a file."""
    if report not in REPORTS or form not in FORMATS:
        abort(404)
    request = pb.ExportReportRequest(
        report=REPORTS[report], format=FORMATS[form], filter=asked_filter(), language=current_language()
    )
    file = reporting().ExportReport(request, timeout=EXPORT_SECONDS)
    answer = Response(file.content, content_type=file.media_type)
    answer.headers.set("Content-Disposition", "attachment", filename=file.filename)
    return answer


def refused_filter(error: Exception, template: str, chosen: pb.Filter, **shared: Any) -> ResponseReturnValue:
    """The form again with the core's words beside the faulty field. Raises what is not about a field."""
    refused = as_domain_error(error)
    if refused.kind is not Kind.INVALID or refused.facts.get("field") not in in_address(chosen):
        raise error
    page = render_template(
        template, chosen=chosen, asked=in_address(chosen), found=None, choices=None, periods=periods(),
        errors={name: gettext(words) for name, words in field_errors(error).items()}, **shared,
    )  # fmt: skip
    return page, 400


def _groups(found: pb.GetDayStatementResponse) -> list[Group]:
    """Rows come sorted by show, performance and label; articles, without performance, by family."""
    groups = []
    for (show, performance_id), rows in groupby(found.rows[:SHOWN_ROWS], lambda row: (row.show, row.performance_id)):
        lines = list(rows)
        starts_at = lines[0].performance_starts_at if lines[0].HasField("performance_starts_at") else None
        groups.append(Group(show, starts_at, bool(performance_id), lines))
    return groups
