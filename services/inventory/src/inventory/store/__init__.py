"""The inventory's database."""

from inventory.store.blocks import add_block, block, end_block
from inventory.store.books import OpenBook, opened, write
from inventory.store.catalogue import schedule, shelve
from inventory.store.contingents import save_contingent
from inventory.store.listing import availabilities, expired_holds, leases, levels, performances_of_leases, till_leases
from inventory.store.plans import add_plan, missing_plans
from inventory.store.sales import claim_lines, served_by_holds
from inventory.store.seats import LostRace, forget_changes, forget_seats, keep_seats, status, warm_plans

__all__ = [
    "LostRace",
    "OpenBook",
    "add_block",
    "add_plan",
    "availabilities",
    "block",
    "claim_lines",
    "end_block",
    "expired_holds",
    "forget_changes",
    "forget_seats",
    "keep_seats",
    "leases",
    "levels",
    "missing_plans",
    "opened",
    "performances_of_leases",
    "save_contingent",
    "schedule",
    "served_by_holds",
    "shelve",
    "status",
    "till_leases",
    "warm_plans",
    "write",
]
