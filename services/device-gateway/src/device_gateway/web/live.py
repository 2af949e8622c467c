"""Screens that follow the till as things happen: the customer's (C3), and the page when a reader reads (C8)."""

import json
import threading
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from flask import Blueprint, Response, jsonify

from device_gateway.live import SCANNED, Live, Shown, ShownLine
from device_gateway.till import Till
from device_gateway.web import requests
from device_gateway.web.security import Guard
from kit.errors import DomainError, FieldInvalid, Kind

MOST_STREAMS = 6  # each holds one of the till's threads
BEAT_SECONDS = 10  # a browser that went away is noticed by then
MOST_LINES = 200
LONGEST = 200
STATES = ("welcome", "basket", "paying", "done")
_AMOUNTS = ("total", "due", "tendered", "change", "newest")
_streams = threading.BoundedSemaphore(MOST_STREAMS)


def live_blueprint(till: Till, guard: Guard) -> Blueprint:
    """`/api/live` and what the page puts on the customer's screen."""
    room = Blueprint("live", __name__, url_prefix="/api")

    @room.get("/live")
    def stream() -> Response:
        """Server-sent events: `shown` to everybody at this machine, `scanned` to whoever is signed in."""
        if not _streams.acquire(blocking=False):
            raise DomainError("too many screens follow this till", kind=Kind.UNAVAILABLE, reason="UNAVAILABLE")
        hears_codes = till.seller(requests.session(guard)) is not None
        answer = Response(_events(till.live, hears_codes), mimetype="text/event-stream")
        answer.call_on_close(_streams.release)
        return answer

    @room.get("/display")
    def about() -> Response:
        organisation = till.catalogue.organisation
        return jsonify(
            organiser=organisation.name, currency=organisation.currency, theme=dict(organisation.theme),
            training=till.is_training,
        )  # fmt: skip

    @room.post("/display")
    def show() -> Response:
        till.require_seller(requests.session(guard))
        till.live.show(_shown(requests.body()))
        return jsonify({})

    return room


def _events(live: Live, hears_codes: bool) -> Iterator[bytes]:
    showings, number, quiet = -1, live.number, 0
    while not live.is_closing:
        before = showings
        showings, shown, news = live.wait(showings, number, 1.0)
        if showings != before:
            yield _event("shown", asdict(shown))
        for each in news:
            number = each.number
            if each.kind == SCANNED and hears_codes:
                yield _event(each.kind, each.data)
        quiet = 0 if news or showings != before else quiet + 1
        if quiet >= BEAT_SECONDS:
            quiet = 0
            yield b":\n\n"


def _event(kind: str, data: Any) -> bytes:
    return f"event: {kind}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n".encode()


def _shown(sent: dict[str, Any]) -> Shown:
    """Raises FieldInvalid."""
    state, lines = sent.get("state"), sent.get("lines", [])
    if state not in STATES:
        raise FieldInvalid("state", f"must be one of {', '.join(STATES)}")
    if not isinstance(lines, list) or len(lines) > MOST_LINES:
        raise FieldInvalid("lines", f"must be a list of at most {MOST_LINES} lines")
    return Shown(state, tuple(_line(each) for each in lines), **{name: _amount(sent, name) for name in _AMOUNTS})


def _line(sent: Any) -> ShownLine:
    if not isinstance(sent, dict):
        raise FieldInvalid("lines", "must be objects")
    return ShownLine(
        requests.text(sent, "label", LONGEST), requests.text(sent, "sublabel", LONGEST, 0), _amount(sent, "quantity"),
        _amount(sent, "total"),
    )  # fmt: skip


def _amount(sent: dict[str, Any], name: str) -> int:
    value = sent.get(name, 0)
    if type(value) is not int or not 0 <= value < 10**9:
        raise FieldInvalid(name, "must be a whole number that is not negative")
    return value
