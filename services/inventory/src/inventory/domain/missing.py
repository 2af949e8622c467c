"""Places that were sold though there were none (domain 5.6): never forgotten, and first in line for what comes free.

A sealed sale is a fact, so what cannot be found for it stays owed to it. Whatever place comes free is its own before
anybody can be sold it: else the house would be sold twice over while it counts right.
"""

from dataclasses import dataclass


@dataclass
class Missing:
    """What one line of a sealed sale lacks. Always: refunded + found <= quantity.

    `seats`: those of a numbered house that it still lacks. `revision` grows with each change, so that of two news of it
    the newer one is known.
    """

    order_id: str
    line: int
    performance_id: str
    quantity: int  # when the sale came in
    cause: str
    refunded: int = 0
    found: int = 0  # given to it since, or other seats in their stead
    seats: tuple[int, ...] = ()
    revision: int = 1

    @property
    def left(self) -> int:
        """Still without a place."""
        return self.quantity - self.refunded - self.found

    def give_back(self, quantity: int, seats: tuple[int, ...] = ()) -> int:
        """So many were refunded, or these seats; gives how many of them had never had a place."""
        never = len(set(seats) & set(self.seats)) if self.seats else min(quantity, self.left)
        self.refunded += never
        self._without(seats, never)
        return never

    def give(self, quantity: int, seats: tuple[int, ...] = ()) -> None:
        """So many have a place now: these seats, or others in their stead."""
        self.found += quantity
        self._without(seats, quantity)

    def _without(self, seats: tuple[int, ...], changed: int) -> None:
        self.seats = tuple(seat for seat in self.seats if seat not in seats)
        self.revision += bool(changed)
