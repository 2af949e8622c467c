"""One worker for the terminal: each step is on disk before the next one, so that no crash charges twice or forgets."""

import contextlib
import threading
import time
from collections.abc import Callable

from device_gateway.devices.status import UNASKED, Status
from device_gateway.store import attempts
from device_gateway.store.attempts import Attempt, State
from device_gateway.terminals.drivers import TerminalDriver
from device_gateway.terminals.outcome import Charge, Outcome, Result
from device_gateway.terminals.talk import Stopped
from device_gateway.till import Till
from kit.clock import now
from kit.telemetry import log

IDLE_SECONDS = 2.0  # between two looks for a late answer
LOOK_SECONDS = 60.0  # between two questions to an idle terminal: a line may die in a quiet night
LISTENED_TO = 5  # of the payments in doubt, the newest


class TerminalWorker(threading.Thread):
    """The only thread that speaks to the terminal. `stopping` is the driver's too."""

    def __init__(
        self, till: Till, driver: TerminalDriver, stopping: threading.Event, idle_seconds: float = IDLE_SECONDS
    ) -> None:
        super().__init__(name="terminal", daemon=True)
        self._till, self._driver, self._stopping, self._idle_seconds = till, driver, stopping, idle_seconds
        self._wake, self._abort = threading.Event(), threading.Event()
        self._status, self._looked_at = UNASKED, 0.0
        # Read before anybody can ask this worker for a payment: one that is asked of it was not left open before it.
        self._left_open = attempts.in_states(till.database.read(), attempts.UNDER_WAY)

    @property
    def can_abort(self) -> bool:
        return self._driver.can_abort

    @property
    def most(self) -> int:
        return self._driver.most

    def status(self) -> Status:
        return self._status

    def wake(self) -> None:
        """An attempt waits."""
        self._wake.set()

    def abort(self) -> None:
        """The cashier gives up what is at the terminal, where it can be given up."""
        self._abort.set()

    def stop(self) -> None:
        """Leave what is under way as it is: it is asked for again at the next start. Join after it."""
        self._stopping.set()
        self._wake.set()

    def run(self) -> None:
        with contextlib.suppress(Stopped):
            self._safely(self._take_up)
            while not self._stopping.is_set():
                self._wake.clear()  # before looking: an attempt that comes after the look sets it again
                self._safely(self._work)
        self._driver.close()

    def _work(self) -> None:
        if not self._pay_next() and not self._wake.wait(self._idle_seconds):
            self._look()

    def _safely(self, step: Callable[[], None]) -> None:
        """A fault of ours ends no worker. Its message may hold bytes of the terminal's: only its kind is told."""
        try:
            step()
        except Stopped:
            raise
        except Exception as error:
            log().error("terminal_worker_failed", kind=type(error).__name__)
            self._stopping.wait(self._idle_seconds)

    def _take_up(self) -> None:
        """After a start: what never left did not begin; what did is asked of the terminal."""
        for attempt in self._left_open:
            if attempt.state is State.WAITING:
                self._conclude(attempt, Outcome(Result.NOT_STARTED, "restarted"))
            else:
                self._conclude(attempt, self._recovered(attempt))

    def _pay_next(self) -> bool:
        """False when nothing waits."""
        waiting = attempts.in_states(self._till.database.read(), (State.WAITING,))
        if not waiting:
            return False
        attempt = waiting[0]
        self._abort.clear()
        with self._till.database.write() as tx:
            attempts.set_sent(tx, attempt.attempt_id, now())
        outcome = self._paid(attempt)
        if outcome.result is Result.UNKNOWN:
            recovered = self._recovered(attempt)
            outcome = outcome if recovered.result is Result.UNKNOWN else recovered
        self._conclude(attempt, outcome)
        self._looked_at = 0.0
        return True

    def _paid(self, attempt: Attempt) -> Outcome:
        try:
            return self._driver.pay(self._charge(attempt), self._abort)
        except Stopped:
            raise
        except Exception as error:  # whatever it was, the card may have been charged
            log().error("terminal_driver_failed", kind=type(error).__name__)
            return Outcome.unknown("driver_failed")

    def _look(self) -> None:
        """Listen for late answers, where that disturbs nobody; now and then ask an idle terminal how it is."""
        doubtful = attempts.in_states(self._till.database.read(), (State.UNKNOWN,))
        if self._driver.hears_late:
            for attempt in doubtful[-LISTENED_TO:]:
                outcome = self._recovered(attempt)
                if outcome.result is not Result.UNKNOWN:
                    self._conclude(attempt, outcome)
        # Asking how it is would end the line on which a late answer may still come.
        if (not doubtful and time.monotonic() >= self._looked_at + LOOK_SECONDS) or self._status is UNASKED:
            self._status = self._driver.status()
            self._looked_at = time.monotonic()

    def _recovered(self, attempt: Attempt) -> Outcome:
        return self._driver.recover(self._charge(attempt))

    def _charge(self, attempt: Attempt) -> Charge:
        return attempt.charge(attempts.last_trace(self._till.database.read(), attempt))

    def _conclude(self, attempt: Attempt, outcome: Outcome) -> None:
        with self._till.database.write() as tx:
            attempts.conclude(tx, attempt.attempt_id, outcome, now())
        log().info("payment", reference=attempt.reference, result=outcome.result, why=outcome.why)
