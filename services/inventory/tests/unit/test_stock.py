"""Articles in their places: whatever happens, what is on hand is the sum of the movements, and nothing held is lost."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from inventory.domain import (
    MAIN_PLACE,
    Act,
    Book,
    Cause,
    HoldLine,
    HoldState,
    HoldWish,
    Shelf,
    SoldLine,
    StockLevel,
    StockState,
)
from inventory.domain.contingents import Buyer
from inventory.domain.errors import HoldExpired, HoldNotFound, NotEnoughStock

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
SHOP = "shop"
PLACES, ARTICLES, SELLERS = (MAIN_PLACE, SHOP), ("mug", "book"), ("kiosk", "desk")
ACT = Act("r", "u", "Anna")


def book(**on_hand):
    made = Book()
    for article in ARTICLES:
        for place_id in PLACES:
            level = StockLevel(article, "", place_id=place_id)
            made.stock.levels[level.shelf] = level
            made.stock.move(level.shelf, on_hand.get(article, 0) if place_id == SHOP else 0, Cause.RECEIVED, ACT)
    made.stock.sells_from = {"kiosk": SHOP, "kiosk-till": SHOP}
    return made


def wish(hold_id, article, quantity, point_of_sale_id):
    return HoldWish(hold_id, (HoldLine("", article, "", quantity),), NOW, Buyer("web", point_of_sale_id, ""))


def sold(article, quantity, till_id="", hold_id="", order_id="o"):
    return SoldLine(order_id, 1, till_id, "", article, "", quantity, "", hold_id)


def test_a_basket_takes_articles_from_the_place_of_its_point_of_sale_and_from_no_other():
    """O3: the shop's mugs are no help to who sells from the main place; the facts say which place is short."""
    b = book(mug=2)
    with pytest.raises(NotEnoughStock) as short:
        b.hold(wish("a", "mug", 1, "desk"), NOW)
    assert short.value.facts == {"place_id": MAIN_PLACE, "product_id": "mug", "option": "", "wanted": "1", "free": "0"}
    b.hold(wish("b", "mug", 2, "kiosk"), NOW)
    assert b.stock.levels[SHOP, "mug", ""].free == 0


def test_a_sealed_sale_is_never_refused_and_its_place_may_owe_articles():
    b = book(mug=1)
    b.record_sale(sold("mug", 3, "kiosk-till"), NOW)
    assert b.stock.levels[SHOP, "mug", ""].on_hand == -2
    assert b.stock.levels[SHOP, "mug", ""].state is StockState.NEGATIVE


def test_a_sealed_sale_whose_hold_ran_out_still_takes_from_where_the_hold_was():
    b = book(mug=1)
    b.hold(wish("a", "mug", 1, "kiosk"), NOW)
    b.expire(["a"], NOW + timedelta(minutes=1))
    b.stock.move(Shelf(SHOP, "mug", ""), -1, Cause.BROKEN, ACT)
    b.record_sale(sold("mug", 1, hold_id="a"), NOW)
    assert b.stock.levels[SHOP, "mug", ""].on_hand == -1
    assert b.stock.levels[MAIN_PLACE, "mug", ""].on_hand == 0


def test_a_transfer_is_two_movements_with_one_reference_and_leaves_what_is_held():
    b = book(mug=3)
    b.hold(wish("a", "mug", 2, "kiosk"), NOW)
    with pytest.raises(NotEnoughStock):
        b.stock.transfer(Shelf(SHOP, "mug", ""), MAIN_PLACE, 2, ACT)
    b.stock.transfer(Shelf(SHOP, "mug", ""), MAIN_PLACE, 1, Act("t"))
    moved = [(m.shelf.place_id, m.quantity, m.cause) for m in b.stock.movements if m.act.reference == "t"]
    assert moved == [(SHOP, -1, Cause.TRANSFERRED), (MAIN_PLACE, 1, Cause.TRANSFERRED)]


def test_a_count_is_a_correction_of_the_difference_and_none_when_there_is_none():
    b = book(mug=5)
    shelf, before = Shelf(SHOP, "mug", ""), len(b.stock.movements)
    assert b.stock.count(shelf, 5, ACT)[1] == 0
    assert len(b.stock.movements) == before
    level, difference = b.stock.count(shelf, 3, ACT)
    assert (level.on_hand, difference, b.stock.movements[-1].cause) == (3, -2, Cause.CORRECTED)


