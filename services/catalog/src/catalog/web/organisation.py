"""The organisation: what tickets and receipts name, and its colours."""

import re
import uuid
from typing import Any

import grpc
from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from catalog.web.forms import Form
from catalog.web.pages import PROGRAMME, VIEW, beside, blueprint, core, form_id, send
from kit.errors import Forbidden
from kit.web import requires, signed_in
from ticketing.catalog.v1 import catalog_pb2 as nouns
from ticketing.catalog.v1 import catalog_service_pb2 as pb

TEXTS = ("name", "address", "siret", "licence")
COLOURS = {"brand": "--tk-brand", "accent": "--tk-accent"}


@blueprint.route("/organisation", methods=["GET", "POST"])
@requires(VIEW)
def organisation() -> ResponseReturnValue:
    """The core refuses a colour on which white text cannot be read (F9)."""
    known = core().GetOrganisation(pb.GetOrganisationRequest()).organisation
    values: Any = {name: getattr(known, name) for name in TEXTS} | {"form_id": str(uuid.uuid4())}
    values |= {name: known.theme.get(variable, "") for name, variable in COLOURS.items()}
    errors: dict[str, str] = {}
    if request.method == "POST":
        user = signed_in()
        if user is None or not user.may(PROGRAMME):
            raise Forbidden(f"{PROGRAMME} is not granted", right=PROGRAMME)
        form, own, values = Form(request.form), form_id(), request.form
        form.required("name")
        wanted = nouns.Organisation(currency=known.currency or "EUR", theme=dict(known.theme))
        for name in TEXTS:
            typed = form.given.get(name, "").strip()
            setattr(wanted, name, re.sub(r"\s", "", typed) if name == "siret" else typed)
        for name, variable in COLOURS.items():
            typed = form.given.get(name, "").strip().lower()
            if typed:
                wanted.theme[variable] = typed
            else:
                wanted.theme.pop(variable, None)
        errors = form.errors
        try:
            if not errors:
                send(own, core().SaveOrganisation, pb.SaveOrganisationRequest(organisation=wanted))
                flash(_("%(name)s is saved.", name=wanted.name), "success")
                return redirect(url_for("catalog.organisation"))
        except grpc.RpcError as error:
            ends = {f".{name}": name for name in TEXTS} | {f"[{variable}]": name for name, variable in COLOURS.items()}
            errors = beside(error, ends)
    page = render_template("catalog/organisation.html", values=values, errors=errors, currency=known.currency)
    return (page, 400) if errors else page
