"""A venue: its name, its address, and the territory that decides its VAT rates."""

import uuid
from typing import Any

import grpc
from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from catalog.web import forms
from catalog.web.forms import Form
from catalog.web.pages import PROGRAMME, beside, blueprint, by_id, core, form_id, programme, send
from catalog.web.words import TERRITORIES
from kit.errors import DomainError, Kind
from kit.web import requires
from ticketing.catalog.v1 import catalog_pb2 as nouns
from ticketing.catalog.v1 import catalog_service_pb2 as pb

FIELDS = ("name", "address", "territory")


@blueprint.route("/venues/<uuid:venue_id>", methods=["GET", "POST"])
@requires(PROGRAMME)
def venue(venue_id: uuid.UUID) -> ResponseReturnValue:
    known = by_id(programme().venues).get(str(venue_id))
    if known is None:
        raise DomainError("no such venue", kind=Kind.NOT_FOUND)
    values: Any = {name: getattr(known, name) for name in FIELDS} | {"form_id": str(uuid.uuid4())}
    errors: dict[str, str] = {}
    if request.method == "POST":
        form, own, values = Form(request.form), form_id(), request.form
        wanted = nouns.Venue(
            id=known.id, name=form.required("name"), address=values.get("address", "").strip(), zone=known.zone,
            archived=known.archived,
            territory=form.read("territory", forms.whole, 0),  # type: ignore[arg-type]
        )  # fmt: skip
        errors = form.errors
        try:
            if not errors:
                send(own, core().SaveVenue, pb.SaveVenueRequest(venue=wanted))
                flash(_("%(name)s is saved.", name=wanted.name), "success")
                return redirect(url_for("catalog.venue", venue_id=venue_id))
        except grpc.RpcError as error:
            errors = beside(error, {f"venue.{name}": name for name in FIELDS})
    page = render_template(
        "catalog/venue.html", venue=known, values=values, errors=errors, territories=list(TERRITORIES.items())
    )
    return (page, 400) if errors else page
