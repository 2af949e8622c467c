"""Contingents and quotas by number against a naive model: a list of places, each with who sold it and from where."""

from datetime import UTC, datetime, timedelta

import pytest
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
    LeaseTerms,
    LeaseWish,
)
from inventory.domain.contingents import Buyer, Contingent, Pools, Quota, Sellers
from inventory.domain.errors import HoldExpired, HoldNotFound, NotEnoughPlaces, NotYoursToGiveBack, QuotaReached

NOW = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)
RELEASE = NOW + timedelta(hours=1)
TERMS = LeaseTerms(timedelta(hours=12), timedelta(minutes=5))
BUYERS = {
    "web": Buyer(channel="web"),
    "fnac": Buyer(channel="partner", partner="fnac"),
    "agency": Buyer(channel="partner", partner="agency"),
    "desk": Buyer(channel="till", point_of_sale_id="desk"),
}


def house(total=10, **pools):
    capacity = Capacity("p", total, NOW, NOW + timedelta(hours=12))
    return Book(capacities={"p": capacity}, pools={"p": Pools("p", **pools)})


def wish(hold_id, quantity, buyer, **others):
    return HoldWish(hold_id, (HoldLine("p", "", "", quantity),), NOW + timedelta(minutes=10), BUYERS[buyer], **others)


def partners(places=4, release_at=None, taken=0):
    return {1: Contingent(1, "Partners", Sellers(channels=("partner",)), release_at, places, taken)}


def test_places_set_apart_are_sold_by_nobody_else_until_they_are_released():
    """K6."""
    book = house(10, contingents=partners(4, RELEASE))
    book.hold(wish("a", 6, "web"), NOW)
    with pytest.raises(NotEnoughPlaces) as refused:
        book.hold(wish("b", 1, "web"), NOW)
    assert refused.value.facts == {"performance_id": "p", "wanted": "1", "free": "0"}
    book.hold(wish("c", 2, "fnac"), NOW)
    assert book.pools["p"].contingents[1].taken == 2
    book.hold(wish("d", 2, "web"), RELEASE)
    assert book.capacities["p"].free == 0


def test_who_has_a_contingent_may_also_sell_from_the_general_sale():
    book = house(10, contingents=partners(4))
    book.hold(wish("a", 7, "fnac"), NOW)
    assert book.pools["p"].contingents[1].taken == 4
    with pytest.raises(NotEnoughPlaces):
        book.hold(wish("b", 4, "web"), NOW)
    book.release("a")
    assert book.pools["p"].contingents[1].taken == 0


def test_quotas_nest_in_contingents_and_in_the_house():
    """Capacity over contingent over channel: the narrowest one decides."""
    quotas = {
        1: Quota(1, "FNAC", Sellers(partners=("fnac",)), 3, contingent=1),
        2: Quota(2, "web", Sellers(channels=("web",)), 5),
    }
    book = house(20, contingents=partners(8), quotas=quotas)
    with pytest.raises(QuotaReached) as refused:
        book.hold(wish("a", 6, "web"), NOW)
    assert (refused.value.facts["quota"], refused.value.facts["left"]) == ("web", "5")
    book.hold(wish("b", 5, "fnac"), NOW)  # three of the contingent, two of the general sale
    assert (book.pools["p"].contingents[1].taken, quotas[1].taken) == (3, 3)
    book.hold(wish("c", 5, "agency"), NOW)
    assert book.pools["p"].contingents[1].taken == 8
    assert quotas[1].taken == 3


def test_a_tills_lease_draws_from_the_contingents_of_its_point_of_sale_and_gives_back_to_them():
    contingents = {1: Contingent(1, "Guichet", Sellers(points_of_sale=("desk",)), None, 30)}
    book = house(40, contingents=contingents)
    book.grant("t", LeaseWish("p", 10), "lease", NOW, TERMS, BUYERS["desk"])
    assert (book.leases["lease"].left, contingents[1].taken) == (10, 10)
    book.report("t", LeaseReport("lease", 2, 5), NOW, TERMS)
    assert (book.leases["lease"].left, contingents[1].taken, book.capacities["p"].leased) == (3, 5, 5)
    book.grant("other", LeaseWish("p", 30), "other", NOW, TERMS, BUYERS["web"])
    assert book.leases["other"].left == 1  # only ten are not set apart: few, so single ones
    book.report("t", LeaseReport("lease", 2, 5, done=True), NOW, TERMS)
    assert contingents[1].taken == 2


def test_a_quota_that_was_removed_limits_nothing_but_goes_on_counting():
    quotas = {1: Quota(1, "web", Sellers(channels=("web",)), None)}
    book = house(10, quotas=quotas)
    book.hold(wish("a", 6, "web"), NOW)
    assert quotas[1].taken == 6


