"""Settings of the core."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from inventory.domain import LeaseTerms
from kit.config import ConfigError, CoreConfig, core_config, integer


@dataclass(frozen=True)
class Config:
    core: CoreConfig
    lease_terms: LeaseTerms


def load(env: Mapping[str, str]) -> Config:
    """Read the environment. Raises ConfigError naming what is wrong."""
    lasts = integer(env, "INVENTORY_LEASE_SECONDS", 12 * 3600)
    grace = integer(env, "INVENTORY_LEASE_GRACE_SECONDS", 300)
    if lasts < 60:
        raise ConfigError("INVENTORY_LEASE_SECONDS must be at least 60")
    if grace < 0:
        raise ConfigError("INVENTORY_LEASE_GRACE_SECONDS must not be negative")
    return Config(core_config(env, "INVENTORY"), LeaseTerms(timedelta(seconds=lasts), timedelta(seconds=grace)))
