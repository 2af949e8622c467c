"""Somebody confirms the time on the till's screen, for want of a centre that could (domain 5.7)."""

from datetime import datetime

from flask import Blueprint, Response, jsonify

from device_gateway import clock, overrides
from device_gateway.till import Till
from device_gateway.web import requests
from device_gateway.web.security import Guard
from kit.clock import now
from kit.errors import FieldInvalid


def clock_blueprint(till: Till, guard: Guard) -> Blueprint:
    """Under /api/clock."""
    room = Blueprint("clock", __name__, url_prefix="/api")

    @room.post("/clock")
    def confirm() -> Response:
        at, sent = now(), requests.body()
        who = till.require_seller(requests.session(guard))
        approver = overrides.approver(till, sent.get("authorisation"), at)
        clock.confirm(till, who, _instant(requests.text(sent, "at", 40)), approver, at)
        return jsonify({})

    return room


def _instant(raw: str) -> datetime:
    try:
        at = datetime.fromisoformat(raw)
    except ValueError:
        at = None
    if at is None or at.tzinfo is None:
        raise FieldInvalid("at", "must be an instant with its offset")
    return at
