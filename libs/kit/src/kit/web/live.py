"""Where pages find the live gateway: behind their own address in a cluster, on a port of the same host elsewhere.

The same host, because the sign-in cookie goes there and nowhere else.
"""

import re

from flask import Flask, request

from kit.web.config import WebConfig

_PORT = re.compile(r":\d+$")


def live_url(port: int | None) -> str:
    """Inside a request: what stands before `/live/…`; empty when that is the pages' own address."""
    return "" if port is None else f"{request.scheme}://{_PORT.sub('', request.host)}:{port}"


def init_live(app: Flask, config: WebConfig) -> None:
    """Offer `live_url` to templates: `status-url="{{ live_url }}/live/performances/…/seats"`."""

    @app.context_processor
    def offer() -> dict[str, str]:
        return {"live_url": live_url(config.live_port)}
