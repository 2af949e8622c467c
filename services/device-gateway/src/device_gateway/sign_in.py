"""Cashiers signing in and out, with a PIN or a badge and without a network (D3, M3)."""

import hashlib
import sqlite3
import uuid
from datetime import datetime

import ledger
from device_gateway.identification import Claim, identify
from device_gateway.store import journal, shifts
from device_gateway.store.shifts import Shift
from device_gateway.till import Seller, Till


def session_hash(cookie: str) -> bytes:
    """What the database keeps of a browser's cookie."""
    return hashlib.sha256(cookie.encode()).digest()


def sign_in(till: Till, claim: Claim, before: bytes | None, session: bytes, now: datetime) -> Seller:
    """Begin a shift in the browser whose session is `session`; whoever was signed in there (`before`) is signed out.

    Floats are not touched (E6). Raises CashierNotFound, PinWrong, BadgeUnknown, PinThrottled, NotEnrolled.
    """
    till.identity.enrolled()
    who = identify(till, claim, now)
    seller = Seller(who.cashier, Shift(str(uuid.uuid4()), who.cashier.id))
    by_badge = who.means is ledger.Means.BADGE
    with till.database.write() as tx:
        if before is not None and (shift := shifts.current(tx, before)):
            end(till, tx, shift, now)
        shifts.begin(tx, seller.shift, session, now)
        body = ledger.ShiftChange(seller.cashier.id, seller.shift.shift_id, by_badge).to_body()
        journal.append(tx, till.identity, ledger.Kind.SIGN_IN, body, now)
    till.wake_upload.set()
    till.wake_floats.set()  # a float that this person carried here
    return seller


def sign_out(till: Till, session: bytes, now: datetime) -> None:
    """End the shift of this browser. Nobody signed in is fine: the wish is fulfilled."""
    with till.database.write() as tx:
        if shift := shifts.current(tx, session):
            end(till, tx, shift, now)
    till.wake_upload.set()


def end(till: Till, tx: sqlite3.Connection, shift: Shift, now: datetime) -> None:
    """End a shift in the caller's transaction; one that has ended already stays so."""
    if shifts.end(tx, shift.shift_id, now):
        body = ledger.ShiftChange(shift.cashier_id, shift.shift_id).to_body()
        journal.append(tx, till.identity, ledger.Kind.SIGN_OUT, body, now)
