"""Driver of ZPL printers (Zebra and copies, peripherals 2.2). They are asked with ~HS, and say nothing unasked.

worker          driver                          printer
  status()  ──►  ~HS             ───────────►
            ◄──                   ◄───────────  three strings, each STX … ETX CR LF; or silence: many do not answer
                                                while they are out of paper, open or too hot
  send()    ──►  ^XA … ^XZ       ───────────►
  evidence()──►  ~HS, each second ──────────►
            ◄──                   ◄───────────  nothing in the buffer and nothing left to print: handed over;
                                                confirmed where the printer counts its labels, and one was added
"""

import re
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

import render
from device_gateway.devices.status import Condition, Status
from device_gateway.devices.transport import Transport, TransportError
from device_gateway.printing.line import asked, hand_over
from device_gateway.printing.outcomes import (
    CannotPrint,
    Confirmed,
    HandedOver,
    InDoubt,
    Interrupted,
    Outcome,
    Page,
    Rendered,
    Waits,
    check_dpi,
    length_mm,
)
from kit.telemetry import log

ASK_STATUS = b"~HS"
ASK_COUNT = b'! U1 getvar "odometer.total_label_count"\r\n'
_STRINGS = re.compile(rb"\x02([^\x02\x03]*)\x03\r?\n?" * 3)
_COUNT = re.compile(rb'"(\d{1,18})"')
_MOST_PENDING = 4096
MOST_WAITS = 5


@dataclass(frozen=True)
class HostStatus:
    """What a printer answers to ~HS, as far as it matters here."""

    causes: frozenset[str]
    formats: int  # received and not yet drawn
    labels: int  # of the format at work, still to print
    is_receiving: bool  # part of a format

    @property
    def is_idle(self) -> bool:
        return not self.formats and not self.labels and not self.is_receiving


class StatusReader:
    """Keeps a beginning until its end arrives."""

    def __init__(self) -> None:
        self._pending = b""

    def feed(self, data: bytes) -> list[HostStatus]:
        """The answers that are complete now; what is none is thrown away."""
        self._pending += data
        answers = []
        while found := _STRINGS.search(self._pending):
            self._pending = self._pending[found.end() :]
            answer = parse(*found.groups())
            if answer is None:
                log().info("printer_said_unasked", bytes=found.group().hex())
            else:
                answers.append(answer)
        self._pending = self._pending[-_MOST_PENDING:]
        return answers


def parse(first: bytes, second: bytes, third: bytes) -> HostStatus | None:
    """The three strings of ~HS; None when they are none.

    aaa,paper out,pause,dddd,formats,full,g,partial,iii,corrupt,cold,hot
    mmm,n,head up,ribbon out,thermal transfer,r,s,t,labels remaining,v,www
    """
    flags, modes = first.split(b","), second.split(b",")
    if len(flags) != 12 or len(modes) != 11 or third.count(b",") != 1:
        return None
    if not all(each.isdigit() and len(each) <= 9 for each in (*flags, *modes)):
        return None
    said = {
        "paper_out": flags[1], "paused": flags[2], "unrecoverable": flags[9], "head_hot": flags[11],
        "cover_open": modes[2],
    }  # fmt: skip
    causes = {cause for cause, flag in said.items() if int(flag)}
    if int(modes[3]) and int(modes[4]):
        causes.add("ribbon_out")
    return HostStatus(frozenset(causes), int(flags[4]), int(modes[8]), bool(int(flags[7])))


