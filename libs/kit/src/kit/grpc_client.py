"""Calls to other services: one channel per target, a deadline on every call, retries where they are harmless.

Only UNAVAILABLE is retried, by gRPC itself, at most 3 times within the deadline: the call may have run, and every write
carries an idempotency key, so a repeat gives the first answer.
"""

import contextvars
import json
import threading
import time
from collections.abc import Callable
from typing import Any

import grpc

from kit.clock import now
from kit.telemetry import current_traceparent
from kit.tokens import SERVICE_TOKEN_SECONDS, service_token

MAX_MESSAGE_BYTES = 16 * 1024 * 1024
HOP_MARGIN_SECONDS = 0.05  # kept back at each hop, so that the inner service can say what timed out

deadline_at: contextvars.ContextVar[float | None] = contextvars.ContextVar("deadline_at", default=None)

_OPTIONS = [
    ("grpc.max_receive_message_length", MAX_MESSAGE_BYTES),
    ("grpc.max_send_message_length", MAX_MESSAGE_BYTES),
    ("grpc.keepalive_time_ms", 30_000),
    ("grpc.initial_reconnect_backoff_ms", 200),
    ("grpc.max_reconnect_backoff_ms", 2_000),
    ("grpc.service_config", json.dumps({
        "methodConfig": [{
            "name": [{}],
            "retryPolicy": {"maxAttempts": 4, "initialBackoff": "0.1s", "maxBackoff": "1s", "backoffMultiplier": 2,
                            "retryableStatusCodes": ["UNAVAILABLE"]},
        }],
    })),
]  # fmt: skip

_plain: dict[str, grpc.Channel] = {}
_lock = threading.Lock()


class _Details(grpc.ClientCallDetails):
    def __init__(self, details: Any, timeout: float | None, metadata: list[tuple[str, str]]) -> None:
        self.method, self.timeout, self.metadata = details.method, timeout, metadata
        self.credentials, self.wait_for_ready = details.credentials, details.wait_for_ready
        self.compression = details.compression


class _Outgoing(grpc.UnaryUnaryClientInterceptor):
    """Adds the deadline, the trace and the token to each call."""

    def __init__(self, token: Callable[[], str | None] | None, timeout_seconds: float) -> None:
        self._token, self._timeout = token, timeout_seconds

    def intercept_unary_unary(self, continuation: Any, details: Any, request: Any) -> Any:
        metadata = list(details.metadata or [])
        if trace := current_traceparent():
            metadata.append(("traceparent", trace))
        if self._token and (token := self._token()):
            metadata.append(("authorization", f"Bearer {token}"))
        timeout = details.timeout or self._timeout
        if (end := deadline_at.get()) is not None:
            timeout = max(0.001, min(timeout, end - time.monotonic() - HOP_MARGIN_SECONDS))
        return continuation(_Details(details, timeout, metadata), request)


def host_port(target: str) -> str:
    """`grpc://host:port` or `host:port` as gRPC wants it."""
    return target.removeprefix("grpc://").removeprefix("grpcs://")


def channel(
    target: str, *, token: Callable[[], str | None] | None = None, timeout_seconds: float = 5.0
) -> grpc.Channel:
    """A channel to a service. The connection is shared by all channels of this process to the same target.

    `token` is asked at each call. `timeout_seconds` is the deadline of calls that name none; a call made while
    answering another never outlives it. `grpcs://` targets use TLS with the system's certificates.
    """
    with _lock:
        plain = _plain.get(target)
        if plain is None:
            if target.startswith("grpcs://"):
                plain = grpc.secure_channel(host_port(target), grpc.ssl_channel_credentials(), options=_OPTIONS)
            else:
                plain = grpc.insecure_channel(host_port(target), options=_OPTIONS)
            _plain[target] = plain
    return grpc.intercept_channel(plain, _Outgoing(token, timeout_seconds))


def service_tokens(secret: str, service: str) -> Callable[[], str]:
    """Gives this service's token, made anew at half its life."""
    kept: dict[str, Any] = {"token": "", "until": 0.0}

    def token() -> str:
        if time.monotonic() >= kept["until"]:
            kept["token"] = service_token(secret, service, now())
            kept["until"] = time.monotonic() + SERVICE_TOKEN_SECONDS / 2
        return kept["token"]

    return token
