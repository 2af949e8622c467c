"""Telling the centre over real gRPC, through cuts, lost answers and refusals."""

import uuid
from dataclasses import replace
from datetime import timedelta

import pytest

import ledger
import titles
from device_gateway import enrolment, metrics, selling, sync
from device_gateway.domain.errors import AlreadyEnrolled
from device_gateway.domain.leases import left_by_performance
from device_gateway.store import journal, leases, meta, snapshot
from kit.clock import now
from kit.errors import DomainError, Kind, Unavailable
from kit.testing import eventually


def sell(world, *items) -> dict:
    return selling.sell(world.till, world.seller(), selling.parse_request(world.request(*items)), world.at)


def acknowledged(world) -> int:
    return meta.number(world.till.database.read(), meta.ACKNOWLEDGED)


def test_the_journal_arrives_whole_and_in_order(world, centre):
    """D4."""
    for _ in range(3):
        sell(world, ("poster", 1))
    assert sync.upload(world.till, centre.client()) is False
    assert [entry.sequence for entry in centre.kept] == [1, 2, 3, 4]
    assert [entry.content for entry in centre.kept] == [sealed.bytes for sealed in world.journal()]
    assert acknowledged(world) == 4


def test_a_lost_answer_is_made_up_for(world, centre, monkeypatch):
    """5.7: the centre kept them, the till does not know: it sends them again and both agree."""
    monkeypatch.setattr(sync, "CHUNK", 2)
    for _ in range(4):
        sell(world, ("poster", 1))
    client = centre.client()
    assert sync.upload(world.till, client) is True
    centre.answers_lost = 1
    with pytest.raises(Unavailable):
        sync.upload(world.till, client)
    assert acknowledged(world) == 2
    while sync.upload(world.till, client):
        pass
    assert [entry.sequence for entry in centre.kept] == [1, 2, 3, 4, 5]


def test_a_centre_that_is_behind_gets_what_it_misses(world, centre):
    sell(world, ("poster", 1))
    client = centre.client()
    sync.upload(world.till, client)
    centre.kept.clear()
    sell(world, ("poster", 1))
    assert sync.upload(world.till, client) is True
    assert acknowledged(world) == 0
    assert sync.upload(world.till, client) is False
    assert len(centre.kept) == 3


def refused_receipt(world, client) -> None:
    with pytest.raises(DomainError) as refusal:
        sync.upload(world.till, client)
    assert refusal.value.reason == "RECEIPT_INVALID"
    assert acknowledged(world) == 0


@pytest.mark.parametrize(
    "altered",
    [{"first": 2, "count": 1}, {"last": 1, "count": 1}, {"hash": bytes(32)}, {"till_id": str(uuid.uuid4())}],
)
def test_a_receipt_for_anything_but_what_was_sent_counts_for_nothing(world, centre, altered):
    """LAW-6: the till goes on selling, and sends again until it has the centre's word."""
    sell(world, ("poster", 1))
    client = centre.client()
    centre.alter_receipt = lambda receipt: replace(receipt, **altered)
    refused_receipt(world, client)
    assert sell(world, ("poster", 1))["sequence"]
    centre.alter_receipt = lambda receipt: receipt
    assert sync.upload(world.till, client) is False
    assert acknowledged(world) == 3


def test_who_cannot_sign_as_the_centre_cannot_make_a_till_forget(world, centre):
    """LAW-6: neither a foreign key nor one that a foreign root vouches for."""
    sell(world, ("poster", 1))
    client, root = centre.client(), world.root
    world.root = titles.generate_key()
    refused_receipt(world, client)
    world.root = root
    assert sync.upload(world.till, client) is False
    world.root, centre.seal = titles.generate_key(), ledger.load_centre_key(bytes(32))
    sell(world, ("poster", 1))
    with pytest.raises(DomainError, match="vouch"):
        sync.upload(world.till, client)


def test_a_new_key_of_the_centre_is_learnt_from_the_root(world, centre):
    sell(world, ("poster", 1))
    client = centre.client()
    sync.upload(world.till, client)
    centre.seal = ledger.load_centre_key(bytes(32))
    sell(world, ("poster", 1))
    assert sync.upload(world.till, client) is False
    assert acknowledged(world) == 3


def test_a_refusal_that_nobody_signed_never_counts_entries_as_kept(world, centre):
    sell(world, ("poster", 1))
    centre.refusals["AppendEntries"] = ("JOURNAL_GAP", {"expected": 3})
    with pytest.raises(DomainError):
        sync.upload(world.till, centre.client())
    assert acknowledged(world) == 0


