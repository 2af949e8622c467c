"""Settings of cashdesk, read once in `main`."""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from kit.config import ConfigError, CoreConfig, core_config, require


@dataclass(frozen=True)
class Config:
    """`zone` is the venue's, which says when a business day ends."""

    core: CoreConfig
    seal_key: bytes = field(repr=False)
    zone: str


def load(env: Mapping[str, str]) -> Config:
    """Raises ConfigError naming the variable that is missing or unusable."""
    zone = env.get("CASHDESK_VENUE_ZONE", "Europe/Paris")
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError):
        raise ConfigError(f"CASHDESK_VENUE_ZONE is no time zone: {zone!r}") from None
    return Config(core_config(env, "CASHDESK"), _key(env, "CASHDESK_SEAL_KEY"), zone)


def _key(env: Mapping[str, str], name: str) -> bytes:
    text = require(env, name)
    try:
        key = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != 32:
        raise ConfigError(f"{name} must be base64url of 32 random bytes")
    return key
