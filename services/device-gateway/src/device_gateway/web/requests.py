"""What the rooms of the API read from a request in the same way."""

from typing import Any

from flask import request

from device_gateway import sign_in
from device_gateway.web.security import Guard
from kit.errors import DomainError, FieldInvalid


def body() -> dict[str, Any]:
    """The JSON object that was sent. Raises DomainError INVALID."""
    sent = request.get_json(silent=True)
    if not isinstance(sent, dict):
        raise DomainError("the body must be a JSON object", kind=FieldInvalid.kind, reason="INVALID")
    return sent


def text(sent: dict[str, Any], name: str, longest: int, shortest: int = 1) -> str:
    """A field of it. Raises FieldInvalid."""
    value = sent.get(name)
    if not isinstance(value, str) or not shortest <= len(value) <= longest:
        raise FieldInvalid(name, f"must be {shortest} to {longest} characters")
    return value


def session(guard: Guard) -> bytes | None:
    """What the database knows this browser's shift by."""
    cookie = request.cookies.get(guard.session_cookie)
    return sign_in.session_hash(cookie) if cookie else None
