"""Cash floats on a real SQLite file: what moves, what is counted, what is closed (E1 to E5)."""

import json
import uuid

import pytest

import ledger
from device_gateway import cash_moves, floats, refunding, selling, sync
from device_gateway.domain.errors import (
    DifferenceUnexplained,
    FloatAlreadyOpen,
    FloatNotDeclared,
    FloatNotOnItsWay,
    FloatNotOpen,
    NotEnoughCash,
    OverrideNeeded,
    OwnSignature,
    PinWrong,
    TillFrozen,
)
from device_gateway.store import floats as store
from device_gateway.store import jobs, meta, shifts, snapshot
from device_gateway.store.jobs import Document
from device_gateway.store.snapshot import Cashier
from kit.clock import now
from kit.errors import FieldInvalid, RequestReused
from ledger import Mode, MovementKind
from ticketing.cashdesk.v1 import cashdesk_service_pb2 as cashdesk

from ..conftest import PIN, PIN_HASH, World, catalogue_objects, uid

PEOPLE = {
    "alice": ("cashdesk.sell",), "ines": ("cashdesk.sell", "orders.refund"),
    "carol": ("cashdesk.sell", "cashdesk.close", "orders.refund"), "dan": ("cashdesk.sell", "cashdesk.close"),
}  # fmt: skip


def staffed(world: World, **profile) -> World:
    """A till with its people, places to sell, and these words of its profile."""
    objects = catalogue_objects(world.at)
    objects["till_profile"][uid("profile")] |= {"payment_modes": ["cash", "card", "cheque"]} | profile
    with world.till.database.write() as tx:
        roster = [Cashier(uid(name), name.title(), PIN_HASH, rights, "fr") for name, rights in PEOPLE.items()]
        snapshot.keep_roster(tx, "r2", roster, b"")
        snapshot.keep(tx, 13, objects, True, world.at)
    world.till.reload()
    world.lease(500)
    return world


@pytest.fixture
def till(world):
    return staffed(world)


@pytest.fixture
def other(tmp_path, world):
    """Another till of the same house."""
    made = World(tmp_path / "other", world.at, "T02")
    made.enrol()
    yield staffed(made)
    made.till.database.close()


def bodies(world, kind: str) -> list[dict]:
    entries = [json.loads(each.bytes) for each in world.journal()]
    return [entry["body"] for entry in entries if entry["kind"] == kind]


def sell(world, seller, *items, **how):
    return selling.sell(world.till, seller, selling.parse_request(world.request(*items, **how)), world.at)


def move(world, seller, kind="withdrawal", amount=2000, **changes):
    raw = {"request_id": str(uuid.uuid4()), "kind": kind, "amount": amount, "reason": "safe", **changes}
    return cash_moves.move(world.till, seller, cash_moves.parse_request(raw), world.at)


def signed_by(name: str, pin: str = PIN) -> dict:
    return {"cashier_id": uid(name), "pin": pin}


def expected(world, name="alice") -> int:
    return shifts.float_of(world.till.database.read(), uid(name)).expected


def slips(world) -> list[jobs.Job]:
    rows = world.till.database.read().execute("SELECT job_id FROM jobs WHERE kind = 'cash_slip' ORDER BY number")
    return [jobs.find(world.till.database.read(), row["job_id"]) for row in rows]


def test_a_pay_in_and_a_withdrawal_change_what_is_expected_and_print_their_slips(till):
    """E2, E3: with reason, bag number and a number of the till's own series; the drawer opens for both."""
    alice = till.seller()
    move(till, alice, "pay_in", 3000, reason="change")
    answer = move(till, alice, "withdrawal", 5000, reason="bank", bag_number="SAC-00421")
    assert (answer["number"], answer["amount"], expected(till)) == ("T01-F000002", 5000, 5000 + 3000 - 5000)
    assert [body["amount"] for body in bodies(till, "cash_moved")] == [3000, -5000]
    paid_in, withdrawn = slips(till)
    assert (paid_in.kind, paid_in.kick_drawer, paid_in.data["total"]) == (Document.CASH_SLIP, True, 3000)
    assert (withdrawn.data["bag_number"], withdrawn.data["reason"]) == ("SAC-00421", "Remise en banque")
    assert [body["reason"] for body in bodies(till, "drawer_opened")] == ["pay_in", "withdrawal"]
    assert till.faults_of_journal() == []


def test_a_movement_that_is_sent_twice_happens_once(till):
    alice, request_id = till.seller(), str(uuid.uuid4())
    assert move(till, alice, request_id=request_id) == move(till, alice, request_id=request_id)
    assert expected(till) == 3000
    with pytest.raises(RequestReused):
        move(till, alice, amount=1000, request_id=request_id)


