"""The book with numbered seats against a naive model: a list of who has each seat."""

from datetime import UTC, datetime, timedelta

import numpy as np
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from inventory.domain import (
    Book,
    Capacity,
    GivenBack,
    HoldLine,
    HoldState,
    HoldWish,
    LeaseReport,
    LeaseState,
    LeaseTerms,
    LeaseWish,
    SoldLine,
)
from inventory.domain.errors import (
    HoldExpired,
    HoldNotFound,
    NotEnoughPlaces,
    NotYoursToGiveBack,
    SeatsApart,
    SeatsNotTogether,
    SeatTaken,
)
from inventory.domain.seats import SeatMap
from seating import Category, Plan, Row, Seat, SeatState, Zone
from seating.allocation import Allocator
from seating.index import index_of

NOW = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)
TERMS = LeaseTerms(timedelta(hours=2), timedelta(minutes=5))
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
        self.counts = (0, 0, 0)
        self.holds, self.leases = {}, {}
        self.sold_under = {}  # seat -> lease by which its sale came in
        self.till_sold = {}  # lease -> seats that its till sold and the centre does not know of yet
        self.owner = {}  # the naive model: seat -> hold
        self.wanted = {}  # hold -> its seats, for as long as it is known
        self.blocked = {}
        self.serial = 0
        self.begin()

    def begin(self):
        """A transaction: the book sees what is committed."""
        capacity = Capacity("p", SEATS, NOW, NOW + timedelta(hours=3), plan_version_id="plan")
        capacity.sold, capacity.held, capacity.leased = self.counts
        seats = SeatMap("p", ALLOCATOR, self.status.copy(), self.version)
        self.book = Book(capacities={"p": capacity}, seats={"p": seats}, holds=self.holds, leases=self.leases)

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
        self.counts = (capacity.sold, capacity.held, capacity.leased)
        assert {seat: owner for seat, (owner, _) in self.rows.items()} == self.owner
        assert sum(state == SeatState.SOLD for _, state in self.rows.values()) == capacity.sold
        self.begin()

    def wish(self, quantity, seats=(), **others):
        self.serial += 1
        line = HoldLine("p", "", "", quantity, tuple(seats))
        return HoldWish(f"h{self.serial}", (line,), NOW + timedelta(minutes=5), **others)

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
        if self.holds[hold_id].state is HoldState.CONFIRMED:
            self.book.confirm(hold_id, NOW)  # once more: nothing changes, even if it was exchanged meanwhile
            return
        try:
            self.book.confirm(hold_id, NOW)
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

    @rule(data=st.data(), seats=chosen)
    def change_the_basket(self, data, seats):
        """Its own seats may be asked for again; refused, it keeps them."""
        running = sorted(i for i in self.wanted if self.holds[i].state is HoldState.ACTIVE)
        if not running:
            return
        old = data.draw(st.sampled_from(running))
        others = {seat for seat, owner in self.owner.items() if owner != old}
        try:
            hold = self.book.hold(self.wish(len(seats), seats, replaces=old), NOW)
        except (SeatTaken, NotEnoughPlaces):
            assert others & set(seats)
            assert self.holds[old].state is HoldState.ACTIVE
        else:
            assert not others & set(seats)
            self.lose(old)
            self.own(hold)

    @rule(data=st.data(), seats=chosen)
    def exchange(self, data, seats):
        """One sold seat of a hold for others."""
        sold = sorted(i for i in self.wanted if self.holds[i].state is HoldState.CONFIRMED)
        if not sold:
            return
        old = data.draw(st.sampled_from(sold))
        back = data.draw(st.sampled_from(sorted(self.wanted[old])))
        taken = any(seat in self.owner for seat in seats)
        wish = self.wish(len(seats), seats, gives_back=(GivenBack(old, "p", 1, (back,)),))
        try:
            hold = self.book.hold(wish, NOW)
        except NotYoursToGiveBack:
            assert self.owner.get(back) != old
        except (SeatTaken, NotEnoughPlaces):
            assert taken
        else:
            assert self.owner[back] == old
            assert not taken
            self.own(hold)
            self.book.confirm(hold.hold_id, NOW)
            del self.owner[back]

    # -- leases of seats

    @rule(till=st.sampled_from(["t1", "t2"]), left=st.integers(1, 9))
    def grant(self, till, left):
        self.serial += 1
        self.book.grant(till, LeaseWish("p", left, left, seats=True), f"l{self.serial}", NOW, TERMS)
        lease = self.book.active_lease(till, "p")
        if lease is not None:
            new = [seat for seat in lease.seats if self.owner.get(seat) != lease.lease_id]
            assert not any(seat in self.owner for seat in new)
            self.owner |= dict.fromkeys(new, lease.lease_id)

    @rule(till=st.sampled_from(["t1", "t2"]), seats=chosen)
    def grant_named(self, till, seats):
        """A customer points at seats: the till gets all of them, or none."""
        self.serial += 1
        lease = self.book.active_lease(till, "p")
        own = set(lease.seats) if lease else set()
        wish = LeaseWish("p", 1, 0, seats=True, named_seats=tuple(seats))
        taken = any(seat in self.owner for seat in set(seats) - own)
        try:
            self.book.grant(till, wish, f"l{self.serial}", NOW, TERMS)
        except SeatTaken:
            after = self.book.active_lease(till, "p")
            assert (set(after.seats) if after else set()) == own
            return
        assert not taken
        lease = self.book.active_lease(till, "p")
        assert set(seats) <= set(lease.seats)
        self.owner |= dict.fromkeys(set(lease.seats) - own, lease.lease_id)

    def some_lease(self, data, *states):
        able = sorted(i for i, lease in self.leases.items() if lease.state in states and lease.seats)
        return self.leases[data.draw(st.sampled_from(able))] if able else None

    @rule(data=st.data())
    def the_till_sells(self, data):
        lease = self.some_lease(data, LeaseState.ACTIVE)
        if lease:
            gone = self.till_sold.setdefault(lease.lease_id, [])
            left = [seat for seat in lease.seats if seat not in gone]
            if left:
                gone.append(data.draw(st.sampled_from(left)))

    @rule(data=st.data(), done=st.booleans(), stale=st.booleans())
    def the_till_reports(self, data, done, stale):
        lease = self.some_lease(data, LeaseState.ACTIVE)
        if not lease:
            return
        sold_before = lease.used
        gone = self.till_sold.get(lease.lease_id, [])
        back = data.draw(st.lists(st.sampled_from(lease.seats), unique=True))
        back = [seat for seat in back if seat not in gone]
        known = [seat for seat in range(1, SEATS + 1) if self.sold_under.get(seat) == lease.lease_id]
        told = LeaseReport(
            lease.lease_id, sold_before + len(gone), 0, done, tuple(back), (*known, *gone), lease.epoch - stale
        )
        self.book.report(lease.till_id, told, NOW, TERMS)
        freed = set(lease_before := self.seats_of(lease.lease_id)) - set(lease.seats) - set(known)
        expected = set(lease_before) - set(known) - set(gone) if done else set(() if stale else back)
        assert freed == expected
        for seat in freed:
            del self.owner[seat]

    @rule(data=st.data())
    def a_sale_arrives(self, data):
        waiting = sorted(i for i, seats in self.till_sold.items() if seats)
        if waiting:
            lease = self.leases[data.draw(st.sampled_from(waiting))]
            seats = tuple(self.till_sold.pop(lease.lease_id))
            self.serial += 1
            line = SoldLine(f"o{self.serial}", 1, lease.till_id, "p", "", "", len(seats), lease.lease_id, "", seats)
            self.book.record_sale(line, NOW)
            assert not self.book.conflicts
            self.sold_under |= dict.fromkeys(seats, lease.lease_id)

    def seats_of(self, owner):
        return [seat for seat, who in self.owner.items() if who == owner]

    @invariant()
    def seats_and_counts_agree(self):
        status = self.book.seats["p"].status
        assert {seat for seat in range(1, SEATS + 1) if status[seat - 1]} == set(self.owner)
        capacity = self.book.capacities["p"]
        assert capacity.sold + capacity.held + capacity.leased == len(self.owner) <= capacity.total
        assert capacity.leased == sum(len(lease.seats) for lease in self.leases.values())
        assert all(len(lease.seats) == lease.outstanding for lease in self.leases.values())
        assert capacity.sold == int((status == SeatState.SOLD).sum())


TestSeatBook = SeatBook.TestCase
TestSeatBook.settings = settings(max_examples=120, stateful_step_count=40, deadline=None)
