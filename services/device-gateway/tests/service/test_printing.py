"""Jobs on simulated printers over real TCP: the paper that comes out, and what the till believes (peripherals 1.3)."""

import json
import os
import signal
import subprocess
import sys

import pytest
import zxingcpp
from PIL import Image

import titles
from device_gateway import reprints, selling
from device_gateway.domain.errors import JobStateWrong
from device_gateway.printing.worker import PrintWorker
from device_gateway.simulators.printer import Fault
from device_gateway.store import jobs, journal
from device_gateway.store.jobs import State
from kit.clock import now
from kit.testing import eventually


def sell(world, *items, **how) -> dict:
    seller = world.seller()
    return selling.sell(world.till, seller, selling.parse_request(world.request(*items, **how)), world.at)


def states(world, answer) -> list[str]:
    return [job.state.value for job in jobs.of_order(world.till.database.read(), answer["order_id"])]


def papers(printer) -> list:
    return printer.tray.newest_first()


def test_a_ticket_comes_out_with_a_barcode_that_a_gate_accepts(world, printers):
    """C1, D5: decoded from the simulator's paper."""
    world.lease(5)
    printers.start()
    answer = sell(world, ("full", 2))
    eventually(lambda: states(world, answer) == ["confirmed", "confirmed"])
    certificate = world.till.issuer().certificate
    at = world.till.catalogue.performances[world.slot].starts_at
    serials = set()
    for paper in papers(printers.ticket):
        assert paper.complete
        assert paper.violations == ()
        [code] = zxingcpp.read_barcodes(Image.open(printers.ticket.tray.picture(paper.id)).convert("L"))
        verdict = titles.verify(code.text, {certificate.key_id: certificate}, world.root.public_key(), at)
        assert verdict.colour is titles.Colour.GREEN
        serials.add(verdict.token.serial)
    assert serials == {1, 2}


def test_a_cash_sale_opens_the_drawer_once(world, printers):
    """C5."""
    printers.start()
    without = sell(world, ("poster", 1), mode="cash")
    eventually(lambda: states(world, without) == ["confirmed"])
    assert (len(printers.receipt.kicks), papers(printers.receipt)) == (1, [])
    with_one = sell(world, ("poster", 1), mode="cash", receipt=True)
    eventually(lambda: states(world, with_one) == ["confirmed"])
    assert (len(printers.receipt.kicks), len(papers(printers.receipt))) == (2, 1)


def test_a_sale_made_while_the_printers_worker_only_starts_opens_the_drawer(world, printers, monkeypatch):
    """C5: under load a thread runs late; this drawer is not one of a sale of before."""
    started = []
    with monkeypatch.context() as slow:
        slow.setattr(PrintWorker, "start", lambda worker: started.append(worker))
        printers.start()
        sold = sell(world, ("poster", 1), mode="cash")
    for worker in started:
        worker.start()
    eventually(lambda: states(world, sold) == ["confirmed"])
    assert len(printers.receipt.kicks) == 1


@pytest.mark.parametrize("fault", [Fault.OFF, Fault.PAPER_OUT, Fault.SILENT])
def test_a_printer_that_is_not_ready_gets_nothing_and_prints_once_it_is(world, printers, fault):
    """C1: nothing left, so it may go again by itself."""
    world.lease(5)
    printers.ticket.set_fault(fault)
    printers.start()
    answer = sell(world, ("full", 1))
    eventually(lambda: states(world, answer) == ["failed"])
    assert papers(printers.ticket) == []
    printers.ticket.set_fault(Fault.NONE)
    eventually(lambda: states(world, answer) == ["confirmed"])
    assert len(papers(printers.ticket)) == 1


def test_a_failed_job_is_sent_again_when_a_person_asks(world, printers):
    world.lease(5)
    answer = sell(world, ("full", 1))
    [job] = jobs.of_order(world.till.database.read(), answer["order_id"])
    with pytest.raises(JobStateWrong):
        reprints.retry(world.till, job.job_id, world.at)
    with world.till.database.write() as tx:
        jobs.move(tx, job.job_id, (State.QUEUED,), State.FAILED, world.at, reason="offline")
    assert reprints.retry(world.till, job.job_id, world.at).state is State.QUEUED


def test_a_drawer_does_not_open_by_itself_long_after_the_sale(world, printers):
    printers.receipt.set_fault(Fault.OFF)
    printers.start()
    answer = sell(world, ("poster", 1), mode="cash")
    eventually(lambda: states(world, answer) == ["failed"])
    printers.receipt.set_fault(Fault.NONE)
    eventually(lambda: world.till.printer_status[jobs.Role.RECEIPT]().can_print)
    assert printers.receipt.kicks == []
    assert states(world, answer) == ["failed"]


def test_paper_that_ends_in_mid_ticket_is_waited_for(world, printers):
    """1.4: the printer holds the job and prints it itself."""
    world.lease(5)
    printers.ticket.set_fault(Fault.PAPER_OUT_MID_JOB)
    printers.start()
    answer = sell(world, ("full", 1))
    eventually(lambda: states(world, answer) == ["waiting"])
    printers.ticket.set_fault(Fault.NONE)
    eventually(lambda: states(world, answer) == ["confirmed"])
    assert len(papers(printers.ticket)) == 1


