"""Settings of reporting, read once in `main`."""

from collections.abc import Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from kit.config import ConfigError, CoreConfig, core_config


@dataclass(frozen=True)
class Config:
    """`zone` is the venue's: it says when a business day ends, and in which hours files are written."""

    core: CoreConfig
    zone: str


def load(env: Mapping[str, str]) -> Config:
    """Raises ConfigError naming the variable that is missing or unusable."""
    zone = env.get("REPORTING_VENUE_ZONE", "Europe/Paris")
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError):
        raise ConfigError(f"REPORTING_VENUE_ZONE is no time zone: {zone!r}") from None
    return Config(core_config(env, "REPORTING"), zone)