def test_an_exchange_gives_the_old_places_back_when_the_new_ones_are_sold():
    """6.6"""
    book = house(4)
    book.hold(wish("old", 4, "web"), NOW)
    book.confirm("old", NOW)
    given = GivenBack("old", "p", 3)
    book.capacities["q"] = Capacity("q", 3, NOW, NOW + timedelta(hours=3))
    line = HoldLine("q", "", "", 3)
    book.hold(HoldWish("new", (line,), NOW + timedelta(minutes=5), gives_back=(given,)), NOW)
    assert (book.capacities["p"].sold, book.capacities["q"].held) == (4, 3)
    book.confirm("new", NOW)
    book.confirm("new", NOW)
    assert (book.capacities["p"].sold, book.capacities["q"].sold) == (1, 3)
    with pytest.raises(NotYoursToGiveBack):
        book.hold(wish("again", 1, "web", gives_back=(GivenBack("old", "p", 2),)), NOW)
    with pytest.raises(HoldNotFound):
        book.hold(wish("never", 1, "web", gives_back=(GivenBack("unknown", "p", 1),)), NOW)


def test_two_exchanges_of_the_same_places_are_not_both_made():
    book = house(9)
    book.hold(wish("old", 2, "web"), NOW)
    book.confirm("old", NOW)
    for hold_id in ("first", "second"):
        book.hold(wish(hold_id, 2, "web", gives_back=(GivenBack("old", "p", 2),)), NOW)
    book.confirm("first", NOW)
    with pytest.raises(NotYoursToGiveBack):
        book.confirm("second", NOW)
    assert (book.capacities["p"].sold, book.capacities["p"].held) == (2, 2)


def test_a_basket_that_changes_keeps_what_it_had_when_the_change_is_refused():
    book = house(5)
    book.hold(wish("first", 3, "web"), NOW)
    with pytest.raises(NotEnoughPlaces):
        book.hold(wish("second", 6, "web", replaces="first"), NOW)
    assert (book.holds["first"].state, book.capacities["p"].held) == (HoldState.ACTIVE, 3)
    book.hold(wish("third", 5, "web", replaces="first"), NOW)
    assert (book.holds["first"].state, book.capacities["p"].held) == (HoldState.RELEASED, 5)
    assert book.hold(wish("third", 5, "web", replaces="first"), NOW) is book.holds["third"]


def test_a_running_hold_lasts_longer_and_one_that_ran_out_does_not():
    book = house(5)
    book.hold(wish("a", 1, "web"), NOW)
    later = NOW + timedelta(hours=1)
    assert book.extend("a", later).held_until == later
    assert book.extend("a", NOW).held_until == later
    book.expire(["a"], later)
    with pytest.raises(HoldExpired):
        book.extend("a", later + timedelta(hours=1))


