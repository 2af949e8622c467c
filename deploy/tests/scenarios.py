"""The values of ci/, and the chart rendered with them."""

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

from charts.helm import Obj, load_values

DEPLOY = Path(__file__).resolve().parent.parent
CHART = DEPLOY / "helm" / "ticketing"
SERVICES = ("accounts", "catalog", "inventory", "orders", "cashdesk", "documents", "reporting")
# What exists beside the chart in each scenario.
OUTSIDE = {
    "suite": {"postgres", "nats", "redis", "first-administrator"},
    "single": {
        *(f"ticketing-{service}" for service in SERVICES if service != "orders"),
        *("ticketing-shared", "ticketing-orders-database"),
    },
    "ha": {
        *(f"db-{service}" for service in SERVICES),
        *("ticketing-shared", "first-administrator", "registry", "till-t01", "collector"),
    },
}

Render = Callable[..., list[Obj]]


def values_of(scenario: str) -> dict[str, Any]:
    return load_values([CHART / "ci" / f"{scenario}-values.yaml"])


def merged(values: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    """The values with changes on top; neither is altered."""
    result = copy.deepcopy(values)
    for key, value in changes.items():
        both = isinstance(value, dict) and isinstance(result.get(key), dict)
        result[key] = merged(result[key], value) if both else value
    return result
