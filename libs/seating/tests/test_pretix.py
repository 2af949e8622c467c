"""The pretix format: with our side file nothing is lost, without it neighbours are proposed and faults are few."""

import json

import pytest
from hypothesis import given

from seating import InvalidPlan, errors
from seating.formats import Imported, from_pretix, to_pretix
from seating.generate import theatre
from seating.index import index_of

from .test_plan import plans


def carried(value):
    """Through a file."""
    return json.loads(json.dumps(value))


def drawn(*xs, category="A"):
    """A pretix file of one row, seats at these pixels."""
    seats = [
        {"seat_guid": f"g{x}", "seat_number": str(i), "category": category, "position": {"x": x, "y": 5}}
        for i, x in enumerate(xs, 1)
    ]
    row = {"row_number": "1", "position": {"x": 10, "y": 10}, "seats": seats}
    zone = {"name": "Saal", "position": {"x": 100, "y": 0}, "rows": [row], "areas": []}
    return {"name": "Haus", "categories": [{"name": "A", "color": "red"}], "zones": [zone]}


@given(plans())
def test_a_plan_goes_out_and_comes_back_exactly_with_its_side_file(plan):
    document, side = to_pretix(plan)
    assert from_pretix(carried(document), carried(side)) == Imported(plan)


def test_without_the_side_file_a_plan_can_be_sold_from_after_a_look():
    house = theatre()
    document, _ = to_pretix(house)
    proposed = from_pretix(carried(document)).plan
    assert errors(proposed) == []
    assert proposed.ordinals == house.ordinals
    parterre = [row for zone in proposed.zones[:1] for row in zone.rows]
    assert all(row.seats[0].left is None and row.seats[-1].right is None for row in parterre)


def test_a_wide_gap_is_an_aisle_and_numbers_do_not_matter():
    plan = from_pretix(drawn(0, 25, 50, 150, 175)).plan
    assert index_of(plan).walk.tolist() == [0, 1, 2, -1, 3, 4, -1]
    first, second = plan.zones[0].rows[0].seats[:2]
    assert second.x - first.x == 50


def test_positions_of_zone_row_and_seat_add_up_and_are_moved_into_the_plan():
    plan = from_pretix(drawn(-500, -475)).plan
    assert all(0 < seat.x < plan.width and 0 < seat.y < plan.height for seat in plan.seats())


@pytest.mark.parametrize(
    ("change", "path"),
    [
        (lambda d: d.pop("zones"), "zones"),
        (lambda d: d["zones"][0]["rows"][0]["seats"][1].pop("seat_guid"), "zones[0].rows[0].seats[1].seat_guid"),
        (lambda d: d["zones"][0].update(position={"x": "left"}), "zones[0].position"),
        (lambda d: d["zones"][0]["rows"][0]["seats"].append(7), "zones[0].rows[0].seats[2]"),
        (lambda d: d.update(categories=[{"color": "#ffffff"}]), "categories[0].name"),
    ],
)
def test_what_is_wrong_is_named_by_its_path(change, path):
    document = drawn(0, 25)
    change(document)
    with pytest.raises(InvalidPlan) as refused:
        from_pretix(document)
    assert refused.value.problems[0].path == path


def test_a_side_file_of_another_plan_is_refused():
    document, side = to_pretix(theatre())
    del side["seats"][next(iter(side["seats"]))]
    with pytest.raises(InvalidPlan) as refused:
        from_pretix(carried(document), carried(side))
    assert refused.value.problems[0].path == "side.seats"
    with pytest.raises(InvalidPlan):
        from_pretix(carried(document), {"format": "another"})


@pytest.mark.parametrize("document", [None, [], 7, {"zones": 7}])
def test_what_is_no_plan_at_all_is_refused(document):
    with pytest.raises(InvalidPlan):
        from_pretix(document)
