"""Badges, a manager's word, and relays on one station (M3, M4, E6, C5), with no network."""

import json
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

import ledger
from device_gateway import drawer, floats, overrides, selling, sign_in
from device_gateway.domain.errors import BadgeUnknown, OverrideNeeded, PinThrottled, PinWrong
from device_gateway.identification import ByBadge, ByPin, badge_hash, parse_claim
from device_gateway.store import jobs, shifts, snapshot
from device_gateway.store.database import Database
from device_gateway.store.snapshot import Cashier
from kit.errors import FieldInvalid

PIN, BADGE, BADGE_SALT = "2468", "TK-7Q9Z-4M2X-88WD", b"the centre salts"
ALICE, BOB = b"a" * 32, b"b" * 32  # sessions of browsers


def scan(world, badge=BADGE, at=None, session=ALICE, before=None):
    return sign_in.sign_in(world.till, ByBadge(badge), before, session, at or world.at)


def entries(world, *kinds) -> list[dict]:
    read = [json.loads(sealed.bytes) for sealed in world.journal()]
    return [each["body"] for each in read if each["kind"] in kinds]


def leave(world, name="ines", pin=PIN) -> dict:
    return {"cashier_id": world.uid(name), "pin": pin}


def open_drawer(world, seller, raw=None, reason="change", note=""):
    approver = overrides.approver(world.till, raw, world.at)
    drawer.open_without_sale(world.till, seller, reason, note, approver, world.at)


def test_the_hash_of_a_badge_is_the_one_that_the_centre_computes():
    """M3: Argon2id as GetTillRoster promises; the same vector is in the tests of accounts."""
    assert badge_hash("TK-7Q9Z-4M2X-88WD", b"the centre salts").hex()[:24] == "801c9665fb76fdd21f960748"


def test_one_scan_signs_in_and_the_journal_says_that_it_was_a_badge(world):
    """M3, D3."""
    seller = scan(world)
    assert seller.cashier.name == "Alice"
    assert world.till.seller(ALICE).shift == seller.shift
    assert entries(world, "sign_in")[-1]["by_badge"] is True
    assert world.faults_of_journal() == []


def test_one_scan_changes_the_user_and_touches_no_float(world):
    """M3, E6."""
    sign_in.sign_in(world.till, ByPin(world.uid("ines"), PIN), None, BOB, world.at)
    floats.open_float(world.till, world.till.seller(BOB), {"5000": 1}, world.at)
    scan(world, before=BOB)
    assert world.till.seller(BOB) is None
    assert [each.cashier_id for each in shifts.open_floats(world.till.database.read())] == [world.uid("ines")]


def test_a_till_of_an_earlier_release_learns_badges_and_profiles_without_losing_its_cashiers(tmp_path):
    """A till keeps its database for years."""
    folder = tmp_path / "old"
    folder.mkdir()
    old = sqlite3.connect(folder / "till.db")
    old.executescript(
        "CREATE TABLE roster (cashier_id TEXT PRIMARY KEY, name TEXT NOT NULL, pin_hash TEXT NOT NULL,"
        " rights TEXT NOT NULL, language TEXT NOT NULL) STRICT, WITHOUT ROWID;"
        "INSERT INTO roster VALUES ('c1', 'Alice', '$argon2id$', '[\"cashdesk.sell\"]', 'fr');"
    )
    old.close()
    database = Database(folder)
    [alice] = snapshot.cashiers(database.read())
    assert (alice.name, alice.rights, alice.profile, alice.badge_hash) == ("Alice", ("cashdesk.sell",), "", b"")
    database.close()


def test_a_withdrawn_badge_opens_nothing(world):
    """M3: as soon as the roster says so."""
    alice = Cashier(world.cashier_id, "Alice", "", ("cashdesk.sell",), "fr")
    with world.till.database.write() as tx:
        snapshot.keep_roster(tx, "r2", [alice], BADGE_SALT)
    with pytest.raises(BadgeUnknown):
        scan(world)


def test_five_unknown_badges_make_the_sixth_wait_even_after_a_restart_but_no_pin(world):
    """M3: throttled as PINs are."""
    for left in (4, 3, 2, 1, 0):
        with pytest.raises(BadgeUnknown) as refusal:
            scan(world, "TK-0000-0000-0000")
        assert refusal.value.facts["attempts_left"] == str(left)
    world.reopen()
    with pytest.raises(PinThrottled):
        scan(world)
    assert sign_in.sign_in(world.till, ByPin(world.cashier_id, PIN), None, BOB, world.at)
    assert scan(world, at=world.at + timedelta(seconds=30))


@pytest.mark.parametrize("raw", [{}, {"badge": "short"}, {"badge": 7}, {"cashier_id": "x"}, {"badge": "x" * 129}, []])
def test_what_names_nobody_is_refused_with_its_field(raw):
    with pytest.raises(FieldInvalid):
        parse_claim(raw)


def test_a_shift_lock_locks_nobody_out():
    assert parse_claim({"badge": BADGE.lower()}) == parse_claim({"badge": BADGE}) == ByBadge(BADGE)


