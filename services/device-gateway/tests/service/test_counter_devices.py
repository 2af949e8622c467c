"""The customer's display, the drawer's own port and the code reader, each against its simulator over a real line."""

import json
import os
import threading
import tty

import pytest

import ledger
from device_gateway import drawer, equipping, selling
from device_gateway.devices.registry import DeviceRole, Entry
from device_gateway.devices.scanner import ScannerWorker
from device_gateway.devices.serial_port import SerialTransport, settings_of
from device_gateway.devices.status import Condition
from device_gateway.live import SCANNED, Shown, ShownLine
from device_gateway.simulators.display import SimulatedDisplay
from device_gateway.simulators.drawer import SimulatedDrawer
from device_gateway.simulators.scanner import SimulatedScanner
from device_gateway.store import jobs
from device_gateway.training import Training
from kit.testing import eventually


@pytest.fixture
def set_up(world):
    """Start a simulator, and give the till its device."""
    training = Training(world.till, world.folder / "training")
    simulators = []

    def begin(kind, role, driver, **options):
        simulator = kind(role.value, "127.0.0.1", 0)
        simulator.start()
        simulators.append(simulator)
        entry = Entry(role, driver, f"tcp://127.0.0.1:{simulator.port}", options)
        equipping.begin(world.till, training, [entry])
        eventually(lambda: world.till.station.status(role).condition is Condition.READY)
        eventually(lambda: simulator.as_json()["lines"] == 1)
        return simulator

    yield begin
    world.till.station.stop()
    training.close()
    for simulator in simulators:
        simulator.stop()


@pytest.fixture
def display(set_up):
    return set_up(SimulatedDisplay, DeviceRole.DISPLAY, "two_lines", code_table=19)


@pytest.fixture
def own_drawer(set_up):
    return set_up(SimulatedDrawer, DeviceRole.DRAWER, "escpos")


@pytest.fixture
def scanner(set_up):
    return set_up(SimulatedScanner, DeviceRole.SCANNER, "line")


def test_the_display_follows_the_sale(world, display):
    """C3."""
    live = world.till.live
    eventually(lambda: display.screen == ["   Caisse fermée    ", "Musée des Tuileries "])
    live.show(Shown("basket", (ShownLine("Plein tarif", "", 2, 2400),), total=2400))
    eventually(lambda: display.screen == ["2 x Plein tari 24,00", "Total          24,00"])
    live.show(Shown("done", total=2400, tendered=5000, change=2600))
    eventually(lambda: display.screen == ["Payé           24,00", "À rendre       26,00"])
    assert display.as_json()["violations"] == []


def test_a_display_that_was_off_shows_the_sale_at_hand_when_it_is_back(world, display):
    world.till.live.show(Shown("basket", (ShownLine("Plein tarif", "", 1, 1200),), total=1200))
    eventually(lambda: "12,00" in display.screen[0])
    display.set_fault("off")
    eventually(lambda: world.till.station.status(DeviceRole.DISPLAY).condition is Condition.OFFLINE, seconds=10)
    assert display.screen == [" " * 20, " " * 20]
    display.set_fault("none")
    eventually(lambda: display.screen[1] == "Total          12,00", seconds=10)
    eventually(lambda: world.till.station.status(DeviceRole.DISPLAY).condition is Condition.READY)


def sell(world, mode="cash"):
    world.lease(5)
    body = world.request(("full", 1), mode=mode, tendered=2000 if mode == "cash" else None)
    selling.sell(world.till, world.seller("ines"), selling.parse_request(body), world.at)


