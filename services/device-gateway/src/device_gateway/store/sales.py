"""Sales of this till, found in its own journal, and the answers given for them."""

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import ledger
from device_gateway.store import journal, meta
from kit.clock import iso_ms
from kit.errors import RequestReused

RATE_KEPT = timedelta(days=1)


@dataclass(frozen=True)
class SoldEarlier:
    """A sale with its place in the journal."""

    sale: ledger.Sale
    sequence: int
    at: datetime
    hash: bytes
    uploaded: bool


def record(connection: sqlite3.Connection, sale: ledger.Sale, sequence: int) -> None:
    """Make a sealed sale findable, in the transaction that sealed it."""
    connection.execute(
        "INSERT INTO sales (order_id, order_number, sequence) VALUES (?, ?, ?)",
        (sale.order_id, sale.order_number, sequence),
    )
    labels = {line.line: line.label for line in sale.lines}
    connection.executemany(
        "INSERT INTO tickets (key_id, serial, order_id, label, token) VALUES (?, ?, ?, ?, ?)",
        [(each.key_id, each.serial, sale.order_id, labels[each.line], each.token) for each in sale.tickets],
    )


def count_places(connection: sqlite3.Connection, performance_id: str, places: int, now: datetime) -> None:
    connection.execute(
        "INSERT INTO places_sold (performance_id, minute, places) VALUES (?, ?, ?)"
        " ON CONFLICT (performance_id, minute) DO UPDATE SET places = places + excluded.places",
        (performance_id, iso_ms(now)[:16], places),
    )


def forget_rates(connection: sqlite3.Connection, now: datetime) -> None:
    connection.execute("DELETE FROM places_sold WHERE minute < ?", (iso_ms(now - RATE_KEPT)[:16],))


def sold_since(connection: sqlite3.Connection, since: datetime) -> dict[str, int]:
    """Places sold since an instant, by performance."""
    rows = connection.execute(
        "SELECT performance_id, sum(places) AS places FROM places_sold WHERE minute >= ? GROUP BY performance_id",
        (iso_ms(since)[:16],),
    )
    return {row["performance_id"]: row["places"] for row in rows}


_SELECT = (
    "SELECT s.sequence, j.content, j.at, j.hash FROM sales s JOIN journal j ON j.sequence = s.sequence"  # one spelling
)


def find(connection: sqlite3.Connection, order_id: str) -> SoldEarlier | None:
    row = connection.execute(f"{_SELECT} WHERE s.order_id = ?", (order_id,)).fetchone()
    return _sold(row, meta.number(connection, meta.ACKNOWLEDGED)) if row else None


def at_sequences(connection: sqlite3.Connection, sequences: Sequence[int]) -> list[SoldEarlier]:
    """The sales at these places of the journal, newest first."""
    acknowledged = meta.number(connection, meta.ACKNOWLEDGED)
    rows = connection.execute(
        f"{_SELECT} WHERE s.sequence IN (SELECT value FROM json_each(?)) ORDER BY s.sequence DESC",  # noqa: S608
        (json.dumps(list(sequences)),),
    )
    return [_sold(row, acknowledged) for row in rows]


def _sold(row: sqlite3.Row, acknowledged: int) -> SoldEarlier:
    return SoldEarlier(
        ledger.Sale.from_body(journal.body_of(row["content"])),
        row["sequence"],
        datetime.fromisoformat(row["at"]),
        row["hash"],
        row["sequence"] <= acknowledged,
    )


def one_more_receipt(connection: sqlite3.Connection, order_id: str) -> int:
    """How many receipts this sale has had, this one included."""
    row = connection.execute(
        "UPDATE sales SET receipts = receipts + 1 WHERE order_id = ? RETURNING receipts", (order_id,)
    ).fetchone()
    return int(row["receipts"])


@dataclass(frozen=True)
class IssuedTicket:
    """A ticket of this till; `reissue` counts its papers after the first, and `token` is the newest one's barcode."""

    key_id: int
    serial: int
    order_id: str
    order_number: str
    label: str
    token: str
    reissue: int


_TICKET = (
    "SELECT key_id, serial, order_id, order_number, label, token, reissue FROM tickets JOIN sales USING (order_id)"
)


def ticket(connection: sqlite3.Connection, key_id: int, serial: int) -> IssuedTicket | None:
    """A ticket that this till issued."""
    row = connection.execute(f"{_TICKET} WHERE key_id = ? AND serial = ?", (key_id, serial)).fetchone()
    return IssuedTicket(*row) if row else None


def tickets_of(connection: sqlite3.Connection, order_id: str) -> list[IssuedTicket]:
    rows = connection.execute(f"{_TICKET} WHERE order_id = ? ORDER BY key_id, serial", (order_id,))
    return [IssuedTicket(*row) for row in rows]


def reissue(connection: sqlite3.Connection, ticket: IssuedTicket) -> None:
    """Keep the newest barcode of a ticket."""
    connection.execute(
        "UPDATE tickets SET token = ?, reissue = ? WHERE key_id = ? AND serial = ?",
        (ticket.token, ticket.reissue, ticket.key_id, ticket.serial),
    )


def earlier_answer(connection: sqlite3.Connection, request_id: str, fingerprint: str) -> dict[str, Any] | None:
    """The answer that this request got before. Raises RequestReused when it asked for something else then."""
    row = connection.execute("SELECT fingerprint, answer FROM answers WHERE request_id = ?", (request_id,)).fetchone()
    if row is None:
        return None
    if row["fingerprint"] != fingerprint:
        raise RequestReused("this request_id was used for another sale", field="request_id")
    answer: dict[str, Any] = json.loads(row["answer"])
    return answer


def remember(
    connection: sqlite3.Connection, request_id: str, fingerprint: str, answer: dict[str, Any], now: datetime
) -> None:
    connection.execute(
        "INSERT INTO answers (request_id, fingerprint, answer, at) VALUES (?, ?, ?, ?)",
        (request_id, fingerprint, json.dumps(answer, ensure_ascii=False), iso_ms(now)),
    )
