"""The conversation of Caisse-AP: one connection for each operation, which stays open for an answer that comes late."""

import threading
from dataclasses import dataclass

from device_gateway.devices.status import Condition, Status
from device_gateway.devices.transport import Transport, TransportError
from device_gateway.terminals.outcome import BadAnswer, Charge, Options, Outcome, Result
from device_gateway.terminals.protocols import caisse_ap
from device_gateway.terminals.talk import Silence, Talk

_RECOVERIES = {"none": "", "status": "T", "duplicate": "3"}


@dataclass(frozen=True)
class Waits:
    """In seconds."""

    step: float = 5.0
    customer: float = 180.0
    quiet: float = 0.3  # after the last byte of an answer, whose end nothing marks
    overhear: float = 0.1


class CaisseApTerminal:
    """`recovery` in its options says whether this maker's terminal can be asked for a payment that is in doubt."""

    can_abort = False
    hears_late = True
    most = caisse_ap.MOST

    def __init__(self, transport: Transport, options: Options, stopping: threading.Event, waits: Waits) -> None:
        self._talk, self._waits = Talk(transport, stopping), waits
        self._till = str(options.get("till", "01"))
        self._integrator = f"{options.get('integrator', 0)!s:>012}"
        self._recovery = _RECOVERIES[str(options.get("recovery", "none"))]
        self._waited_for = ""  # the reference whose answer the open line may still bring
        self._heard = b""

    def status(self) -> Status:
        """Ask who it is; any answer is a sign of life."""
        try:
            self._open()
            self._talk.say(caisse_ap.question(self._till, self._integrator, "I"))
            fields = self._answer(self._waits.step)
        except TransportError:
            return Status(Condition.OFFLINE, ("unreachable",))
        except (Silence, BadAnswer):
            return Status(Condition.UNKNOWN, ("silent",))
        finally:
            self._talk.close()
        return Status(Condition.READY if "AE" in fields else Condition.UNKNOWN)

    def pay(self, charge: Charge, abort: threading.Event) -> Outcome:
        """Raises Stopped."""
        try:
            self._open()
        except TransportError:
            return Outcome(Result.NOT_STARTED, "no_connection")
        try:
            self._waited_for = charge.reference
            self._talk.say(caisse_ap.request(self._till, self._integrator, charge))
            return self._judged(charge, self._waits.customer)
        except Silence:
            return Outcome.unknown("silence")
        except TransportError:
            self._waited_for = ""
            return Outcome.unknown("line_broke")

    def recover(self, charge: Charge) -> Outcome:
        """A late answer on the line of the payment; else what the terminal says of it, if it can. Raises Stopped."""
        try:
            if self._waited_for == charge.reference:
                return self._judged(charge, self._waits.overhear)
        except (Silence, TransportError):
            pass
        if not self._recovery:
            return Outcome.unknown("no_record")
        try:
            self._open()
            self._talk.say(caisse_ap.question(self._till, self._integrator, self._recovery, charge.reference))
            return caisse_ap.judge(
                self._till, charge, self._answer(self._waits.step), action=self._recovery, echo_needed=True
            )
        except (Silence, TransportError, BadAnswer):
            return Outcome.unknown("no_record")
        finally:
            self.close()

    def close(self) -> None:
        self._waited_for = ""
        self._talk.close()

    def _open(self) -> None:
        self.close()
        self._heard = b""
        self._talk.begin()

    def _judged(self, charge: Charge, seconds: float) -> Outcome:
        try:
            outcome = caisse_ap.judge(self._till, charge, self._answer(seconds))
        except BadAnswer:
            outcome = Outcome.unknown("unreadable")
        self.close()
        return outcome

    def _answer(self, seconds: float) -> dict[str, str]:
        """Its fields, once the status is there and nothing more comes. Raises Silence, TransportError, BadAnswer."""
        while "AE" not in caisse_ap.decode(self._heard):
            self._heard += self._talk.hear_some(seconds)
            if len(self._heard) > caisse_ap.LONGEST:
                raise BadAnswer("too long")
        try:
            while len(self._heard) <= caisse_ap.LONGEST:
                self._heard += self._talk.hear_some(self._waits.quiet)
        except (Silence, TransportError):
            pass
        if not caisse_ap.is_whole(self._heard):
            raise BadAnswer("not whole")
        return caisse_ap.decode(self._heard)
