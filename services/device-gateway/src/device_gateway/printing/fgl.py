"""Driver of FGL ticket printers (Boca and its like, peripherals 2.1). A printer says single bytes; only 06 means "out".

worker          driver                          printer
  status()  ──►  <S1>            ───────────►
            ◄──                   ◄───────────  11 ready, 10 no paper, … or silence
  send()    ──►  <CB>… <p>       ───────────►
  evidence()──►                   ◄───────────  06   confirmed
                                  ◄───────────  10   no paper: it keeps the ticket and prints it after a reload
                                  ◄───────────  12   it was switched on: whether the ticket came out, nobody knows
                                  ◄───────────  15 19   it prints none of it

A printer that went silent may still say 06 for that ticket later. Such an answer is owed, and never taken for the next.
"""

import threading
import time
from collections.abc import Callable

import render
from device_gateway.devices.status import Condition, Status
from device_gateway.devices.transport import Transport, TransportError
from device_gateway.printing.line import asked, hand_over
from device_gateway.printing.outcomes import (
    CannotPrint,
    Confirmed,
    InDoubt,
    Interrupted,
    Outcome,
    Page,
    Refused,
    Rendered,
    Waits,
    check_dpi,
    length_mm,
)
from kit.telemetry import log

ASK_STATUS = b"<S1>"
TICKET_DONE, POWER_ON = 0x06, 0x12
READY = 0x11  # flow control too: it says "ready" only as the answer to a question
REFUSALS = {0x15: "not_understood", 0x19: "illegal_data"}
BLOCKING = {
    0x02: "reject_bin", 0x03: "jam", 0x04: "jam", 0x0A: "paper_out", 0x0B: "paper_out", 0x0E: "jam", 0x10: "paper_out",
    0x14: "unrecoverable", 0x17: "ribbon_out", 0x18: "jam", 0x1A: "unrecoverable", 0x1D: "cutter", 0x1E: "jam",
    0x1F: "cutter",
}  # fmt: skip
WARNING = {0x01: "reject_bin", 0x0F: "paper_low", 0x16: "ribbon_low"}
LOADED = frozenset({0x0C, 0x0D})
SPOILS_THE_TICKET = frozenset({"jam", "cutter", "unrecoverable"})


class Health:
    """What a printer's bytes add up to."""

    def __init__(self) -> None:
        self.blocking: set[str] = set()
        self.warnings: set[str] = set()

    def hear(self, byte: int) -> None:
        if byte == POWER_ON:
            self.blocking.clear()
            self.warnings.clear()
        elif byte in LOADED:
            self.blocking.discard("paper_out")
            self.warnings.discard("paper_low")
        elif byte == TICKET_DONE:
            self.blocking.clear()  # it has just printed
        elif byte in BLOCKING:
            self.blocking.add(BLOCKING[byte])
        elif byte in WARNING:
            self.warnings.add(WARNING[byte])

    def status(self, raw: bytes = b"") -> Status:
        if self.blocking:
            return Status(Condition.BLOCKED, tuple(sorted(self.blocking)), raw)
        if self.warnings:
            return Status(Condition.ATTENTION, tuple(sorted(self.warnings)), raw)
        return Status(Condition.READY, (), raw)

    def unasked(self) -> Status:
        """Of a printer that cannot be asked: it will say when it has paper again, but not when a jam is cleared."""
        if "paper_out" in self.blocking or not self.blocking:
            return self.status()
        return Status(Condition.ATTENTION, tuple(sorted(self.blocking | self.warnings)))


