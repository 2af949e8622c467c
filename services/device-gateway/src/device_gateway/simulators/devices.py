"""What every simulated device is to the panel and to tests, whatever its kind (peripherals 1.6)."""

from collections.abc import Mapping
from typing import Any, Protocol, runtime_checkable

from device_gateway.simulators.paper import Tray


class Simulated(Protocol):
    """A device that a trainer or a test may watch, break and operate. It runs on the real transport."""

    name: str
    kind: str  # printer, terminal, display, drawer, scanner
    faults: tuple[str, ...]  # the first one is none

    def start(self) -> None:
        """Raises OSError when its port is taken."""

    def stop(self) -> None: ...

    def set_fault(self, fault: str) -> None:
        """Begin one of `faults`, or end them all with the first one. Raises ValueError."""

    def as_json(self) -> dict[str, Any]:
        """What a person would see of it: `name`, `kind`, `faults` and `fault`; `violations` of its language.

        The panel shows `screen` (lines of text) as the device's own, and `actions` as buttons.
        """

    def act(self, action: str, body: Mapping[str, Any]) -> None:
        """What a person does at the device, such as pressing a button. Raises ValueError."""


@runtime_checkable
class MakesPaper(Protocol):
    """A simulated device whose work comes out as paper or cards."""

    tray: Tray
