"""The devices of a till: who said which there are, and changes while it works (B8, C9)."""

from dataclasses import replace
from types import SimpleNamespace

import pytest
import zxingcpp
from PIL import Image

from device_gateway import equipping, reporting, selling
from device_gateway.devices import finding
from device_gateway.devices.registry import DeviceRole, Entry
from device_gateway.devices.status import Condition
from device_gateway.domain.errors import OverrideNeeded
from device_gateway.store import devices, jobs
from device_gateway.training import Training
from kit.errors import FieldInvalid
from kit.testing import eventually


@pytest.fixture
def training(world):
    made = Training(world.till, world.folder / "training")
    yield made
    world.till.station.stop()
    made.close()


def printer_at(port: int, role=DeviceRole.TICKET, driver="escpos") -> Entry:
    return Entry(role, driver, f"tcp://127.0.0.1:{port}")


def keep(world, entry: Entry) -> None:
    with world.till.database.write() as tx:
        devices.keep(tx, entry)
    equipping.apply(world.till)


def test_the_environment_names_devices_until_a_person_does(world):
    with world.till.database.write() as tx:
        devices.seed(tx, [printer_at(1), printer_at(2, DeviceRole.RECEIPT)])
        devices.keep(tx, printer_at(3))
        devices.seed(tx, [printer_at(4), printer_at(5, DeviceRole.RECEIPT)])
        assert {entry.role: entry.address[-1] for entry in devices.every(tx)} == {"ticket": "3", "receipt": "5"}
        devices.leave_empty(tx, DeviceRole.RECEIPT)
        devices.seed(tx, [printer_at(4), printer_at(5, DeviceRole.RECEIPT)])
        assert [entry.role for entry in devices.every(tx)] == [DeviceRole.TICKET]


def test_another_printer_takes_over_without_a_restart(world, printers, training):
    """What was sold while the old one was gone comes out of the new one."""
    equipping.begin(world.till, training, [printer_at(printers.receipt.port)])
    station = world.till.station
    eventually(lambda: station.status(DeviceRole.TICKET).condition is Condition.READY)
    printers.receipt.set_fault("off")
    eventually(lambda: station.status(DeviceRole.TICKET).condition is Condition.OFFLINE, seconds=20)
    world.lease(5)
    selling.sell(world.till, world.seller(), selling.parse_request(world.request(("full", 1))), world.at)
    keep(world, printer_at(printers.ticket.port))
    eventually(lambda: jobs.counts(world.till.database.read()) == {}, seconds=20)
    assert len(printers.ticket.tray.newest_first()) == 1
    assert printers.receipt.tray.newest_first() == []


def test_a_device_that_nobody_changed_is_not_disturbed(world, printers, training):
    equipping.begin(world.till, training, [printer_at(printers.ticket.port)])
    before = world.till.station.worker(DeviceRole.TICKET)
    keep(world, printer_at(printers.receipt.port, DeviceRole.RECEIPT))
    assert world.till.station.worker(DeviceRole.TICKET) is before


def test_a_driver_that_this_till_does_not_know_blocks_its_role_alone(world, printers, training):
    equipping.begin(world.till, training, [printer_at(printers.receipt.port, DeviceRole.RECEIPT)])
    keep(world, printer_at(printers.ticket.port, driver="telepathy"))
    assert world.till.station.status(DeviceRole.TICKET).causes == ("wrongly_set_up",)
    eventually(lambda: world.till.station.status(DeviceRole.RECEIPT).condition is Condition.READY)


def test_a_role_without_a_device_says_so(world, training):
    equipping.begin(world.till, training, [])
    assert world.till.station.status(DeviceRole.TICKET).causes == ("not_set_up",)


def test_setting_up_takes_a_right_or_somebodys_leave_and_says_what_is_wrong(world, printers, training):
    """B8, C9."""
    equipping.begin(world.till, training, [])
    entry = printer_at(printers.ticket.port)
    with pytest.raises(OverrideNeeded):
        equipping.set_up(world.till, world.seller("alice"), entry, None, world.at)
    for wrong, field in [
        (replace(entry, driver="telepathy"), "driver"),
        (replace(entry, address="printer"), "address"),
        (replace(entry, options={"colour": "blue"}), "options"),
    ]:
        with pytest.raises(FieldInvalid) as refusal:
            equipping.set_up(world.till, world.seller("ines"), wrong, None, world.at)
        assert refusal.value.facts["field"] == field
    assert world.till.station.entries == {}
    equipping.set_up(world.till, world.seller("ines"), entry, None, world.at)
    eventually(lambda: world.till.station.status(DeviceRole.TICKET).condition is Condition.READY)
    equipping.leave_empty(world.till, world.seller("ines"), DeviceRole.TICKET, None, world.at)
    assert world.till.station.status(DeviceRole.TICKET).causes == ("not_set_up",)


def test_a_test_page_comes_out_seals_nothing_and_opens_nothing(world, printers, training):
    equipping.begin(world.till, training, [printer_at(printers.ticket.port)])
    before = len(world.journal())
    job_id = equipping.print_test(world.till, jobs.Role.TICKET, world.at)
    eventually(lambda: jobs.find(world.till.database.read(), job_id).state is jobs.State.CONFIRMED)
    paper = printers.ticket.tray.newest_first()[0]
    assert (paper.complete, paper.violations) == (True, ())
    (code,) = zxingcpp.read_barcodes(Image.open(printers.ticket.tray.picture(paper.id)))
    assert code.text == "TEST-T01"
    assert len(world.journal()) == before


def test_the_centre_hears_of_every_device_that_is_set_up(world, printers, training):
    """R7."""
    equipping.begin(world.till, training, [Entry(DeviceRole.SCANNER, "line", "tcp://127.0.0.1:9")])
    eventually(lambda: world.till.station.status(DeviceRole.SCANNER).condition is Condition.OFFLINE)
    told = {each.role: each.condition for each in reporting.report_of(world.till, world.at).printers}
    assert told["scanner"] == "offline"
    assert "display" not in told


def test_serial_ports_are_offered_by_the_name_that_stays_theirs(tmp_path, monkeypatch):
    """C9: another order of plugging does not make another device of one."""
    device = tmp_path / "ttyUSB0"
    device.touch()
    by_id = tmp_path / "by-id"
    by_id.mkdir()
    (by_id / "usb-Scanner-if00").symlink_to(device)
    monkeypatch.setattr(finding, "_BY_ID", by_id)
    monkeypatch.setattr(finding, "_USB_PRINTERS", tmp_path / "none")
    ports = [SimpleNamespace(device=str(device)), SimpleNamespace(device="/dev/ttyS0")]
    monkeypatch.setattr("serial.tools.list_ports.comports", lambda: ports)
    assert finding.candidates(["tcp://printer:9100", "tcp://printer:9100"]) == [
        "tcp://printer:9100", f"serial:{by_id}/usb-Scanner-if00", "serial:/dev/ttyS0",
    ]  # fmt: skip
