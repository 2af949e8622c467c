"""The page says when a new set-up may change its keys: between two sales."""

from flask import Blueprint, Response, jsonify

from device_gateway import setting_up
from device_gateway.till import Till
from device_gateway.web import requests
from device_gateway.web.security import Guard


def setup_blueprint(till: Till, guard: Guard) -> Blueprint:
    """Under /api/setup."""
    room = Blueprint("setup", __name__, url_prefix="/api/setup")

    @room.post("/apply")
    def apply() -> Response:
        till.require_seller(requests.session(guard))
        setting_up.apply(till)
        return jsonify({})

    return room
