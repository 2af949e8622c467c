"""This till's certificate as a QR code, from which a gate learns it with no network (D5; domain: keys)."""

from flask import Blueprint, Response, jsonify, request

import titles
from device_gateway import sign_in
from device_gateway.till import Till
from device_gateway.web.security import Guard
from kit.clock import iso_ms
from render.barcodes import QUIET_MODULES, matrix, runs


def certificate_blueprint(till: Till, guard: Guard) -> Blueprint:
    """The route of the certificate. It holds public keys only; who is signed in may see it."""
    routes = Blueprint("certificate", __name__, url_prefix="/api")

    @routes.get("/certificate")
    def certificate() -> Response:
        cookie = request.cookies.get(guard.session_cookie)
        till.require_seller(sign_in.session_hash(cookie) if cookie else None)
        certificate = till.issuer().certificate
        text = titles.certificate_text(till.identity.enrolled().certificate)
        dark = matrix("qr", text, "certificate")
        return jsonify(
            key=f"K{certificate.key_id:03d}",
            valid_until=iso_ms(certificate.not_after),
            text=text,
            modules=len(dark),
            quiet=QUIET_MODULES["qr"],
            path="".join(f"M{column} {row}h{length}v1h-{length}z" for row, column, length in runs(dark)),
        )

    return routes
