"""Limits on guessing, counted in Redis for all processes; in this process alone while Redis is away."""

import math
import time
from collections.abc import Iterable
from dataclasses import dataclass

from limits import RateLimitItem, RateLimitItemPerMinute
from limits.errors import StorageError
from limits.storage import MemoryStorage, storage_from_string
from limits.strategies import FixedWindowRateLimiter
from prometheus_client import Counter

from accounts.domain.errors import TooManyAttempts
from kit import telemetry

WITHOUT_REDIS = Counter("throttle_without_redis_total", "Attempts counted in this process because Redis was away")
REFUSED = Counter("throttle_refused_total", "Attempts refused", ["limit"])


@dataclass(frozen=True)
class Limit:
    name: str
    allowed: RateLimitItem


LOGIN = Limit("sign_in_login", RateLimitItemPerMinute(10, 15))
ADDRESS = Limit("sign_in_address", RateLimitItemPerMinute(60, 15))
FRONT = Limit("sign_in_front", RateLimitItemPerMinute(600, 15))  # all who come through one web front
ENROLMENT = Limit("enrol_address", RateLimitItemPerMinute(20, 15))


class Throttle:
    """Counts attempts. `redis_url` empty: this process alone, for tests and single-process installations."""

    def __init__(self, redis_url: str) -> None:
        self._here = FixedWindowRateLimiter(MemoryStorage())
        self._shared: FixedWindowRateLimiter | None = None
        if redis_url:
            # Short timeouts: signing in must not hang with Redis.
            storage = storage_from_string(
                redis_url, wrap_exceptions=True, socket_connect_timeout=0.3, socket_timeout=0.3
            )
            self._shared = FixedWindowRateLimiter(storage)

    def attempt(self, counted: Iterable[tuple[Limit, str]]) -> None:
        """Count one attempt under each (limit, who). Raises TooManyAttempts with `retry_seconds`.

        Counted before the attempt is judged, so that many at once cannot all pass.
        """
        for limit, who in counted:
            wait = self._hit(limit, who)
            if wait is not None:
                REFUSED.labels(limit.name).inc()
                raise TooManyAttempts("too many attempts, wait a little", retry_seconds=wait)

    def forget(self, limit: Limit, who: str) -> None:
        """A success: earlier mistakes no longer count."""
        self._here.clear(limit.allowed, limit.name, who)
        if self._shared is not None:
            try:
                self._shared.clear(limit.allowed, limit.name, who)
            except StorageError:
                WITHOUT_REDIS.inc()

    def _hit(self, limit: Limit, who: str) -> int | None:
        """None when allowed, else the seconds to wait."""
        if self._shared is not None:
            try:
                return _hit(self._shared, limit, who)
            except StorageError as error:
                WITHOUT_REDIS.inc()
                telemetry.log().warning("throttle_without_redis", error=str(error)[:200])
        return _hit(self._here, limit, who)


def _hit(limiter: FixedWindowRateLimiter, limit: Limit, who: str) -> int | None:
    if limiter.hit(limit.allowed, limit.name, who):
        return None
    reset_at = limiter.get_window_stats(limit.allowed, limit.name, who).reset_time
    return max(1, math.ceil(reset_at - time.time()))
