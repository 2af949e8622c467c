"""Who is given which seats, on houses that a reader sees.

. free   x sold   H house seat   W wheelchair space   C its companion's seat

A gap in a drawn row is an aisle. Rows are one under the other, the stage above; nearer rows are better.
"""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seating import Category, Plan, Row, Seat, SeatState, Trait, Zone, errors, pack
from seating.allocation import Allocator, Choice, Refusal, Wish
from seating.index import index_of

MARKS = {".": SeatState.FREE, "x": SeatState.SOLD, "H": SeatState.HOUSE, "W": SeatState.FREE, "C": SeatState.FREE}


class House:
    def __init__(self, *drawn, codes=None, contingents=None):
        rows, states = [], []
        for depth, line in enumerate(drawn):
            seats = []
            for block in line.split():
                start = len(seats)
                for place, mark in enumerate(block):
                    number = len(seats) + 1
                    me = lambda n, depth=depth: f"{'ABCDEFGH'[depth]}{n}"  # noqa: E731
                    seats.append(Seat(
                        me(number), str(number), 50 * number, 100 * (depth + 1), (codes or {}).get(depth, "1"),
                        me(number - 1) if place else None, me(number + 1) if place + 1 < len(block) else None,
                        1 + 10 * depth, {"W": Trait.WHEELCHAIR, "C": Trait.COMPANION}.get(mark, 0),
                        me(number - 1) if mark == "C" else None,
                    ))  # fmt: skip
                    states.append(MARKS[mark])
                assert len(seats) - start == len(block)
            rows.append(Row("ABCDEFGH"[depth], tuple(seats)))
        categories = (Category("1", "Une", "#111111"), Category("2", "Deux", "#222222"))
        plan = Plan("x", 3000, 1000, (200, 0), categories, (Zone("p", "P", tuple(rows)),))
        assert errors(plan) == []
        self.index = index_of(plan)
        self.status = np.array(states, np.uint8)
        for seat, contingent in (contingents or {}).items():
            at = self.index.ids.index(seat)
            self.status[at] = pack(self.status[at], contingent)
        self.allocator = Allocator(self.index)

    def ids(self, ordinals):
        return [self.index.ids[ordinal - 1] for ordinal in ordinals]

    def best(self, seats, **wish):
        found = self.allocator.best(self.status, Wish(seats, **wish))
        return [self.ids(group) for group in found.groups] if isinstance(found, Choice) else found

    def orphans(self, *ids):
        return self.ids(self.allocator.orphans(self.status, [self.index.ordinal_of[each] for each in ids]))


def test_a_pair_is_given_the_best_row():
    assert House("xxxx", "....", "....").best(2)[0][0][0] == "B"


def test_nobody_is_left_alone_when_another_choice_exists():
    """6.3: of five seats two in the middle would leave one alone on a side."""
    assert House(".....").best(2) in ([["A1", "A2"]], [["A4", "A5"]])


def test_three_free_seats_between_sold_ones_are_kept_for_three():
    """Two of three would leave one alone, so the pair goes elsewhere, even a row further back."""
    assert House("x...x", "xx..x").best(2) == [["B3", "B4"]]
    assert House("x...x", "xx..x").best(3) == [["A2", "A3", "A4"]]


def test_an_orphan_is_weighed_against_quality_unless_none_is_allowed():
    house = House("..", "xxxx", "xxxx", "xxxx", ".")
    assert house.best(1) == [["A2"]]
    assert house.best(1, no_orphans=True) == [["E1"]]


def test_when_every_choice_leaves_one_alone_the_seats_are_sold_all_the_same():
    assert len(House("...").best(2)[0]) == 2


def test_an_aisle_is_between_two_groups_however_the_seats_are_numbered():
    assert House(".. ..").best(3) == Refusal.WOULD_LEAVE_ONE_ALONE
    assert House(".. ..").best(4) == [["A1", "A2"], ["A3", "A4"]]


def test_a_group_that_fits_nowhere_is_split_into_the_fewest_and_nearest_groups_and_nobody_sits_alone():
    """6.2: five as three and two, not four and one."""
    assert sorted(map(len, House("....x.x", "xx...xx").best(5))) == [2, 3]
    near = House("xx..xxxx", "xx..xxxx", "xxxxxxxx", "xxxxxx..").best(4)
    assert sorted(near) == [["A3", "A4"], ["B3", "B4"]]


def test_whoever_insists_on_sitting_together_gets_nothing_rather_than_a_split():
    assert House("..x..").best(4, together=True) == Refusal.NOT_TOGETHER


def test_more_than_there_are_is_refused():
    assert House("..x").best(3) == Refusal.NOT_ENOUGH_SEATS


def test_only_the_categories_and_contingents_of_the_wish_are_given():
    house = House("....", "....", codes={0: "1", 1: "2"}, contingents={"A1": 3, "A2": 3})
    assert house.best(2, categories=frozenset("2"))[0][0][0] == "B"
    assert house.best(2, categories=frozenset("1")) == [["A3", "A4"]]
    assert house.best(4, categories=frozenset("1"), contingents=frozenset({0, 3})) == [["A1", "A2", "A3", "A4"]]
    assert house.best(4, categories=frozenset("1")) == Refusal.NOT_ENOUGH_SEATS


