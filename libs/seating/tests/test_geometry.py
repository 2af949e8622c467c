"""What a browser draws is the plan: each seat where it is, with its row, its neighbour, its category."""

import gzip

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seating import SeatState
from seating.allocation import Allocator, Wish
from seating.generate import stadium, theatre
from seating.geometry import SeatNames, decode, encode
from seating.index import index_of, index_of_geometry

from .test_plan import plans


@given(plans())
def test_each_seat_comes_back_where_it_is(plan):
    found, seats = decode(encode(plan)), list(plan.seats())
    ids = [seat.id for seat in seats]
    assert found["seats"] == len(seats)
    assert list(zip(found["x"], found["y"], strict=True)) == [(seat.x, seat.y) for seat in seats]
    assert [ids[right] if right >= 0 else None for right in found["right"]] == [seat.right for seat in seats]
    assert [found["categories"][each]["code"] for each in found["category"]] == [seat.category for seat in seats]
    assert list(found["traits"]) == [seat.traits for seat in seats]
    assert list(found["quality"]) == [seat.quality for seat in seats]


@given(plans())
def test_each_row_names_its_seats(plan):
    found = decode(encode(plan))
    named = []
    for row in found["rows"]:
        labels = row.get("labels") or [str(row["start"] + row["step"] * place) for place in range(row["count"])]
        named += [(found["zones"][row["zone"]]["id"], row["label"], label) for label in labels]
    assert named == [(z.id, r.label, seat.label) for z in plan.zones for r in z.rows for seat in r.seats]


@given(plans(), st.data())
def test_best_seats_are_the_same_whether_the_plan_or_its_geometry_is_known(plan, data):
    """A till knows the geometry only (D2). Who sits with whom, and how good, is told by it."""
    count = len(plan.ordinals)
    sold = data.draw(st.lists(st.booleans(), min_size=count, max_size=count))
    status = np.where(sold, int(SeatState.SOLD), int(SeatState.FREE)).astype(np.uint8)
    wish = Wish(data.draw(st.integers(1, 4)))
    known, told = Allocator(index_of(plan)), Allocator(index_of_geometry(decode(encode(plan))))
    assert told.best(status, wish) == known.best(status, wish)


def test_a_geometry_of_before_quality_was_told_ranks_all_seats_alike():
    content = encode(theatre())
    count = len(theatre().ordinals)
    assert list(decode(content[: -2 * count])["quality"]) == [1] * count


@given(plans())
def test_each_seat_is_named_as_its_plan_names_it(plan):
    names = SeatNames(decode(encode(plan)))
    told = [(*names.row(names.row_of(ordinal)), names.label(ordinal)) for ordinal in plan.ordinals.values()]
    assert told == [(z.name, r.label, seat.label) for z in plan.zones for r in z.rows for seat in r.seats]


def test_odd_numbers_are_told_by_their_step():
    rows = decode(encode(theatre()))["rows"]
    assert any(row.get("step") == 1 for row in rows)
    assert len(index_of(theatre())) == sum(row["count"] for row in rows)


def test_sixty_thousand_seats_are_some_tens_of_kilobytes():
    content = encode(stadium())
    assert len(gzip.compress(content, mtime=0)) < 80_000


def test_what_is_no_geometry_is_refused():
    with pytest.raises(ValueError, match="no geometry"):
        decode(b"PNG")
