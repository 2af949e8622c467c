"""The book against a naive model that keeps lists of named places: whatever happens, the counters agree with it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from inventory.domain import (
    MAIN_PLACE,
    Book,
    Capacity,
    HoldLine,
    HoldState,
    HoldWish,
    LeaseReport,
    LeaseState,
    LeaseTerms,
    LeaseWish,
    Shelf,
    SoldLine,
    StockLevel,
)
from inventory.domain.errors import (
    HoldExpired,
    HoldNotFound,
    HoldReused,
    LeaseNotActive,
    LeaseNotFound,
    LeaseOverused,
    NotEnoughPlaces,
    NotEnoughStock,
    PerformanceNotHereYet,
    PerformanceUnknown,
)
from inventory.domain.leases import fair_share

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
TERMS = LeaseTerms(timedelta(hours=12), timedelta(minutes=5))
TILL = "till-1"
MUG = Shelf(MAIN_PLACE, "mug", "")


def capacity(total=10, performance_id="p", **others):
    values = {"starts_at": NOW + timedelta(hours=2), "ends_at": NOW + timedelta(hours=4)} | others
    return Capacity(performance_id, total, **values)


def book(*capacities, stock=()):
    made = Book(capacities={c.performance_id: c for c in capacities or (capacity(),)})
    made.stock.levels = {level.shelf: level for level in stock}
    return made


def wish(hold_id="h", quantity=1, until=NOW + timedelta(minutes=10), **line):
    named = {"performance_id": "p", "product_id": "", "option": ""} | line
    return HoldWish(hold_id, (HoldLine(quantity=quantity, **named),), until)


def sold(order_id="o", quantity=1, **others):
    values = {
        "line": 1,
        "till_id": TILL,
        "performance_id": "p",
        "product_id": "",
        "option": "",
        "lease_id": "",
        "hold_id": "",
    }
    return SoldLine(order_id=order_id, quantity=quantity, **values | others)


def leased(b, left=5, needed=0):
    b.grant(TILL, LeaseWish("p", left, needed), "lease", NOW, TERMS)
    return b.leases["lease"]


def test_the_last_places_go_in_full_to_the_till_where_a_customer_waits_or_not_at_all():
    """5.2: tills get single places from the last ones, but a family of four is not refused while four are free."""
    b = book(capacity(6))
    assert leased(b, 10).left == 1
    assert leased(b, 10, needed=4).left == 4
    assert leased(b, 10, needed=7).left == 4
    assert b.capacities["p"].free == 2


def test_a_hold_is_all_or_nothing_across_places_and_articles():
    b = book(capacity(5), stock=[StockLevel("mug", "", 1)])
    lines = (HoldLine("p", "", "", 3), HoldLine("", "mug", "", 2))
    with pytest.raises(NotEnoughStock):
        b.hold(HoldWish("h", lines, NOW), NOW)
    assert b.capacities["p"].held == 0
    assert not b.holds


def test_the_same_hold_again_is_the_first_answer_and_other_lines_are_refused():
    b = book()
    first = b.hold(wish(quantity=2), NOW)
    assert b.hold(wish(quantity=2, until=NOW), NOW) is first
    assert b.capacities["p"].held == 2
    with pytest.raises(HoldReused):
        b.hold(wish(quantity=3), NOW)


@pytest.mark.parametrize("change", [{"on_sale": False}, {"ends_at": NOW}])
def test_nothing_is_promised_of_what_is_cancelled_or_over(change):
    b = book(replace(capacity(), **change))
    with pytest.raises(PerformanceUnknown):
        b.hold(wish(), NOW)
    b.grant(TILL, LeaseWish("p", 5), "lease", NOW, TERMS)
    assert not b.leases


def test_an_expired_hold_is_confirmed_if_its_places_are_still_free_and_refused_if_not():
    b = book(capacity(2))
    b.hold(wish("a", 2, NOW), NOW)
    b.expire(["a"], NOW)
    assert b.capacities["p"].free == 2
    b.hold(wish("b", 1), NOW)
    with pytest.raises(HoldExpired):
        b.confirm("a", NOW)
    b.release("b")
    b.confirm("a", NOW)
    b.confirm("a", NOW)
    assert (b.capacities["p"].sold, b.capacities["p"].held) == (2, 0)


def test_a_hold_given_back_or_never_made_cannot_be_confirmed():
    b = book()
    b.hold(wish(), NOW)
    b.release("h")
    b.release("h")
    b.release("never")
    for hold_id in ("h", "never"):
        with pytest.raises(HoldNotFound):
            b.confirm(hold_id, NOW)
    assert b.capacities["p"].free == 10


def test_confirmed_articles_leave_the_shelf_with_a_movement():
    """O3."""
    b = book(stock=[StockLevel("mug", "", 3)])
    b.hold(wish(quantity=2, performance_id="", product_id="mug"), NOW)
    b.confirm("h", NOW)
    assert (b.stock.levels[MUG].on_hand, b.stock.levels[MUG].held) == (1, 0)
    assert [(m.quantity, m.act.reference) for m in b.stock.movements] == [(-2, "h")]


@pytest.mark.parametrize(
    ("free", "left", "share"), [(0, 0, 0), (1, 0, 1), (20, 0, 1), (20, 1, 0), (21, 3, 5), (400, 0, 100)]
)
def test_tills_share_fairly_and_get_single_places_when_few_are_left(free, left, share):
    assert fair_share(free, left) == share


def test_a_lease_grows_to_the_wish_and_repeating_changes_nothing():
    b = book(capacity(1000))
    lease = leased(b, 50)
    leased(b, 50)
    assert (lease.granted, lease.epoch, b.capacities["p"].leased) == (50, 1, 50)
    b.report(TILL, LeaseReport("lease", 10, 0, False), NOW, TERMS)
    leased(b, 50)
    assert (lease.granted, lease.epoch, lease.left) == (60, 2, 50)
    assert lease.expires_at == NOW + timedelta(hours=4)


def test_a_report_counts_once_and_an_older_one_changes_nothing():
    b = book(capacity(1000))
    lease = leased(b, 50)
    for used, returned in ((10, 5), (10, 5), (3, 2)):
        b.report(TILL, LeaseReport("lease", used, returned, False), NOW, TERMS)
    assert (lease.returned, lease.left, b.capacities["p"].leased) == (5, 35, 45)
    for used, returned in ((40, 20), (51, 0)):
        with pytest.raises(LeaseOverused):
            b.report(TILL, LeaseReport("lease", used, returned, False), NOW, TERMS)
    with pytest.raises(LeaseNotFound):
        b.report("another", LeaseReport("lease", 1, 0, False), NOW, TERMS)
    assert b.capacities["p"].leased == 45


def test_a_settled_lease_keeps_aside_what_was_sold_until_the_sales_arrive():
    b = book(capacity(1000))
    lease = leased(b, 50)
    for _ in range(2):
        b.report(TILL, LeaseReport("lease", 10, 0, True), NOW, TERMS)
    assert (lease.state, lease.returned, b.capacities["p"].leased) == (LeaseState.CLOSED, 40, 10)
    b.record_sale(sold(quantity=10, lease_id="lease"), NOW)
    assert (b.capacities["p"].leased, b.capacities["p"].sold) == (0, 10)
    assert not b.conflicts


def test_an_expired_lease_waits_for_its_tills_word_and_settles_when_nothing_is_left_of_it():
    """Rule 1: the sales of a dark till are not known, so its places are not free; its clock may say it is not over."""
    b = book(capacity(1000, ends_at=NOW + timedelta(days=9)))
    lease = leased(b, 50)
    late = lease.expires_at + TERMS.grace
    b.renew("another", late, TERMS)
    assert b.capacities["p"].leased == 50
    b.report(TILL, LeaseReport("lease", 7, 0, False), late, TERMS)
    b.renew(TILL, late, TERMS)
    b.grant(TILL, LeaseWish("p", 50), "next", late, TERMS)
    assert (lease.state, b.capacities["p"].leased) == (LeaseState.ACTIVE, 50)
    assert lease.wanted_back(b.house("p"), 1, lease.is_late(late, TERMS.grace)) == 43
    b.report(TILL, LeaseReport("lease", 8, 42, False), late, TERMS)
    assert (lease.state, b.capacities["p"].leased) == (LeaseState.CLOSED, 8)


def test_a_recall_leaves_aside_what_the_till_said_it_sold():
    b = book(capacity(1000))
    lease = leased(b, 50)
    b.report(TILL, LeaseReport("lease", 10, 0, False), NOW, TERMS)
    assert lease.recall(b.house("p")) == 40
    assert b.capacities["p"].leased == 10
    with pytest.raises(LeaseNotActive):
        lease.recall(b.house("p"))
    b.report(TILL, LeaseReport("lease", 30, 0, False), NOW, TERMS)
    assert lease.state is LeaseState.RECALLED


def test_sales_under_a_recalled_lease_take_free_places_then_open_a_conflict():
    """Domain 5.6."""
    b = book(capacity(40))
    lease = leased(b, 10)
    lease.recall(b.house("p"))
    b.hold(wish(quantity=38), NOW)
    b.record_sale(sold(quantity=5, lease_id="lease"), NOW)
    assert (b.capacities["p"].sold, b.capacities["p"].free) == (2, 0)
    assert [(c.quantity, c.cause) for c in b.conflicts] == [(3, "lease recalled")]
    assert (lease.used, lease.returned) == (5, 5)


def test_a_sale_confirms_its_hold_once_for_all_its_lines():
    b = book(capacity(10), capacity(10, "q"))
    lines = (HoldLine("p", "", "", 2), HoldLine("q", "", "", 1))
    b.hold(HoldWish("h", lines, NOW), NOW)
    b.record_sale(sold(quantity=2, hold_id="h"), NOW)
    b.record_sale(sold(line=2, performance_id="q", hold_id="h"), NOW)
    b.confirm("h", NOW)
    assert [(c.sold, c.held) for c in b.capacities.values()] == [(2, 0), (1, 0)]


def test_a_sale_without_lease_or_hold_counts_if_it_can_and_conflicts_if_not():
    b = book(capacity(3), stock=[StockLevel("mug", "")])
    b.record_sale(sold(quantity=2), NOW)
    b.record_sale(sold("o2", quantity=2), NOW)
    b.record_sale(sold("o3", performance_id="", product_id="mug"), NOW)
    assert b.capacities["p"].sold == 3
    assert [(c.order_id, c.quantity) for c in b.conflicts] == [("o2", 1)]
    assert b.stock.levels[MUG].on_hand == -1
    with pytest.raises(PerformanceNotHereYet):
        b.record_sale(sold(performance_id="tomorrow"), NOW)


class NaiveHouse(RuleBasedStateMachine):
    """The model counts whole places by who has them: sold, held (by hold), leased (by till). Nothing else."""

    tills = st.sampled_from(["t1", "t2"])
    few = st.integers(1, 8)

    @initialize(total=st.integers(1, 60))
    def open(self, total):
        self.now, self.total, self.orders, self.serial = NOW, total, 0, 0
        self.book = book(capacity(total, ends_at=NOW + timedelta(days=30)))
        self.sold, self.lost, self.held, self.unsynced = 0, 0, {}, {}

    @property
    def capacity(self):
        return self.book.capacities["p"]

    def free(self):
        return self.total - self.sold - sum(self.held.values()) - sum(x.outstanding for x in self.book.leases.values())

    @rule(quantity=few, minutes=st.integers(1, 30))
    def hold(self, quantity, minutes):
        self.serial += 1
        free = self.free()
        asked = wish(f"h{self.serial}", quantity, self.now + timedelta(minutes=minutes))
        try:
            self.book.hold(asked, self.now)
        except NotEnoughPlaces:
            assert quantity > free
        else:
            assert quantity <= free
            self.held[asked.hold_id] = quantity

    @rule(minutes=st.integers(1, 60))
    def time_passes(self, minutes):
        self.now += timedelta(minutes=minutes)
        self.book.expire(list(self.book.holds), self.now)
        self.held = {i: n for i, n in self.held.items() if self.book.holds[i].held_until > self.now}

    @rule(data=st.data())
    def confirm(self, data):
        if not self.book.holds:
            return
        hold = self.book.holds[data.draw(st.sampled_from(sorted(self.book.holds)))]
        before, free = hold.state, self.free()
        try:
            self.book.confirm(hold.hold_id, self.now)
        except HoldExpired:
            assert before is HoldState.EXPIRED
            assert hold.lines[0].quantity > free
        except HoldNotFound:
            assert before is HoldState.RELEASED
        else:
            if before is not HoldState.CONFIRMED:
                self.held.pop(hold.hold_id, None)
                self.sold += hold.lines[0].quantity

    @rule(data=st.data())
    def release(self, data):
        if self.held:
            hold_id = data.draw(st.sampled_from(sorted(self.held)))
            self.book.release(hold_id)
            del self.held[hold_id]

    @rule(till=tills, wanted=st.integers(1, 30), needed=st.integers(0, 8))
    def sync(self, till, wanted, needed):
        self.serial += 1
        free = self.free()
        for lease in [x for x in self.book.leases.values() if x.till_id == till and x.state is LeaseState.ACTIVE]:
            sold_there = lease.used + self.unsynced.get(lease.lease_id, 0)
            self.book.report(till, LeaseReport(lease.lease_id, sold_there, lease.returned, False), self.now, TERMS)
        self.book.renew(till, self.now, TERMS)
        self.book.grant(till, LeaseWish("p", wanted, needed), f"l{self.serial}", self.now, TERMS)
        lease = self.book.active_lease(till, "p")
        if free > 0 and lease is not None:
            assert lease.left > 0 or self.capacity.free == 0
        if needed <= free:
            assert needed == 0 or lease.left >= min(needed, free)

    @rule(till=tills, quantity=few)
    def till_sells_offline(self, till, quantity):
        lease = self.book.active_lease(till, "p")
        if lease is not None:
            mine = lease.granted - lease.returned - lease.used - self.unsynced.get(lease.lease_id, 0)
            if mine > 0:
                self.unsynced[lease.lease_id] = self.unsynced.get(lease.lease_id, 0) + min(mine, quantity)

    @rule(data=st.data())
    def sales_arrive(self, data):
        waiting = sorted(i for i, n in self.unsynced.items() if n)
        if not waiting:
            return
        lease = self.book.leases[data.draw(st.sampled_from(waiting))]
        quantity = self.unsynced.pop(lease.lease_id)
        aside, free = lease.outstanding, self.free()
        self.orders += 1
        self.book.record_sale(sold(f"o{self.orders}", quantity, lease_id=lease.lease_id, till_id=lease.till_id), NOW)
        missing = max(0, quantity - aside - free)
        if lease.state is not LeaseState.RECALLED:
            assert missing == 0
        self.sold += quantity - missing
        self.lost += missing

    @rule(till=tills)
    def give_all_back(self, till):
        lease = self.book.active_lease(till, "p")
        if lease is not None:
            used = lease.used + self.unsynced.get(lease.lease_id, 0)
            self.book.report(till, LeaseReport(lease.lease_id, used, lease.returned, True), self.now, TERMS)
            assert lease.state is LeaseState.CLOSED

    @rule(till=tills)
    def recall(self, till):
        lease = self.book.active_lease(till, "p")
        if lease is not None:
            lease.recall(self.book.house("p"))

    @rule(quantity=few)
    def sold_without_right(self, quantity):
        self.orders += 1
        found = min(quantity, self.free())
        self.book.record_sale(sold(f"o{self.orders}", quantity), NOW)
        self.sold += found
        self.lost += quantity - found

    @invariant()
    def never_oversold(self):
        c = self.capacity
        assert min(c.sold, c.held, c.leased, c.free) >= 0
        assert c.sold + c.held + c.leased <= c.total

    @invariant()
    def agrees_with_the_model(self):
        c = self.capacity
        assert c.sold == self.sold
        assert c.held == sum(self.held.values())
        assert c.leased == sum(lease.outstanding for lease in self.book.leases.values())
        assert sum(conflict.quantity for conflict in self.book.conflicts) == self.lost
        for lease in self.book.leases.values():
            assert min(lease.returned, lease.used, lease.outstanding) >= 0


NaiveHouse.TestCase.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)
TestNaiveHouse = NaiveHouse.TestCase
