"""Which devices this till works with, and how each kind begins to work (C9). A change needs no restart of the till."""

from collections.abc import Iterable
from typing import Any

from device_gateway.devices import addresses, registry
from device_gateway.devices.display import DisplayWorker
from device_gateway.devices.drawer_port import DrawerWorker
from device_gateway.devices.drivers import DRIVERS
from device_gateway.devices.registry import DeviceRole, Entry
from device_gateway.devices.scanner import ScannerWorker
from device_gateway.devices.station import DeviceWorker, Maker
from device_gateway.devices.status import Status
from device_gateway.live import SCANNED
from device_gateway.printing.drivers import PrinterDriver
from device_gateway.printing.worker import PrintWorker
from device_gateway.store import devices
from device_gateway.store.jobs import Role
from device_gateway.till import Till
from device_gateway.training import Training


def begin(till: Till, training: Training, seeds: Iterable[Entry]) -> None:
    """Put the devices to work; `seeds` are those of roles of which nobody has said anything on the till's page."""
    for printer in Role:
        till.station.serve(DeviceRole(printer), _printer_maker(till, training, printer))
    makers: dict[DeviceRole, Maker] = {
        DeviceRole.DISPLAY: lambda entry: DisplayWorker(
            till.live, _driver(entry), lambda: till.catalogue.organisation.name
        ),
        DeviceRole.DRAWER: lambda entry: DrawerWorker(_driver(entry)),
        DeviceRole.SCANNER: lambda entry: ScannerWorker(_driver(entry), lambda code: till.live.tell(SCANNED, code)),
    }
    for role, maker in makers.items():
        till.station.serve(role, maker)
    with till.database.write() as tx:
        devices.seed(tx, seeds)
    apply(till)


def apply(till: Till) -> None:
    """Work with the devices that are kept now."""
    till.station.apply(registry.entries(devices.every(till.database.read()), ()))


def _printer_maker(till: Till, training: Training, role: Role) -> Maker:
    def make(entry: Entry) -> DeviceWorker:
        return _SharedPrinter(till, training, role, _driver(entry))

    return make


def _driver(entry: Entry) -> Any:
    return DRIVERS[entry.role][entry.driver](addresses.at(entry.address), entry.options)


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
