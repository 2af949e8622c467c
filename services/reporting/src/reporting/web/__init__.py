"""Pages of reports: the live dashboard, the day's statement, the transaction journal. A gRPC client like any other."""

from pathlib import Path

from flask_babel import lazy_gettext as _

from kit.web import Front, NavItem
from reporting.web import dashboard, statement, states, survey, transactions
from reporting.web.pages import VIEW, blueprint

front = Front(
    name="reporting",
    blueprint=blueprint,
    nav=(
        NavItem("reporting.dashboard", _("Live sales"), VIEW, _("Reports"), _("Today's takings, as they come in")),
        NavItem(
            "reporting.statement", _("Day's statement"), VIEW, _("Reports"),
            _("Tickets, articles, payments and VAT of a day or a period"), "document",
        ),
        NavItem(
            "reporting.transactions", _("Transactions"), VIEW, _("Reports"), _("Every line sold, the newest first"),
            "list",
        ),
        NavItem(
            "reporting.closings", _("Cash states"), VIEW, _("Reports"),
            _("Closings, payment detail, cancellations"), "document",
        ),
        NavItem(
            "reporting.survey", _("Customer survey"), VIEW, _("Reports"), _("What customers said at the till"),
            "report",
        ),
    ),
    translations=Path(__file__).parent / "translations",
    icon="report",
    home="reporting.dashboard",
    rank=10,
    errors={
        "FORMAT_UNKNOWN": _("This report can be saved as CSV, XLSX or PDF only."),
        "REPORT_TOO_LARGE": _("%(lines)s lines are too many for one file (at most %(most)s). Choose a shorter period."),
    },
)  # fmt: skip

__all__ = ["dashboard", "front", "statement", "states", "survey", "transactions"]
