"""Driver of ESC/POS printers: status by DLE EOT before a job, process-ID as evidence after it (peripherals 1.4, 3).

worker          driver                          printer
  status()  ──►  DLE EOT 1 2 3 4  ───────────►
            ◄──                   ◄───────────  4 bytes, or silence
  send()    ──►  the job, GS ( H last  ───────►
  evidence()──►                   ◄───────────  37 22 … 00   confirmed
                 DLE EOT each second of silence ► paper out: it holds the job; silence three times: in doubt

Older printers and copies know no process-ID: when they complain of nothing once the paper's time is over, the job is
handed over, and no more can be said.
"""

import threading
import time
from collections.abc import Callable

import render
from device_gateway.devices.status import Condition, Status
from device_gateway.devices.transport import Transport, TransportError
from device_gateway.printing.framing import AnswerReader, ProcessId, StatusByte, Stray
from device_gateway.printing.line import UNREACHABLE, asked, hand_over
from device_gateway.printing.outcomes import (
    Confirmed,
    HandedOver,
    InDoubt,
    Interrupted,
    Outcome,
    Page,
    Rendered,
    Waits,
)
from kit.telemetry import log

ASK_STATUS = b"".join(b"\x10\x04" + bytes([n]) for n in (1, 2, 3, 4))
KICK_DRAWER = b"\x1b@\x1bp\x00\x19\x19"  # pin 2, 50 ms on, 50 ms off
PROCESS_ID = b"\x1d(H\x06\x0000"  # then four characters
DOTS_PER_MM = 8


class EscPosPrinter:
    """One printer, driven by one thread."""

    def __init__(
        self,
        transport: Transport,
        waits: Waits | None = None,
        *,
        dots: int = 576,
        paper_mm: int = 80,
        cut: bool = True,
        black_mark: bool = False,
        process_id: bool = True,
    ) -> None:
        """`dots` of the head under a roll `paper_mm` wide; `black_mark`: papers are cut at the marks of their stock."""
        if dots % 8 or not 0 < dots <= 2400:
            raise ValueError(f"dots must be a multiple of 8 up to 2400, not {dots}")
        self._transport, self._waits = transport, waits or Waits()
        self._dots, self._paper_mm, self._cut, self._black_mark = dots, paper_mm, cut, black_mark
        self._answers = process_id
        self._reader = AnswerReader()
        self._generation = 0
        self.turn = threading.Lock()
        self._misses = 0
        self._printed: set[bytes] = set()  # process-IDs that came back for the job under way

    def render(self, page: Page, reference: str) -> Rendered:
        process_id = reference.encode() if self._answers else None
        if page.template is None:
            kick = KICK_DRAWER if page.kick_drawer else b""
            return Rendered(kick + (PROCESS_ID + process_id if process_id else b""), reference, 0)
        template = page.template
        if template.page.width_mm > self._paper_mm:
            template = render.shipped_for(template.kind, self._paper_mm)
        data = render.escpos(
            template, page.data, dots=self._dots, kick_drawer=page.kick_drawer, process_id=process_id,
            cut=self._cut, black_mark=self._black_mark, mark=page.mark,
        )  # fmt: skip
        return Rendered(data, reference, len(data) / (self._dots / 8) / DOTS_PER_MM)

    def status(self) -> Status:
        status = asked(self._transport, self._ask)
        if status is UNREACHABLE:
            return status
        if status is None:
            self._misses += 1
            if self._misses >= self._waits.misses:
                self._transport.close()
                return Status(Condition.OFFLINE, ("silent",))
            return Status(Condition.UNKNOWN, ("silent",))
        self._misses = 0
        return status

    def send(self, rendered: Rendered, first_piece_sent: Callable[[], None]) -> None:
        self._printed.clear()
        hand_over(self._transport, rendered, first_piece_sent)

    def evidence(self, rendered: Rendered, stop: threading.Event, waiting: Callable[[Status], None]) -> Outcome:
        patience = self._waits.patience(rendered)
        printed_by = time.monotonic() + self._waits.printing(rendered)
        deadline, misses, is_waiting = time.monotonic() + patience, 0, False
        try:
            while not stop.is_set():
                answers = self._reader.feed(self._transport.read(self._waits.status))
                self._printed |= {each.value for each in answers if isinstance(each, ProcessId)}
                if self._answers and rendered.reference.encode() in self._printed:
                    return Confirmed(f"process-ID {rendered.reference}")
                if answers:
                    continue
                self._transport.write(ASK_STATUS)
                status = self._read_status()
                misses = 0 if status else misses + 1
                if misses >= self._waits.misses:
                    self._transport.close()
                    return InDoubt("silent")
                if status and status.holds_paper:
                    if not is_waiting:
                        waiting(status)
                    is_waiting, deadline = True, time.monotonic() + patience
                elif status and status.can_print and not self._answers and time.monotonic() >= printed_by:
                    return HandedOver(f"DLE EOT {status.raw.hex()} after it")
                if time.monotonic() > deadline:
                    return InDoubt("no_evidence")
        except TransportError as error:
            return InDoubt(f"line_broke: {error}")
        return Interrupted()

    def close(self) -> None:
        self._transport.close()

    def _ask(self) -> Status | None:
        """Raises TransportError."""
        self._connect()
        if stale := self._transport.drain():
            log().info("printer_said_unasked", bytes=stale.hex())
            self._reader = AnswerReader()
        self._transport.write(ASK_STATUS)
        return self._read_status()

    def _connect(self) -> None:
        self._transport.connect()
        if self._transport.generation != self._generation:
            self._generation, self._reader = self._transport.generation, AnswerReader()

    def _read_status(self) -> Status | None:
        """The four answers as a status; None when they do not all come. A process-ID among them is remembered."""
        end = time.monotonic() + self._waits.status
        told: list[int] = []
        while len(told) < 4:
            left = end - time.monotonic()
            if left <= 0:
                return None
            for answer in self._reader.feed(self._transport.read(left)):
                match answer:
                    case StatusByte(value):
                        told.append(value)
                    case ProcessId(value):
                        self._printed.add(value)
                    case Stray(value):
                        log().info("printer_said_unasked", byte=value)
        return decode_status(bytes(told[:4]))


def decode_status(told: bytes) -> Status:
    """The answers to DLE EOT 1 to 4 in plain words. All well is 12 12 12 12."""
    printer, offline, error, paper = told
    blocking = [
        (offline & 0x04, "cover_open"),
        (offline & 0x20 or paper & 0x60, "paper_out"),
        (error & 0x08, "cutter"),
        (error & 0x20, "unrecoverable"),
        (error & 0x40, "head_hot"),
    ]
    causes = [cause for bit, cause in blocking if bit]
    if not causes and printer & 0x08:
        causes.append("error" if offline & 0x40 else "offline_by_itself")
    if causes:
        return Status(Condition.BLOCKED, tuple(causes), told)
    if paper & 0x0C:
        return Status(Condition.ATTENTION, ("paper_low",), told)
    return Status(Condition.READY, (), told)
