"""The conversation of nexo: one HTTP request for each message; what is in doubt is asked for by its reference."""

import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from device_gateway.devices.status import Condition, Status
from device_gateway.devices.transport import Transport, TransportError
from device_gateway.terminals.outcome import REFERENCE_LENGTH, BadAnswer, Charge, Options, Outcome, Result
from device_gateway.terminals.protocols import http, nexo
from device_gateway.terminals.talk import Silence, Stopped, Talk

PATH = "/nexo/"


@dataclass(frozen=True)
class Waits:
    """In seconds."""

    step: float = 5.0
    customer: float = 120.0
    slice: float = 0.5  # how soon the till's own abort is passed on
    again: float = 2.0  # between two questions about a payment in progress
    progress: float = 180.0


class NexoTerminal:
    """Its options name both sides (sale_id, poi_id) and the shared key (passphrase, key_identifier, key_version)."""

    can_abort = True
    hears_late = True
    most = nexo.MOST

    def __init__(
        self, connect: Callable[[], Transport], options: Options, stopping: threading.Event, waits: Waits
    ) -> None:
        """Raises KeyError for an option that is missing. `connect` makes a line: an abort travels on one of its own."""
        self._connect, self._stopping, self._waits = connect, stopping, waits
        self._parties = nexo.Parties(str(options.get("sale_id", "till")), str(options["poi_id"]))
        self._seal = nexo.Seal(
            str(options["passphrase"]), str(options["key_identifier"]), int(options.get("key_version", 1))
        )

    def status(self) -> Status:
        service_id = _service_id()
        try:
            self._ask("Diagnosis", service_id, nexo.diagnosis(self._parties, service_id), self._waits.step)
        except TransportError:
            return Status(Condition.OFFLINE, ("unreachable",))
        except (Silence, BadAnswer):
            return Status(Condition.UNKNOWN, ("silent",))
        return Status(Condition.READY)

    def pay(self, charge: Charge, abort: threading.Event) -> Outcome:
        """Raises Stopped."""
        line = self._connect()
        try:
            talk = self._talk(line)
        except TransportError:
            return Outcome(Result.NOT_STARTED, "no_connection")
        try:
            talk.say(self._posted(nexo.payment(self._parties, charge)))
            opened = self._heard(talk, self._waits.customer, lambda: self._aborted(charge, abort))
            body = nexo.answer_to(self._parties, "Payment", charge.reference, opened)
        except (Silence, TransportError, BadAnswer):
            return self._asked_until_known(charge)
        finally:
            talk.close()
        return nexo.judge(charge, body)

    def recover(self, charge: Charge) -> Outcome:
        """Raises Stopped."""
        try:
            return self._asked(charge)
        except nexo.NotFound:
            return Outcome(Result.NOT_STARTED, "not_found")
        except nexo.InProgress:
            return Outcome.unknown("in_progress")
        except (Silence, TransportError, BadAnswer):
            return Outcome.unknown("no_record")

    def close(self) -> None:
        """Each line is closed with its answer."""

    def _asked_until_known(self, charge: Charge) -> Outcome:
        deadline = time.monotonic() + self._waits.progress
        while (outcome := self.recover(charge)).why == "in_progress" and time.monotonic() < deadline:
            if self._stopping.wait(self._waits.again):
                raise Stopped
        return outcome

    def _asked(self, charge: Charge) -> Outcome:
        service_id = _service_id()
        question = nexo.status_of(self._parties, charge.reference, service_id)
        body = self._ask("TransactionStatus", service_id, question, self._waits.step)
        return nexo.judge_status(self._parties, charge, body)

    def _aborted(self, charge: Charge, abort: threading.Event) -> None:
        """Pass the till's own abort on, once. What comes of it, the payment's answer says."""
        if not abort.is_set():
            return
        abort.clear()
        try:
            talk = self._talk(self._connect())
            talk.say(self._posted(nexo.abort(self._parties, charge.reference, _service_id())))
            talk.hear_some(self._waits.step)  # whatever it says
            talk.close()
        except (Silence, TransportError):
            return

    def _ask(self, category: str, service_id: str, question: bytes, seconds: float) -> object:
        talk = self._talk(self._connect())
        try:
            talk.say(self._posted(question))
            opened = self._heard(talk, seconds, lambda: None)
        finally:
            talk.close()
        return nexo.answer_to(self._parties, category, service_id, opened)

    def _talk(self, line: Transport) -> Talk:
        talk = Talk(line, self._stopping)
        talk.begin()
        return talk

    def _posted(self, message: bytes) -> bytes:
        return http.post(self._parties.poi_id, PATH, self._seal.close(message))

    def _heard(self, talk: Talk, seconds: float, meanwhile: Callable[[], None]) -> dict[str, object]:
        heard, deadline = b"", time.monotonic() + seconds
        while (body := http.whole_body(heard)) is None:
            left = deadline - time.monotonic()
            if left <= 0:
                raise Silence
            try:
                heard += talk.hear_some(min(left, self._waits.slice))
            except Silence:
                meanwhile()
        return nexo.load(self._seal.open(body))


def _service_id() -> str:
    return secrets.token_hex(REFERENCE_LENGTH // 2)
