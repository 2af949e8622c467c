"""Places and articles, and who has them. Pure: given the time, and what a transaction has locked."""

from inventory.domain.book import Book, LeaseTerms, RefundedLine, SoldLine
from inventory.domain.counts import Capacity
from inventory.domain.holds import GivenBack, Hold, HoldLine, HoldState, HoldWish
from inventory.domain.leases import Lease, LeaseReport, LeaseState, LeaseWish
from inventory.domain.missing import Missing
from inventory.domain.stock import (
    MAIN_PLACE,
    Act,
    Cause,
    Movement,
    Shelf,
    Shelves,
    StockLevel,
    StockPlace,
    StockState,
)

__all__ = [
    "MAIN_PLACE",
    "Act",
    "Book",
    "Capacity",
    "Cause",
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
    "Missing",
    "Movement",
    "RefundedLine",
    "Shelf",
    "Shelves",
    "SoldLine",
    "StockLevel",
    "StockPlace",
    "StockState",
]
