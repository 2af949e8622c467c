"""Applying what is set for one performance to others of the same show and plan: what a season needs (K6)."""

import uuid
from datetime import timedelta
from typing import Any

import grpc
from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from inventory.web.pages import MANAGE, Named, at_venue, blueprint, catalogue, core
from inventory.web.performances import House, form_id, house_of, in_words
from kit.clock import now
from kit.errors import DomainError, Kind
from kit.web import explain, requires
from ticketing.catalog.v1 import catalog_service_pb2 as catalog_pb
from ticketing.inventory.v1 import inventory_service_pb2 as pb

MOST_TARGETS = 200
DAYS_AHEAD = 400
PARTS = ("contingents", "quotas", "seating_rules", "blocks")
_OF_SEATS = ("seating_rules", "blocks")


@blueprint.route("/performances/<uuid:performance_id>/copy", methods=["GET", "POST"])
@requires(MANAGE)
def copy_pools(performance_id: uuid.UUID) -> ResponseReturnValue:
    """Choose what and where; then say for each performance whether it was done, or why not."""
    house = house_of(performance_id)
    others = _others(house)
    offered = [part for part in PARTS if house.numbered or part not in _OF_SEATS]
    parts, targets, error = offered, [], ""
    report: list[tuple[Named, str]] = []
    if request.method == "POST":
        parts = [part for part in request.form.getlist("part") if part in offered]
        targets = [each for each in dict.fromkeys(request.form.getlist("to")) if each in others]
        error = _wrong(parts, targets)
        if not error:
            try:
                report = _report(house, others, parts, targets)
            except grpc.RpcError as refused:
                error = in_words(refused, house)
    page = render_template(
        "inventory/copy.html", house=house, others=others, offered=offered, parts=parts, targets=targets, error=error,
        report=report, form_id=str(uuid.uuid4()), words=_part_words(),
    )  # fmt: skip
    return (page, 400) if error else page


def _part_words() -> dict[str, str]:
    return {
        "contingents": _("Contingents, with their seats"), "quotas": _("Quotas"),
        "seating_rules": _("How seats are given"), "blocks": _("Blocked seats"),
    }  # fmt: skip


def _wrong(parts: list[str], targets: list[str]) -> str:
    if not parts:
        return _("Choose what to apply.")
    if not targets:
        return _("Choose at least one performance.")
    return _("At most %(most)s performances at once.", most=MOST_TARGETS) if len(targets) > MOST_TARGETS else ""


def _report(house: House, others: dict[str, Named], parts: list[str], targets: list[str]) -> list[tuple[Named, str]]:
    """Each performance with why it was refused; empty: done."""
    chosen: dict[str, Any] = {part: True for part in parts}
    asked = pb.CopyPoolsRequest(
        request_id=form_id(), performance_id=house.it.id, to_performance_ids=targets, **chosen
    )  # fmt: skip
    return [(others[each.performance_id], _why(each, house)) for each in core().CopyPools(asked).results]


def _why(result: pb.CopyResult, house: House) -> str:
    if not result.refusal:
        return ""
    if result.refusal == "SEAT_TAKEN" and house.status is not None:
        seats = [int(each) for each in result.facts.get("seats", "").split(",") if each]
        return _("These seats are taken there: %(seats)s.", seats=house.names.words(seats))
    refused = DomainError(result.refusal, kind=Kind.REFUSED, **dict(result.facts))
    refused.reason = result.refusal
    return explain(refused)


def _others(house: House) -> dict[str, Named]:
    """The coming performances of the show that are sold by the same plan version, or of free seating as this one."""
    today = now().astimezone(house.zone).date()
    asked = catalog_pb.ListPerformancesRequest(
        show_id=house.it.show_id, from_on=today.isoformat(), to_on=(today + timedelta(days=DAYS_AHEAD)).isoformat(),
        page_size=500,
    )  # fmt: skip
    found = catalogue().ListPerformances(asked).performances
    return {
        it.id: at_venue(it, house.named.title, house.zone)
        for it in found
        if it.id != house.it.id and it.plan_version_id == house.it.plan_version_id
    }
