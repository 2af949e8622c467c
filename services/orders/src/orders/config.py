"""Settings of orders, read once in `main`."""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from kit.config import ConfigError, CoreConfig, core_config, integer, require

# Callers of Checkout wait in groups, so many may wait at once at little cost.
GRPC_THREADS = 80


@dataclass(frozen=True)
class Config:
    """`ticket_key`: seed of the central Ed25519 ticket key."""

    core: CoreConfig
    ticket_key: bytes = field(repr=False)


def load(env: Mapping[str, str]) -> Config:
    """Raises ConfigError naming the variable that is missing or unusable."""
    core = replace(core_config(env, "ORDERS"), grpc_threads=integer(env, "ORDERS_GRPC_THREADS", GRPC_THREADS))
    return Config(core, _key(env, "ORDERS_TICKET_KEY"))


def _key(env: Mapping[str, str], name: str) -> bytes:
    text = require(env, name)
    try:
        key = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != 32:
        raise ConfigError(f"{name} must be base64url of 32 random bytes")
    return key
