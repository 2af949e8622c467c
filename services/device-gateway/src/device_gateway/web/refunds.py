"""Refunds: what of a sale may be given back, and giving it back (A7)."""

from typing import Any

from flask import Blueprint, Response, jsonify

import ledger
import titles
from device_gateway import refunding
from device_gateway.domain.refunds import Left
from device_gateway.store.sales import SoldEarlier
from device_gateway.till import Seller, Till
from device_gateway.web import requests
from device_gateway.web.security import Guard
from kit.clock import iso_ms, now


def refunds_blueprint(till: Till, guard: Guard) -> Blueprint:
    """The routes under /api/sales/<order_id>/refunds."""
    refunds = Blueprint("refunds", __name__, url_prefix="/api/sales/<order_id>/refunds")

    def seller() -> Seller:
        return till.require_seller(requests.session(guard))

    @refunds.get("")
    def refundable(order_id: str) -> Response:
        seller()
        sold, left = refunding.refundable(till, order_id)
        return jsonify(_refundable(sold, left) | {"reasons": list(ledger.RefundReason)})

    @refunds.post("")
    def refund(order_id: str) -> Response:
        who = seller()
        request = refunding.parse_request(till, order_id, requests.body())
        return jsonify(refunding.refund(till, who, request, now()))

    return refunds


def _refundable(sold: SoldEarlier, left: Left) -> dict[str, Any]:
    return {
        "order_id": sold.sale.order_id,
        "order_number": sold.sale.order_number,
        "at": iso_ms(sold.at),
        "total": sold.sale.total,
        "refunded": -sum(refund.total for refund in left.refunds),
        "lines": [_line(line, left) for line in sold.sale.lines],
        "payments": [{"mode": mode.value, "left": amount} for mode, amount in left.by_mode().items()],
        "refunds": [
            {"refund_number": refund.refund_number, "total": -refund.total, "business_on": refund.business_on}
            for refund in left.refunds
        ],
    }


def _line(line: ledger.Line, left: Left) -> dict[str, Any]:
    seats = left.sale.seat_of_each_ticket()
    tickets = [
        {"key_id": ticket.key_id, "serial": ticket.serial,
         "human_code": titles.human_code(ticket.key_id, ticket.serial),
         "seat": seats[ticket.key_id, ticket.serial].words if line.seating else "",
         "refunded": (ticket.key_id, ticket.serial) in left.dead}
        for ticket in left.sale.tickets
        if ticket.line == line.line
    ]  # fmt: skip
    return {
        "line": line.line, "kind": line.kind.value, "label": line.label, "quantity": line.quantity,
        "left": left.of_line(line), "unit_price": line.unit_price, "tickets": tickets,
    }  # fmt: skip
