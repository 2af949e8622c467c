"""What simulated payment terminals share: the line, the person at the keys, the money taken, faults (peripherals 1.6).

By itself a terminal approves what it is asked for; told to wait, it does what a person presses on the panel.
"""

import contextlib
import socket
import threading
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from kit.clock import iso_ms, now

PERSON_SECONDS = 120.0
LOOK_SECONDS = 0.05
ALONE, WAITS = "alone", "waits"
_KEYS = ("approve", "decline", "abandon", "partial")


class Fault(StrEnum):
    """What may go wrong, one at a time."""

    NONE = "none"
    OFF = "off"  # nothing listens
    SILENT = "silent"  # takes the line and says nothing
    SILENT_AFTER_REQUEST = "silent_after_request"  # nobody learns whether it heard; it takes no money
    LATE = "late"  # takes the money, and answers once the fault ends
    DIES = "dies"  # takes the money, then loses power before it answers
    BUSY = "busy"
    WRONG_ECHO = "wrong_echo"  # answers somebody else's payment
    MISSING_FIELDS = "missing_fields"
    DAMAGED = "damaged"  # every answer arrives spoilt
    DAMAGED_ONCE = "damaged_once"
    NAK_ONCE = "nak_once"
    NAK_ALWAYS = "nak_always"
    SLOW = "slow"  # its answers come one byte at a time


@dataclass(frozen=True)
class Taken:
    """Money that the terminal moved."""

    at: str
    reference: str
    kind: str  # debit, credit
    amount: int


class Closed(Exception):
    """The till, or the terminal's power, ended the line."""


class Wire:
    """The terminal's side of a line."""

    def __init__(self, line: socket.socket, terminal: "SimulatedTerminal") -> None:
        self._line, self._terminal = line, terminal

    def receive(self, count: int, seconds: float | None = None) -> bytes:
        """Raises Closed, TimeoutError."""
        data = b""
        self._wait_at_most(seconds)
        while len(data) < count:
            data += self._some(count - len(data))
        return data

    def receive_some(self, seconds: float | None = None) -> bytes:
        """Raises Closed, TimeoutError."""
        self._wait_at_most(seconds)
        return self._some(65536)

    def send(self, data: bytes) -> None:
        """Raises Closed."""
        pieces = [data]
        if self._terminal.fault is Fault.SLOW:
            pieces = [data[at : at + 1] for at in range(len(data))]
        try:
            for piece in pieces:
                self._line.sendall(piece)
        except OSError:
            raise Closed from None

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._line.shutdown(socket.SHUT_RDWR)
        self._line.close()

    def _wait_at_most(self, seconds: float | None) -> None:
        try:
            self._line.settimeout(seconds)
        except OSError:
            raise Closed from None

    def _some(self, most: int) -> bytes:
        try:
            data = self._line.recv(most)
        except TimeoutError:
            raise
        except OSError:
            raise Closed from None
        if not data:
            raise Closed
        return data


