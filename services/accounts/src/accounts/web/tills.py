"""Tills: the list, a new one with its code, another code, revocation."""

import uuid
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from grpc import RpcError

from accounts.web.pages import accounts, beside_fields, blueprint, status_of
from accounts.web.words import STATES
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
    found = accounts().ListTills(pb.ListTillsRequest()).tills
    return render_template("accounts/tills.html", tills=found, states=STATES, places=dict(_points_of_sale()), pb=pb)


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
    return _code(made.till, made)


@blueprint.route("/tills/<till_id>/code", methods=["GET", "POST"])
@requires(RIGHT)
def renew_code(till_id: str) -> ResponseReturnValue:
    """Asks, then shows the code once. Sending the form again shows the same code."""
    till = _till(till_id)
    if request.method == "GET":
        return render_template("accounts/renew_code.html", till=till, request_id=str(uuid.uuid4()), pb=pb)
    asked = pb.RenewEnrolmentCodeRequest(request_id=request.form.get("request_id", ""), till_id=till_id)
    return _code(till, accounts().RenewEnrolmentCode(asked))


@blueprint.route("/tills/<till_id>/revoke", methods=["GET", "POST"])
@requires(RIGHT)
def revoke_till(till_id: str) -> ResponseReturnValue:
    till = _till(till_id)
    if request.method == "GET":
        return render_template("accounts/revoke.html", till=till, request_id=str(uuid.uuid4()), errors={}, reason="")
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


def _code(till: pb.Till, answer: pb.CreateTillResponse | pb.RenewEnrolmentCodeResponse) -> str:
    code = f"{answer.enrolment_code[:4]}-{answer.enrolment_code[4:]}"  # easier to read out; the till takes it so
    return render_template("accounts/code.html", till=till, code=code, expires_at=answer.code_expires_at)


def _till(till_id: str) -> pb.Till:
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
