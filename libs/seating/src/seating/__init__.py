"""Seating plans: their model, their formats, and who is given which seat."""

from seating.index import PlanIndex, index_of
from seating.plan import MAX_SEATS, MAX_SIZE_CM, Area, Category, Plan, Point, Row, Seat, Trait, Zone
from seating.states import MOST_CONTINGENTS, SeatState, contingent_of, pack, state_of

__all__ = [
    "MAX_SEATS",
    "MAX_SIZE_CM",
    "MOST_CONTINGENTS",
    "Area",
    "Category",
    "Plan",
    "PlanIndex",
    "Point",
    "Row",
    "Seat",
    "SeatState",
    "Trait",
    "Zone",
    "contingent_of",
    "index_of",
    "pack",
    "state_of",
]
