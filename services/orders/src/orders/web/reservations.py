"""Pages of reserved files: found, made for a caller, prolonged, given back (A6, F4)."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from grpc import RpcError

from kit.clock import now
from kit.errors import DomainError, FieldInvalid
from kit.web import as_domain_error, explain, field_errors, requires, stub
from kit.web.problems import STATUS
from ticketing.catalog.v1 import catalog_pb2
from ticketing.catalog.v1 import catalog_service_pb2 as catalog_pb
from ticketing.catalog.v1.catalog_service_pb2_grpc import CatalogServiceStub
from ticketing.orders.v1 import orders_service_pb2 as pb
from ticketing.orders.v1.orders_service_pb2_grpc import OrdersServiceStub

VIEW, SELL = "orders.view", "orders.sell"
MOST_PLACES = 100
USUAL = timedelta(days=7)
BEFORE_START = timedelta(hours=1)
STATES = {
    pb.RESERVATION_STATE_OPEN: (_("To be paid"), "warning"),
    pb.RESERVATION_STATE_COMPLETED: (_("Paid"), "success"),
    pb.RESERVATION_STATE_CANCELLED: (_("Cancelled"), "secondary"),
    pb.RESERVATION_STATE_EXPIRED: (_("Expired"), "secondary"),
}


@dataclass(frozen=True)
class Offer:
    """A price of the performance, and how many the form asks for at it."""

    field: str
    tariff_id: str
    category_id: str
    label: str
    amount: int
    quantity: str


def _orders() -> OrdersServiceStub:
    return stub("orders", OrdersServiceStub)


def _catalogue() -> CatalogServiceStub:
    return stub("catalog", CatalogServiceStub)


def _programme() -> catalog_pb.GetProgrammeResponse:
    return _catalogue().GetProgramme(catalog_pb.GetProgrammeRequest())


def register(blueprint: Blueprint) -> None:
    """Put these pages under the front's address."""
    blueprint.add_url_rule("/reservations", view_func=reservations)
    blueprint.add_url_rule("/reservations/new", view_func=new_reservation, methods=["GET", "POST"])
    blueprint.add_url_rule("/reservations/<uuid:reservation_id>", view_func=reservation)
    blueprint.add_url_rule("/reservations/<uuid:reservation_id>/due", view_func=prolong, methods=["POST"])
    blueprint.add_url_rule("/reservations/<uuid:reservation_id>/cancel", view_func=cancel, methods=["POST"])


@requires(VIEW)
def reservations() -> ResponseReturnValue:
    """Files, newest first; those still to be paid unless all are asked for."""
    text, every = request.args.get("text", ""), request.args.get("all") == "1"
    found = _orders().SearchReservations(
        pb.SearchReservationsRequest(
            text=text, states=[] if every else [pb.RESERVATION_STATE_OPEN],
            page_token=request.args.get("page_token", ""),
        )
    )  # fmt: skip
    return render_template("orders/reservations.html", found=found, text=text, every=every, states=STATES)


@requires(VIEW)
def reservation(reservation_id: object) -> ResponseReturnValue:
    return _page(str(reservation_id))


@requires(SELL)
def new_reservation() -> ResponseReturnValue:
    """A day, then a performance of it, then who and how many."""
    performance_id = request.values.get("performance", "")
    if not performance_id:
        return _choose_performance()
    house = _catalogue().GetPerformance(catalog_pb.GetPerformanceRequest(performance_id=performance_id))
    if request.method == "GET":
        return _form(house, {"request_id": str(uuid.uuid4()), "due_at": _usual_date(house)})
    given = request.form
    try:
        made = _orders().Reserve(_asked(house, given)).reservation
    except (RpcError, DomainError) as error:
        refused = as_domain_error(error)
        errors = {field.replace("buyer.", ""): gettext(why) for field, why in field_errors(refused).items()}
        values = given.to_dict() | {"request_id": str(uuid.uuid4())}
        return _form(house, values, errors, "" if errors else explain(refused)), STATUS.get(refused.kind, 409)
    flash(gettext("The file %(number)s is open.", number=made.number), "success")
    return redirect(url_for("orders.reservation", reservation_id=made.id))


@requires(SELL)
def prolong(reservation_id: object) -> ResponseReturnValue:
    """Another date."""
    known = _orders().GetReservation(pb.GetReservationRequest(reservation_id=str(reservation_id))).reservation
    asked = pb.ProlongReservationRequest(reservation_id=known.id)
    try:
        asked.due_at.FromDatetime(_instant("due_at", request.form.get("due_at", ""), _zone_of(known)))
        _orders().ProlongReservation(asked)
    except (RpcError, DomainError) as error:
        refused = as_domain_error(error)
        errors = {field: gettext(why) for field, why in field_errors(refused).items()}
        return _page(known.id, errors, "" if errors else explain(refused)), STATUS.get(refused.kind, 409)
    flash(gettext("The date of the file is changed."), "success")
    return redirect(url_for("orders.reservation", reservation_id=known.id))


@requires(SELL)
def cancel(reservation_id: object) -> ResponseReturnValue:
    """The places go back on sale."""
    _orders().CancelReservation(
        pb.CancelReservationRequest(reservation_id=str(reservation_id), reason=request.form.get("reason", ""))
    )
    flash(gettext("The places are on sale again."), "success")
    return redirect(url_for("orders.reservation", reservation_id=str(reservation_id)))


