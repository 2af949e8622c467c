"""Cash floats on screen: the head cashier's board, one float with its movements, its validation, takings."""

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_timezone, gettext
from grpc import RpcError

from cashdesk.web.pages import VIEW, blueprint, cashdesk
from cashdesk.web.words import MODES, MOVEMENTS, REASONS
from kit.clock import business_date, now
from kit.errors import Kind
from kit.web import as_domain_error, explain, field_errors, requires
from kit.web.problems import STATUS
from ticketing.cashdesk.v1 import cashdesk_service_pb2 as pb
from ticketing.cashdesk.v1 import cashdesk_service_pb2_grpc as rpc

VALIDATE = "cashdesk.close"


@dataclass(frozen=True)
class Board:
    """Floats in the order in which somebody has to look at them."""

    waiting: list[pb.CashFloat]
    open: list[pb.CashFloat]
    done: list[pb.CashFloat]

    @property
    def all(self) -> list[pb.CashFloat]:
        return [*self.waiting, *self.open, *self.done]

    @property
    def currency(self) -> str:
        return next((each.currency for each in self.all), "EUR")

    @property
    def in_drawers(self) -> int:
        return sum(each.expected for each in self.open)

    @property
    def difference(self) -> int:
        """Of those that wait: all modes together."""
        return sum(each.difference + sum(mode.difference for mode in each.modes) for each in self.waiting)


@blueprint.get("/floats")
@requires(VIEW)
def floats() -> ResponseReturnValue:
    """Who has which float, where, what it should hold and what waits; of a day, or of now."""
    day = request.args.get("day", "")
    core = cashdesk()
    found = core.ListCashFloats(pb.ListCashFloatsRequest(business_on=day)).cash_floats
    totals = core.GetTotals(pb.GetTotalsRequest(business_on=day)) if day else None
    return render_template(
        "cashdesk/floats.html", board=_board(found), numbers=_numbers(core), day=day, totals=totals, modes=MODES
    )


@blueprint.get("/floats/<uuid:cash_float_id>")
@requires(VIEW)
def cash_float(cash_float_id: uuid.UUID) -> ResponseReturnValue:
    return _page(str(cash_float_id))


@blueprint.post("/floats/<uuid:cash_float_id>/validate")
@requires(VALIDATE)
def validate(cash_float_id: uuid.UUID) -> ResponseReturnValue:
    """The manager's word; what the core refuses is said beside the form."""
    asked = pb.ValidateCashFloatRequest(
        request_id=request.form.get("request_id", ""), cash_float_id=str(cash_float_id),
        remark=request.form.get("remark", "").strip(),
    )  # fmt: skip
    try:
        cashdesk().ValidateCashFloat(asked)
    except RpcError as error:
        refused = as_domain_error(error)
        if refused.kind is Kind.NOT_FOUND:
            raise
        errors = {field: gettext(why) for field, why in field_errors(refused).items()}
        return _page(str(cash_float_id), errors, "" if errors else explain(refused)), STATUS.get(refused.kind, 409)
    flash(gettext("The cash float is validated."), "success")
    return redirect(url_for("cashdesk.floats"))


@blueprint.get("/floats/takings")
@requires(VIEW)
def takings() -> ResponseReturnValue:
    """What each seller took and declared, mode by mode (E7)."""
    today = business_date(now(), str(get_timezone()))
    first = request.args.get("from_on") or today.isoformat()
    last = request.args.get("to_on") or _last(first, today)
    answer = cashdesk().GetTakings(pb.GetTakingsRequest(from_on=first, to_on=last))
    return render_template("cashdesk/takings.html", found=answer, first=first, last=last, modes=MODES)


def _last(first: str, today: date) -> str:
    return max(first, today.isoformat())


def _page(cash_float_id: str, errors: Mapping[str, str] | None = None, problem: str = "") -> str:
    core = cashdesk()
    whole = core.GetCashFloat(pb.GetCashFloatRequest(cash_float_id=cash_float_id))
    return render_template(
        "cashdesk/float.html", whole=whole, float=whole.cash_float, numbers=_numbers(core), modes=MODES,
        movements=MOVEMENTS, reasons=REASONS, errors=errors or {}, problem=problem,
        request_id=request.form.get("request_id") or str(uuid.uuid4()), remark=request.form.get("remark", ""),
    )  # fmt: skip


def _numbers(core: rpc.CashdeskServiceStub) -> dict[str, str]:
    return {till.till_id: till.number for till in core.ListTills(pb.ListTillsRequest()).tills}


def _board(found: Iterable[pb.CashFloat]) -> Board:
    board = Board([], [], [])
    for each in found:
        (board.waiting if each.waits else board.done if each.closed else board.open).append(each)
    return board
