"""Seating plans: their model, their formats, and who is given which seat.

What needs numpy – `index`, `allocation`, `geometry` – is imported by its own name: who only reads plans starts faster.
"""

from seating.faults import Fault, Severity, errors, faults
from seating.plan import MAX_SEATS, MAX_SIZE_CM, Area, Category, Plan, Point, Row, Seat, Trait, Zone
from seating.reading import InvalidPlan, Problem, read_plan
from seating.states import MOST_CONTINGENTS, SeatState, contingent_of, pack, state_of

__all__ = [
    "MAX_SEATS",
    "MAX_SIZE_CM",
    "MOST_CONTINGENTS",
    "Area",
    "Category",
    "Fault",
    "InvalidPlan",
    "Plan",
    "Point",
    "Problem",
    "Row",
    "Seat",
    "SeatState",
    "Severity",
    "Trait",
    "Zone",
    "contingent_of",
    "errors",
    "faults",
    "pack",
    "read_plan",
    "state_of",
]