def test_without_the_right_the_drawer_stays_shut_and_the_refusal_names_who_may_give_leave(world):
    """M4, C5."""
    seller, before = world.seller(), world.journal()
    with pytest.raises(OverrideNeeded) as refusal:
        open_drawer(world, seller)
    assert refusal.value.facts == {"right": "cashdesk.open_drawer", "people": "Inès"}
    assert world.journal() == before
    assert jobs.counts(world.till.database.read()) == {}


def test_a_manager_lets_one_act_pass_and_both_are_sealed_together(world):
    """M4, C5: who asked, who gave leave, for what; the next act needs leave again."""
    seller = world.seller()
    open_drawer(world, seller, leave(world))
    [word] = [ledger.Override.from_body(body) for body in entries(world, "override")]
    assert (word.right, word.act, word.means) == ("cashdesk.open_drawer", "no_sale", ledger.Means.PIN)
    assert (word.cashier_id, word.authorised_by) == (world.cashier_id, world.uid("ines"))
    [opened] = entries(world, "drawer_opened")
    assert (opened["cashier_id"], opened["order_id"], opened["reason"]) == (world.cashier_id, None, "no_sale:change")
    [job] = jobs.in_states(world.till.database.read(), jobs.State.QUEUED)
    assert job.kind is jobs.Document.DRAWER
    with pytest.raises(OverrideNeeded):
        open_drawer(world, seller)
    assert world.faults_of_journal() == []


def test_who_has_the_right_needs_nobody_and_leaves_no_override(world):
    open_drawer(world, world.seller("ines"), reason="other", note="monnayeur bloqué")
    assert entries(world, "override") == []
    assert entries(world, "drawer_opened")[0]["note"] == "monnayeur bloqué"


def test_a_badge_gives_leave_too_but_not_one_of_somebody_without_the_right(world):
    """M4: the person counts, not the PIN."""
    with pytest.raises(OverrideNeeded):
        open_drawer(world, world.seller("bob", with_float=False), {"badge": BADGE})
    assert entries(world, "override") == []


def test_a_failed_act_leaves_no_leave_behind(world):
    """M4: one transaction."""
    with pytest.raises(FieldInvalid):
        open_drawer(world, world.seller(), leave(world), reason="other")
    assert entries(world, "override", "drawer_opened") == []


def test_a_manager_who_mistypes_is_throttled_as_at_sign_in(world):
    """M4: the same count, on disk, though nothing was done."""
    seller = world.seller()
    for _ in range(5):
        with pytest.raises(PinWrong):
            open_drawer(world, seller, leave(world, pin="0000"))
    with pytest.raises(PinThrottled):
        open_drawer(world, seller, leave(world))
    with pytest.raises(PinThrottled):
        sign_in.sign_in(world.till, ByPin(world.uid("ines"), PIN), None, BOB, world.at)


def test_many_threads_with_a_managers_name_get_no_more_tries_than_one(world):
    def guess(_: int) -> type:
        try:
            overrides.approver(world.till, leave(world, pin="0000"), world.at)
        except (PinWrong, PinThrottled) as error:
            return type(error)

    with ThreadPoolExecutor(16) as pool:
        assert list(pool.map(guess, range(16))).count(PinWrong) == 5


def test_in_a_relay_each_sale_is_on_the_float_of_who_made_it(world):
    """E6: A sells, B relays and sells, A returns without a new float; both drawers to the cent."""
    world.lease(10)

    def take_over(name: str, session: bytes, before: bytes | None):
        seller = sign_in.sign_in(world.till, ByPin(world.uid(name), PIN), before, session, world.at)
        if shifts.float_of(world.till.database.read(), seller.cashier.id) is None:
            floats.open_float(world.till, seller, {"5000": 1} if name == "alice" else {}, world.at)
        return seller

    def sell(seller, *items) -> None:
        selling.sell(world.till, seller, selling.parse_request(world.request(*items, mode="cash")), world.at)

    alice = take_over("alice", ALICE, None)
    sell(alice, ("full", 2))
    ines = take_over("ines", BOB, ALICE)
    sell(ines, ("poster", 1))
    sell(ines, ("full", 1))
    alice = take_over("alice", b"c" * 32, BOB)
    sell(alice, ("poster", 3))
    assert len(entries(world, "float_opened")) == 2
    by_alice = world.close_float(alice, {"5000": 1, "2000": 1})
    assert (by_alice.expected, by_alice.difference) == (5000 + 2400 + 1350, -1750)
    ines = take_over("ines", b"d" * 32, b"c" * 32)
    by_ines = world.close_float(ines, {"1000": 1, "500": 1, "100": 1, "50": 1})
    assert (by_ines.expected, by_ines.difference) == (1650, 0)
    sold = [(body["cashier_id"], body["cash_float_id"]) for body in entries(world, "sale")]
    assert len({cash_float for _, cash_float in sold}) == 2
    assert len(set(sold)) == 2
