"""The refund: what may still come back of a sale of this till, and its sealing in one transaction (A7, domain.md 5.5).

It needs no network: everything is checked against the till's own journal. The places that come back go to the house,
never to the till's lease (ADR 0012).
"""

import sqlite3
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import ledger
import titles
from device_gateway import drawer, overrides
from device_gateway.domain import refunds as rules
from device_gateway.domain.errors import FloatNotOpen, NotEnoughCash, SaleOfAnotherTill
from device_gateway.domain.refunds import Left, Wish
from device_gateway.identification import Identified
from device_gateway.printing import documents
from device_gateway.store import jobs, journal, meta, refunds, sales, shifts, snapshot
from device_gateway.store.jobs import Document, NewJob, Role
from device_gateway.store.sales import SoldEarlier
from device_gateway.till import Seller, Till
from kit.errors import FieldInvalid
from ledger import Mode, Refund, RefundReason
from setups.catalogue import CHANNEL

REFUND, REFUND_OTHERWISE = "orders.refund", "orders.refund_otherwise"
DRAWER_REASON = "cash_refund"


@dataclass(frozen=True)
class RefundRequest:
    """What the page asks for, checked in form but for `authorisation`: the word of a manager (`overrides`).

    `chosen`: positive amounts by mode; None: as it was paid.
    """

    request_id: str
    order_id: str
    wish: Wish
    reason: RefundReason
    note: str | None
    chosen: Mapping[Mode, int] | None
    expected_total: int
    authorisation: object
    fingerprint: str


def parse_request(till: Till, order_id: str, raw: Mapping[str, Any]) -> RefundRequest:
    """Raises FieldInvalid naming the field."""
    try:
        request_id = str(uuid.UUID(str(raw.get("request_id"))))
    except ValueError:
        raise FieldInvalid("request_id", "must be a UUID") from None
    expected_total = raw.get("expected_total")
    if type(expected_total) is not int or expected_total < 0:
        raise FieldInvalid("expected_total", "must be a whole number of minor units")
    if raw.get("reason") not in list(RefundReason):
        raise FieldInvalid("reason", f"must be one of {', '.join(RefundReason)}")
    note = raw.get("note") or None
    if note is not None and (not isinstance(note, str) or not note.isprintable() or len(note) > 200):
        raise FieldInvalid("note", "must be one line of at most 200 characters")
    asked = [
        order_id,
        *(raw.get(name) for name in ("tickets", "lines", "reason", "note", "payments", "expected_total")),
    ]
    return RefundRequest(
        request_id, order_id, rules.parse_wish(raw.get("tickets"), raw.get("lines")), RefundReason(raw["reason"]), note,
        rules.parse_chosen(raw.get("payments"), till.catalogue.profile.payment_modes), expected_total,
        raw.get("authorisation"), documents.fingerprint(asked),
    )  # fmt: skip


def refundable(till: Till, order_id: str) -> tuple[SoldEarlier, Left]:
    """A sale of this till and what may still come back of it. Raises SaleOfAnotherTill."""
    return _left(till.database.read(), order_id)


def refund(till: Till, seller: Seller, request: RefundRequest, now: datetime) -> dict[str, Any]:
    """Give back, and answer what the page shows. Repeating a request gives its first answer.

    Raises SaleOfAnotherTill, NothingToRefund, AmountChanged, PaymentMismatch, NotEnoughCash, FloatNotOpen,
    OverrideNeeded, PinWrong, BadgeUnknown, PinThrottled, CashierNotFound, TillFrozen, ClockWrong, FieldInvalid.
    """
    if earlier := sales.earlier_answer(till.database.read(), request.request_id, request.fingerprint):
        return earlier
    till.require_thawed()
    approver = overrides.approver(till, request.authorisation, now)
    with till.database.write() as tx:
        if earlier := sales.earlier_answer(tx, request.request_id, request.fingerprint):
            return earlier
        answer = _seal(tx, till, seller, request, approver, now)
    if any(back["mode"] == Mode.CASH for back in answer["payments"]):
        drawer.kick(till)
    till.wake_printing([Role.RECEIPT])
    till.wake_upload.set()
    return answer


def _authorised_by(seller: Seller, approver: Identified | None, rights: Sequence[str]) -> str | None:
    """Who gave the seller leave; None where the seller needs none."""
    return approver.cashier.id if approver and not all(map(seller.cashier.may, rights)) else None


def _left(connection: sqlite3.Connection, order_id: str) -> tuple[SoldEarlier, Left]:
    sold = sales.find(connection, order_id)
    if sold is None:
        raise SaleOfAnotherTill("this sale is not in this till's journal")
    return sold, Left(sold.sale, refunds.of_order(connection, order_id))


