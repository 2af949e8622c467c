"""Tills: the list with how each is, a new one with its code, another code, revocation."""

import uuid
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from grpc import RpcError

from accounts.web.pages import accounts, beside_fields, blueprint, status_of
from accounts.web.words import CONCERNS, CONDITIONS, PRINTER_CAUSES, PRINTER_CONDITIONS, PRINTERS, SHOWS, STATES
from kit import telemetry
from kit.config import ConfigError
from kit.errors import DomainError, Kind
from kit.web import as_domain_error, explain, requires, stub
from ticketing.accounts.v1 import accounts_service_pb2 as pb
from ticketing.catalog.v1 import catalog_service_pb2 as catalog_pb
from ticketing.catalog.v1.catalog_service_pb2_grpc import CatalogServiceStub

RIGHT = "accounts.enrol_tills"


@blueprint.get("/tills")
@requires(RIGHT)
def tills() -> ResponseReturnValue:
    return render_template("accounts/tills.html", **_fleet())


@blueprint.get("/tills/fleet")
@requires(RIGHT)
def fleet() -> ResponseReturnValue:
    """The list alone, for a page that is open already."""
    return render_template("accounts/_fleet.html", **_fleet())


@blueprint.get("/tills/<till_id>")
@requires(RIGHT)
def till(till_id: str) -> ResponseReturnValue:
    return render_template("accounts/till.html", **_one(till_id))


@blueprint.get("/tills/<till_id>/health")
@requires(RIGHT)
def health(till_id: str) -> ResponseReturnValue:
    """What it last said, for a page that is open already."""
    return render_template("accounts/_health.html", **_one(till_id))


@blueprint.route("/tills/new", methods=["GET", "POST"])
@requires(RIGHT)
def new_till() -> ResponseReturnValue:
    if request.method == "GET":
        return _form({"request_id": str(uuid.uuid4())})
    given = request.form
    asked = pb.CreateTillRequest(
        request_id=given.get("request_id", ""), number=given.get("number", ""), name=given.get("name", ""),
        point_of_sale_id=given.get("point_of_sale_id", ""),
    )  # fmt: skip
    try:
        made = accounts().CreateTill(asked)
    except RpcError as error:
        refused = as_domain_error(error)
        errors = beside_fields(refused)
        values = given.to_dict() | {"request_id": str(uuid.uuid4())}
        return _form(values, errors, "" if errors else explain(refused)), status_of(refused)
    return code_page(made.till, made)


@blueprint.route("/tills/<till_id>/code", methods=["GET", "POST"])
@requires(RIGHT)
def renew_code(till_id: str) -> ResponseReturnValue:
    """Asks, then shows the code once. Sending the form again shows the same code."""
    till = find_till(till_id)
    if request.method == "GET":
        return render_template("accounts/renew_code.html", till=till, request_id=str(uuid.uuid4()), pb=pb)
    asked = pb.RenewEnrolmentCodeRequest(request_id=request.form.get("request_id", ""), till_id=till_id)
    return code_page(till, accounts().RenewEnrolmentCode(asked))


@blueprint.route("/tills/<till_id>/revoke", methods=["GET", "POST"])
@requires(RIGHT)
def revoke_till(till_id: str) -> ResponseReturnValue:
    till = find_till(till_id)
    if request.method == "GET":
        why = request.args.get("reason", "")[:300]
        return render_template("accounts/revoke.html", till=till, request_id=str(uuid.uuid4()), errors={}, reason=why)
    reason = request.form.get("reason", "")
    asked = pb.RevokeTillRequest(request_id=request.form.get("request_id", ""), till_id=till_id, reason=reason)
    try:
        accounts().RevokeTill(asked)
    except RpcError as error:
        refused = as_domain_error(error)
        errors = beside_fields(refused)
        if not errors:
            raise
        page = render_template(
            "accounts/revoke.html", till=till, request_id=str(uuid.uuid4()), errors=errors, reason=reason
        )
        return page, status_of(refused)
    flash(gettext("Till %(number)s is revoked.", number=till.number), "success")
    return redirect(url_for("accounts.tills"))


def _fleet() -> dict[str, Any]:
    """Tills as (till, health) by number, and how many there are of each kind. Health is None out of service."""
    health_of = {each.till_id: each for each in accounts().ListTillHealth(pb.ListTillHealthRequest()).tills}
    lines = [(each, health_of.get(each.id)) for each in accounts().ListTills(pb.ListTillsRequest()).tills]
    kinds = {
        "all": lines,
        "attention": [line for line in lines if line[1] and line[1].condition == pb.TILL_CONDITION_ATTENTION],
        "offline": [line for line in lines if line[1] and line[1].condition == pb.TILL_CONDITION_OFFLINE],
    }
    show = request.args.get("show", "all")
    show = show if show in kinds else "all"
    counts = {kind: len(found) for kind, found in kinds.items()}
    return _words() | {"lines": kinds[show], "counts": counts, "show": show, "shows": SHOWS}


def _one(till_id: str) -> dict[str, Any]:
    found = accounts().ListTillHealth(pb.ListTillHealthRequest(till_id=till_id)).tills
    return _words() | {
        "till": find_till(till_id), "health": found[0] if found else None, "printers": PRINTERS,
        "printer_conditions": PRINTER_CONDITIONS, "printer_causes": PRINTER_CAUSES,
    }  # fmt: skip


def _words() -> dict[str, Any]:
    """What both pages say of a till in words."""
    return {
        "states": STATES, "conditions": CONDITIONS, "concerns": CONCERNS, "places": dict(_points_of_sale()), "pb": pb,
    }  # fmt: skip


def code_page(
    till: pb.Till, answer: pb.CreateTillResponse | pb.RenewEnrolmentCodeResponse | pb.MoveTillResponse
) -> str:
    """The code, which is shown only now."""
    code = f"{answer.enrolment_code[:4]}-{answer.enrolment_code[4:]}"  # easier to read out; the till takes it so
    return render_template("accounts/code.html", till=till, code=code, expires_at=answer.code_expires_at)


def find_till(till_id: str) -> pb.Till:
    """Raises TILL_NOT_FOUND."""
    for till in accounts().ListTills(pb.ListTillsRequest()).tills:
        if till.id == till_id:
            return till
    raise DomainError("no such till", kind=Kind.NOT_FOUND, reason="TILL_NOT_FOUND")


def _form(values: dict[str, Any], errors: dict[str, str] | None = None, problem: str = "") -> str:
    return render_template(
        "accounts/new_till.html", values=values, errors=errors or {}, problem=problem, places=_points_of_sale()
    )


def _points_of_sale() -> list[tuple[str, str]]:
    """(id, name) by name; empty when the catalogue does not answer or may not be read: the id is typed then."""
    try:
        places = stub("catalog", CatalogServiceStub).GetProgramme(catalog_pb.GetProgrammeRequest()).points_of_sale
    except (RpcError, ConfigError) as error:
        telemetry.log().info("points_of_sale_unknown", error=type(error).__name__)
        return []
    return sorted(((place.id, place.name) for place in places if not place.archived), key=lambda place: place[1])
