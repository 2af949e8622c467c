"""gRPC stubs for pages: one channel per service and process, made when first needed, never before a fork."""

import os
import threading
from collections.abc import Callable
from typing import TypeVar

import grpc
from flask import Flask, current_app, has_request_context

from kit import grpc_client
from kit.config import ConfigError
from kit.web.session import session_token

Stub = TypeVar("Stub")


class Channels:
    """The channels of one process by service. One made before a fork is dead in the child, hence the pid in the key."""

    def __init__(self, targets: dict[str, str]) -> None:
        self._targets = targets
        self._made: dict[tuple[int, str], grpc.Channel] = {}
        self._lock = threading.Lock()

    def services(self) -> list[str]:
        """The services that this process may call."""
        return sorted(self._targets)

    def get(self, service: str) -> grpc.Channel:
        """The channel to the service. Raises ConfigError when its target is not configured."""
        key = (os.getpid(), service)
        with self._lock:
            if key not in self._made:
                self._made[key] = grpc_client.channel(self.target(service), token=_token, timeout_seconds=5.0)
            return self._made[key]

    def target(self, service: str) -> str:
        """Where the service listens. Raises ConfigError when that is not configured."""
        if service not in self._targets:
            raise ConfigError(f"the target of {service} is not set")
        return self._targets[service]


def _token() -> str | None:
    return session_token() if has_request_context() else None


def init_stubs(app: Flask, targets: dict[str, str]) -> Channels:
    """Give the app its channels."""
    channels = Channels(targets)
    app.extensions["kit_channels"] = channels
    app.extensions["kit_stubs"] = {}
    return channels


def stub(service: str, stub_class: Callable[[grpc.Channel], Stub]) -> Stub:
    """Inside a request: the service's stub. It sends the user's token, the trace and a deadline with each call.

    Tests put a fake in `app.extensions["kit_stubs"][service]`.
    """
    made = current_app.extensions["kit_stubs"]
    fake = made.get(service)
    if fake is not None:
        return fake
    key = (os.getpid(), service, stub_class)
    if key not in made:
        made[key] = stub_class(current_app.extensions["kit_channels"].get(service))
    return made[key]
