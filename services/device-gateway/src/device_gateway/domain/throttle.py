"""How often a PIN or a badge may be tried: 5 times, then after a wait that doubles. A restart forgives nothing."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from device_gateway.domain.errors import PinThrottled

FREE_TRIES = 5
FIRST_WAIT = timedelta(seconds=30)
LONGEST_WAIT = timedelta(hours=1)


@dataclass(frozen=True)
class Tries:
    """Wrong tries in a row, and until when no other is taken."""

    failures: int = 0
    locked_until: datetime | None = None

    def count_one(self, now: datetime) -> "Tries":
        """The state after one more try, counted before the PIN is looked at. Raises PinThrottled.

        A clock set back may not lock somebody out for longer than the longest wait.
        """
        if self.locked_until is not None and now < self.locked_until <= now + LONGEST_WAIT:
            seconds = -((now - self.locked_until) // timedelta(seconds=1))
            raise PinThrottled("too many wrong PINs or badges", retry_seconds=seconds)
        failures = self.failures + 1
        if failures < FREE_TRIES:
            return Tries(failures)
        wait = min(FIRST_WAIT * 2 ** min(failures - FREE_TRIES, 16), LONGEST_WAIT)
        return Tries(failures, now + wait)

    @property
    def attempts_left(self) -> int:
        return max(0, FREE_TRIES - self.failures)
