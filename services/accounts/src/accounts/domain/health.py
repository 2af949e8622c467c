"""How a till is, judged at the centre by what it last said of itself (R7)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

SILENCE = timedelta(seconds=90)  # a till reports every 30 s: three reports are missing
MOST_WAITING = 100
LEAST_FREE_DISK = 500 * 1000 * 1000
MOST_CLOCK_OFFSET_MS = 30_000
_PRINTS_NOT = {"blocked", "offline"}


class Condition(StrEnum):
    NEVER_REPORTED = "never_reported"
    WELL = "well"
    ATTENTION = "attention"
    OFFLINE = "offline"


class Concern(StrEnum):
    """Why somebody should look at a till, the gravest first."""

    FROZEN = "frozen"
    JOURNAL_LATE = "journal_late"
    PRINTER = "printer"
    PAPERS = "papers"
    DISK = "disk"
    CLOCK = "clock"
    OTHER_MACHINE = "other_machine"
    SYNC = "sync"


@dataclass(frozen=True)
class Facts:
    """What of a report is judged."""

    frozen: bool
    entries_waiting: int
    printers: tuple[str, ...]  # their conditions
    papers_unsettled: int
    free_disk_bytes: int
    clock_offset_ms: int
    mac_address: str
    sync_fails: bool


def concerns(facts: Facts, mac_at_enrolment: str) -> list[Concern]:
    """In the order of Concern. Another MAC address blocks nothing: it is easily changed, and easily forged (R6)."""
    known, told = mac_at_enrolment.lower(), facts.mac_address.lower()
    found = {
        Concern.FROZEN: facts.frozen,
        Concern.JOURNAL_LATE: facts.entries_waiting > MOST_WAITING,
        Concern.PRINTER: not _PRINTS_NOT.isdisjoint(facts.printers),
        Concern.PAPERS: facts.papers_unsettled > 0,
        Concern.DISK: facts.free_disk_bytes < LEAST_FREE_DISK,
        Concern.CLOCK: abs(facts.clock_offset_ms) > MOST_CLOCK_OFFSET_MS,
        Concern.OTHER_MACHINE: bool(known and told and known != told),
        Concern.SYNC: facts.sync_fails,
    }
    return [concern for concern in Concern if found[concern]]


def condition(reported_at: datetime | None, found: Sequence[Concern], now: datetime) -> Condition:
    """`found`: the concerns of the last report."""
    if reported_at is None:
        return Condition.NEVER_REPORTED
    if now - reported_at >= SILENCE:
        return Condition.OFFLINE
    return Condition.ATTENTION if found else Condition.WELL