class ZplPrinter:
    """One printer, driven by one thread."""

    def __init__(
        self,
        transport: Transport,
        waits: Waits | None = None,
        *,
        dpi: int = 203,
        cut: bool = True,
        label_counter: bool = False,
    ) -> None:
        """`label_counter`: it answers the question for its count of labels."""
        check_dpi(dpi)
        self._transport, self._waits = transport, waits or Waits()
        self._dpi, self._cut, self._counts = dpi, cut, label_counter
        self._reader = StatusReader()
        self._generation = 0
        self._misses = 0
        self._count: int | None = None  # before the job under way
        self.turn = threading.Lock()

    def render(self, page: Page, reference: str) -> Rendered:
        if page.template is None:
            raise CannotPrint("no drawer can be opened through this printer")
        data = render.zpl(page.template, page.data, dpi=self._dpi, cut=self._cut, mark=page.mark)
        return Rendered(data, reference, length_mm(page.template))

    def status(self) -> Status:
        told = asked(self._transport, self._ask_afresh)
        if isinstance(told, Status):
            return told
        if told is None:
            self._misses += 1
            if self._misses >= self._waits.misses:
                self._transport.close()  # a line that died without a word shows at the next connect
            return Status(Condition.BLOCKED, ("silent",))
        self._misses = 0
        return _status(told)

    def send(self, rendered: Rendered, first_piece_sent: Callable[[], None]) -> None:
        self._count = self._ask_count() if self._counts else None
        hand_over(self._transport, rendered, first_piece_sent)

    def evidence(self, rendered: Rendered, stop: threading.Event, waiting: Callable[[Status], None]) -> Outcome:
        patience = self._waits.patience(rendered)
        deadline, is_waiting, idle, heard = time.monotonic() + patience, False, 0, False
        try:
            while not stop.wait(self._waits.status):
                told = self._ask()
                heard = heard or told is not None
                idle = idle + 1 if told and told.is_idle and not told.causes else 0
                # Twice: the first answer may have been on its way before the label was read.
                if idle >= 2 and (outcome := self._finished()):
                    return outcome
                if told and (status := _status(told)).holds_paper:
                    if not is_waiting:
                        waiting(status)
                    is_waiting, deadline = True, time.monotonic() + patience
                if time.monotonic() > deadline:
                    self._transport.close()  # its late answers would read as those to questions about the next ticket
                    return InDoubt("no_evidence" if heard else "silent")
        except TransportError as error:
            return InDoubt(f"line_broke: {error}")
        return Interrupted()

    def close(self) -> None:
        self._transport.close()

    def _finished(self) -> Outcome | None:
        """What an idle printer has made of the job; None while its count has not moved."""
        if not self._counts:
            return HandedOver("~HS: nothing left to print")
        count = self._ask_count()
        if count is None or self._count is None or count <= self._count:
            return None
        return Confirmed(f"labels {self._count} to {count}")

    def _connect(self) -> None:
        self._transport.connect()
        if self._transport.generation != self._generation:
            self._generation, self._reader = self._transport.generation, StatusReader()

    def _ask_afresh(self) -> HostStatus | None:
        self._connect()
        return self._ask()

    def _ask(self) -> HostStatus | None:
        """The last answer to ~HS; None when nothing more of it comes in the time for it. Raises TransportError."""
        if stale := self._transport.drain().strip():  # a late answer; line ends come after every one
            log().info("printer_said_unasked", bytes=stale.hex())
        self._reader = StatusReader()
        self._transport.write(ASK_STATUS)
        end = time.monotonic() + MOST_WAITS * self._waits.status  # 80 bytes may come one by one, but not for ever
        while time.monotonic() < end and (said := self._transport.read(self._waits.status)):
            if answers := self._reader.feed(said):
                return answers[-1]
        return None

    def _ask_count(self) -> int | None:
        """How many labels it has printed in its life. Raises TransportError."""
        self._transport.drain()
        self._transport.write(ASK_COUNT)
        end, said = time.monotonic() + self._waits.status, b""
        while (left := end - time.monotonic()) > 0:
            said += self._transport.read(left)
            if found := _COUNT.search(said):
                return int(found[1])
        return None


def _status(told: HostStatus) -> Status:
    if told.causes:
        return Status(Condition.BLOCKED, tuple(sorted(told.causes)))
    return Status(Condition.READY)
