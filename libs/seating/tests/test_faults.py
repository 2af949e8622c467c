"""Faults of plans: each is named with the seats that have it, and what we generate has none."""

from dataclasses import replace

import pytest

from seating import Area, Category, Plan, Row, Seat, Severity, Trait, Zone, errors, faults
from seating.generate import arena, stadium, theatre
from seating.index import index_of


def row(*ids, label="A", y=10):
    seats = [
        Seat(each, each[1:], 10 * i + 10, y, "1", ids[i - 1] if i else None, ids[i + 1] if i + 1 < len(ids) else None)
        for i, each in enumerate(ids)
    ]
    return Row(label, tuple(seats))


def plan(*rows, outline=(), **others):
    zone = Zone("p", "Parterre", rows or (row("A1", "A2", "A3"),), outline)
    return Plan("Petit", 100, 100, (50, 0), (Category("1", "Une", "#123456"),), **{"zones": (zone,)} | others)


def changed(seat_id, **changes):
    """The small plan, with one seat changed."""
    first = row("A1", "A2", "A3")
    return plan(Row("A", tuple(replace(seat, **changes) if seat.id == seat_id else seat for seat in first.seats)))


def named(faulty):
    return {fault.reason: fault.where for fault in faults(faulty)}


def test_a_plan_without_fault_has_none():
    assert faults(plan()) == []


@pytest.mark.parametrize(
    ("faulty", "reason", "where"),
    [
        (plan(row("A1", "A2"), row("A1", label="B", y=20)), "SEAT_ID_TWICE", ("A1",)),
        (changed("A2", category="9"), "CATEGORY_UNKNOWN", ("A2",)),
        (changed("A3", right="Z9"), "NEIGHBOUR_UNKNOWN", ("A3",)),
        (changed("A2", right=None), "NEIGHBOURS_DISAGREE", ("A3", "A2")),
        (changed("A3", right="A3"), "NEIGHBOUR_OF_ITSELF", ("A3",)),
        (changed("A2", x=500), "SEAT_OUTSIDE_PLAN", ("A2",)),
        (changed("A2", x=10), "SEATS_AT_ONE_SPOT", ("A1", "A2")),
        (changed("A2", companion_of="A1", traits=Trait.COMPANION), "COMPANION_OF_NO_WHEELCHAIR_SPACE", ("A2",)),
        (changed("A2", traits=Trait.COMPANION), "COMPANION_WITHOUT_SPACE", ("A2",)),
        (plan(Row("A", ())), "ROW_EMPTY", ("p",)),
        (plan(zones=()), "PLAN_EMPTY", ()),
        (plan(areas=(Area("f", "Fosse", 5, "9"),)), "CATEGORY_UNKNOWN", ("f",)),
        (plan(outline=((0, 0), (25, 0), (25, 25), (0, 25))), "SEAT_OUTSIDE_ZONE", ("A3",)),
    ],
)
def test_each_fault_is_named_with_who_has_it(faulty, reason, where):
    assert named(faulty)[reason] == where


def test_neighbours_that_go_round_in_a_ring_are_found():
    ring = row("A1", "A2", "A3")
    first, middle, last = ring.seats
    closed = Row("A", (replace(first, left="A3"), middle, replace(last, right="A1")))
    assert named(plan(closed)) == {"NEIGHBOURS_IN_A_RING": ("A1", "A2", "A3")}


def test_one_broken_seat_does_not_make_its_whole_row_faulty():
    broken = changed("A2", id="A1")
    assert set(named(broken)) == {"SEAT_ID_TWICE", "NEIGHBOUR_UNKNOWN"}


def test_neighbours_across_rows_are_refused():
    front, behind = row("A1"), row("B1", label="B", y=20)
    across = plan(Row("A", (replace(front.seats[0], right="B1"),)), Row("B", (replace(behind.seats[0], left="A1"),)))
    assert "NEIGHBOUR_IN_ANOTHER_ROW" in named(across)


def test_a_double_label_is_for_a_person_to_look_at():
    assert [fault.severity for fault in faults(changed("A2", label="1"))] == [Severity.WARNING]
    assert errors(changed("A2", label="1")) == []


@pytest.mark.parametrize(
    ("house", "least", "most"),
    [(theatre(), 700, 850), (arena(), 5_500, 6_500), (stadium(10_000), 10_000, 10_000)],
    ids=["theatre", "arena", "stadium"],
)
def test_what_is_generated_has_no_fault_and_the_size_that_it_says(house, least, most):
    assert faults(house) == []
    assert least <= len(index_of(house)) <= most
    assert house.fingerprint() == house.fingerprint()


def test_the_theatre_has_odd_and_even_sides_boxes_folding_seats_and_spaces_for_wheelchairs():
    house = theatre()
    left = {seat.label for seat in house.zones[0].rows[5].seats if seat.x < house.focus[0]}
    assert all(int(label) % 2 for label in left)
    traits = [seat.traits for seat in house.seats()]
    assert sum(bool(each & Trait.WHEELCHAIR) for each in traits) == 4
    assert sum(bool(each & Trait.COMPANION) for each in traits) == 4
    assert any(each & Trait.FOLDING for each in traits)
    assert len({seat.box for seat in house.seats() if seat.box}) == 20
