"""kill -9 of the gateway's own process in each state of the print queue (peripherals 1.3, domain 5.7).

The process is `device_gateway.main web` with no centre in reach; printers are simulated on real TCP. Only where a state
lasts too short to be met is the process told to kill itself in it.
"""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import urllib.request

import pytest

from device_gateway import selling
from device_gateway.config import CENTRE_SERVICES
from device_gateway.simulators.printer import Fault
from device_gateway.store.jobs import State
from kit.testing import eventually
from suite.testing import free_port

from .conftest import Printers

DRIVERS = {"escpos": "escpos", "fgl": "fgl", "zpl that counts": "zpl label_counter=true"}
KILLED_AT_THE_FIRST_BYTE = """
import os, signal, sys
from device_gateway.metrics import Timings
Timings.first_byte = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
from device_gateway.main import main
sys.exit(main(["web"]))
"""


class Gateway:
    """A till's process over the world's folder; `state` is that of its only ticket."""

    def __init__(self, world, printers, driver: str) -> None:
        self._folder, self._process = world.folder, None
        self._log = (world.folder.parent / "gateway.log").open("ab")
        self._env = {
            **os.environ, "TILL_PORT": str(free_port()), "TILL_DATA_DIR": str(world.folder),
            "TILL_CENTRE_TARGETS": json.dumps(dict.fromkeys(CENTRE_SERVICES, "grpc://127.0.0.1:9")),
            "TILL_TICKET_PRINTER": f"tcp://127.0.0.1:{printers.ticket.port}", "TILL_TICKET_DRIVER": driver,
        }  # fmt: skip

    def start(self, program: str = "") -> None:
        command = ["-c", program] if program else ["-m", "device_gateway.main", "web"]
        self._process = subprocess.Popen([sys.executable, *command], env=self._env, stdout=self._log, stderr=self._log)

    @property
    def state(self) -> tuple[str, int]:
        """The state of the last job, and how many there are."""
        connection = sqlite3.connect(f"file:{self._folder / 'till.db'}?mode=ro", uri=True)
        try:
            return connection.execute("SELECT state, count(*) OVER () FROM jobs ORDER BY number DESC").fetchone()
        finally:
            connection.close()

    def finds_its_printer_ready(self) -> None:
        url = f"http://127.0.0.1:{self._env['TILL_PORT']}/api/state"

        def ready() -> bool:
            with urllib.request.urlopen(url, timeout=5) as answer:
                return json.load(answer)["printers"][0]["state"] == "ready"

        eventually(ready, seconds=30)

    def becomes(self, state: State) -> None:
        eventually(lambda: self.state == (state.value, 1), seconds=30, every=0.01)

    def kill(self) -> None:
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def dies(self) -> None:
        """By its own hand."""
        assert self._process is not None
        assert self._process.wait(timeout=30) == -signal.SIGKILL

    def stop(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self.kill()
        self._log.close()


@pytest.fixture(params=DRIVERS)
def printers(world, request):
    made = Printers(world, request.param)
    made.language = request.param
    yield made
    made.stop()


@pytest.fixture
def gateway(world, printers):
    """Not started yet, with one ticket sold and queued."""
    world.lease(5)
    selling.sell(world.till, world.seller(), selling.parse_request(world.request(("full", 1))), world.at)
    world.till.database.close()
    made = Gateway(world, printers, DRIVERS[printers.language])
    yield made
    made.stop()


def papers(printers) -> list:
    return [paper for paper in printers.ticket.tray.newest_first() if paper.complete]


def test_killed_while_the_ticket_waits_to_be_sent_it_comes_out_once(gateway, printers):
    """queued and failed: nothing had left."""
    printers.ticket.set_fault(Fault.PAPER_OUT)
    gateway.start()
    gateway.becomes(State.FAILED)
    gateway.kill()
    printers.ticket.set_fault(Fault.NONE)
    gateway.start()
    gateway.becomes(State.CONFIRMED)
    assert len(papers(printers)) == 1


def test_killed_after_the_first_bytes_it_asks_and_sends_nothing_again(gateway, printers):
    """sending: half a ticket had left."""
    gateway.start(KILLED_AT_THE_FIRST_BYTE)
    gateway.dies()
    assert gateway.state == ("sending", 1)
    gateway.start()
    gateway.becomes(State.IN_DOUBT)
    assert papers(printers) == []


def test_killed_once_all_is_sent_it_asks_and_sends_nothing_again(gateway, printers):
    """sent: the printer had it all, and had not answered."""
    printers.ticket.set_fault(Fault.SILENT_MID_JOB)
    gateway.start()
    gateway.becomes(State.SENT)
    gateway.kill()
    printers.ticket.set_fault(Fault.NONE)
    eventually(lambda: len(papers(printers)) == 1)
    gateway.start()
    gateway.becomes(State.IN_DOUBT)
    assert len(papers(printers)) == 1


def test_killed_while_the_printer_waits_for_paper_it_asks_and_sends_nothing_again(gateway, printers):
    """waiting: the printer prints what it holds, whether the till is there or not."""
    printers.ticket.set_fault(Fault.PAPER_OUT_MID_JOB)
    gateway.start()
    gateway.becomes(State.WAITING)
    gateway.kill()
    printers.ticket.set_fault(Fault.NONE)
    eventually(lambda: len(papers(printers)) == 1)
    gateway.start()
    gateway.becomes(State.IN_DOUBT)
    assert len(papers(printers)) == 1


def test_killed_in_doubt_or_done_it_stays_so(gateway, printers):
    """confirmed and in_doubt: a restart changes neither."""
    printers.ticket.set_fault(Fault.DIE_MID_JOB)
    gateway.start()
    gateway.becomes(State.IN_DOUBT)
    gateway.kill()
    printers.ticket.set_fault(Fault.NONE)
    gateway.start()
    gateway.finds_its_printer_ready()
    assert gateway.state == ("in_doubt", 1)
    assert papers(printers) == []
