"""The inventory's database."""

from inventory.store.books import LostRace, opened, write
from inventory.store.catalogue import schedule, shelve
from inventory.store.listing import availabilities, expired_holds, leases, levels, performances_of_leases, till_leases
from inventory.store.sales import claim_lines, served_by_holds

__all__ = [
    "LostRace",
    "availabilities",
    "claim_lines",
    "expired_holds",
    "leases",
    "levels",
    "opened",
    "performances_of_leases",
    "schedule",
    "served_by_holds",
    "shelve",
    "till_leases",
    "write",
]
