"""What every answer and every form carries: CSRF tokens, a policy without inline scripts, and the usual headers."""

from flask import Flask, Response, request
from flask_wtf.csrf import CSRFProtect

from kit.web.config import WebConfig
from kit.web.live import live_url

POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",  # Tabler draws its ticks and arrows as data: images
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)


def policy(live: str) -> str:
    """What a page may load, and that it may follow live plans at that address."""
    return f"{POLICY}; connect-src 'self' {live}" if live else POLICY


def may_be_framed(answer: Response) -> Response:
    """Let a page of this origin, and no other, show this answer in a frame."""
    answer.headers["Content-Security-Policy"] = POLICY.replace("frame-ancestors 'none'", "frame-ancestors 'self'")
    answer.headers["X-Frame-Options"] = "SAMEORIGIN"
    return answer


def init_security(app: Flask, config: WebConfig) -> None:
    """Set cookies, CSRF (form field `csrf_token`, header `X-CSRFToken` for htmx), limits and headers."""
    app.config.update(
        SECRET_KEY=config.secret_key,
        SESSION_COOKIE_NAME="tk_page",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=config.secure_cookies,
        MAX_CONTENT_LENGTH=config.max_request_bytes,
        MAX_FORM_MEMORY_SIZE=config.max_request_bytes,
        WTF_CSRF_TIME_LIMIT=12 * 3600,
        WTF_CSRF_SSL_STRICT=config.secure_cookies,
    )
    CSRFProtect(app)

    @app.after_request
    def headers(answer: Response) -> Response:
        answer.headers.setdefault("Content-Security-Policy", policy(live_url(config.live_port)))
        answer.headers["X-Content-Type-Options"] = "nosniff"
        answer.headers["Referrer-Policy"] = "same-origin"
        answer.headers.setdefault("X-Frame-Options", "DENY")
        answer.headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=()"
        if config.secure_cookies:
            answer.headers["Strict-Transport-Security"] = "max-age=31536000"
        if request.endpoint == "static":
            hashed = request.path.startswith("/static/dist/assets/")
            age = "max-age=31536000, immutable" if hashed else "max-age=3600"
            answer.headers["Cache-Control"] = f"public, {age}"
        elif "Cache-Control" not in answer.headers:
            answer.headers["Cache-Control"] = "no-store"  # pages show money and names
        return answer
