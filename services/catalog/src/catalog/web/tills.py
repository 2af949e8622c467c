"""Points of sale, and the profiles of their tills: labels and keys as forms."""

import uuid
from typing import Any

import grpc
from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from catalog.web.forms import Form, amount, typed_amount, whole
from catalog.web.pages import (
    PROGRAMME,
    VIEW,
    beside,
    blueprint,
    by_id,
    choices,
    core,
    derived,
    form_id,
    programme,
    send,
)
from catalog.web.words import PAYMENT_MODES
from kit.web import requires
from ticketing.catalog.v1 import catalog_pb2 as nouns
from ticketing.catalog.v1 import catalog_service_pb2 as pb


@blueprint.get("/points-of-sale")
@requires(VIEW)
def tills() -> ResponseReturnValue:
    found = programme()
    return render_template(
        "catalog/tills.html", found=found, venues=by_id(found.venues), profiles=by_id(found.till_profiles),
        modes=PAYMENT_MODES,
    )  # fmt: skip


@blueprint.route("/points-of-sale/new", methods=["GET", "POST"], defaults={"point_id": None})
@blueprint.route("/points-of-sale/<uuid:point_id>", methods=["GET", "POST"])
@requires(PROGRAMME)
def point_of_sale(point_id: uuid.UUID | None) -> ResponseReturnValue:
    found = programme()
    known = by_id(found.points_of_sale).get(str(point_id))
    values: Any = {"form_id": str(uuid.uuid4())}
    if known:
        values |= {"name": known.name, "venue_id": known.venue_id, "till_profile_id": known.till_profile_id}
    errors: dict[str, str] = {}
    if request.method == "POST":
        form, own, values = Form(request.form), form_id(), request.form
        wanted = nouns.PointOfSale(
            id=str(point_id or derived(own, "point")), name=form.required("name"), venue_id=form.required("venue_id"),
            till_profile_id=form.required("till_profile_id"), archived=bool(values.get("archived")),
        )  # fmt: skip
        errors = form.errors
        try:
            if not errors:
                send(own, core().SavePointOfSale, pb.SavePointOfSaleRequest(point_of_sale=wanted))
                flash(_("%(name)s is saved.", name=wanted.name), "success")
                return redirect(url_for("catalog.tills"))
        except grpc.RpcError as error:
            errors = beside(error, {f".{name}": name for name in ("name", "venue_id", "till_profile_id")})
    page = render_template(
        "catalog/point_of_sale.html", values=values, errors=errors, known=known, venues=choices(found.venues),
        profiles=choices(found.till_profiles),
    )  # fmt: skip
    return (page, 400) if errors else page


@blueprint.route("/till-profiles/<uuid:profile_id>", methods=["GET", "POST"])
@requires(PROGRAMME)
def till_profile(profile_id: uuid.UUID) -> ResponseReturnValue:
    """The draft: labels, colours, payment modes and the lock; what the keys sell stays as it is."""
    read = core().GetTillDraft(pb.GetTillDraftRequest(till_profile_id=str(profile_id)))
    known, revision = read.draft, read.revision
    errors: dict[str, str] = {}
    values: Any = {"form_id": str(uuid.uuid4())}
    if request.method == "POST":
        form, own, values = Form(request.form), form_id(), request.form
        revision = form.read("revision", whole, 0)
        known.name = form.required("name")
        known.lock_after_minutes = form.read("lock_after_minutes", whole, 0)
        known.blind_declaration = "blind_declaration" in request.form
        known.second_signature_above = form.read("second_signature_above", lambda typed: amount(typed or "0"), 0)
        del known.payment_modes[:]
        known.payment_modes.extend(mode for mode in PAYMENT_MODES if mode in request.form.getlist("payment_modes"))
        for i, page in enumerate(known.pages):
            page.label = form.required(f"page_{i}")
            for j, key in enumerate(page.keys):
                key.label = form.required(f"key_{i}_{j}")
                key.sublabel = form.given.get(f"sub_{i}_{j}", "").strip()
                key.colour = form.given.get(f"colour_{i}_{j}", "").lower()
        errors = form.errors
        try:
            if not errors:
                send(own, core().SaveTillDraft, pb.SaveTillDraftRequest(draft=known, known_revision=revision))
                flash(_("The draft is kept. Publish it, and say which tills run it."), "success")
                return redirect(url_for("catalog.till_setups", profile_id=profile_id))
        except grpc.RpcError as error:
            errors = beside(
                error, {f"draft.{name}": name for name in ("name", "lock_after_minutes", "second_signature_above")}
            )
    page_html = render_template(
        "catalog/till_profile.html", profile=known, revision=revision, values=values, errors=errors,
        modes=PAYMENT_MODES, signed_above=typed_amount(known.second_signature_above),
    )  # fmt: skip
    return (page_html, 400) if errors else page_html
