"""Who is signed in. The cookie holds the token that accounts signed; the cores verify it again at each call (M2).

Every page asks for a sign-in unless its view is marked `@public`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from typing import Any, TypeVar

from flask import Flask, Response, current_app, g, make_response, redirect, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.routing import BuildError

from kit.auth import SESSION_COOKIE
from kit.errors import DomainError, Forbidden, Kind, Unauthenticated

View = TypeVar("View", bound=Callable[..., Any])


@dataclass(frozen=True)
class SessionUser:
    """The person behind the request, as their token says."""

    id: str
    name: str
    rights: frozenset[str]
    expires_at: datetime

    def may(self, right: str | None) -> bool:
        """Whether the person has the right; no right asked is always granted."""
        return right is None or right in self.rights


def signed_in() -> SessionUser | None:
    """The signed-in user of this request, or None."""
    return g.get("session_user")


def session_token() -> str | None:
    """The user's token, to be sent with calls to the cores; None when nobody is signed in."""
    return g.get("session_token")


def public(view: View) -> View:
    """Mark a view that needs no sign-in."""
    view.is_public = True  # type: ignore[attr-defined]
    return view


def requires(right: str) -> Callable[[View], View]:
    """Refuse the view to who lacks the right: Forbidden naming it (M2)."""

    def wrap(view: View) -> View:
        @wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            user = signed_in()
            if user is None:
                raise Unauthenticated("sign in first")
            if not user.may(right):
                raise Forbidden(f"{right} is not granted", right=right)
            return view(*args, **kwargs)

        return guarded  # type: ignore[return-value]

    return wrap


def start_session(response: Response, token: str, expires_at: datetime) -> Response:
    """Set the sign-in cookie; it dies with the token."""
    secure = current_app.config["SESSION_COOKIE_SECURE"]
    response.set_cookie(SESSION_COOKIE, token, expires=expires_at, httponly=True, samesite="Lax", secure=secure)
    return response


def end_session(response: Response) -> Response:
    """Forget who was signed in."""
    secure = current_app.config["SESSION_COOKIE_SECURE"]
    response.delete_cookie(SESSION_COOKIE, httponly=True, samesite="Lax", secure=secure)
    return response


def sign_in_url(back_to: str = "") -> str:
    """Where to sign in. The page belongs to the accounts front, which may be another process of the same site."""
    try:
        return url_for("accounts.sign_in", next=back_to or None)
    except BuildError:
        return "/accounts/sign-in"


def to_sign_in() -> ResponseReturnValue:
    """Send the reader to the sign-in page and back; an htmx fragment makes the whole page go."""
    url = sign_in_url(request.full_path.rstrip("?") if request.method == "GET" else "/")
    if request.headers.get("HX-Request"):
        answer = make_response("", 401)
        answer.headers["HX-Redirect"] = sign_in_url()
        return answer
    return redirect(url)


def init_session(app: Flask, verify: Callable[[str], Any]) -> None:
    """Read the cookie before each request. `verify` turns a token into a `kit.auth.Caller` or raises DomainError."""

    @app.before_request
    def identify() -> ResponseReturnValue | None:
        view = app.view_functions.get(request.endpoint or "")
        if request.endpoint == "static" or getattr(view, "is_operational", False):
            return None
        token = request.cookies.get(SESSION_COOKIE)
        if token:
            try:
                caller = verify(token)
            except DomainError as refused:
                if refused.kind is Kind.UNAVAILABLE and not getattr(view, "is_public", False):
                    raise
            else:
                g.caller, g.session_token = caller, token
                g.session_user = SessionUser(caller.subject, caller.name, frozenset(caller.rights), caller.expires_at)
        if signed_in() is None and view is not None and not getattr(view, "is_public", False):
            raise Unauthenticated("sign in first")
        return None
