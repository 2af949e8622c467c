"""What baskets, tills, supervisors and other services can do with places and articles."""

from inventory.usecases.availability import availabilities
from inventory.usecases.copying import Copied, Parts, copy_pools
from inventory.usecases.facts import count_refunds, count_sales, note_tills, open_capacities, open_shelves
from inventory.usecases.holds import HoldDesk, Outcome, reap
from inventory.usecases.leases import TillLease, list_leases, recall_lease, sync_leases
from inventory.usecases.missing import reseat, suggest_seats
from inventory.usecases.plans import fetch_plans
from inventory.usecases.pools import (
    PoolsView,
    list_pools,
    remove_contingent,
    remove_quota,
    save_contingent,
    save_quota,
    save_seating_rules,
)
from inventory.usecases.seats import assign_seats, block_seats, seat_status, unblock_seats
from inventory.usecases.stock import (
    count_stock,
    list_movements,
    list_stock,
    move_stock,
    save_threshold,
    transfer_stock,
)
from inventory.usecases.stock_places import close_stock_place, list_stock_places, save_stock_place

__all__ = [
    "Copied",
    "HoldDesk",
    "Outcome",
    "Parts",
    "PoolsView",
    "TillLease",
    "assign_seats",
    "availabilities",
    "block_seats",
    "close_stock_place",
    "copy_pools",
    "count_refunds",
    "count_sales",
    "count_stock",
    "fetch_plans",
    "list_leases",
    "list_movements",
    "list_pools",
    "list_stock",
    "list_stock_places",
    "move_stock",
    "note_tills",
    "open_capacities",
    "open_shelves",
    "reap",
    "recall_lease",
    "remove_contingent",
    "remove_quota",
    "reseat",
    "save_contingent",
    "save_quota",
    "save_seating_rules",
    "save_stock_place",
    "save_threshold",
    "seat_status",
    "suggest_seats",
    "sync_leases",
    "transfer_stock",
    "unblock_seats",
]
