"""Who may talk to the till (peripherals 13): its own page, under its own names, with its token. Nothing else.

The page's cookies: `…_page` names the browser and carries the CSRF token's other half; `…_session` names a shift. Both
bear the port, because cookies of 127.0.0.1 are shared by all its ports.
"""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from urllib.parse import urlsplit

from flask import Flask, Response, g, request

from device_gateway.config import TillConfig
from kit.errors import DomainError, Kind

MAX_BODY_BYTES = 256 * 1024
_PROBES = {"/healthz", "/readyz", "/metrics"}
_SAFE = {"GET", "HEAD"}
POLICY = "; ".join((
    "default-src 'self'", "script-src 'self'", "style-src 'self' 'unsafe-inline'", "img-src 'self' data: blob:",
    "font-src 'self' data:", "object-src 'none'", "base-uri 'none'", "form-action 'self'", "frame-ancestors 'none'",
))  # fmt: skip


@dataclass(frozen=True)
class Guard:
    """The till's names and its secret."""

    port: int
    allowed_hosts: frozenset[str]
    secret: bytes

    @property
    def page_cookie(self) -> str:
        return f"till_{self.port}_page"

    @property
    def session_cookie(self) -> str:
        return f"till_{self.port}_session"

    def knows(self, host: str) -> bool:
        """Whether a Host header names this till."""
        host = host.lower()
        own = {f"{name}:{self.port}" for name in ("127.0.0.1", "localhost", "[::1]")}
        return host in own or host in self.allowed_hosts or host.rpartition(":")[0] in self.allowed_hosts

    def csrf(self, page_id: str) -> str:
        return hmac.new(self.secret, b"csrf " + page_id.encode(), hashlib.sha256).hexdigest()


def guard_of(config: TillConfig, secret: bytes) -> Guard:
    return Guard(config.port, config.allowed_hosts, secret)


def init_security(app: Flask, guard: Guard) -> None:
    """Check every request before its view; set cookies and headers after it."""
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY_BYTES

    @app.before_request
    def check() -> None:
        if request.path in _PROBES and request.method in _SAFE:
            return  # probes come by the machine's address, and learn no secret
        if not guard.knows(request.host):
            raise DomainError(f"unknown host {request.host[:100]}", kind=Kind.FORBIDDEN, reason="HOST")
        g.page_id = request.cookies.get(guard.page_cookie, "")
        if not g.page_id and request.method in _SAFE:
            g.page_id = secrets.token_urlsafe(24)
            g.new_page_id = g.page_id
        g.csrf = guard.csrf(g.page_id)
        if request.method not in _SAFE:
            _check_origin(guard)
            if not g.page_id or not hmac.compare_digest(
                request.headers.get("X-Till-CSRF", "").encode(), g.csrf.encode()
            ):
                raise _refusal("CSRF")

    @app.after_request
    def finish(answer: Response) -> Response:
        if page_id := g.pop("new_page_id", None):
            answer.set_cookie(guard.page_cookie, page_id, httponly=True, samesite="Strict", max_age=400 * 86400)
        answer.headers["Content-Security-Policy"] = POLICY
        answer.headers["X-Content-Type-Options"] = "nosniff"
        answer.headers["X-Frame-Options"] = "DENY"
        answer.headers["Referrer-Policy"] = "same-origin"
        answer.headers["Cross-Origin-Resource-Policy"] = "same-origin"
        answer.headers.setdefault("Cache-Control", "no-store")
        return answer


def _check_origin(guard: Guard) -> None:
    origin = request.headers.get("Origin")
    if origin is not None and not (
        urlsplit(origin).scheme in ("http", "https") and guard.knows(urlsplit(origin).netloc)
    ):
        raise _refusal("ORIGIN")
    if request.headers.get("Sec-Fetch-Site", "same-origin") != "same-origin":
        raise _refusal("ORIGIN")
    if request.mimetype != "application/json":
        raise DomainError("the body must be application/json", kind=Kind.INVALID, reason="INVALID")


def _refusal(reason: str) -> DomainError:
    return DomainError("this request does not come from the till's page", kind=Kind.FORBIDDEN, reason=reason)
