"""Conversations with simulated terminals over real TCP: whatever goes wrong, what the till believes is true (C4)."""

import contextlib
import os
import socket
import threading
import tty
import uuid
from dataclasses import replace

import pytest

from device_gateway.devices import addresses
from device_gateway.devices.status import Condition
from device_gateway.devices.transport import TcpTransport
from device_gateway.simulators import caisse_ap as simulated_caisse_ap
from device_gateway.simulators import concert as simulated_concert
from device_gateway.simulators import nexo as simulated_nexo
from device_gateway.simulators import zvt as simulated_zvt
from device_gateway.terminals import caisse_ap, concert, nexo, talk, zvt
from device_gateway.terminals.outcome import Charge, Kind, Result
from kit.clock import now
from kit.testing import eventually

NEVER = threading.Event()
SETTLED = (Result.DECLINED, Result.CANCELLED, Result.NOT_STARTED)


def caisse_ap_at(connect, stopping, **options):
    waits = caisse_ap.Waits(step=0.5, customer=1.0, quiet=0.1, overhear=0.3)
    return caisse_ap.CaisseApTerminal(connect(), options, stopping, waits)


DRIVERS = {
    "concert": (
        simulated_concert.SimulatedConcert,
        lambda connect, stopping: concert.ConcertTerminal(
            connect(), {}, stopping, concert.Waits(step=0.5, again=0.2, customer=1.0, overhear=0.3)
        ),
    ),
    "caisse_ap": (simulated_caisse_ap.SimulatedCaisseAp, caisse_ap_at),
    "caisse_ap_that_tells": (
        simulated_caisse_ap.SimulatedCaisseAp,
        lambda connect, stopping: caisse_ap_at(connect, stopping, recovery="status"),
    ),
    "nexo": (
        simulated_nexo.SimulatedNexo,
        lambda connect, stopping: nexo.NexoTerminal(
            connect, simulated_nexo.OPTIONS, stopping, nexo.Waits(0.5, 1.0, 0.1, 0.1, 0.5)
        ),
    ),
    "zvt": (
        simulated_zvt.SimulatedZvt,
        lambda connect, stopping: zvt.ZvtTerminal(connect(), {}, stopping, zvt.Waits(0.5, 1.0, 0.1)),
    ),
}
TELL_AFTERWARDS = {"caisse_ap_that_tells", "nexo", "zvt"}


class Bench:
    """A simulated terminal, and the till's driver on it."""

    def __init__(self, name: str) -> None:
        simulated, driver = DRIVERS[name]
        self.name, self.terminal, self.stopping = name, simulated(name, "127.0.0.1", 0), threading.Event()
        self.terminal.start()
        self.driver = driver(lambda: TcpTransport("127.0.0.1", self.terminal.port, 1.0), self.stopping)

    def charge(self, amount=1250, kind=Kind.DEBIT) -> Charge:
        return Charge(uuid.uuid4().hex[:10].upper(), kind, amount, "EUR", now())

    def pay(self, charge=None, abort=NEVER):
        return self.driver.pay(charge or self.charge(), abort)

    def pay_while(self, key: str, charge=None, abort=NEVER):
        """Pay, with a person at the terminal who presses a key."""
        self.terminal.act("waits", {})
        found = []
        paying = threading.Thread(target=lambda: found.append(self.pay(charge, abort)))
        paying.start()
        eventually(lambda: self.terminal.as_json()["screen"][0] != "COMMERCANT")
        if key:
            self.terminal.act(key, {})
        else:
            abort.set()
        paying.join(10)
        return found[0]

    @property
    def taken(self) -> int:
        return sum(each.amount for each in self.terminal.taken)


@pytest.fixture(params=list(DRIVERS))
def bench(request):
    made = Bench(request.param)
    yield made
    made.driver.close()
    made.terminal.stop()


def test_a_payment_is_approved_for_its_amount(bench):
    outcome = bench.pay()
    assert (outcome.result, outcome.amount, bench.taken) == (Result.APPROVED, 1250, 1250)
    assert bench.terminal.violations == []


def test_five_cents_and_a_fortune_are_paid_alike(bench):
    assert bench.pay(bench.charge(5)).result is Result.APPROVED
    assert bench.pay(bench.charge(98_765_432)).result is Result.APPROVED
    assert bench.terminal.violations == []


def test_money_goes_back_to_a_card(bench):
    assert bench.pay(bench.charge(kind=Kind.CREDIT)).result is Result.APPROVED
    assert [each.kind for each in bench.terminal.taken] == ["credit"]


def test_a_refusal_and_an_abandon_take_nothing(bench):
    assert bench.pay_while("decline").result is Result.DECLINED
    assert bench.pay_while("abandon").result in (Result.CANCELLED, Result.DECLINED)  # Concert has one word for both
    assert bench.taken == 0


