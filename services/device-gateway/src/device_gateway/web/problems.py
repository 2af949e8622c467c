"""Every refusal as a problem document (RFC 9457) in the language of whoever asks; never a stack trace."""

import sqlite3

from flask import Flask, Response, jsonify, request
from werkzeug.exceptions import HTTPException

from device_gateway.store.database import cannot_write
from device_gateway.web import words
from kit import telemetry
from kit.errors import DomainError, Kind

STATUS = {
    Kind.INVALID: 400, Kind.UNAUTHENTICATED: 401, Kind.FORBIDDEN: 403, Kind.NOT_FOUND: 404, Kind.REFUSED: 409,
    Kind.BUSY: 409, Kind.THROTTLED: 429, Kind.UNAVAILABLE: 503,
}  # fmt: skip
_BY_CODE = {404: "NOT_FOUND", 405: "NOT_FOUND", 413: "TOO_LARGE"}
_NUMBERS = {"attempts_left", "retry_seconds", "left", "total", "expected", "paid", "serial"}


def language() -> str:
    """The asker's language: French unless English is preferred."""
    return request.accept_languages.best_match(words.LANGUAGES) or "fr"


def init_problems(app: Flask) -> None:
    """Answer every error in one form."""

    def refused(error: DomainError) -> Response:
        telemetry.log().info("refused", path=request.path, reason=error.reason, facts=error.facts)
        return _problem(STATUS[error.kind], error.reason, error.message, error.facts)

    def http_error(error: HTTPException) -> Response:
        return _problem(error.code or 500, _BY_CODE.get(error.code or 500, "INVALID"), error.name, {})

    def database_failed(error: sqlite3.Error) -> Response:
        telemetry.log().error("database_failed", path=request.path, exc_info=error)
        if cannot_write(error):
            return _problem(507, "STORAGE_FULL", "", {})
        return _problem(500, "UNEXPECTED", "", {})

    def unexpected(error: Exception) -> Response:
        telemetry.log().error("request_failed", path=request.path, exc_info=error)
        return _problem(500, "UNEXPECTED", "", {})

    app.register_error_handler(DomainError, refused)
    app.register_error_handler(HTTPException, http_error)
    app.register_error_handler(sqlite3.OperationalError, database_failed)
    app.register_error_handler(Exception, unexpected)


def _problem(status: int, reason: str, message: str, facts: dict[str, str]) -> Response:
    title, detail = words.explain(reason, facts, language()) or (reason, message)
    told = {key: int(value) if key in _NUMBERS and value.isdecimal() else value for key, value in facts.items()}
    answer = jsonify(
        type=f"urn:problem:{reason.lower()}", title=title, status=status, detail=detail, reason=reason, facts=told
    )
    answer.status_code, answer.content_type = status, "application/problem+json"
    if status == 429 and "retry_seconds" in facts:
        answer.headers["Retry-After"] = facts["retry_seconds"]
    return answer
