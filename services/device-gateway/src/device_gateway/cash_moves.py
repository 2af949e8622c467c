"""Money that comes into a float or leaves it without a sale: pay-ins, withdrawals, transfers, floats carried to another
till (E1 to E3). Each is sealed with its slip, connected or not.

A float belongs to a person (ADR 0023). Who goes on at another till seals there `carried_out` and here `carried_in`:
both bear one movement id, and amounts that cancel out. The centre tells tills which floats are open elsewhere and on
their way; offline a till knows those of which it heard, and a cashier whose float it does not know opens another.
"""

import sqlite3
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import ledger
from device_gateway import floats
from device_gateway.domain.errors import (
    FloatAlreadyOpen,
    FloatNotOnItsWay,
    FloatNotOpen,
    NotEnoughCash,
    OverrideNeeded,
    OwnSignature,
)
from device_gateway.domain.payments import MAX_AMOUNT
from device_gateway.identification import Identified, identify, parse_claim
from device_gateway.overrides import approver, authorisers
from device_gateway.printing import cash_slips, documents
from device_gateway.store import floats as store
from device_gateway.store import jobs, journal, sales, shifts, snapshot
from device_gateway.store.jobs import Role
from device_gateway.store.shifts import CashFloat
from device_gateway.till import Seller, Till
from kit.errors import FieldInvalid
from ledger import CashMoved, MovementKind, MovementReason

SIGN = "cashdesk.close"  # the right of whoever signs second
_SIGNED = {MovementKind.PAY_IN: 1, MovementKind.WITHDRAWAL: -1}


@dataclass(frozen=True)
class Asked:
    """What the page asks for, checked in form but for `authorisation`. `amount` is positive."""

    request_id: str
    kind: MovementKind
    amount: int
    reason: MovementReason
    note: str | None
    bag_number: str | None
    authorisation: object
    fingerprint: str


def parse_request(raw: Mapping[str, Any]) -> Asked:
    """Raises FieldInvalid naming the field."""
    kind = raw.get("kind")
    if kind not in list(_SIGNED):
        raise FieldInvalid("kind", f"must be one of {', '.join(_SIGNED)}")
    reason = raw.get("reason")
    if reason not in list(MovementReason):
        raise FieldInvalid("reason", f"must be one of {', '.join(MovementReason)}")
    note = _line(raw, "note", ledger.LONGEST_NOTE)
    if reason == MovementReason.OTHER and note is None:
        raise FieldInvalid("note", "must say what for")
    bag_number = _line(raw, "bag_number", ledger.LONGEST_BAG)
    if bag_number is not None and kind != MovementKind.WITHDRAWAL:
        raise FieldInvalid("bag_number", "belongs to a withdrawal")
    asked = [raw.get(name) for name in ("kind", "amount", "reason", "note", "bag_number")]
    return Asked(
        _request_id(raw), MovementKind(kind), _amount(raw), MovementReason(reason), note, bag_number,
        raw.get("authorisation"), documents.fingerprint(asked),
    )  # fmt: skip


def move(till: Till, seller: Seller, asked: Asked, now: datetime) -> dict[str, Any]:
    """Pay in or withdraw; repeating a request gives its first answer. Above the profile's limit another person signs.

    Raises Forbidden, FloatNotOpen, NotEnoughCash, OverrideNeeded, OwnSignature, PinWrong, BadgeUnknown, PinThrottled,
    CashierNotFound, TillFrozen, TillLeaving, ClockWrong.
    """
    seller.require("cashdesk.sell")
    if earlier := sales.earlier_answer(till.database.read(), asked.request_id, asked.fingerprint):
        return earlier
    till.require_thawed()
    second = approver(till, asked.authorisation, now)
    with till.database.write() as tx:
        if earlier := sales.earlier_answer(tx, asked.request_id, asked.fingerprint):
            return earlier
        journal.require_clock(tx, now)
        cash_float = floats.of_seller(tx, seller)
        signed = _second_signature(tx, till, seller, asked, second)
        amount = asked.amount * _SIGNED[asked.kind]
        _require_cash(cash_float, amount)
        moved = replace(
            _movement(tx, till, seller.cashier.id, seller, cash_float, asked.kind, amount, now),
            reason=asked.reason, note=asked.note, bag_number=asked.bag_number, authorised_by=signed,
        )  # fmt: skip
        answer = _seal(tx, till, seller, moved, now, opens_drawer=True)
        sales.remember(tx, asked.request_id, asked.fingerprint, answer, now)
    _wake(till)
    return answer


