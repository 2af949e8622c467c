"""Forms of a performance: contingents, quotas, and how its seats are given (K6, domain 6.3 to 6.5)."""

import uuid
from typing import Any

import grpc
from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from inventory.web.pages import MANAGE, blueprint, core
from inventory.web.performances import House, form_id, house_of, in_words, sellers_by_code
from inventory.web.typed import Typed, choices, stamped, typed_instant
from kit.errors import DomainError, Kind
from kit.web import requires
from ticketing.inventory.v1 import inventory_service_pb2 as pb

MOST_CONTINGENTS, MOST_QUOTAS = 31, 99
MOST_PLACES = 1_000_000
MOST_SEATS_APART, MOST_ROWS_APART = 10, 5
NEW = 0


@blueprint.route("/performances/<uuid:performance_id>/contingents/new", methods=["GET", "POST"])
@blueprint.route("/performances/<uuid:performance_id>/contingents/<int:number>", methods=["GET", "POST"])
@requires(MANAGE)
def contingent(performance_id: uuid.UUID, number: int = NEW) -> ResponseReturnValue:
    """Places set apart: how many, for whom, until when."""
    house = house_of(performance_id)
    known = house.contingent(number)
    if known is None and number:
        raise DomainError("no such contingent", kind=Kind.NOT_FOUND)
    if known is None:
        number = _free_number([each.number for each in house.pools.contingents], MOST_CONTINGENTS)
    typed = Typed(request.form)
    values: Any = _values(known, "places") | {"release_at": known and typed_instant(known, "release_at", house.zone)}
    if request.method == "POST":
        values = request.form
        wanted = pb.Contingent(number=number, name=typed.words("name", 80), places=typed.number("places", MOST_PLACES))
        _read_sellers(typed, wanted)
        stamped(wanted, "release_at", typed.instant("release_at", house.zone))
        asked = pb.SaveContingentRequest(request_id=form_id(), performance_id=house.it.id, contingent=wanted)
        if number == NEW:
            typed.errors[""] = _("A performance has at most %(most)s contingents.", most=MOST_CONTINGENTS)
        if _sent(typed, core().SaveContingent, asked, {"contingent.name": "name", "contingent.places": "places"}):
            return _back(house, _("The contingent “%(name)s” is saved.", name=wanted.name))
    return _form("inventory/contingent.html", house, typed, values, known)


@blueprint.post("/performances/<uuid:performance_id>/contingents/<int:number>/remove")
@requires(MANAGE)
def remove_contingent(performance_id: uuid.UUID, number: int) -> ResponseReturnValue:
    """What is left of it goes back to the general sale."""
    asked = pb.RemoveContingentRequest(request_id=form_id(), performance_id=str(performance_id), number=number)
    return _removed(
        performance_id,
        core().RemoveContingent,
        asked,
        _("The contingent is dissolved: its places are in the general sale."),
    )


@blueprint.route("/performances/<uuid:performance_id>/quotas/new", methods=["GET", "POST"])
@blueprint.route("/performances/<uuid:performance_id>/quotas/<int:number>", methods=["GET", "POST"])
@requires(MANAGE)
def quota(performance_id: uuid.UUID, number: int = NEW) -> ResponseReturnValue:
    """The most that someone may sell, of the house or of one contingent."""
    house = house_of(performance_id)
    known = next((each for each in house.pools.quotas if each.number == number), None)
    if known is None and number:
        raise DomainError("no such quota", kind=Kind.NOT_FOUND)
    if known is None:
        number = _free_number([each.number for each in house.pools.quotas], MOST_QUOTAS)
    typed = Typed(request.form)
    values: Any = _values(known, "at_most", "contingent")
    if request.method == "POST":
        values = request.form
        wanted = pb.Quota(
            number=number, name=typed.words("name", 80), at_most=typed.number("at_most", MOST_PLACES),
            contingent=typed.number("contingent", MOST_CONTINGENTS),
        )  # fmt: skip
        _read_sellers(typed, wanted)
        if not values.get("at_most", "").strip():
            typed.errors["at_most"] = _("Fill this in.")
        if not (wanted.channels or wanted.points_of_sale or wanted.partners):
            typed.errors["sellers"] = _("Choose whom it limits.")
        if number == NEW:
            typed.errors[""] = _("A performance has at most %(most)s quotas.", most=MOST_QUOTAS)
        asked = pb.SaveQuotaRequest(request_id=form_id(), performance_id=house.it.id, quota=wanted)
        if _sent(typed, core().SaveQuota, asked, {"quota.name": "name", "quota.at_most": "at_most"}):
            return _back(house, _("The quota “%(name)s” is saved.", name=wanted.name))
    return _form("inventory/quota.html", house, typed, values, known)


