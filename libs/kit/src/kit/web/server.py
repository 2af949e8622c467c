"""gunicorn from code: one worker, threads, the app made in the worker (gRPC channels do not survive a fork)."""

from collections.abc import Callable
from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication

from kit.web.config import WebConfig


class _Server(BaseApplication):
    def __init__(self, app_factory: Callable[[], Flask], options: dict[str, Any]) -> None:
        self._factory, self._options = app_factory, options
        super().__init__()

    def load_config(self) -> None:
        for name, value in self._options.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        return self._factory()


def serve(app_factory: Callable[[], Flask], config: WebConfig) -> None:
    """Serve the app until SIGTERM or SIGINT; requests in progress are given 10 seconds to end."""
    options = {
        "bind": f"{config.bind}:{config.port}",
        "workers": 1,
        "worker_class": "gthread",
        "threads": config.threads,
        "timeout": 60,
        "graceful_timeout": 10,
        "keepalive": 15,
        "preload_app": False,
        "accesslog": None,  # each request is logged once, as JSON with its trace, by the app
        "loglevel": "warning",
    }
    _Server(app_factory, options).run()
