"""Settings of the core: the common ones suffice."""

from collections.abc import Mapping

from kit.config import CoreConfig, core_config


def load(env: Mapping[str, str]) -> CoreConfig:
    """Raises kit.config.ConfigError naming what is missing or wrong."""
    return core_config(env, "DOCUMENTS")
