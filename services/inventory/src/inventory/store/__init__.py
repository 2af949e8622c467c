"""The inventory's database."""

from inventory.store.books import OpenBook, opened, write
from inventory.store.catalogue import schedule, shelve
from inventory.store.listing import availabilities, expired_holds, leases, levels, performances_of_leases, till_leases
from inventory.store.sales import claim_lines, served_by_holds
from inventory.store.seats import (
    LostRace,
    add_block,
    add_plan,
    block,
    end_block,
    forget_changes,
    forget_seats,
    keep_seats,
    missing_plans,
    status,
    warm_plans,
)

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
    "schedule",
    "served_by_holds",
    "shelve",
    "status",
    "till_leases",
    "warm_plans",
    "write",
]
