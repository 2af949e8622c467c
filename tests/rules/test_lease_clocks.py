"""Leases under wrong clocks (5.2): the till's rules and the centre's, each with a time of its own, never sell too much.

The till stops selling at the expiry by its own clock; the centre settles nothing before the till has said that it will
sell no more, or a supervisor has taken the risk. So no skew, jump or change to winter time, nor an answer that is lost,
can make both sell the same place.
"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from device_gateway.domain import leases as till_rules
from inventory.config import load
from inventory.domain import Book, Capacity, HoldLine, HoldWish, LeaseReport, LeaseTerms, LeaseWish, SoldLine

# Half an hour before clocks go back in Paris: the hour from 2 to 3 comes twice on this wall.
START = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
PARIS = ZoneInfo("Europe/Paris")
TERMS = LeaseTerms(timedelta(hours=1), timedelta(minutes=5))
ALLOWED_SKEW = timedelta(minutes=2)
PLACES = 30


class WrongClocks(RuleBasedStateMachine):
    @initialize()
    def open(self):
        self.now, self.skew, self.serial = START, timedelta(), 0
        capacity = Capacity("p", PLACES, START, START + timedelta(days=2))
        self.book = Book(capacities={"p": capacity})
        self.till = []  # its leases
        self.sealed = []  # (lease, places) sold and not uploaded
        self.printed = 0  # places on paper, wherever sold

    @property
    def till_now(self):
        """What the till's clock says, by the wall of its zone as computers there do."""
        return (self.now + self.skew).astimezone(PARIS)

    @rule(minutes=st.sampled_from([1, 20, 59, 66, 90]))
    def time_passes(self, minutes):
        self.now += timedelta(minutes=minutes)

    @rule(minutes=st.integers(-90, 90))
    def the_tills_clock_jumps(self, minutes):
        self.skew = timedelta(minutes=minutes)

    @precondition(lambda self: self.till)
    @rule(quantity=st.integers(1, 6))
    def the_till_sells_alone(self, quantity):
        able = sum(lease.sellable(self.till_now) for lease in self.till)
        if able < quantity:
            return
        for draw in till_rules.draw(self.till, "p", quantity, self.till_now):
            self.till = [
                replace(lease, used=lease.used + draw.quantity) if lease.lease_id == draw.lease_id else lease
                for lease in self.till
            ]
            self.sealed.append((draw.lease_id, draw.quantity))
        self.printed += quantity

    @rule(wanted=st.integers(1, 20), lost=st.booleans())
    def the_till_calls(self, wanted, lost):
        """As the gateway does: what is over is given back first; an answer may be lost."""
        told = [
            lease.given_back() if lease.active and not lease.done and self.till_now >= lease.expires_at else lease
            for lease in self.till
        ]
        self.till = told
        for lease in told:
            if lease.lease_id in self.book.leases:
                report = LeaseReport(lease.lease_id, lease.used, lease.returned, lease.done)
                self.book.report("t", report, self.now, TERMS)
        self.book.renew("t", self.now, TERMS)
        self.serial += 1
        self.book.grant("t", LeaseWish("p", wanted), f"l{self.serial}", self.now, TERMS)
        if not lost:
            own = {lease.lease_id: lease for lease in told}
            self.till = [self.as_told(own.get(x.lease_id), x) for x in self.book.leases.values() if x.state == 1]

    def as_told(self, known, lease):
        """What the till makes of the centre's answer; what is wanted back it gives back at once."""
        mine = known or self.fresh(lease)
        mine = replace(mine, granted=lease.granted, expires_at=lease.expires_at, epoch=lease.epoch)
        late = lease.is_late(self.now, TERMS.grace)
        wanted = replace(mine, wanted_back=lease.wanted_back(self.book.house("p"), 1, late))
        return next(iter(till_rules.wanted_back([mine], [wanted])), mine)

    def fresh(self, lease):
        return till_rules.Lease(lease.lease_id, "p", lease.granted, 0, 0, lease.epoch, lease.expires_at, True)

    @precondition(lambda self: self.sealed)
    @rule()
    def the_journal_arrives(self):
        for lease_id, places in self.sealed:
            self.serial += 1
            self.book.record_sale(SoldLine(f"o{self.serial}", 1, "t", "p", "", "", places, lease_id, ""), self.now)
        self.sealed = []

    @rule(keeping=st.integers(0, 5))
    def the_web_sells_what_is_free(self, keeping):
        self.serial += 1
        quantity = self.book.capacities["p"].free - keeping
        if quantity < 1:
            return
        line = HoldLine("p", "", "", quantity)
        self.book.hold(HoldWish(f"h{self.serial}", (line,), self.now + timedelta(minutes=5)), self.now)
        self.book.confirm(f"h{self.serial}", self.now)
        self.printed += quantity

    @invariant()
    def no_place_is_sold_twice(self):
        assert self.printed + sum(lease.sellable(self.till_now) for lease in self.till) <= PLACES
        assert not self.book.conflicts
        capacity = self.book.capacities["p"]
        assert capacity.sold + capacity.leased <= capacity.total
        assert capacity.sold + sum(places for _, places in self.sealed) == self.printed


TestWrongClocks = WrongClocks.TestCase
TestWrongClocks.settings = settings(max_examples=300, stateful_step_count=40, deadline=None)


def test_the_grace_outlasts_twice_the_skew_that_is_allowed():
    env = {
        "INVENTORY_SERVICE_SECRET": "s" * 32, "INVENTORY_DATABASE_URL": "x", "INVENTORY_NATS_URL": "x",
        "INVENTORY_GRPC_PORT": "1", "INVENTORY_OPS_PORT": "2",
    }  # fmt: skip
    assert load(env).lease_terms.grace > 2 * ALLOWED_SKEW


def test_a_till_whose_clock_is_slow_gives_back_before_its_places_are_sold_elsewhere():
    """After the expiry and the grace by the centre's clock; its own clock may say that the lease is still good."""
    book = Book(capacities={"p": Capacity("p", PLACES, START, START + timedelta(days=2))})
    book.grant("t", LeaseWish("p", 7), "lease", START, TERMS)
    late = START + TERMS.lasts + TERMS.grace
    book.report("t", LeaseReport("lease", 2, 0), late, TERMS)
    assert book.capacities["p"].leased == 7
    assert book.leases["lease"].wanted_back(book.house("p"), 1, late=True) == 5
    book.report("t", LeaseReport("lease", 3, 4), late, TERMS)
    assert (book.active_lease("t", "p"), book.capacities["p"].leased) == (None, 3)
