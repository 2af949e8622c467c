"""Performances: one in one form (with its show and prices), a series, and their states."""

import uuid
from datetime import UTC, date, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import grpc
from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from catalog.web import forms
from catalog.web.forms import Form, Wrong
from catalog.web.pages import PROGRAMME, beside, blueprint, choices, core, derived, form_id, programme, send, zone_of
from catalog.web.prices import free_seating, price_rows, read_price_list
from catalog.web.words import KINDS, STATES, TONES, VAT_RATES, WEEKDAYS
from kit.clock import now
from kit.errors import DomainError, Kind
from kit.web import requires
from ticketing.catalog.v1 import catalog_pb2 as nouns
from ticketing.catalog.v1 import catalog_service_pb2 as pb

NEW = "new"
FIELDS = {
    "show.title": "title", "show.venue_id": "venue_id", "show.group_id": "group_id", "show.colour": "colour",
    "venue.name": "venue_name", "venue.zone": "venue_name", ".hall": "hall", ".capacity": "capacity",
    ".starts_at": "starts", ".ends_at": "ends", ".price_list_id": "price_list_id", "price_list.name": "price_list_id",
    ".show_id": "show_id", "tariff.name": "tariff_name_1",
}  # fmt: skip


@blueprint.route("/performances/new", methods=["GET", "POST"])
@requires(PROGRAMME)
def new_performance() -> ResponseReturnValue:
    """One free-seating performance with its show and its tariffs, on sale at once if wished."""
    found = programme()
    if request.method == "GET":
        on = now().astimezone(ZoneInfo("Europe/Paris")).date() + timedelta(days=1)
        values = {
            "form_id": str(uuid.uuid4()),
            "on": on.isoformat(),
            "starts": "14:00",
            "ends": "15:30",
            "on_sale": "1",
        }
        values |= {"colour": "#7a1f3d", "show_id": request.args.get("show_id", ""), "capacity": "100"}
        return _new_form(found, values, {})
    form = Form(request.form)
    own = form_id()
    on = form.read("on", forms.day, date.min)
    starts, ends = form.read("starts", forms.hour, time()), form.read("ends", forms.hour, time(1))
    plan = seated_plans().get(request.form.get("plan_version_id", ""))
    capacity = plan.capacity if plan else form.read("capacity", forms.whole, 1)
    show_id, wants_show = _chosen(form, "show_id", own, "title")
    list_id, wants_list = _chosen(form, "price_list_id", own, "")
    venue_id, wants_venue = _chosen(form, "venue_id", own, "venue_name") if wants_show else ("", False)
    if plan and wants_list:
        form.errors["price_list_id"] = _("Choose a price list with a price for each category of the plan.")
        wants_list = False
    tariffs, prices = read_price_list(form, found, own) if wants_list else ([], [])
    if form.errors:
        return _new_form(found, request.form, form.errors), 400
    try:
        if wants_venue:
            venue = nouns.Venue(id=venue_id, name=request.form["venue_name"].strip(), zone="Europe/Paris")
            send(own, core().SaveVenue, pb.SaveVenueRequest(venue=venue))
        if wants_show:
            show = nouns.Show(
                id=show_id, title=request.form["title"].strip(), venue_id=venue_id,
                group_id=request.form.get("group_id", ""), colour=request.form.get("colour", "").lower(),
            )  # fmt: skip
            send(own, core().SaveShow, pb.SaveShowRequest(show=show))
        for tariff in tariffs:
            send(own, core().SaveTariff, pb.SaveTariffRequest(tariff=tariff))
        if wants_list:
            name = _("Prices of %(title)s, %(day)s", title=_title(found, show_id), day=on.isoformat())
            price_list = nouns.PriceList(id=list_id, name=name, prices=free_seating(found, own, prices))
            send(own, core().SavePriceList, pb.SavePriceListRequest(price_list=price_list))
        starts_at, ends_at = forms.span(on, starts, ends, zone_of(programme() if wants_show else found, show_id))
        state = nouns.PERFORMANCE_STATE_ON_SALE if request.form.get("on_sale") else nouns.PERFORMANCE_STATE_DRAFT
        performance = nouns.Performance(
            id=derived(own, "performance"), show_id=show_id, hall=request.form.get("hall", "").strip(),
            starts_at=starts_at, ends_at=ends_at, capacity=capacity, price_list_id=list_id, state=state,
            plan_version_id=plan.id if plan else "",
        )  # fmt: skip
        saved = send(own, core().SavePerformances, pb.SavePerformancesRequest(performances=[performance]))
    except grpc.RpcError as error:
        return _new_form(found, request.form, beside(error, FIELDS)), 400
    return redirect(url_for("catalog.performance", performance_id=saved.performances[0].id, saved=1))


@blueprint.get("/performances/<uuid:performance_id>")
@requires("catalog.view")
def performance(performance_id: uuid.UUID) -> ResponseReturnValue:
    found = core().GetPerformance(pb.GetPerformanceRequest(performance_id=str(performance_id)))
    offered = programme()
    names = {tariff.id: tariff.name for tariff in offered.tariffs}
    categories = {category.id: category.name for category in offered.categories}
    return render_template(
        "catalog/performance.html", found=found, names=names, categories=categories, states=STATES, tones=TONES,
        saved="saved" in request.args, **_local(found.performance, found.venue.zone),
    )  # fmt: skip


