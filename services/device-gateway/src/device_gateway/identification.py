"""Who somebody is, by PIN or badge, without a network (D3, M3): for signing in, and for a manager's word.

Each try is counted on disk before it is looked at, so neither a crash nor many threads buy more tries.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

import argon2
from argon2.low_level import Type, hash_secret_raw

import ledger
from device_gateway.domain.errors import BadgeUnknown, CashierNotFound, PinWrong
from device_gateway.domain.throttle import Tries
from device_gateway.store import shifts, snapshot
from device_gateway.store.snapshot import Cashier
from device_gateway.till import Till
from kit.errors import FieldInvalid

BADGE_LENGTH = (12, 128)
_BADGES = "badge"  # an unknown badge names nobody: its tries count together
_hasher = argon2.PasswordHasher()  # verifying takes its costs from the hash


@dataclass(frozen=True)
class ByPin:
    cashier_id: str
    pin: str = field(repr=False)


@dataclass(frozen=True)
class ByBadge:
    badge: str = field(repr=False)


Claim = ByPin | ByBadge


@dataclass(frozen=True)
class Identified:
    """A person of the roster, and how they showed it."""

    cashier: Cashier
    means: ledger.Means


def parse_claim(raw: object, at: str = "") -> Claim:
    """{"cashier_id", "pin"} or {"badge"}, which counts in capitals. Raises FieldInvalid naming the field under `at`."""
    if not isinstance(raw, Mapping):
        raise FieldInvalid(at or "body", "must be an object")
    prefix = f"{at}." if at else ""
    if "badge" in raw:
        return ByBadge(_text(raw, "badge", prefix, *BADGE_LENGTH).upper())
    return ByPin(_text(raw, "cashier_id", prefix, 1, 64), _text(raw, "pin", prefix, 1, 16))


def _text(raw: Mapping[str, object], name: str, prefix: str, shortest: int, longest: int) -> str:
    value = raw.get(name)
    if not isinstance(value, str) or not shortest <= len(value) <= longest:
        raise FieldInvalid(prefix + name, f"must be {shortest} to {longest} characters")
    return value


def identify(till: Till, claim: Claim, now: datetime) -> Identified:
    """Not inside a transaction: the count of tries must outlive a refusal.

    Raises CashierNotFound, PinWrong, BadgeUnknown, PinThrottled.
    """
    match claim:
        case ByPin(cashier_id, pin):
            return Identified(_by_pin(till, cashier_id, pin, now), ledger.Means.PIN)
        case ByBadge(badge):
            return Identified(_by_badge(till, badge, now), ledger.Means.BADGE)


def _by_pin(till: Till, cashier_id: str, pin: str, now: datetime) -> Cashier:
    cashier = snapshot.cashier(till.database.read(), cashier_id)
    if cashier is None:
        raise CashierNotFound("nobody of this name may sign in here")
    tries = _count(till, cashier.id, now)
    if not _is_right(cashier.pin_hash, pin):
        raise PinWrong("this is not the right PIN", attempts_left=tries.attempts_left)
    _forget(till, cashier.id)
    return cashier


def _by_badge(till: Till, badge: str, now: datetime) -> Cashier:
    tries = _count(till, _BADGES, now)
    connection = till.database.read()
    salt = snapshot.badge_salt(connection)
    cashier = snapshot.cashier_of_badge(connection, badge_hash(badge, salt)) if salt else None
    if cashier is None:
        raise BadgeUnknown("nobody who may sign in here wears this badge", attempts_left=tries.attempts_left)
    _forget(till, _BADGES)
    return cashier


def badge_hash(badge: str, salt: bytes) -> bytes:
    """What the roster holds of a badge: see GetTillRosterResponse.badge_salt."""
    return hash_secret_raw(badge.encode(), salt, 2, 19 * 1024, 1, 32, Type.ID)


def _count(till: Till, who: str, now: datetime) -> Tries:
    with till.database.write() as tx:
        tries = shifts.tries(tx, who).count_one(now)
        shifts.keep_tries(tx, who, tries)
    return tries


def _forget(till: Till, who: str) -> None:
    with till.database.write() as tx:
        shifts.keep_tries(tx, who, Tries())


def _is_right(pin_hash: str, pin: str) -> bool:
    try:
        return _hasher.verify(pin_hash, pin)
    except (argon2.exceptions.VerificationError, argon2.exceptions.InvalidHashError):
        return False
