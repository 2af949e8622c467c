"""Paying by the terminal (C4): asked once, never again while in doubt, then sold for or given back (ADR 0019)."""

import json
import secrets
import sqlite3
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import ledger
from device_gateway import overrides
from device_gateway.devices.registry import DeviceRole
from device_gateway.devices.status import Status
from device_gateway.domain.errors import (
    NoTerminal,
    PaymentForgotten,
    PaymentInDoubt,
    PaymentNotFound,
    PaymentNotUsable,
    PaymentState,
    TerminalBusy,
)
from device_gateway.identification import Identified
from device_gateway.store import attempts
from device_gateway.store.attempts import Attempt, State
from device_gateway.terminals.outcome import REFERENCE_LENGTH, Kind, Outcome, Result
from device_gateway.terminals.worker import TerminalWorker
from device_gateway.till import Seller, Till
from kit.clock import iso_ms
from kit.errors import FieldInvalid

SECOND_PERSON_ABOVE = 100_00  # whose word on a payment in doubt is one person's alone, up to here
SECOND_PERSON_RIGHT = "orders.refund"
LONGEST_BASKET = 100_000
_ALPHABET = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"  # read out over the telephone without mistakes


@dataclass(frozen=True)
class Named:
    """A part of a sale's money, and the payment at the terminal that took it."""

    index: int  # among the parts that are worth something
    attempt_id: str


def terminal(till: Till) -> TerminalWorker | None:
    """The terminal at work; None where cards are typed by hand, and while people practise."""
    worker = None if till.is_training else till.station.worker(DeviceRole.TERMINAL)
    return worker if isinstance(worker, TerminalWorker) else None


def terminal_status(till: Till) -> Status | None:
    """How it is; None where there is none."""
    worker = terminal(till)
    return worker.status() if worker else None


def begin(till: Till, seller: Seller, sent: Mapping[str, Any], now: datetime) -> Attempt:
    """Ask the customer's card for money. Repeating a request changes nothing.

    Raises Forbidden, TillFrozen, NoTerminal, TerminalBusy, PaymentInDoubt, FieldInvalid.
    """
    seller.require("cashdesk.sell")
    attempt_id, sale_id = identifier(sent, "attempt_id"), identifier(sent, "sale_id")
    if known := attempts.find(till.database.read(), attempt_id):
        return known
    till.require_thawed()
    worker = _terminal(till)
    amount, basket = sent.get("amount"), json.dumps(sent.get("basket"), ensure_ascii=False)
    if type(amount) is not int or not 0 < amount <= worker.most:
        raise FieldInvalid("amount", f"must be a whole number of minor units, 1 to {worker.most}")
    if len(basket) > LONGEST_BASKET:
        raise FieldInvalid("basket", f"must be shorter than {LONGEST_BASKET} characters")
    asked = _attempt(till, seller, attempt_id, sale_id, Kind.DEBIT, amount, basket, None, now)
    with till.database.write() as tx:
        _put(tx, asked)
    worker.wake()
    return asked


def abort(till: Till, attempt_id: str) -> None:
    """Give up what is at the terminal; where that cannot be done from here, its own key does it. Raises NoTerminal."""
    worker = _terminal(till)
    if attempts.find(till.database.read(), attempt_id):
        worker.abort()


def settle(
    till: Till, seller: Seller, attempt_id: str, paid: bool, approver: Identified | None, now: datetime
) -> Attempt:
    """A person has read the terminal's ticket: it took the money, or it did not. Large amounts need a second person.

    Raises PaymentNotFound, PaymentState, OverrideNeeded.
    """
    with till.database.write() as tx:
        attempt = _found(tx, attempt_id)
        if attempt.state is not State.UNKNOWN:
            raise PaymentState(f"the payment is {attempt.state}", state=attempt.state)
        if attempt.amount > SECOND_PERSON_ABOVE:
            overrides.require(tx, till, seller, SECOND_PERSON_RIGHT, approver, "payment_settled", now)
        told = Outcome(Result.APPROVED, "told", attempt.amount) if paid else Outcome(Result.DECLINED, "told")
        attempts.conclude(tx, attempt_id, told, now, settled_by=seller.cashier.id)
        return _found(tx, attempt_id)


