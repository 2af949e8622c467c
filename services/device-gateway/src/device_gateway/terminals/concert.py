"""The conversation of Concert V2, over a serial line or TCP (peripherals 4.1).

till      ENQ      frame      EOT                         ACK        ACK
terminal      ACK        ACK      the customer pays   ENQ      frame      EOT
"""

import threading
from dataclasses import dataclass

from device_gateway.devices.status import Condition, Status
from device_gateway.devices.transport import Transport, TransportError
from device_gateway.terminals.outcome import BadAnswer, Charge, Options, Outcome, Result
from device_gateway.terminals.protocols import concert
from device_gateway.terminals.protocols.concert import ACK, ENQ, EOT, NAK, STX
from device_gateway.terminals.talk import Silence, Talk

TRIES = 3


@dataclass(frozen=True)
class Waits:
    """In seconds."""

    step: float = 3.0
    again: float = 1.0
    customer: float = 180.0
    overhear: float = 0.1


class ConcertTerminal:
    """A terminal that keeps no record that could be asked for: what its line did not say, a person must."""

    can_abort = False
    hears_late = True
    most = concert.MOST

    def __init__(self, transport: Transport, options: Options, stopping: threading.Event, waits: Waits) -> None:
        self._talk, self._waits = Talk(transport, stopping), waits
        self._till = str(options.get("till", "01"))
        self._overheard: dict[str, concert.Answer] = {}  # late answers, by our reference

    def status(self) -> Status:
        """Whether it takes the line; nothing is asked of it."""
        try:
            self._talk.begin()
            if not self._has_the_line():
                return Status(Condition.OFFLINE, ("silent",))
            self._talk.say(EOT)
        except TransportError:
            return Status(Condition.OFFLINE, ("unreachable",))
        return Status(Condition.READY)

    def pay(self, charge: Charge, abort: threading.Event) -> Outcome:
        """Raises Stopped."""
        try:
            self._talk.begin()
            if not self._has_the_line():
                return Outcome(Result.NOT_STARTED, "no_answer")
        except TransportError:
            return Outcome(Result.NOT_STARTED, "no_connection")
        try:
            if not self._handed_over(concert.frame(concert.request(self._till, charge))):
                return Outcome(Result.NOT_STARTED, "not_understood")
            return self._answer(charge, self._waits.customer)
        except Silence:
            return Outcome.unknown("silence")
        except TransportError:
            return Outcome.unknown("line_broke")

    def recover(self, charge: Charge) -> Outcome:
        """Whether a late answer has come. Raises Stopped."""
        try:
            if charge.reference not in self._overheard:
                return self._answer(charge, self._waits.overhear)
        except (Silence, TransportError):
            return Outcome.unknown("no_record")
        return concert.judge(self._till, charge, self._overheard[charge.reference])

    def close(self) -> None:
        self._talk.close()

    def _has_the_line(self) -> bool:
        """Ask for it. A terminal that asks at the same time comes first: it has something to say of earlier."""
        for attempt in range(TRIES):
            try:
                self._talk.say(ENQ)
                heard = self._talk.hear(1, self._waits.step if attempt else self._waits.again)
                if heard == ACK:
                    return True
                if heard == ENQ:
                    self._listen()
                    continue
            except Silence:
                pass
            self._talk.say(EOT)
            self._pause()
        return False

    def _pause(self) -> None:
        """Whatever comes meanwhile answers nothing that we asked."""
        try:
            self._talk.hear_some(self._waits.again)
        except Silence:
            return

    def _handed_over(self, framed: bytes) -> bool:
        """False when the terminal said each time that it did not understand."""
        for _ in range(TRIES):
            self._talk.say(framed)
            heard = self._talk.hear(1, self._waits.step)
            if heard == ACK:
                self._talk.say(EOT)
                return True
            if heard != NAK:
                raise Silence
        self._talk.say(EOT)
        return False

    def _answer(self, charge: Charge, seconds: float) -> Outcome:
        while charge.reference not in self._overheard:
            if self._talk.hear(1, seconds) == ENQ and not self._listen():
                return Outcome.unknown("unreadable")
        return concert.judge(self._till, charge, self._overheard[charge.reference])

    def _listen(self) -> bool:
        """The terminal has the line: take its answer, and keep it under our reference. False when none was readable."""
        self._talk.say(ACK)
        for _ in range(TRIES):
            try:
                heard = self._talk.hear(1, self._waits.step)
                if heard != STX:
                    return False
                rest = self._talk.hear(concert.ANSWER_LENGTH + 2, self._waits.step)
                answer = concert.read_answer(concert.unframe(heard + rest))
            except BadAnswer:
                self._talk.say(NAK)
                continue
            self._overheard[answer.private.rstrip()] = answer
            self._talk.say(ACK)
            return True
        return False
