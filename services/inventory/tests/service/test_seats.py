"""Numbered seats through the inventory's door: one owner each, whoever asks, from whichever process (G1, G5, 6.1)."""

import random
import threading
from collections import Counter
from datetime import UTC, timedelta

import grpc
import numpy as np
import pytest
from google.protobuf.json_format import ParseDict
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from inventory.usecases import reap
from kit.clock import now
from kit.database import outbox
from kit.grpc_errors import from_rpc_error
from seating import SeatState
from seating.generate import theatre
from seating.index import index_of
from ticketing.inventory.v1 import inventory_service_pb2 as pb
from ticketing.inventory.v1.events_pb2 import SeatsChanged

from ..conftest import new, scheduled

pytestmark = pytest.mark.service

FREE, HELD, SOLD = SeatState.FREE, SeatState.HELD, SeatState.SOLD
THEATRE = theatre()


def hold(stub, performance_id, *seats, quantity=0, hold_id=None, seconds=0, **wish):
    line = pb.HoldLine(performance_id=performance_id, quantity=quantity or len(seats), seats=seats, **wish)
    request = pb.HoldRequest(hold_id=hold_id or new(), lines=[line], hold_seconds=seconds)
    return stub.HoldPlaces(pb.HoldPlacesRequest(holds=[request])).results[0]


def confirm(stub, *hold_ids):
    return stub.ConfirmHolds(pb.ConfirmHoldsRequest(hold_ids=hold_ids)).results


def states(stub, performance_id):
    answer = stub.GetSeatStatus(pb.GetSeatStatusRequest(performance_id=performance_id))
    return [SeatState(byte & 7) for byte in answer.states]


def seats_add_up(sessions, performance_id):
    """What the capacity counts is what the seats' rows say."""
    query = text(
        "SELECT held - (SELECT count(*) FROM seats s WHERE s.performance_id = c.performance_id AND state IN (1, 5, 6)),"
        " sold - (SELECT count(*) FROM seats s WHERE s.performance_id = c.performance_id AND state = 4)"
        " FROM capacities c WHERE performance_id = :id"
    )
    with sessions() as session:
        assert session.execute(query, {"id": performance_id}).one() == (0, 0)


def test_seats_out_of_sale_are_told_apart_from_seats_in_baskets(stub, house):
    """G3: a manager who reads "held" must not look for customers who do not exist."""
    performance_id = house()
    stub.BlockSeats(pb.BlockSeatsRequest(
        request_id=new(), performance_id=performance_id, kind=pb.BLOCK_KIND_KILLED, seats=[1, 2], reason="Camera",
    ))  # fmt: skip
    hold(stub, performance_id, 5)
    (found,) = stub.GetAvailability(pb.GetAvailabilityRequest(performance_ids=[performance_id])).availabilities
    assert (found.held, found.blocked) == (3, 2)


def test_the_seats_that_were_asked_for_are_held_then_sold_and_nobody_else_gets_them(stub, sessions, house):
    performance_id = house()
    mine = hold(stub, performance_id, 5, 6)
    assert [list(held.seats) for held in mine.seats] == [[5, 6]]
    refused = hold(stub, performance_id, 6, 7)
    assert (refused.granted, refused.refusal, refused.facts["seats"]) == (False, "SEAT_TAKEN", "6")
    assert confirm(stub, mine.hold_id)[0].granted
    assert [states(stub, performance_id)[seat - 1] for seat in (5, 6, 7)] == [SOLD, SOLD, FREE]
    seats_add_up(sessions, performance_id)


