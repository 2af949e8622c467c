"""Pages of the money: tills, cash floats, the journal. A gRPC client like any other."""

from pathlib import Path

from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _

from cashdesk.web import inspection as inspection  # its routes
from cashdesk.web.entries import read_entries
from cashdesk.web.forks import shared_hash, sides
from cashdesk.web.pages import VIEW, blueprint
from cashdesk.web.pages import cashdesk as _cashdesk
from kit.errors import DomainError, Kind
from kit.web import Front, NavItem, requires
from ticketing.cashdesk.v1 import cashdesk_service_pb2 as pb

PAGE = 100
SKEW_WARNING_MS = 120_000  # domain.md 5.3: over two minutes a till's clock is wrong

KINDS = {
    "till_enrolled": _("Till enrolled"),
    "sign_in": _("Cashier signed in"),
    "sign_out": _("Cashier signed out"),
    "float_opened": _("Cash float opened"),
    "cash_moved": _("Cash moved"),
    "float_declared": _("Cash float counted"),
    "float_closed": _("Cash float closed"),
    "sale": _("Sale"),
    "refund": _("Refund"),
    "drawer_opened": _("Drawer opened"),
    "reprint": _("Reprint"),
    "ticket_reissued": _("Ticket reissued"),
    "decision": _("Decision on places sold twice"),
    "override": _("Leave of a manager"),
    "training": _("Training"),
    "closing": _("Closing"),
    "archive": _("Archive"),
    "technical": _("Technical"),
}
DRAWER = {
    "cash_sale": _("cash sale"),
    "cash_refund": _("cash refund"),
    "pay_in": _("pay-in"),
    "withdrawal": _("withdrawal"),
    "transfer_out": _("transfer given"),
    "carried_out": _("float carried away"),
    "carried_in": _("float taken up"),
    "no_sale:change": _("without a sale, to give change"),
    "no_sale:count": _("without a sale, to check the float"),
    "no_sale:other": _("without a sale"),
}
MOVEMENTS = {
    "pay_in": _("Pay-in"),
    "withdrawal": _("Withdrawal"),
    "transfer_out": _("Transfer given"),
    "transfer_in": _("Transfer received"),
    "carried_out": _("Float carried away"),
    "carried_in": _("Float taken up"),
}
REASONS = {
    "change": _("small change"),
    "safe": _("safe"),
    "bank": _("bank"),
    "expense": _("expense"),
    "other": _("other"),
}
ACTS = {
    "no_sale": _("to open the drawer without a sale"),
    "training": _("to enter training mode"),
    "refund": _("to refund"),
    "close_day": _("to close the day"),
    "read_day": _("to read the day (X)"),
    "confirm_clock": _("to confirm the clock"),
}
REMARKS = {
    "started": _("the till starts"),
    "stopped": _("the till stops"),
    "clock_confirmed": _("clock confirmed"),
    "x_reading": _("X reading"),
    "message_acknowledged": _("message read"),
    "survey_answered": _("answers of a customer"),
}
PERIODS = {"day": _("day"), "month": _("month"), "year": _("year")}
MODES = {
    "cash": _("cash"),
    "card": _("card"),
    "cheque": _("cheque"),
    "voucher": _("voucher"),
    "transfer": _("transfer"),
    "free": _("free"),
}


@blueprint.get("/tills")
@requires(VIEW)
def tills() -> ResponseReturnValue:
    """Every till: is its journal arriving, is it frozen, does its clock agree?"""
    found = _cashdesk().ListTills(pb.ListTillsRequest()).tills
    return render_template("cashdesk/tills.html", tills=found, skew_ms=SKEW_WARNING_MS)


@blueprint.get("/floats")
@requires(VIEW)
def floats() -> ResponseReturnValue:
    """Cash floats of a day; without a day today's, and all that are open."""
    day = request.args.get("day", "")
    core = _cashdesk()
    found = core.ListCashFloats(pb.ListCashFloatsRequest(business_on=day)).cash_floats
    numbers = {till.till_id: till.number for till in core.ListTills(pb.ListTillsRequest()).tills}
    totals = core.GetTotals(pb.GetTotalsRequest(business_on=day)) if day else None
    return render_template("cashdesk/floats.html", floats=found, numbers=numbers, day=day, totals=totals, modes=MODES)


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
        NavItem("cashdesk.floats", _("Cash floats"), VIEW, _("Money"), _("What should be in each drawer.")),
    ),
    translations=Path(__file__).parent / "translations",
    icon="cash",
    rank=30,
    errors={
        "TILL_UNKNOWN": _("No such till is enrolled."),
        "ARCHIVE_UNKNOWN": _("No archive was made of this period yet."),
        "CLOSING_UNKNOWN": _("This period is not closed."),
    },
)  # fmt: skip