def test_a_cash_sale_opens_the_drawer_on_its_own_port_and_no_printer_is_asked(world, own_drawer):
    """C5."""
    sell(world)
    eventually(lambda: own_drawer.as_json()["open"])
    eventually(lambda: world.till.station.status(DeviceRole.DRAWER).causes == ("drawer_open",))
    queued = jobs.in_states(world.till.database.read(), jobs.State.QUEUED)
    assert [(job.kind, job.kick_drawer) for job in queued] == [(jobs.Document.TICKET, False)]
    kinds = [json.loads(entry.bytes)["kind"] for entry in world.journal()]
    assert kinds.count(ledger.Kind.DRAWER_OPENED) == 1
    own_drawer.act("close", {})
    eventually(lambda: world.till.station.status(DeviceRole.DRAWER).causes == ())


def test_a_card_sale_leaves_the_drawer_shut(world, own_drawer):
    sell(world, mode="card")
    drawer.open_without_sale(world.till, world.seller("ines"), "change", "", None, world.at)
    eventually(lambda: own_drawer.as_json()["open"])
    assert len(own_drawer.as_json()["openings"]) == 1


def test_a_drawer_without_power_does_not_open_once_it_is_back(world, own_drawer):
    """Nobody stands before it any more."""
    own_drawer.set_fault("off")
    eventually(lambda: world.till.station.status(DeviceRole.DRAWER).condition is Condition.OFFLINE, seconds=10)
    sell(world)
    eventually(lambda: not world.till.station.worker(DeviceRole.DRAWER).is_asked)
    own_drawer.set_fault("none")
    eventually(lambda: world.till.station.status(DeviceRole.DRAWER).condition is Condition.READY, seconds=10)
    assert own_drawer.as_json()["openings"] == []


def test_a_drawer_that_does_not_answer_is_not_called_ready(world, own_drawer):
    own_drawer.set_fault("silent")
    eventually(lambda: world.till.station.status(DeviceRole.DRAWER).condition is Condition.UNKNOWN, seconds=10)


def codes(world) -> list[str]:
    return [each.data for each in world.till.live.wait(-1, 0, 0)[2] if each.kind == SCANNED]


@pytest.mark.parametrize("fault", ["none", "twice", "cut_in_two", "byte_by_byte"])
def test_a_code_is_read_once_whatever_the_line_does_to_it(world, scanner, fault):
    """C8."""
    scanner.set_fault(fault)
    scanner.act("scan", {"code": "TK-7Q9Z-4M2X"})
    scanner.act("scan", {"code": "ANOTHER-CODE"})
    eventually(lambda: codes(world) == ["TK-7Q9Z-4M2X", "ANOTHER-CODE"])


def test_forty_codes_a_second_are_all_heard(world, scanner):
    scanner.act("burst", {"code": "CODE"})
    eventually(lambda: codes(world) == [f"CODE{number:02d}" for number in range(40)])


def test_a_reader_that_was_pulled_out_is_heard_again_when_it_is_back(world, scanner):
    scanner.set_fault("off")
    eventually(lambda: world.till.station.status(DeviceRole.SCANNER).condition is Condition.OFFLINE, seconds=10)
    scanner.set_fault("none")
    eventually(lambda: scanner.as_json()["lines"] == 1, seconds=10)
    scanner.act("scan", {"code": "TK-7Q9Z-4M2X"})
    eventually(lambda: codes(world) == ["TK-7Q9Z-4M2X"])


def test_a_reader_on_a_serial_port_is_heard():
    """A pseudo-terminal in place of the cable."""
    device, till = os.openpty()
    tty.setraw(device)
    heard, came = [], threading.Event()

    def tell(code: str) -> None:
        heard.append(code)
        came.set()

    worker = ScannerWorker(SerialTransport(settings_of(f"serial:{os.ttyname(till)}")), tell)
    worker.start()
    eventually(lambda: worker.status().condition is Condition.READY)
    os.write(device, b"]Q1TK-7Q9Z\r")
    assert came.wait(5)
    assert heard == ["TK-7Q9Z"]
    os.close(device)
    eventually(lambda: worker.status().condition is Condition.OFFLINE)
    worker.stop()
    worker.join(5)
    os.close(till)
