"""Into training and out of it, and which till a request is for."""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from flask import Blueprint, Flask, Response, jsonify

from device_gateway import overrides
from device_gateway.domain.errors import NotSignedIn
from device_gateway.till import Till
from device_gateway.training import Training
from device_gateway.web import requests
from device_gateway.web.security import Guard
from kit.clock import now

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

_OF_THE_MACHINE = frozenset({"/healthz", "/readyz", "/metrics"})


def training_blueprint(till: Till, training: Training, guard: Guard) -> Blueprint:
    """Under /api/training. Anybody at the page may end training; to begin takes a right, or somebody's leave."""
    room = Blueprint("training", __name__, url_prefix="/api/training")

    @room.post("/enter")
    def enter() -> Response:
        at, sent, session = now(), requests.body(), requests.session(guard)
        seller = till.require_seller(session)
        if session is None:
            raise NotSignedIn("sign in first")
        training.enter(seller, session, overrides.approver(till, sent.get("authorisation"), at), at)
        return jsonify({})

    @room.post("/leave")
    def leave() -> Response:
        training.leave(requests.session(guard), now())
        answer = jsonify({})
        answer.delete_cookie(guard.session_cookie, httponly=True, samesite="Strict")
        return answer

    return room


class TillAtWork:
    """WSGI: each request goes to the app of the till at work, the real one or the one for training."""

    def __init__(self, real: Flask, training: Training, app_of: Callable[[Till], Flask]) -> None:
        self._real, self._training, self._app_of = real.wsgi_app, training, app_of
        self._practice: Flask | None = None

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        till = self._training.till
        if not self._training.active or till is None or environ.get("PATH_INFO") in _OF_THE_MACHINE:
            return self._real(environ, start_response)
        if self._practice is None:
            self._practice = self._app_of(till)
        return self._practice.wsgi_app(environ, start_response)
