"""The sealed journal. Entries are appended in the caller's transaction, and read back as the bytes that were sealed."""

import json
import sqlite3
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import ledger
from device_gateway.domain.errors import ClockWrong, TillLeaving
from device_gateway.store import closings, meta
from device_gateway.store.identity import Identity
from kit.clock import iso_ms

CLOCK_SLACK = timedelta(minutes=2)


def head(connection: sqlite3.Connection, till_id: str) -> ledger.Head:
    row = connection.execute("SELECT sequence, hash FROM journal ORDER BY sequence DESC LIMIT 1").fetchone()
    return ledger.Head(till_id, row["sequence"], row["hash"]) if row else ledger.Head.start(till_id)


def last_sequence(connection: sqlite3.Connection) -> int:
    row = connection.execute("SELECT coalesce(max(sequence), 0) AS last FROM journal").fetchone()
    return int(row["last"])


def ahead_of(connection: sqlite3.Connection, now: datetime) -> datetime | None:
    """The latest time of the journal, if it lies more than two minutes after `now`: then this clock is in doubt.

    Entries before the last word of somebody who vouched for the clock do not count (`device_gateway.clock`).
    """
    vouched = meta.number(connection, meta.CLOCK_VOUCHED)
    row = connection.execute(
        "SELECT at FROM journal WHERE sequence >= ? ORDER BY at DESC LIMIT 1", (vouched,)
    ).fetchone()
    latest = datetime.fromisoformat(row["at"]) if row else None
    return latest if latest and now < latest - CLOCK_SLACK else None


def require_clock(connection: sqlite3.Connection, now: datetime) -> None:
    """Raises ClockWrong when the clock is in doubt: sales would be misdated."""
    if latest := ahead_of(connection, now):
        raise ClockWrong("the clock of this machine is behind its journal", now=iso_ms(now), last_entry=iso_ms(latest))


def append(
    connection: sqlite3.Connection, identity: Identity, kind: ledger.Kind, body: dict[str, Any], now: datetime
) -> int:
    """Seal one entry after the last, in the caller's transaction; its sequence number.

    The first act of a new business day comes after the closings of the periods that ended (LAW-4). Raises NotEnrolled,
    TillLeaving when all was handed in: the entry would go with the machine.
    """
    if meta.get(connection, meta.HANDED_IN):
        raise TillLeaving("everything is handed in: nothing more is written here")
    end_days(connection, identity, now)
    return _seal(connection, identity, kind, body, now)


def end_days(connection: sqlite3.Connection, identity: Identity, now: datetime) -> None:
    """Seal the closings of the periods that ended since the last entry, in the caller's transaction."""
    last, today = closings.business_days(connection, identity.enrolled().point_of_sale_id, now)
    for period in ledger.periods_over(last, today):
        close(connection, identity, period, period.name_of(last), None, now)


def close_for_good(connection: sqlite3.Connection, identity: Identity, now: datetime) -> bool:
    """Seal the closings of every period that runs, for this journal ends; False where none was left to seal."""
    day, _ = closings.business_days(connection, identity.enrolled().point_of_sale_id, now)
    sealed = [close(connection, identity, period, period.name_of(day), None, now) for period in ledger.Period]
    return any(sealed)


def close(
    connection: sqlite3.Connection, identity: Identity, period: ledger.Period, of: str, cashier_id: str | None,
    now: datetime,
) -> ledger.Closing | None:  # fmt: skip
    """Seal the closing of a period as of now, in the caller's transaction; None where nothing happened in it."""
    closing = closings.totals(connection).close(period, of, last_sequence(connection), cashier_id)
    if closing is not None:
        _seal(connection, identity, ledger.Kind.CLOSING, closing.to_body(), now)
    return closing


def _seal(
    connection: sqlite3.Connection, identity: Identity, kind: ledger.Kind, body: dict[str, Any], now: datetime
) -> int:
    previous = head(connection, identity.enrolled().till_id)
    monotonic_ms = time.monotonic_ns() // 1_000_000
    entry = ledger.Entry(previous.till_id, previous.sequence + 1, now, monotonic_ms, kind, previous.hash, body)
    sealed = ledger.seal(entry, identity.journal_key)
    connection.execute(
        "INSERT INTO journal (sequence, content, signature, algorithm, hash, kind, at) VALUES (?, ?, ?, ?, ?, ?, ?)",
        (entry.sequence, sealed.bytes, sealed.signature, sealed.algorithm, sealed.hash, kind.value, iso_ms(now)),
    )
    return entry.sequence


def after(connection: sqlite3.Connection, sequence: int, limit: int) -> list[tuple[int, ledger.SealedEntry]]:
    """The next entries after a number, in order."""
    rows = connection.execute(
        "SELECT sequence, content, signature, algorithm FROM journal WHERE sequence > ? ORDER BY sequence LIMIT ?",
        (sequence, limit),
    )
    return [(row["sequence"], ledger.SealedEntry(row["content"], row["signature"], row["algorithm"])) for row in rows]


def waiting_since(connection: sqlite3.Connection, acknowledged: int) -> datetime | None:
    """When the oldest entry was sealed that the centre does not hold yet."""
    row = connection.execute("SELECT at FROM journal WHERE sequence > ? ORDER BY sequence LIMIT 1", (acknowledged,))
    oldest = row.fetchone()
    return datetime.fromisoformat(oldest["at"]) if oldest else None


def every(connection: sqlite3.Connection) -> Iterator[ledger.SealedEntry]:
    """The whole journal, for an auditor."""
    for row in connection.execute("SELECT content, signature, algorithm FROM journal ORDER BY sequence"):
        yield ledger.SealedEntry(row["content"], row["signature"], row["algorithm"])


def hash_of(connection: sqlite3.Connection, sequence: int) -> bytes:
    row = connection.execute("SELECT hash FROM journal WHERE sequence = ?", (sequence,)).fetchone()
    return bytes(row["hash"])


def body_of(content: bytes) -> dict[str, Any]:
    """The body inside sealed bytes that this till itself wrote."""
    body: dict[str, Any] = json.loads(content)["body"]
    return body
