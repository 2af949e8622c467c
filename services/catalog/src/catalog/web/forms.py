"""What people type, read strictly: each reader gives a value or raises Wrong with a sentence for that field."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import TypeVar
from zoneinfo import ZoneInfo

from flask_babel import gettext as _

from kit.web import current_language

T = TypeVar("T")
MOST_SLOTS = 5_000


class Wrong(Exception):
    """A field cannot be read; the text is for the person who typed it."""


class Form:
    """Reads fields and gathers what is wrong with each, so that all errors show at once."""

    def __init__(self, given: Mapping[str, str]) -> None:
        self.given, self.errors = given, dict[str, str]()

    def read(self, name: str, reader: Callable[[str], T], otherwise: T) -> T:
        """The field's value; `otherwise`, with the error noted, when it cannot be read."""
        try:
            return reader(self.given.get(name, "").strip())
        except Wrong as wrong:
            self.errors[name] = str(wrong)
            return otherwise

    def required(self, name: str) -> str:
        return self.read(name, words, "")


def words(typed: str) -> str:
    if not typed:
        raise Wrong(_("Fill this in."))
    return typed


def amount(typed: str) -> int:
    """Minor units of an amount typed with a comma or a point: "12,50" and "12.50" are 1250."""
    plain = re.sub(r"[\s\u00a0\u202f€]", "", typed)
    if not re.fullmatch(r"[0-9]{1,6}([.,][0-9]{1,2})?", plain):
        raise Wrong(_("Write an amount such as 12.50."))
    whole, _sign, cents = plain.replace(",", ".").partition(".")
    return int(whole) * 100 + int(cents.ljust(2, "0"))


def typed_amount(minor_units: int) -> str:
    """An amount as the reader would type it: 1250 is "12,50" in French."""
    return f"{minor_units // 100}{',' if current_language() == 'fr' else '.'}{minor_units % 100:02}"


def whole(typed: str) -> int:
    if not re.fullmatch(r"[0-9]{1,9}", typed):
        raise Wrong(_("Write a whole number."))
    return int(typed)


def day(typed: str) -> date:
    try:
        return date.fromisoformat(typed)
    except ValueError:
        raise Wrong(_("Choose a day.")) from None


def hour(typed: str) -> time:
    try:
        return time.fromisoformat(typed)
    except ValueError:
        raise Wrong(_("Write an hour such as 14:30.")) from None


def span(on: date, start: time, end: time, zone: str) -> tuple[datetime, datetime]:
    """Both instants in UTC; an end before the start is on the next morning."""
    here = ZoneInfo(zone)
    ends_on = on + timedelta(days=1) if end < start else on
    return (
        datetime.combine(on, start, here).astimezone(UTC),
        datetime.combine(ends_on, end, here).astimezone(UTC),
    )


def hours(typed: str) -> list[time]:
    """Starts of a day: "10:00-18:00 every 30 min" (the last starts before 18:00), or a list "14:00, 20:30"."""
    every = re.fullmatch(
        r"(\d{1,2}:\d\d)\s*[-–]\s*(\d{1,2}:\d\d)\s*(?:every|toutes\s+les|/)\s*(\d{1,3})\s*(?:min(?:utes?)?)?",
        typed.lower(),
    )
    if every is None:
        starts = [hour(part.strip().rjust(5, "0")) for part in re.split(r"[,;]", typed) if part.strip()]
        if not starts:
            raise Wrong(_("Write hours such as 14:00, 20:30 or 10:00-18:00 every 30 min."))
        return sorted(set(starts))
    first, last = (hour(part.rjust(5, "0")) for part in every.groups()[:2])
    step = int(every.group(3))
    if step < 5 or last <= first:
        raise Wrong(_("The hours must follow each other, at least 5 minutes apart."))
    begin, end = first.hour * 60 + first.minute, last.hour * 60 + last.minute
    return [time(minute // 60, minute % 60) for minute in range(begin, end, step)]


def slots(
    first: date, last: date, weekdays: set[int], starts: list[time], minutes: int, zone: str
) -> list[tuple[datetime, datetime]]:
    """The instants of a series, day by day in the venue's zone. Raises Wrong beyond 5,000 and for none."""
    if last < first:
        raise Wrong(_("The last day must not come before the first."))
    if ((last - first).days + 1) * len(starts) > MOST_SLOTS * 7:
        raise Wrong(_("That would be more than 5,000 performances. Shorten the period."))
    days = [first + timedelta(days=i) for i in range((last - first).days + 1)]
    here = ZoneInfo(zone)
    begun = [
        datetime.combine(on, start, here).astimezone(UTC) for on in days if on.weekday() in weekdays for start in starts
    ]
    if not begun:
        raise Wrong(_("No day of the period is one of the chosen weekdays."))
    if len(begun) > MOST_SLOTS:
        raise Wrong(_("That would be more than 5,000 performances. Shorten the period."))
    return [(at, at + timedelta(minutes=minutes)) for at in begun]
