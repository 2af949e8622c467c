"""The book with numbered seats against a naive model: a list of who has each seat."""

from datetime import UTC, datetime, timedelta

import numpy as np
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from inventory.domain import Book, Capacity, HoldLine, HoldState, HoldWish
from inventory.domain.errors import (
    HoldExpired,
    HoldNotFound,
    NotEnoughPlaces,
    SeatsApart,
    SeatsNotTogether,
    SeatTaken,
)
from inventory.domain.seats import SeatMap
from seating import Category, Plan, Row, Seat, SeatState, Zone
from seating.allocation import Allocator
from seating.index import index_of

NOW = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)
ROWS, WIDTH = 3, 6
SEATS = ROWS * WIDTH


def allocator():
    rows = []
    for row in range(ROWS):
        ids = [f"{row}-{number}" for number in range(WIDTH)]
        rows.append(Row(str(row), tuple(
            Seat(one, str(i), 50 * i, 90 * row, "1", ids[i - 1] if i else None, ids[i + 1] if i + 1 < WIDTH else None,
                 1 + row) for i, one in enumerate(ids)
        )))  # fmt: skip
    plan = Plan("x", 300, 300, (150, 0), (Category("1", "Une", "#111111"),), (Zone("p", "P", tuple(rows)),))
    return Allocator(index_of(plan))


ALLOCATOR = allocator()
chosen = st.lists(st.integers(1, SEATS), min_size=1, max_size=4, unique=True)


class SeatBook(RuleBasedStateMachine):
    @initialize()
    def open(self):
        self.status = np.zeros(SEATS, np.uint8)
        self.rows = {}  # what the database would hold: seat -> (owner, state)
        self.version = 0
        self.counts = (0, 0)
        self.holds = {}
        self.owner = {}  # the naive model: seat -> hold
        self.wanted = {}  # hold -> its seats, for as long as it is known
        self.blocked = {}
        self.serial = 0
        self.begin()

    def begin(self):
        """A transaction: the book sees what is committed."""
        capacity = Capacity("p", SEATS, NOW, NOW + timedelta(hours=3), plan_version_id="plan")
        capacity.sold, capacity.held = self.counts
        seats = SeatMap("p", ALLOCATOR, self.status.copy(), self.version)
        self.book = Book(capacities={"p": capacity}, seats={"p": seats}, holds=self.holds)

    @rule()
    def commit(self):
        """As the store writes it: deletes, then inserts that no row may be in the way of, then updates."""
        seats = self.book.seats["p"]
        moves = seats.changed()
        for seat, move in moves.items():
            if move.before is not None and move.before != move.after:
                assert self.rows.pop(seat)[0] == move.before
        for seat, move in moves.items():
            if move.after is not None and move.before != move.after:
                assert seat not in self.rows
                self.rows[seat] = (move.after, move.state)
            elif move.after is not None:
                assert self.rows[seat][0] == move.after
                self.rows[seat] = (move.after, move.state)
        self.status, self.version = seats.status, self.version + bool(moves)
        capacity = self.book.capacities["p"]
        self.counts = (capacity.sold, capacity.held)
        assert {seat: owner for seat, (owner, _) in self.rows.items()} == self.owner
        assert sum(state == SeatState.SOLD for _, state in self.rows.values()) == capacity.sold
        self.begin()

    def wish(self, quantity, seats=()):
        self.serial += 1
        line = HoldLine("p", "", "", quantity, tuple(seats))
        return HoldWish(f"h{self.serial}", (line,), NOW + timedelta(minutes=5))

    @rule(seats=chosen)
    def hold_named(self, seats):
        wish = self.wish(len(seats), seats)
        try:
            hold = self.book.hold(wish, NOW)
        except SeatTaken:
            assert any(seat in self.owner for seat in seats)
        except NotEnoughPlaces:
            assert len(seats) > SEATS - len(self.owner)
        else:
            assert not any(seat in self.owner for seat in seats)
            self.own(hold)

    @rule(quantity=st.integers(1, 5))
    def hold_best(self, quantity):
        try:
            hold = self.book.hold(self.wish(quantity), NOW)
        except NotEnoughPlaces:
            assert quantity > SEATS - len(self.owner)
        except (SeatsApart, SeatsNotTogether):
            assert quantity <= SEATS - len(self.owner)
        else:
            assert len(hold.lines[0].seats) == quantity
            assert not any(seat in self.owner for seat in hold.lines[0].seats)
            self.own(hold)

    def own(self, hold):
        self.wanted[hold.hold_id] = hold.lines[0].seats
        self.owner |= dict.fromkeys(hold.lines[0].seats, hold.hold_id)

    def lose(self, hold_id):
        self.owner = {seat: owner for seat, owner in self.owner.items() if owner != hold_id}

    @rule(data=st.data())
    def release(self, data):
        if self.wanted:
            hold_id = data.draw(st.sampled_from(sorted(self.wanted)))
            was = self.holds[hold_id].state
            self.book.release(hold_id)
            if was is HoldState.ACTIVE:
                self.lose(hold_id)

    @rule(data=st.data())
    def expire(self, data):
        if self.wanted:
            hold_id = data.draw(st.sampled_from(sorted(self.wanted)))
            if self.book.expire([hold_id], NOW + timedelta(hours=1)):
                self.lose(hold_id)

    @rule(data=st.data())
    def confirm(self, data):
        if not self.wanted:
            return
        hold_id = data.draw(st.sampled_from(sorted(self.wanted)))
        try:
            self.book.confirm(hold_id)
        except HoldNotFound:
            assert self.holds[hold_id].state is HoldState.RELEASED
        except HoldExpired:
            assert any(seat in self.owner for seat in self.wanted[hold_id])
        else:
            assert all(self.owner.get(seat, hold_id) == hold_id for seat in self.wanted[hold_id])
            self.owner |= dict.fromkeys(self.wanted[hold_id], hold_id)

    @rule(seats=chosen)
    def block(self, seats):
        self.serial += 1
        block_id = f"b{self.serial}"
        try:
            self.book.block("p", seats, block_id, SeatState.HOUSE)
        except SeatTaken:
            assert any(seat in self.owner for seat in seats)
        else:
            self.blocked[block_id] = seats
            self.owner |= dict.fromkeys(seats, block_id)

    @rule(data=st.data())
    def unblock(self, data):
        if self.blocked:
            block_id = data.draw(st.sampled_from(sorted(self.blocked)))
            self.book.unblock("p", self.blocked.pop(block_id), block_id)
            self.lose(block_id)

    @invariant()
    def seats_and_counts_agree(self):
        status = self.book.seats["p"].status
        assert {seat for seat in range(1, SEATS + 1) if status[seat - 1]} == set(self.owner)
        capacity = self.book.capacities["p"]
        assert capacity.sold + capacity.held == len(self.owner) <= capacity.total
        assert capacity.sold == int((status == SeatState.SOLD).sum())


TestSeatBook = SeatBook.TestCase
TestSeatBook.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
