"""Paying by the terminal: charged once, sold for once, and never taken for granted, whatever dies when (C4)."""

import signal
import subprocess
import sys
import textwrap
import threading
import uuid

import pytest

import ledger
from device_gateway import paying, selling
from device_gateway.devices.registry import DeviceRole, Entry
from device_gateway.devices.transport import TcpTransport
from device_gateway.domain.errors import (
    NoTerminal,
    OverrideNeeded,
    PaymentForgotten,
    PaymentInDoubt,
    PaymentNotUsable,
    PaymentState,
    TerminalBusy,
)
from device_gateway.identification import Identified
from device_gateway.simulators.caisse_ap import SimulatedCaisseAp
from device_gateway.simulators.nexo import OPTIONS, SimulatedNexo
from device_gateway.store import attempts, snapshot
from device_gateway.store.attempts import State
from device_gateway.terminals import caisse_ap, nexo
from device_gateway.terminals.outcome import Kind
from device_gateway.terminals.worker import TerminalWorker
from kit.clock import now
from kit.testing import eventually

WAITS = {
    "caisse_ap": lambda connect, stopping: caisse_ap.CaisseApTerminal(
        connect(), {}, stopping, caisse_ap.Waits(step=0.5, customer=1.0, quiet=0.05, overhear=0.05)
    ),
    "nexo": lambda connect, stopping: nexo.NexoTerminal(
        connect, OPTIONS, stopping, nexo.Waits(0.5, 1.0, 0.05, 0.05, 0.3)
    ),
}