def test_an_option_holds_its_seats_for_weeks_and_the_plan_says_so(stub, sessions, house):
    """F4, G3: a reservation until a date is no basket."""
    performance_id = house()
    line = pb.HoldLine(performance_id=performance_id, quantity=2, seats=[5, 6])
    month = 30 * 86_400
    basket = pb.HoldRequest(hold_id=new(), lines=[line], hold_seconds=month)
    with pytest.raises(grpc.RpcError) as refused:
        stub.HoldPlaces(pb.HoldPlacesRequest(holds=[basket]))
    assert from_rpc_error(refused.value).facts["field"] == "holds[0].hold_seconds"
    basket.option = True
    (option,) = stub.HoldPlaces(pb.HoldPlacesRequest(holds=[basket])).results
    assert option.held_until.ToDatetime(UTC) > now() + timedelta(days=29)
    assert [states(stub, performance_id)[seat - 1] for seat in (5, 6)] == [SeatState.OPTIONED] * 2
    longer = stub.ExtendHolds(
        pb.ExtendHoldsRequest(hold_ids=[option.hold_id], hold_seconds=2 * month, option=True)
    ).results[0]
    assert longer.held_until.ToDatetime(UTC) > now() + timedelta(days=59)
    assert confirm(stub, option.hold_id)[0].granted
    assert states(stub, performance_id)[4] == SOLD


def test_a_hold_that_is_given_back_frees_its_seats(stub, sessions, house):
    performance_id = house()
    mine = hold(stub, performance_id, 5, 6)
    stub.ReleaseHolds(pb.ReleaseHoldsRequest(hold_ids=[mine.hold_id]))
    assert set(states(stub, performance_id)) == {FREE}
    assert hold(stub, performance_id, 6, 7).granted
    seats_add_up(sessions, performance_id)


def test_without_a_choice_the_best_seats_are_given_together(stub, house):
    """G4, G5."""
    performance_id = house(THEATRE)
    index = index_of(THEATRE)
    given = hold(stub, performance_id, quantity=4, categories=["1"])
    seats = [seat - 1 for seat in given.seats[0].seats]
    places = sorted(index.place[seats].tolist())
    assert places == list(range(places[0], places[0] + 4))
    assert {index.categories[index.category[seat]] for seat in seats} == {"1"}
    again = hold(stub, performance_id, quantity=4, categories=["1"])
    assert not set(again.seats[0].seats) & set(given.seats[0].seats)


def test_a_wheelchair_space_comes_with_its_companions_seat(stub, house):
    performance_id = house(THEATRE)
    index = index_of(THEATRE)
    space, companion = hold(stub, performance_id, quantity=2, wheelchairs=1).seats[0].seats
    assert index.companion_of[companion - 1] == space - 1
    assert hold(stub, performance_id, quantity=10, wheelchairs=5).refusal == "NO_WHEELCHAIR_SPACE"


def test_a_basket_over_two_numbered_performances_is_all_or_nothing(stub, sessions, house):
    first, second = house(), house()
    assert hold(stub, second, 3).granted
    lines = [pb.HoldLine(performance_id=one, quantity=2, seats=[3, 4]) for one in (first, second)]
    wish = pb.HoldRequest(hold_id=new(), lines=lines)
    (refused,) = stub.HoldPlaces(pb.HoldPlacesRequest(holds=[wish])).results
    assert refused.refusal == "SEAT_TAKEN"
    assert set(states(stub, first)) == {FREE}
    for performance_id in (first, second):
        seats_add_up(sessions, performance_id)


def test_the_same_hold_again_gives_the_same_seats(stub, house):
    performance_id, hold_id = house(), new()
    answers = [hold(stub, performance_id, quantity=3, hold_id=hold_id) for _ in range(2)]
    assert answers[0].seats == answers[1].seats
    assert hold(stub, performance_id, quantity=3, hold_id=hold_id, together=True).refusal == "HOLD_REUSED"


def test_an_expired_holds_seats_go_to_the_next_one_and_the_first_is_told_so(stub, sessions, house):
    performance_id = house()
    late = hold(stub, performance_id, 5, seconds=10)
    with sessions.begin() as session:
        session.execute(text("UPDATE holds SET held_until = now() - interval '1 s' WHERE hold_id = :id"),
                        {"id": late.hold_id})  # fmt: skip
    assert hold(stub, performance_id, 5).granted
    assert confirm(stub, late.hold_id)[0].refusal == "HOLD_EXPIRED"
    seats_add_up(sessions, performance_id)


