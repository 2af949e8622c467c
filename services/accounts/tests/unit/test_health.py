"""Judging a till by what it says."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from accounts.domain.health import LEAST_FREE_DISK, SILENCE, Concern, Condition, Facts, concerns, condition

WELL = Facts(False, 0, ("ready", "attention", "unknown"), 0, LEAST_FREE_DISK, 0, "02:aa", False)
AT = datetime(2026, 11, 26, 20, tzinfo=UTC)


@pytest.mark.parametrize(
    ("change", "concern"),
    [
        ({"frozen": True}, Concern.FROZEN),
        ({"entries_waiting": 101}, Concern.JOURNAL_LATE),
        ({"printers": ("ready", "blocked")}, Concern.PRINTER),
        ({"printers": ("offline",)}, Concern.PRINTER),
        ({"papers_unsettled": 1}, Concern.PAPERS),
        ({"free_disk_bytes": LEAST_FREE_DISK - 1}, Concern.DISK),
        ({"clock_offset_ms": -30_001}, Concern.CLOCK),
        ({"mac_address": "02:bb"}, Concern.OTHER_MACHINE),
        ({"sync_fails": True}, Concern.SYNC),
    ],
)
def test_each_fact_that_needs_somebody_is_a_concern(change, concern):
    assert concerns(WELL, "02:AA") == []
    assert concerns(replace(WELL, **change), "02:AA") == [concern]


@pytest.mark.parametrize(("known", "told"), [("", "02:bb"), ("02:aa", "")])
def test_a_machine_without_a_mac_address_is_not_another_machine(known, told):
    """R6."""
    assert concerns(replace(WELL, mac_address=told), known) == []


def test_silence_comes_before_concerns():
    assert condition(None, [], AT) is Condition.NEVER_REPORTED
    assert condition(AT, [], AT) is Condition.WELL
    assert condition(AT, [Concern.DISK], AT) is Condition.ATTENTION
    assert condition(AT, [Concern.DISK], AT + SILENCE) is Condition.OFFLINE
    assert condition(AT, [], AT + SILENCE - timedelta(milliseconds=1)) is Condition.WELL
