"""People at the till: who may sign in, who is here, a manager's word, and what it is first used for."""

import secrets
from typing import Any

from flask import Blueprint, Response, jsonify, request

from device_gateway import drawer, messages, overrides, sign_in
from device_gateway.identification import parse_claim
from device_gateway.live import Shown
from device_gateway.store import shifts, snapshot
from device_gateway.till import Seller, Till
from device_gateway.web import requests
from device_gateway.web.security import Guard
from kit.clock import now

MOST_RIGHT = 60


def people_blueprint(till: Till, guard: Guard) -> Blueprint:
    """Signing in and out, and acts that need somebody's word, under /api."""
    people = Blueprint("people", __name__, url_prefix="/api")

    def seller() -> Seller:
        return till.require_seller(requests.session(guard))

    @people.get("/cashiers")
    def cashiers() -> Response:
        connection = till.database.read()
        holders = {each.cashier_id for each in shifts.open_floats(connection)}
        recent = {cashier_id: rank for rank, cashier_id in enumerate(shifts.recent_cashiers(connection))}
        known = sorted(snapshot.cashiers(connection), key=lambda each: recent.get(each.id, len(recent)))
        return jsonify(
            cashiers=[
                {"id": each.id, "name": each.name, "recent": each.id in recent, "has_float": each.id in holders}
                for each in known
            ]
        )

    @people.post("/sign-in")
    def begin() -> Response:
        claim = parse_claim(requests.body())
        cookie = secrets.token_urlsafe(32)  # a new one for each shift: an older cookie opens nothing
        who = sign_in.sign_in(till, claim, requests.session(guard), sign_in.session_hash(cookie), now())
        answer = jsonify(cashier=describe(who))
        answer.set_cookie(guard.session_cookie, cookie, httponly=True, samesite="Strict")
        return answer

    @people.post("/sign-out")
    def end() -> Response:
        if current := requests.session(guard):
            sign_in.sign_out(till, current, now())
            till.live.show(Shown())
        answer = jsonify({})
        answer.delete_cookie(guard.session_cookie, httponly=True, samesite="Strict")
        return answer

    @people.post("/messages/<message_id>/acknowledge")
    def acknowledge(message_id: str) -> Response:
        requests.body()
        messages.acknowledge(till, seller(), message_id[:60], now())
        return jsonify({})

    @people.get("/authorisers")
    def authorisers() -> Response:
        seller()
        found = overrides.authorisers(till.database.read(), request.args.get("right", "")[:MOST_RIGHT])
        return jsonify(authorisers=[{"id": each.id, "name": each.name} for each in found])

    @people.post("/drawer")
    def open_drawer() -> Response:
        at, sent, who = now(), requests.body(), seller()
        approver = overrides.approver(till, sent.get("authorisation"), at)
        note = requests.text(sent, "note", drawer.LONGEST_NOTE, 0) if "note" in sent else ""
        drawer.open_without_sale(till, who, requests.text(sent, "reason", 20), note, approver, at)
        return jsonify({})

    return people


def describe(who: Seller) -> dict[str, Any]:
    """Who is signed in, as the page knows them."""
    return {"id": who.cashier.id, "name": who.cashier.name, "rights": list(who.cashier.rights),
            "profile": who.cashier.profile}  # fmt: skip


def open_floats(till: Till) -> list[dict[str, Any]]:
    """Whose floats are open at this till (E6), the oldest first."""
    connection = till.database.read()
    names = {each.id: each.name for each in snapshot.cashiers(connection)}
    return [
        {"cashier_id": each.cashier_id, "name": names.get(each.cashier_id, ""), "opened_at": each.opened_at}
        for each in shifts.open_floats(connection)
    ]
