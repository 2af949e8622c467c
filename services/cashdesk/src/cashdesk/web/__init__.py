"""Pages of the money: tills, cash floats, the journal. A gRPC client like any other."""

from pathlib import Path

from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _

from cashdesk.web import floats as floats  # their routes
from cashdesk.web import inspection as inspection  # its routes
from cashdesk.web.entries import read_entries
from cashdesk.web.forks import shared_hash, sides
from cashdesk.web.pages import VIEW, blueprint
from cashdesk.web.pages import cashdesk as _cashdesk
from cashdesk.web.words import ACTS, DRAWER, KINDS, MODES, MOVEMENTS, PERIODS, REASONS, REMARKS
from kit.errors import DomainError, Kind
from kit.web import Front, NavItem, requires
from ticketing.cashdesk.v1 import cashdesk_service_pb2 as pb

PAGE = 100
SKEW_WARNING_MS = 120_000  # domain.md 5.3: over two minutes a till's clock is wrong


@blueprint.get("/tills")
@requires(VIEW)
def tills() -> ResponseReturnValue:
    """Every till: is its journal arriving, is it frozen, does its clock agree?"""
    found = _cashdesk().ListTills(pb.ListTillsRequest()).tills
    return render_template("cashdesk/tills.html", tills=found, skew_ms=SKEW_WARNING_MS)


@blueprint.get("/tills/<till_id>/fork")
@requires(VIEW)
def fork(till_id: str) -> ResponseReturnValue:
    """What each copy of a till has sealed since they parted, side by side."""
    core = _cashdesk()
    known = core.ListTills(pb.ListTillsRequest()).tills
    till = next((t for t in known if t.till_id == till_id and t.frozen), None)
    if till is None:
        raise DomainError("no such till is frozen", kind=Kind.NOT_FOUND, reason="TILL_UNKNOWN")
    return render_template("cashdesk/fork.html", till=till, sides=sides(core, till, known), kinds=KINDS, modes=MODES)


@blueprint.get("/tills/<till_id>/journal")
@requires(VIEW)
def journal(till_id: str) -> ResponseReturnValue:
    """A till's journal, a hundred entries at a time, each checked against the one before it."""
    core = _cashdesk()
    till = next((t for t in core.ListTills(pb.ListTillsRequest()).tills if t.till_id == till_id), None)
    if till is None:
        raise DomainError("no such till", kind=Kind.NOT_FOUND, reason="TILL_UNKNOWN")
    newest = max(1, till.last_sequence - PAGE + 1)
    first = max(1, min(request.args.get("from", newest, type=int), max(1, till.last_sequence)))
    # One entry more, before the page: the first one shown is checked against it.
    asked = pb.ListEntriesRequest(till_id=till_id, from_sequence=max(1, first - 1), page_size=PAGE + 1)
    parted = shared_hash(core, till) if till.branch_of and first <= till.branch_from + 1 else None
    shown = read_entries(core.ListEntries(asked).entries, first, parted)[:PAGE]
    return render_template(
        "cashdesk/journal.html", till=till, entries=list(reversed(shown)), first=first, kinds=KINDS, modes=MODES,
        drawer=DRAWER, acts=ACTS, remarks=REMARKS, periods=PERIODS, movements=MOVEMENTS, reasons=REASONS,
        newer=first + PAGE if first + PAGE <= till.last_sequence else 0,
        older=max(1, first - PAGE) if first > 1 else 0,
    )  # fmt: skip


front = Front(
    name="cashdesk",
    blueprint=blueprint,
    nav=(
        NavItem(
            "cashdesk.tills", _("Till journals"), VIEW, _("Money"), _("Whether each till's journal arrives."), "list",
        ),
        NavItem(
            "cashdesk.inspection", _("Fiscal check"), VIEW, _("Money"),
            _("Is every journal complete, closed and archived?"), "check",
        ),
        NavItem(
            "cashdesk.floats", _("Cash floats"), VIEW, _("Money"),
            _("Who has which float, what it should hold, what waits for a manager."),
        ),
        NavItem("cashdesk.takings", _("Takings of sellers"), VIEW, _("Money"), _("What each took and declared.")),
    ),
    translations=Path(__file__).parent / "translations",
    icon="cash",
    rank=30,
    errors={
        "TILL_UNKNOWN": _("No such till is enrolled."),
        "ARCHIVE_UNKNOWN": _("No archive was made of this period yet."),
        "CLOSING_UNKNOWN": _("This period is not closed."),
        "CASH_FLOAT_UNKNOWN": _("There is no such cash float."),
        "CASH_FLOAT_OPEN": _("This cash float is still open."),
        "CASH_FLOAT_VALIDATED": _("Somebody has validated this cash float already."),
        "OWN_CASH_FLOAT": _("Nobody validates their own cash float."),
    },
)  # fmt: skip
