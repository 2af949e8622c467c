"""Calendars under /api (A4)."""

from flask import Blueprint, Response, jsonify

from device_gateway.calendars import Calendars
from device_gateway.centre import Centre
from device_gateway.till import Till
from device_gateway.web import requests
from device_gateway.web.security import Guard
from kit.clock import now


def calendar_blueprint(till: Till, centre: Centre, guard: Guard) -> Blueprint:
    """A month of a calendar page."""
    room = Blueprint("calendar", __name__, url_prefix="/api/calendar")
    calendars = Calendars(till, centre)

    @room.get("/<page_id>/<month>")
    def show(page_id: str, month: str) -> Response:
        return jsonify(calendars.month(till.require_seller(requests.session(guard)), page_id, month, now()))

    return room
