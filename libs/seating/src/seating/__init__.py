"""Seating plans: their model, their formats, and who is given which seat."""

from seating.allocation import Allocator, Choice, Refusal, Weights, Wish
from seating.faults import Fault, Severity, errors, faults
from seating.index import PlanIndex, index_of
from seating.plan import MAX_SEATS, MAX_SIZE_CM, Area, Category, Plan, Point, Row, Seat, Trait, Zone
from seating.reading import InvalidPlan, Problem, read_plan
from seating.states import MOST_CONTINGENTS, SeatState, contingent_of, pack, state_of

__all__ = [
    "MAX_SEATS",
    "MAX_SIZE_CM",
    "MOST_CONTINGENTS",
    "Allocator",
    "Area",
    "Category",
    "Choice",
    "Fault",
    "InvalidPlan",
    "Plan",
    "PlanIndex",
    "Point",
    "Problem",
    "Refusal",
    "Row",
    "Seat",
    "SeatState",
    "Severity",
    "Trait",
    "Weights",
    "Wish",
    "Zone",
    "contingent_of",
    "errors",
    "faults",
    "index_of",
    "pack",
    "read_plan",
    "state_of",
]