class SimulatedTerminal:
    """One terminal on TCP. A language is a subclass: `converse` serves a line until it closes."""

    kind = "terminal"
    faults: tuple[str, ...] = (Fault.NONE, Fault.OFF, Fault.SILENT, Fault.SILENT_AFTER_REQUEST, Fault.LATE, Fault.DIES,
                               Fault.WRONG_ECHO, Fault.MISSING_FIELDS, Fault.SLOW)  # fmt: skip

    def __init__(self, name: str, bind: str, port: int) -> None:
        self.name = name
        self._address = bind, port
        self._lock = threading.RLock()
        self._changed = threading.Condition(self._lock)
        self._fault = Fault.NONE
        self._manner, self._pressed = ALONE, ""
        self._asked: tuple[str, int] | None = None  # kind and amount on its screen
        self._said = ""
        self._listener: socket.socket | None = None
        self._wires: set[Wire] = set()
        self.taken: list[Taken] = []
        self.violations: list[str] = []

    def converse(self, wire: Wire) -> None:
        """Raises Closed."""
        raise NotImplementedError

    @property
    def port(self) -> int:
        return self._address[1]

    @property
    def fault(self) -> Fault:
        return self._fault

    def start(self) -> None:
        """Raises OSError when the port is taken."""
        with self._lock:
            if self._listener is not None:
                return
            self._listener = socket.create_server(self._address)
            self._address = self._listener.getsockname()[:2]
            threading.Thread(target=self._accept, args=(self._listener,), daemon=True).start()

    def stop(self) -> None:
        self._power_off()

    def set_fault(self, fault: str) -> None:
        """Begin or end a fault. Raises ValueError."""
        with self._changed:
            wanted = Fault(fault)
            if wanted not in self.faults:
                raise ValueError(f"{self.name} has no fault {fault}")
            self._fault = wanted
            self._changed.notify_all()
        if self._fault is Fault.OFF:
            self._power_off()
        else:
            self.start()

    def act(self, action: str, body: Mapping[str, Any]) -> None:
        """Press a key, or say whether it waits for keys. Raises ValueError."""
        with self._changed:
            if action in (ALONE, WAITS):
                self._manner = action
            elif action in _KEYS and self._asked:
                self._pressed = action
            else:
                raise ValueError(f"{self.name} knows no {action} now")
            self._changed.notify_all()

    def as_json(self) -> dict[str, Any]:
        with self._lock:
            actions = list(_KEYS) if self._asked else [WAITS if self._manner == ALONE else ALONE]
            return {
                "name": self.name, "kind": self.kind, "port": self.port, "fault": self._fault.value,
                "faults": list(self.faults), "violations": list(self.violations), "screen": self._screen(),
                "actions": actions, "taken": [asdict(each) for each in self.taken],
            }  # fmt: skip

    def violate(self, what: str) -> None:
        """The till broke the language; what it sent is not quoted."""
        with self._lock:
            self.violations.append(what)

    def deal(self, wire: Wire, reference: str, kind: str, amount: int) -> tuple[str, int]:
        """Ask the customer: what was pressed, and how much was taken. Faults that lose the answer raise Closed."""
        pressed = self._press(kind, amount, wire)
        moved = {"approve": amount, "partial": amount // 2}.get(pressed, 0)
        with self._changed:
            self._said = {"approve": "ACCEPTE", "partial": "ACCEPTE EN PARTIE", "decline": "REFUSE"}.get(
                pressed, "ABANDON"
            )
            if moved:
                self.taken.append(Taken(iso_ms(now()), reference, kind, moved))
            if self._fault is Fault.DIES:
                self._fault = Fault.OFF
            self._changed.wait_for(lambda: self._fault is not Fault.LATE)
        if self._fault is Fault.OFF:
            self._power_off()
            raise Closed
        return pressed, moved

    def give_up(self) -> None:
        """The till takes the payment back."""
        with self._changed:
            if self._asked:
                self._pressed = "abandon"
                self._changed.notify_all()

    def falls_silent(self, wire: Wire, when: Fault) -> None:
        """Say nothing more on this line, for as long as the fault lasts; then close it. Raises Closed."""
        if self._fault is when:
            with self._changed:
                self._changed.wait_for(lambda: self._fault is not when)
            raise Closed

    def spoils(self) -> bool:
        """Whether the answer at hand arrives damaged."""
        once = self._fault is Fault.DAMAGED_ONCE
        if once:
            self._fault = Fault.NONE
        return once or self._fault is Fault.DAMAGED

    def refuses(self) -> bool:
        """Whether the request at hand is answered with a NAK."""
        once = self._fault is Fault.NAK_ONCE
        if once:
            self._fault = Fault.NONE
        return once or self._fault is Fault.NAK_ALWAYS

    def is_taken_back(self, wire: Wire) -> bool:
        """Whether the till gives the payment up on the line that asked for it."""
        return False

    def _press(self, kind: str, amount: int, wire: Wire) -> str:
        with self._changed:
            if self._manner == ALONE:
                return "approve"
            self._asked, self._pressed = (kind, amount), ""
        deadline = time.monotonic() + PERSON_SECONDS
        while not self._pressed and self._fault is not Fault.OFF and time.monotonic() < deadline:
            if self.is_taken_back(wire):
                self.give_up()
            with self._changed:
                self._changed.wait_for(lambda: self._pressed or self._fault is Fault.OFF, LOOK_SECONDS)
        with self._changed:
            self._asked = None
            return self._pressed or "abandon"

    def _screen(self) -> list[str]:
        if self._asked:
            kind, amount = self._asked
            words = "REMBOURSEMENT" if kind == "credit" else "PRESENTEZ LA CARTE"
            return [words, f"{amount // 100},{amount % 100:02} EUR"]
        return ["COMMERCANT", self._said or "PRET"]

    def _power_off(self) -> None:
        with self._changed:
            if self._listener is not None:
                with contextlib.suppress(OSError):
                    self._listener.shutdown(socket.SHUT_RDWR)
                self._listener.close()
                self._listener = None
            for wire in self._wires:
                wire.close()
            self._wires.clear()
            self._changed.notify_all()

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                line, _ = listener.accept()
            except OSError:
                return
            line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # slow ones send each byte in its own packet
            wire = Wire(line, self)
            with self._lock:
                self._wires.add(wire)
            threading.Thread(target=self._serve, args=(wire,), name=f"sim-{self.name}", daemon=True).start()

    def _serve(self, wire: Wire) -> None:
        with contextlib.suppress(Closed, TimeoutError):
            self.converse(wire)
        with self._lock:
            self._wires.discard(wire)
        wire.close()
