"""A till that the centre asks back (I4), and its technical log on request (R7)."""

import gzip
import io
import json

import pytest

import ledger
from device_gateway import leaving, sync, technical_log
from device_gateway.domain.errors import TillLeaving
from device_gateway.reporting import Reporter
from device_gateway.store import attempts, journal, leases, meta
from device_gateway.store.attempts import Attempt, State
from device_gateway.terminals.outcome import Kind
from kit.clock import iso_ms
from kit.errors import DomainError

from .test_selling import sell


@pytest.fixture
def asked_back(world, centre):
    """It has sold, from a lease of the centre's, with a float open."""
    client = centre.client()
    sync.sync_leases(world.till, client)
    sell(world, ("full", 2))
    centre.asks_back = True
    Reporter()(world.till, client)
    return client


def close_float(world):
    world.close_float(world.seller(with_float=False), {"1000": 5})


def step(world, client) -> None:
    leaving.leave(world.till, client, None)


def test_a_till_that_is_asked_back_sells_no_more_and_hands_everything_in(world, centre, asked_back):
    """I4: floats, entries, places; then the centre hears so, and nothing is written any more."""
    assert world.till.is_leaving
    with pytest.raises(TillLeaving):
        sell(world, ("full", 1))
    assert leaving.missing(world.till) == ["floats", "entries", "places"]
    step(world, asked_back)
    close_float(world)
    assert leaving.missing(world.till) == ["entries", "places"]
    sync.sync_leases(world.till, asked_back)
    assert leases.every(world.till.database.read()) == []
    assert centre.wishes == {}
    step(world, asked_back)
    assert (centre.returned, world.till.emptied.is_set()) == ([], False)
    while sync.upload(world.till, asked_back):
        pass
    step(world, asked_back)
    assert centre.returned == [(world.till_id, len(world.journal()))]
    closed = [json.loads(each.bytes)["body"]["period"] for each in world.journal()[-3:]]
    assert closed == ["day", "month", "year"]  # its last periods can be archived
    assert world.till.emptied.is_set()
    with world.till.database.write() as tx, pytest.raises(TillLeaving):
        journal.append(tx, world.till.identity, ledger.Kind.TECHNICAL, {"event": "late"}, world.at)


def test_a_till_that_is_to_go_on_after_all_sells_again(world, centre, asked_back):
    centre.asks_back = False
    report = Reporter()
    report(world.till, asked_back)
    assert not world.till.is_leaving
    sync.sync_leases(world.till, asked_back)
    assert sell(world, ("full", 1))["total"] == 1200


def test_a_lost_answer_empties_the_till_when_the_centre_calls_it_returned(world, centre, asked_back):
    close_float(world)
    sync.sync_leases(world.till, asked_back)
    step(world, asked_back)
    while sync.upload(world.till, asked_back):
        pass
    centre.refusals["FinishTillReturn"] = ("INTERNAL", {})
    with pytest.raises(DomainError):
        step(world, asked_back)
    assert not world.till.emptied.is_set()
    centre.refusals["IssueTillToken"] = ("TILL_RETURNED", {})
    with pytest.raises(DomainError):
        sync.renew(world.till, centre.client())
    assert world.till.emptied.is_set()


def test_a_till_that_has_something_left_is_emptied_by_nobodys_word(world, centre, asked_back):
    """LAW-6: only receipts count; a till that another calls returned stops, and keeps its journal."""
    centre.refusals["GetTillRoster"] = ("TILL_RETURNED", {})
    with pytest.raises(DomainError):
        sync.fetch_roster(world.till, asked_back)
    assert not world.till.emptied.is_set()
    assert meta.frozen(world.till.database.read()) == "TILL_RETURNED"


def test_money_that_the_terminal_took_and_nobody_sold_for_keeps_a_till_from_being_emptied(world, centre, asked_back):
    """C4, I4: its trace is on this machine alone."""
    taken = Attempt(
        attempt_id="a1", reference="MH4J2H5SJB", sale_id="s1", kind=Kind.DEBIT, amount=1200, currency="EUR",
        state=State.APPROVED, why="", moved=1200, authorisation="006418", trace="", settled_by="", cashier_id="c1",
        basket="{}", reverses=None, order_id=None, began_at=iso_ms(world.at),
    )  # fmt: skip
    with world.till.database.write() as tx:
        attempts.begin(tx, taken)
    close_float(world)
    sync.sync_leases(world.till, asked_back)
    while sync.upload(world.till, asked_back):
        pass
    step(world, asked_back)
    assert leaving.missing(world.till) == ["payments"]
    assert (centre.returned, world.till.emptied.is_set()) == ([], False)


def test_nothing_of_the_till_is_left_in_its_folder(tmp_path):
    folder = tmp_path / "till"
    (folder / "training").mkdir(parents=True)
    for name in ("till.db", "till.db-wal", "training/till.db"):
        (folder / name).write_bytes(b"a key" * 1000)
    leaving.empty(folder)
    assert list(folder.iterdir()) == []


def test_the_log_is_sent_when_the_centre_wants_it(world, centre):
    """R7"""
    log = technical_log.KeptLog(io.StringIO(), world.folder)
    log.write(json.dumps({"event": "printer_away"}) + "\n")
    centre.log_wanted = "a request"
    Reporter()(world.till, centre.client())
    assert gzip.decompress(centre.logs["a request"]) == b'{"event": "printer_away"}\n'
    log.close()


def test_of_too_much_log_the_newest_part_is_sent(tmp_path, monkeypatch):
    monkeypatch.setattr(technical_log, "MOST_SENT", 2000)
    log = technical_log.KeptLog(io.StringIO(), tmp_path)
    for number in range(5000):
        log.write(json.dumps({"event": "sold", "number": number, "id": f"{number * 7919 % 100003:x}"}))
        log.write("\n")
    log.close()
    packed = technical_log.recent(tmp_path)
    lines = gzip.decompress(packed).decode().splitlines()
    assert len(packed) <= 2000
    assert json.loads(lines[-1])["number"] == 4999
    assert json.loads(lines[0])["number"] > 0
