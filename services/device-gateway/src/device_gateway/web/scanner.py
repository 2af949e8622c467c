"""A code that tells whether a wedge reader and this machine speak the same keyboard, and how to translate if not (C8).

The translation is a setting of a peripheral, so it is the till's own (B8).
"""

import json
import string
from typing import Any

from flask import Blueprint, Response, jsonify

from device_gateway.store import meta
from device_gateway.till import Till
from device_gateway.web import requests
from device_gateway.web.security import Guard
from kit.errors import FieldInvalid
from render.barcodes import QUIET_MODULES, matrix, runs

# Every character that our codes are made of.
KNOWN = f"TK-{string.digits}-{string.ascii_uppercase}-{string.ascii_lowercase}"
MOST_TRANSLATED = 100


def scanner_blueprint(till: Till, guard: Guard) -> Blueprint:
    """Under /api/scanner. What is read there is no secret: badges are translated too, before anybody is signed in."""
    room = Blueprint("scanner", __name__, url_prefix="/api")
    dark = matrix("qr", KNOWN, "scanner test")
    test = {
        "text": KNOWN, "modules": len(dark), "quiet": QUIET_MODULES["qr"],
        "path": "".join(f"M{column} {row}h{length}v1h-{length}z" for row, column, length in runs(dark)),
    }  # fmt: skip

    @room.get("/scanner")
    def scanner() -> Response:
        kept = meta.get(till.database.read(), meta.SCANNER, "{}")
        return jsonify(test | {"translation": json.loads(kept)})

    @room.post("/scanner")
    def keep() -> Response:
        till.require_seller(requests.session(guard))
        translation = _translation(requests.body().get("translation"))
        with till.database.write() as tx:
            meta.put(tx, meta.SCANNER, json.dumps(translation, ensure_ascii=False))
        return jsonify({})

    return room


def _translation(raw: Any) -> dict[str, str]:
    """Single characters by single characters; none says that none is needed. Raises FieldInvalid."""
    if not isinstance(raw, dict) or len(raw) > MOST_TRANSLATED:
        raise FieldInvalid("translation", f"must be an object of at most {MOST_TRANSLATED} characters")
    if not all(isinstance(char, str) and len(char) == 1 for pair in raw.items() for char in pair):
        raise FieldInvalid("translation", "must turn single characters into single characters")
    return raw
