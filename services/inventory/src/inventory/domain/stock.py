"""Articles in their places: how many are where, why each came or went, and when somebody should look (O3, O5)."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from enum import IntEnum
from typing import NamedTuple

from inventory.domain.errors import Facts, NotEnoughStock
from inventory.domain.holds import HoldLine

MAIN_PLACE = "00000000-0000-0000-0000-000000000001"  # always there: who sells from no other place sells from it


class Cause(IntEnum):
    """Why stock moved (O3)."""

    RECEIVED = 1
    SOLD = 2
    CORRECTED = 3
    RETURNED = 4
    TRANSFERRED = 5
    LOST = 6
    BROKEN = 7
    REFUNDED = 8


class StockState(IntEnum):
    OK = 1
    LOW = 2
    OUT = 3
    NEGATIVE = 4


class Shelf(NamedTuple):
    """Where an article, or an option of it, lies."""

    place_id: str
    product_id: str
    option: str


@dataclass(frozen=True)
class StockPlace:
    """Somewhere that stock lies (lieu de stock): the reserve, the shop, a point of sale."""

    place_id: str
    name: str
    points_of_sale: tuple[str, ...] = ()  # they sell from it
    closed: bool = False

    @property
    def main(self) -> bool:
        return self.place_id == MAIN_PLACE


@dataclass(frozen=True)
class Act:
    """What somebody does with stock: the reference by which it is found again, and who does it."""

    reference: str  # order, hold or request
    by_id: str = ""
    by_name: str = ""
    note: str = ""


@dataclass(frozen=True)
class Movement:
    shelf: Shelf
    quantity: int  # negative: out; never 0
    cause: Cause
    act: Act


@dataclass
class StockLevel:
    """An article, or an option of it, in a place. `on_hand` may be negative: sold at a till before it was there."""

    product_id: str
    option: str
    on_hand: int = 0
    held: int = 0
    place_id: str = MAIN_PLACE
    threshold: int | None = None  # seuil d'alerte

    @property
    def shelf(self) -> Shelf:
        return Shelf(self.place_id, self.product_id, self.option)

    @property
    def free(self) -> int:
        return max(0, self.on_hand - self.held)

    @property
    def is_low(self) -> bool:
        """Whether somebody wants to be told of it."""
        return self.threshold is not None and self.on_hand <= self.threshold

    @property
    def state(self) -> StockState:
        if self.on_hand < 0:
            return StockState.NEGATIVE
        if self.on_hand == 0:
            return StockState.OUT
        return StockState.LOW if self.is_low else StockState.OK

    def hold(self, quantity: int) -> None:
        self.must_have(quantity)
        self.held += quantity

    def confirm(self, quantity: int) -> None:
        """Held articles leave the shelf."""
        self.held -= quantity
        self.on_hand -= quantity

    def release(self, quantity: int) -> None:
        self.held -= quantity

    def sell(self, quantity: int) -> None:
        """Articles leave the shelf. Raises NotEnoughStock."""
        self.must_have(quantity)
        self.on_hand -= quantity

    def unsell(self, quantity: int) -> None:
        """Take back a `sell` of the same transaction."""
        self.on_hand += quantity

    def must_have(self, quantity: int) -> None:
        """Raises NotEnoughStock when fewer are free."""
        if quantity > self.free:
            raise _short(self.shelf, quantity, self.free)


@dataclass
class Shelves:
    """The stock that a transaction has locked. Always: what is on hand is the sum of all movements."""

    levels: dict[Shelf, StockLevel] = field(default_factory=dict)
    movements: list[Movement] = field(default_factory=list)
    sells_from: dict[str, str] = field(default_factory=dict)  # till or point of sale -> place; who is not there: main

    def place_of(self, seller: str) -> str:
        """The place from which a till or a point of sale sells."""
        return self.sells_from.get(seller, MAIN_PLACE)

    def placed(self, lines: Iterable[HoldLine], point_of_sale_id: str) -> list[HoldLine]:
        """The lines, those of articles with the place from which they come."""
        place_id = self.place_of(point_of_sale_id)
        return [replace(line, place_id=place_id) if line.product_id else line for line in lines]

    def of(self, line: HoldLine) -> StockLevel:
        """Where a placed line's articles lie. Raises NotEnoughStock when there never were any."""
        shelf = Shelf(line.place_id, line.product_id, line.option)
        level = self.levels.get(shelf)
        if level is None:
            raise _short(shelf, line.quantity, 0)
        return level

    def note_sold(self, lines: Iterable[HoldLine], hold_id: str) -> None:
        """The movements of a hold whose articles have just left their shelves."""
        for line in lines:
            if line.product_id:
                shelf = Shelf(line.place_id, line.product_id, line.option)
                self.movements.append(Movement(shelf, -line.quantity, Cause.SOLD, Act(hold_id)))

    def sell_sealed(self, product_id: str, option: str, quantity: int, act: Act, held: Iterable[HoldLine] = ()) -> None:
        """A sale that is a fact: from where its hold had them, if it had one, else from where the till sells."""
        self.move(self._shelf_of(product_id, option, act, held), -quantity, Cause.SOLD, act)

    def refund_sealed(
        self, product_id: str, option: str, quantity: int, act: Act, held: Iterable[HoldLine] = ()
    ) -> None:
        """Articles of a refund come back to where they are sold from."""
        self.move(self._shelf_of(product_id, option, act, held), quantity, Cause.REFUNDED, act)

    def _shelf_of(self, product_id: str, option: str, act: Act, held: Iterable[HoldLine]) -> Shelf:
        of_hold = [line.place_id for line in held if (line.product_id, line.option) == (product_id, option)]
        return Shelf(of_hold[0] if of_hold else self.place_of(act.by_id), product_id, option)

    def move(self, shelf: Shelf, quantity: int, cause: Cause, act: Act) -> StockLevel:
        """Articles come or go. What has happened is never refused: there may be fewer than none afterwards."""
        level = self.levels[shelf]
        if quantity:
            level.on_hand += quantity
            self.movements.append(Movement(shelf, quantity, cause, act))
        return level

    def count(self, shelf: Shelf, counted: int, act: Act) -> tuple[StockLevel, int]:
        """So many were found there: the difference is a correction. Gives it with the level."""
        difference = counted - self.levels[shelf].on_hand
        return self.move(shelf, difference, Cause.CORRECTED, act), difference

    def transfer(self, source: Shelf, place_id: str, quantity: int, act: Act) -> tuple[StockLevel, StockLevel]:
        """Carry articles that nobody holds to another place. Raises NotEnoughStock."""
        self.levels[source].must_have(quantity)
        there = source._replace(place_id=place_id)
        taken = self.move(source, -quantity, Cause.TRANSFERRED, act)
        return taken, self.move(there, quantity, Cause.TRANSFERRED, act)


def _short(shelf: Shelf, wanted: int, free: int) -> NotEnoughStock:
    facts: Facts = {**shelf._asdict(), "wanted": wanted, "free": free}
    return NotEnoughStock(f"{wanted} articles wanted, {free} free", **facts)
