"""Tariffs and price lists."""

import gzip
import json
import uuid
from collections.abc import Sequence
from itertools import product
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
from seating import read_plan
from ticketing.catalog.v1 import catalog_pb2 as nouns
from ticketing.catalog.v1 import catalog_service_pb2 as pb

NEW_ROWS = (1, 2, 3)
FREE_SEATING = str(uuid.uuid5(uuid.NAMESPACE_URL, "catalog/category/free-seating"))  # the same whoever makes it
FREE_SEATING_NAMES = ("Placement libre", "Free seating")


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
    plan_version_id = "" if known else request.values.get("plan_version_id", "")
    seated = plan_categories(found, plan_version_id) if plan_version_id else []
    found.categories.extend(category for category in seated if category.id not in by_id(found.categories))
    categories = [category.id for category in seated] or _categories(known)
    if request.method == "GET":
        values: Any = {
            "form_id": str(uuid.uuid4()),
            "name": known.name if known else "",
            "plan_version_id": plan_version_id,
        }
        for price in known.prices if known else ():
            suffix = _suffix(price.tariff_id, price.category_id)
            values[f"price_{suffix}"] = forms.typed_amount(price.amount)
            values[f"vat_{suffix}"] = price.vat_rate_bp
        return _list_form(found, values, {}, known, categories)
    form, own = Form(request.form), form_id()
    name = form.required("name")
    tariffs, prices = read_price_list(form, found, own, categories)
    errors = form.errors
    if not errors:
        try:
            prices = free_seating(found, own, prices)
            wanted = nouns.PriceList(id=str(price_list_id or derived(own, "price_list_id")), name=name, prices=prices)
            for tariff in tariffs:
                send(own, core().SaveTariff, pb.SaveTariffRequest(tariff=tariff))
            for category in seated:
                if not category.revision:
                    send(own, core().SaveCategory, pb.SaveCategoryRequest(category=category))
            send(own, core().SavePriceList, pb.SavePriceListRequest(price_list=wanted))
            flash(_("%(name)s is saved.", name=name), "success")
            return redirect(url_for("catalog.tariffs"))
        except grpc.RpcError as error:
            errors = beside(error, {"price_list.name": "name"})
    return _list_form(found, request.form, errors, known, categories), 400


def price_rows(found: pb.GetProgrammeResponse, values: Any, categories: Sequence[str] = ("",)) -> list[dict[str, Any]]:
    """A row for each tariff in each of the categories, with what was typed."""
    names = {category.id: category.name for category in found.categories}
    rows = []
    for tariff, category_id in product((it for it in found.tariffs if not it.archived), categories):
        suffix = _suffix(tariff.id, category_id)
        rows.append({
            "suffix": suffix,
            "name": f"{tariff.name}, {names.get(category_id, '?')}" if len(categories) > 1 else tariff.name,
            "price": values.get(f"price_{suffix}", "0" if tariff.kind == nouns.TARIFF_KIND_FREE else ""),
            "vat": int(values.get(f"vat_{suffix}") or 550),
        })  # fmt: skip
    return rows


def read_price_list(
    form: Form, found: pb.GetProgrammeResponse, own: uuid.UUID, categories: Sequence[str] = ("",)
) -> tuple[list[nouns.Tariff], list[nouns.Price]]:
    """New tariffs and all prices of the form. A tariff without price is not sold; at least one must have one."""
    made, prices = [], []

    def price(tariff_id: str, suffix: str, category_id: str) -> None:
        amount = form.read(f"price_{suffix}", forms.amount, 0)
        rate = form.read(f"vat_{suffix}", forms.whole, 0)
        prices.append(nouns.Price(tariff_id=tariff_id, category_id=category_id, amount=amount, vat_rate_bp=rate))

    for tariff, category_id in product(found.tariffs, categories):
        suffix = _suffix(tariff.id, category_id)
        if form.given.get(f"price_{suffix}", "").strip():
            price(tariff.id, suffix, category_id)
            if tariff.kind == nouns.TARIFF_KIND_FREE and prices[-1].amount:
                form.errors[f"price_{suffix}"] = _("A free tariff costs 0.")
    for i in NEW_ROWS:
        name = form.given.get(f"tariff_name_{i}", "").strip()
        if name:
            kind = form.read(f"tariff_kind_{i}", forms.whole, 1)
            tariff_id = derived(own, f"tariff {i}")
            made.append(nouns.Tariff(id=tariff_id, name=name, kind=kind, rank=100 + i))  # type: ignore[arg-type]
            for category_id in categories:
                price(tariff_id, f"new_{i}", category_id)
    if not prices:
        form.errors["prices"] = _("Give at least one tariff a price.")
    return made, prices


def free_seating(found: pb.GetProgrammeResponse, own: uuid.UUID, prices: list[nouns.Price]) -> list[nouns.Price]:
    """The prices, those without category in that of free seating, which is made when the house has none yet.

    Every admission sold names its category (LAW-11), so that a price without one could not be sold.
    """
    if all(price.category_id for price in prices):
        return prices
    known = [it.id for it in found.categories if it.name in FREE_SEATING_NAMES and not it.archived]
    if known:
        category_id = known[0]
    else:
        category_id = FREE_SEATING
        category = nouns.Category(id=category_id, name=_("Free seating"))
        send(own, core().SaveCategory, pb.SaveCategoryRequest(category=category))
    for price in prices:
        price.category_id = price.category_id or category_id
    return prices


def plan_categories(found: pb.GetProgrammeResponse, version_id: str) -> list[nouns.Category]:
    """The price categories of a plan's seats, in the plan's order; those that are not there yet have no revision."""
    content = core().GetPlanVersion(pb.GetPlanVersionRequest(plan_version_id=version_id)).content
    known = {category.code: category for category in found.categories if category.code and not category.archived}
    return [
        known.get(category.code)
        or nouns.Category(
            id=str(uuid.uuid5(uuid.NAMESPACE_URL, f"catalog/category/{category.code}")), name=category.name,
            code=category.code,
        )
        for category in read_plan(json.loads(gzip.decompress(content))).categories
    ]  # fmt: skip


def _categories(known: nouns.PriceList | None) -> list[str]:
    """The categories that a list prices; "" is no category."""
    return sorted({price.category_id for price in known.prices}) or [""] if known else [""]


def _suffix(tariff_id: str, category_id: str) -> str:
    """The end of the names of a price's fields."""
    return f"{tariff_id}_{category_id}" if category_id else tariff_id


def _known(things: Any, thing_id: uuid.UUID | None) -> Any:
    if thing_id is None:
        return None
    known = by_id(things).get(str(thing_id))
    if known is None:
        raise DomainError("no such thing", kind=Kind.NOT_FOUND)
    return known


def _list_form(
    found: pb.GetProgrammeResponse, values: Any, errors: dict[str, str], known: Any, categories: Sequence[str]
) -> str:
    return render_template(
        "catalog/price_list.html", values=values, errors=errors, rows=price_rows(found, values, categories),
        kinds=KINDS, rates=VAT_RATES, known=known,
    )  # fmt: skip
