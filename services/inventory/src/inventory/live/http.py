"""The door for browsers: a snapshot, a stream of changes, and the operations paths.

Who asks is known by the back office's session cookie. Pages of another port of the same host are another origin to a
browser: the configured ones are let in.
"""

import asyncio
import socket
import time
import uuid
from collections.abc import Awaitable, Callable, Collection, Mapping
from urllib.parse import urlsplit

from aiohttp import HttpVersion11, web
from aiohttp.typedefs import Handler, Middleware
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from inventory.live.gateway import Gateway
from inventory.live.lines import BEAT, MOST_UNREAD_BYTES, Line
from kit import ops, telemetry
from kit.auth import SESSION_COOKIE, Caller
from kit.clock import now
from kit.errors import DomainError, FieldInvalid, Forbidden, Unauthenticated
from kit.http_errors import STATUS
from kit.tokens import KeyRing

RIGHTS = ("inventory.view", "orders.sell")


def application(
    gateway: Gateway, keys: KeyRing, origins: Collection[str], live: Callable[[], None], checks: Mapping[str, ops.Check]
) -> web.Application:
    """`live` raises Unavailable while changes are not heard; `checks` say whether the process is ready."""
    door = _Door(gateway, keys, live)
    app = web.Application(middlewares=[_measured, _explained, _same_house(frozenset(origins))])
    app.on_response_prepare.append(_let_in(frozenset(origins)))
    app.router.add_get("/live/performances/{performance_id}/seats", door.seats, allow_head=False)
    app.router.add_get("/live/performances/{performance_id}/events", door.events, allow_head=False)
    app.router.add_get("/healthz", _healthz)
    app.router.add_get("/readyz", _readyz(checks))
    app.router.add_get("/metrics", _metrics)
    return app


class _Door:
    def __init__(self, gateway: Gateway, keys: KeyRing, live: Callable[[], None]) -> None:
        self._gateway, self._keys, self._live = gateway, keys, live

    async def seats(self, request: web.Request) -> web.Response:
        """Where the seats stand, as `Seats.encode` says, gzipped: every browser takes that."""
        token, _ = await self._caller(request)
        body = await self._gateway.snapshot(_performance_id(request), token)
        headers = {"Content-Encoding": "gzip", "Cache-Control": "no-store"}
        return web.Response(body=body, content_type="application/octet-stream", headers=headers)

    async def events(self, request: web.Request) -> web.StreamResponse:
        """Changes after the version that `since`, or Last-Event-ID, names."""
        token, caller = await self._caller(request)
        performance_id, since = _performance_id(request), _since(request)
        self._live()
        self._gateway.must_have_room()
        answer = web.StreamResponse(headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"})
        answer.content_type = "text/event-stream"
        chunked = request.version >= HttpVersion11
        assert request.transport is not None
        # What the kernel holds for a browser that does not read is bounded too; it doubles this number.
        request.transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, MOST_UNREAD_BYTES)
        line = Line(request.transport, chunked=chunked, known=since, until=caller.expires_at)
        await self._gateway.opened(performance_id, token)  # a refusal must come before the answer begins
        await answer.prepare(request)
        await answer.write(BEAT)  # aiohttp keeps the headers back until there is something to say
        try:
            self._gateway.join(performance_id, line)
            await line.over.wait()
        finally:
            self._gateway.leave(performance_id, line)
        return answer

    async def _caller(self, request: web.Request) -> tuple[str, Caller]:
        """Raises Unauthenticated, Forbidden, Unavailable (accounts' keys cannot be had)."""
        token = request.cookies.get(SESSION_COOKIE)
        if not token:
            raise Unauthenticated("sign in first")
        caller = await asyncio.to_thread(self._keys.verify, token, now())
        caller.require(*RIGHTS)
        return token, caller


def _performance_id(request: web.Request) -> str:
    try:
        return str(uuid.UUID(request.match_info["performance_id"]))
    except ValueError:
        raise FieldInvalid("performance_id", "must be a UUID") from None


def _since(request: web.Request) -> int:
    given = request.headers.get("Last-Event-ID") or request.query.get("since", "0")
    if not given.isascii() or not given.isdecimal() or len(given) > 18:
        raise FieldInvalid("since", "must be a version")
    return int(given)


@web.middleware
async def _measured(request: web.Request, handler: Handler) -> web.StreamResponse:
    """A trace for each request; a line of the log for those of browsers, once they are answered or have gone."""
    telemetry.bind_trace(request.headers.get("traceparent"))
    began, status = time.perf_counter(), 0
    try:
        answer = await handler(request)
        status = answer.status
        return answer
    finally:
        seconds = time.perf_counter() - began
        route = request.match_info.route.resource
        endpoint = route.canonical if route is not None else "none"
        telemetry.HTTP_SECONDS.labels(endpoint, str(status)).observe(seconds)
        if endpoint.startswith("/live/"):
            telemetry.log().info("live", path=request.path, status=status, milliseconds=round(seconds * 1000, 1))


@web.middleware
async def _explained(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refusals as problem documents (RFC 9457); bugs without details."""
    try:
        return await handler(request)
    except DomainError as error:
        return _problem(STATUS[error.kind], error.reason, error.message, error.facts)
    except web.HTTPException as error:
        return _problem(error.status, "HTTP", error.reason, {})
    except ConnectionError:
        raise  # the browser went away while it was answered
    except Exception as error:
        telemetry.log().error("live_failed", path=request.path, exc_info=error)
        return _problem(500, "UNEXPECTED", "something went wrong", {})


def _problem(status: int, reason: str, detail: str, facts: Mapping[str, str]) -> web.Response:
    trace_id = (telemetry.current_traceparent() or "")[3:35]
    body = {"type": f"urn:problem:{reason.lower()}", "title": reason, "status": status, "detail": detail,
            "reason": reason, "facts": dict(facts), "trace_id": trace_id}  # fmt: skip
    return web.json_response(body, status=status, content_type="application/problem+json")


def _same_house(origins: Collection[str]) -> Middleware:
    """Pages of strangers are refused: their browser would show them nothing, but holds the line."""

    @web.middleware
    async def check(request: web.Request, handler: Handler) -> web.StreamResponse:
        origin = request.headers.get("Origin")
        if origin and origin not in origins and urlsplit(origin).netloc != request.host:
            raise Forbidden("this page may not look at live plans", right="origin")
        return await handler(request)

    return check


def _let_in(origins: Collection[str]) -> Callable[[web.Request, web.StreamResponse], Awaitable[None]]:
    async def add(request: web.Request, answer: web.StreamResponse) -> None:
        answer.headers["X-Content-Type-Options"] = "nosniff"
        answer.headers["Vary"] = "Origin"
        if request.headers.get("Origin") in origins:
            answer.headers["Access-Control-Allow-Origin"] = request.headers["Origin"]
            answer.headers["Access-Control-Allow-Credentials"] = "true"

    return add


async def _healthz(request: web.Request) -> web.Response:
    return web.json_response({"status": "ok"})


def _readyz(checks: Mapping[str, ops.Check]) -> Handler:
    async def readyz(request: web.Request) -> web.Response:
        reasons = ops.unready(checks)
        status = "unready" if reasons else "ready"
        return web.json_response({"status": status, "reasons": reasons}, status=503 if reasons else 200)

    return readyz


async def _metrics(request: web.Request) -> web.Response:
    return web.Response(body=generate_latest(), headers={"Content-Type": CONTENT_TYPE_LATEST})
