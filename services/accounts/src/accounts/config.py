"""Settings of the core: the common ones, and the two secrets that only accounts has."""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass, field

from kit.config import ConfigError, CoreConfig, core_config, require


@dataclass(frozen=True)
class Config:
    core: CoreConfig
    root_key: bytes = field(repr=False)  # Ed25519 seed that signs ticket certificates
    token_key_secret: bytes = field(repr=False)  # seals the token keys at rest


def load(env: Mapping[str, str]) -> Config:
    """Read the core's variables. Raises ConfigError naming what is missing or wrong."""
    return Config(
        core=core_config(env, "ACCOUNTS"),
        root_key=_key(env, "ACCOUNTS_ROOT_KEY"),
        token_key_secret=_key(env, "ACCOUNTS_TOKEN_KEY_SECRET"),
    )


def _key(env: Mapping[str, str], name: str) -> bytes:
    text = require(env, name)
    try:
        key = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (ValueError, binascii.Error):
        key = b""
    if len(key) != 32:
        raise ConfigError(f"{name} must be 32 random bytes in base64url")
    return key
