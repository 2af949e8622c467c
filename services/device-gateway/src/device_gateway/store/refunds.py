"""Refunds of this till's sales, found in its own journal. The key of a ticket decides: it dies once."""

import sqlite3

import ledger
from device_gateway.store import journal


def record(connection: sqlite3.Connection, refund: ledger.Refund, sequence: int) -> None:
    """Make a sealed refund findable and its tickets dead, in the transaction that sealed it."""
    connection.execute(
        "INSERT INTO refunds (refund_id, refund_number, order_id, sequence) VALUES (?, ?, ?, ?)",
        (refund.refund_id, refund.refund_number, refund.original.order_id, sequence),
    )
    connection.executemany(
        "INSERT INTO dead_tickets (key_id, serial, refund_id) VALUES (?, ?, ?)",
        [(each.key_id, each.serial, refund.refund_id) for each in refund.tickets],
    )


def of_order(connection: sqlite3.Connection, order_id: str) -> tuple[ledger.Refund, ...]:
    """The refunds of a sale, oldest first."""
    rows = connection.execute(
        "SELECT j.content FROM refunds r JOIN journal j USING (sequence) WHERE r.order_id = ? ORDER BY sequence",
        (order_id,),
    )
    return tuple(ledger.Refund.from_body(journal.body_of(row["content"])) for row in rows)


def refund_of_ticket(connection: sqlite3.Connection, key_id: int, serial: int) -> str | None:
    """The number of the refund by which a ticket died; None while it lives."""
    row = connection.execute(
        "SELECT refund_number FROM dead_tickets JOIN refunds USING (refund_id) WHERE key_id = ? AND serial = ?",
        (key_id, serial),
    ).fetchone()
    return row["refund_number"] if row else None
