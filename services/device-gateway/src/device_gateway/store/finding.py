"""Finding sales: what each is looked for by, kept beside the journal in the transaction that seals it (A5)."""

import sqlite3
from collections.abc import Sequence
from typing import Any

import ledger
from device_gateway.domain.finding import Wanted
from device_gateway.store import journal, sales
from device_gateway.store.sales import SoldEarlier
from kit.clock import iso_ms
from kit.words import fold

BATCH = 500
_ADD = (
    "INSERT OR IGNORE INTO sale_marks (sequence, order_id, number, at, total, cashier_id, modes, card, words)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
)


def mark(connection: sqlite3.Connection, sale: ledger.Sale, sequence: int, at: str, cashier: str) -> None:
    """Make a sale findable; `at` in UTC as the journal writes it, `cashier` by name."""
    connection.execute(_ADD, _marks(sale, sequence, at, cashier))


def _marks(sale: ledger.Sale, sequence: int, at: str, cashier: str) -> Sequence[Any]:
    references = [payment.reference for payment in sale.payments if payment.reference]
    return (
        sequence, sale.order_id, int(sale.order_number.rpartition("-")[2]), at, sale.total, sale.cashier_id or "",
        " ".join(payment.mode.value for payment in sale.payments),
        " ".join(reference[-4:] for reference in references),
        fold(" ".join([*(line.label for line in sale.lines), *_seats(sale), cashier])),
    )  # fmt: skip


def _seats(sale: ledger.Sale) -> list[str]:
    """Each seat as people say it: "C 12", "Parterre"."""
    return [seat.words for line in sale.lines if line.seating for seat in line.seating.seats]


def mark_older(connection: sqlite3.Connection) -> bool:
    """Make the next older sales findable, in the caller's transaction; whether more are left."""
    rows = connection.execute(
        "SELECT s.sequence, j.content, j.at FROM sales s JOIN journal j ON j.sequence = s.sequence"
        " WHERE s.sequence NOT IN (SELECT sequence FROM sale_marks) ORDER BY s.sequence DESC LIMIT ?",
        (BATCH,),
    ).fetchall()
    names = {row["cashier_id"]: row["name"] for row in connection.execute("SELECT cashier_id, name FROM roster")}
    for row in rows:
        sale = ledger.Sale.from_body(journal.body_of(row["content"]))
        mark(connection, sale, row["sequence"], row["at"], names.get(sale.cashier_id or "", ""))
    return len(rows) == BATCH


def find(connection: sqlite3.Connection, wanted: Wanted, before: int | None, limit: int) -> list[SoldEarlier]:
    """Sales that fit, newest first; `before`: a sequence from which to go on."""
    where, values = _conditions(wanted)
    if before is not None:
        where.append("sequence < ?")
        values.append(before)
    rows = connection.execute(
        f"SELECT sequence FROM sale_marks WHERE {' AND '.join(where)} ORDER BY sequence DESC LIMIT ?",  # noqa: S608
        (*values, limit),
    )
    return sales.at_sequences(connection, [row["sequence"] for row in rows])


def _conditions(wanted: Wanted) -> tuple[list[str], list[Any]]:
    """Our words, their values."""
    where, values = ["true"], list[Any]()

    def add(condition: str, *bound: Any) -> None:
        where.append(condition)
        values.extend(bound)

    if wanted.ticket:
        add("order_id = (SELECT order_id FROM tickets WHERE key_id = ? AND serial = ?)", *wanted.ticket)
    if wanted.number:
        add("order_id = (SELECT order_id FROM sales WHERE order_number = ?)", _padded(wanted.number))
    for digits in wanted.digits:
        add("(number = ? OR total = ? OR instr(card, ?))", digits, digits * 100, f"{digits:04d}")
    for amount in wanted.amounts:
        add("total = ?", amount)
    if wanted.card:
        add("instr(card, ?)", wanted.card)
    if wanted.between:
        add("at >= ? AND at < ?", *map(iso_ms, wanted.between))
    for word in wanted.words:
        add("instr(words, ?)", word)
    if wanted.cashier_id:
        add("cashier_id = ?", wanted.cashier_id)
    if wanted.mode:
        add("instr(modes, ?)", wanted.mode)
    return where, values


def _padded(number: str) -> str:
    """T01-42 is T01-000042."""
    till, _, count = number.partition("-")
    return f"{till}-{int(count):06d}"
