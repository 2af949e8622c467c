"""What a cashier types to find a sale (A5): one box, understood word by word.

T01-000042   number          42,50  42 €    amount           14h  14:30     hour, or ten minutes around a minute
42           number, amount in whole units, or the end of a card's reference
*4242        card's last four digits         hier  26/11      day            K003-000017-X   ticket
musée lucas  words of what was sold, or of who sold it
"""

import re
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import titles
from kit.words import fold

LONGEST = 200
AROUND = timedelta(minutes=10)
EARLIEST = 2000
_NUMBER = re.compile(r"[A-Z][A-Z0-9]{1,7}-\d{1,9}")
_AMOUNT = re.compile(r"(\d{1,7})(?:[.,](\d{2}))?(€|eur|euros?)?", re.IGNORECASE)
_HOUR = re.compile(r"([01]?\d|2[0-3])\s?[h:]\s?([0-5]\d)?", re.IGNORECASE)
_CARD = re.compile(r"[*#x•]{1,12}(\d{4})", re.IGNORECASE)
_DAY = re.compile(r"(\d{1,2})/(\d{1,2})(?:/(\d{4}))?|(\d{4})-(\d{2})-(\d{2})")
_TODAY, _YESTERDAY = {"aujourd hui", "today"}, {"hier", "yesterday"}


Window = tuple[datetime, datetime]


@dataclass(frozen=True)
class Wanted:
    """What a sale must fit, all of it. Amounts in minor units.

    digits: of these, each is a number, an amount in whole units or the end of a card's reference.
    between: instants in UTC, the second not included.
    """

    ticket: tuple[int, int] | None = None
    number: str = ""
    digits: tuple[int, ...] = ()
    amounts: tuple[int, ...] = ()
    card: str = ""
    between: Window | None = None
    words: tuple[str, ...] = ()
    cashier_id: str = ""
    mode: str = ""


def understand(text: str, zone: ZoneInfo, now: datetime) -> Wanted:
    """What is looked for; nothing at all fits every sale. It never raises: what is no number is a word."""
    text = text[:LONGEST].strip()
    if ticket := _ticket(text):
        return Wanted(ticket=ticket)
    found, day, hours = Wanted(), None, None
    today = now.astimezone(zone).date()
    for word in re.sub(r"(\d)\s+(?=€|eur\b|euros?\b)", r"\1", text).split():
        if spoken := _day(word, today):
            day = spoken
        elif match := _HOUR.fullmatch(word):
            hours = time(int(match[1]), int(match[2])) if match[2] else int(match[1])
        else:
            found = _one_more(found, word)
    return replace(found, between=_window(day, hours, today, zone))


def _ticket(text: str) -> tuple[int, int] | None:
    try:
        return titles.parse_human_code(text)
    except titles.Unreadable:
        pass
    try:
        token = titles.read(text).token
    except titles.Unreadable:
        return None
    return token.key_id, token.serial


def _one_more(found: Wanted, word: str) -> Wanted:
    if _NUMBER.fullmatch(word.upper()):
        return replace(found, number=word.upper())
    if match := _CARD.fullmatch(word):
        return replace(found, card=match[1])
    if match := _AMOUNT.fullmatch(word):
        if match[2] or match[3]:
            return replace(found, amounts=(*found.amounts, int(match[1]) * 100 + int(match[2] or 0)))
        return replace(found, digits=(*found.digits, int(match[1])))
    return replace(found, words=(*found.words, *fold(word).split()))


def _day(word: str, today: date) -> date | None:
    """Today, yesterday, 26/11 (the last one that was) or a whole date."""
    if (plain := fold(word)) in _TODAY | _YESTERDAY:
        return today if plain in _TODAY else today - timedelta(days=1)
    match = _DAY.fullmatch(word)
    if match is None:
        return None
    year, month, day = (match[4], match[5], match[6]) if match[4] else (match[3], match[2], match[1])
    if year and not EARLIEST <= int(year) <= today.year:
        return None
    try:
        if year:
            return date(int(year), int(month), int(day))
        this_year = date(today.year, int(month), int(day))
        return this_year if this_year <= today else date(today.year - 1, int(month), int(day))
    except ValueError:
        return None


def _window(day: date | None, hours: time | int | None, today: date, zone: ZoneInfo) -> Window | None:
    """An hour without a day is today's."""
    if hours is None:
        return _whole(day, zone) if day else None
    day = day or today
    if isinstance(hours, int):
        since = datetime.combine(day, time(hours), zone).astimezone(UTC)
        return since, since + timedelta(hours=1)
    at = datetime.combine(day, hours, zone).astimezone(UTC)
    return at - AROUND, at + AROUND + timedelta(minutes=1)


def _whole(day: date, zone: ZoneInfo) -> Window:
    """From midnight to midnight: 23 or 25 hours when the clock changes."""
    midnight, next_one = (datetime.combine(each, time(), zone) for each in (day, day + timedelta(days=1)))
    return midnight.astimezone(UTC), next_one.astimezone(UTC)


def on_day(wanted: Wanted, day: date, zone: ZoneInfo) -> Wanted:
    """The same, on that day, unless a time is asked for already."""
    return wanted if wanted.between else replace(wanted, between=_whole(day, zone))
