"""Time: always aware, always given as an argument below the doors."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo


def now() -> datetime:
    """The current instant in UTC. Only doors, roles and tests call it; rules are given the time."""
    return datetime.now(UTC)


def business_date(at: datetime, zone: str, day_starts_at_hour: int = 5) -> date:
    """The till's day of an instant, in the venue's zone: until 5 in the morning it is still the evening before.

    LAW-4 leaves "day" open for late venues; the cut-off is the operator's, 5 o'clock unless said otherwise.
    """
    local = at.astimezone(ZoneInfo(zone))
    if local.hour < day_starts_at_hour:
        return date.fromordinal(local.toordinal() - 1)
    return local.date()


def iso_ms(at: datetime) -> str:
    """RFC 3339 in UTC with milliseconds: 2026-11-23T22:51:30.123Z."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}Z"