def test_a_part_of_the_money_is_told_as_a_part(bench):
    outcome = bench.pay_while("partial")
    assert (outcome.result, outcome.amount, bench.taken) == (Result.PARTIAL, 625, 625)


def test_its_status_moves_no_money(bench):
    assert bench.driver.status().condition is Condition.READY
    assert (bench.taken, bench.terminal.violations) == (0, [])
    bench.terminal.set_fault("off")
    assert bench.driver.status().condition is Condition.OFFLINE


FAULTS = [(name, fault) for name, (simulated, _) in DRIVERS.items() for fault in simulated(name, "127.0.0.1", 0).faults]


@pytest.mark.parametrize(("bench", "fault"), FAULTS, indirect=["bench"])
def test_whatever_goes_wrong_the_till_believes_what_is_true(bench, fault):
    """Approved: the money was taken, once. Declined, cancelled or not started: none was. Else it does not know."""
    bench.terminal.set_fault(fault)
    charge = bench.charge()
    outcome = bench.pay(charge)
    assert outcome.result is not Result.PARTIAL
    if outcome.result is Result.APPROVED:
        assert bench.taken == charge.amount
    elif outcome.result in SETTLED:
        assert bench.taken == 0
    if fault in ("slow", "none", "nak_once", "damaged_once"):
        assert outcome.result is Result.APPROVED
    if fault in ("off", "busy"):
        assert outcome.result is Result.NOT_STARTED
    if fault in ("late", "dies"):
        assert outcome.result is Result.UNKNOWN


def test_what_is_in_doubt_is_asked_of_the_terminal_where_it_can_tell(bench):
    bench.terminal.set_fault("dies")
    charge = bench.charge()
    assert bench.pay(charge).result is Result.UNKNOWN
    bench.terminal.set_fault("none")
    expected = Result.APPROVED if bench.name in TELL_AFTERWARDS else Result.UNKNOWN
    assert bench.driver.recover(charge).result is expected
    assert bench.taken == charge.amount


def test_a_late_answer_is_heard(bench):
    bench.terminal.set_fault("late")
    charge = bench.charge()
    assert bench.pay(charge).result is Result.UNKNOWN
    bench.terminal.set_fault("none")
    eventually(lambda: bench.driver.recover(charge).result is Result.APPROVED)
    assert bench.taken == charge.amount


def test_what_the_terminal_says_of_another_payment_is_not_ours(bench):
    bench.pay()
    asked = replace(bench.charge(1900), last_trace="000000")
    assert bench.driver.recover(asked).result in (Result.UNKNOWN, Result.NOT_STARTED)


@pytest.mark.parametrize("name", ["nexo", "zvt"])
def test_the_cashier_takes_a_payment_back_before_the_card_spoke(name):
    bench = Bench(name)
    outcome = bench.pay_while("", abort=threading.Event())
    assert (outcome.result, bench.taken) == (Result.CANCELLED, 0)
    bench.terminal.stop()


def test_a_till_that_stops_leaves_the_question_open(bench):
    bench.terminal.act("waits", {})
    threading.Timer(0.3, bench.stopping.set).start()
    with pytest.raises(talk.Stopped):
        bench.pay()


@pytest.fixture
def serial_line():
    """A pseudo-terminal whose other end is the simulated terminal's port."""
    terminal = simulated_concert.SimulatedConcert("concert", "127.0.0.1", 0)
    terminal.start()
    ours, theirs = os.openpty()
    tty.setraw(theirs)
    peer = socket.create_connection(("127.0.0.1", terminal.port))

    def pump(read, write) -> None:
        with contextlib.suppress(OSError):
            while data := read(4096):
                write(data)

    for read, write in ((lambda n: os.read(ours, n), peer.sendall), (peer.recv, lambda data: os.write(ours, data))):
        threading.Thread(target=pump, args=(read, write), daemon=True).start()
    yield terminal, os.ttyname(theirs)
    terminal.stop()
    os.close(theirs)
    os.close(ours)
    peer.close()


def test_concert_is_spoken_over_a_serial_line(serial_line):
    """Checksums that are control characters, XON and XOFF among them, pass untouched."""
    terminal, path = serial_line
    waits = concert.Waits(step=1.0, again=0.2, customer=5.0)
    driver = concert.ConcertTerminal(addresses.at(f"serial:{path}"), {}, NEVER, waits)
    assert driver.status().condition is Condition.READY
    for amount in range(1, 40):
        charge = Charge(uuid.uuid4().hex[:10].upper(), Kind.DEBIT, amount, "EUR", now())
        assert driver.pay(charge, NEVER).result is Result.APPROVED
    assert (len(terminal.taken), terminal.violations) == (39, [])
    driver.close()
