"""Print jobs and their states (peripherals 1.3): a job starts by itself at most once after its first byte left."""

import hashlib
import json
import sqlite3
import uuid
import zlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from device_gateway.store import meta
from kit.clock import iso_ms


class State(StrEnum):
    QUEUED = "queued"
    SENDING = "sending"  # committed before the first byte
    SENT = "sent"  # the transport took the last byte
    WAITING = "waiting"  # the printer holds it and will print it by itself
    CONFIRMED = "confirmed"  # evidence, or an operator's word
    IN_DOUBT = "in_doubt"  # an operator decides
    FAILED = "failed"  # nothing was printed


class Role(StrEnum):
    TICKET = "ticket"
    RECEIPT = "receipt"


class Document(StrEnum):
    TICKET = "ticket"
    RECEIPT = "receipt"
    REFUND = "refund"
    CASH_SLIP = "cash_slip"
    DRAWER = "drawer"  # no paper: opens the drawer
    TEST = "test"  # of a printer; worth nothing


@dataclass(frozen=True)
class NewJob:
    """A job to queue. `key` names its cause; `template` is JSON, empty for a drawer."""

    key: str
    role: Role
    kind: Document
    order_id: str
    order_number: str
    title: str
    template: str = ""
    data: dict[str, Any] = field(default_factory=dict)
    kick_drawer: bool = False
    copy: int = 0
    parent: str | None = None


@dataclass(frozen=True)
class Job:
    """A queued or past job. `number` is its place in the queue."""

    job_id: str
    number: int
    role: Role
    kind: Document
    state: State
    reason: str
    order_id: str
    order_number: str
    title: str
    template: str
    data: dict[str, Any]
    kick_drawer: bool
    copy: int
    attempt: int
    process_id: str
    evidence: str
    created_at: str

    @property
    def shown_state(self) -> str:
        """A job that its printer only took says so: nobody has proof that the paper came out."""
        return HANDED_OVER if self.evidence.startswith(HANDED_OVER) else self.state.value


_SELECT = (
    "SELECT job_id, number, role, kind, state, reason, order_id, order_number, title, t.content AS template, data,"
    " kick_drawer, copy, attempt, process_id, evidence, created_at"
    " FROM jobs j LEFT JOIN frozen_templates t ON t.hash = j.template_hash"
)
HANDED_OVER = "handed_over"  # evidence of a job whose printer cannot say that the paper came out begins so
REPLACED = "replaced"  # reason of a failed job that a reprint or a refund stands for: it may not be sent again


def add(connection: sqlite3.Connection, new: NewJob, now: datetime) -> str:
    """Queue a job in the transaction of what causes it; its id. Raises sqlite3.IntegrityError when the key is taken."""
    template_hash = hashlib.sha256(new.template.encode()).hexdigest() if new.template else None
    if template_hash:
        connection.execute(
            "INSERT INTO frozen_templates (hash, content) VALUES (?, ?) ON CONFLICT DO NOTHING",
            (template_hash, new.template),
        )
    job_id = str(uuid.uuid4())
    connection.execute(
        "INSERT INTO jobs (job_id, number, key, role, kind, state, order_id, order_number, title, template_hash, data,"
        " kick_drawer, copy, parent, created_at, changed_at)"
        " VALUES (?, ?, ?, ?, ?, 'queued', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            job_id, meta.take(connection, "job"), new.key, new.role, new.kind, new.order_id, new.order_number,
            new.title, template_hash, json.dumps(new.data, ensure_ascii=False), int(new.kick_drawer), new.copy,
            new.parent, iso_ms(now), iso_ms(now),
        ),
    )  # fmt: skip
    return job_id


def _job(row: sqlite3.Row) -> Job:
    return Job(
        row["job_id"], row["number"], Role(row["role"]), Document(row["kind"]), State(row["state"]), row["reason"],
        row["order_id"], row["order_number"], row["title"], row["template"] or "", json.loads(row["data"]),
        bool(row["kick_drawer"]), row["copy"], row["attempt"], row["process_id"], row["evidence"],
        row["created_at"],
    )  # fmt: skip