def test_house_seats_are_given_by_right_only():
    assert House("HH").best(2) == Refusal.NOT_ENOUGH_SEATS
    assert House("HH").best(2, house_seats=True) == [["A1", "A2"]]


def test_the_best_for_a_budget_is_the_best_that_it_pays():
    house = House("....", "....", codes={0: "1", 1: "2"})
    prices = {"1": 4000, "2": 2500}
    assert house.best(2, prices=prices, budget=8000)[0][0][0] == "A"
    assert house.best(2, prices=prices, budget=7999)[0][0][0] == "B"
    assert house.best(2, prices=prices, budget=4999) == Refusal.NOT_ENOUGH_SEATS


def test_a_wheelchair_space_goes_with_its_companions_seat_and_to_nobody_else():
    """6.5."""
    house = House("WC..", "....")
    assert house.best(4) == [["B1", "B2", "B3", "B4"]]
    assert house.best(2, wheelchairs=1) == [["A1", "A2"]]
    assert house.best(4, wheelchairs=1) == [["A1", "A2"], ["A3", "A4"]]
    assert house.best(4, wheelchairs=2) == Refusal.NO_WHEELCHAIR_SPACE
    assert house.best(4, released=True) == [["A1", "A2", "A3", "A4"]]


def test_a_companions_seat_that_is_sold_closes_its_space():
    house = House("WC..")
    house.status[1] = SeatState.SOLD
    assert house.best(2, wheelchairs=1) == Refusal.NO_WHEELCHAIR_SPACE


def test_a_seat_that_was_alone_before_is_no_orphan_of_this_choice():
    house = House("x.x...")
    assert house.orphans("A4", "A5") == ["A6"]
    assert house.orphans("A4") == []
    assert House(".....").orphans("A2", "A4") == ["A1", "A3", "A5"]


def test_around_a_seat_that_a_person_pointed_at_its_best_window_is_taken():
    house = House("......")
    found = house.allocator.around(house.status, house.index.ordinal_of["A4"], Wish(3))
    assert isinstance(found, Choice)
    assert "A4" in house.ids(found.ordinals)
    assert house.orphans(*house.ids(found.ordinals)) == []
    assert house.allocator.around(house.status, 1, Wish(7)) == Refusal.NOT_ENOUGH_SEATS


rows = st.lists(st.text(".x ", min_size=1, max_size=9).filter(str.strip), min_size=1, max_size=4)


def runs(house, size):
    """Every group of neighbours, by walking from seat to seat."""
    walk = house.index.walk.tolist()
    groups = [walk[i : i + size] for i in range(len(walk) - size + 1)]
    return [g for g in groups if all(each >= 0 and house.status[each] == SeatState.FREE for each in g)]


def naive_orphans(house, seats):
    """Straight from the rule: free, no free neighbour now, one before."""
    walk, found = house.index.walk.tolist(), []
    for at, seat in enumerate(walk):
        if seat < 0 or house.status[seat] != SeatState.FREE or seat in seats:
            continue
        beside = [walk[i] for i in (at - 1, at + 1) if 0 <= i < len(walk) and walk[i] >= 0]
        before = [each for each in beside if house.status[each] == SeatState.FREE]
        if before and not [each for each in before if each not in seats]:
            found.append(seat)
    return found


@given(rows, st.integers(1, 6))
def test_what_is_given_is_free_as_many_as_wished_in_groups_of_neighbours_and_the_same_every_time(drawn, seats):
    house = House(*drawn)
    found = house.allocator.best(house.status, Wish(seats))
    assert found == house.allocator.best(house.status, Wish(seats))
    if isinstance(found, Refusal):
        assert not runs(house, seats)
        return
    taken = [ordinal - 1 for ordinal in found.ordinals]
    assert len(taken) == len(set(taken)) == seats
    assert all([each - 1 for each in group] in runs(house, len(group)) for group in found.groups)
    assert seats < 3 or all(len(group) > 1 for group in found.groups)
    if runs(house, seats):
        assert len(found.groups) == 1


@given(rows, st.integers(1, 5))
def test_an_orphan_is_left_only_where_each_choice_leaves_one(drawn, seats):
    house = House(*drawn)
    choices = runs(house, seats)
    if choices:
        found = house.allocator.best(house.status, Wish(seats, no_orphans=True))
        assert isinstance(found, Choice)
        left = len(naive_orphans(house, {ordinal - 1 for ordinal in found.ordinals}))
        assert left == min(len(naive_orphans(house, set(group))) for group in choices)


@given(rows, st.data())
def test_orphans_are_those_of_the_rule(drawn, data):
    house = House(*drawn)
    free = [seat for (seat,) in runs(house, 1)]
    taken = data.draw(st.lists(st.sampled_from(free), unique=True)) if free else []
    assert [each - 1 for each in house.allocator.orphans(house.status, [t + 1 for t in taken])] == naive_orphans(
        house, set(taken)
    )


@pytest.mark.parametrize("seats", [1, 2, 7])
def test_a_full_house_refuses(seats):
    assert House("xxxx").best(seats) == Refusal.NOT_ENOUGH_SEATS
