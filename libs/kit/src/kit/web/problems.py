"""Errors at the web door: a problem document for programs (RFC 9457), a page in words for people, no stack trace."""

import grpc
from flask import Flask, Response, jsonify, make_response, render_template, request
from flask_babel import gettext as _
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from kit import telemetry
from kit.errors import DomainError, Kind
from kit.http_errors import STATUS
from kit.web import words
from kit.web.session import to_sign_in

KIND = {400: Kind.INVALID, 403: Kind.FORBIDDEN, 404: Kind.NOT_FOUND, 405: Kind.INVALID, 429: Kind.THROTTLED}


def _wants_json() -> bool:
    best = request.accept_mimetypes.best_match(["text/html", "application/json", "application/problem+json"])
    return request.is_json or best in {"application/json", "application/problem+json"}


def _title(status: int) -> str:
    titles = {
        400: _("This request cannot be read"),
        401: _("Sign in"),
        403: _("Access refused"),
        404: _("Not found"),
        409: _("Not possible now"),
        429: _("Too many attempts"),
        503: _("A service does not answer"),
    }
    return titles.get(status, _("Something went wrong"))


def _answer(status: int, reason: str, detail: str, facts: dict[str, str] | None = None) -> Response:
    trace_id = (telemetry.current_traceparent() or "")[3:35]
    title = _title(status)
    if _wants_json():
        problem = {"type": f"urn:problem:{reason.lower()}", "title": title, "status": status, "detail": detail,
                   "reason": reason, "facts": facts or {}, "trace_id": trace_id}  # fmt: skip
        answer = jsonify(problem)
        answer.content_type = "application/problem+json"
    elif request.headers.get("HX-Request"):
        number = trace_id if status >= 500 else ""
        answer = make_response(render_template("kit/error_toast.html", detail=detail, trace_id=number))
        answer.headers["HX-Retarget"], answer.headers["HX-Reswap"] = "#toasts", "beforeend"
    else:
        page = render_template("kit/error.html", status=status, title=title, detail=detail, trace_id=trace_id)
        answer = make_response(page)
    answer.status_code = status
    return answer


def init_problems(app: Flask) -> None:
    """Answer every error in the client's form."""

    def domain_error(error: DomainError) -> Response:
        if error.kind is Kind.UNAUTHENTICATED and not _wants_json():
            return make_response(to_sign_in())
        status = STATUS[error.kind]
        if status == 503:
            telemetry.log().warning("page_unavailable", reason=error.reason, message=error.message)
        return _answer(status, error.reason, words.explain(error), error.facts)

    def rpc_error(error: grpc.RpcError) -> Response:
        return domain_error(words.as_domain_error(error))

    def csrf_error(error: CSRFError) -> Response:
        return _answer(400, "CSRF", str(words.BY_REASON["CSRF"]))

    def http_error(error: HTTPException) -> Response:
        status = error.code or 500
        if status < 400:
            return make_response(error.get_response())
        if status == 413:
            return _answer(413, "TOO_LARGE", str(words.BY_REASON["TOO_LARGE"]))
        kind = KIND.get(status)
        return _answer(status, kind or "UNEXPECTED", str(words.BY_KIND[kind] if kind else words.UNEXPECTED))

    def unexpected(error: Exception) -> Response:
        telemetry.log().error("page_failed", path=request.path, exc_info=error)
        return _answer(500, "UNEXPECTED", str(words.UNEXPECTED))

    app.register_error_handler(DomainError, domain_error)
    app.register_error_handler(grpc.RpcError, rpc_error)
    app.register_error_handler(CSRFError, csrf_error)
    app.register_error_handler(HTTPException, http_error)
    app.register_error_handler(Exception, unexpected)