class Desk:
    """A till with a terminal at work, and a cashier."""

    def __init__(self, world, driver: str) -> None:
        self.world, self._driver = world, driver
        self.terminal = (SimulatedNexo if driver == "nexo" else SimulatedCaisseAp)("terminal", "127.0.0.1", 0)
        self.terminal.start()
        self.begin()
        self.seller, self.sale_id = world.seller(), str(uuid.uuid4())

    @property
    def till(self):
        return self.world.till

    def begin(self) -> None:
        self.till.station.serve(DeviceRole.TERMINAL, self._worker)
        address = f"tcp://127.0.0.1:{self.terminal.port}"
        self.till.station.apply({DeviceRole.TERMINAL: Entry(DeviceRole.TERMINAL, self._driver, address)})

    def _worker(self, _entry) -> TerminalWorker:
        stopping = threading.Event()
        driver = WAITS[self._driver](lambda: TcpTransport("127.0.0.1", self.terminal.port, 1.0), stopping)
        return TerminalWorker(self.till, driver, stopping, idle_seconds=0.1)

    def ask(self, amount=1200, sale_id=None, attempt_id=None):
        sent = {"attempt_id": attempt_id or str(uuid.uuid4()), "sale_id": sale_id or self.sale_id, "amount": amount,
                "basket": {"lines": ["one"]}}  # fmt: skip
        return paying.begin(self.till, self.seller, sent, now())

    def pay(self, amount=1200):
        attempt = self.ask(amount)
        return self.ended(attempt.attempt_id)

    def ended(self, attempt_id):
        def at():
            return attempts.find(self.till.database.read(), attempt_id)

        eventually(lambda: at().state not in attempts.UNDER_WAY)
        return at()

    def sell(self, attempt, amount=1200, sale_id=None):
        body = self.world.request(("full", amount // 1200))
        named = {"attempt_id": attempt.attempt_id} if attempt else {}
        body |= {"payments": [{"mode": "card", "amount": amount} | named], "sale_id": sale_id or self.sale_id}
        return selling.sell(self.till, self.seller, selling.parse_request(body), now())

    def reverse(self, attempt, by_hand=False):
        sent = {"attempt_id": str(uuid.uuid4())}
        return paying.reverse(self.till, self.seller, attempt.attempt_id, sent, now(), by_hand=by_hand)

    @property
    def taken(self) -> int:
        signs = {"debit": 1, "credit": -1}
        return sum(signs[each.kind] * each.amount for each in self.terminal.taken)

    @property
    def unsettled(self) -> list[State]:
        return [each.state for each in attempts.unsettled(self.till.database.read())]

    def stop(self) -> None:
        self.till.station.stop()
        self.terminal.stop()


@pytest.fixture
def desk(world):
    world.lease(20)
    made = Desk(world, "caisse_ap")
    yield made
    made.stop()


@pytest.fixture
def telling_desk(world):
    """Its terminal can be asked what became of a payment."""
    world.lease(20)
    made = Desk(world, "nexo")
    yield made
    made.stop()


def sealed(world) -> list[ledger.Sale]:
    public = world.till.identity.journal_key.public_key()
    entries = [ledger.open_sealed(each.bytes, each.signature, public) for each in world.journal()]
    return [ledger.Sale.from_body(entry.body) for entry in entries if entry.kind == ledger.Kind.SALE]


def test_an_approved_payment_is_sold_for_with_its_authorisation(desk):
    attempt = desk.pay()
    assert (attempt.state, attempt.moved, desk.taken) == (State.APPROVED, 1200, 1200)
    assert desk.unsettled == [State.APPROVED]
    desk.sell(attempt)
    [sale] = sealed(desk.world)
    assert sale.payments[0].reference == "006418"
    assert desk.unsettled == []


def test_a_payment_that_is_asked_before_the_worker_runs_is_none_that_it_finds_left_open(desk, monkeypatch):
    """Under load a thread runs late: the payment goes to the terminal, and is not taken for one of before a restart."""
    with monkeypatch.context() as slow:
        slow.setattr(TerminalWorker, "start", lambda _: None)
        desk.till.station.apply({})
        desk.begin()
        attempt = desk.ask()
    desk.till.station.worker(DeviceRole.TERMINAL).start()
    assert desk.ended(attempt.attempt_id).state is State.APPROVED


def test_nothing_of_the_card_is_kept(desk):
    """Its number came over the line; no file of the till has it."""
    desk.sell(desk.pay())
    for file in desk.till.database.path.parent.rglob("*"):
        if file.is_file():
            assert b"497010" not in file.read_bytes()


def test_an_approval_is_used_once(desk):
    attempt = desk.pay()
    desk.sell(attempt)
    with pytest.raises(PaymentNotUsable):
        desk.sell(attempt, sale_id=str(uuid.uuid4()))
    assert len(sealed(desk.world)) == 1


def test_an_approval_pays_its_own_amount_and_no_other(desk):
    attempt = desk.pay(1200)
    with pytest.raises(PaymentNotUsable):
        desk.sell(attempt, amount=2400)
    assert desk.unsettled == [State.APPROVED]


def test_what_the_terminal_refused_pays_nothing(desk):
    desk.terminal.act("waits", {})
    attempt = desk.ask()
    eventually(lambda: desk.terminal.as_json()["actions"][0] == "approve")
    desk.terminal.act("decline", {})
    attempt = desk.ended(attempt.attempt_id)
    assert (attempt.state, attempt.why) == (State.DECLINED, "declined")
    with pytest.raises(PaymentNotUsable):
        desk.sell(attempt)


def test_a_repeated_request_asks_the_card_once(desk):
    attempt = desk.pay()
    assert desk.ask(attempt_id=attempt.attempt_id).reference == attempt.reference
    assert desk.taken == 1200


def test_one_customer_is_at_the_terminal_at_a_time(desk):
    desk.terminal.act("waits", {})
    desk.ask()
    with pytest.raises(TerminalBusy):
        desk.ask(sale_id=str(uuid.uuid4()))


def test_a_sale_in_doubt_is_neither_charged_again_nor_sold_otherwise(desk):
    desk.terminal.set_fault("dies")
    attempt = desk.pay()
    assert attempt.state is State.UNKNOWN
    desk.terminal.set_fault("none")
    with pytest.raises(PaymentInDoubt):
        desk.ask()
    with pytest.raises(PaymentInDoubt):
        desk.sell(None)
    assert desk.taken == 1200


def test_the_next_customer_is_served_while_a_sale_is_parked(desk):
    desk.terminal.set_fault("dies")
    parked = desk.pay()
    desk.terminal.set_fault("none")
    desk.sale_id = str(uuid.uuid4())
    desk.sell(desk.pay())
    assert desk.unsettled == [State.UNKNOWN]
    assert attempts.find(desk.till.database.read(), parked.attempt_id).basket == '{"lines": ["one"]}'


def test_a_late_answer_settles_what_was_in_doubt(desk):
    desk.terminal.set_fault("late")
    attempt = desk.pay()
    assert attempt.state is State.UNKNOWN
    desk.terminal.set_fault("none")
    eventually(lambda: desk.unsettled == [State.APPROVED])
    desk.sell(attempt)
    assert desk.taken == 1200


def test_a_person_says_what_the_terminals_ticket_says(desk):
    desk.terminal.set_fault("dies")
    attempt = desk.pay()
    paying.settle(desk.till, desk.seller, attempt.attempt_id, True, None, now())
    with pytest.raises(PaymentState):
        paying.settle(desk.till, desk.seller, attempt.attempt_id, False, None, now())
    desk.sell(attempt)
    assert len(sealed(desk.world)) == 1


def test_a_large_payment_in_doubt_needs_a_second_person(desk):
    desk.terminal.set_fault("dies")
    attempt = desk.pay(12000)
    with pytest.raises(OverrideNeeded):
        paying.settle(desk.till, desk.seller, attempt.attempt_id, False, None, now())
    ines = snapshot.cashier(desk.till.database.read(), desk.world.uid("ines"))
    paying.settle(desk.till, desk.seller, attempt.attempt_id, False, Identified(ines, "pin"), now())
    assert desk.unsettled == []
    kinds = [entry.kind for entry in map(_opened(desk.world), desk.world.journal())]
    assert ledger.Kind.OVERRIDE in kinds


def _opened(world):
    public = world.till.identity.journal_key.public_key()
    return lambda each: ledger.open_sealed(each.bytes, each.signature, public)


def test_money_that_was_not_sold_for_goes_back_once(desk):
    attempt = desk.pay()
    back = desk.reverse(attempt)
    assert desk.ended(back.attempt_id).state is State.APPROVED
    assert (desk.taken, desk.unsettled) == (0, [])
    with pytest.raises(PaymentNotUsable):
        desk.sell(attempt)
    with pytest.raises(PaymentInDoubt):
        desk.reverse(attempt)
    assert desk.taken == 0


def test_money_given_back_by_hand_at_the_terminal_is_somebodys_word(desk):
    attempt = desk.pay()
    back = desk.reverse(attempt, by_hand=True)
    kept = attempts.find(desk.till.database.read(), back.attempt_id)
    assert (kept.kind, kept.state, kept.settled_by) == (Kind.CREDIT, State.APPROVED, desk.seller.cashier.id)
    assert desk.unsettled == []


def test_what_was_sold_for_goes_back_by_a_refund_alone(desk):
    attempt = desk.pay()
    desk.sell(attempt)
    with pytest.raises(PaymentNotUsable):
        desk.reverse(attempt)


def test_a_sale_does_not_forget_what_its_card_paid(desk):
    desk.pay()
    with pytest.raises(PaymentForgotten):
        desk.sell(None)
    assert sealed(desk.world) == []


def test_a_fault_of_ours_in_the_middle_of_a_payment_leaves_it_in_doubt(desk, monkeypatch):
    """Nobody knows then whether the card was charged; the terminal goes on working."""
    pay = caisse_ap.CaisseApTerminal.pay

    def fail(*_args):
        raise RuntimeError("4970100000000055")

    monkeypatch.setattr(caisse_ap.CaisseApTerminal, "pay", fail)
    assert desk.pay().state is State.UNKNOWN
    monkeypatch.setattr(caisse_ap.CaisseApTerminal, "pay", pay)
    desk.sale_id = str(uuid.uuid4())
    assert desk.pay().state is State.APPROVED


def test_a_till_without_a_terminal_takes_cards_by_hand(world):
    world.lease(5)
    answer = selling.sell(world.till, world.seller(), selling.parse_request(world.request(("full", 1))), world.at)
    assert answer["total"] == 1200
    sent = {"attempt_id": str(uuid.uuid4()), "sale_id": str(uuid.uuid4()), "amount": 1, "basket": {}}
    with pytest.raises(NoTerminal):
        paying.begin(world.till, world.seller(), sent, now())


def test_a_restart_asks_the_terminal_what_became_of_it(telling_desk):
    desk = telling_desk
    desk.terminal.act("waits", {})
    attempt = desk.ask()
    eventually(lambda: desk.terminal.as_json()["actions"][0] == "approve")
    desk.till.station.stop()
    assert attempts.find(desk.till.database.read(), attempt.attempt_id).state is State.SENT
    desk.terminal.act("approve", {})
    eventually(lambda: desk.taken == 1200)
    desk.world.reopen()
    desk.begin()
    assert desk.ended(attempt.attempt_id).state is State.APPROVED
    desk.sell(attempt)
    assert desk.taken == 1200


CRASHING = textwrap.dedent("""
    import os, signal, sys, threading, uuid
    from pathlib import Path
    from device_gateway.devices.transport import TcpTransport
    from device_gateway.store import attempts
    from device_gateway.store.database import Database
    from device_gateway.simulators.nexo import OPTIONS
    from device_gateway.terminals import nexo
    from device_gateway.terminals.worker import TerminalWorker
    from device_gateway.till import Till

    folder, port, moment = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3]

    def die(*_args):
        os.kill(os.getpid(), signal.SIGKILL)

    class Line(TcpTransport):
        def connect(self):
            if moment == "before_connecting":
                die()
            super().connect()

        def write(self, data):
            super().write(data)
            if moment == "after_sending":
                die()

        def read(self, seconds):
            data = super().read(seconds)
            if data and moment == "with_the_answer":
                die()
            return data

    till, stopping = Till(Database(folder)), threading.Event()
    if moment == "after_the_approval":
        conclude = attempts.conclude
        attempts.conclude = lambda tx, *rest: conclude(tx, *rest) and threading.Timer(0.3, die).start()
    line = lambda: Line("127.0.0.1", port, 1.0)
    worker = TerminalWorker(till, nexo.NexoTerminal(line, OPTIONS, stopping, nexo.Waits()), stopping)
    if moment == "before_the_worker":
        die()
    worker._take_up = lambda: None
    worker.run()
""")
MOMENTS = ["before_the_worker", "before_connecting", "after_sending", "with_the_answer", "after_the_approval"]


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_killed_till_neither_charges_twice_nor_believes_what_it_did_not_hear(telling_desk, moment):
    """kill -9 of the process at each step; then the till starts again on the same disk."""
    desk, world = telling_desk, telling_desk.world
    desk.till.station.apply({})
    asked = paying._attempt(
        desk.till, desk.seller, str(uuid.uuid4()), desk.sale_id, Kind.DEBIT, 1200, "{}", None, now()
    )
    with desk.till.database.write() as tx:
        attempts.begin(tx, asked)
    desk.till.database.close()
    port = str(desk.terminal.port)
    killed = subprocess.run([sys.executable, "-c", CRASHING, str(world.folder), port, moment], timeout=60, check=False)
    assert killed.returncode == -signal.SIGKILL
    world.till = world.open()
    desk.begin()
    found = desk.ended(asked.attempt_id)
    if moment in ("before_the_worker", "before_connecting"):
        assert (found.state, desk.taken) == (State.NOT_STARTED, 0)
        found = desk.pay()  # the cashier asks again
    assert (found.state, desk.taken) == (State.APPROVED, 1200)
    desk.sell(found)
    assert (desk.taken, desk.unsettled, len(sealed(world))) == (1200, [], 1)