def test_an_expired_hold_whose_seats_are_still_free_is_sold_all_the_same(stub, sessions, house):
    performance_id = house()
    late = hold(stub, performance_id, 5, seconds=10)
    with sessions.begin() as session:
        session.execute(text("UPDATE holds SET held_until = now() - interval '1 s' WHERE hold_id = :id"),
                        {"id": late.hold_id})  # fmt: skip
    assert reap(sessions, now()) >= 1
    assert states(stub, performance_id)[4] == FREE
    assert confirm(stub, late.hold_id)[0].granted
    assert states(stub, performance_id)[4] == SOLD
    seats_add_up(sessions, performance_id)


@pytest.mark.parametrize(
    ("seats", "quantity", "reason"),
    [((0,), 0, "SEAT_UNKNOWN"), ((121,), 0, "SEAT_UNKNOWN"), ((7, 7), 0, "SEAT_UNKNOWN")],
)
def test_seats_that_are_none_of_the_plan_are_refused(stub, house, seats, quantity, reason):
    assert hold(stub, house(), *seats, quantity=quantity).refusal == reason


def test_as_many_seats_as_places_are_to_be_named(stub, house, refused):
    line = pb.HoldLine(performance_id=house(), quantity=2, seats=[1])
    wish = pb.HoldRequest(hold_id=new(), lines=[line])
    assert refused(stub.HoldPlaces, pb.HoldPlacesRequest(holds=[wish])).facts["field"] == "holds[0].lines[0].seats"


def test_seats_of_a_performance_without_numbers_are_refused(stub, tell):
    performance_id = new()
    tell(scheduled(performance_id, 10))
    assert hold(stub, performance_id, 1).refusal == "NOT_NUMBERED"


def test_before_the_plan_is_here_nothing_is_sold(stub, tell, refused):
    event = scheduled(new(), 10)
    event.performance.plan_version_id = new()
    tell(event)
    assert hold(stub, event.performance.id, 1).refusal == "PLAN_NOT_HERE_YET"
    request = pb.GetSeatStatusRequest(performance_id=event.performance.id)
    assert refused(stub.GetSeatStatus, request).reason == "PLAN_NOT_HERE_YET"


def test_house_seats_are_out_of_sale_until_they_are_given_back(stub, sessions, house, refused):
    """G6, 6.1: with a reason, all or none."""
    performance_id = house()
    block = {"performance_id": performance_id, "kind": pb.BLOCK_KIND_HOUSE, "reason": "Régie"}
    answer = stub.BlockSeats(pb.BlockSeatsRequest(request_id=new(), seats=[1, 2], **block))
    assert hold(stub, performance_id, 2).refusal == "SEAT_TAKEN"
    again = pb.BlockSeatsRequest(request_id=new(), seats=[2, 3], **block)
    assert refused(stub.BlockSeats, again).reason == "SEAT_TAKEN"
    assert states(stub, performance_id)[:3] == [SeatState.HOUSE, SeatState.HOUSE, FREE]
    seats_add_up(sessions, performance_id)
    stub.UnblockSeats(pb.UnblockSeatsRequest(request_id=new(), block_id=answer.block_id))
    assert hold(stub, performance_id, 2).granted
    twice = pb.UnblockSeatsRequest(request_id=new(), block_id=answer.block_id)
    assert refused(stub.UnblockSeats, twice).reason == "BLOCK_NOT_FOUND"
    seats_add_up(sessions, performance_id)


def contingent(stub, performance_id, *seats, number=1, release_at=None, **sellers):
    told = pb.Contingent(number=number, name="Mécènes", **sellers)
    if release_at:
        told.release_at.FromDatetime(release_at.replace(tzinfo=None))
    stub.SaveContingent(pb.SaveContingentRequest(request_id=new(), performance_id=performance_id, contingent=told))
    request = pb.AssignSeatsRequest(request_id=new(), performance_id=performance_id, number=number, seats=seats)
    return stub.AssignSeats(request).version