def test_nobody_withdraws_more_than_there_is(till):
    with pytest.raises(NotEnoughCash) as refused:
        move(till, till.seller(), amount=5001)
    assert (refused.value.facts["left"], bodies(till, "cash_moved")) == ("5000", [])


@pytest.mark.parametrize(
    "wrong",
    [{"amount": 0}, {"amount": -5}, {"amount": 1.5}, {"kind": "carried_in"}, {"reason": "fun"}, {"reason": "other"},
     {"note": "a\nb"}, {"kind": "pay_in", "bag_number": "S1"}],
)  # fmt: skip
def test_a_movement_that_is_not_well_said_is_refused(till, wrong):
    with pytest.raises(FieldInvalid):
        move(till, till.seller(), **wrong)


class TestAboveTheLimit:
    """E3: a withdrawal above the profile's limit takes a second person, whatever the first may do."""

    @pytest.fixture
    def limited(self, world):
        return staffed(world, second_signature_above=2000)

    def test_up_to_the_limit_nobody_else_is_asked(self, limited):
        move(limited, limited.seller(), amount=2000)
        move(limited, limited.seller(), "pay_in", amount=9000)
        assert [body["authorised_by"] for body in bodies(limited, "cash_moved")] == [None, None]

    def test_above_it_another_person_signs_and_is_named_in_entry_and_slip(self, limited):
        alice = limited.seller()
        with pytest.raises(OverrideNeeded) as refused:
            move(limited, alice, amount=2001)
        assert (refused.value.facts["right"], refused.value.facts["people"]) == ("cashdesk.close", "Carol, Dan")
        move(limited, alice, amount=2001, authorisation=signed_by("carol"))
        assert bodies(limited, "cash_moved")[0]["authorised_by"] == uid("carol")
        assert slips(limited)[0].data["authorised_by"] == "Carol"

    def test_a_manager_cannot_sign_for_herself(self, limited):
        carol = limited.seller("carol")
        with pytest.raises(OwnSignature):
            move(limited, carol, amount=4000, authorisation=signed_by("carol"))
        with pytest.raises(OverrideNeeded):
            move(limited, carol, amount=4000, authorisation=signed_by("ines"))
        with pytest.raises(PinWrong):
            move(limited, carol, amount=4000, authorisation=signed_by("dan", "0000"))
        assert expected(limited, "carol") == 5000


def give(world, seller, amount=1500, to="ines", **changes):
    raw = {"request_id": str(uuid.uuid4()), "amount": amount, "authorisation": signed_by(to), **changes}
    return cash_moves.transfer(world.till, seller, raw, world.at)


def test_a_transfer_takes_from_one_float_what_it_gives_another(till):
    alice, _ = till.seller(), till.seller("ines")
    give(till, alice)
    assert (expected(till), expected(till, "ines")) == (3500, 6500)
    out, into = bodies(till, "cash_moved")
    assert (out["movement_id"], out["amount"] + into["amount"]) == (into["movement_id"], 0)
    assert (out["other_cashier_id"], into["other_cashier_id"]) == (uid("ines"), uid("alice"))
    assert [slip.data["note"] for slip in slips(till)] == ["À Ines", "De Alice"]


def test_a_transfer_needs_the_receivers_word_and_an_open_float(till):
    alice = till.seller()
    with pytest.raises(FloatNotOpen):
        give(till, alice)
    with pytest.raises(OwnSignature):
        give(till, alice, to="alice")
    till.seller("ines")
    with pytest.raises(NotEnoughCash):
        give(till, alice, 5001)
    with pytest.raises(PinWrong):
        give(till, alice, authorisation=signed_by("ines", "0000"))
    assert bodies(till, "cash_moved") == []


def told(world, other) -> None:
    """The centre tells the other till what it heard of this one."""
    with other.till.database.write() as tx:
        store.keep_elsewhere(tx, store.elsewhere(world.till.database.read(), uid("alice")))


