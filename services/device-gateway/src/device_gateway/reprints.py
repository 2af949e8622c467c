"""Receipts on demand, and what a person decides about print jobs. A second paper says DUPLICATA and is journalled."""

import sqlite3
from datetime import datetime

import ledger
from device_gateway.domain.errors import JobNotFound, JobStateWrong, SaleNotFound
from device_gateway.printing import documents
from device_gateway.selling import receipt_job
from device_gateway.store import jobs, journal, sales, snapshot
from device_gateway.store.jobs import Document, Job, NewJob, State
from device_gateway.till import Seller, Till


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
    if job.kind is Document.DRAWER:  # no paper, no duplicate
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
    if job.kind is not Document.DRAWER:
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
