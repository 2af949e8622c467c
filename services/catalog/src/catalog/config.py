"""Settings of the core."""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass, field

from kit.config import ConfigError, CoreConfig, core_config, require


@dataclass(frozen=True)
class Config:
    """`setup_key`: seed of the Ed25519 key that signs set-ups of tills."""

    core: CoreConfig
    setup_key: bytes = field(repr=False)


def load(env: Mapping[str, str]) -> Config:
    """Read the environment. Raises ConfigError naming what is missing or unusable."""
    return Config(core_config(env, "CATALOG"), _key(env, "CATALOG_SETUP_KEY"))


def _key(env: Mapping[str, str], name: str) -> bytes:
    text = require(env, name)
    try:
        key = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != 32:
        raise ConfigError(f"{name} must be base64url of 32 random bytes")
    return key