def find(connection: sqlite3.Connection, job_id: str) -> Job | None:
    row = connection.execute(f"{_SELECT} WHERE j.job_id = ?", (job_id,)).fetchone()
    return _job(row) if row else None


def by_key(connection: sqlite3.Connection, key: str) -> Job | None:
    """The job of this cause."""
    row = connection.execute(f"{_SELECT} WHERE j.key = ?", (key,)).fetchone()
    return _job(row) if row else None


def next_queued(connection: sqlite3.Connection, role: Role) -> Job | None:
    row = connection.execute(
        f"{_SELECT} WHERE j.role = ? AND j.state = 'queued' ORDER BY j.number LIMIT 1",
        (role,),
    ).fetchone()
    return _job(row) if row else None


def in_states(connection: sqlite3.Connection, *states: State, role: Role | None = None) -> list[Job]:
    """Jobs in these states, oldest first."""
    marks = ",".join("?" * len(states))
    rows = connection.execute(
        f"{_SELECT} WHERE j.state IN ({marks}) ORDER BY j.number",
        states,
    )
    return [job for job in map(_job, rows) if role is None or job.role is role]


def of_order(connection: sqlite3.Connection, order_id: str) -> list[Job]:
    rows = connection.execute(f"{_SELECT} WHERE j.order_id = ? ORDER BY j.number", (order_id,))
    return [_job(row) for row in rows]


def counts(connection: sqlite3.Connection) -> dict[State, int]:
    """How many jobs stand in each state but confirmed."""
    rows = connection.execute(
        "SELECT state, count(*) AS n FROM jobs WHERE state <> 'confirmed' AND reason <> ? GROUP BY state", (REPLACED,)
    )
    return {State(row["state"]): row["n"] for row in rows}


def set_sending(connection: sqlite3.Connection, job_id: str, rendered: bytes, process_id: str, now: datetime) -> None:
    """From now on the job never starts again by itself."""
    connection.execute(
        "UPDATE jobs SET state = 'sending', reason = '', attempt = attempt + 1, process_id = ?, rendered = ?,"
        " sha256 = ?, changed_at = ? WHERE job_id = ? AND state = 'queued'",
        (process_id, zlib.compress(rendered, 1), hashlib.sha256(rendered).hexdigest(), iso_ms(now), job_id),
    )


def move(
    connection: sqlite3.Connection,
    job_id: str,
    before: tuple[State, ...],
    after: State,
    now: datetime,
    *,
    reason: str = "",
    evidence: str = "",
) -> bool:
    """Change a job's state if it is in one of `before`; whether it was."""
    moved = connection.execute(
        "UPDATE jobs SET state = ?, reason = ?, evidence = CASE WHEN ? = '' THEN evidence ELSE ? END, changed_at = ?,"
        " rendered = CASE WHEN ? = 'confirmed' THEN NULL ELSE rendered END"
        " WHERE job_id = ? AND state IN (SELECT value FROM json_each(?)) RETURNING job_id",
        (after, reason, evidence, evidence, iso_ms(now), after, job_id, json.dumps(before)),
    ).fetchone()
    return moved is not None


def withdraw(connection: sqlite3.Connection, order_id: str, keys: Iterable[str], now: datetime) -> None:
    """These documents of an order are not wanted any more: what of them has not left for the printer never does."""
    roots = set(keys)
    for job in of_order(connection, order_id):
        if key_of(connection, job.job_id).partition("#")[0] in roots:
            move(connection, job.job_id, (State.QUEUED, State.FAILED), State.FAILED, now, reason=REPLACED)


def copies(connection: sqlite3.Connection, root_key: str) -> int:
    """How many reprints of a document there have been, by the key of its original."""
    row = connection.execute("SELECT count(*) AS n FROM jobs WHERE key LIKE ? || '#%'", (root_key,)).fetchone()
    return int(row["n"])


def key_of(connection: sqlite3.Connection, job_id: str) -> str:
    row = connection.execute("SELECT key FROM jobs WHERE job_id = ?", (job_id,)).fetchone()
    return str(row["key"])
