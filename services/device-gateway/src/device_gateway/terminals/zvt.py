"""The conversation of ZVT (peripherals 4.3): each message is acknowledged; paid needs a result and its completion."""

import threading
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from device_gateway.devices.status import Condition, Status
from device_gateway.devices.transport import Transport, TransportError
from device_gateway.terminals.outcome import BadAnswer, Charge, Options, Outcome, Result
from device_gateway.terminals.protocols import zvt
from device_gateway.terminals.protocols.zvt import Apdu
from device_gateway.terminals.talk import Silence, Talk
from kit.clock import now

TRIES = 3


@dataclass(frozen=True)
class Waits:
    """In seconds. `step` is T3; `customer` is T4, which every interim message begins anew."""

    step: float = 5.0
    customer: float = 180.0
    slice: float = 0.5  # how soon the till's own abort is passed on


class ZvtTerminal:
    """`serial` in its options: the line is framed, else it is TCP. It knows payments by its own trace alone."""

    can_abort = True
    hears_late = False  # the terminal prints the receipt that it is asked for again
    most = zvt.MOST

    def __init__(self, transport: Transport, options: Options, stopping: threading.Event, waits: Waits) -> None:
        self._talk, self._waits = Talk(transport, stopping), waits
        self._password = str(options.get("password", "000000"))
        self._zone = ZoneInfo(str(options.get("zone", "Europe/Paris")))
        self._is_serial = bool(options.get("serial", False))
        self._heard = b""
        zvt.register(self._password)  # a wrong password is found here, not at the first payment

    def status(self) -> Status:
        try:
            self._begin()
            self._say(zvt.question(zvt.STATUS, self._password))
            self._follow(self._waits.step)
        except TransportError:
            return Status(Condition.OFFLINE, ("unreachable",))
        except (Silence, BadAnswer):
            self.close()
            return Status(Condition.UNKNOWN, ("silent",))
        return Status(Condition.READY)

    def pay(self, charge: Charge, abort: threading.Event) -> Outcome:
        """Raises Stopped."""
        try:
            self._begin()
            self._say(zvt.register(self._password, charge.currency))
            if self._follow(self._waits.step)[0].code != zvt.COMPLETED:
                return Outcome(Result.NOT_STARTED, "not_registered")
        except TransportError:
            return Outcome(Result.NOT_STARTED, "no_connection")
        except (Silence, BadAnswer):
            return Outcome(Result.NOT_STARTED, "no_answer")
        return self._paid(charge, zvt.request(charge, self._password), abort)

    def recover(self, charge: Charge) -> Outcome:
        """Ask for the last receipt again: is it one of this amount, and newer than the attempt? Raises Stopped."""
        try:
            self._begin()
            self._say(zvt.question(zvt.REPEAT, self._password))
            end, result = self._follow(self._waits.step)
        except (Silence, TransportError, BadAnswer):
            self.close()
            return Outcome.unknown("no_record")
        if end.code != zvt.COMPLETED or result is None:
            return Outcome.unknown("no_record")
        asked_at: datetime = now().astimezone(self._zone)
        outcome = zvt.judge(charge, result, asked_at)
        # Another receipt is the last one: it says nothing of ours. The same amount is ours, or nobody's.
        return outcome if outcome.result is Result.APPROVED else Outcome.unknown("no_record")

    def close(self) -> None:
        self._talk.close()

    def _paid(self, charge: Charge, request: Apdu, abort: threading.Event) -> Outcome:
        try:
            self._say(request)
            end, result = self._follow(self._waits.customer, abort)
        except (Silence, TransportError):
            self.close()
            return Outcome.unknown("silence")
        except BadAnswer:
            self.close()
            return Outcome.unknown("unreadable")
        if end.code[0] == zvt.NOT_DONE:
            return Outcome(Result.NOT_STARTED, "busy")
        outcome = zvt.judge(charge, result) if result is not None else Outcome.unknown("missing_fields")
        if end.code == zvt.ABORTED:
            said = zvt.aborted(end.data)
            return said if result is None or outcome.result is Result.DECLINED else Outcome.unknown("contradiction")
        return outcome

    def _begin(self) -> None:
        self._heard = b""
        self._talk.begin()

    def _follow(self, seconds: float, abort: threading.Event | None = None) -> tuple[Apdu, bytes | None]:
        """Acknowledge what comes until it ends: how it ended, and the result on the way.

        Raises Silence, TransportError, BadAnswer, Stopped.
        """
        result: bytes | None = None
        told = False
        waited = 0.0
        while True:
            try:
                apdu = self._hear(min(seconds, self._waits.slice) if abort else seconds)
            except Silence:
                waited += self._waits.slice
                if abort is None or waited >= seconds:
                    raise
                if abort.is_set() and not told:
                    told = True
                    self._say(Apdu(zvt.ABORT))
                continue
            waited = 0.0
            if apdu.code[0] == zvt.NOT_DONE and not told:
                return apdu, result
            if apdu.code[0] in (zvt.DONE[0], zvt.NOT_DONE):
                continue  # of our command, or of our abort
            if apdu.code == zvt.RESULT:
                result = apdu.data
            self._say(zvt.OK)
            if apdu.code in (zvt.COMPLETED, zvt.ABORTED):
                return apdu, result

    def _say(self, apdu: Apdu) -> None:
        """Raises TransportError; on a serial line also Silence, when nobody says that it arrived."""
        if not self._is_serial:
            self._talk.say(apdu.encode())
            return
        for _ in range(TRIES):
            self._talk.say(zvt.frame(apdu.encode()))
            if self._talk.hear(1, self._waits.step)[0] == zvt.ACK:
                return
        raise Silence

    def _hear(self, seconds: float) -> Apdu:
        """Half an APDU is kept for the next time. Raises Silence, TransportError, BadAnswer."""
        return self._hear_framed(seconds) if self._is_serial else self._hear_plain(seconds)

    def _hear_plain(self, seconds: float) -> Apdu:
        while (size := zvt.needed(self._heard)) is None or len(self._heard) < size:
            if len(self._heard) > zvt.LONGEST:
                raise BadAnswer("too long")
            self._heard += self._talk.hear(1, seconds)
        apdu, self._heard = zvt.decode(self._heard[:size]), self._heard[size:]
        return apdu

    def _hear_framed(self, seconds: float) -> Apdu:
        for _ in range(TRIES):
            while not self._heard.endswith(bytes([zvt.DLE, zvt.STX])):
                self._heard = self._heard[-1:] + self._talk.hear(1, seconds)
            self._heard = b""
            body = self._framed_body()
            if self._talk.hear(2, self._waits.step) == zvt.crc(body):
                self._talk.say(bytes([zvt.ACK]))
                return zvt.decode(body)
            self._talk.say(bytes([zvt.NAK]))
        raise BadAnswer("damaged frames")

    def _framed_body(self) -> bytes:
        body = bytearray()
        while len(body) <= zvt.LONGEST:
            byte = self._talk.hear(1, self._waits.step)[0]
            if byte == zvt.DLE:
                byte = self._talk.hear(1, self._waits.step)[0]
                if byte == zvt.ETX:
                    return bytes(body)
                if byte != zvt.DLE:
                    raise BadAnswer("a damaged frame")
            body.append(byte)
        raise BadAnswer("too long")
