"""The set-up page of devices (C9): which there are, where they may be, how each one is, and a test of it."""

from typing import Any

from flask import Blueprint, Response, jsonify

from device_gateway import equipping, overrides
from device_gateway.config import TillConfig
from device_gateway.devices import finding
from device_gateway.devices.drivers import DRIVERS
from device_gateway.devices.registry import DeviceRole, Entry, Options
from device_gateway.store.jobs import Role
from device_gateway.till import Seller, Till
from device_gateway.web import requests, words
from device_gateway.web.problems import language
from device_gateway.web.security import Guard
from kit.clock import now
from kit.errors import FieldInvalid

LONGEST_ADDRESS = 300
MOST_OPTIONS = 20


def devices_blueprint(till: Till, config: TillConfig, guard: Guard) -> Blueprint:
    """Under /api/devices. Whoever is signed in may look and test; to change takes a right, or somebody's leave."""
    room = Blueprint("devices", __name__, url_prefix="/api/devices")

    def seller() -> Seller:
        return till.require_seller(requests.session(guard))

    @room.get("")
    def every() -> Response:
        seller()
        known = [entry.address for entry in (*till.station.entries.values(), *config.devices)]
        return jsonify(
            devices=[_described(till, role) for role in till.station.roles], addresses=finding.candidates(known)
        )

    @room.post("/<role>")
    def set_up(role: str) -> Response:
        at, sent, who = now(), requests.body(), seller()
        approver = overrides.approver(till, sent.get("authorisation"), at)
        wanted = _role(till, role)
        if sent.get("driver") == "":
            equipping.leave_empty(till, who, wanted, approver, at)
        else:
            driver, address = requests.text(sent, "driver", 30), requests.text(sent, "address", LONGEST_ADDRESS)
            equipping.set_up(till, who, Entry(wanted, driver, address.strip(), _options(sent)), approver, at)
        return jsonify(_described(till, wanted))

    @room.post("/<role>/test")
    def test(role: str) -> Response:
        """A page from a printer. What others can show without moving money or opening anything is their state."""
        seller()
        wanted = _role(till, role)
        if wanted not in list(Role):
            raise FieldInvalid("role", "must be a printer's")
        return jsonify(job_id=equipping.print_test(till, Role(wanted), now()))

    return room


def _described(till: Till, role: DeviceRole) -> dict[str, Any]:
    entry, status = till.station.entry(role), till.station.status(role)
    return {
        "role": role.value,
        "driver": entry.driver if entry else "",
        "address": entry.address if entry else "",
        "options": dict(entry.options) if entry else {},
        "drivers": list(DRIVERS[role]),
        "can_print": role in list(Role),
        "state": status.condition.value,
        "causes": [words.explain_causes(cause, language()) for cause in status.causes],
    }


def _role(till: Till, raw: str) -> DeviceRole:
    role = next((each for each in till.station.roles if each.value == raw), None)
    if role is None:
        raise FieldInvalid("role", "must be one that this till can serve")
    return role


def _options(sent: dict[str, Any]) -> Options:
    options = sent.get("options", {})
    if not isinstance(options, dict) or len(options) > MOST_OPTIONS:
        raise FieldInvalid("options", f"must be an object of at most {MOST_OPTIONS} options")
    if not all(isinstance(value, str | int | bool) for value in options.values()):
        raise FieldInvalid("options", "must be texts, whole numbers, true or false")
    return options
