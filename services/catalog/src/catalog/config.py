"""Settings of the core: those that all cores share."""

from collections.abc import Mapping
from dataclasses import dataclass

from kit.config import CoreConfig, core_config


@dataclass(frozen=True)
class Config:
    core: CoreConfig


def load(env: Mapping[str, str]) -> Config:
    """Read the environment. Raises ConfigError naming what is missing."""
    return Config(core_config(env, "CATALOG"))