def buy(stub, performance_id, *seats, quantity=0, **buyer):
    line = pb.HoldLine(performance_id=performance_id, quantity=quantity or len(seats), seats=seats)
    wish = pb.HoldRequest(hold_id=new(), lines=[line], buyer=pb.Buyer(**buyer))
    return stub.HoldPlaces(pb.HoldPlacesRequest(holds=[wish])).results[0]


def test_seats_of_a_contingent_are_sold_by_those_it_names_and_by_nobody_else(stub, other, sessions, house):
    """K6, 6.1: by channel, point of sale or partner."""
    performance_id = house()
    contingent(stub, performance_id, 1, 2, 3, 4, channels=["partner"], points_of_sale=["desk"], partners=["fnac"])
    refused = buy(other, performance_id, 2, 5, channel="web")
    assert (refused.refusal, refused.facts["seats"]) == ("SEAT_NOT_FOR_YOU", "2")
    assert buy(stub, performance_id, 1).refusal == "SEAT_NOT_FOR_YOU"
    assert buy(stub, performance_id, 1, channel="partner").granted
    assert buy(other, performance_id, 2, point_of_sale_id="desk").granted
    assert buy(stub, performance_id, 3, partner="fnac", channel="web").granted
    seats_add_up(sessions, performance_id)


def test_best_seats_come_from_the_general_sale_and_from_what_is_open_to_the_buyer(stub, house):
    performance_id = house()
    contingent(stub, performance_id, *range(1, 119), channels=["partner"])
    assert sorted(buy(stub, performance_id, quantity=2, channel="web").seats[0].seats) == [119, 120]
    assert buy(stub, performance_id, quantity=2, channel="web").refusal == "NOT_ENOUGH_PLACES"
    assert buy(stub, performance_id, quantity=2, channel="partner").granted


def test_a_contingent_is_everybodys_from_its_release_on(stub, house):
    performance_id = house()
    contingent(stub, performance_id, 1, channels=["partner"], release_at=now() + timedelta(hours=1))
    contingent(stub, performance_id, 3, number=2, channels=["partner"], release_at=now() - timedelta(seconds=1))
    assert buy(stub, performance_id, 1, channel="web").refusal == "SEAT_NOT_FOR_YOU"
    assert buy(stub, performance_id, 3, channel="web").granted


def test_a_seat_keeps_its_contingent_through_sale_and_return_and_whoever_reads_it_anew(stub, other, sessions, house):
    performance_id = house()
    held = buy(stub, performance_id, 7)
    contingent(stub, performance_id, 7, 8, channels=["partner"])
    stub.ReleaseHolds(pb.ReleaseHoldsRequest(hold_ids=[held.hold_id]))
    with sessions.begin() as session:
        session.execute(text("DELETE FROM seat_changes"))
    answers = [each.GetSeatStatus(pb.GetSeatStatusRequest(performance_id=performance_id)) for each in (stub, other)]
    assert [(a.states[6] >> 3, a.states[6] & 7, a.contingents[0].name) for a in answers] == [(1, 0, "Mécènes")] * 2
    back = pb.AssignSeatsRequest(request_id=new(), performance_id=performance_id, number=0, seats=[7])
    stub.AssignSeats(back)
    assert buy(other, performance_id, 7, channel="web").granted
    assert buy(other, performance_id, 8, channel="web").refusal == "SEAT_NOT_FOR_YOU"


def test_seats_go_into_no_contingent_that_is_not_there(stub, house, refused):
    performance_id = house()
    request = pb.AssignSeatsRequest(request_id=new(), performance_id=performance_id, number=9, seats=[1])
    assert refused(stub.AssignSeats, request).reason == "CONTINGENT_NOT_FOUND"
    told = pb.Contingent(number=32, name="x")
    wanted = pb.SaveContingentRequest(request_id=new(), performance_id=performance_id, contingent=told)
    assert refused(stub.SaveContingent, wanted).facts["field"] == "contingent.number"


