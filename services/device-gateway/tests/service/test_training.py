"""Training mode: a till of its own, which nothing real ever hears of (domain: training mode; LAW-1)."""

import json
import sqlite3
from concurrent.futures import ThreadPoolExecutor

import pytest

import ledger
import titles
from device_gateway import checking, drawer, floats, overrides, reprints, selling, sync
from device_gateway.config import TillConfig
from device_gateway.devices.transport import TcpTransport
from device_gateway.domain.errors import OverrideNeeded, TrainingState
from device_gateway.printing import documents
from device_gateway.printing.escpos import KICK_DRAWER, EscPosPrinter
from device_gateway.store import jobs, journal, leases, meta, shifts
from device_gateway.store.jobs import Role
from device_gateway.sync import Sync
from device_gateway.training import Training
from device_gateway.web.app import create_app
from kit.testing import eventually

from .test_http import Page

ALICE, INES = b"a" * 32, b"i" * 32


def signed_in(world, name: str, session: bytes):
    """By the short way, in a browser that the test can name."""
    shift = shifts.Shift(world.uid(f"shift of {name} {session!r}"), world.uid(name))
    with world.till.database.write() as tx:
        shifts.begin(tx, shift, session, world.at)
    return world.till.require_seller(session)


@pytest.fixture
def training(world):
    made = Training(world.till, world.folder / "training")
    yield made
    made.close()


@pytest.fixture
def practising(world, training):
    """The training till, entered by Inès with a float open there."""
    till = training.enter(signed_in(world, "ines", INES), INES, None, world.at)
    floats.open_float(till, till.require_seller(INES), {"5000": 1}, world.at)
    return till


def practise(world, till, *items, **options) -> dict:
    request = selling.parse_request(world.request(*items, mode="cash", **options))
    return selling.sell(till, till.require_seller(INES), request, world.at)


