"""The inventory's database."""

from inventory.store.blocks import Block, add_block, block, blocked_seats, blocks, shrink_block
from inventory.store.books import OpenBook, many_leases, opened, write
from inventory.store.catalogue import schedule
from inventory.store.listing import (
    availabilities,
    expired_holds,
    leases,
    missing_places,
    performances_of_leases,
    till_leases,
    waiting_with_room,
)
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
from inventory.store.sales import (
    claim_lines,
    claim_refunds,
    counted,
    note_move,
    seat_moves,
    seat_owners,
    served_by_holds,
)
from inventory.store.seats import LostRace, forget_changes, forget_seats, keep_seats, status, warm_plans
from inventory.store.stock import Recorded, levels, movements, selling_places, shelve, sums
from inventory.store.stock_places import close_place, enrol_tills, must_be_open, places, point_of_sale_of, save_place

__all__ = [
    "Block",
    "LostRace",
    "OpenBook",
    "Recorded",
    "add_block",
    "add_plan",
    "availabilities",
    "block",
    "blocked_seats",
    "blocks",
    "claim_lines",
    "claim_refunds",
    "close_place",
    "counted",
    "enrol_tills",
    "expired_holds",
    "forget_changes",
    "forget_seats",
    "free_seats_by_contingent",
    "keep_seats",
    "leases",
    "levels",
    "many_leases",
    "missing_places",
    "missing_plans",
    "movements",
    "must_be_open",
    "note_move",
    "opened",
    "performances_of_leases",
    "places",
    "point_of_sale_of",
    "pools_of",
    "remove_contingent",
    "save_contingents",
    "save_place",
    "save_quotas",
    "save_rules",
    "schedule",
    "seat_moves",
    "seat_owners",
    "seats_by_contingent",
    "selling_places",
    "served_by_holds",
    "shelve",
    "shrink_block",
    "status",
    "sums",
    "till_leases",
    "waiting_with_room",
    "warm_plans",
    "write",
]