@blueprint.post("/performances/<uuid:performance_id>/state")
@requires(PROGRAMME)
def set_state(performance_id: uuid.UUID) -> ResponseReturnValue:
    """Put on sale, withdraw, cancel. Tills learn of it with their next look."""
    found = core().GetPerformance(pb.GetPerformanceRequest(performance_id=str(performance_id))).performance
    wanted = request.form.get("state", "")
    if wanted not in {"1", "2", "3"}:
        raise DomainError("no such state", kind=Kind.INVALID)
    found.state = int(wanted)
    message = pb.SavePerformancesRequest(performances=[found])
    send(form_id(), core().SavePerformances, message)
    flash(_("The tills will know within seconds: %(state)s.", state=STATES[int(wanted)]), "success")
    return redirect(url_for("catalog.performance", performance_id=performance_id))


@blueprint.route("/performances/series", methods=["GET", "POST"])
@requires(PROGRAMME)
def series() -> ResponseReturnValue:
    """Many performances of one show: days, weekdays, hours."""
    found = programme()
    if request.method == "GET":
        today = now().astimezone(ZoneInfo("Europe/Paris")).date()
        values: Any = {
            "form_id": str(uuid.uuid4()), "first": (today + timedelta(days=1)).isoformat(), "minutes": "30",
            "last": (today + timedelta(days=7)).isoformat(), "hours": "10:00-18:00 / 30 min", "capacity": "50",
            "show_id": request.args.get("show_id", ""), "on_sale": "1",
        }  # fmt: skip
        return _series_form(found, values, set(range(7)), {})
    form = Form(request.form)
    chosen = {int(i) for i in request.form.getlist("weekdays") if i in "0123456"}
    show_id, list_id = form.required("show_id"), form.required("price_list_id")
    first, last = form.read("first", forms.day, date.min), form.read("last", forms.day, date.min)
    starts = form.read("hours", forms.hours, list[time]())
    minutes = form.read("minutes", forms.whole, 1)
    plan = seated_plans().get(request.form.get("plan_version_id", ""))
    capacity = plan.capacity if plan else form.read("capacity", forms.whole, 1)
    spans = []
    if not form.errors:
        try:
            spans = forms.slots(first, last, chosen, starts, minutes, zone_of(found, show_id))
        except Wrong as wrong:
            form.errors["last"] = str(wrong)
    if form.errors:
        return _series_form(found, request.form, chosen, form.errors), 400
    state = nouns.PERFORMANCE_STATE_ON_SALE if request.form.get("on_sale") else nouns.PERFORMANCE_STATE_DRAFT
    own, hall = form_id(), request.form.get("hall", "").strip()
    made = [
        nouns.Performance(
            id=derived(own, begins.isoformat()), show_id=show_id, hall=hall, starts_at=begins, ends_at=ends,
            capacity=capacity, price_list_id=list_id, state=state, plan_version_id=plan.id if plan else "",
        )
        for begins, ends in spans
    ]  # fmt: skip
    try:
        send(own, core().SavePerformances, pb.SavePerformancesRequest(performances=made))
    except grpc.RpcError as error:
        fields = FIELDS | {".ends_at": "minutes", ".starts_at": "first"}
        return _series_form(found, request.form, chosen, beside(error, fields)), 400
    flash(_("%(count)s performances are in the programme.", count=len(made)), "success")
    return redirect(url_for("catalog.show", show_id=show_id, from_on=first.isoformat()))


def _chosen(form: Form, name: str, own: uuid.UUID, needs: str) -> tuple[str, bool]:
    """The chosen thing, or a new one's id with True; then the field `needs` must be filled in."""
    value = form.given.get(name, "")
    if value and value != NEW:
        return value, False
    if needs:
        form.required(needs)
    return derived(own, name), True


def _title(found: pb.GetProgrammeResponse, show_id: str) -> str:
    titles = {show.id: show.title for show in found.shows}
    return titles.get(show_id) or request.form.get("title", "").strip()


def _local(performance: nouns.Performance, zone: str) -> dict[str, Any]:
    here = ZoneInfo(zone)
    return {
        "begins": performance.starts_at.ToDatetime(tzinfo=UTC).astimezone(here),
        "ends": performance.ends_at.ToDatetime(tzinfo=UTC).astimezone(here),
    }


def _new_form(found: pb.GetProgrammeResponse, values: Any, errors: dict[str, str]) -> str:
    return render_template(
        "catalog/new_performance.html", values=values, errors=errors, rows=price_rows(found, values), kinds=KINDS,
        rates=VAT_RATES, new=NEW, shows=choices(found.shows, "title"), venues=choices(found.venues),
        groups=choices(found.groups), price_lists=choices(found.price_lists), plans=_plan_choices(),
    )  # fmt: skip


def seated_plans() -> dict[str, nouns.PlanVersion]:
    """The newest version of each seating plan, by id."""
    versions = core().ListPlanVersions(pb.ListPlanVersionsRequest()).versions
    newest: dict[str, nouns.PlanVersion] = {}
    for version in versions:
        newest.setdefault(version.plan_id, version)
    return {version.id: version for version in newest.values()}


def _plan_choices() -> list[tuple[str, str]]:
    return [
        (plan.id, _("%(plan)s, %(seats)s numbered seats", plan=plan.name, seats=plan.seats))
        for plan in seated_plans().values()
    ]


def _series_form(found: pb.GetProgrammeResponse, values: Any, chosen: set[int], errors: dict[str, str]) -> str:
    return render_template(
        "catalog/series.html", values=values, errors=errors, weekdays=list(enumerate(WEEKDAYS)), chosen=chosen,
        shows=choices(found.shows, "title"), price_lists=choices(found.price_lists), plans=_plan_choices(),
    )  # fmt: skip
