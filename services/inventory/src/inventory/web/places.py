"""Availability by day: how many places are sold, held, in tills' hands and free, as figures and as bars."""

from dataclasses import dataclass
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from flask import render_template, request
from flask.typing import ResponseReturnValue

from inventory.web.pages import VIEW, Named, blueprint, core, of_day
from kit.clock import now
from kit.errors import FieldInvalid
from kit.web import requires
from ticketing.inventory.v1 import inventory_service_pb2 as pb

BAR_WIDTH = 240
KINDS = ("sold", "held", "leased", "blocked", "free")


@dataclass(frozen=True)
class Row:
    """One performance, its places by kind; `bar` holds (x, width, kind) in units of the drawing."""

    named: Named
    it: pb.Availability
    places: dict[str, int]
    bar: list[tuple[float, float, str]]


@blueprint.get("/")
@requires(VIEW)
def availability() -> ResponseReturnValue:
    today = now().astimezone(ZoneInfo("Europe/Paris")).date()
    try:
        on = date.fromisoformat(request.args.get("on") or today.isoformat())
    except ValueError:
        raise FieldInvalid("on", "must be a day written YYYY-MM-DD") from None
    named = of_day(on)
    found = []
    if named:
        asked = pb.GetAvailabilityRequest(performance_ids=list(named)[:5000])
        found = list(core().GetAvailability(asked).availabilities)
    found.sort(key=lambda it: (named[it.performance_id].begins, named[it.performance_id].title))
    rows = [Row(named[it.performance_id], it, _places(it), _bar(it)) for it in found]
    totals = {kind: sum(row.places[kind] for row in rows) for kind in KINDS} | {"total": sum(it.total for it in found)}
    return render_template(
        "inventory/availability.html", rows=rows, on=on, before=on - timedelta(days=1), after=on + timedelta(days=1),
        totals=totals, width=BAR_WIDTH,
    )  # fmt: skip


def _places(it: pb.Availability) -> dict[str, int]:
    """By kind; blocked seats are not in anybody's basket."""
    return {kind: getattr(it, kind) for kind in KINDS} | {"held": it.held - it.blocked}


def _bar(it: pb.Availability) -> list[tuple[float, float, str]]:
    parts, x = [], 0.0
    for kind, places in _places(it).items():
        width = BAR_WIDTH * places / max(1, it.total)
        parts.append((round(x, 1), round(width, 1), kind))
        x += width
    return parts