class FglPrinter:
    """One printer, driven by one thread."""

    def __init__(
        self,
        transport: Transport,
        waits: Waits | None = None,
        *,
        dpi: int = 203,
        cut: bool = True,
        status_request: bool = True,
    ) -> None:
        """`status_request`: it answers <S1>; else it is taken for ready until it says otherwise."""
        check_dpi(dpi)
        self._transport, self._waits = transport, waits or Waits(evidence=15.0)
        self._dpi, self._cut, self._asks = dpi, cut, status_request
        self._generation = 0
        self._health = Health()
        self._owed = 0  # answers to earlier tickets that may still come
        self._misses = 0
        self.turn = threading.Lock()

    def render(self, page: Page, reference: str) -> Rendered:
        if page.template is None:
            raise CannotPrint("no drawer can be opened through this printer")
        data = render.fgl(page.template, page.data, dpi=self._dpi, cut=self._cut, mark=page.mark)
        return Rendered(data, reference, length_mm(page.template))

    def status(self) -> Status:
        answer = asked(self._transport, self._ask)
        if isinstance(answer, Status):
            return answer
        if not answer:
            self._misses += 1
            if self._misses >= self._waits.misses:
                self._transport.close()
                return Status(Condition.OFFLINE, ("silent",))
            return Status(Condition.UNKNOWN, ("silent",))
        self._misses = 0
        if is_text(answer):
            log().info("printer_said_text", bytes=answer.hex())
            return self._health.unasked()
        if is_state(answer[-1]):
            self._health = Health()  # it has said how it is now
        for byte in answer:
            self._hear(byte)
        return self._health.status(answer)

    def send(self, rendered: Rendered, first_piece_sent: Callable[[], None]) -> None:
        self._hear_stale()
        hand_over(self._transport, rendered, first_piece_sent)

    def evidence(self, rendered: Rendered, stop: threading.Event, waiting: Callable[[Status], None]) -> Outcome:
        patience = self._waits.patience(rendered)
        deadline, is_waiting, asked = time.monotonic() + patience, False, False
        heard, owed_before = b"", self._owed
        try:
            while not stop.is_set():
                said = self._transport.read(self._waits.status)
                heard += said
                for byte in said:
                    if outcome := self._judge(byte, heard):
                        return outcome
                status = self._health.status(heard)
                if status.holds_paper:
                    if not is_waiting:
                        waiting(status)
                    is_waiting, deadline = True, time.monotonic() + patience
                if time.monotonic() > deadline:
                    if asked or not self._asks:
                        if self._owed == owed_before:
                            self._owed += 1  # else one answer came: of which of the two tickets, nobody knows
                        return InDoubt("no_evidence" if heard else "silent")
                    # Perhaps it waits for paper, and its word was lost.
                    self._transport.write(ASK_STATUS)
                    asked, deadline = True, time.monotonic() + self._waits.status
        except TransportError as error:
            return InDoubt(f"line_broke: {error}")
        return Interrupted()

    def close(self) -> None:
        self._transport.close()

    def _judge(self, byte: int, heard: bytes) -> Outcome | None:
        """What a byte that comes after a ticket says of it; None when it says nothing."""
        owed = self._owed
        self._hear(byte)
        if byte == TICKET_DONE and not owed:
            return Confirmed(f"06 in {heard.hex()}")
        if byte in REFUSALS:
            return Refused(REFUSALS[byte])
        if byte == POWER_ON:
            return InDoubt("power_on")
        if BLOCKING.get(byte) in SPOILS_THE_TICKET:
            self._owed += 1
            return InDoubt(BLOCKING[byte])
        return None

    def _hear(self, byte: int) -> None:
        if byte == TICKET_DONE and self._owed:
            self._owed -= 1
        elif byte == POWER_ON:
            self._owed = 0  # what it held is gone
        self._health.hear(byte)

    def _hear_stale(self) -> None:
        if stale := self._transport.drain():
            log().info("printer_said_unasked", bytes=stale.hex())
            for byte in stale:
                self._hear(byte)

    def _ask(self) -> bytes | Status:
        """Raises TransportError."""
        self._connect()
        self._hear_stale()
        if not self._asks:
            return self._health.unasked()
        self._transport.write(ASK_STATUS)
        return self._transport.read(self._waits.status)

    def _connect(self) -> None:
        self._transport.connect()
        if self._transport.generation != self._generation:
            self._generation, self._health = self._transport.generation, Health()


def is_text(answer: bytes) -> bool:
    """Some models answer a question in words, whose line ends would read as "out of paper"."""
    return any(0x20 <= byte < 0x7F for byte in answer)


def is_state(byte: int) -> bool:
    """Whether a byte says how the printer is, and not what became of a ticket or a file."""
    return byte in BLOCKING or byte in WARNING or byte in LOADED or byte in (READY, POWER_ON)