@pytest.mark.parametrize(
    ("on_hand", "threshold", "state"),
    [
        (5, None, StockState.OK), (5, 4, StockState.OK), (5, 5, StockState.LOW), (1, 5, StockState.LOW),
        (0, None, StockState.OUT), (0, 5, StockState.OUT), (-1, None, StockState.NEGATIVE),
    ],
)  # fmt: skip
def test_a_state_is_read_from_what_is_there_and_the_threshold(on_hand, threshold, state):
    """O5."""
    assert StockLevel("mug", "", on_hand, threshold=threshold).state is state


class StockBook(RuleBasedStateMachine):
    """Every act on stock, in any order."""

    @initialize()
    def open(self):
        self.book, self.number = book(), 0

    def new(self):
        self.number += 1
        return f"n{self.number}"

    @rule(
        place=st.sampled_from(PLACES), article=st.sampled_from(ARTICLES), quantity=st.integers(-6, 6),
        cause=st.sampled_from([Cause.RECEIVED, Cause.CORRECTED, Cause.RETURNED, Cause.LOST, Cause.BROKEN]),
    )  # fmt: skip
    def move(self, place, article, quantity, cause):
        self.book.stock.move(Shelf(place, article, ""), quantity, cause, Act(self.new()))

    @rule(place=st.sampled_from(PLACES), article=st.sampled_from(ARTICLES), counted=st.integers(0, 9))
    def count(self, place, article, counted):
        level, _ = self.book.stock.count(Shelf(place, article, ""), counted, Act(self.new()))
        assert level.on_hand == counted

    @rule(source=st.sampled_from(PLACES), article=st.sampled_from(ARTICLES), quantity=st.integers(1, 6))
    def transfer(self, source, article, quantity):
        (there,) = {*PLACES} - {source}
        levels = self.book.stock.levels
        together = levels[source, article, ""].on_hand + levels[there, article, ""].on_hand
        free = levels[source, article, ""].free
        try:
            self.book.stock.transfer(Shelf(source, article, ""), there, quantity, Act(self.new()))
            assert quantity <= free
        except NotEnoughStock:
            assert quantity > free
        assert levels[source, article, ""].on_hand + levels[there, article, ""].on_hand == together

    @rule(seller=st.sampled_from(SELLERS), article=st.sampled_from(ARTICLES), quantity=st.integers(1, 4))
    def hold(self, seller, article, quantity):
        level = self.book.stock.levels[self.book.stock.place_of(seller), article, ""]
        free = level.free
        try:
            self.book.hold(wish(self.new(), article, quantity, seller), NOW)
            assert quantity <= free
        except NotEnoughStock:
            assert quantity > free

    @rule(which=st.integers(0, 20), how=st.sampled_from(["confirm", "release", "expire", "sell"]))
    def end(self, which, how):
        if not self.book.holds:
            return
        hold = list(self.book.holds.values())[which % len(self.book.holds)]
        line = hold.lines[0]
        try:
            if how == "confirm":
                self.book.confirm(hold.hold_id, NOW)
            elif how == "release":
                self.book.release(hold.hold_id)
            elif how == "expire":
                self.book.expire([hold.hold_id], NOW)
            else:
                self.book.record_sale(sold(line.product_id, line.quantity, "", hold.hold_id, self.new()), NOW)
        except (HoldExpired, HoldNotFound):
            pass

    @rule(till=st.sampled_from(["kiosk-till", "desk-till"]), article=st.sampled_from(ARTICLES), n=st.integers(1, 4))
    def sell_at_a_till(self, till, article, n):
        self.book.record_sale(sold(article, n, till, order_id=self.new()), NOW)

    @invariant()
    def what_is_on_hand_is_the_sum_of_the_movements(self):
        for level in self.book.stock.levels.values():
            assert level.on_hand == sum(m.quantity for m in self.book.stock.movements if m.shelf == level.shelf)

    @invariant()
    def what_is_held_is_in_running_holds(self):
        for level in self.book.stock.levels.values():
            running = [hold for hold in self.book.holds.values() if hold.state is HoldState.ACTIVE]
            lines = [line for hold in running for line in hold.lines]
            here = [x.quantity for x in lines if Shelf(x.place_id, x.product_id, x.option) == level.shelf]
            assert level.held == sum(here)

    @invariant()
    def every_movement_moves_something_and_says_by_what(self):
        assert all(m.quantity and m.act.reference for m in self.book.stock.movements)


TestStockBook = StockBook.TestCase
TestStockBook.settings = settings(max_examples=80, stateful_step_count=30, deadline=None)
