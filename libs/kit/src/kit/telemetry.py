"""Structured logs with a trace id, metrics, and optional OpenTelemetry export.

The W3C `traceparent` travels in gRPC metadata, HTTP headers and event headers; the first door that has none makes one.
"""

import contextlib
import contextvars
import logging
import os
import re
import secrets
import sys
from collections.abc import Iterator
from typing import TextIO

import structlog
from prometheus_client import Counter, Histogram
from structlog.typing import EventDict

_TRACEPARENT = re.compile(r"^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$")
_trace: contextvars.ContextVar[str | None] = contextvars.ContextVar("traceparent", default=None)
_tracer = None  # set by configure when an exporter is asked for

CALLS = Counter("rpc_server_calls_total", "gRPC calls answered", ["method", "code"])
CALL_SECONDS = Histogram("rpc_server_seconds", "Time to answer a gRPC call", ["method"],
                         buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5))  # fmt: skip
HTTP_SECONDS = Histogram("http_server_seconds", "Time to answer an HTTP request", ["endpoint", "status"],
                         buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5))  # fmt: skip
EVENTS = Counter("events_handled_total", "Events handled", ["consumer", "outcome"])
PUBLISHED = Counter("events_published_total", "Events published by the relay")


def _add_trace(_logger: object, _method: str, event: EventDict) -> EventDict:
    traceparent = _trace.get()
    if traceparent:
        event["trace_id"] = traceparent[3:35]
    return event


def configure(service: str, version: str, stream: TextIO | None = None) -> None:
    """Send one JSON line per event to standard output, or `stream`; level by LOG_LEVEL; tracing by
    OTEL_EXPORTER_OTLP_ENDPOINT."""
    stream = stream or sys.stdout
    level = getattr(logging, os.environ.get("LOG_LEVEL", "INFO").upper(), logging.INFO)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            _add_trace,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(stream),
        cache_logger_on_first_use=True,
    )
    structlog.contextvars.bind_contextvars(service=service, version=version)
    logging.basicConfig(level=max(level, logging.WARNING), stream=stream, format="%(message)s")
    if os.environ.get("OTEL_EXPORTER_OTLP_ENDPOINT"):
        _configure_tracing(service, version)


def _configure_tracing(service: str, version: str) -> None:
    global _tracer
    from opentelemetry import trace
    from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    provider = TracerProvider(resource=Resource.create({"service.name": service, "service.version": version}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    trace.set_tracer_provider(provider)
    _tracer = trace.get_tracer("kit")


def log() -> structlog.stdlib.BoundLogger:
    """The process's logger: `log().info("order_completed", order_id=…)`. Facts are keywords; secrets never."""
    return structlog.get_logger()


def current_traceparent() -> str | None:
    """The trace that this thread works for, if any."""
    return _trace.get()


def bind_trace(traceparent: str | None) -> str:
    """Continue the given trace in this context, or begin one; return the trace id (32 hex digits)."""
    if not traceparent or not _TRACEPARENT.match(traceparent):
        traceparent = f"00-{secrets.token_hex(16)}-{secrets.token_hex(8)}-01"
    _trace.set(traceparent)
    return traceparent[3:35]


@contextlib.contextmanager
def span(name: str) -> Iterator[None]:
    """A span of the current trace when tracing is on; nothing otherwise."""
    if _tracer is None:
        yield
        return
    from opentelemetry import trace
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

    carrier = {"traceparent": _trace.get() or ""}
    context = TraceContextTextMapPropagator().extract(carrier)
    with _tracer.start_as_current_span(name, context=context):
        inner = trace.get_current_span().get_span_context()
        token = _trace.set(f"00-{inner.trace_id:032x}-{inner.span_id:016x}-{int(inner.trace_flags):02x}")
        try:
            yield
        finally:
            _trace.reset(token)
