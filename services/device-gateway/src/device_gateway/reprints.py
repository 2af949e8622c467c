"""Receipts on demand, tickets printed again, and what a person decides about print jobs.

A second paper says DUPLICATA and is journalled (A8).
"""

import sqlite3
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

import ledger
from device_gateway.domain.errors import JobNotFound, JobStateWrong, SaleNotFound, TicketNotFound, TicketNotReissuable
from device_gateway.domain.tickets import Issuer
from device_gateway.printing import documents
from device_gateway.selling import receipt_job
from device_gateway.store import jobs, journal, refunds, sales, snapshot
from device_gateway.store.jobs import Document, Job, NewJob, State
from device_gateway.till import Seller, Till

_NO_DUPLICATE = (Document.DRAWER, Document.TEST)  # nothing of them has value


def print_receipt(till: Till, seller: Seller, order_id: str, now: datetime) -> Job:
    """The receipt of a sale (LAW-24); from the second on it says DUPLICATA. Raises SaleNotFound."""
    with till.database.write() as tx:
        sold = sales.find(tx, order_id)
        if sold is None:
            raise SaleNotFound("this sale is not in this till's journal")
        cashier = snapshot.cashier(tx, sold.sale.cashier_id or "")
        copy = sales.one_more_receipt(tx, order_id) - 1
        mention = documents.journal_mention(sold.sequence, sold.hash)
        new = receipt_job(till, sold.sale, cashier.name if cashier else "", sold.at, mention, copy=copy)
        job_id = jobs.add(tx, new, now)
        if copy:
            _journal_reprint(tx, till, seller, new, "asked", now)
        job = jobs.find(tx, job_id)
    till.wake_printing([new.role])
    till.wake_upload.set()
    assert job is not None
    return job


def print_tickets_again(
    till: Till, seller: Seller, order_id: str, serials: Sequence[int], reason: ledger.ReissueReason, now: datetime
) -> list[Job]:
    """A new paper for each of these tickets of a sale: its barcode makes the older papers worthless at the gates.

    Raises SaleNotFound, TicketNotFound, TicketNotReissuable, TillFrozen, ClockWrong; then nothing is printed.
    """
    seller.require("cashdesk.sell")
    till.require_thawed()
    issuer = till.issuer()
    with till.database.write() as tx:
        journal.require_clock(tx, now)
        known = {ticket.serial: ticket for ticket in sales.tickets_of(tx, order_id)}
        if not known:
            raise SaleNotFound("this sale has no tickets in this till's journal")
        new = [_reissue(tx, till, seller, issuer, known.get(serial), reason, now) for serial in serials]
        printed = [_find(tx, jobs.add(tx, each, now)) for each in new]
    till.wake_printing({each.role for each in new})
    till.wake_upload.set()
    return printed


def _reissue(
    tx: sqlite3.Connection, till: Till, seller: Seller, issuer: Issuer, ticket: sales.IssuedTicket | None,
    reason: ledger.ReissueReason, now: datetime,
) -> NewJob:  # fmt: skip
    original = jobs.by_key(tx, f"{ticket.order_id}:ticket:{ticket.serial}") if ticket else None
    if ticket is None or original is None:
        raise TicketNotFound("no such ticket in this sale")
    if refunds.refund_of_ticket(tx, ticket.key_id, ticket.serial):
        raise TicketNotReissuable("this ticket is refunded", why="refunded")
    count, token = issuer.issue_again(ticket.token)
    sales.reissue(tx, replace(ticket, token=token, reissue=count))
    body = ledger.TicketReissued(
        seller.cashier.id, seller.shift.shift_id, ticket.order_id, ticket.order_number, ticket.key_id, ticket.serial,
        count, token, reason,
    )  # fmt: skip
    journal.append(tx, till.identity, ledger.Kind.TICKET_REISSUED, body.to_body(), now)
    root = f"{ticket.order_id}:ticket:{ticket.serial}"
    copy = jobs.copies(tx, root) + 1
    return NewJob(
        f"{root}#{copy}", original.role, original.kind, original.order_id, original.order_number, original.title,
        original.template, original.data | {"barcode": token}, copy=copy, parent=original.job_id,
    )  # fmt: skip


def retry(till: Till, job_id: str, now: datetime) -> Job:
    """Send a failed job: nothing of it was printed. Raises JobNotFound, JobStateWrong."""
    with till.database.write() as tx:
        job = _find(tx, job_id)
        if job.reason.startswith(jobs.REPLACED) or not jobs.move(tx, job_id, (State.FAILED,), State.QUEUED, now):
            raise JobStateWrong("only a failed job can be sent again", state=job.state.value)
    till.wake_printing([job.role])
    return _find(till.database.read(), job_id)


def resolve(till: Till, seller: Seller, job_id: str, came_out: bool, now: datetime) -> Job:
    """A person looked: the paper came out, or it did not and is printed again, marked. Answers the job that counts now.

    Raises JobNotFound, JobStateWrong.
    """
    with till.database.write() as tx:
        job = _find(tx, job_id)
        word = f"{seller.cashier.id} looked at {now.isoformat(timespec='seconds')}"
        if came_out:
            moved = jobs.move(tx, job_id, (State.IN_DOUBT,), State.CONFIRMED, now, evidence=word)
        else:
            moved = jobs.move(tx, job_id, (State.IN_DOUBT,), State.FAILED, now, reason=jobs.REPLACED, evidence=word)
        if not moved:
            raise JobStateWrong("only a job in doubt needs a decision", state=job.state.value)
        if not came_out:
            job_id = _again(tx, till, seller, job, now)
    till.wake_printing([job.role])
    till.wake_upload.set()
    return _find(till.database.read(), job_id)


def _again(tx: sqlite3.Connection, till: Till, seller: Seller, job: Job, now: datetime) -> str:
    root = jobs.key_of(tx, job.job_id).partition("#")[0]
    if job.kind in _NO_DUPLICATE:
        copy, suffix = 0, f"#{jobs.copies(tx, root) + 1}"
    else:
        copy = (
            sales.one_more_receipt(tx, job.order_id) - 1 if job.kind is Document.RECEIPT else jobs.copies(tx, root) + 1
        )
        suffix = f"#{copy}"
    new = NewJob(
        root + suffix, job.role, job.kind, job.order_id, job.order_number, job.title, job.template, job.data,
        copy=copy, parent=job.job_id,
    )  # fmt: skip
    if job.kind not in _NO_DUPLICATE:
        _journal_reprint(tx, till, seller, new, "did_not_come_out", now)
    return jobs.add(tx, new, now)


def _journal_reprint(
    tx: sqlite3.Connection, till: Till, seller: Seller, new: NewJob, reason: str, now: datetime
) -> None:
    body = {
        "cashier_id": seller.cashier.id, "shift_id": seller.shift.shift_id, "order_id": new.order_id,
        "order_number": new.order_number, "document": new.kind.value, "copy": new.copy, "reason": reason,
    }  # fmt: skip
    journal.append(tx, till.identity, ledger.Kind.REPRINT, body, now)


def _find(connection: sqlite3.Connection, job_id: str) -> Job:
    job = jobs.find(connection, job_id)
    if job is None:
        raise JobNotFound("there is no such print job")
    return job
