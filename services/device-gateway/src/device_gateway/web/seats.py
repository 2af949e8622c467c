"""Numbered seats under /api: the plan, where each seat stands, and those that a customer wants (A4)."""

from flask import Blueprint, Response, jsonify

from device_gateway import seats
from device_gateway.domain.basket import MAX_QUANTITY, parse_seats
from device_gateway.store import plans
from device_gateway.till import Till
from device_gateway.web import requests
from device_gateway.web.security import Guard
from kit.clock import now
from kit.errors import FieldInvalid
from seating.states import snapshot

BINARY = "application/octet-stream"


def seats_blueprint(till: Till, guard: Guard) -> Blueprint:
    """The routes for plans and seats. What a seat is called comes with each answer that names one."""
    api = Blueprint("seats", __name__, url_prefix="/api")

    def seller() -> None:
        till.require_seller(requests.session(guard)).require("cashdesk.sell")

    @api.get("/plans/<plan_version_id>/geometry")
    def geometry(plan_version_id: str) -> Response:
        seller()
        kept = plans.read(till.database.read(), plan_version_id)
        if kept is None:
            till.plans.get(plan_version_id)  # says so
            raise AssertionError("a plan that is read is kept")
        answer = Response(kept[1], mimetype=BINARY)
        answer.headers["Content-Encoding"] = "gzip"
        answer.headers["Cache-Control"] = "private, max-age=31536000, immutable"
        return answer

    @api.get("/performances/<performance_id>/seats")
    def status(performance_id: str) -> Response:
        seller()
        answer = Response(snapshot(*seats.status(till, performance_id, now())), mimetype=BINARY)
        answer.headers["Cache-Control"] = "no-store"
        return answer

    @api.post("/performances/<performance_id>/seats/pick")
    def pick(performance_id: str) -> Response:
        seller()
        wanted = parse_seats(requests.body().get("seats"), "seats")
        if not wanted:
            raise FieldInvalid("seats", "must name at least one")
        seats.pick(till, performance_id, wanted, now())
        return _told(performance_id, wanted)

    @api.post("/performances/<performance_id>/seats/best")
    def best(performance_id: str) -> Response:
        seller()
        body = requests.body()
        quantity = body.get("quantity")
        if type(quantity) is not int or not 1 <= quantity <= MAX_QUANTITY:
            raise FieldInvalid("quantity", f"must be 1 to {MAX_QUANTITY}")
        category_id = requests.text(body, "category_id", 64)
        return _told(performance_id, seats.best(till, performance_id, category_id, quantity, now()))

    @api.post("/performances/<performance_id>/seats/let-go")
    def let_go(performance_id: str) -> Response:
        seller()
        seats.let_go(till, performance_id, parse_seats(requests.body().get("seats"), "seats"))
        return jsonify({})

    def _told(performance_id: str, ordinals: tuple[int, ...]) -> Response:
        performance = till.catalogue.performances[performance_id]
        plan = till.plans.get(performance.plan_version_id)
        category = {price.seats: price.category_id for price in till.catalogue.prices_of(performance)}
        return jsonify(
            seats=[
                {"ordinal": seat.ordinal, "words": seat.words, "category_id": category.get(plan.code_of(seat.ordinal))}
                for seat in plan.seating(ordinals).seats
            ]
        )

    return api
