"""Cash floats at the till: opening, what moves, counting, closing, and carrying a float from till to till."""

from typing import Any

from flask import Blueprint, Response, jsonify

import ledger
from device_gateway import cash_moves, floats
from device_gateway.floats import Holding
from device_gateway.store import floats as store
from device_gateway.store import shifts
from device_gateway.till import Seller, Till
from device_gateway.web import requests
from device_gateway.web.security import Guard
from kit.clock import now
from ledger import Mode

_NEVER_COUNTED = (Mode.CASH, Mode.FREE)


def floats_blueprint(till: Till, guard: Guard) -> Blueprint:
    """The routes under /api/float."""
    room = Blueprint("floats", __name__, url_prefix="/api/float")

    def seller() -> Seller:
        return till.require_seller(requests.session(guard))

    @room.get("")
    def held() -> Response:
        who = seller()
        connection = till.database.read()
        open_here = shifts.float_of(connection, who.cashier.id)
        found = floats.holding(till, who) if open_here else None
        others = [each for each in shifts.open_floats(connection) if each.cashier_id != who.cashier.id]
        return jsonify(
            elsewhere=[_elsewhere(each) for each in store.elsewhere(connection, who.cashier.id)],
            blind=till.catalogue.profile.blind_declaration,
            modes=_modes(till, found),
            signed_above=till.catalogue.profile.second_signature_above,
            receivers=[each.cashier_id for each in others],
            cash_float=describe(found.cash_float) if found else None,
            expected=_expected(found) if found and not till.catalogue.profile.blind_declaration else None,
            declarations=found.declarations if found else 0,
        )

    @room.post("/open")
    def open_float() -> Response:
        return jsonify(cash_float=describe(floats.open_float(till, seller(), requests.body().get("counts"), now())))

    @room.post("/movements")
    def move() -> Response:
        who = seller()
        return jsonify(cash_moves.move(till, who, cash_moves.parse_request(requests.body()), now()))

    @room.post("/transfer")
    def transfer() -> Response:
        return jsonify(cash_moves.transfer(till, seller(), requests.body(), now()))

    @room.post("/carry-out")
    def carry_out() -> Response:
        requests.body()
        return jsonify(cash_moves.carry_out(till, seller(), now()))

    @room.post("/carry-in")
    def carry_in() -> Response:
        movement_id = requests.text(requests.body(), "movement_id", 36)
        return jsonify(cash_moves.carry_in(till, seller(), movement_id, now()))

    @room.post("/declare")
    def declare() -> Response:
        sent = requests.body()
        declared, count = floats.declare(till, seller(), sent.get("counts"), sent.get("modes", {}), now())
        return jsonify(_figures(declared) | {"even": declared.is_even, "declarations": count})

    @room.post("/close")
    def close() -> Response:
        closed = floats.close_float(till, seller(), requests.body().get("explanation"), now())
        assert closed.settled is not None
        return jsonify(_figures(closed) | {"number": closed.settled.number, "explanation": closed.settled.explanation})

    return room


def describe(cash_float: shifts.CashFloat | None) -> dict[str, Any] | None:
    """A float as the page's state has it."""
    if cash_float is None:
        return None
    return {
        "id": cash_float.cash_float_id,
        "opened_at": cash_float.opened_at,
        "opening_total": cash_float.opening_total,
    }


def _modes(till: Till, found: Holding | None) -> list[str]:
    """What is counted besides cash: all that this till takes, and what came into the float all the same."""
    used = {mode for mode, amount in found.sums.others.items() if amount} if found else set()
    taken = {*till.catalogue.profile.payment_modes} | used
    return [mode.value for mode in Mode if mode in taken and mode not in _NEVER_COUNTED]


def _expected(found: Holding) -> dict[str, Any]:
    return {
        "cash": found.cash_float.expected,
        "parts": {"opening": found.cash_float.opening_total, **found.sums.cash},
        "modes": {mode.value: amount for mode, amount in found.sums.others.items()},
    }


def _figures(of: ledger.FloatDeclared | ledger.FloatClosed) -> dict[str, Any]:
    return {
        "expected": of.expected,
        "counted": of.counted,
        "difference": of.difference,
        "modes": [
            {"mode": each.mode.value, "expected": each.expected, "declared": each.declared,
             "difference": each.difference}
            for each in of.modes
        ],
    }  # fmt: skip


def _elsewhere(one: store.Elsewhere) -> dict[str, Any]:
    return {
        "id": one.cash_float_id,
        "opened_at": one.opened_at,
        "till": one.till_number,
        "movement_id": one.movement_id or None,
        "amount": one.amount,
    }
