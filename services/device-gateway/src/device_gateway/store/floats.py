"""What the journal says of a cash float, its last count, and floats that are at other tills (E1, E4)."""

import json
import sqlite3
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import ledger
from device_gateway.store import journal
from device_gateway.store.shifts import CashFloat
from ledger import Kind, Mode

SALES, REFUNDS = "sales", "refunds"


@dataclass(frozen=True)
class Sums:
    """What came into a float and went out of it on this till: cash by what it was for, and every other mode."""

    cash: Mapping[str, int]  # "sales", "refunds", and ledger.MovementKind
    others: Mapping[Mode, int]


def sums(connection: sqlite3.Connection, cash_float: CashFloat) -> Sums:
    """Added up from the sealed entries: nothing else is believed when a float is counted."""
    rows = connection.execute(
        "SELECT kind, content FROM journal WHERE sequence >= ? AND kind IN (?, ?, ?) ORDER BY sequence",
        (cash_float.first_sequence, Kind.SALE.value, Kind.REFUND.value, Kind.CASH_MOVED.value),
    )
    cash: Counter[str] = Counter()
    others: Counter[Mode] = Counter()
    for row in rows:
        body = journal.body_of(row["content"])
        if body["cash_float_id"] != cash_float.cash_float_id:
            continue
        if row["kind"] == Kind.CASH_MOVED:
            cash[body["kind"]] += body["amount"]
            others.update({Mode(mode): amount for mode, amount in body["other_modes"].items()})
            continue
        for payment in body["payments"]:
            if payment["mode"] == Mode.CASH:
                cash[SALES if row["kind"] == Kind.SALE else REFUNDS] += payment["amount"]
            else:
                others[Mode(payment["mode"])] += payment["amount"]
    del others[Mode.FREE]
    return Sums(dict(cash), dict(others))


def keep_declaration(connection: sqlite3.Connection, cash_float_id: str, sequence: int) -> int:
    """The entry that holds the newest count of a float; how many counts there have been."""
    row = connection.execute(
        "INSERT INTO declarations (cash_float_id, sequence, count) VALUES (?, ?, 1) ON CONFLICT (cash_float_id)"
        " DO UPDATE SET sequence = excluded.sequence, count = count + 1 RETURNING count",
        (cash_float_id, sequence),
    ).fetchone()
    return int(row["count"])


def declaration(connection: sqlite3.Connection, cash_float_id: str) -> tuple[ledger.FloatDeclared, int] | None:
    """The newest count of a float, and how many there have been."""
    row = connection.execute(
        "SELECT content, count FROM declarations JOIN journal USING (sequence) WHERE cash_float_id = ?",
        (cash_float_id,),
    ).fetchone()
    return (ledger.FloatDeclared.from_body(journal.body_of(row["content"])), row["count"]) if row else None


@dataclass(frozen=True)
class Elsewhere:
    """A person's open float that is not on this till. `movement_id`: by which it left its till; empty: it did not."""

    cash_float_id: str
    cashier_id: str
    business_on: str
    opened_at: str
    till_number: str
    movement_id: str
    amount: int
    other_modes: Mapping[Mode, int]


def elsewhere(connection: sqlite3.Connection, cashier_id: str) -> list[Elsewhere]:
    """A person's, the oldest first."""
    rows = connection.execute(
        "SELECT * FROM floats_elsewhere WHERE cashier_id = ? ORDER BY opened_at, cash_float_id", (cashier_id,)
    )
    return [_elsewhere(row) for row in rows]


def keep_elsewhere(connection: sqlite3.Connection, found: Iterable[Elsewhere]) -> None:
    """Take over what the centre says, all of it."""
    connection.execute("DELETE FROM floats_elsewhere")
    for each in found:
        add_elsewhere(connection, each)


def add_elsewhere(connection: sqlite3.Connection, one: Elsewhere) -> None:
    connection.execute(
        "INSERT OR REPLACE INTO floats_elsewhere VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            one.cash_float_id, one.cashier_id, one.business_on, one.opened_at, one.till_number, one.movement_id,
            one.amount, json.dumps(one.other_modes),
        ),
    )  # fmt: skip


def forget_elsewhere(connection: sqlite3.Connection, cash_float_id: str) -> None:
    connection.execute("DELETE FROM floats_elsewhere WHERE cash_float_id = ?", (cash_float_id,))


def _elsewhere(row: sqlite3.Row) -> Elsewhere:
    values: dict[str, Any] = dict(row)
    modes = {Mode(mode): amount for mode, amount in json.loads(values.pop("other_modes")).items()}
    return Elsewhere(**values, other_modes=modes)
