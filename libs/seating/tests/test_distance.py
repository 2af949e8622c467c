"""Distance between groups (6.4): what stays empty around who sits, against a look at every pair of seats."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seating import Category, Plan, Row, Seat, SeatState, Zone, state_of
from seating.distance import Distance, estimated_places, keep_apart
from seating.generate import theatre
from seating.index import index_of

PITCH, ROW = 50, 90


def house(*rows):
    """Rows drawn as text: a letter for each seat, a space for the aisle; rows may begin half a seat aside."""
    made = []
    for number, drawn in enumerate(rows):
        places = [column for column, mark in enumerate(drawn) if mark != " "]
        ids = {column: f"{number}-{column}" for column in places}
        made.append(Row(str(number), tuple(
            Seat(ids[c], str(c), PITCH * c, ROW * number, "1", ids.get(c - 1), ids.get(c + 1), 1) for c in places
        )))  # fmt: skip
    plan = Plan("x", 2000, 2000, (150, 0), (Category("1", "Une", "#111111"),), (Zone("p", "P", tuple(made)),))
    return index_of(plan)


def shown(index, taken, distance):
    status = np.zeros(len(index), np.uint8)
    status[[index.ordinal_of[seat] - 1 for seat in taken]] = SeatState.SOLD
    kept = keep_apart(index, status, distance)
    return {seat for seat, byte in zip(index.ids, kept, strict=True) if state_of(int(byte)) == SeatState.APART}


def test_seats_beside_and_rows_before_and_behind_stay_empty():
    index = house("......", "......", "......")
    assert shown(index, ["1-2", "1-3"], Distance(1, 0)) == {"1-1", "1-4"}
    assert shown(index, ["1-2", "1-3"], Distance(2, 1)) == {"1-0", "1-1", "1-4", "1-5", "0-2", "0-3", "2-2", "2-3"}
    assert shown(index, ["0-0"], Distance(0, 2)) == {"1-0", "2-0"}
    assert shown(index, [], Distance(2, 2)) == set()


def test_an_aisle_is_distance_enough():
    assert shown(house("... ..."), ["0-2"], Distance(2, 0)) == {"0-0", "0-1"}


@given(
    taken=st.sets(st.sampled_from([f"{row}-{seat}" for row in range(4) for seat in range(7) if seat != 3])),
    seats=st.integers(0, 3), rows=st.integers(0, 3),
)  # fmt: skip
def test_what_stays_empty_is_what_a_look_at_every_pair_says(taken, seats, rows):
    index = house(*["... ..."] * 4)

    def near(one, other):
        (row, seat), (other_row, other_seat) = (tuple(map(int, each.split("-"))) for each in (one, other))
        beside = row == other_row and abs(seat - other_seat) <= seats and (seat < 3) == (other_seat < 3)
        return beside or (seat == other_seat and 0 < abs(row - other_row) <= rows)

    free = set(index.ids) - taken
    assert shown(index, taken, Distance(seats, rows)) == {a for a in free if any(near(a, b) for b in taken)}


def test_contingents_stay_known_of_seats_that_stay_empty():
    index = house("...")
    status = np.array([SeatState.SOLD, 5 << 3, 0], np.uint8)
    assert keep_apart(index, status, Distance(1, 0)).tolist() == [SeatState.SOLD, SeatState.APART | 5 << 3, 0]


@pytest.mark.parametrize(("distance", "places"), [(Distance(0, 0), 24), (Distance(1, 0), 19), (Distance(1, 1), 12)])
def test_the_house_holds_fewer_people_the_farther_they_sit(distance, places):
    """Rows of eight with a seat between groups: six in pairs, six in threes, seven in fours (4 and 3)."""
    assert estimated_places(house(*["." * 8] * 3), distance) == places


def test_a_theatre_with_boxes_has_its_estimate_too():
    index = index_of(theatre())
    estimates = [estimated_places(index, Distance(seats, rows)) for seats, rows in ((0, 0), (1, 0), (1, 1), (2, 2))]
    assert estimates == sorted(estimates, reverse=True)
    assert 0 < estimates[-1] < len(index) / 2
