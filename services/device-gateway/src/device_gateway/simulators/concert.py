"""A simulated terminal that speaks Concert V2 over TCP."""

import re

from device_gateway.simulators.terminal import Closed, Fault, SimulatedTerminal, Wire

ENQ, ACK, NAK, STX, ETX, EOT = b"\x05", b"\x06", b"\x15", b"\x02", b"\x03", b"\x04"
_REQUEST = re.compile(rb"(\d\d)(\d{8})(0)(1)([01])(\d{3})([ -~]{10})(A010)(B010)")
_TRIES, _STEP_SECONDS = 3, 5.0


class SimulatedConcert(SimulatedTerminal):
    """It knows no more of a payment once its answer is given, or lost."""

    faults = (
        *SimulatedTerminal.faults,
        Fault.BUSY,
        Fault.DAMAGED,
        Fault.DAMAGED_ONCE,
        Fault.NAK_ONCE,
        Fault.NAK_ALWAYS,
    )

    def converse(self, wire: Wire) -> None:
        while True:
            asked = wire.receive(1)
            self.falls_silent(wire, Fault.SILENT)
            if asked == EOT:
                continue
            if asked != ENQ:
                self.violate("a byte that is not ENQ")
                continue
            if self.fault is Fault.BUSY:
                wire.send(NAK)
                continue
            wire.send(ACK)
            if request := self._request(wire):
                self._pay(wire, *request)

    def _request(self, wire: Wire) -> tuple[str, int, str, str, str] | None:
        """(till, amount, kind, currency, private); None when the till had nothing to ask."""
        while True:
            first = wire.receive(1, _STEP_SECONDS)
            if first == EOT:
                return None
            framed = first + wire.receive(36, _STEP_SECONDS)
            lrc = 0
            for byte in framed[1:-1]:
                lrc ^= byte
            found = _REQUEST.fullmatch(framed[1:-2])
            if framed[:1] != STX or framed[-2:-1] != ETX or framed[-1] != lrc or not found:
                self.violate("a request that is not one")
                raise Closed
            self.falls_silent(wire, Fault.SILENT_AFTER_REQUEST)
            if self.refuses():
                wire.send(NAK)
                continue
            wire.send(ACK)
            if wire.receive(1, _STEP_SECONDS) != EOT:
                self.violate("no EOT after the request")
            till, amount, _, _, kind, currency, private, _, _ = (each.decode() for each in found.groups())
            return till, int(amount), "credit" if kind == "1" else "debit", currency, private

    def _pay(self, wire: Wire, till: str, amount: int, kind: str, currency: str, private: str) -> None:
        _, moved = self.deal(wire, private.strip(), kind, amount)
        status = "0" if moved else "7"
        if self.fault is Fault.WRONG_ECHO:
            private = "somebody's"
        if self.fault is Fault.MISSING_FIELDS:
            status = "4"
        body = f"{till}{status}{moved or amount:08}1{currency}{private}".encode()
        lrc = ETX[0]
        for byte in body:
            lrc ^= byte
        wire.send(ENQ)
        if wire.receive(1, _STEP_SECONDS) != ACK:
            self.violate("the till did not let the terminal speak")
            return
        for _ in range(_TRIES):
            wire.send(STX + body + ETX + bytes([lrc ^ 0xFF if self.spoils() else lrc]))
            if wire.receive(1, _STEP_SECONDS) == ACK:
                break
        wire.send(EOT)
