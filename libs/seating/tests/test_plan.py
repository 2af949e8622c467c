"""Plans: read strictly, written exactly, laid out so that neighbours stand together."""

import json
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seating import (
    MAX_SEATS,
    Area,
    Category,
    InvalidPlan,
    Plan,
    Row,
    Seat,
    Zone,
    contingent_of,
    pack,
    read_plan,
    state_of,
)
from seating.index import index_of

CATEGORIES = (Category("1", "Première", "#8c1d40"), Category("2", "Deuxième", "#1f6f78"))
words = st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=8)


@st.composite
def plans(draw):
    """Zones of rows of blocks with every optional field used or not."""
    count = iter(range(10_000))
    zones = []
    for zone in range(draw(st.integers(0, 3))):
        rows = []
        for _ in range(draw(st.integers(1, 3))):
            ids = [f"s{next(count)}" for _ in range(draw(st.integers(1, 6)))]
            cut = draw(st.integers(0, len(ids)))
            seats = [
                Seat(
                    each, draw(words), 10 * int(each[1:]), draw(st.integers(0, 900)), draw(st.sampled_from("12")),
                    ids[i - 1] if i not in (0, cut) else None, ids[i + 1] if i + 1 not in (cut, len(ids)) else None,
                    draw(st.integers(1, 1000)), draw(st.sampled_from((0, 4, 8, 12))), None, draw(st.just("") | words),
                )
                for i, each in enumerate(ids)
            ]  # fmt: skip
            rows.append(Row(draw(words), tuple(seats)))
        zones.append(Zone(f"z{zone}", draw(words), tuple(rows), draw(st.just(()) | st.just(((0, 0), (9, 0), (9, 9))))))
    areas = (Area("a1", "Fosse", draw(st.integers(1, 500)), "1"),) if draw(st.booleans()) else ()
    return Plan(draw(words), 30_000, 1_000, (0, 0), CATEGORIES, tuple(zones), areas)


def small(**changes):
    seat = {"id": "A1", "label": "1", "x": 10, "y": 10, "category": "1"} | changes
    return {
        "format": "ticketing-plan/1", "name": "Petit", "width": 100, "height": 100, "focus": [50, 0],
        "categories": [{"code": "1", "name": "Une", "colour": "#123456"}],
        "zones": [{"id": "p", "name": "Parterre", "rows": [{"label": "A", "seats": [seat]}]}],
    }  # fmt: skip


def problems(document):
    with pytest.raises(InvalidPlan) as refused:
        read_plan(document)
    return {(problem.path, problem.reason) for problem in refused.value.problems}


@given(plans())
def test_a_plan_written_and_read_is_the_same_plan(plan):
    again = read_plan(json.loads(json.dumps(plan.to_json())))
    assert again == plan
    assert again.fingerprint() == plan.fingerprint()


@given(plans())
def test_in_the_walk_only_neighbours_stand_side_by_side_and_nobody_is_missing(plan):
    index = index_of(plan)
    walk = index.walk.tolist()
    assert sorted(each for each in walk if each >= 0) == list(range(len(index)))
    beside = {(index.ids[a], index.ids[b]) for a, b in pairwise(walk) if a >= 0 and b >= 0}
    assert beside == {(seat.id, seat.right) for seat in plan.seats() if seat.right}
    assert [walk[place] for place in index.place.tolist()] == list(range(len(index)))
    assert all(index.ids[ordinal - 1] == seat_id for seat_id, ordinal in plan.ordinals.items())


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"x": -1}, ("zones[0].rows[0].seats[0].x", "NOT_VALID")),
        ({"x": 1.5}, ("zones[0].rows[0].seats[0].x", "NOT_VALID")),
        ({"x": True}, ("zones[0].rows[0].seats[0].x", "NOT_VALID")),
        ({"label": "x" * 21}, ("zones[0].rows[0].seats[0].label", "NOT_VALID")),
        ({"id": "a\nb"}, ("zones[0].rows[0].seats[0].id", "NOT_VALID")),
        ({"quality": 0}, ("zones[0].rows[0].seats[0].quality", "NOT_VALID")),
        ({"colour": "red"}, ("zones[0].rows[0].seats[0].colour", "UNKNOWN_FIELD")),
    ],
)
def test_what_is_wrong_with_a_seat_is_named_by_its_path(change, problem):
    assert problems(small(**change)) == {problem}


@pytest.mark.parametrize("document", [None, 7, [], "plan", {}, {"format": "other/1"}])
def test_what_is_no_plan_at_all_is_refused(document):
    assert problems(document)


def test_a_missing_field_and_an_unknown_format_are_told():
    document = small()
    del document["zones"][0]["rows"][0]["seats"][0]["category"]
    assert problems(document) == {("zones[0].rows[0].seats[0].category", "MISSING")}
    assert problems(small() | {"format": "ticketing-plan/2"}) == {("format", "UNKNOWN_FORMAT")}


def test_a_plan_of_too_many_seats_is_refused_before_they_are_read():
    row = {"label": "A", "seats": [None] * (MAX_SEATS + 1)}
    document = small()
    document["zones"][0]["rows"] = [row]
    assert problems(document) == {("zones[0].rows[0].seats", "TOO_MANY")}


@given(st.integers(0, 6), st.integers(0, 31))
def test_a_seats_byte_says_its_state_and_its_contingent(state, contingent):
    byte = pack(state, contingent)
    assert 0 <= byte <= 255
    assert (state_of(byte), contingent_of(byte)) == (state, contingent)
