"""Cashiers signing in and out, with a PIN and without a network (D3)."""

import hashlib
import sqlite3
import uuid
from datetime import datetime

import argon2

import ledger
from device_gateway.domain.errors import CashierNotFound, PinWrong
from device_gateway.domain.throttle import Tries
from device_gateway.store import journal, shifts, snapshot
from device_gateway.store.shifts import Shift
from device_gateway.store.snapshot import Cashier
from device_gateway.till import Seller, Till
from kit.errors import FieldInvalid

_hasher = argon2.PasswordHasher()  # verifying takes its costs from the hash


def session_hash(cookie: str) -> bytes:
    """What the database keeps of a browser's cookie."""
    return hashlib.sha256(cookie.encode()).digest()


def sign_in(till: Till, cashier_id: str, pin: str, before: bytes | None, session: bytes, now: datetime) -> Seller:
    """Begin a shift in the browser whose session is `session`; whoever was signed in there (`before`) is signed out.

    Raises CashierNotFound, PinWrong, PinThrottled, FieldInvalid, ClockWrong, NotEnrolled.
    """
    cashier = check_pin(till, cashier_id, pin, now)
    seller = Seller(cashier, Shift(str(uuid.uuid4()), cashier.id))
    with till.database.write() as tx:
        journal.require_clock(tx, now)
        if before is not None and (shift := shifts.current(tx, before)):
            _end(till, tx, shift, now)
        shifts.begin(tx, seller.shift, session, now)
        body = ledger.ShiftChange(cashier.id, seller.shift.shift_id).to_body()
        journal.append(tx, till.identity, ledger.Kind.SIGN_IN, body, now)
    till.wake_upload.set()
    return seller


def check_pin(till: Till, cashier_id: str, pin: str, now: datetime) -> Cashier:
    """Whose PIN this is, and a right one forgives the wrong ones before it.

    The try is counted on disk before the PIN is looked at, so neither a crash nor many threads buy more tries.
    Raises CashierNotFound, PinWrong, PinThrottled, FieldInvalid, NotEnrolled.
    """
    if not isinstance(pin, str) or not 1 <= len(pin) <= 16:
        raise FieldInvalid("pin", "must be 1 to 16 characters")
    till.identity.enrolled()
    cashier = snapshot.cashier(till.database.read(), cashier_id)
    if cashier is None:
        raise CashierNotFound("nobody of this name may sign in here")
    with till.database.write() as tx:
        tries = shifts.tries(tx, cashier.id).count_one(now)
        shifts.keep_tries(tx, cashier.id, tries)
    if not _is_right(cashier.pin_hash, pin):
        raise PinWrong("this is not the right PIN", attempts_left=tries.attempts_left)
    with till.database.write() as tx:
        shifts.keep_tries(tx, cashier.id, Tries())
    return cashier


def sign_out(till: Till, session: bytes, now: datetime) -> None:
    """End the shift of this browser. Nobody signed in is fine: the wish is fulfilled."""
    with till.database.write() as tx:
        if shift := shifts.current(tx, session):
            _end(till, tx, shift, now)
    till.wake_upload.set()


def _end(till: Till, tx: sqlite3.Connection, shift: Shift, now: datetime) -> None:
    if shifts.end(tx, shift.shift_id, now):
        body = ledger.ShiftChange(shift.cashier_id, shift.shift_id).to_body()
        journal.append(tx, till.identity, ledger.Kind.SIGN_OUT, body, now)


def _is_right(pin_hash: str, pin: str) -> bool:
    try:
        return _hasher.verify(pin_hash, pin)
    except (argon2.exceptions.VerificationError, argon2.exceptions.InvalidHashError):
        return False
