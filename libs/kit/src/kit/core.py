"""Runs a core: the gRPC server, the outbox relay, the consumers and the operations server, in one process."""

import signal
import threading
from collections.abc import Callable, Collection, Sequence
from typing import Any

import grpc
from grpc_health.v1 import health_pb2
from prometheus_client import Gauge
from sqlalchemy import event
from sqlalchemy.orm import Session

from kit import grpc_server, ops, telemetry
from kit.bus import Bus, outbox_depth
from kit.config import CoreConfig
from kit.consumer import Subscription
from kit.database import engine_for, ping, sessions_for
from kit.grpc_client import channel, service_tokens
from kit.outbox import has_told, prune
from kit.tokens import KeyRing, accounts_keys

Servicer = tuple[Callable[[Any, grpc.Server], None], Any, str]
DRAIN_SECONDS = 10


class Core:
    """What a service's main needs to wire its core. Nothing is started before `run`."""

    def __init__(self, name: str, version: str, config: CoreConfig) -> None:
        telemetry.configure(name, version)
        self.name, self.config = name, config
        self.engine = engine_for(config.database_url)
        self.sessions = sessions_for(self.engine)
        self.bus = Bus(config.nats_url, name)
        self._token = service_tokens(config.service_secret, name)
        self._stop = threading.Event()
        event.listen(self.sessions, "after_commit", self._committed)

    def channel(self, service: str, timeout_seconds: float = 5.0) -> grpc.Channel:
        """A channel to another service, as this service. Raises KeyError naming the missing target."""
        if service not in self.config.targets:
            raise KeyError(f"no target is configured for {service}")
        return channel(self.config.targets[service], token=self._token, timeout_seconds=timeout_seconds)

    def _committed(self, session: Session) -> None:
        if has_told(session):
            self.bus.nudge()

    def run(
        self,
        servicers: Sequence[Servicer],
        *,
        subscriptions: Sequence[Subscription] = (),
        public_methods: Collection[str] = (),
        background: Sequence[Callable[[threading.Event], None]] = (),
        keys: KeyRing | None = None,
    ) -> int:
        """Serve until SIGTERM or SIGINT, then drain: refuse new calls, finish those under way, flush, stop. Returns 0.

        `background` functions run in threads of their own until the event that they are given is set. `keys` defaults
        to accounts' published keys.
        """
        config = self.config
        keys = keys or KeyRing(accounts_keys(config.targets["accounts"]), config.service_secret)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self._stop.set())
        server, health = grpc_server.server(
            self.name, f"{config.bind}:{config.grpc_port}", keys, servicers,
            public_methods=public_methods, threads=config.grpc_threads,
        )  # fmt: skip
        Gauge("outbox_unpublished", "Events waiting in the outbox").set_function(self._outbox_depth)
        self.bus.start()
        self.bus.relay(self.engine)
        for subscription in subscriptions:
            self.bus.subscribe(self.sessions, subscription)
        checks = {"database": lambda: ping(self.engine), "nats": self.bus.check}
        operations = ops.serve(config.bind, config.ops_port, checks)
        work = (*background, self._housekeeping)
        threads = [threading.Thread(target=each, args=(self._stop,), daemon=True) for each in work]
        for thread in threads:
            thread.start()
        telemetry.log().info("started", grpc_port=config.grpc_port, ops_port=config.ops_port)
        self._stop.wait()
        telemetry.log().info("stopping")
        health.set("", health_pb2.HealthCheckResponse.NOT_SERVING)
        server.stop(DRAIN_SECONDS).wait()
        for thread in threads:
            thread.join(timeout=DRAIN_SECONDS)
        self.bus.stop()
        operations.shutdown()
        self.engine.dispose()
        telemetry.log().info("stopped")
        return 0

    def _housekeeping(self, stop: threading.Event) -> None:
        """Forget old events once an hour."""
        while not stop.wait(3600):
            try:
                with self.engine.begin() as connection:
                    prune(connection)
            except Exception as error:
                telemetry.log().warning("housekeeping_waits", error=str(error)[:200])

    def _outbox_depth(self) -> float:
        """For the metric, asked at each scrape; not a number when the database does not answer."""
        try:
            return outbox_depth(self.engine)
        except Exception:
            return float("nan")
