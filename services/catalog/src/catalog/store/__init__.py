"""The catalogue's database."""

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
    "advance",
    "exists",
    "free_tariffs",
    "has_paid_price",
    "lock_version",
    "organisation",
    "performances_between",
    "products_like",
    "read",
    "read_version",
    "recent",
    "save",
    "save_organisation",
    "scheduled",
]
