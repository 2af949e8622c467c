"""The day is read (X) or closed (Z) from the till's page."""

from collections.abc import Callable
from datetime import datetime

from flask import Blueprint, Response, jsonify

import ledger
from device_gateway import closing, overrides
from device_gateway.identification import Identified
from device_gateway.till import Seller, Till
from device_gateway.web import requests
from device_gateway.web.security import Guard
from kit.clock import now

Act = Callable[[Till, Seller, Identified | None, datetime], ledger.Closing]


def closing_blueprint(till: Till, guard: Guard) -> Blueprint:
    """Under /api/day."""
    room = Blueprint("closing", __name__, url_prefix="/api/day")

    @room.post("/reading")
    def read() -> Response:
        return done_by(closing.read_day)

    @room.post("/closing")
    def close() -> Response:
        return done_by(closing.close_day)

    def done_by(act: Act) -> Response:
        at, sent = now(), requests.body()
        seller = till.require_seller(requests.session(guard))
        return jsonify(act(till, seller, overrides.approver(till, sent.get("authorisation"), at), at).to_body())

    return room
