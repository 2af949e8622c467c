"""What people and tills can do with the catalogue."""

from catalog.usecases.listing import (
    Programme,
    get_organisation,
    get_performance,
    list_performances,
    list_products,
    programme,
)
from catalog.usecases.plans import get_plan_geometry, get_plan_version, import_plan, list_plan_versions
from catalog.usecases.saving import save_one, save_organisation, save_performances, save_products
from catalog.usecases.snapshots import Snapshot, TillSnapshots

__all__ = [
    "Programme",
    "Snapshot",
    "TillSnapshots",
    "get_organisation",
    "get_performance",
    "get_plan_geometry",
    "get_plan_version",
    "import_plan",
    "list_performances",
    "list_plan_versions",
    "list_products",
    "programme",
    "save_one",
    "save_organisation",
    "save_performances",
    "save_products",
]
