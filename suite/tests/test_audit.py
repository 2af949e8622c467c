"""The audit and places that were sold twice: said where they are recorded, a breach where nobody knows (domain 5.6)."""

from collections import Counter
from types import SimpleNamespace
from typing import Any

import ledger
from suite.audit.journals import Float
from suite.audit.rules import floats_add_up, places_as_sold, seats_have_one_owner
from ticketing.cashdesk.v1 import cashdesk_service_pb2 as cashdesk_pb
from ticketing.inventory.v1 import inventory_service_pb2 as inventory_pb
from ticketing.orders.v1 import orders_service_pb2 as orders_pb

HOUSE = "7a6f3f0e-0000-4000-8000-000000000001"
SOLD = 4


def journals(places: int, **seats: int) -> Any:
    """What was sealed: so many places, and how often each seat."""
    sold = Counter({int(name[1:]): times for name, times in seats.items()})
    return SimpleNamespace(places_sold=lambda: Counter({HOUSE: places}), seats_sold=lambda: {HOUSE: sold})


def services(sold: int, missing: int = 0, seats: bytes = b"", conflicts: tuple[orders_pb.Conflict, ...] = ()) -> Any:
    place = inventory_pb.Availability(performance_id=HOUSE, total=9, sold=sold, missing=missing)
    inventory = SimpleNamespace(
        GetAvailability=lambda _: inventory_pb.GetAvailabilityResponse(availabilities=[place]),
        GetSeatStatus=lambda _: inventory_pb.GetSeatStatusResponse(states=seats),
    )
    orders = SimpleNamespace(ListConflicts=lambda _: orders_pb.ListConflictsResponse(conflicts=conflicts))
    return SimpleNamespace(inventory=inventory, orders=orders)


def conflict(state: Any = orders_pb.CONFLICT_STATE_OPEN, **changes: Any) -> orders_pb.Conflict:
    """Of seat 2: the first ticket has it, the second is without one, or what `changes` say."""
    claims = [
        orders_pb.ConflictClaim(seat=orders_pb.Seat(ordinal=2)),
        orders_pb.ConflictClaim(seat=orders_pb.Seat(ordinal=2), **{"without_place": True} | changes),
    ]
    kind = orders_pb.CONFLICT_KIND_SEAT
    return orders_pb.Conflict(id="c", performance_id=HOUSE, kind=kind, state=state, claims=claims)


def test_a_seat_in_two_sales_that_nobody_has_recorded_is_a_breach():
    found = list(seats_have_one_owner(services(1, seats=bytes([0, SOLD])), journals(2, s2=2)))
    assert ["seat 2 was sold 2 times" in finding.detail for finding in found] == [True]


def test_a_seat_in_two_sales_that_waits_for_a_decision_is_none():
    recorded = services(1, 1, bytes([0, SOLD]), (conflict(),))
    assert list(seats_have_one_owner(recorded, journals(2, s2=2))) == []
    assert list(places_as_sold(recorded, journals(2, s2=2))) == []


def test_a_third_sale_of_a_seat_whose_conflict_knows_two_is_a_breach():
    assert list(seats_have_one_owner(services(1, 2, bytes([0, SOLD]), (conflict(),)), journals(3, s2=3)))


def test_whoever_was_given_another_seat_has_that_one_in_inventory_too():
    moved = conflict(
        orders_pb.CONFLICT_STATE_SETTLED, replaced=True, without_place=False, instead_seat=orders_pb.Seat(ordinal=3)
    )
    assert (
        list(seats_have_one_owner(services(2, seats=bytes([0, SOLD, SOLD]), conflicts=(moved,)), journals(2, s2=2)))
        == []
    )
    elsewhere = services(2, seats=bytes([SOLD, SOLD, 0]), conflicts=(moved,))
    assert len(list(seats_have_one_owner(elsewhere, journals(2, s2=2)))) == 2


def test_places_that_are_sold_and_missing_nowhere_are_a_breach():
    assert list(places_as_sold(services(1), journals(2)))


def a_float(expected: int = 6200, card: int = 900, came: int = 1200, **carried: Any) -> Any:
    """Opened with 50.00; sold for 12.00 in cash and 9.00 by card; closed with what was said."""
    modes = (ledger.ModeCount(ledger.Mode.CARD, card, card, 0),)
    settled = ledger.FloatSettled("T01-F000001", modes, None, 1, False)
    closed = ledger.FloatClosed("f", "c", "2026-11-27", "EUR", {1: expected}, expected, expected, 0, settled)
    found = Float("2026-11-27", 5000, Counter({"cash": came, "card": 900, "free": 0}), carried, closed)
    return SimpleNamespace(floats={"f": found})


def cashdesk(expected: int) -> Any:
    known = cashdesk_pb.CashFloat(cash_float_id="f", expected=expected)
    answer = cashdesk_pb.ListCashFloatsResponse(cash_floats=[known])
    return SimpleNamespace(cashdesk=SimpleNamespace(ListCashFloats=lambda _: answer))


def test_a_float_that_was_closed_by_what_its_entries_make_is_sound():
    """E7."""
    assert list(floats_add_up(cashdesk(6200), a_float())) == []


def test_a_float_that_was_closed_by_another_figure_of_any_mode_is_a_breach():
    assert ["of cash" in each.detail for each in floats_add_up(cashdesk(6200), a_float(expected=6100))] == [True]
    assert ["of card" in each.detail for each in floats_add_up(cashdesk(6200), a_float(card=800))] == [True]


def test_a_float_of_which_cashdesk_expects_something_else_is_a_breach():
    assert ["cashdesk 6000" in each.detail for each in floats_add_up(cashdesk(6000), a_float())] == [True]


def test_a_float_that_arrived_with_less_than_it_was_carried_with_is_a_breach():
    out, into = Counter({"cash": -6200}), Counter({"cash": 6100})
    assert list(floats_add_up(cashdesk(6200), a_float(m={"carried_out": out}))) == []
    assert len(list(floats_add_up(cashdesk(6200), a_float(m={"carried_out": out, "carried_in": into})))) == 1
    assert len(list(floats_add_up(cashdesk(6200), a_float(m={"carried_in": into})))) == 1