def reverse(
    till: Till, seller: Seller, attempt_id: str, sent: Mapping[str, Any], now: datetime, *, by_hand: bool
) -> Attempt:
    """Give back what was taken and not sold for: at the terminal, or by hand at it, which a person confirms.

    Raises PaymentNotFound, PaymentNotUsable, NoTerminal, TerminalBusy, PaymentInDoubt, FieldInvalid.
    """
    back_id = identifier(sent, "attempt_id")
    if known := attempts.find(till.database.read(), back_id):
        return known
    worker = None if by_hand else _terminal(till)
    with till.database.write() as tx:
        taken = _found(tx, attempt_id)
        if not taken.moved or taken.order_id or taken.kind is not Kind.DEBIT:
            raise PaymentNotUsable("there is nothing to give back")
        back = _attempt(
            till, seller, back_id, taken.sale_id, Kind.CREDIT, taken.moved, taken.basket, taken.attempt_id, now
        )
        if worker is None:
            back = replace(back, state=State.APPROVED, why="told", moved=taken.moved, settled_by=seller.cashier.id)
        _put(tx, back, waits=worker is not None)
    if worker:
        worker.wake()
    return back


def named(raw_payments: object) -> list[Named]:
    """The parts of a sale that name their payment at the terminal. Raises FieldInvalid."""
    found = []
    parts = [each for each in raw_payments if isinstance(each, dict)] if isinstance(raw_payments, list) else []
    for index, each in enumerate(each for each in parts if each.get("amount")):
        if each.get("attempt_id") is not None:
            if each.get("mode") != ledger.Mode.CARD:
                raise FieldInvalid(f"payments[{index}].attempt_id", "is of a card's payment")
            found.append(Named(index, identifier(each, "attempt_id")))
    return found


def use(
    tx: sqlite3.Connection, paid: Sequence[ledger.Payment], uses: Sequence[Named], sale_id: str, order_id: str
) -> tuple[ledger.Payment, ...]:
    """The payments with what the terminal said of them; each of its approvals is used once, by the sale that seals.

    Raises PaymentNotUsable; PaymentInDoubt, PaymentForgotten for what else was asked of the terminal for this sale.
    """
    sealed = list(paid)
    for each in uses:
        part = sealed[each.index]
        taken = attempts.use(tx, each.attempt_id, order_id, part.amount)
        if taken is None:
            raise PaymentNotUsable("this payment is not there to be had")
        sealed[each.index] = replace(part, reference=taken.authorisation or taken.reference)
    for left in attempts.of_sale(tx, sale_id) if sale_id else ():
        if left.state in attempts.OPEN:
            raise PaymentInDoubt("a payment of this sale is in doubt", reference=left.reference)
        raise PaymentForgotten("the terminal took money that this sale leaves out", amount=left.moved)
    return tuple(sealed)


def identifier(sent: Mapping[str, Any], name: str) -> str:
    """Raises FieldInvalid."""
    try:
        return str(uuid.UUID(str(sent.get(name))))
    except ValueError:
        raise FieldInvalid(name, "must be a UUID") from None


def _terminal(till: Till) -> TerminalWorker:
    worker = terminal(till)
    if worker is None:
        raise NoTerminal("this till has no payment terminal")
    return worker


def _found(tx: sqlite3.Connection, attempt_id: str) -> Attempt:
    attempt = attempts.find(tx, attempt_id)
    if attempt is None:
        raise PaymentNotFound("there is no such payment")
    return attempt


def _put(tx: sqlite3.Connection, attempt: Attempt, waits: bool = True) -> None:
    if waits and attempts.is_busy(tx):
        raise TerminalBusy("another payment is at the terminal")
    try:
        attempts.begin(tx, attempt)
    except sqlite3.IntegrityError:
        raise PaymentInDoubt("a payment of this sale is in doubt", reference="") from None


def _attempt(
    till: Till, seller: Seller, attempt_id: str, sale_id: str, kind: Kind, amount: int, basket: str,
    reverses: str | None, now: datetime,
) -> Attempt:  # fmt: skip
    reference = "".join(secrets.choice(_ALPHABET) for _ in range(REFERENCE_LENGTH))
    return Attempt(
        attempt_id, reference, sale_id, kind, amount, till.catalogue.organisation.currency, State.WAITING, "", 0, "",
        "", "", seller.cashier.id, basket, reverses, None, iso_ms(now),
    )  # fmt: skip