def everything(till) -> dict[str, list[tuple]]:
    """All that a till's database holds, but for what the tables of SQLite itself say."""
    connection = till.database.read()
    names = [row["name"] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    return {name: [tuple(row) for row in connection.execute(f"SELECT * FROM {name}")] for name in names}


def kinds(till) -> list[str]:
    return [json.loads(sealed.bytes)["kind"] for sealed in journal.every(till.database.read())]


def test_nothing_of_training_reaches_the_real_float_lease_or_journal(world, training):
    """The real till is left exactly as it was found, but for the two entries that say when it practised."""
    world.lease(10)
    seller = world.seller("ines")
    till = training.enter(signed_in(world, "ines", INES), INES, None, world.at)
    real = everything(world.till)
    floats.open_float(till, till.require_seller(INES), {"5000": 1}, world.at)
    sold = practise(world, till, ("full", 3), ("poster", 1))
    reprints.print_receipt(till, till.require_seller(INES), sold["order_id"], world.at)
    drawer.open_without_sale(till, till.require_seller(INES), "change", "", None, world.at)
    floats.declare(till, till.require_seller(INES), {}, {}, world.at)
    floats.close_float(till, till.require_seller(INES), "essai", world.at)
    assert everything(world.till) == real
    training.leave(INES, world.at)
    after = everything(world.till)
    assert kinds(world.till)[-1] == "training"
    changed = {name for name in after if after[name] != real[name]}
    assert changed == {"journal", "meta"}
    assert len(after["journal"]) == len(real["journal"]) + 1
    assert shifts.float_of(world.till.database.read(), seller.cashier.id).expected == 5000
    assert [each.used for each in leases.every(world.till.database.read())] == [0]


def test_a_training_ticket_is_refused_by_the_check_of_the_real_till_and_of_every_gate(world, training, practising):
    """Token kind 15: whoever scans it, or types its code."""
    sold = practise(world, practising, ("full", 1))
    token = practising.database.read().execute("SELECT token FROM tickets").fetchone()["token"]
    read = titles.read(token).token
    assert (read.kind, read.key_id) == (titles.Kind.TEST, titles.TEST_KEY_ID)
    for code in (token, sold["tickets"][0]["human_code"]):
        check = checking.check_ticket(world.till, code, world.at)
        assert (check.colour, check.reason) == ("red", "TEST_TITLE")
    assert checking.check_ticket(practising, token, world.at).colour == "red"
    certificate = world.till.issuer().certificate
    gate = titles.verify(token, {certificate.key_id: certificate}, world.root.public_key(), world.at)
    assert (gate.colour, gate.reason) == (titles.Colour.RED, titles.Reason.TEST_TITLE)


def test_the_training_chain_is_its_own_verifies_and_cannot_be_mixed_with_the_real_one(world, training, practising):
    """LAW-1, LAW-3: recorded as any other, apart from any other."""
    practise(world, practising, ("poster", 2))
    key = practising.identity.journal_key.public_key()
    chain = list(journal.every(practising.database.read()))
    assert list(ledger.verify_chain(chain, key)) == []
    assert world.faults_of_journal() == []
    assert list(ledger.verify_chain(world.journal(), key)) != []
    told = ledger.TrainingChange.from_body(json.loads(world.journal()[-2].bytes)["body"])
    told.check(world.till_id)
    assert told.journal_public_key == ledger.public_bytes(key).hex()
    assert told.training_till_id == practising.identity.enrolled().till_id != world.till_id


def test_orders_are_numbered_apart_and_the_chain_goes_on_at_the_next_training(world, training, practising):
    assert practise(world, practising, ("poster", 1))["order_number"] == "E-T01-000001"
    training.leave(INES, world.at)
    assert practising.seller(INES) is None
    again = training.enter(signed_in(world, "ines", ALICE), ALICE, None, world.at)
    request = selling.parse_request(world.request(("poster", 1)))
    assert selling.sell(again, again.require_seller(ALICE), request, world.at)["order_number"] == "E-T01-000002"
    key = again.identity.journal_key.public_key()
    assert list(ledger.verify_chain(list(journal.every(again.database.read())), key)) == []


def test_every_paper_of_training_says_so_and_the_drawer_stays_shut(world, practising):
    """Words that must appear on paper: MODE ÉCOLE. Training must not be a way to the money."""
    practise(world, practising, ("full", 1), receipt=True)
    practise(world, practising, ("poster", 1))
    queued = jobs.in_states(practising.database.read(), jobs.State.QUEUED)
    printer = EscPosPrinter(TcpTransport("127.0.0.1", 9))
    assert {job.kind.value for job in queued} == {"ticket", "receipt", "drawer"}
    for job in queued:
        marked, plain = (
            printer.render(documents.page_of(job, is_training=practised), "0001").data for practised in (True, False)
        )
        assert KICK_DRAWER not in marked
        if job.kind is not jobs.Document.DRAWER:
            assert len(marked) > len(plain) + 2 * 60 * 72  # two bands of black


def test_training_takes_a_right_or_somebodys_leave(world, training):
    """M4."""
    alice = signed_in(world, "alice", ALICE)
    with pytest.raises(OverrideNeeded) as refusal:
        training.enter(alice, ALICE, None, world.at)
    assert refusal.value.facts["people"] == "Inès"
    assert (training.active, training.till) == (False, None)
    leave = overrides.approver(world.till, {"cashier_id": world.uid("ines"), "pin": "2468"}, world.at)
    training.enter(alice, ALICE, leave, world.at)
    assert kinds(world.till)[-3:] == ["override", "training", "sign_out"]
    assert training.till.seller(ALICE).cashier.name == "Alice"
    assert world.till.seller(ALICE) is None
    with pytest.raises(TrainingState):
        training.enter(alice, ALICE, leave, world.at)


def test_an_entering_that_fails_half_way_leaves_the_till_real_and_can_be_repeated(world, training, monkeypatch):
    seller, before = signed_in(world, "ines", INES), everything(world.till)

    def disk_full(*_) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    with monkeypatch.context() as patched:
        patched.setattr(training, "_record", disk_full)
        with pytest.raises(sqlite3.OperationalError):
            training.enter(seller, INES, None, world.at)
    assert not training.active
    assert everything(world.till) == before
    assert world.till.require_seller(INES) == seller
    assert training.enter(seller, INES, None, world.at).require_seller(INES).cashier == seller.cashier


def test_of_many_who_enter_at_once_one_does_and_the_real_chain_says_it_once(world, training):
    sessions = [bytes([number]) * 32 for number in range(1, 9)]
    sellers = [signed_in(world, "ines", session) for session in sessions]

    def enter(number: int) -> bool:
        try:
            training.enter(sellers[number], sessions[number], None, world.at)
        except TrainingState:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(enter, range(8))) == 1
    assert kinds(world.till).count("training") == 1
    assert world.faults_of_journal() == []


