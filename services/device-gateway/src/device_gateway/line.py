"""The line to the centre: whether it answers, since when, and when it last did (D1).

A restart must not forget since when the line is lost, so the last answer is kept on disk: at once when the line is
lost, and from time to time while it is good.
"""

import sqlite3
import time
from collections.abc import Callable
from datetime import datetime

from device_gateway.store import meta
from device_gateway.store.database import Database
from kit.clock import iso_ms

ONLINE_SECONDS = 6.0  # without any answer from the centre, which is asked every 3 seconds or so: offline
KEEP_EVERY_SECONDS = 60.0


class Line:
    """What the till knows of its line. `problem`: why the centre is out of reach, where known: PROXY_REFUSED."""

    def __init__(self, database: Database, clock: Callable[[], float] = time.monotonic) -> None:
        self._database, self._clock = database, clock
        self.problem = ""
        self.last_answer_at = _kept(database.read())
        self._answered = self._kept_when = float("-inf")
        self._kept_at = self.last_answer_at
        self._online_since: datetime | None = None

    def answered(self, now: datetime) -> None:
        """The centre answered something."""
        if not self.online:
            self._online_since = now
        self.problem = ""
        self.last_answer_at = now
        self._answered = self._clock()

    @property
    def online(self) -> bool:
        return self._clock() - self._answered < ONLINE_SECONDS

    @property
    def since(self) -> datetime | None:
        """Since when it is as it is: good, or lost since its last answer. None: the centre never answered this till."""
        return self._online_since if self.online else self.last_answer_at

    def keep(self, *, at_once: bool = False) -> None:
        """Write the last answer down when it is time to, or before the till stops. Raises sqlite3.Error."""
        at, is_fresh = self.last_answer_at, self._clock() - self._kept_when < KEEP_EVERY_SECONDS
        if at is None or at == self._kept_at or (self.online and is_fresh and not at_once):
            return
        with self._database.write() as tx:
            meta.put(tx, meta.LAST_ANSWER, iso_ms(at))
        self._kept_at, self._kept_when = at, self._clock()


def _kept(connection: sqlite3.Connection) -> datetime | None:
    kept = meta.get(connection, meta.LAST_ANSWER)
    return datetime.fromisoformat(kept) if kept else None
