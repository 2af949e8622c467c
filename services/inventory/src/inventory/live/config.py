"""Settings of the live gateway."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from kit.config import integer, require


@dataclass(frozen=True)
class Config:
    """What the live gateway needs: no database, and no secret but those in the URLs of NATS and Redis."""

    nats_url: str = field(repr=False)
    redis_url: str = field(repr=False)
    accounts_target: str
    inventory_target: str
    bind: str
    port: int
    origins: frozenset[str]  # of pages on another port of the same host, such as http://127.0.0.1:7400


def load(env: Mapping[str, str]) -> Config:
    """Read the environment. Raises ConfigError naming what is wrong."""
    return Config(
        nats_url=require(env, "INVENTORY_NATS_URL"),
        redis_url=require(env, "INVENTORY_REDIS_URL"),
        accounts_target=require(env, "INVENTORY_ACCOUNTS_TARGET"),
        inventory_target=require(env, "INVENTORY_INVENTORY_TARGET"),
        bind=env.get("INVENTORY_BIND", "127.0.0.1"),
        port=integer(env, "INVENTORY_LIVE_PORT"),
        origins=frozenset(env.get("INVENTORY_LIVE_ORIGINS", "").split()),
    )
