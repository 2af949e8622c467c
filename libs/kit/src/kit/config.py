"""Configuration: read once at start, from the environment only, into frozen dataclasses."""

from collections.abc import Mapping
from dataclasses import dataclass, field


class ConfigError(Exception):
    """A variable is missing or unusable; the message names it. The process does not start."""


@dataclass(frozen=True)
class CoreConfig:
    """What every core and migrate role needs."""

    database_url: str = field(repr=False)
    migrate_database_url: str = field(repr=False)
    nats_url: str = field(repr=False)
    redis_url: str = field(repr=False)
    service_secret: str = field(repr=False)
    targets: Mapping[str, str]  # service name -> grpc://host:port
    bind: str
    grpc_port: int
    ops_port: int
    grpc_threads: int


def require(env: Mapping[str, str], name: str) -> str:
    """The variable's value. Raises ConfigError naming it when it is missing or empty."""
    value = env.get(name, "")
    if not value:
        raise ConfigError(f"{name} is not set")
    return value


def integer(env: Mapping[str, str], name: str, default: int | None = None) -> int:
    """The variable as a whole number; `default` when it is absent. Raises ConfigError naming it."""
    raw = env.get(name) or (None if default is None else str(default))
    if raw is None:
        raise ConfigError(f"{name} is not set")
    try:
        return int(raw)
    except ValueError:
        raise ConfigError(f"{name} must be a whole number, not {raw!r}") from None


def targets(env: Mapping[str, str], prefix: str) -> dict[str, str]:
    """Every `<PREFIX>_<SERVICE>_TARGET` by service name in lower case."""
    head, tail = f"{prefix}_", "_TARGET"
    return {
        name[len(head) : -len(tail)].lower().replace("_", "-"): value
        for name, value in env.items()
        if name.startswith(head) and name.endswith(tail) and len(name) > len(head) + len(tail)
    }


def core_config(env: Mapping[str, str], prefix: str) -> CoreConfig:
    """Read the variables that all cores share (docs/conventions.md). Raises ConfigError naming what is wrong."""
    secret = require(env, f"{prefix}_SERVICE_SECRET")
    if len(secret) < 32:
        raise ConfigError(f"{prefix}_SERVICE_SECRET must have at least 32 characters")
    return CoreConfig(
        database_url=require(env, f"{prefix}_DATABASE_URL"),
        migrate_database_url=env.get(f"{prefix}_MIGRATE_DATABASE_URL", ""),
        nats_url=require(env, f"{prefix}_NATS_URL"),
        redis_url=env.get(f"{prefix}_REDIS_URL", ""),
        service_secret=secret,
        targets=targets(env, prefix),
        bind=env.get(f"{prefix}_BIND", "127.0.0.1"),
        grpc_port=integer(env, f"{prefix}_GRPC_PORT"),
        ops_port=integer(env, f"{prefix}_OPS_PORT"),
        grpc_threads=integer(env, f"{prefix}_GRPC_THREADS", 64),
    )
