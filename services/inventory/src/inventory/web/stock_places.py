"""Stock places: where articles lie, and which points of sale sell from there (O3)."""

import uuid
from typing import Any

import grpc
from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from inventory.web.pages import MANAGE, VIEW, blueprint, core, points_of_sale
from inventory.web.stock import stock_places
from kit.errors import DomainError, Kind
from kit.web import as_domain_error, explain, requires
from ticketing.inventory.v1 import inventory_service_pb2 as pb


@blueprint.get("/stock-places")
@requires(VIEW)
def places_of_stock() -> ResponseReturnValue:
    return render_template("inventory/stock_places.html", places=stock_places(), points=points_of_sale())


@blueprint.route("/stock-places/new", methods=["GET", "POST"], defaults={"place_id": None})
@blueprint.route("/stock-places/<uuid:place_id>", methods=["GET", "POST"])
@requires(MANAGE)
def stock_place(place_id: uuid.UUID | None) -> ResponseReturnValue:
    known = _known(place_id) if place_id else None
    points, errors = points_of_sale(), {}
    values: Any = {"request_id": str(uuid.uuid4()), "new_id": str(uuid.uuid4()), "name": known.name if known else ""}
    chosen = set(known.points_of_sale) if known else set()
    if request.method == "POST":
        values, chosen = request.form, set(request.form.getlist("point_of_sale"))
        name = values.get("name", "").strip()
        if not 1 <= len(name) <= 60:
            errors = {"name": _("Write a name, at most 60 characters.")}
        else:
            place = pb.StockPlace(
                place_id=known.place_id if known else values.get("new_id", ""), name=name, points_of_sale=sorted(chosen)
            )
            try:
                core().SaveStockPlace(pb.SaveStockPlaceRequest(request_id=values.get("request_id", ""), place=place))
                flash(_("%(name)s is saved.", name=name), "success")
                return redirect(url_for("inventory.places_of_stock"))
            except grpc.RpcError as error:
                refused = as_domain_error(error)
                errors = {"name" if refused.reason == "STOCK_PLACE_NAME_TAKEN" else "": explain(refused)}
    elsewhere = {
        point: it.name
        for it in stock_places()
        if not known or it.place_id != known.place_id
        for point in it.points_of_sale
    }
    page = render_template(
        "inventory/stock_place.html", known=known, values=values, errors=errors, points=points, chosen=chosen,
        elsewhere=elsewhere,
    )  # fmt: skip
    return (page, 400) if errors else page


@blueprint.post("/stock-places/<uuid:place_id>/close")
@requires(MANAGE)
def close_stock_place(place_id: uuid.UUID) -> ResponseReturnValue:
    asked = pb.CloseStockPlaceRequest(request_id=str(uuid.uuid4()), place_id=str(place_id))
    try:
        flash(_("%(name)s is closed.", name=core().CloseStockPlace(asked).place.name), "success")
    except grpc.RpcError as error:
        refused = as_domain_error(error)
        if refused.kind is not Kind.REFUSED:
            raise
        flash(explain(refused), "error")
    return redirect(url_for("inventory.places_of_stock"))


def _known(place_id: uuid.UUID) -> pb.StockPlace:
    for place in stock_places():
        if place.place_id == str(place_id):
            return place
    raise DomainError("no such stock place", kind=Kind.NOT_FOUND)
