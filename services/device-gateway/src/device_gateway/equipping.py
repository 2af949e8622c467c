"""Which devices this till works with, and how each kind begins to work (C9). A change needs no restart of the till."""

import sqlite3
import threading
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from device_gateway import overrides
from device_gateway.devices import addresses
from device_gateway.devices.display import DisplayWorker
from device_gateway.devices.drawer_port import DrawerWorker
from device_gateway.devices.drivers import DRIVERS
from device_gateway.devices.registry import DeviceRole, Entry
from device_gateway.devices.scanner import ScannerWorker
from device_gateway.devices.station import DeviceWorker, Maker
from device_gateway.devices.status import Status
from device_gateway.devices.transport import BadAddress
from device_gateway.identification import Identified
from device_gateway.live import SCANNED
from device_gateway.printing import documents
from device_gateway.printing.drivers import PrinterDriver
from device_gateway.printing.worker import PrintWorker
from device_gateway.store import devices, jobs, journal
from device_gateway.store.jobs import Document, NewJob, Role
from device_gateway.terminals.drivers import TERMINALS
from device_gateway.terminals.worker import TerminalWorker
from device_gateway.till import Seller, Till
from device_gateway.training import Training
from kit.errors import FieldInvalid
from kit.telemetry import log

RIGHT = "cashdesk.setup_devices"


def begin(till: Till, training: Training, seeds: Iterable[Entry]) -> None:
    """Put the devices to work; `seeds` are those of roles of which nobody has said anything on the till's page."""
    for printer in Role:
        till.station.serve(DeviceRole(printer), _printer_maker(till, training, printer))
    makers: dict[DeviceRole, Maker] = {
        DeviceRole.DISPLAY: lambda entry: DisplayWorker(
            till.live, _driver(entry), lambda: till.catalogue.organisation.name
        ),
        DeviceRole.DRAWER: lambda entry: DrawerWorker(_driver(entry)),
        DeviceRole.TERMINAL: lambda entry: _terminal(till, entry),
        DeviceRole.SCANNER: lambda entry: ScannerWorker(_driver(entry), lambda code: till.live.tell(SCANNED, code)),
    }
    for role, maker in makers.items():
        till.station.serve(role, maker)
    with till.database.write() as tx:
        devices.seed(tx, seeds)
    apply(till)


def apply(till: Till) -> None:
    """Work with the devices that are kept now."""
    till.station.apply({entry.role: entry for entry in devices.every(till.database.read())})


def _printer_maker(till: Till, training: Training, role: Role) -> Maker:
    def make(entry: Entry) -> DeviceWorker:
        return _SharedPrinter(till, training, role, _driver(entry))

    return make


def _driver(entry: Entry) -> Any:
    return DRIVERS[entry.role][entry.driver](addresses.at(entry.address), entry.options)


def _terminal(till: Till, entry: Entry) -> DeviceWorker:
    addresses.at(entry.address)  # a wrong one is found now, whatever the driver connects and when
    stopping = threading.Event()
    driver = TERMINALS[entry.driver](lambda: addresses.at(entry.address), entry.options, stopping)
    return TerminalWorker(till, driver, stopping)


def set_up(till: Till, seller: Seller, entry: Entry, approver: Identified | None, now: datetime) -> None:
    """Another device for a role, from now on. Raises OverrideNeeded, ClockWrong, FieldInvalid naming what is wrong."""
    if entry.role not in till.station.roles or entry.driver not in DRIVERS[entry.role]:
        raise FieldInvalid("driver", "must be one that this role may have")
    try:
        transport = addresses.at(entry.address)
    except BadAddress as error:
        raise FieldInvalid("address", str(error)) from None
    try:
        DRIVERS[entry.role][entry.driver](transport, entry.options)
    except ValueError as error:
        raise FieldInvalid("options", str(error)) from None
    with _allowed(till, seller, approver, now) as tx:
        devices.keep(tx, entry)
    log().info("device_set_up", role=entry.role, driver=entry.driver, address=entry.address, by=seller.cashier.id)
    apply(till)


def leave_empty(till: Till, seller: Seller, role: DeviceRole, approver: Identified | None, now: datetime) -> None:
    """No device in this role any more. Raises OverrideNeeded, ClockWrong."""
    with _allowed(till, seller, approver, now) as tx:
        devices.leave_empty(tx, role)
    log().info("device_taken_away", role=role, by=seller.cashier.id)
    apply(till)


@contextmanager
def _allowed(till: Till, seller: Seller, approver: Identified | None, now: datetime) -> Iterator[sqlite3.Connection]:
    with till.database.write() as tx:
        journal.require_clock(tx, now)
        overrides.require(tx, till, seller, RIGHT, approver, "setup_devices", now)
        yield tx


def print_test(till: Till, role: Role, now: datetime) -> str:
    """A page that shows accents, a code and the edges: it opens nothing, and is no ticket. Answers its job."""
    with till.database.write() as tx:
        enrolment = till.identity.enrolled()
        data = {
            "organiser": till.catalogue.organisation.name, "till": f"{enrolment.number} {enrolment.name}",
            "barcode": f"TEST-{enrolment.number}",
        }  # fmt: skip
        new = NewJob(f"test:{uuid.uuid4()}", role, Document.TEST, "", "", "", documents.TEST_PAGE, data)
        job_id = jobs.add(tx, new, now)
    till.wake_printing([role])
    return job_id


class _SharedPrinter:
    """A printer in the hands of two workers, who take turns: of the real till, and of the one that practises."""

    def __init__(self, till: Till, training: Training, role: Role, printer: PrinterDriver) -> None:
        self._till, self._training, self._role, self._printer = till, training, role, printer
        self._worker = PrintWorker(till, role, printer)

    def start(self) -> None:
        self._training.use_printer(self._role, self._printer)
        self._worker.start()

    def status(self) -> Status:
        return self._worker.status()

    def stop(self) -> None:
        self._training.use_printer(self._role, None)
        self._till.printer_status.pop(self._role, None)
        self._worker.stop()

    def join(self, timeout: float | None = None) -> None:
        self._worker.join(timeout)
