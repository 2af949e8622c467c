"""The devices of this till at work: one worker for each, which alone speaks to it (peripherals 1.1)."""

import threading
from collections.abc import Callable, Mapping
from typing import Protocol

from device_gateway.devices.registry import DeviceRole, Entry
from device_gateway.devices.status import Condition, Status
from device_gateway.devices.transport import BadAddress
from kit.telemetry import log

STOP_SECONDS = 5.0
NOT_SET_UP = Status(Condition.UNKNOWN, ("not_set_up",))
WRONGLY_SET_UP = Status(Condition.BLOCKED, ("wrongly_set_up",))


class DeviceWorker(Protocol):
    """A thread with one device in its hands."""

    def start(self) -> None: ...

    def status(self) -> Status:
        """How the device was when it was last looked at; asks nothing."""

    def stop(self) -> None:
        """Finish what is under way, and let the device go. Join after it."""

    def join(self, timeout: float | None = None) -> None: ...


Maker = Callable[[Entry], DeviceWorker]
"""Makes the worker of a role. Raises BadAddress; KeyError or ValueError for a driver or options unknown to it."""


class Station:
    """Workers by role. `apply` may be called at any time: what has not changed goes on undisturbed."""

    def __init__(self) -> None:
        self._makers: dict[DeviceRole, Maker] = {}
        self._entries: dict[DeviceRole, Entry] = {}
        self._workers: dict[DeviceRole, DeviceWorker] = {}
        self._lock = threading.Lock()

    def serve(self, role: DeviceRole, maker: Maker) -> None:
        """How workers of this role are made."""
        self._makers[role] = maker

    @property
    def roles(self) -> list[DeviceRole]:
        """Those that this till can serve."""
        return [role for role in DeviceRole if role in self._makers]

    def apply(self, entries: Mapping[DeviceRole, Entry]) -> None:
        """Let go of devices that are not there any more, or otherwise; begin with new ones. The till goes on."""
        with self._lock:
            changed = [role for role in self._makers if self._entries.get(role) != entries.get(role)]
            going = [self._workers.pop(role) for role in changed if role in self._workers]
            for worker in going:
                worker.stop()
            for worker in going:
                worker.join(STOP_SECONDS)
            for role in changed:
                self._entries.pop(role, None)
                if role in entries:
                    self._entries[role] = entries[role]
                    self._begin(entries[role])

    def _begin(self, entry: Entry) -> None:
        try:
            worker = self._makers[entry.role](entry)
        except (BadAddress, KeyError, ValueError) as error:
            log().error("device_wrongly_set_up", role=entry.role, driver=entry.driver, error=str(error))
            return
        self._workers[entry.role] = worker
        worker.start()

    @property
    def entries(self) -> dict[DeviceRole, Entry]:
        """What there is, in the order of the roles."""
        return {role: self._entries[role] for role in DeviceRole if role in self._entries}

    def entry(self, role: DeviceRole) -> Entry | None:
        return self._entries.get(role)

    def worker(self, role: DeviceRole) -> DeviceWorker | None:
        """For those who know what their role's worker can do."""
        return self._workers.get(role)

    def status(self, role: DeviceRole) -> Status:
        worker = self._workers.get(role)
        if worker is not None:
            return worker.status()
        return WRONGLY_SET_UP if role in self._entries else NOT_SET_UP

    def stop(self) -> None:
        """Let go of all of them."""
        self.apply({})
