"""Settings of orders, read once in `main`."""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from kit.config import ConfigError, CoreConfig, core_config, integer, require

# Callers of Checkout wait in groups, so many may wait at once at little cost.
GRPC_THREADS = 80
MOST_TOLERANCE_BP = 2000


@dataclass(frozen=True)
class Config:
    """`ticket_key`: seed of the central Ed25519 ticket key. `tolerance_bp`: how many people more than its capacity a
    house may let in when places were sold twice, in basis points of it."""

    core: CoreConfig
    ticket_key: bytes = field(repr=False)
    tolerance_bp: int = 0


def load(env: Mapping[str, str]) -> Config:
    """Raises ConfigError naming the variable that is missing or unusable."""
    core = replace(core_config(env, "ORDERS"), grpc_threads=integer(env, "ORDERS_GRPC_THREADS", GRPC_THREADS))
    tolerance_bp = integer(env, "ORDERS_TOLERANCE_BP", 0)
    if not 0 <= tolerance_bp <= MOST_TOLERANCE_BP:
        raise ConfigError(f"ORDERS_TOLERANCE_BP must be 0 to {MOST_TOLERANCE_BP}")
    return Config(core, _key(env, "ORDERS_TICKET_KEY"), tolerance_bp)


def _key(env: Mapping[str, str], name: str) -> bytes:
    text = require(env, name)
    try:
        key = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != 32:
        raise ConfigError(f"{name} must be base64url of 32 random bytes")
    return key