def test_a_float_is_carried_to_another_till_with_all_that_it_holds(till, other):
    """E1: it belongs to the person. Sales are on it wherever they are made, and one closing counts everything."""
    alice = till.seller()
    sell(till, alice, ("full", 1), mode="cash")
    sell(till, alice, ("full", 2), mode="card")
    cash_moves.carry_out(till.till, alice, till.at)
    with pytest.raises(FloatNotOpen):
        sell(till, alice, ("full", 1), mode="cash")
    told(till, other)
    [carried] = store.elsewhere(other.till.database.read(), uid("alice"))
    over_there = other.seller(with_float=False)
    cash_moves.carry_in(other.till, over_there, carried.movement_id, other.at)
    sell(other, over_there, ("poster", 1), mode="cash")
    sell(other, over_there, ("poster", 2), mode="card")
    closed = other.close_float(over_there, {"5000": 1}, {"card": 3300})
    assert (closed.expected, closed.counted) == (5000 + 1200 + 450, 5000)
    assert [(each.mode, each.expected) for each in closed.modes] == [(Mode.CARD, 2400 + 900)]
    assert closed.cash_float_id == bodies(till, "sale")[0]["cash_float_id"] == bodies(other, "sale")[0]["cash_float_id"]
    left_behind = shifts.open_floats(till.till.database.read())
    assert (left_behind, other.faults_of_journal()) == ([], [])


def test_a_float_that_is_carried_back_goes_on_where_it_stood(till):
    alice = till.seller()
    sell(till, alice, ("full", 1), mode="cash")
    cash_moves.carry_out(till.till, alice, till.at)
    [carried] = store.elsewhere(till.till.database.read(), uid("alice"))
    cash_moves.carry_in(till.till, alice, carried.movement_id, till.at)
    assert expected(till) == 6200
    assert till.close_float(alice, {"5000": 1, "1000": 1, "200": 1}).difference == 0


def test_a_float_that_is_not_on_its_way_or_another_persons_cannot_be_taken_up(till, other):
    alice = till.seller()
    with pytest.raises(FloatNotOnItsWay):
        cash_moves.carry_in(other.till, other.seller(with_float=False), str(uuid.uuid4()), other.at)
    cash_moves.carry_out(till.till, alice, till.at)
    told(till, other)
    [carried] = store.elsewhere(other.till.database.read(), uid("alice"))
    with pytest.raises(FloatNotOnItsWay):
        cash_moves.carry_in(other.till, other.seller("ines", with_float=False), carried.movement_id, other.at)
    with pytest.raises(FloatAlreadyOpen):
        cash_moves.carry_in(other.till, other.seller(), carried.movement_id, other.at)


def test_each_mode_is_declared_and_its_difference_told(till):
    """E4: what was given back by a mode counts as well."""
    ines = till.seller("ines")
    sold = sell(till, ines, ("full", 2), mode="card")
    sell(till, ines, ("full", 1), mode="cheque")
    tickets = [{"key_id": 7, "serial": sold["tickets"][0]["serial"]}]
    raw = {"request_id": str(uuid.uuid4()), "tickets": tickets, "lines": [], "reason": "other", "expected_total": 1200}
    refunding.refund(till.till, ines, refunding.parse_request(till.till, sold["order_id"], raw), till.at)
    declared, count = floats.declare(till.till, ines, {"5000": 1}, {"card": 1000}, till.at)
    found = {each.mode: (each.expected, each.declared, each.difference) for each in declared.modes}
    assert found == {Mode.CARD: (1200, 1000, -200), Mode.CHEQUE: (1200, 0, -1200)}
    assert (declared.difference, declared.is_even, count) == (0, False, 1)


def test_a_difference_is_explained_before_the_float_is_closed(till):
    alice = till.seller()
    floats.declare(till.till, alice, {"2000": 2}, {}, till.at)
    with pytest.raises(DifferenceUnexplained):
        floats.close_float(till.till, alice, "", till.at)
    closed = floats.close_float(till.till, alice, "Billet de 10 rendu deux fois", till.at)
    assert (closed.difference, closed.settled.explanation) == (-1000, "Billet de 10 rendu deux fois")
    [slip] = slips(till)
    assert (slip.data["explanation"], slip.data["total"]) == ("Billet de 10 rendu deux fois", -1000)
    assert slip.data["counts"] == [{"piece": 2000, "pieces": 2, "amount": 4000}]


def test_every_count_is_sealed_before_its_difference_is_told(world):
    """E4: whoever counts blind cannot try out what fits without leaving a trace."""
    till = staffed(world, blind_declaration=True)
    alice = till.seller()
    for pieces in (1, 3, 5):
        floats.declare(till.till, alice, {"1000": pieces}, {}, till.at)
    closed = floats.close_float(till.till, alice, None, till.at)
    assert [body["counted"] for body in bodies(till, "float_declared")] == [1000, 3000, 5000]
    assert (closed.settled.declarations, closed.settled.blind) == (3, True)