@pytest.mark.parametrize("reason", ["JOURNAL_FORK", "TILL_REVOKED", "TILL_FROZEN"])
def test_a_refused_journal_freezes_the_till_until_it_is_taken(world, centre, reason):
    """5.3: a person decides."""
    client = centre.client()
    centre.refusals["AppendEntries"] = (reason, {})
    with pytest.raises(DomainError):
        sync.upload(world.till, client)
    with pytest.raises(DomainError) as refusal:
        sell(world, ("poster", 1))
    assert (refusal.value.reason, refusal.value.facts["cause"]) == ("TILL_FROZEN", reason)
    centre.refusals.clear()
    sync.upload(world.till, client)
    assert sell(world, ("poster", 1))["sequence"]


def test_a_till_that_a_fork_has_frozen_hands_in_what_the_centre_did_not_take_once(world, centre):
    """5.3: evidence, and money that must count; the till stays frozen and keeps its own."""
    client = centre.client()
    sell(world, ("poster", 1))
    sync.upload(world.till, client)
    taken = acknowledged(world)
    sell(world, ("poster", 2))
    sell(world, ("poster", 3))
    centre.refusals["AppendEntries"] = ("JOURNAL_FORK", {})
    for _ in range(2):
        with pytest.raises(DomainError):
            sync.upload(world.till, client)
    assert [entry.sequence for entry in centre.branch] == [taken + 1, taken + 2]
    centre.refusals["AppendEntries"] = ("TILL_FROZEN", {})
    with pytest.raises(DomainError):
        sync.upload(world.till, client)
    assert len(centre.branch) == 2
    assert acknowledged(world) == taken
    with pytest.raises(DomainError):
        sell(world, ("poster", 1))


def test_a_centre_that_cannot_take_a_branch_yet_hinders_nothing(world, centre):
    """Tills and services are upgraded one by one."""
    client = centre.client()
    sell(world, ("poster", 1))
    centre.refusals |= {"AppendEntries": ("JOURNAL_FORK", {}), "HandInBranch": ("UNIMPLEMENTED", {})}
    for _ in range(2):
        with pytest.raises(DomainError):
            sync.upload(world.till, client)
    centre.refusals.clear()
    sync.upload(world.till, client)
    sync.upload(world.till, client)
    assert sell(world, ("poster", 1))["sequence"]


def test_an_old_copy_of_the_database_is_noticed(world, centre):
    """5.7: restore of an old backup."""
    centre.refusals["AppendEntries"] = ("JOURNAL_GAP", {"expected": 40})
    sync.upload(world.till, centre.client())
    assert meta.frozen(world.till.database.read()) == "JOURNAL_BEHIND"


def test_leases_are_wished_for_sold_from_and_told(world, centre):
    """5.2: absolute numbers."""
    client = centre.client()
    sync.sync_leases(world.till, client)
    assert centre.wishes[world.slot] == 10
    sell(world, ("full", 3))
    sync.sync_leases(world.till, client)
    [told] = [each for each in centre.holdings if each.used]
    assert (told.used, told.returned, told.done) == (3, 0, False)
    assert left_by_performance(leases.every(world.till.database.read()), now())[world.slot] == 10


def test_a_refused_sale_makes_the_next_lease_big_enough(world, centre):
    client = centre.client()
    sync.sync_leases(world.till, client)
    with pytest.raises(DomainError):
        sell(world, ("full", 30))
    sync.sync_leases(world.till, client)
    assert sell(world, ("full", 30))["total"] == 36_000
    assert world.till.demand.all() == {}


def test_a_sale_that_its_lease_cannot_serve_asks_the_centre_and_is_made(world, centre):
    """A2: no second try by the cashier while the centre has places."""
    running = sync.Sync(world.till, centre.client())
    running.start()
    try:
        eventually(lambda: world.till.line.online)
        assert sell(world, ("full", 30))["total"] == 36_000
        assert [(wish.left >= 30, wish.needed) for wish in centre.last_wishes if wish.needed] == [(True, 30)]
    finally:
        running.stop()


def test_a_sale_beyond_what_the_centre_has_is_refused_once_it_has_said_so(world, centre):
    centre.most_granted = 12
    running = sync.Sync(world.till, centre.client())
    running.start()
    try:
        eventually(lambda: world.till.line.online)
        with pytest.raises(DomainError) as refusal:
            sell(world, ("full", 30))
        assert refusal.value.reason == "NOT_ENOUGH_PLACES"
        assert refusal.value.facts["left"] == "12"
        assert world.till.demand.all() == {}
    finally:
        running.stop()


