"""Who may sell what, and how seats are given, through the inventory's door (K6, G5, G6; domain 5.2, 6.1 to 6.6)."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from google.protobuf.json_format import ParseDict
from sqlalchemy import select

from kit.clock import now
from kit.database import outbox
from seating import SeatState, Trait
from seating.generate import theatre
from ticketing.accounts.v1.events_pb2 import TillEnrolled
from ticketing.inventory.v1 import inventory_service_pb2 as pb
from ticketing.inventory.v1.events_pb2 import SeatsChanged

from ..conftest import new
from .test_inventory import hold as hold_places
from .test_seats import confirm, seats_add_up, states

pytestmark = pytest.mark.service


def save_contingent(stub, performance_id, number=1, places=0, release_at=None, **sellers):
    told = pb.Contingent(number=number, name=f"Contingent {number}", places=places, **sellers)
    if release_at:
        told.release_at.FromDatetime(release_at.replace(tzinfo=None))
    request = pb.SaveContingentRequest(request_id=new(), performance_id=performance_id, contingent=told)
    return stub.SaveContingent(request).contingent


def save_quota(stub, performance_id, at_most, number=1, contingent=0, **sellers):
    told = pb.Quota(number=number, name=f"Quota {number}", at_most=at_most, contingent=contingent, **sellers)
    return stub.SaveQuota(pb.SaveQuotaRequest(request_id=new(), performance_id=performance_id, quota=told)).quota


def rules(stub, performance_id, released=None, **told):
    wanted = pb.SeatingRules(**told)
    if released:
        wanted.wheelchairs_release_at.FromDatetime(released.replace(tzinfo=None))
    request = pb.SaveSeatingRulesRequest(request_id=new(), performance_id=performance_id, seating_rules=wanted)
    return stub.SaveSeatingRules(request)


def ask(stub, performance_id, quantity=1, seats=(), buyer=None, line=None, **wish):
    asked = pb.HoldLine(performance_id=performance_id, quantity=quantity or len(seats), seats=seats, **line or {})
    request = pb.HoldRequest(hold_id=new(), lines=[asked], buyer=pb.Buyer(**buyer or {}), **wish)
    return stub.HoldPlaces(pb.HoldPlacesRequest(holds=[request])).results[0]


def pools(stub, performance_id):
    return stub.ListPools(pb.ListPoolsRequest(performance_id=performance_id))


WEB, FNAC = {"channel": "web"}, {"channel": "partner", "partner": "fnac"}


def test_places_are_set_apart_by_number_in_a_house_of_free_seating(stub, room):
    performance_id = room(10)
    save_contingent(stub, performance_id, places=4, channels=["partner"])
    assert ask(stub, performance_id, 7, buyer=WEB).refusal == "NOT_ENOUGH_PLACES"
    assert ask(stub, performance_id, 6, buyer=WEB).granted
    assert ask(stub, performance_id, 3, buyer=FNAC).granted
    found = pools(stub, performance_id)
    assert (found.availability.free, found.availability.set_apart, found.contingents[0].taken) == (1, 1, 3)


def test_no_more_is_set_apart_than_is_free_and_no_less_than_is_taken(stub, room, refused):
    performance_id = room(10)
    ask(stub, performance_id, 5)
    save_contingent(stub, performance_id, places=3, channels=["partner"])

    def wanted(number, places):
        told = pb.Contingent(number=number, name="x", places=places)
        return pb.SaveContingentRequest(request_id=new(), performance_id=performance_id, contingent=told)

    assert refused(stub.SaveContingent, wanted(2, 3)).facts["free"] == "2"
    ask(stub, performance_id, 2, buyer=FNAC)
    assert refused(stub.SaveContingent, wanted(1, 1)).reason == "NOT_ENOUGH_PLACES"
    assert save_contingent(stub, performance_id, places=5, channels=["partner"]).taken == 2


def test_a_quota_is_kept_by_all_who_race_for_its_last_places(stub, other, room):
    """Sixty-four callers on two cores, one quota."""
    performance_id = room(500)
    save_quota(stub, performance_id, 10, channels=["web"])
    with ThreadPoolExecutor(64) as crowd:
        answers = list(crowd.map(lambda i: ask((stub, other)[i % 2], performance_id, buyer=WEB), range(64)))
    assert sum(answer.granted for answer in answers) == 10
    assert {answer.refusal for answer in answers if not answer.granted} == {"QUOTA_REACHED"}
    assert pools(stub, performance_id).quotas[0].taken == 10
    assert ask(stub, performance_id, buyer=FNAC).granted


def test_quotas_inside_a_contingent_of_seats_count_its_seats(stub, house, sessions):
    performance_id = house()
    save_contingent(stub, performance_id, channels=["partner"])
    stub.AssignSeats(
        pb.AssignSeatsRequest(request_id=new(), performance_id=performance_id, number=1, seats=range(1, 11))
    )
    save_quota(stub, performance_id, 2, contingent=1, partners=["fnac"])
    first = ask(stub, performance_id, 2, seats=[1, 2], buyer=FNAC)
    assert first.granted
    assert ask(stub, performance_id, 1, seats=[3], buyer=FNAC).refusal == "SEAT_NOT_FOR_YOU"
    assert ask(stub, performance_id, 1, seats=[3], buyer={"channel": "partner"}).granted
    stub.ReleaseHolds(pb.ReleaseHoldsRequest(hold_ids=[first.hold_id]))
    found = pools(stub, performance_id)
    assert (found.quotas[0].taken, found.contingents[0].seats) == (0, 10)
    seats_add_up(sessions, performance_id)


def test_seats_that_are_said_later_use_up_the_number(stub, house):
    """6.1: contingents are planned as numbers before seats exist."""
    performance_id = house()
    save_contingent(stub, performance_id, places=4, channels=["partner"])
    assert pools(stub, performance_id).availability.set_apart == 4
    stub.AssignSeats(pb.AssignSeatsRequest(request_id=new(), performance_id=performance_id, number=1, seats=[1, 2, 3]))
    found = pools(stub, performance_id)
    assert (found.contingents[0].places, found.contingents[0].seats, found.availability.set_apart) == (1, 3, 4)


def test_a_contingent_is_removed_with_its_quotas_unless_places_of_it_are_taken(stub, house, room, refused):
    performance_id = house()
    save_contingent(stub, performance_id, channels=["partner"])
    stub.AssignSeats(pb.AssignSeatsRequest(request_id=new(), performance_id=performance_id, number=1, seats=[1, 2]))
    save_quota(stub, performance_id, 2, contingent=1, partners=["fnac"])
    stub.RemoveContingent(pb.RemoveContingentRequest(request_id=new(), performance_id=performance_id, number=1))
    found = pools(stub, performance_id)
    assert (len(found.contingents), len(found.quotas), found.availability.set_apart) == (0, 0, 0)
    assert ask(stub, performance_id, 2, seats=[1, 2], buyer=FNAC).granted
    by_number = room(10)
    save_contingent(stub, by_number, places=4, channels=["partner"])
    ask(stub, by_number, 1, buyer=FNAC)
    request = pb.RemoveContingentRequest(request_id=new(), performance_id=by_number, number=1)
    assert refused(stub.RemoveContingent, request).reason == "CONTINGENT_IN_USE"
    assert refused(
        stub.RemoveQuota, pb.RemoveQuotaRequest(request_id=new(), performance_id=by_number, number=7)
    ).reason == ("QUOTA_NOT_FOUND")


def test_a_quota_that_comes_back_has_counted_meanwhile(stub, room):
    performance_id = room(10)
    save_quota(stub, performance_id, 5, channels=["web"])
    stub.RemoveQuota(pb.RemoveQuotaRequest(request_id=new(), performance_id=performance_id, number=1))
    assert ask(stub, performance_id, 6, buyer=WEB).granted
    assert not pools(stub, performance_id).quotas
    assert save_quota(stub, performance_id, 7, channels=["web"]).taken == 6
    assert ask(stub, performance_id, 2, buyer=WEB).refusal == "QUOTA_REACHED"


# -- how seats are given


def test_the_web_leaves_nobody_alone_a_counter_is_warned_and_a_supervisor_overrides(stub, house):
    """6.3"""
    performance_id = house()
    refusal = ask(stub, performance_id, 2, seats=[2, 3], buyer=WEB)
    assert (refusal.refusal, refusal.facts["seats"]) == ("LEAVES_ORPHANS", "1")
    warned = ask(stub, performance_id, 2, seats=[2, 3], buyer={"channel": "till"})
    assert (warned.granted, list(warned.seats[0].orphans)) == (True, [1])
    stub.ReleaseHolds(pb.ReleaseHoldsRequest(hold_ids=[warned.hold_id]))
    assert ask(stub, performance_id, 2, seats=[2, 3], buyer=WEB, orphans_allowed=True).granted


def test_the_rule_gives_way_when_few_seats_are_left(stub, house):
    performance_id = house()
    rules(stub, performance_id, orphans_refused_on=["web"], orphans_below=1000)
    assert ask(stub, performance_id, 2, seats=[2, 3], buyer=WEB).granted


def test_groups_keep_their_distance_and_everybody_sees_it(stub, house, sessions):
    """6.4: what must stay empty is told to open plans, and comes free with the group."""
    performance_id = house()
    rules(stub, performance_id, distance_seats=1, distance_rows=0)
    first = ask(stub, performance_id, 2, seats=[3, 4])
    assert [states(stub, performance_id)[seat - 1] for seat in (2, 3, 4, 5)] == [
        SeatState.APART, SeatState.HELD, SeatState.HELD, SeatState.APART
    ]  # fmt: skip
    near = ask(stub, performance_id, 1, seats=[5])
    assert (near.refusal, near.facts["seats"]) == ("TOO_NEAR", "5")
    best = ask(stub, performance_id, 2)
    assert not {2, 3, 4, 5} & set(best.seats[0].seats)
    with sessions() as session:
        query = select(outbox.c.payload).where(outbox.c.subject == "inventory.seats.changed.v1").order_by(outbox.c.id)
        told = [ParseDict(payload, SeatsChanged()) for payload in session.scalars(query)]
    mine = [change for change in told if change.performance_id == performance_id]
    assert list(mine[0].ordinals) == [2, 3, 4, 5]
    stub.ReleaseHolds(pb.ReleaseHoldsRequest(hold_ids=[first.hold_id, best.hold_id]))
    assert set(states(stub, performance_id)) == {SeatState.FREE}
    assert pools(stub, performance_id).estimated_places < 120


def test_a_wheelchair_space_is_for_who_asks_until_its_release_and_its_companion_goes_with_it(stub, house):
    """6.5"""
    plan = theatre()
    performance_id = house(plan)
    ordinals = plan.ordinals
    companion = next(seat for seat in plan.seats() if seat.companion_of)
    space, beside = ordinals[companion.companion_of], ordinals[companion.id]
    assert ask(stub, performance_id, 1, seats=[space]).refusal == "SEAT_FOR_WHEELCHAIRS"
    assert ask(stub, performance_id, 1, seats=[beside]).refusal == "COMPANION_ALONE"
    both = ask(stub, performance_id, 2, seats=[space, beside], line={"wheelchairs": 1})
    assert both.granted
    stub.ReleaseHolds(pb.ReleaseHoldsRequest(hold_ids=[both.hold_id]))
    rules(stub, performance_id, released=now() - timedelta(seconds=1))
    assert ask(stub, performance_id, 1, seats=[beside]).refusal == "COMPANION_ALONE"
    assert ask(stub, performance_id, 1, seats=[space]).granted


def test_released_spaces_are_given_last(stub, house):
    plan = theatre()
    performance_id = house(plan)
    rules(stub, performance_id, released=now() - timedelta(seconds=1))
    ordinary = [i for seat, i in plan.ordinals.items() if not _special(plan, seat)]
    for first in range(0, len(ordinary), 1000):
        part = ordinary[first : first + 1000]
        assert ask(stub, performance_id, len(part), seats=part).granted
    assert ask(stub, performance_id, 1).granted


def _special(plan, seat_id):
    traits = next(seat.traits for seat in plan.seats() if seat.id == seat_id)
    return traits & (Trait.WHEELCHAIR | Trait.COMPANION)


def test_the_best_for_a_budget(stub, house):
    """6.2"""
    plan = theatre()
    performance_id = house(plan)
    codes = [category.code for category in plan.categories]
    prices = {code: 1000 * (len(codes) - i) for i, code in enumerate(codes)}
    found = ask(stub, performance_id, 2, line={"prices": prices, "budget": 2000})
    assert found.granted
    cheapest = {plan.ordinals[seat.id] for seat in plan.seats() if seat.category == codes[-1]}
    assert set(found.seats[0].seats) <= cheapest


# -- baskets that change


def test_a_hold_lasts_longer_when_it_is_extended(stub, room):
    performance_id = room(5)
    held = hold_places(stub, performance_id, 1, seconds=10)
    extended = stub.ExtendHolds(pb.ExtendHoldsRequest(hold_ids=[held.hold_id, new()], hold_seconds=600)).results
    assert extended[0].held_until.seconds - held.held_until.seconds > 500
    assert [result.refusal for result in extended] == ["", "HOLD_NOT_FOUND"]


def test_a_basket_changes_its_seats_in_one_act(stub, house, sessions):
    performance_id = house()
    first = ask(stub, performance_id, 3, seats=[5, 6, 7])
    wanted = ask(stub, performance_id, 3, seats=[6, 7, 8], replaces=first.hold_id)
    assert wanted.granted
    assert [seat + 1 for seat, state in enumerate(states(stub, performance_id)) if state] == [6, 7, 8]
    assert ask(stub, performance_id, 1, seats=[9], replaces=first.hold_id).refusal == "HOLD_NOT_FOUND"
    seats_add_up(sessions, performance_id)


def test_sold_seats_are_exchanged_when_the_new_ones_are_paid_whoever_confirms(stub, other, house, sessions):
    """6.6"""
    performance_id = house()
    old = ask(stub, performance_id, 3, seats=[5, 6, 7])
    confirm(stub, old.hold_id)
    given = pb.GivenBack(hold_id=old.hold_id, performance_id=performance_id, quantity=2, seats=[6, 7])
    swap = ask(stub, performance_id, 2, seats=[20, 21], gives_back=[given])
    assert [states(stub, performance_id)[seat - 1] for seat in (6, 20)] == [SeatState.SOLD, SeatState.HELD]
    assert confirm(other, swap.hold_id)[0].granted
    assert [states(stub, performance_id)[seat - 1] for seat in (5, 6, 7, 20, 21)] == [
        SeatState.SOLD, SeatState.FREE, SeatState.FREE, SeatState.SOLD, SeatState.SOLD
    ]  # fmt: skip
    assert confirm(stub, swap.hold_id)[0].granted
    assert ask(stub, performance_id, 1, seats=[22], gives_back=[given]).refusal == "NOT_YOURS_TO_GIVE_BACK"
    seats_add_up(sessions, performance_id)


# -- leases of seats


def sync(till, till_id, performance_id, left=4, holdings=()):
    request = pb.SyncLeasesRequest(till_id=till_id, holdings=holdings)
    if left:
        request.wishes.append(pb.LeaseWish(performance_id=performance_id, left=left, seats=True))
    return till.SyncLeases(request).leases


def test_a_till_leases_a_block_of_neighbours_sells_some_and_gives_the_rest_back(stub, till_stub, house, sessions):
    """5.2"""
    performance_id, till_id = house(), new()
    till = till_stub(till_id)
    (lease,) = sync(till, till_id, performance_id)
    assert len(lease.seats) == 4
    assert max(lease.seats) - min(lease.seats) == 3
    assert all(states(stub, performance_id)[seat - 1] == SeatState.LEASED for seat in lease.seats)
    assert ask(stub, performance_id, 1, seats=lease.seats[:1]).refusal == "SEAT_TAKEN"
    back = pb.LeaseHolding(
        lease_id=lease.lease_id, used=1, sold_seats=lease.seats[:1], returned_seats=lease.seats[3:], epoch=lease.epoch
    )
    (after,) = sync(till, till_id, performance_id, 0, [back])
    assert list(after.seats) == list(lease.seats[:3])
    (again,) = sync(till, till_id, performance_id, 0, [back])  # the answer was lost: nothing comes back twice
    assert (list(again.seats), again.returned) == (list(after.seats), 1)
    done = pb.LeaseHolding(lease_id=lease.lease_id, used=1, sold_seats=lease.seats[:1], done=True, epoch=again.epoch)
    (closed,) = sync(till, till_id, performance_id, 0, [done])
    assert closed.state == pb.LEASE_STATE_CLOSED
    assert [seat + 1 for seat, state in enumerate(states(stub, performance_id)) if state] == [lease.seats[0]]


def test_a_till_leases_the_very_seats_that_a_customer_points_at_all_or_none(stub, till_stub, house, sessions):
    """A4, 6.2: named seats go into the lease; what the rules refuse is told, and the rest of the call holds."""
    plan, till_id = theatre(), new()
    performance_id, till = house(plan), till_stub(till_id)
    named = [100, 101]

    def point_at(*seats):
        request = pb.SyncLeasesRequest(till_id=till_id)
        request.wishes.append(pb.LeaseWish(performance_id=performance_id, left=1, seats=True, named_seats=seats))
        return till.SyncLeases(request)

    answer = point_at(*named)
    assert set(named) <= set(answer.leases[0].seats)
    assert not answer.refusals
    assert set(point_at(*named).leases[0].seats) == set(answer.leases[0].seats)
    space = next(seat for seat in plan.seats() if seat.traits & Trait.WHEELCHAIR)
    assert plan.ordinals[space.id] in point_at(plan.ordinals[space.id]).leases[0].seats
    assert ask(stub, performance_id, seats=[200]).granted
    refused = point_at(200, 201)
    [refusal] = refused.refusals
    assert (refusal.performance_id, refusal.reason, refusal.facts["seats"]) == (performance_id, "SEAT_TAKEN", "200")
    assert 201 not in refused.leases[0].seats
    assert set(named) <= set(refused.leases[0].seats)
    seats_add_up(sessions, performance_id)


def test_a_till_wishes_for_seats_of_each_category_and_each_is_topped_up_by_itself(till_stub, house):
    plan, till_id = theatre(), new()
    performance_id, till = house(plan), till_stub(till_id)
    codes = [category.code for category in plan.categories][:2]
    of = {plan.ordinals[seat.id]: seat.category for seat in plan.seats()}
    wishes = [
        pb.LeaseWish(performance_id=performance_id, left=left, seats=True, categories=[code])
        for code, left in zip(codes, (2, 3), strict=True)
    ]
    for _ in range(2):
        [lease] = till.SyncLeases(pb.SyncLeasesRequest(till_id=till_id, wishes=wishes)).leases
        assert Counter(of[seat] for seat in lease.seats) == {codes[0]: 2, codes[1]: 3}


def test_a_till_says_which_seats_it_sold(till_stub, house, refused):
    performance_id, till_id = house(), new()
    till = till_stub(till_id)
    (lease,) = sync(till, till_id, performance_id)
    told = pb.SyncLeasesRequest(till_id=till_id, holdings=[pb.LeaseHolding(lease_id=lease.lease_id, used=1)])
    assert refused(till.SyncLeases, told).reason == "SEATS_NOT_NAMED"


def test_as_the_house_fills_tills_are_asked_to_give_back(stub, till_stub, room, places):
    performance_id, first, second = room(100), new(), new()
    (lease,) = sync(till_stub(first), first, performance_id, 20)
    assert (lease.granted, lease.wanted_back) == (20, 0)
    ask(stub, performance_id, 75)
    (lease,) = sync(till_stub(first), first, performance_id, 20)
    assert lease.wanted_back == 8  # of 25 that are not sold it may keep half
    back = pb.LeaseHolding(lease_id=lease.lease_id, used=0, returned=8)
    (lease,) = sync(till_stub(first), first, performance_id, 0, [back])
    assert (lease.wanted_back, places(performance_id)[3]) == (0, 13)
    (other_lease,) = sync(till_stub(second), second, performance_id, 20)
    assert other_lease.granted == 1


def test_a_recalled_lease_of_seats_keeps_aside_what_its_till_said_it_sold(stub, till_stub, house, sessions):
    performance_id, till_id = house(), new()
    till = till_stub(till_id)
    (lease,) = sync(till, till_id, performance_id)
    told = pb.LeaseHolding(lease_id=lease.lease_id, used=2, sold_seats=lease.seats[:2], epoch=lease.epoch)
    sync(till, till_id, performance_id, 0, [told])
    stub.RecallLease(pb.RecallLeaseRequest(request_id=new(), lease_id=lease.lease_id, reason="dark since noon"))
    assert [seat + 1 for seat, state in enumerate(states(stub, performance_id)) if state] == list(lease.seats[:2])


def test_a_tills_contingent_is_that_of_the_point_of_sale_where_it_was_enrolled(stub, till_stub, room, tell):
    """K6: whatever the till says."""
    performance_id, kiosk, till_id = room(100), new(), new()
    save_contingent(stub, performance_id, places=90, points_of_sale=[kiosk])
    (lease,) = sync(till_stub(till_id), till_id, performance_id, 20)
    assert lease.granted == 1  # ten are left for others: few
    tell(TillEnrolled(till_id=till_id, point_of_sale_id=kiosk))
    (lease,) = sync(till_stub(till_id), till_id, performance_id, 20)
    assert lease.granted == 20
    assert pools(stub, performance_id).contingents[0].taken == 19
