"""The dashboard, and shows with their performances."""

import uuid
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

import grpc
from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from catalog.web import forms
from catalog.web.forms import Form
from catalog.web.pages import PROGRAMME, VIEW, beside, blueprint, by_id, choices, core, form_id, programme, send
from catalog.web.words import FIRST_PERFORMANCES, STATES, TONES, VAT_KINDS
from kit.clock import now
from kit.errors import DomainError, Kind
from kit.web import requires
from ticketing.catalog.v1 import catalog_pb2 as nouns
from ticketing.catalog.v1 import catalog_service_pb2 as pb


@blueprint.get("/")
@requires(VIEW)
def dashboard() -> ResponseReturnValue:
    """What is still to come today and tomorrow."""
    found = programme()
    today = now().astimezone(ZoneInfo("Europe/Paris")).date()
    asked = pb.ListPerformancesRequest(
        from_on=today.isoformat(), to_on=(today + timedelta(days=1)).isoformat(), page_size=200
    )
    at = now()
    listed = core().ListPerformances(asked).performances
    coming = [p for p in listed if p.ends_at.ToDatetime(tzinfo=UTC) > at]
    return render_template(
        "catalog/dashboard.html", found=found, days=_by_day(found, coming), states=STATES, tones=TONES,
        today=today, on_sale=sum(p.state == nouns.PERFORMANCE_STATE_ON_SALE for p in coming),
        places=sum(p.capacity for p in coming if p.state == nouns.PERFORMANCE_STATE_ON_SALE),
    )  # fmt: skip


@blueprint.get("/shows")
@requires(VIEW)
def shows() -> ResponseReturnValue:
    """Shows under their groups, those without group last."""
    found = programme()
    groups = by_id(found.groups)
    listed: dict[str, list[Any]] = {}
    for show in found.shows:
        listed.setdefault(show.group_id, []).append(show)
    names = {group_id: _path(groups, group_id) for group_id in listed}
    ordered = sorted(listed.items(), key=lambda item: (not item[0], names[item[0]]))
    return render_template("catalog/shows.html", groups=[(names[i], s) for i, s in ordered], venues=by_id(found.venues))


@blueprint.route("/shows/<uuid:show_id>", methods=["GET", "POST"])
@requires(VIEW)
def show(show_id: uuid.UUID) -> ResponseReturnValue:
    """A show, its performances of some days, and its own form."""
    found = programme()
    known = by_id(found.shows).get(str(show_id))
    if known is None:
        raise DomainError("no such show", kind=Kind.NOT_FOUND)
    today = now().astimezone(ZoneInfo("Europe/Paris")).date()
    from_on = request.args.get("from_on") or today.isoformat()
    to_on = request.args.get("to_on") or _plus(from_on, 30)
    asked = pb.ListPerformancesRequest(
        show_id=str(show_id), from_on=from_on, to_on=to_on, page_size=100, page_token=request.args.get("page_token", "")
    )
    answer = core().ListPerformances(asked)
    wanted = request.args.get("state", "")
    listed = [p for p in answer.performances if not wanted or str(int(p.state)) == wanted]
    counter = None
    if known.vat_kind == nouns.VAT_KIND_CREATION and not known.drinks_served:
        counter = core().CountPaidPerformances(pb.CountPaidPerformancesRequest(show_id=known.id))
    return render_template(
        "catalog/show.html", show=known, counter=counter, first=FIRST_PERFORMANCES,
        then_on=counter and counter.then_on and date.fromisoformat(counter.then_on),
        venue=by_id(found.venues)[known.venue_id], days=_by_day(found, listed),
        states=STATES, tones=TONES, from_on=from_on, to_on=to_on, state=wanted, next_token=answer.next_page_token,
        group=_path(by_id(found.groups), known.group_id),
    )  # fmt: skip


@blueprint.route("/shows/<uuid:show_id>/edit", methods=["GET", "POST"])
@requires(PROGRAMME)
def edit_show(show_id: uuid.UUID) -> ResponseReturnValue:
    found = programme()
    known = by_id(found.shows).get(str(show_id))
    if known is None:
        raise DomainError("no such show", kind=Kind.NOT_FOUND)
    fields = ("title", "venue_id", "group_id", "colour", "description")
    rule = ("vat_kind", "drinks_served", "paid_before")
    values: Any = {name: getattr(known, name) for name in (*fields, *rule)} | {"form_id": str(uuid.uuid4())}
    errors: dict[str, str] = {}
    if request.method == "POST":
        form, own, values = Form(request.form), form_id(), request.form
        form.required("title")
        wanted = nouns.Show(
            id=known.id, archived=bool(values.get("archived")), drinks_served=bool(values.get("drinks_served")),
            vat_kind=form.read("vat_kind", forms.whole, 0),  # type: ignore[arg-type]
            paid_before=form.read("paid_before", forms.whole, 0),
        )  # fmt: skip
        errors = form.errors
        for name in fields:
            setattr(wanted, name, values.get(name, "").strip())
        try:
            if not errors:
                send(own, core().SaveShow, pb.SaveShowRequest(show=wanted))
                flash(_("%(name)s is saved.", name=wanted.title), "success")
                return redirect(url_for("catalog.show", show_id=show_id))
        except grpc.RpcError as error:
            errors = beside(error, {f"show.{name}": name for name in (*fields, *rule)})
    page = render_template(
        "catalog/edit_show.html", show=known, values=values, errors=errors, venues=choices(found.venues),
        groups=choices(found.groups), kinds=list(VAT_KINDS.items()), first=FIRST_PERFORMANCES,
    )  # fmt: skip
    return (page, 400) if errors else page


def _plus(on: str, days: int) -> str:
    try:
        return (datetime.fromisoformat(on).date() + timedelta(days=days)).isoformat()
    except ValueError:
        raise DomainError("no such day", kind=Kind.INVALID) from None


def _path(groups: dict[str, Any], group_id: str) -> str:
    """A group with those above it: "Season › Festival". A ring, which none can be, would end it."""
    names: list[str] = []
    while group_id in groups and len(names) < 20:
        names.insert(0, groups[group_id].name)
        group_id = groups[group_id].parent_id
    return " › ".join(names) or _("Without group")


def _by_day(found: pb.GetProgrammeResponse, performances: Any) -> list[tuple[Any, list[dict[str, Any]]]]:
    """Performances by their day at the venue, with what a line shows."""
    shows, venues, lists = by_id(found.shows), by_id(found.venues), by_id(found.price_lists)
    rows = []
    for performance in performances:
        show = shows[performance.show_id]
        here = ZoneInfo(venues[show.venue_id].zone)
        begins = performance.starts_at.ToDatetime(tzinfo=UTC).astimezone(here)
        ends = performance.ends_at.ToDatetime(tzinfo=UTC).astimezone(here)
        own = {performance.vat_rate_bp} if performance.HasField("vat_rate_bp") else set()
        priced = lists.get(performance.price_list_id)
        rates = own or {price.vat_rate_bp for price in (priced.prices if priced else ()) if price.amount}
        rows.append({
            "it": performance, "show": show, "begins": begins, "ends": ends, "on": begins.date(),
            "rates": sorted(rates),
        })  # fmt: skip
    rows.sort(key=lambda row: (row["begins"], row["show"].title))
    return [(on, list(of)) for on, of in groupby(rows, key=lambda row: row["on"])]