@pytest.mark.parametrize("fault", [Fault.DIE_MID_JOB, Fault.SILENT_MID_JOB])
def test_a_printer_that_dies_in_mid_ticket_leaves_a_doubt_that_a_person_settles(world, printers, fault):
    """1.3: never sent again by itself; the second paper says DUPLICATA and is journalled (A8)."""
    world.lease(5)
    printers.ticket.set_fault(fault)
    printers.start()
    answer = sell(world, ("full", 1))
    eventually(lambda: states(world, answer) == ["in_doubt"])
    printers.ticket.set_fault(Fault.NONE)
    eventually(lambda: world.till.printer_status[jobs.Role.TICKET]().can_print)
    assert states(world, answer) == ["in_doubt"]
    [job] = jobs.of_order(world.till.database.read(), answer["order_id"])
    again = reprints.resolve(world.till, world.seller(), job.job_id, False, now())
    assert again.copy == 1
    eventually(lambda: states(world, answer) == ["failed", "confirmed"])
    with pytest.raises(JobStateWrong):
        reprints.retry(world.till, job.job_id, now())
    assert json.loads(world.journal()[-1].bytes)["kind"] == "reprint"
    assert world.faults_of_journal() == []


def test_a_person_who_saw_the_paper_ends_the_doubt(world, printers):
    world.lease(5)
    answer = sell(world, ("full", 1))
    [job] = jobs.of_order(world.till.database.read(), answer["order_id"])
    with world.till.database.write() as tx:
        jobs.set_sending(tx, job.job_id, b"bytes", "0000", world.at)
    printers.start()
    eventually(lambda: states(world, answer) == ["in_doubt"])
    assert reprints.resolve(world.till, world.seller(), job.job_id, True, now()).state is State.CONFIRMED
    assert papers(printers.ticket) == []


def test_the_second_receipt_of_a_sale_says_duplicata(world, printers):
    """A8, LAW-24."""
    printers.start()
    seller = world.seller()
    answer = sell(world, ("poster", 1))
    first = reprints.print_receipt(world.till, seller, answer["order_id"], now())
    second = reprints.print_receipt(world.till, seller, answer["order_id"], now())
    assert (first.copy, second.copy) == (0, 1)
    eventually(lambda: states(world, answer) == ["confirmed", "confirmed"])
    duplicate, original = papers(printers.receipt)
    assert duplicate.height > original.height  # the mark takes a band


def test_a_line_that_the_printer_closed_while_idle_costs_no_ticket(world, printers):
    world.lease(5)
    printers.start()
    first = sell(world, ("full", 1))
    eventually(lambda: states(world, first) == ["confirmed"])
    printers.ticket.set_fault(Fault.OFF)
    printers.ticket.set_fault(Fault.NONE)
    second = sell(world, ("full", 1))
    eventually(lambda: states(world, second) == ["confirmed"])
    assert len(papers(printers.ticket)) == 2


SELL_AND_DIE = """
import os, signal, sys
from datetime import datetime
from pathlib import Path
from device_gateway import selling
from device_gateway.store import jobs, shifts, snapshot
from device_gateway.store.database import Database
from device_gateway.till import Seller, Till
import json
till = Till(Database(Path(sys.argv[1])))
tx = till.database.read()
row = tx.execute("SELECT shift_id, cashier_id FROM shifts").fetchone()
seller = Seller(snapshot.cashier(tx, row["cashier_id"]), shifts.Shift(row["shift_id"], row["cashier_id"]))
if sys.argv[4] == "inside":
    record = selling._answer
    selling._answer = lambda *a: os.kill(os.getpid(), signal.SIGKILL)
answer = selling.sell(till, seller, selling.parse_request(json.loads(sys.argv[2])), datetime.fromisoformat(sys.argv[3]))
if sys.argv[4] == "sending":
    with till.database.write() as tx:
        jobs.set_sending(tx, answer["jobs"][0]["id"], b"bytes", "0000", datetime.fromisoformat(sys.argv[3]))
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.parametrize(
    ("moment", "sold", "state", "came_out"),
    [("inside", 0, None, 0), ("sealed", 1, "confirmed", 1), ("sending", 1, "in_doubt", 0)],
)
def test_a_till_killed_in_mid_sale_loses_nothing_and_prints_nothing_twice(
    world, printers, moment, sold, state, came_out
):
    """5.7: kill -9 before the commit, between journal and print, and while sending."""
    world.lease(5)
    world.seller()
    world.till.database.close()
    arguments = [str(world.folder), json.dumps(world.request(("full", 1))), world.at.isoformat(), moment]
    done = subprocess.run([sys.executable, "-c", SELL_AND_DIE, *arguments], env=os.environ, timeout=60)
    assert done.returncode == -signal.SIGKILL
    world.till = world.open()
    connection = world.till.database.read()
    assert connection.execute("SELECT count(*) FROM sales").fetchone()[0] == sold
    assert journal.last_sequence(connection) == 1 + sold
    assert world.faults_of_journal() == []
    printers.start()
    if state:
        [job] = jobs.in_states(connection, *State)
        eventually(lambda: jobs.find(connection, job.job_id).state.value == state)
    eventually(lambda: world.till.printer_status[jobs.Role.TICKET]().can_print)
    assert len(papers(printers.ticket)) == came_out
