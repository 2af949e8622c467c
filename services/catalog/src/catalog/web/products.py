"""Articles of the shop."""

import uuid
from typing import Any

import grpc
from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from catalog.web import forms
from catalog.web.forms import Form
from catalog.web.pages import PROGRAMME, VIEW, beside, blueprint, core, derived, form_id, send
from catalog.web.words import VAT_RATES
from kit.errors import DomainError, Kind
from kit.web import requires
from ticketing.catalog.v1 import catalog_pb2 as nouns
from ticketing.catalog.v1 import catalog_service_pb2 as pb

TEXTS = ("name", "family", "subfamily", "supplier", "reference", "colour")
BLANK_OPTIONS = 3


@blueprint.get("/products")
@requires(VIEW)
def products() -> ResponseReturnValue:
    asked = pb.ListProductsRequest(
        search=request.args.get("search", "").strip(), family=request.args.get("family", ""), page_size=50,
        page_token=request.args.get("page_token", ""),
    )  # fmt: skip
    answer = core().ListProducts(asked)
    families = sorted({product.family for product in answer.products if product.family} | {asked.family} - {""})
    return render_template("catalog/products.html", found=answer, asked=asked, families=[(x, x) for x in families])


@blueprint.route("/products/new", methods=["GET", "POST"], defaults={"reference": None})
@blueprint.route("/products/<reference>", methods=["GET", "POST"])
@requires(PROGRAMME)
def product(reference: str | None) -> ResponseReturnValue:
    known = _known(reference) if reference else None
    if request.method == "GET":
        return _form(_values(known), {}, known)
    form, own = Form(request.form), form_id()
    form.required("name")
    form.required("reference")
    wanted = nouns.Product(
        id=known.id if known else derived(own, "product"), price=form.read("price", forms.amount, 0),
        vat_rate_bp=form.read("vat", forms.whole, 0), archived=bool(form.given.get("archived")),
    )  # fmt: skip
    for name in TEXTS:
        setattr(wanted, name, form.given.get(name, "").strip())
    for i in range(60):
        code = form.given.get(f"option_code_{i}", "").strip()
        if code:
            price = form.read(f"option_price_{i}", lambda typed: forms.amount(typed or "0"), 0)
            label = form.given.get(f"option_label_{i}", "").strip() or code
            wanted.options.append(nouns.ProductOption(code=code, label=label, price=price))
    errors = form.errors
    if not errors:
        try:
            send(own, core().SaveProducts, pb.SaveProductsRequest(products=[wanted]))
            flash(_("%(name)s is saved.", name=wanted.name), "success")
            return redirect(url_for("catalog.products"))
        except grpc.RpcError as error:
            errors = beside(error, {f".{name}": name for name in (*TEXTS, "price", "vat_rate_bp")})
    return _form(request.form, errors, known), 400


def _known(reference: str) -> nouns.Product:
    found = core().ListProducts(pb.ListProductsRequest(search=reference, page_size=500)).products
    for product in found:
        if product.reference == reference:
            return product
    raise DomainError("no such article", kind=Kind.NOT_FOUND)


def _values(known: nouns.Product | None) -> Any:
    values: dict[str, Any] = {"form_id": str(uuid.uuid4()), "vat": 2000, "colour": "#3b5b7a"}
    if known is not None:
        values |= {name: getattr(known, name) for name in TEXTS}
        values |= {"price": _typed(known.price), "vat": known.vat_rate_bp, "archived": "1" if known.archived else ""}
        for i, option in enumerate(known.options):
            values |= {f"option_code_{i}": option.code, f"option_label_{i}": option.label}
            values[f"option_price_{i}"] = _typed(option.price) if option.price else ""
    return values


def _typed(amount: int) -> str:
    return forms.typed_amount(amount)


def _form(values: Any, errors: dict[str, str], known: nouns.Product | None) -> str:
    rows = range((len(known.options) if known else 0) + BLANK_OPTIONS)
    return render_template(
        "catalog/product.html", values=values, errors=errors, known=known, rates=VAT_RATES, rows=rows
    )
