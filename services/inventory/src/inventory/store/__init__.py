"""The inventory's database."""

from inventory.store.blocks import Block, add_block, block, blocks, end_block
from inventory.store.books import OpenBook, many_leases, opened, write
from inventory.store.catalogue import schedule, shelve
from inventory.store.listing import availabilities, expired_holds, leases, levels, performances_of_leases, till_leases
from inventory.store.plans import add_plan, missing_plans
from inventory.store.pools import (
    free_seats_by_contingent,
    pools_of,
    remove_contingent,
    save_contingents,
    save_quotas,
    save_rules,
    seats_by_contingent,
)
from inventory.store.sales import claim_lines, served_by_holds
from inventory.store.seats import LostRace, forget_changes, forget_seats, keep_seats, status, warm_plans

__all__ = [
    "Block",
    "LostRace",
    "OpenBook",
    "add_block",
    "add_plan",
    "availabilities",
    "block",
    "blocks",
    "claim_lines",
    "end_block",
    "expired_holds",
    "forget_changes",
    "forget_seats",
    "free_seats_by_contingent",
    "keep_seats",
    "leases",
    "levels",
    "many_leases",
    "missing_plans",
    "opened",
    "performances_of_leases",
    "pools_of",
    "remove_contingent",
    "save_contingents",
    "save_quotas",
    "save_rules",
    "schedule",
    "seats_by_contingent",
    "served_by_holds",
    "shelve",
    "status",
    "till_leases",
    "warm_plans",
    "write",
]
