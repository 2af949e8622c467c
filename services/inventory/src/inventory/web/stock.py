"""Stock: what is on the shelf, and a form to receive and correct."""

import re
import uuid
from typing import Any

import grpc
from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from inventory.web.pages import MANAGE, VIEW, articles, blueprint, core
from inventory.web.words import CAUSES
from kit.web import as_domain_error, explain, field_errors, requires
from ticketing.inventory.v1 import inventory_service_pb2 as pb


@blueprint.get("/stock")
@requires(VIEW)
def stock() -> ResponseReturnValue:
    search = request.args.get("search", "").strip()
    rows = [row for row in _rows() if search.lower() in f"{row['name']} {row['reference']}".lower()]
    return render_template("inventory/stock.html", rows=rows[:500], search=search, more=len(rows) > 500)


@blueprint.route("/stock/<uuid:product_id>", methods=["GET", "POST"])
@requires(MANAGE)
def move(product_id: uuid.UUID) -> ResponseReturnValue:
    option = request.values.get("option", "")
    known = articles().get(str(product_id))
    values: Any = {"request_id": str(uuid.uuid4()), "cause": 1}
    errors: dict[str, str] = {}
    if request.method == "POST":
        values = request.form
        typed = values.get("quantity", "").strip().replace("−", "-")
        if not re.fullmatch(r"-?[0-9]{1,6}", typed):
            errors = {"quantity": _("Write a whole number.")}
        else:
            asked = pb.MoveStockRequest(
                request_id=values.get("request_id", ""), product_id=str(product_id), option=option, quantity=int(typed),
                cause=int(values.get("cause", "0")) if values.get("cause", "").isdigit() else 0,  # type: ignore[arg-type]
                note=values.get("note", "").strip(),
            )  # fmt: skip
            try:
                level = core().MoveStock(asked).level
                flash(_("%(count)s on the shelf now.", count=level.on_hand), "success")
                return redirect(url_for("inventory.stock"))
            except grpc.RpcError as error:
                errors = field_errors(error) or {"": explain(as_domain_error(error))}
    page = render_template(
        "inventory/move.html", name=known.name if known else str(product_id), option=option, values=values,
        errors=errors, causes=list(CAUSES.items()),
    )  # fmt: skip
    return (page, 400) if errors else page


def _rows() -> list[dict[str, Any]]:
    known = articles()
    rows = []
    for level in core().ListStock(pb.ListStockRequest()).levels:
        product = known.get(level.product_id)
        labels = {option.code: option.label for option in product.options} if product else {}
        rows.append({
            "level": level, "name": product.name if product else _("No longer in the shop"),
            "reference": product.reference if product else "", "option": labels.get(level.option, level.option),
        })  # fmt: skip
    rows.sort(key=lambda row: (row["name"], row["option"]))
    return rows