def test_whatever_the_code_does_the_database_gives_a_seat_to_one_only(sessions, stub, house):
    """G1."""
    performance_id = house()
    assert confirm(stub, hold(stub, performance_id, 9).hold_id)[0].granted
    sell = text("INSERT INTO seats (performance_id, seat, owner, state) VALUES (:performance, 9, :owner, 4)")
    with pytest.raises(IntegrityError), sessions.begin() as session:
        session.execute(sell, {"performance": performance_id, "owner": new()})


def test_each_process_sees_what_the_other_has_sold_whatever_it_remembers(stub, other, sessions, house):
    performance_id = house()
    for turn in range(1, 9, 2):
        assert hold(stub, performance_id, turn).granted
        assert hold(other, performance_id, turn).refusal == "SEAT_TAKEN"
        assert hold(other, performance_id, turn + 1).granted
        assert hold(stub, performance_id, turn + 1).refusal == "SEAT_TAKEN"
    with sessions.begin() as session:  # what was forgotten is read anew
        session.execute(text("DELETE FROM seat_changes"))
    assert hold(stub, performance_id, 20).granted
    assert states(other, performance_id) == states(stub, performance_id)


def test_the_changes_that_are_told_lead_to_what_the_seats_are(stub, other, sessions, house):
    """G7: whoever applies them in order has the plan as it stands."""
    performance_id = house()
    held = [hold(each, performance_id, quantity=2) for each in (stub, other) * 3]
    confirm(other, held[0].hold_id, held[1].hold_id)
    stub.ReleaseHolds(pb.ReleaseHoldsRequest(hold_ids=[held[2].hold_id]))
    with sessions() as session:
        rows = session.scalars(
            select(outbox.c.payload).where(outbox.c.subject == "inventory.seats.changed.v1").order_by(outbox.c.id)
        )
        told = [ParseDict(row, SeatsChanged()) for row in rows if row["performanceId"] == performance_id]
    status, version = np.zeros(120, np.uint8), 0
    for event in told:
        assert event.from_version == version
        version = event.to_version
        status[np.array(event.ordinals) - 1] = list(event.states)
    answer = stub.GetSeatStatus(pb.GetSeatStatusRequest(performance_id=performance_id))
    assert (answer.version, answer.states) == (version, status.tobytes())


def test_a_crowd_on_the_last_seats_from_two_processes_sells_each_once_and_tells_everyone_the_truth(
    stub, other, sessions, house
):
    performance_id = house()
    assert confirm(stub, hold(stub, performance_id, *range(1, 101)).hold_id)[0].granted
    granted, refusals, lock = [], Counter(), threading.Lock()

    def buyer(number):
        draw = random.Random(number)
        for _ in range(6):
            seats = sorted(draw.sample(range(101, 121), draw.choice((1, 2, 3))))
            answer = hold(draw.choice((stub, other)), performance_id, *seats)
            if answer.granted and draw.random() < 0.3:
                draw.choice((stub, other)).ReleaseHolds(pb.ReleaseHoldsRequest(hold_ids=[answer.hold_id]))
            elif answer.granted:
                assert confirm(draw.choice((stub, other)), answer.hold_id)[0].granted
                with lock:
                    granted.extend(answer.seats[0].seats)
            else:
                with lock:
                    refusals[answer.refusal] += 1

    threads = [threading.Thread(target=buyer, args=(number,)) for number in range(24)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(refusals) <= {"SEAT_TAKEN", "NOT_ENOUGH_PLACES"}
    assert len(granted) == len(set(granted))
    sold = [number for number, state in enumerate(states(stub, performance_id), 1) if state == SOLD and number > 100]
    assert sorted(granted) == sold
    assert states(other, performance_id) == states(stub, performance_id)
    assert HELD not in states(stub, performance_id)
    seats_add_up(sessions, performance_id)
