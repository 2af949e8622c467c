"""The catalogue's database."""

from catalog.store.plans import (
    add_plan,
    plan_capacities,
    plan_categories,
    plan_version,
    plan_versions,
    priced_codes,
)
from catalog.store.reading import (
    Scheduled,
    exists,
    free_tariffs,
    has_paid_price,
    organisation,
    performances_between,
    products_like,
    read,
    read_version,
    recent,
    scheduled,
)
from catalog.store.writing import advance, lock_version, save, save_organisation

__all__ = [
    "Scheduled",
    "add_plan",
    "advance",
    "exists",
    "free_tariffs",
    "has_paid_price",
    "lock_version",
    "organisation",
    "performances_between",
    "plan_capacities",
    "plan_categories",
    "plan_version",
    "plan_versions",
    "priced_codes",
    "products_like",
    "read",
    "read_version",
    "recent",
    "save",
    "save_organisation",
    "scheduled",
]
