"""Reserved files under /api/reserved: found, claimed, left (A6)."""

from typing import Any

from flask import Blueprint, Response, jsonify, request

from device_gateway import reserved
from device_gateway.centre import Centre, Found
from device_gateway.domain.basket import Reserved
from device_gateway.till import Seller, Till
from device_gateway.web import requests
from device_gateway.web.security import Guard
from kit.clock import iso_ms
from kit.errors import DomainError


def reserved_blueprint(till: Till, centre: Centre, guard: Guard) -> Blueprint:
    """The routes of reserved files; the sale itself is one of /api/sales."""
    files = Blueprint("reserved", __name__, url_prefix="/api/reserved")

    def seller() -> Seller:
        return till.require_seller(requests.session(guard))

    @files.get("")
    def find() -> Response:
        found = reserved.search(till, centre, seller(), request.args.get("text", ""))
        return jsonify(files=list(map(_file, found)))

    @files.post("/<reservation_id>/claim")
    def claim(reservation_id: str) -> Response:
        requests.body()
        claimed = reserved.claim(till, centre, seller(), reservation_id)
        return jsonify(
            label=f"{claimed.number} · {claimed.buyer}",
            sublabel=", ".join(f"{line.quantity} × {line.label}" for line in claimed.lines),
            price=claimed.total,
            items=[Reserved(claimed.reservation_id).as_json()],
        )

    @files.post("/<reservation_id>/leave")
    def leave(reservation_id: str) -> Response:
        requests.body()
        seller()
        try:
            reserved.leave(till, centre, reservation_id)
        except DomainError:
            return jsonify(told=False)  # the till has forgotten it, and the claim runs out at the centre
        return jsonify(told=True)

    return files


def _file(found: Found) -> dict[str, Any]:
    return {**vars(found), "due_at": iso_ms(found.due_at), "lines": list(found.lines)}
