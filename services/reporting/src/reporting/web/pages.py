"""What the pages of reporting share: the blueprint, the filter form, words for codes."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from flask import Blueprint, request
from flask_babel import format_time, get_timezone
from flask_babel import gettext as _

from kit.clock import business_date, now
from kit.web import stub
from ticketing.reporting.v1 import reporting_service_pb2 as pb
from ticketing.reporting.v1.reporting_service_pb2_grpc import ReportingServiceStub

VIEW = "reporting.view"
FIELDS = ("from_on", "to_on", "performance_on", "till_id", "cashier_id", "show_id", "channel")

blueprint = Blueprint(
    "reporting", __name__, url_prefix="/reporting", template_folder="templates", static_folder="static"
)


def reporting() -> Any:
    """The core, called with the reader's token."""
    return stub("reporting", ReportingServiceStub)


def today() -> date:
    """The venue's business day."""
    return business_date(now(), str(get_timezone()))


def asked_filter() -> pb.Filter:
    """The filter in the page's address; without any date, today's sales. The core checks the values."""
    given = {name: request.args.get(name, "").strip() for name in FIELDS}
    if not given["performance_on"]:
        given["from_on"] = given["from_on"] or given["to_on"] or today().isoformat()
        given["to_on"] = given["to_on"] or given["from_on"]
    return pb.Filter(**given)


def in_address(chosen: pb.Filter) -> dict[str, str]:
    """The filter as query arguments, for links and file names."""
    return {name: getattr(chosen, name) for name in FIELDS if getattr(chosen, name)}


@dataclass(frozen=True)
class Choices:
    """What the filter form offers: who sold in these days, where and what."""

    tills: list[tuple[str, str]]
    cashiers: list[tuple[str, str]]
    shows: list[tuple[str, str]]

    @property
    def channels(self) -> list[tuple[str, str]]:
        """Types of till (Q2)."""
        return [
            ("", _("All types of till")), ("till", _("Till")), ("counter", _("Web counter")), ("web", _("Web shop")),
            ("partner", _("Partner")),
        ]  # fmt: skip


def choices(chosen: pb.Filter, found: pb.GetDayStatementResponse | None = None) -> Choices:
    """Tills, cashiers and shows of the chosen days; `found` is used when it is not narrowed further."""
    if found is None or chosen.till_id or chosen.cashier_id or chosen.show_id or chosen.channel:
        days = pb.Filter(from_on=chosen.from_on, to_on=chosen.to_on, performance_on=chosen.performance_on)
        found = reporting().GetDayStatement(pb.GetDayStatementRequest(filter=days))
    return Choices(
        _options(_("All tills"), found.by_till, chosen.till_id),
        _options(_("All cashiers"), found.by_cashier, chosen.cashier_id),
        _options(_("All shows"), found.by_show, chosen.show_id),
    )


def _options(everything: str, totals: Iterable[pb.Total], value: str) -> list[tuple[str, str]]:
    """A chosen value stays on offer even on days without it, so that the form always says what it filters by."""
    found = {total.key: total.label or total.key for total in totals if total.key}
    return [("", everything), *({value: value} | found if value else found).items()]


def periods() -> list[tuple[str, dict[str, str]]]:
    """Usual periods, as (words, query arguments)."""
    day = today()
    monday = day - timedelta(days=day.weekday())
    spans = (
        (_("Today"), day, day),
        (_("Yesterday"), day - timedelta(days=1), day - timedelta(days=1)),
        (_("This week"), monday, day),
        (_("This month"), day.replace(day=1), day),
    )
    return [(words, {"from_on": first.isoformat(), "to_on": last.isoformat()}) for words, first, last in spans]


@blueprint.app_template_filter("payment_modes")
def payment_modes(codes: str) -> str:
    """Codes of payment modes as words: "card,cash" -> "Carte, Espèces"."""
    words = {
        "cash": _("Cash"), "card": _("Card"), "cheque": _("Cheque"), "voucher": _("Voucher"),
        "transfer": _("Bank transfer"), "free": _("Free of charge"),
    }  # fmt: skip
    return ", ".join(words.get(code, code) for code in codes.split(",")) if codes else ""


@blueprint.app_template_filter("clock")
def clock(at: datetime) -> str:
    """Hour, minute and second in the venue's zone."""
    return str(format_time(at, "medium"))
