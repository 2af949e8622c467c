"""Payments at the terminal under /api/payments: begun, followed, given up, and settled by a person's word (C4)."""

import json
from typing import Any

from flask import Blueprint, Response, jsonify

from device_gateway import overrides, paying
from device_gateway.domain.errors import PaymentNotFound
from device_gateway.store import attempts
from device_gateway.store.attempts import Attempt
from device_gateway.till import Seller, Till
from device_gateway.web import requests, words
from device_gateway.web.problems import language
from device_gateway.web.security import Guard
from kit.clock import now
from kit.errors import FieldInvalid


def payments_blueprint(till: Till, guard: Guard) -> Blueprint:
    """The routes under /api/payments."""
    payments = Blueprint("payments", __name__, url_prefix="/api/payments")

    def seller() -> Seller:
        return till.require_seller(requests.session(guard))

    @payments.get("")
    def unsettled() -> Response:
        seller()
        return jsonify(payments=list(map(_described, attempts.unsettled(till.database.read()))))

    @payments.post("")
    def begin() -> Response:
        return jsonify(_described(paying.begin(till, seller(), requests.body(), now())))

    @payments.get("/<attempt_id>")
    def read(attempt_id: str) -> Response:
        seller()
        attempt = attempts.find(till.database.read(), attempt_id)
        if attempt is None:
            raise PaymentNotFound("there is no such payment")
        return jsonify(_described(attempt))

    @payments.post("/<attempt_id>/abort")
    def abort(attempt_id: str) -> Response:
        seller()
        paying.abort(till, attempt_id)
        return jsonify({})

    @payments.post("/<attempt_id>/settle")
    def settle(attempt_id: str) -> Response:
        who, sent, at = seller(), requests.body(), now()
        paid = sent.get("paid")
        if not isinstance(paid, bool):
            raise FieldInvalid("paid", "must be true or false")
        approver = overrides.approver(till, sent.get("authorisation"), at)
        return jsonify(_described(paying.settle(till, who, attempt_id, paid, approver, at)))

    @payments.post("/<attempt_id>/reverse")
    def reverse(attempt_id: str) -> Response:
        sent = requests.body()
        by_hand = sent.get("by_hand") is True
        return jsonify(_described(paying.reverse(till, seller(), attempt_id, sent, now(), by_hand=by_hand)))

    return payments


def _described(attempt: Attempt) -> dict[str, Any]:
    return {
        "id": attempt.attempt_id, "reference": attempt.reference, "sale_id": attempt.sale_id,
        "kind": attempt.kind.value, "amount": attempt.amount, "state": attempt.state.value, "moved": attempt.moved,
        "why": words.explain_payment(attempt.why, language()), "began_at": attempt.began_at,
        "basket": json.loads(attempt.basket),
    }  # fmt: skip