def transfer(till: Till, seller: Seller, raw: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """Give cash to another person's float on this till; the receiver shows who they are, and so agrees.

    Raises Forbidden, FieldInvalid, FloatNotOpen, NotEnoughCash, OwnSignature, PinWrong, BadgeUnknown, PinThrottled,
    CashierNotFound, TillFrozen, TillLeaving, ClockWrong.
    """
    seller.require("cashdesk.sell")
    request_id, amount = _request_id(raw), _amount(raw)
    fingerprint = documents.fingerprint(["transfer", amount])
    if earlier := sales.earlier_answer(till.database.read(), request_id, fingerprint):
        return earlier
    till.require_thawed()
    receiver = identify(till, parse_claim(raw.get("authorisation"), "authorisation"), now).cashier
    if receiver.id == seller.cashier.id:
        raise OwnSignature("a float gives nothing to itself")
    with till.database.write() as tx:
        if earlier := sales.earlier_answer(tx, request_id, fingerprint):
            return earlier
        journal.require_clock(tx, now)
        mine, theirs = floats.of_seller(tx, seller), shifts.float_of(tx, receiver.id)
        if theirs is None:
            raise FloatNotOpen(f"{receiver.name} has no float open")
        _require_cash(mine, -amount)
        given = replace(
            _movement(tx, till, seller.cashier.id, seller, mine, MovementKind.TRANSFER_OUT, -amount, now),
            other_float_id=theirs.cash_float_id, other_cashier_id=receiver.id,
        )  # fmt: skip
        taken = replace(
            _movement(tx, till, receiver.id, seller, theirs, MovementKind.TRANSFER_IN, amount, now),
            movement_id=given.movement_id, other_float_id=mine.cash_float_id, other_cashier_id=seller.cashier.id,
        )  # fmt: skip
        answer = _seal(tx, till, seller, given, now, opens_drawer=True)
        _seal(tx, till, seller, taken, now, opens_drawer=False)
        sales.remember(tx, request_id, fingerprint, answer, now)
    _wake(till)
    return answer


def carry_out(till: Till, seller: Seller, now: datetime) -> dict[str, Any]:
    """The person leaves this till with the float, with all that it should hold; it stays open (E1).

    Raises Forbidden, FloatNotOpen, ClockWrong.
    """
    seller.require("cashdesk.sell")
    with till.database.write() as tx:
        journal.require_clock(tx, now)
        cash_float = floats.of_seller(tx, seller)
        others = store.sums(tx, cash_float).others
        moved = replace(
            _movement(
                tx, till, seller.cashier.id, seller, cash_float, MovementKind.CARRIED_OUT, -cash_float.expected, now
            ),
            other_modes={mode: -amount for mode, amount in others.items() if amount},
        )
        answer = _seal(tx, till, seller, moved, now, opens_drawer=True)
        shifts.close_float(tx, cash_float.cash_float_id, now)
        store.add_elsewhere(tx, store.Elsewhere(
            cash_float.cash_float_id, seller.cashier.id, cash_float.business_on, cash_float.opened_at,
            till.identity.enrolled().number, moved.movement_id, cash_float.expected,
            {mode: -amount for mode, amount in moved.other_modes.items()},
        ))  # fmt: skip
    _wake(till)
    return answer


def carry_in(till: Till, seller: Seller, movement_id: str, now: datetime) -> dict[str, Any]:
    """Go on here with a float that was carried out of another till.

    Raises Forbidden, FloatNotOnItsWay, FloatAlreadyOpen, TillFrozen, TillLeaving, ClockWrong.
    """
    seller.require("cashdesk.sell")
    till.require_thawed()
    with till.database.write() as tx:
        journal.require_clock(tx, now)
        if shifts.float_of(tx, seller.cashier.id) is not None:
            raise FloatAlreadyOpen(f"{seller.cashier.name} has a float open")
        known = [each for each in store.elsewhere(tx, seller.cashier.id) if each.movement_id == movement_id != ""]
        if not known:
            raise FloatNotOnItsWay("no such float of this person is known as carried")
        carried = known[0]
        cash_float = CashFloat(
            carried.cash_float_id, seller.cashier.id, carried.business_on, carried.opened_at, 0, 0, 0,
            journal.last_sequence(tx) + 1,
        )  # fmt: skip
        shifts.open_float(tx, cash_float)
        moved = replace(
            _movement(tx, till, seller.cashier.id, seller, cash_float, MovementKind.CARRIED_IN, carried.amount, now),
            movement_id=movement_id, other_till=carried.till_number, other_modes=carried.other_modes,
        )  # fmt: skip
        answer = _seal(tx, till, seller, moved, now, opens_drawer=True)
        store.forget_elsewhere(tx, carried.cash_float_id)
    _wake(till)
    return answer


def _second_signature(
    tx: sqlite3.Connection, till: Till, seller: Seller, asked: Asked, second: Identified | None
) -> str | None:
    """Whose it is, where a withdrawal needs one: however many rights the seller has, one person is not two."""
    limit = till.catalogue.profile.second_signature_above
    if asked.kind is not MovementKind.WITHDRAWAL or not limit or asked.amount <= limit:
        return None
    if second is None or not second.cashier.may(SIGN):
        people = ", ".join(each.name for each in authorisers(tx, SIGN) if each.id != seller.cashier.id) or "–"
        raise OverrideNeeded(f"above {limit} somebody else signs too", right=SIGN, people=people)
    if second.cashier.id == seller.cashier.id:
        raise OwnSignature("the second signature is another person's")
    return second.cashier.id


def _require_cash(cash_float: CashFloat, amount: int) -> None:
    if cash_float.expected + amount < 0:
        raise NotEnoughCash(f"{cash_float.expected} is in the drawer, {-amount} is asked", left=cash_float.expected)


def _movement(
    tx: sqlite3.Connection, till: Till, cashier_id: str, seller: Seller, cash_float: CashFloat, kind: MovementKind,
    amount: int, now: datetime,
) -> CashMoved:  # fmt: skip
    return CashMoved(
        str(uuid.uuid4()), floats.take_number(tx, till), kind, cash_float.cash_float_id, cashier_id,
        seller.shift.shift_id, till.business_on(now), till.catalogue.organisation.currency, amount, None, None, None,
    )  # fmt: skip


def _seal(
    tx: sqlite3.Connection, till: Till, seller: Seller, moved: CashMoved, now: datetime, *, opens_drawer: bool
) -> dict[str, Any]:
    """The movement, its slip, and the drawer's opening, in the caller's transaction."""
    moved.check()
    sequence = journal.append(tx, till.identity, ledger.Kind.CASH_MOVED, moved.to_body(), now)
    shifts.add_moved(tx, moved.cash_float_id, moved.amount)
    if opens_drawer:
        body = {"cashier_id": seller.cashier.id, "shift_id": seller.shift.shift_id, "order_id": None,
                "reason": moved.kind.value}  # fmt: skip
        journal.append(tx, till.identity, ledger.Kind.DRAWER_OPENED, body, now)
    names = {each: found.name for each in _people(moved) if (found := snapshot.cashier(tx, each))}
    mention = cash_slips.mention(sequence, journal.hash_of(tx, sequence))
    jobs.add(tx, cash_slips.movement(till, moved, names, mention, now, kick_drawer=opens_drawer), now)
    return {"number": moved.number, "kind": moved.kind.value, "amount": abs(moved.amount), "sequence": sequence}


def _people(moved: CashMoved) -> list[str]:
    return [each for each in (moved.cashier_id, moved.other_cashier_id, moved.authorised_by) if each]


def _wake(till: Till) -> None:
    till.wake_printing([Role.RECEIPT])
    till.wake_upload.set()


def _request_id(raw: Mapping[str, Any]) -> str:
    try:
        return str(uuid.UUID(str(raw.get("request_id"))))
    except ValueError:
        raise FieldInvalid("request_id", "must be a UUID") from None


def _amount(raw: Mapping[str, Any]) -> int:
    amount = raw.get("amount")
    if type(amount) is not int or not 0 < amount <= MAX_AMOUNT:
        raise FieldInvalid("amount", f"must be a whole number of minor units, 1 to {MAX_AMOUNT}")
    return amount


def _line(raw: Mapping[str, Any], name: str, longest: int) -> str | None:
    value = raw.get(name)
    if value is None or value == "":
        return None
    if not isinstance(value, str) or not value.strip() or not value.isprintable() or len(value) > longest:
        raise FieldInvalid(name, f"must be one line of at most {longest} characters")
    return value.strip()
