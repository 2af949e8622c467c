"""The transaction journal on screen, a page at a time (Q2, Q3)."""

from flask import render_template, request
from flask.typing import ResponseReturnValue

from kit.web import requires
from reporting.web.pages import VIEW, asked_filter, blueprint, choices, in_address, periods, reporting
from reporting.web.statement import refused_filter
from ticketing.reporting.v1 import reporting_service_pb2 as pb


@blueprint.get("/transactions")
@requires(VIEW)
def transactions() -> ResponseReturnValue:
    """Sold lines, the newest sale first."""
    chosen = asked_filter()
    token = request.args.get("page_token", "")
    try:
        found = reporting().ListTransactions(pb.ListTransactionsRequest(filter=chosen, page_size=50, page_token=token))
        offered = choices(chosen)
    except Exception as error:
        return refused_filter(error, "reporting/transactions.html", chosen)
    return render_template(
        "reporting/transactions.html", chosen=chosen, asked=in_address(chosen), found=found, choices=offered,
        periods=periods(), errors={},
    )  # fmt: skip
