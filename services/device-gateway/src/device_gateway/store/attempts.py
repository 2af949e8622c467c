"""Payments asked of a terminal: on disk before the terminal hears of them, and never a card number (peripherals 1.5).

waiting ─► sent ─► approved, partial     money moved
   │         ├───► declined, cancelled, not_started
   ▼         └───► unknown ─► any of these, by a late answer, by asking again, or by a person's word
not_started
"""

import json
import sqlite3
from collections.abc import Iterable
from dataclasses import astuple, dataclass
from datetime import datetime
from enum import StrEnum

from device_gateway.terminals.outcome import Charge, Kind, Outcome
from kit.clock import iso_ms


class State(StrEnum):
    """Where an attempt stands; the final ones are those of `outcome.Result`."""

    WAITING = "waiting"
    SENT = "sent"
    APPROVED = "approved"
    PARTIAL = "partial"
    DECLINED = "declined"
    CANCELLED = "cancelled"
    NOT_STARTED = "not_started"
    UNKNOWN = "unknown"


UNDER_WAY = (State.WAITING, State.SENT)
OPEN = (*UNDER_WAY, State.UNKNOWN)
MOVED = (State.APPROVED, State.PARTIAL)
_SELECT = (
    "SELECT attempt_id, reference, sale_id, kind, amount, currency, state, why, moved, authorisation, trace,"
    " settled_by, cashier_id, basket, reverses, order_id, began_at FROM attempts AS a"
)


@dataclass(frozen=True)
class Attempt:
    """One payment asked of the terminal. `moved`: minor units that changed hands; `basket`: the page's own."""

    attempt_id: str
    reference: str
    sale_id: str
    kind: Kind
    amount: int
    currency: str
    state: State
    why: str
    moved: int
    authorisation: str
    trace: str
    settled_by: str
    cashier_id: str
    basket: str
    reverses: str | None
    order_id: str | None
    began_at: str

    def charge(self, last_trace: str) -> Charge:
        return Charge(
            self.reference, self.kind, self.amount, self.currency, datetime.fromisoformat(self.began_at), last_trace
        )


def begin(connection: sqlite3.Connection, attempt: Attempt) -> None:
    """Raises sqlite3.IntegrityError when the sale has one open already, or this money is given back already."""
    connection.execute(
        "INSERT INTO attempts (attempt_id, reference, sale_id, kind, amount, currency, state, why, moved,"
        " authorisation, trace, settled_by, cashier_id, basket, reverses, order_id, began_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        astuple(attempt),
    )


def find(connection: sqlite3.Connection, attempt_id: str) -> Attempt | None:
    row = connection.execute(f"{_SELECT} WHERE attempt_id = ?", (attempt_id,)).fetchone()
    return _attempt(row) if row else None


def in_states(connection: sqlite3.Connection, states: Iterable[State]) -> list[Attempt]:
    """The oldest first."""
    rows = connection.execute(
        f"{_SELECT} WHERE state IN (SELECT value FROM json_each(?)) ORDER BY began_at",  # noqa: S608
        (json.dumps(list(states)),),
    )
    return [_attempt(row) for row in rows]


def unsettled(connection: sqlite3.Connection) -> list[Attempt]:
    """Those that somebody has to see to: not known yet, or money that was taken and neither sold for nor given back."""
    given_back = "SELECT reverses FROM attempts WHERE reverses IS NOT NULL AND moved > 0"
    wanted = f"state = ? OR (kind = ? AND order_id IS NULL AND moved > 0 AND attempt_id NOT IN ({given_back}))"
    rows = connection.execute(
        f"{_SELECT} WHERE {wanted} ORDER BY began_at",
        (State.UNKNOWN, Kind.DEBIT),
    )
    return [_attempt(row) for row in rows]


def of_sale(connection: sqlite3.Connection, sale_id: str) -> list[Attempt]:
    """The unsettled ones of a sale, and those under way."""
    known = [*in_states(connection, UNDER_WAY), *unsettled(connection)]
    return [attempt for attempt in known if attempt.sale_id == sale_id]


def is_busy(connection: sqlite3.Connection) -> bool:
    """Whether something is at the terminal."""
    return bool(in_states(connection, UNDER_WAY))


def last_trace(connection: sqlite3.Connection, before: Attempt) -> str:
    """The newest trace that the terminal gave before this attempt."""
    row = connection.execute(
        "SELECT trace FROM attempts WHERE trace <> '' AND began_at < ? ORDER BY began_at DESC LIMIT 1",
        (before.began_at,),
    ).fetchone()
    return row["trace"] if row else ""


def set_sent(connection: sqlite3.Connection, attempt_id: str, now: datetime) -> None:
    connection.execute(
        "UPDATE attempts SET state = ?, changed_at = ? WHERE attempt_id = ? AND state = ?",
        (State.SENT, iso_ms(now), attempt_id, State.WAITING),
    )


def conclude(
    connection: sqlite3.Connection, attempt_id: str, outcome: Outcome, now: datetime, settled_by: str = ""
) -> bool:
    """What came of an open attempt; False when it was known already, which nothing changes any more."""
    changed = connection.execute(
        "UPDATE attempts SET state = ?, why = ?, moved = ?, authorisation = ?, trace = ?, settled_by = ?,"
        " changed_at = ? WHERE attempt_id = ? AND state IN (SELECT value FROM json_each(?)) RETURNING attempt_id",
        (State(outcome.result), outcome.why, outcome.amount, outcome.authorisation, outcome.trace, settled_by,
         iso_ms(now), attempt_id, json.dumps(OPEN)),
    )  # fmt: skip
    return changed.fetchone() is not None


def use(connection: sqlite3.Connection, attempt_id: str, order_id: str, amount: int) -> Attempt | None:
    """Let the sale have this money, in the transaction that seals it; None when it is not there to be had."""
    row = connection.execute(
        "UPDATE attempts SET order_id = ? WHERE attempt_id = ? AND kind = ? AND moved = ? AND moved > 0"
        " AND order_id IS NULL AND NOT EXISTS (SELECT 1 FROM attempts AS back WHERE back.reverses = ?"
        " AND (back.moved > 0 OR back.state IN (SELECT value FROM json_each(?)))) RETURNING attempt_id",
        (order_id, attempt_id, Kind.DEBIT, amount, attempt_id, json.dumps(OPEN)),
    ).fetchone()
    return find(connection, attempt_id) if row else None


def _attempt(row: sqlite3.Row) -> Attempt:
    fields = dict(row)
    return Attempt(**fields | {"kind": Kind(row["kind"]), "state": State(row["state"])})
