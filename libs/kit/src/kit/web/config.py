"""Settings of a web process, read once at start."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from kit.config import ConfigError, integer, require, targets


@dataclass(frozen=True)
class WebConfig:
    """What a back office process needs. `targets` maps a service's name to `grpc://host:port`."""

    secret_key: str = field(repr=False)
    targets: Mapping[str, str]
    bind: str = "127.0.0.1"
    port: int = 7400
    secure_cookies: bool = False
    organisation: str = "Billetterie"
    venue_zone: str = "Europe/Paris"
    threads: int = 8
    max_request_bytes: int = 8 * 1024 * 1024
    live_port: int | None = None  # of the live gateway, on the pages' own host; None: behind the pages' own address
    proxies: int = 0  # how many reverse proxies in front are trusted to say who asks (X-Forwarded-*)


def web_config(env: Mapping[str, str], prefix: str) -> WebConfig:
    """Read `<PREFIX>_WEB_SECRET_KEY`, `<PREFIX>_WEB_PORT`, `<PREFIX>_<SERVICE>_TARGET`… Raises ConfigError.

    The prefix `WEB` (all fronts in one process) does not repeat itself: `WEB_SECRET_KEY`, `WEB_PORT`.
    """
    own = prefix if prefix == "WEB" else f"{prefix}_WEB"
    secret = require(env, f"{own}_SECRET_KEY")
    if len(secret) < 32:
        raise ConfigError(f"{own}_SECRET_KEY must have at least 32 characters")
    zone = env.get(f"{prefix}_VENUE_ZONE", "Europe/Paris")
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError):
        raise ConfigError(f"{prefix}_VENUE_ZONE is no time zone: {zone!r}") from None
    return WebConfig(
        secret_key=secret,
        targets=targets(env, prefix),
        bind=env.get(f"{prefix}_BIND", "127.0.0.1"),
        port=integer(env, f"{own}_PORT"),
        secure_cookies=env.get(f"{prefix}_SECURE_COOKIES", "0").lower() in {"1", "true", "yes"},
        organisation=env.get(f"{prefix}_ORGANISATION", "Billetterie"),
        venue_zone=zone,
        threads=integer(env, f"{own}_THREADS", 8),
        live_port=integer(env, f"{prefix}_LIVE_PORT") if env.get(f"{prefix}_LIVE_PORT") else None,
        proxies=integer(env, f"{prefix}_TRUSTED_PROXIES", 0),
    )
