"""Numbered seats in a till's hands (G1, D2): its tables and the centre's rules, with lost answers and acts meanwhile.

Each seat is on at most one paper that is not refunded, whoever sold it, and no till can sell a seat that is somebody
else's.
"""

import sqlite3
from datetime import UTC, datetime, timedelta
from importlib import resources

import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from device_gateway.domain import leases as till_rules
from device_gateway.store import leases as till_store
from inventory.domain import Book, Capacity, HoldLine, HoldWish, LeaseReport, LeaseTerms, LeaseWish, SoldLine
from inventory.domain.book import RefundedLine
from inventory.domain.errors import SeatTaken
from inventory.domain.seats import SeatMap
from seating import Category, Plan, Row, Seat, Zone
from seating.allocation import Allocator
from seating.index import index_of

NOW = datetime(2026, 11, 27, 12, 0, tzinfo=UTC)
TERMS = LeaseTerms(timedelta(hours=2), timedelta(minutes=5))
ROWS, WIDTH = 4, 6
SEATS = ROWS * WIDTH


def allocator():
    """Two rows of each of two categories."""
    rows = []
    for row in range(ROWS):
        ids = [f"{row}-{number}" for number in range(WIDTH)]
        rows.append(Row(str(row), tuple(
            Seat(one, str(i), 50 * i, 90 * row, str(row // 2), ids[i - 1] if i else None,
                 ids[i + 1] if i + 1 < WIDTH else None, 1 + row) for i, one in enumerate(ids)
        )))  # fmt: skip
    categories = (Category("0", "Une", "#111111"), Category("1", "Deux", "#222222"))
    return Allocator(index_of(Plan("x", 300, 400, (150, 0), categories, (Zone("p", "P", tuple(rows)),))))


ALLOCATOR = allocator()


def database():
    connection = sqlite3.connect(":memory:", isolation_level=None)
    connection.row_factory = sqlite3.Row
    connection.execute("PRAGMA foreign_keys=ON")
    connection.executescript(resources.files("device_gateway.store").joinpath("schema.sql").read_text("utf-8"))
    return connection


class SeatsInATillsHands(RuleBasedStateMachine):
    @initialize()
    def open(self):
        capacity = Capacity("p", SEATS, NOW, NOW + timedelta(hours=3), plan_version_id="plan")
        seats = SeatMap("p", ALLOCATOR, np.zeros(SEATS, np.uint8), 0)
        self.book = Book(capacities={"p": capacity}, seats={"p": seats})
        self.till = database()
        self.serial = 0
        self.waiting = []  # sales of the till that the centre has not heard of
        self.arrived = []  # those that it has
        self.papers = {}  # seat -> who sold it, for as long as it is not refunded

    def teardown(self):
        self.till.close()

    def held(self):
        return till_store.every(self.till)

    def at_hand(self):
        return till_rules.seats_at_hand(self.held(), "p", NOW)

    def sell(self, seats):
        for draw in till_rules.draw_seats(self.at_hand(), "p", seats):
            till_store.use(self.till, [draw])
            self.serial += 1
            line = SoldLine(f"o{self.serial}", 1, "t", "p", "", "", len(draw.seats), draw.lease_id, "", draw.seats)
            self.waiting.append(line)
        assert not set(seats) & set(self.papers)
        self.papers |= dict.fromkeys(seats, "t")

    @rule(data=st.data())
    def the_till_sells(self, data):
        if able := sorted(self.at_hand()):
            self.sell(data.draw(st.lists(st.sampled_from(able), min_size=1, max_size=3, unique=True)))

    @rule(data=st.data())
    def a_customer_does_not_want_some(self, data):
        for lease in self.held():
            if lease.seats and not lease.done:
                back = data.draw(st.lists(st.sampled_from(lease.seats), unique=True))
                till_store.give_back(self.till, [lease.shrunk_by(len(back), back)])

    @rule()
    def the_performance_is_taken_off_sale_here(self):
        till_store.give_back(self.till, [lease.given_back() for lease in self.held() if lease.active])

    @rule(
        left=st.integers(1, 6), code=st.sampled_from("01"), lost=st.booleans(), data=st.data(),
        named=st.lists(st.integers(1, SEATS), max_size=2, unique=True), meanwhile=st.booleans(),
    )  # fmt: skip
    def the_till_calls(self, left, code, lost, data, named, meanwhile):
        """As the gateway does. A cashier may sell while the call is under way, and the answer may be lost."""
        held = self.held()
        said = [LeaseReport(x.lease_id, x.used, x.returned, x.done, x.back_seats, x.sold_seats, x.epoch) for x in held]
        for report in said:
            self.book.report("t", report, NOW, TERMS)
        self.book.renew("t", NOW, TERMS)
        self.serial += 1
        wish = LeaseWish("p", left, categories=(code,), seats=True, named_seats=tuple(named))
        taken = [seat for seat in named if self.book.seats["p"].status[seat - 1] and seat not in self.centre_lends()]
        try:
            self.book.grant("t", wish, f"l{self.serial}", NOW, TERMS)
            assert not taken
        except SeatTaken:
            assert taken or self.refunded()
        named_leases = {report.lease_id for report in said}
        told = [
            till_rules.Lease(
                x.lease_id, "p", x.granted, x.used, x.returned, x.epoch, x.expires_at, x.state == 1, seats=x.seats
            )
            for x in self.book.leases.values()
            if x.state == 1 or x.lease_id in named_leases
        ]
        if meanwhile:
            self.the_till_sells(data)
            self.a_customer_does_not_want_some(data)
        if lost:
            return
        till_store.keep(self.till, told, held)
        if not meanwhile and not taken and not self.refunded():
            assert set(named) <= set(self.at_hand()) | set(self.papers)

    def centre_lends(self):
        lease = self.book.active_lease("t", "p")
        return lease.seats if lease else ()

    def refunded(self):
        lease = self.book.active_lease("t", "p")
        return lease.refunded_seats if lease else ()

    @precondition(lambda self: self.waiting)
    @rule()
    def a_sale_arrives(self):
        line = self.waiting.pop(0)
        self.book.record_sale(line, NOW)
        self.arrived.append(line)

    @precondition(lambda self: self.arrived)
    @rule()
    def a_sale_is_refunded(self):
        self.serial += 1
        line = self.arrived.pop(0)
        owners = dict.fromkeys(line.seats, line.lease_id)
        self.book.record_refund(RefundedLine(f"r{self.serial}", "t", line), owners, {})
        for seat in line.seats:
            del self.papers[seat]

    @rule(data=st.data())
    def the_web_sells(self, data):
        free = [seat for seat in range(1, SEATS + 1) if self.book.seats["p"].is_free(seat)]
        if free:
            self.serial += 1
            seats = tuple(data.draw(st.lists(st.sampled_from(free), min_size=1, max_size=4, unique=True)))
            line = HoldLine("p", "", "", len(seats), seats)
            self.book.hold(HoldWish(f"h{self.serial}", (line,), NOW + timedelta(minutes=5)), NOW)
            self.book.confirm(f"h{self.serial}", NOW)
            assert not set(seats) & set(self.papers)
            self.papers |= dict.fromkeys(seats, "web")

    @invariant()
    def nothing_at_hand_is_anybody_elses(self):
        at_hand = set(self.at_hand())
        assert not at_hand & set(self.papers)
        assert all(not self.book.seats["p"].is_free(seat) for seat in at_hand)
        assert not self.book.conflicts
        for lease in self.held():
            assert lease.left == len(lease.seats) or lease.done
            assert lease.used == len(lease.sold_seats)


TestSeatsInATillsHands = SeatsInATillsHands.TestCase
TestSeatsInATillsHands.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)


