"""One performance is set as another is (K6, G6), and a block is given back in part."""

from datetime import timedelta

import pytest

from kit.clock import now
from seating import SeatState, contingent_of, state_of
from ticketing.inventory.v1 import inventory_service_pb2 as pb

from ..conftest import new, scheduled
from .test_pools import ask, pools, rules, save_contingent, save_quota
from .test_seats import confirm, seats_add_up

pytestmark = pytest.mark.service
ALL = {"contingents": True, "quotas": True, "seating_rules": True, "blocks": True}
ROOM = {"contingents": True, "quotas": True}


def copy(stub, performance_id, *to, request_id=None, **parts):
    request = pb.CopyPoolsRequest(
        request_id=request_id or new(), performance_id=performance_id, to_performance_ids=to, **parts or ALL
    )
    return [(result.refusal, dict(result.facts)) for result in stub.CopyPools(request).results]


def assign(stub, performance_id, number, *seats):
    stub.AssignSeats(pb.AssignSeatsRequest(request_id=new(), performance_id=performance_id, number=number, seats=seats))


def block(stub, performance_id, *seats, kind=pb.BLOCK_KIND_HOUSE, reason="Presse"):
    request = pb.BlockSeatsRequest(
        request_id=new(), performance_id=performance_id, seats=seats, kind=kind, reason=reason
    )
    return stub.BlockSeats(request).block_id


def buy(stub, performance_id, *seats, quantity=0, **buyer):
    held = ask(stub, performance_id, quantity=quantity, seats=seats, buyer=buyer)
    assert held.granted, held.refusal
    confirm(stub, held.hold_id)


def shown(stub, performance_id):
    return list(stub.GetSeatStatus(pb.GetSeatStatusRequest(performance_id=performance_id)).states)


def told(stub, performance_id):
    """What is set for a performance, without what is sold of it."""
    found = pools(stub, performance_id)
    return (
        [(x.number, x.name, x.places, x.seats, tuple(x.channels)) for x in found.contingents],
        [(x.number, x.name, x.at_most, x.contingent) for x in found.quotas],
        (list(found.seating_rules.orphans_refused_on), found.seating_rules.distance_seats),
        sorted(((x.kind, list(x.seats), x.reason) for x in found.blocks), key=lambda block: block[1]),
    )


@pytest.fixture
def season(house):
    """Three performances on one plan."""
    return [house() for _ in range(3)]


@pytest.fixture
def model(stub, season):
    """The first of them, with something of everything."""
    save_contingent(stub, season[0], 1, places=10, channels=["partner"])
    save_contingent(stub, season[0], 4, channels=["web"])
    assign(stub, season[0], 4, 1, 2, 3)
    save_quota(stub, season[0], 5, number=2, contingent=1, channels=["partner"])
    rules(stub, season[0], orphans_refused_on=["web", "counter"], orphans_below=8)
    block(stub, season[0], 20, 21)
    block(stub, season[0], 30, kind=pb.BLOCK_KIND_KILLED, reason="Siège cassé")
    return season[0]


def test_other_performances_stand_as_the_one_that_is_copied(stub, other, season, model, sessions):
    assert copy(stub, model, *season[1:]) == [("", {})] * 2
    for target in season[1:]:
        assert told(other, target) == told(stub, model)
        assert shown(other, target) == shown(stub, model)
        seats_add_up(sessions, target)


def test_what_the_target_had_of_its_own_is_replaced_and_what_is_sold_stays(stub, season, model, sessions):
    target = season[1]
    save_contingent(stub, target, 4, places=3, channels=["counter"])
    save_contingent(stub, target, 7, places=2, channels=["counter"])
    assign(stub, target, 7, 1, 50)
    save_quota(stub, target, 9, number=8, contingent=7, channels=["counter"])
    buy(stub, target, 60, 61)
    block(stub, target, 20, reason="Régie")
    assert copy(stub, model, target) == [("", {})]
    contingents, quotas, _, blocks = told(stub, target)
    assert (contingents, quotas) == told(stub, model)[:2]
    assert [(seats, why) for _, seats, why in blocks] == [([20], "Régie"), ([21], "Presse"), ([30], "Siège cassé")]
    states = shown(stub, target)
    assert [contingent_of(states[seat - 1]) for seat in (1, 2, 3, 50)] == [4, 4, 4, 0]
    assert [state_of(states[seat - 1]) for seat in (60, 61)] == [SeatState.SOLD] * 2
    seats_add_up(sessions, target)


def test_each_target_is_done_wholly_or_not_at_all(stub, season, model, sessions):
    """A seat that is sold there, a contingent that sells: nothing of it changes, the others are done."""
    sold, selling = season[1:]
    buy(stub, sold, 21)
    save_contingent(stub, selling, 7, places=5, channels=["counter"])
    buy(stub, selling, 60, quantity=1, channel="counter")
    before = [(told(stub, each), shown(stub, each)) for each in (sold, selling)]
    (why, facts), (other_why, _) = copy(stub, model, sold, selling)
    assert (why, facts["seats"], other_why) == ("SEAT_TAKEN", "21", "CONTINGENT_IN_USE")
    assert [(told(stub, each), shown(stub, each)) for each in (sold, selling)] == before
    for each in (sold, selling):
        seats_add_up(sessions, each)