def test_what_the_centre_wants_back_is_not_sold_any_more_and_told_next_time(world, centre):
    """5.2: as a house fills, leases shrink."""
    client = centre.client()
    centre.wanted_back = 7
    sync.sync_leases(world.till, client)
    assert left_by_performance(leases.every(world.till.database.read()), now())[world.slot] == 3
    centre.most_granted, centre.wanted_back = 10, 0
    sync.sync_leases(world.till, client)
    assert {told.returned for told in centre.holdings} == {7}
    assert left_by_performance(leases.every(world.till.database.read()), now())[world.slot] == 3


def test_what_is_over_is_given_back_on_disk_before_it_is_told(world, centre):
    world.lease(8, "spent", expires_in=timedelta(seconds=-1))
    centre.refusals["SyncLeases"] = ("UNAVAILABLE", {})
    with pytest.raises(DomainError):
        sync.sync_leases(world.till, centre.client())
    [lease] = leases.every(world.till.database.read())
    assert (lease.returned, lease.done) == (8, True)


def test_a_delta_changes_what_is_sold(world, centre):
    sync.fetch_snapshot(world.till, centre.client())
    assert world.till.catalogue.version == 13
    assert world.till.catalogue.products[world.poster].price == 500
    assert world.till.catalogue.shows  # a delta replaces nothing else
    with pytest.raises(DomainError) as refusal:
        sell(world, ("poster", 1))
    assert refusal.value.reason == "PRICE_CHANGED"


def test_one_dead_service_stops_no_other(world, centre):
    """Accounts gives the token; catalogue is down; the journal goes up all the same (D1)."""
    centre.refusals["GetTillSnapshot"] = ("INTERNAL", {})
    sell(world, ("poster", 1))
    running = sync.Sync(world.till, centre.client(), pace=0.05)
    running.start()
    try:
        eventually(lambda: acknowledged(world) == 2)
        eventually(lambda: snapshot.cashier(world.till.database.read(), world.cashier_id))
        assert world.till.line.online
        centre.refusals.clear()
        eventually(lambda: world.till.catalogue.version == 13)
    finally:
        running.stop()


def test_a_token_that_still_serves_is_enough_while_accounts_is_away(world, centre, monkeypatch):
    """D1."""
    client = centre.client()
    client.renew(world.till.identity, now())
    monkeypatch.setattr("device_gateway.centre.RENEW_BEFORE", timedelta(hours=1))
    centre.refusals["IssueTillToken"] = ("UNAVAILABLE", {"kind": Kind.UNAVAILABLE})
    sell(world, ("poster", 1))
    running = sync.Sync(world.till, client, pace=0.05)
    running.start()
    try:
        eventually(lambda: acknowledged(world) == 2)
    finally:
        running.stop()


def test_a_till_moved_to_another_point_of_sale_asks_for_its_range_anew(world, centre, monkeypatch):
    monkeypatch.setattr(centre, "point_of_sale", "elsewhere")
    sync.renew(world.till, centre.client())
    assert meta.number(world.till.database.read(), meta.CATALOG_VERSION) == 0
    assert world.till.identity.enrolled().point_of_sale_id == "elsewhere"


def test_a_till_is_enrolled_by_the_code_in_a_file_once(bare, tmp_path, centre_of_bare):
    file = tmp_path / "code"
    file.write_text("ABCD-1234\n")
    enrolment.enrol_from_file(bare.till, centre_of_bare.client(), file)
    assert not file.exists()
    assert bare.till.identity.enrolled().number == "T01"
    assert journal.last_sequence(bare.till.database.read()) == 1
    with pytest.raises(AlreadyEnrolled):
        enrolment.enrol(bare.till, centre_of_bare.client(), "ABCD-1234")


def test_a_wrong_code_leaves_the_till_as_it_was(bare, centre_of_bare):
    centre_of_bare.refusals["EnrolTill"] = ("ENROLMENT_CODE_WRONG", {})
    with pytest.raises(DomainError):
        enrolment.enrol(bare.till, centre_of_bare.client(), "ABCD-1234")
    assert bare.till.identity.enrolment is None
    assert bare.faults_of_journal() == []


def test_a_till_that_nobody_answers_is_offline_though_it_has_nothing_to_send(world, centre):
    """D1: the status bar says what is so, while the token at hand would still do."""
    client = centre.client()
    sync.renew(world.till, client)
    while sync.upload(world.till, client):
        pass
    centre.server.stop(None).wait()
    metrics.SYNC_FAILURES.labels("journal").set(-1)
    running = sync.Sync(world.till, client, pace=0.01)
    running.start()
    eventually(lambda: metrics.SYNC_FAILURES.labels("journal")._value.get() == 0, seconds=20)
    assert not world.till.line.online
    running.stop()
