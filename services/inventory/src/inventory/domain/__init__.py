"""Places and articles, and who has them. Pure: given the time, and what a transaction has locked."""

from inventory.domain.book import Book, Cause, Conflict, LeaseTerms, Movement, SoldLine
from inventory.domain.counts import Capacity, StockLevel
from inventory.domain.holds import GivenBack, Hold, HoldLine, HoldState, HoldWish
from inventory.domain.leases import Lease, LeaseReport, LeaseState, LeaseWish

__all__ = [
    "Book",
    "Capacity",
    "Cause",
    "Conflict",
    "GivenBack",
    "Hold",
    "HoldLine",
    "HoldState",
    "HoldWish",
    "Lease",
    "LeaseReport",
    "LeaseState",
    "LeaseTerms",
    "LeaseWish",
    "Movement",
    "SoldLine",
    "StockLevel",
]