def lease(*seats, epoch=1, back=()):
    return till_rules.Lease(
        "l", "p", 9, 0, 0, epoch, NOW + timedelta(hours=1), True, seats=seats, back_seats=back
    )  # fmt: skip


def test_a_seat_that_is_given_back_while_a_call_is_under_way_does_not_come_back_with_its_answer():
    till = database()
    till_store.keep(till, [lease(1, 2, 3)])
    said = till_store.every(till)
    till_store.give_back(till, [said[0].shrunk_by(1, [2])])
    till_store.keep(till, [lease(1, 2, 3)], said)
    [held] = till_store.every(till)
    assert (held.seats, held.back_seats) == ((1, 3), (2,))
    till_store.keep(till, [lease(1, 3, epoch=2)], [held])
    [held] = till_store.every(till)
    assert (held.seats, held.back_seats) == ((1, 3), ())
    till.close()


def test_what_the_centre_does_not_name_is_not_for_sale_any_more():
    till = database()
    till_store.keep(till, [lease(1, 2, 3)])
    till_store.keep(till, [lease(1, 4)], till_store.every(till))
    [held] = till_store.every(till)
    assert (held.seats, held.left) == ((1, 4), 2)
    till.close()


def test_the_tills_table_itself_refuses_to_sell_a_seat_twice():
    """G1: even if all code above it were wrong."""
    till = database()
    till_store.keep(till, [lease(1, 2)])
    draw = till_rules.Draw("l", 1, "p", (1,))
    till_store.use(till, [draw])
    with pytest.raises(sqlite3.IntegrityError, match="sold once"):
        till_store.use(till, [draw])
    till.close()