def test_a_restart_goes_on_with_training_and_does_not_sell_for_real(world, training, practising):
    """Whoever practises must not find a real till under their hands."""
    training.close()
    reopened = Training(world.till, world.folder / "training")
    assert reopened.active
    assert reopened.till.seller(INES).cashier.name == "Inès"
    reopened.leave(INES, world.at)
    reopened.close()
    assert not Training(world.till, world.folder / "training").active


def test_training_works_from_what_the_real_till_knows_with_leases_of_its_own_making(world, training, practising):
    """No place of the centre's is taken: the real till holds no lease at all."""
    assert leases.every(world.till.database.read()) == []
    assert practising.catalogue.profile == world.till.catalogue.profile
    assert practise(world, practising, ("full", 50))["total"] == 60_000


def test_two_tills_share_one_printer_and_each_paper_comes_out_once(world, printers):
    """The real till's worker and the training one take turns."""
    shared = {
        role: EscPosPrinter(TcpTransport("127.0.0.1", printers.simulated[role.value].port, 1.0), printers.WAITS)
        for role in Role
    }
    training = Training(world.till, world.folder / "training")
    for role, printer in shared.items():
        training.use_printer(role, printer)
    printers.start_with(shared)
    till = training.enter(signed_in(world, "ines", INES), INES, None, world.at)
    floats.open_float(till, till.require_seller(INES), {}, world.at)
    world.lease(10)
    seller = world.seller()
    for _ in range(3):
        practise(world, till, ("full", 1))
        selling.sell(world.till, seller, selling.parse_request(world.request(("full", 1))), world.at)

    def all_came_out(of) -> bool:
        return jobs.counts(of.database.read()) == {}

    eventually(lambda: all_came_out(till) and all_came_out(world.till), seconds=30)
    assert len(printers.ticket.tray.newest_first()) == 6
    training.leave(INES, world.at)
    selling.sell(world.till, seller, selling.parse_request(world.request(("full", 1))), world.at)
    eventually(lambda: all_came_out(world.till), seconds=30)
    training.close()


def test_the_training_journal_is_uploaded_with_the_real_tills_token_as_its_own_chain(
    world, training, practising, centre
):
    """LAW-1: training data too; after the real chain has introduced it."""
    practise(world, practising, ("poster", 1))
    client = centre.client()
    sync.renew(world.till, client)
    while sync.upload(world.till, client):
        pass
    while sync.upload(practising, client, world.till.identity.enrolled().root_public_key):
        pass
    sent = [entry.content for entry in centre.kept_of[practising.identity.enrolled().till_id]]
    assert sent == [sealed.bytes for sealed in journal.every(practising.database.read())]
    assert meta.number(practising.database.read(), meta.ACKNOWLEDGED) == len(sent)


@pytest.fixture
def page(world, centre, training, tmp_path):
    config = TillConfig(
        "127.0.0.1", 7401, frozenset(), tmp_path, centre.targets, None, (), None, "", None,
    )  # fmt: skip
    client = centre.client()
    page = Page(create_app(world.till, client, Sync(world.till, client), config, tmp_path / "dist", training))
    page.state()
    return page


def test_the_page_is_switched_to_the_training_till_and_back(world, page):
    """One page, one code path; leaving asks for a PIN again, so a trainee never inherits a shift."""
    world.lease(10)
    page.post("/api/sign-in", {"cashier_id": world.uid("ines"), "pin": "2468"})
    page.post("/api/float/open", {"counts": {"5000": 1}})
    before = page.state()
    assert not before["training"]
    assert page.post("/api/training/leave").json["reason"] == "TRAINING_STATE"
    assert page.post("/api/training/enter").status_code == 200
    state = page.state()
    assert (state["training"], state["till"]["number"]) == (True, "E-T01")
    assert (state["cashier"]["name"], state["cash_float"]) == ("Inès", None)
    assert page.post("/api/training/enter").json["reason"] == "TRAINING_STATE"
    page.post("/api/float/open", {"counts": {}})
    answer = page.post("/api/sales", world.request(("full", 1), mode="cash"))
    assert answer.json["order_number"] == "E-T01-000001"
    assert page.get("/readyz").status_code == 200
    assert page.post("/api/training/leave").status_code == 200
    back = page.state()
    assert (back["training"], back["cashier"], back["till"]["number"]) == (False, None, "T01")
    assert back["places_in_lease"] == before["places_in_lease"] == 10
    page.post("/api/sign-in", {"cashier_id": world.uid("ines"), "pin": "2468"})
    assert page.state()["cash_float"] == before["cash_float"]
    assert page.get("/api/sales").json["sales"] == []