def test_a_copy_that_is_sent_again_changes_nothing_and_does_what_was_refused(stub, season, model):
    first, second = season[1:]
    hold = ask(stub, second, quantity=1, seats=[21])
    same = new()
    assert [why for why, _ in copy(stub, model, first, second, request_id=same)] == ["", "SEAT_TAKEN"]
    version = stub.GetSeatStatus(pb.GetSeatStatusRequest(performance_id=first)).version
    stub.ReleaseHolds(pb.ReleaseHoldsRequest(hold_ids=[hold.hold_id]))
    assert [why for why, _ in copy(stub, model, first, second, request_id=same)] == ["", ""]
    assert stub.GetSeatStatus(pb.GetSeatStatusRequest(performance_id=first)).version == version
    assert len(pools(stub, first).blocks) == 2


def test_only_the_parts_that_are_named_are_copied(stub, season, model):
    assert copy(stub, model, season[1], blocks=True) == [("", {})]
    assert told(stub, season[1])[:2] == ([], [])
    assert told(stub, season[1])[3] == told(stub, model)[3]
    assert [why for why, _ in copy(stub, model, season[2], quotas=True)] == ["CONTINGENT_NOT_FOUND"]


def test_releases_keep_their_distance_to_the_start(stub, tell):
    starts_at = now().replace(microsecond=0) + timedelta(days=10)
    one, later = new(), new()
    tell(scheduled(one, 100, starts_at=starts_at), scheduled(later, 100, starts_at=starts_at + timedelta(days=7)))
    save_contingent(stub, one, places=5, channels=["web"], release_at=starts_at - timedelta(days=2))
    assert copy(stub, one, later, **ROOM) == [("", {})]
    (copied,) = pools(stub, later).contingents
    assert copied.release_at.ToDatetime() == (starts_at + timedelta(days=5)).replace(tzinfo=None)


def test_more_than_is_free_is_not_set_apart_by_a_copy(stub, room):
    large, small = room(100), room(10)
    save_contingent(stub, large, places=40, channels=["web"])
    assert [why for why, _ in copy(stub, large, small, **ROOM)] == ["NOT_ENOUGH_PLACES"]
    assert not pools(stub, small).contingents


def test_a_performance_of_another_plan_or_unknown_is_refused_and_wrong_requests_change_nothing(
    stub, stub_with, room, season, model, refused
):
    assert [why for why, _ in copy(stub, model, room(10), new())] == [
        "OTHER_PLAN", "PERFORMANCE_UNKNOWN",
    ]  # fmt: skip
    request = pb.CopyPoolsRequest(request_id=new(), performance_id=model, to_performance_ids=[season[1]], blocks=True)
    for wrong in (
        {"to_performance_ids": []}, {"to_performance_ids": [model]}, {"to_performance_ids": [season[1]] * 2},
        {"to_performance_ids": ["x"]}, {"performance_id": "x"}, {"request_id": "x"}, {"blocks": False},
    ):  # fmt: skip
        asked = pb.CopyPoolsRequest()
        asked.CopyFrom(request)
        for name, value in wrong.items():
            asked.ClearField(name)
            getattr(asked, name).extend(value) if isinstance(value, list) else setattr(asked, name, value)
        assert refused(stub.CopyPools, asked).reason == "FIELD_INVALID", wrong
    unknown = pb.CopyPoolsRequest(request_id=new(), performance_id=new(), to_performance_ids=[model], blocks=True)
    assert refused(stub.CopyPools, unknown).reason == "PERFORMANCE_UNKNOWN"
    assert refused(stub_with("inventory.view").CopyPools, request).reason == "FORBIDDEN"
    assert not pools(stub, season[1]).blocks


def test_a_block_is_given_back_in_part_and_its_other_seats_stay(stub, house, sessions, refused, places):
    performance_id = house()
    block_id = block(stub, performance_id, 1, 2, 3, 4)
    stub.UnblockSeats(pb.UnblockSeatsRequest(request_id=new(), block_id=block_id, seats=[4, 2]))
    (left,) = pools(stub, performance_id).blocks
    assert list(left.seats) == [1, 3]
    assert places(performance_id)[1] == 2
    foreign = pb.UnblockSeatsRequest(request_id=new(), block_id=block_id, seats=[1, 2])
    assert refused(stub.UnblockSeats, foreign).reason == "FIELD_INVALID"
    stub.UnblockSeats(pb.UnblockSeatsRequest(request_id=new(), block_id=block_id, seats=[1, 3]))
    assert not pools(stub, performance_id).blocks
    assert refused(stub.UnblockSeats, foreign).reason == "BLOCK_NOT_FOUND"
    seats_add_up(sessions, performance_id)