class NaivePools(RuleBasedStateMachine):
    """Each place is given one by one: own contingents in their order, each within its quotas, then the general sale."""

    buyers = st.sampled_from(sorted(BUYERS))

    @initialize(data=st.data(), total=st.integers(5, 25))
    def open(self, data, total):
        room = data.draw(st.tuples(st.integers(0, 4), st.integers(0, 4), st.integers(0, 6), st.integers(0, 4)))
        channel, desk, web, fnac = room
        self.now, self.total, self.serial = NOW, total, 0
        contingents = {
            1: Contingent(1, "Partners", Sellers(channels=("partner",)), RELEASE, min(channel, total)),
            2: Contingent(2, "FNAC", Sellers(partners=("fnac",)), None, min(desk, total - min(channel, total))),
        }
        quotas = {
            1: Quota(1, "web", Sellers(channels=("web",)), web),
            2: Quota(2, "partner agency", Sellers(partners=("agency", "fnac")), fnac, contingent=1),
        }
        self.book = house(total, contingents=contingents, quotas=quotas)
        self.held, self.sold = {}, {}  # hold -> [(contingent, buyer)] place by place
        self.expired = {}

    @property
    def pools(self):
        return self.book.pools["p"]

    def places(self):
        return [place for places in (*self.held.values(), *self.sold.values()) for place in places]

    def drawn(self, number):
        return [buyer for at, buyer in self.places() if at == number]

    def quota_left(self, quota, taken=()):
        inside = [*self.places(), *taken]
        mine = [
            b
            for at, b in inside
            if quota.sellers.include(BUYERS[b]) and (not quota.contingent or at == quota.contingent)
        ]
        return quota.at_most - len(mine)

    def give(self, quantity, buyer):
        """Which contingent each place comes from; None when they cannot all be given."""
        taken = []
        for _ in range(quantity):
            every = [*self.places(), *taken]
            if any(q.sellers.include(BUYERS[buyer]) and not q.contingent and self.quota_left(q, taken) < 1
                   for q in self.pools.quotas.values()):  # fmt: skip
                return None
            left = {
                c.number: c.places - sum(at == c.number for at, _ in every)
                for c in self.pools.contingents.values() if not c.is_released(self.now)
            }  # fmt: skip
            own = [
                number for number in sorted(left)
                if left[number] and self.pools.contingents[number].sellers.include(BUYERS[buyer])
                and all(self.quota_left(q, taken) >= 1 for q in self.pools.quotas.values()
                        if q.contingent == number and q.sellers.include(BUYERS[buyer]))
            ]  # fmt: skip
            if own:
                taken.append((own[0], buyer))
            elif self.total - len(every) - sum(left.values()) > 0:
                taken.append((0, buyer))
            else:
                return None
        return taken

    @rule(quantity=st.integers(1, 6), buyer=buyers)
    def hold(self, quantity, buyer):
        self.serial += 1
        expected = self.give(quantity, buyer)
        try:
            self.book.hold(wish(f"h{self.serial}", quantity, buyer), self.now)
        except (NotEnoughPlaces, QuotaReached):
            assert expected is None
        else:
            self.held[f"h{self.serial}"] = expected

    @rule(data=st.data())
    def confirm(self, data):
        if self.held:
            hold_id = data.draw(st.sampled_from(sorted(self.held)))
            self.book.confirm(hold_id, self.now)
            self.sold[hold_id] = self.held.pop(hold_id)

    @rule(data=st.data())
    def release(self, data):
        if self.held:
            hold_id = data.draw(st.sampled_from(sorted(self.held)))
            self.book.release(hold_id)
            del self.held[hold_id]

    @rule(data=st.data())
    def expire(self, data):
        if self.held:
            hold_id = data.draw(st.sampled_from(sorted(self.held)))
            self.book.expire([hold_id], NOW + timedelta(days=1))
            self.expired[hold_id] = self.held.pop(hold_id)

    def may_come_back(self, places):
        """Whether the same places can be taken again from where they came; a released contingent is everybody's."""
        released = {c.number for c in self.pools.contingents.values() if c.is_released(self.now)}
        every = self.places()
        for contingent in self.pools.contingents.values():
            wanted = sum(at == contingent.number for at, _ in places)
            if contingent.number not in released and wanted > contingent.places - len(self.drawn(contingent.number)):
                return False
        kept = sum(
            c.places - len(self.drawn(c.number)) for c in self.pools.contingents.values() if c.number not in released
        )
        general = sum(at == 0 or at in released for at, _ in places)
        counted = [
            sum(q.sellers.include(BUYERS[b]) and (not q.contingent or at == q.contingent) for at, b in places)
            for q in self.pools.quotas.values()
        ]
        within = all(not n or n <= self.quota_left(q) for n, q in zip(counted, self.pools.quotas.values(), strict=True))
        return within and general <= max(0, self.total - len(every) - kept)

    @rule(data=st.data())
    def confirm_what_ran_out(self, data):
        if not self.expired:
            return
        hold_id = data.draw(st.sampled_from(sorted(self.expired)))
        possible = self.may_come_back(self.expired[hold_id])
        try:
            self.book.confirm(hold_id, self.now)
        except HoldExpired:
            assert not possible
        else:
            assert possible
            self.sold[hold_id] = self.expired.pop(hold_id)

    @rule(data=st.data(), quantity=st.integers(1, 3), buyer=buyers)
    def exchange(self, data, quantity, buyer):
        able = sorted(hold_id for hold_id, places in self.sold.items() if len(places) >= quantity)
        if not able:
            return
        old = data.draw(st.sampled_from(able))
        self.serial += 1
        expected, new = self.give(quantity, buyer), f"h{self.serial}"
        try:
            self.book.hold(wish(new, quantity, buyer, gives_back=(GivenBack(old, "p", quantity),)), self.now)
        except (NotEnoughPlaces, QuotaReached):
            assert expected is None
            return
        self.book.confirm(new, self.now)
        self.sold[new] = expected
        self.sold[old] = sorted(self.sold[old], key=lambda place: (place[0] == 0, place[0]))[:-quantity]

    @rule()
    def time_passes(self):
        self.now = RELEASE + timedelta(seconds=1)

    @invariant()
    def counts_agree(self):
        capacity = self.book.capacities["p"]
        assert (capacity.held, capacity.sold) == tuple(sum(map(len, of.values())) for of in (self.held, self.sold))
        for contingent in self.pools.contingents.values():
            assert contingent.taken == len(self.drawn(contingent.number))
            # Once released its places are everybody's, also those of a hold that came from it and is confirmed late.
            assert contingent.taken <= contingent.places or contingent.is_released(self.now)
        for quota in self.pools.quotas.values():
            assert quota.taken == quota.at_most - self.quota_left(quota) <= quota.at_most


TestNaivePools = NaivePools.TestCase
TestNaivePools.settings = settings(max_examples=150, stateful_step_count=30, deadline=None)
