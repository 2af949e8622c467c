"""The clock of this machine: whether the time that it shows may be sealed (domain 5.3, 5.7).

A clock that stands before an entry of the journal was either set back since, or was ahead when that was sealed: alone,
the till cannot tell. The centre can, for it gives a token only to a clock within five minutes of its own. Without a
network somebody with the right confirms the time that is on the screen. Either word is sealed, and what was sealed
before it does not count against the clock any more; the order of entries is that of their numbers, whatever their time.
"""

import sqlite3
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import ledger
from device_gateway import __version__, overrides
from device_gateway.identification import Identified
from device_gateway.store import journal, meta
from device_gateway.till import Seller, Till
from kit.clock import iso_ms
from kit.errors import FieldInvalid
from kit.telemetry import log

RIGHT = "cashdesk.confirm_clock"
CENTRE_SKEW = timedelta(minutes=5)  # accounts gives no token to a clock that is farther off


@dataclass(frozen=True)
class Reading:
    """`ahead_of`: the entry that the clock stands before, so that nothing is sold. `centre_at`: what time the centre
    says that it is, where it does not take this clock. `offset_ms`: till minus centre, as last measured."""

    ahead_of: datetime | None
    centre_at: datetime | None
    offset_ms: int


def read(till: Till, now: datetime) -> Reading:
    """How the clock stands; the centre is asked as soon as it comes into doubt."""
    connection = till.database.read()
    ahead_of = journal.ahead_of(connection, now)
    if ahead_of and not till.clock_in_doubt:
        till.wake_token.set()
    till.clock_in_doubt = ahead_of is not None
    skew = till.clock_skew if till.line.online else None
    return Reading(ahead_of, now - skew if skew is not None else None, meta.number(connection, meta.CLOCK_OFFSET))


def taken_by_centre(tx: sqlite3.Connection, till: Till, now: datetime) -> None:
    """The centre took this clock for right a moment ago: go on, if the journal was in the way."""
    if abs(meta.number(tx, meta.CLOCK_OFFSET)) > CENTRE_SKEW // timedelta(milliseconds=1):
        meta.put(tx, meta.CLOCK_OFFSET, 0)  # measured before somebody set the clock; the next upload measures again
    if ahead_of := journal.ahead_of(tx, now):
        _vouch(tx, till, {"by": "centre", "ahead_of": iso_ms(ahead_of)}, now)
        till.wake_upload.set()


def confirm(till: Till, seller: Seller, shown: datetime, approver: Identified | None, now: datetime) -> None:
    """Somebody with the right, or with leave, says that `shown` is the right time. Sealed; harmless when nobody doubts.

    Raises OverrideNeeded, FieldInvalid when the clock moved since it was shown.
    """
    if abs(now - shown) > journal.CLOCK_SLACK:
        raise FieldInvalid("at", "the clock has moved since it was shown")
    with till.database.write() as tx:
        ahead_of = journal.ahead_of(tx, now)
        if ahead_of is None:
            return
        overrides.require(tx, till, seller, RIGHT, approver, "confirm_clock", now)
        who = approver.cashier.id if approver and not seller.cashier.may(RIGHT) else seller.cashier.id
        _vouch(tx, till, {"by": "person", "person": who, "ahead_of": iso_ms(ahead_of)}, now)
    till.wake_upload.set()


def skew_of(facts: dict[str, str], now: datetime) -> timedelta | None:
    """Till minus centre, from the centre's refusal of this clock."""
    try:
        return now - datetime.fromisoformat(facts["server_at"])
    except (KeyError, ValueError, TypeError):
        return None


def _vouch(tx: sqlite3.Connection, till: Till, how: dict[str, Any], now: datetime) -> None:
    body = {"event": "clock_confirmed", "version": __version__, **how}
    sequence = journal.append(tx, till.identity, ledger.Kind.TECHNICAL, body, now)
    meta.put(tx, meta.CLOCK_VOUCHED, sequence)
    log().warning("clock_confirmed", **how)
