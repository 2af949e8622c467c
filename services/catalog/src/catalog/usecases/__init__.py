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
from catalog.usecases.setups import (
    Signer,
    get_till_draft,
    get_till_setup_version,
    list_till_setups,
    publish_till_setup,
    roll_out_till_setup,
    save_till_draft,
    set_till_modes,
    sync_till_setup,
)
from catalog.usecases.snapshots import Snapshot, TillSnapshots
from catalog.usecases.vat import count_paid_performances

__all__ = [
    "Programme",
    "Signer",
    "Snapshot",
    "TillSnapshots",
    "count_paid_performances",
    "get_organisation",
    "get_performance",
    "get_plan_geometry",
    "get_plan_version",
    "get_till_draft",
    "get_till_setup_version",
    "import_plan",
    "list_performances",
    "list_plan_versions",
    "list_products",
    "list_till_setups",
    "programme",
    "publish_till_setup",
    "roll_out_till_setup",
    "save_one",
    "save_organisation",
    "save_performances",
    "save_products",
    "save_till_draft",
    "set_till_modes",
    "sync_till_setup",
]