def test_a_float_that_has_moved_since_it_was_counted_is_counted_again(till):
    alice = till.seller()
    with pytest.raises(FloatNotDeclared):
        floats.close_float(till.till, alice, None, till.at)
    floats.declare(till.till, alice, {"5000": 1}, {}, till.at)
    sell(till, alice, ("full", 1), mode="card")
    with pytest.raises(FloatNotDeclared):
        floats.close_float(till.till, alice, None, till.at)
    floats.declare(till.till, alice, {"5000": 1}, {"card": 1200}, till.at)
    floats.close_float(till.till, alice, None, till.at)


def test_after_its_closing_nothing_can_be_added_to_a_float(till):
    """E5."""
    alice = till.seller()
    till.close_float(alice, {"5000": 1})
    before = len(till.journal())
    for act in (
        lambda: sell(till, alice, ("full", 1), mode="cash"),
        lambda: move(till, alice, "pay_in"),
        lambda: cash_moves.carry_out(till.till, alice, till.at),
        lambda: floats.declare(till.till, alice, {}, {}, till.at),
        lambda: floats.close_float(till.till, alice, "encore", till.at),
    ):
        with pytest.raises(FloatNotOpen):
            act()
    assert len(till.journal()) == before


def test_a_till_that_the_centre_refuses_still_closes_its_floats(till):
    """The money in its drawer must be counted, whatever became of its journal (domain 5.3)."""
    alice = till.seller()
    with till.till.database.write() as tx:
        meta.freeze(tx, "cashdesk", "JOURNAL_FORK")
    with pytest.raises(TillFrozen):
        move(till, alice, "pay_in")
    closed = till.close_float(alice, {"5000": 1})
    assert (closed.difference, shifts.open_floats(till.till.database.read())) == (0, [])


def test_the_entry_of_a_closing_says_what_the_library_checks(till):
    alice = till.seller()
    sell(till, alice, ("full", 1), mode="cheque")
    till.close_float(alice, {"5000": 1}, {"cheque": 1200})
    closed = ledger.FloatClosed.from_body(bodies(till, "float_closed")[0])
    closed.check()
    assert closed.settled.modes == (ledger.ModeCount(Mode.CHEQUE, 1200, 1200, 0),)


def test_what_moved_is_told_by_kind(till):
    alice = till.seller()
    sell(till, alice, ("full", 1), mode="cash")
    move(till, alice, "pay_in", 700, reason="change")
    move(till, alice, "withdrawal", 900)
    cash = floats.holding(till.till, alice).sums.cash
    assert cash == {"sales": 1200, MovementKind.PAY_IN: 700, MovementKind.WITHDRAWAL: -900}


def on_its_way(**changes) -> cashdesk.FloatElsewhere:
    told = {
        "cash_float_id": uid("float"), "cashier_id": uid("alice"), "business_on": "2026-11-23", "till_number": "T02",
        "movement_id": uid("carried"), "amount": 6200, "other_modes": {"cheque": 900},
    }  # fmt: skip
    known = cashdesk.FloatElsewhere(**told | changes)
    known.opened_at.FromDatetime(now())
    return known


def test_a_till_that_lost_its_line_still_takes_up_a_float_of_which_it_heard(till, centre):
    """E1, domain 5.5."""
    client = centre.client()
    centre.floats_elsewhere = [on_its_way()]
    while sync.upload(till.till, client):
        pass
    sync.fetch_floats(till.till, client)
    centre.server.stop(0)
    alice = till.seller(with_float=False)
    cash_moves.carry_in(till.till, alice, uid("carried"), till.at)
    assert expected(till) == 6200
    closed = till.close_float(alice, {"5000": 1, "1000": 1, "200": 1}, {"cheque": 900})
    assert (closed.cash_float_id, closed.difference, closed.modes[0].difference) == (uid("float"), 0, 0)


def test_what_the_centre_says_of_the_past_does_not_bring_back_a_float_that_was_taken_up(till, centre):
    """It has not heard yet that the float is here."""
    client = centre.client()
    centre.floats_elsewhere = [on_its_way()]
    while sync.upload(till.till, client):
        pass
    sync.fetch_floats(till.till, client)
    cash_moves.carry_in(till.till, till.seller(with_float=False), uid("carried"), till.at)
    sync.fetch_floats(till.till, client)
    assert store.elsewhere(till.till.database.read(), uid("alice")) == []
    while sync.upload(till.till, client):
        pass
    centre.floats_elsewhere = []
    sync.fetch_floats(till.till, client)
    assert store.elsewhere(till.till.database.read(), uid("alice")) == []
