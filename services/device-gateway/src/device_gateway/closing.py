"""Closing the day at demand (Z), and reading it without closing it (X), with or without the centre (LAW-4)."""

from datetime import datetime

import ledger
from device_gateway import __version__, overrides
from device_gateway.identification import Identified
from device_gateway.printing import day_slip, documents
from device_gateway.store import closings, jobs, journal
from device_gateway.store.jobs import Role
from device_gateway.till import Seller, Till

RIGHT = "cashdesk.close"


def close_day(till: Till, seller: Seller, approver: Identified | None, now: datetime) -> ledger.Closing:
    """Seal the day's closing and print its slip; whatever is sold after it falls under the next one. Where nothing
    happened since the last closing, that one is answered. Raises OverrideNeeded, TillFrozen, ClockWrong.
    """
    till.require_thawed(to_close=True)
    with till.database.write() as tx:
        journal.require_clock(tx, now)
        journal.end_days(tx, till.identity, now)
        overrides.require(tx, till, seller, RIGHT, approver, "close_day", now)
        closing = journal.close(tx, till.identity, ledger.Period.DAY, till.business_on(now), seller.cashier.id, now)
        if closing is None:
            before = closings.last(tx, ledger.Period.DAY)
            assert before is not None  # else the till's enrolment would be there to close
            return before[0]
        sequence = journal.last_sequence(tx)
        mention = documents.journal_mention(sequence, journal.hash_of(tx, sequence))
        jobs.add(tx, day_slip.closing(till, seller, closing, sequence, mention, now), now)
    till.wake_printing([Role.RECEIPT])
    till.wake_upload.set()
    return closing


def read_day(till: Till, seller: Seller, approver: Identified | None, now: datetime) -> ledger.Closing:
    """What a closing would say now: an X reading. That it was read, and what it said, is sealed.

    Raises OverrideNeeded.
    """
    with till.database.write() as tx:
        journal.end_days(tx, till.identity, now)
        overrides.require(tx, till, seller, RIGHT, approver, "read_day", now)
        of, last = till.business_on(now), journal.last_sequence(tx)
        reading = closings.totals(tx).reading(ledger.Period.DAY, of, last, seller.cashier.id)
        body = {"event": "x_reading", "version": __version__, **reading.to_body()}
        journal.append(tx, till.identity, ledger.Kind.TECHNICAL, body, now)
    till.wake_upload.set()
    return reading
