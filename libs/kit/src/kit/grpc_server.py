"""The gRPC door of a core: who calls, in which trace, until when; errors as ErrorInfo; metrics; health; reflection."""

import time
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import grpc
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection
from grpc_status import rpc_status
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from kit import telemetry
from kit.auth import bind_caller
from kit.clock import now
from kit.errors import DomainError, Unauthenticated, Unavailable
from kit.grpc_client import MAX_MESSAGE_BYTES, deadline_at
from kit.grpc_errors import CODES, to_status
from kit.tokens import KeyRing

_OPEN_SERVICES = ("/grpc.health.", "/grpc.reflection.")


class Door(grpc.ServerInterceptor):
    """Wraps every method once. A bug is logged whole and answered INTERNAL without details."""

    def __init__(self, service: str, keys: KeyRing, public_methods: Collection[str]) -> None:
        self._service, self._keys = service, keys
        self._public = frozenset(public_methods)
        self._wrapped: dict[str, grpc.RpcMethodHandler] = {}

    def intercept_service(self, continuation: Any, details: Any) -> Any:
        handler = continuation(details)
        if handler is None or handler.unary_unary is None or details.method.startswith(_OPEN_SERVICES):
            return handler
        wrapped = self._wrapped.get(details.method)
        if wrapped is None:
            wrapped = grpc.unary_unary_rpc_method_handler(
                self._wrap(details.method, handler.unary_unary),
                request_deserializer=handler.request_deserializer,
                response_serializer=handler.response_serializer,
            )
            self._wrapped[details.method] = wrapped
        return wrapped

    def _wrap(self, path: str, method: Callable[[Any, grpc.ServicerContext], Any]) -> Callable[[Any, Any], Any]:
        name = path.rsplit("/", 1)[1]
        seconds = telemetry.CALL_SECONDS.labels(name)
        ok = telemetry.CALLS.labels(name, "OK")
        is_public = name in self._public

        def answer(request: Any, context: grpc.ServicerContext) -> Any:
            began = time.perf_counter()
            metadata = {key: value for key, value in context.invocation_metadata() if isinstance(value, str)}
            telemetry.bind_trace(metadata.get("traceparent"))
            remaining = context.time_remaining()
            deadline_at.set(None if remaining is None else time.monotonic() + remaining)
            try:
                bind_caller(self._caller(metadata.get("authorization", ""), is_public))
                with telemetry.span(path):
                    response = method(request, context)
                ok.inc()
                return response
            except DomainError as error:
                self._refuse(context, name, error)
            except (OperationalError, PoolTimeout) as error:
                telemetry.log().error("database_unavailable", method=name, error=str(error.__cause__ or error)[:500])
                self._refuse(context, name, Unavailable("the database does not answer; try again"))
            except Exception as error:
                if isinstance(error, DBAPIError) and error.connection_invalidated:
                    self._refuse(context, name, Unavailable("the database connection was lost; try again"))
                telemetry.log().exception("bug", method=name)
                telemetry.CALLS.labels(name, "INTERNAL").inc()
                context.abort(grpc.StatusCode.INTERNAL, "internal error")
            finally:
                seconds.observe(time.perf_counter() - began)

        return answer

    def _caller(self, authorization: str, is_public: bool) -> Any:
        if authorization.startswith("Bearer "):
            return self._keys.verify(authorization[7:], now())
        if is_public:
            return None
        raise Unauthenticated("sign in first")

    def _refuse(self, context: grpc.ServicerContext, name: str, error: DomainError) -> None:
        telemetry.CALLS.labels(name, CODES[error.kind].name).inc()
        telemetry.log().info("refused", method=name, reason=error.reason, facts=error.facts)
        context.abort_with_status(rpc_status.to_status(to_status(error, self._service)))


def server(
    service: str,
    address: str,
    keys: KeyRing,
    servicers: Sequence[tuple[Callable[[Any, grpc.Server], None], Any, str]],
    *,
    public_methods: Collection[str] = (),
    threads: int = 16,
) -> tuple[grpc.Server, health.HealthServicer]:
    """A started server. Raises OSError if the port is taken.

    `servicers`: (add_…_to_server, servicer, full service name).
    """
    grpc_server = grpc.server(
        ThreadPoolExecutor(threads, thread_name_prefix="rpc"),
        interceptors=[Door(service, keys, public_methods)],
        options=[
            ("grpc.max_receive_message_length", MAX_MESSAGE_BYTES),
            ("grpc.max_send_message_length", MAX_MESSAGE_BYTES),
            ("grpc.so_reuseport", 0),
            ("grpc.http2.min_ping_interval_without_data_ms", 10_000),
        ],
    )
    for add, servicer, _ in servicers:
        add(servicer, grpc_server)
    checker = health.HealthServicer()
    health_pb2_grpc.add_HealthServicer_to_server(checker, grpc_server)
    names = [name for _, _, name in servicers]
    reflection.enable_server_reflection([*names, health.SERVICE_NAME, reflection.SERVICE_NAME], grpc_server)
    try:
        bound = grpc_server.add_insecure_port(address)
    except RuntimeError as error:
        raise OSError(f"{address} cannot be listened on: {error}") from error
    if bound == 0:
        raise OSError(f"{address} is taken")
    grpc_server.start()
    for name in ["", *names]:
        checker.set(name, health_pb2.HealthCheckResponse.SERVING)
    return grpc_server, checker
