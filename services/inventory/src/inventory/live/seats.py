"""Where the seats of a performance stand, and what changed of late. Pure: no network, no clock."""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto

from seating.states import MAGIC, snapshot


@dataclass(frozen=True)
class Change:
    """Seats that stand otherwise at `version`, the byte of each by its ordinal (`seating.states`).

    It holds all that happened after version `before`. Bytes say where a seat stands at `version`, so a change that
    begins earlier than what one knows is as good as one that begins there.
    """

    before: int
    version: int
    seats: Mapping[int, int]

    def then(self, later: "Change") -> "Change":
        """Both as one; `later` must begin at our version or earlier."""
        return Change(self.before, later.version, {**self.seats, **later.seats})


class Applied(Enum):
    DONE = auto()
    OLD = auto()  # known already
    GAP = auto()  # something between is missing, or it is of another plan


class Seats:
    """One byte per seat, by ordinal, as of a version."""

    def __init__(self, version: int, states: bytes) -> None:
        self.version = version
        self._states = bytearray(states)

    def __len__(self) -> int:
        return len(self._states)

    def apply(self, change: Change) -> Applied:
        """Stand as the change says; after a GAP nothing has changed."""
        if change.version <= self.version:
            return Applied.OLD
        if change.before > self.version or not all(0 < seat <= len(self._states) for seat in change.seats):
            return Applied.GAP
        for seat, byte in change.seats.items():
            self._states[seat - 1] = byte
        self.version = change.version
        return Applied.DONE

    def encode(self) -> bytes:
        """The snapshot as browsers read it (web/src/seatmap/status.ts)."""
        return snapshot(self.version, bytes(self._states))

    @classmethod
    def decode(cls, encoded: bytes) -> "Seats":
        """Raises ValueError when these bytes are no snapshot."""
        if encoded[:4] != MAGIC or len(encoded) != 16 + int.from_bytes(encoded[4:8], "little"):
            raise ValueError("these bytes are no snapshot of seats")
        return cls(int.from_bytes(encoded[8:16], "little"), encoded[16:])


class Log:
    """The changes of all performances that were heard of late, in order.

    `position` counts the messages of the stream: everything up to it was heard, everything after `begins` is still
    here. So who knows the seats as of a position can be brought up to date unless it lies before `begins`.
    """

    def __init__(self, most: int) -> None:
        self.begins = self.position = 0
        self._most = most
        self._order: deque[tuple[int, float, str]] = deque()  # position, when it was heard, performance
        self._changes: dict[str, deque[tuple[int, Change]]] = {}

    def start(self, position: int) -> None:
        """Nothing is known of what came up to this position."""
        self.begins = self.position = position
        self._order.clear()
        self._changes.clear()

    def add(self, performance_id: str, change: Change, position: int, at: float) -> None:
        """Note a change, told by the message at this position, heard at this instant."""
        self.position = max(self.position, position)
        self._order.append((position, at, performance_id))
        self._changes.setdefault(performance_id, deque()).append((position, change))
        while len(self._order) > self._most:
            self._forget_one()

    def reach(self, position: int) -> None:
        """The stream came up to this position without any change more."""
        self.position = max(self.position, position)

    def forget(self, before: float) -> None:
        """Drop what was heard before that instant."""
        while self._order and self._order[0][1] < before:
            self._forget_one()

    def after(self, performance_id: str, version: int, position: int = 0) -> Change | None:
        """All that was told after that position and is younger than that version, as one change.

        None when something between is missing. An empty change says that nothing was told.
        """
        news = []
        for told_at, change in reversed(self._changes.get(performance_id, ())):
            if told_at <= position or change.version <= version:
                break
            news.append(change)
        reached, seats = version, dict[int, int]()
        for change in reversed(news):
            if change.before > reached:
                return None
            reached = change.version
            seats.update(change.seats)
        return Change(version, reached, seats)

    def _forget_one(self) -> None:
        self.begins, _, performance_id = self._order.popleft()
        changes = self._changes[performance_id]
        changes.popleft()
        if not changes:
            del self._changes[performance_id]