@blueprint.post("/performances/<uuid:performance_id>/quotas/<int:number>/remove")
@requires(MANAGE)
def remove_quota(performance_id: uuid.UUID, number: int) -> ResponseReturnValue:
    """It limits nothing any more."""
    asked = pb.RemoveQuotaRequest(request_id=form_id(), performance_id=str(performance_id), number=number)
    return _removed(performance_id, core().RemoveQuota, asked, _("The quota is removed: it limits nobody any more."))


@blueprint.route("/performances/<uuid:performance_id>/rules", methods=["GET", "POST"])
@requires(MANAGE)
def seating_rules(performance_id: uuid.UUID) -> ResponseReturnValue:
    """Orphans, distance between groups, the release of wheelchair spaces."""
    house = house_of(performance_id)
    known = house.pools.seating_rules
    typed = Typed(request.form)
    values: Any = _values(known, "orphans_below", "distance_seats", "distance_rows", "orphans_refused_on") | {
        "wheelchairs_release_at": typed_instant(known, "wheelchairs_release_at", house.zone)
    }
    if request.method == "POST":
        values = request.form
        wanted = pb.SeatingRules(
            orphans_refused_on=typed.chosen("orphans_refused_on"),
            orphans_below=typed.number("orphans_below", MOST_PLACES),
            distance_seats=typed.number("distance_seats", MOST_SEATS_APART),
            distance_rows=typed.number("distance_rows", MOST_ROWS_APART),
        )
        stamped(wanted, "wheelchairs_release_at", typed.instant("wheelchairs_release_at", house.zone))
        asked = pb.SaveSeatingRulesRequest(request_id=form_id(), performance_id=house.it.id, seating_rules=wanted)
        if _sent(typed, core().SaveSeatingRules, asked, {}):
            return _back(house, _("From now on seats are given by these rules."))
    chosen = typed.chosen("orphans_refused_on") if request.method == "POST" else list(known.orphans_refused_on)
    orphans = choices(sellers_by_code()["channels"], chosen)
    return _form("inventory/rules.html", house, typed, values, known, orphans=orphans)


def _values(known: Any, *fields: str) -> dict[str, Any]:
    """What a form shows at first: a new request id, and what is there already."""
    found = {name: getattr(known, name) for name in ("name", *fields) if hasattr(known, name)}
    partners = "\n".join(known.partners) if hasattr(known, "partners") else ""
    return {"request_id": str(uuid.uuid4()), "partners": partners} | found


def _free_number(taken: list[int], most: int) -> int:
    """The lowest number that nothing has; NEW when none is left."""
    return next((number for number in range(1, most + 1) if number not in taken), NEW)


def _read_sellers(typed: Typed, wanted: Any) -> None:
    wanted.channels.extend(typed.chosen("channels"))
    wanted.points_of_sale.extend(typed.chosen("points_of_sale"))
    wanted.partners.extend(typed.listed("partners"))


def _sent(typed: Typed, method: Any, asked: Any, fields: dict[str, str]) -> bool:
    """Whether it is saved. If not, `typed` says why."""
    if typed.errors:
        return False
    try:
        method(asked)
    except grpc.RpcError as error:
        typed.refused(error, fields)
    return not typed.errors


def _form(template: str, house: House, typed: Typed, values: Any, known: Any, **more: Any) -> ResponseReturnValue:
    """The form, with what is wrong beside each field."""
    posted = isinstance(values, MultiDict)
    sellers = {
        kind: choices(names, typed.chosen(kind) if posted else list(getattr(known, kind, [])))
        for kind, names in sellers_by_code().items()
    }
    page = render_template(
        template, house=house, known=known, values=values, errors=typed.errors, sellers=sellers, **more
    )
    return (page, 400) if typed.errors else page


def _removed(performance_id: uuid.UUID, method: Any, asked: Any, done: str) -> ResponseReturnValue:
    try:
        method(asked)
        flash(done, "success")
    except grpc.RpcError as error:
        flash(in_words(error), "error")
    return redirect(url_for("inventory.performance", performance_id=performance_id))


def _back(house: House, done: str) -> ResponseReturnValue:
    flash(done, "success")
    return redirect(url_for("inventory.performance", performance_id=house.it.id))
