"""Health, readiness, metrics and a trace for each request."""

import time
from collections.abc import Callable

import grpc
from flask import Flask, Response, g, jsonify, request
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from kit import telemetry
from kit.web.stubs import Channels

READY_SECONDS = 1.0


def _operational(view: Callable) -> Callable:
    view.is_operational = True  # type: ignore[attr-defined]
    return view


def init_observe(app: Flask, channels: Channels) -> None:
    """Add /healthz (alive), /readyz (its services answer), /metrics, and measure every request."""

    @app.before_request
    def begin() -> None:
        g.began_at = time.perf_counter()
        telemetry.bind_trace(request.headers.get("traceparent"))

    @app.after_request
    def measure(answer: Response) -> Response:
        seconds = time.perf_counter() - g.get("began_at", time.perf_counter())
        endpoint = request.endpoint or "none"
        telemetry.HTTP_SECONDS.labels(endpoint, str(answer.status_code)).observe(seconds)
        traceparent = telemetry.current_traceparent()
        if traceparent:
            answer.headers["X-Trace-Id"] = traceparent[3:35]
        view = app.view_functions.get(endpoint)
        if endpoint != "static" and not getattr(view, "is_operational", False):
            telemetry.log().info("page", method=request.method, path=request.path, status=answer.status_code,
                                 milliseconds=round(seconds * 1000, 1))  # fmt: skip
        return answer

    @_operational
    def healthz() -> Response:
        return jsonify(status="ok")

    @_operational
    def readyz() -> tuple[Response, int]:
        waiting = []
        deadline = time.monotonic() + READY_SECONDS
        for service in channels.services():
            try:
                left = max(0.01, deadline - time.monotonic())
                grpc.channel_ready_future(channels.get(service)).result(timeout=left)
            except grpc.FutureTimeoutError:
                waiting.append(service)
        return jsonify(status="waiting" if waiting else "ok", waiting=waiting), 503 if waiting else 200

    @_operational
    def metrics() -> Response:
        return Response(generate_latest(), content_type=CONTENT_TYPE_LATEST)

    app.add_url_rule("/healthz", "healthz", healthz)
    app.add_url_rule("/readyz", "readyz", readyz)
    app.add_url_rule("/metrics", "metrics", metrics)
