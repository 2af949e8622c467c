"""What a browser draws is the plan: each seat where it is, with its row, its neighbour, its category."""

import gzip

import pytest
from hypothesis import given

from seating.generate import stadium, theatre
from seating.geometry import decode, encode
from seating.index import index_of

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


@given(plans())
def test_each_row_names_its_seats(plan):
    found = decode(encode(plan))
    named = []
    for row in found["rows"]:
        labels = row.get("labels") or [str(row["start"] + row["step"] * place) for place in range(row["count"])]
        named += [(found["zones"][row["zone"]]["id"], row["label"], label) for label in labels]
    assert named == [(z.id, r.label, seat.label) for z in plan.zones for r in z.rows for seat in r.seats]


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