def _seal(
    tx: sqlite3.Connection, till: Till, seller: Seller, request: RefundRequest, approver: Identified | None,
    now: datetime,
) -> dict[str, Any]:  # fmt: skip
    """Everything that the refund is, in one transaction: all of it is on disk, or nothing happened."""
    journal.require_clock(tx, now)
    cash_float = shifts.float_of(tx, seller.cashier.id)
    if cash_float is None:
        raise FloatNotOpen(f"{seller.cashier.name} has no float open")
    sold, left = _left(tx, request.order_id)
    lines, tickets = left.reverse(request.wish)
    total = sum(line.total for line in lines)
    rules.require_amount(-total, request.expected_total)
    payments = rules.money_back(left, -total, request.chosen)
    # The rarer right first: the page then asks somebody who has it, not only the other.
    rights = (REFUND_OTHERWISE, REFUND) if rules.is_otherwise(left, payments) else (REFUND,)
    for right in rights:
        overrides.require(tx, till, seller, right, approver, "refund", now, request.order_id)
    made = Refund(
        refund_id=str(uuid.uuid4()),
        refund_number=f"{till.identity.enrolled().number}-{meta.take(tx, 'order'):06d}",
        original=ledger.Original(
            sold.sale.order_id, sold.sale.order_number, till.identity.enrolled().till_id, sold.sequence
        ),
        channel=CHANNEL,
        cashier_id=seller.cashier.id,
        shift_id=seller.shift.shift_id,
        cash_float_id=cash_float.cash_float_id,
        authorised_by=_authorised_by(seller, approver, rights),
        business_on=till.business_on(now),
        currency=sold.sale.currency,
        reason=request.reason,
        note=request.note,
        lines=lines,
        tickets=tickets,
        payments=payments,
        total=total,
        vat=ledger.vat_totals(lines),
    )
    made.check()
    made.check_against(left.sale, left.refunds)
    cash = sum(back.amount for back in made.payments if back.mode is Mode.CASH)
    if -cash > cash_float.expected:
        raise NotEnoughCash(f"{cash_float.expected} is in the drawer, {-cash} is asked", left=cash_float.expected)
    sequence = journal.append(tx, till.identity, ledger.Kind.REFUND, made.to_body(), now)
    refunds.record(tx, made, sequence)
    jobs.withdraw(tx, request.order_id, {f"{request.order_id}:ticket:{dead.serial}" for dead in tickets}, now)
    shifts.add_cash(tx, cash_float.cash_float_id, cash)
    job_id = jobs.add(
        tx,
        _slip(tx, till, seller, made, sequence, kick_drawer=bool(cash) and not drawer.has_own_port(till), now=now),
        now,
    )
    if cash:
        body = {"cashier_id": seller.cashier.id, "shift_id": seller.shift.shift_id, "order_id": sold.sale.order_id,
                "reason": DRAWER_REASON}  # fmt: skip
        journal.append(tx, till.identity, ledger.Kind.DRAWER_OPENED, body, now)
    answer = _answer(made, sequence, job_id)
    sales.remember(tx, request.request_id, request.fingerprint, answer, now)
    return answer


def _slip(
    tx: sqlite3.Connection, till: Till, seller: Seller, made: Refund, sequence: int, *, kick_drawer: bool, now: datetime
) -> NewJob:
    """The refund slip that the customer signs; it opens the drawer when cash is given back."""
    template = documents.template_for(till.templates, documents.REFUND_TEMPLATE, Document.REFUND)
    mention = documents.journal_mention(sequence, journal.hash_of(tx, sequence))
    manager = snapshot.cashier(tx, made.authorised_by or "")
    data = documents.refund_data(
        till.catalogue, till.identity.enrolled(), made, seller.cashier.name,
        manager.name if manager else "", now, mention,
        documents.parsed(template).language,
    )  # fmt: skip
    return NewJob(
        f"{made.refund_id}:refund", Role.RECEIPT, Document.REFUND, made.refund_id, made.refund_number, "", template,
        data, kick_drawer=kick_drawer,
    )  # fmt: skip


def _answer(made: Refund, sequence: int, job_id: str) -> dict[str, Any]:
    return {
        "refund_id": made.refund_id,
        "refund_number": made.refund_number,
        "order_id": made.original.order_id,
        "order_number": made.original.order_number,
        "total": -made.total,
        "payments": [{"mode": back.mode.value, "amount": -back.amount} for back in made.payments],
        "tickets": [titles.human_code(each.key_id, each.serial) for each in made.tickets],
        "sequence": sequence,
        "jobs": [{"id": job_id, "role": Role.RECEIPT.value, "state": jobs.State.QUEUED.value}],
    }
