"""Tariffs and price lists."""

import uuid
from typing import Any

import grpc
from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from catalog.web import forms
from catalog.web.forms import Form
from catalog.web.pages import PROGRAMME, VIEW, beside, blueprint, by_id, core, derived, form_id, programme, send
from catalog.web.words import KINDS, VAT_RATES
from kit.errors import DomainError, Kind
from kit.web import requires
from ticketing.catalog.v1 import catalog_pb2 as nouns
from ticketing.catalog.v1 import catalog_service_pb2 as pb

NEW_ROWS = (1, 2, 3)


@blueprint.get("/tariffs")
@requires(VIEW)
def tariffs() -> ResponseReturnValue:
    found = programme()
    return render_template("catalog/tariffs.html", found=found, kinds=KINDS, names=by_id(found.tariffs))


@blueprint.route("/tariffs/new", methods=["GET", "POST"], defaults={"tariff_id": None})
@blueprint.route("/tariffs/<uuid:tariff_id>", methods=["GET", "POST"])
@requires(PROGRAMME)
def tariff(tariff_id: uuid.UUID | None) -> ResponseReturnValue:
    known = _known(programme().tariffs, tariff_id)
    if request.method == "GET":
        values: Any = {"form_id": str(uuid.uuid4()), "kind": 1, "rank": 10}
        if known:
            values |= {"name": known.name, "kind": known.kind, "proof": known.proof, "rank": known.rank}
            values["archived"] = "1" if known.archived else ""
        return render_template("catalog/tariff.html", values=values, errors={}, kinds=KINDS, known=known)
    form, own = Form(request.form), form_id()
    name, rank = form.required("name"), form.read("rank", forms.whole, 0)
    kind = form.read("kind", forms.whole, 1)
    errors = form.errors
    if not errors:
        wanted = nouns.Tariff(
            id=str(tariff_id or derived(own, "tariff")), name=name, kind=kind, rank=rank,  # type: ignore[arg-type]
            proof=request.form.get("proof", "").strip(), archived=bool(request.form.get("archived")),
        )  # fmt: skip
        try:
            send(own, core().SaveTariff, pb.SaveTariffRequest(tariff=wanted))
            flash(_("%(name)s is saved.", name=name), "success")
            return redirect(url_for("catalog.tariffs"))
        except grpc.RpcError as error:
            errors = beside(error, {".name": "name", ".kind": "kind", ".proof": "proof", ".rank": "rank"})
    return render_template("catalog/tariff.html", values=request.form, errors=errors, kinds=KINDS, known=known), 400


@blueprint.route("/price-lists/new", methods=["GET", "POST"], defaults={"price_list_id": None})
@blueprint.route("/price-lists/<uuid:price_list_id>", methods=["GET", "POST"])
@requires(PROGRAMME)
def price_list(price_list_id: uuid.UUID | None) -> ResponseReturnValue:
    found = programme()
    known = _known(found.price_lists, price_list_id)
    if request.method == "GET":
        values: Any = {"form_id": str(uuid.uuid4()), "name": known.name if known else ""}
        for price in known.prices if known else ():
            if not price.category_id:
                values[f"price_{price.tariff_id}"] = f"{price.amount // 100}.{price.amount % 100:02}"
                values[f"vat_{price.tariff_id}"] = price.vat_rate_bp
        return _list_form(found, values, {}, known)
    form, own = Form(request.form), form_id()
    name = form.required("name")
    tariffs, prices = read_price_list(form, found, own)
    errors = form.errors
    if not errors:
        # Prices by category are edited elsewhere: what this form does not show, it keeps.
        kept = [price for price in (known.prices if known else ()) if price.category_id]
        wanted = nouns.PriceList(
            id=str(price_list_id or derived(own, "price_list_id")), name=name, prices=[*prices, *kept]
        )
        try:
            for tariff in tariffs:
                send(own, core().SaveTariff, pb.SaveTariffRequest(tariff=tariff))
            send(own, core().SavePriceList, pb.SavePriceListRequest(price_list=wanted))
            flash(_("%(name)s is saved.", name=name), "success")
            return redirect(url_for("catalog.tariffs"))
        except grpc.RpcError as error:
            errors = beside(error, {"price_list.name": "name"})
    return _list_form(found, request.form, errors, known), 400


def price_rows(found: pb.GetProgrammeResponse, values: Any) -> list[dict[str, Any]]:
    """A row for each tariff, with what was typed."""
    return [
        {
            "tariff": tariff,
            "price": values.get(f"price_{tariff.id}", "0" if tariff.kind == nouns.TARIFF_KIND_FREE else ""),
            "vat": int(values.get(f"vat_{tariff.id}") or 550),
        }
        for tariff in found.tariffs
        if not tariff.archived
    ]


def read_price_list(
    form: Form, found: pb.GetProgrammeResponse, own: uuid.UUID
) -> tuple[list[nouns.Tariff], list[nouns.Price]]:
    """New tariffs and all prices of the form. A tariff without price is not sold; at least one must have one."""
    made, prices = [], []

    def price(tariff_id: str, suffix: str) -> None:
        amount = form.read(f"price_{suffix}", forms.amount, 0)
        rate = form.read(f"vat_{suffix}", forms.whole, 0)
        prices.append(nouns.Price(tariff_id=tariff_id, amount=amount, vat_rate_bp=rate))

    for tariff in found.tariffs:
        if form.given.get(f"price_{tariff.id}", "").strip():
            price(tariff.id, tariff.id)
            if tariff.kind == nouns.TARIFF_KIND_FREE and prices[-1].amount:
                form.errors[f"price_{tariff.id}"] = _("A free tariff costs 0.")
    for i in NEW_ROWS:
        name = form.given.get(f"tariff_name_{i}", "").strip()
        if name:
            kind = form.read(f"tariff_kind_{i}", forms.whole, 1)
            tariff_id = derived(own, f"tariff {i}")
            made.append(nouns.Tariff(id=tariff_id, name=name, kind=kind, rank=100 + i))  # type: ignore[arg-type]
            price(tariff_id, f"new_{i}")
    if not prices:
        form.errors["prices"] = _("Give at least one tariff a price.")
    return made, prices


def _known(things: Any, thing_id: uuid.UUID | None) -> Any:
    if thing_id is None:
        return None
    known = by_id(things).get(str(thing_id))
    if known is None:
        raise DomainError("no such thing", kind=Kind.NOT_FOUND)
    return known


def _list_form(found: pb.GetProgrammeResponse, values: Any, errors: dict[str, str], known: Any) -> str:
    return render_template(
        "catalog/price_list.html", values=values, errors=errors, rows=price_rows(found, values), kinds=KINDS,
        rates=VAT_RATES, known=known,
    )  # fmt: skip
