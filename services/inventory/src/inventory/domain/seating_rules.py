"""How seats of a performance are given: orphans, distance between groups, wheelchair spaces (domain 6.3 to 6.5)."""

from dataclasses import dataclass
from datetime import datetime

from seating.distance import NO_DISTANCE, Distance


@dataclass(frozen=True)
class SeatingRules:
    """Channels that may leave nobody alone, the distance around each group, when wheelchair spaces are anybody's."""

    orphans_refused_on: tuple[str, ...] = ("web",)
    orphans_below: int = 10  # with fewer free seats than this, anybody may leave one
    distance: Distance = NO_DISTANCE
    wheelchairs_release_at: datetime | None = None

    def refuses_orphans(self, channel: str, free: int) -> bool:
        return channel in self.orphans_refused_on and free >= self.orphans_below

    def wheelchairs_released(self, now: datetime) -> bool:
        return self.wheelchairs_release_at is not None and now >= self.wheelchairs_release_at


USUAL = SeatingRules()
