"""A simulated terminal that speaks ZVT over TCP. It keeps its last receipt, which may be asked for again."""

from zoneinfo import ZoneInfo

from device_gateway.simulators.terminal import Closed, Fault, SimulatedTerminal, Wire
from kit.clock import now

_ZONE = ZoneInfo("Europe/Paris")
_ACK, _BUSY = bytes.fromhex("800000"), bytes.fromhex("849c00")
_COMPLETED, _ABANDONED, _DECLINED = bytes.fromhex("060f00"), bytes.fromhex("061e016c"), bytes.fromhex("061e0105")
_INTERIM, _RECEIPT = bytes.fromhex("04ff010a"), bytes.fromhex("06d104004d6572")
_STEP_SECONDS, LISTEN_SECONDS = 5.0, 0.01


class SimulatedZvt(SimulatedTerminal):
    """It must be registered before it pays."""

    faults = (*SimulatedTerminal.faults, Fault.BUSY, Fault.DAMAGED)

    def __init__(self, name: str, bind: str, port: int) -> None:
        super().__init__(name, bind, port)
        self._trace = 0
        self._last = b""

    def converse(self, wire: Wire) -> None:
        registered = False
        while True:
            code, data = self._command(wire)
            self.falls_silent(wire, Fault.SILENT)
            if code == b"\x06\x00":
                if len(data) != 6 or data[4:] != b"\x09\x78":
                    self.violate("a registration that is not one")
                registered = True
                self._say(wire, _ACK, _COMPLETED)
            elif code == b"\x05\x01":
                self._say(wire, _ACK, _COMPLETED)
            elif code == b"\x06\x20":
                self._say(wire, _ACK, *([self._last, _COMPLETED] if self._last else [_DECLINED]))
            elif code in (b"\x06\x01", b"\x06\x31") and registered:
                self._pay(wire, "credit" if code[1] == 0x31 else "debit", data[3:] if code[1] == 0x31 else data)
            elif code == b"\x06\xb0":
                wire.send(_ACK)
            else:
                self.violate("an unknown or early command")
                wire.send(bytes.fromhex("848300"))

    def _pay(self, wire: Wire, kind: str, data: bytes) -> None:
        if len(data) != 10 or data[:1] != b"\x04" or data[7:] != b"\x49\x09\x78" or not data[1:7].hex().isdigit():
            self.violate("a payment that is not whole")
            raise Closed
        if self.fault is Fault.BUSY:
            wire.send(_BUSY)
            return
        self.falls_silent(wire, Fault.SILENT_AFTER_REQUEST)
        self._say(wire, _ACK, _INTERIM)
        amount = int(data[1:7].hex())
        self._trace += 1
        before = len(self.taken)
        try:
            pressed, moved = self.deal(wire, f"{self._trace:06}", kind, amount)
        finally:
            if len(self.taken) > before:
                self._last = self._result(self.taken[-1].amount)
        if not moved:
            self._say(wire, _ABANDONED if pressed == "abandon" else _DECLINED)
            return
        self._say(wire, _RECEIPT, self._answer(), _COMPLETED)

    def is_taken_back(self, wire: Wire) -> bool:
        try:
            code, _ = self._command(wire, LISTEN_SECONDS)
        except TimeoutError:
            return False
        wire.send(_ACK)
        return code == b"\x06\xb0"

    def _result(self, amount: int) -> bytes:
        at = now().astimezone(_ZONE)
        fields = bytes.fromhex(
            f"270004{amount:012}0b{self._trace:06}0c{at:%H%M%S}0d{at:%m%d}490978870001"
            "22f0f84970100000000055"  # a card number, whole on purpose: nothing of it may be kept
        )
        return b"\x04\x0f" + bytes([len(fields)]) + fields

    def _answer(self) -> bytes:
        if self.fault is Fault.MISSING_FIELDS:
            return b"\x04\x0f\x02\x27\x00"
        if self.fault is Fault.WRONG_ECHO:
            return self._last.replace(b"\x49\x09\x78", b"\x49\x07\x56")
        return self._last.replace(b"\x49\x09\x78", b"\x48\x09\x78") if self.fault is Fault.DAMAGED else self._last

    def _say(self, wire: Wire, *messages: bytes) -> None:
        """Each message but an acknowledgement waits for the till's own."""
        for message in messages:
            wire.send(message)
            if message == _ACK:
                continue
            while (heard := self._command(wire, _STEP_SECONDS)) != (b"\x80\x00", b""):
                if heard[0] == b"\x06\xb0":
                    wire.send(_ACK)
                    continue
                self.violate("a message that was not acknowledged")
                raise Closed

    def _command(self, wire: Wire, seconds: float | None = None) -> tuple[bytes, bytes]:
        head = wire.receive(3, seconds)
        return head[:2], wire.receive(head[2], seconds) if head[2] else b""