def _page(reservation_id: str, errors: Mapping[str, str] | None = None, problem: str = "") -> str:
    found = _orders().GetReservation(pb.GetReservationRequest(reservation_id=reservation_id)).reservation
    due_at = found.due_at.ToDatetime(tzinfo=UTC).astimezone(_zone_of(found))
    return render_template(
        "orders/reservation.html", file=found, states=STATES, open=found.state == pb.RESERVATION_STATE_OPEN,
        due_at=due_at.strftime("%Y-%m-%dT%H:%M"), errors=errors or {}, problem=problem,
    )  # fmt: skip


def _choose_performance() -> str:
    day = request.args.get("day", "") or now().astimezone(ZoneInfo("Europe/Paris")).date().isoformat()
    try:
        date.fromisoformat(day)
    except ValueError:
        raise FieldInvalid("day", "must be a date like 2026-11-23") from None
    programme = _programme()
    titles = {show.id: show.title for show in programme.shows}
    listed = _catalogue().ListPerformances(catalog_pb.ListPerformancesRequest(from_on=day, page_size=500))
    on_sale = [
        each for each in listed.performances
        if each.state == catalog_pb2.PERFORMANCE_STATE_ON_SALE and each.starts_at.ToDatetime(tzinfo=UTC) > now()
    ]  # fmt: skip
    return render_template("orders/choose_performance.html", day=day, performances=on_sale, titles=titles)


def _form(
    house: catalog_pb.GetPerformanceResponse, values: Mapping[str, str], errors: Mapping[str, str] | None = None,
    problem: str = "",
) -> str:  # fmt: skip
    programme = _programme()
    return render_template(
        "orders/new_reservation.html", house=house, offers=_offers(programme, house, values), values=values,
        errors=errors or {}, problem=problem, most=MOST_PLACES, currency=programme.organisation.currency,
    )  # fmt: skip


def _offers(
    programme: catalog_pb.GetProgrammeResponse, house: catalog_pb.GetPerformanceResponse, values: Mapping[str, str]
) -> list[Offer]:
    tariffs = {each.id: each.name for each in programme.tariffs if not each.archived}
    categories = {each.id: each.name for each in programme.categories}
    several = len({price.category_id for price in house.price_list.prices}) > 1
    offers = []
    for price in house.price_list.prices:
        if price.tariff_id not in tariffs or (price.channels and "counter" not in price.channels):
            continue
        words = [categories.get(price.category_id, "")] if several else []
        field = f"quantity-{price.tariff_id}-{price.category_id}"
        label = " · ".join([*words, tariffs[price.tariff_id]])
        offers.append(Offer(field, price.tariff_id, price.category_id, label, price.amount, values.get(field, "")))
    return offers


def _asked(house: catalog_pb.GetPerformanceResponse, given: Mapping[str, str]) -> pb.ReserveRequest:
    """Raises FieldInvalid."""
    asked = pb.ReserveRequest(
        request_id=given.get("request_id", ""), channel="counter", note=given.get("note", "").strip(),
        buyer=pb.Buyer(
            name=given.get("name", "").strip(), phone=given.get("phone", "").strip(),
            email=given.get("email", "").strip(),
        ),
    )  # fmt: skip
    for offer in _offers(_programme(), house, given):
        if quantity := _quantity(offer):
            asked.lines.add(
                performance_id=house.performance.id, tariff_id=offer.tariff_id, category_id=offer.category_id,
                quantity=quantity,
            )  # fmt: skip
    if not asked.lines:
        raise FieldInvalid("places", "say how many places")
    asked.due_at.FromDatetime(_instant("due_at", given.get("due_at", ""), ZoneInfo(house.venue.zone)))
    return asked


def _quantity(offer: Offer) -> int:
    typed = offer.quantity.strip()
    if not typed:
        return 0
    if not typed.isdecimal() or int(typed) > MOST_PLACES:
        raise FieldInvalid(offer.field, "must be a number from 0 to 100")
    return int(typed)


def _instant(field: str, typed: str, zone: ZoneInfo) -> datetime:
    try:
        return datetime.fromisoformat(typed).replace(tzinfo=zone).astimezone(UTC)
    except ValueError:
        raise FieldInvalid(field, "must be a day and an hour") from None


def _usual_date(house: catalog_pb.GetPerformanceResponse) -> str:
    """In a week, and an hour before the performance at the latest: what is not fetched can be sold at the door."""
    zone = ZoneInfo(house.venue.zone)
    starts = house.performance.starts_at.ToDatetime(tzinfo=UTC)
    usual: datetime = min(now() + USUAL, max(starts - BEFORE_START, min(starts, now() + timedelta(minutes=15))))
    return usual.astimezone(zone).strftime("%Y-%m-%dT%H:%M")


def _zone_of(found: pb.Reservation) -> ZoneInfo:
    """Of its first performance's venue."""
    performance_id = next((line.performance_id for line in found.lines if line.performance_id), "")
    house: Any = _catalogue().GetPerformance(catalog_pb.GetPerformanceRequest(performance_id=performance_id))
    return ZoneInfo(house.venue.zone)
