"""Shifts (who is signed in from which browser), tries of PINs and badges, and cash floats."""

import sqlite3
from dataclasses import dataclass
from datetime import datetime

from device_gateway.domain.throttle import Tries
from kit.clock import iso_ms


@dataclass(frozen=True)
class Shift:
    """A cashier's working period on this till."""

    shift_id: str
    cashier_id: str


@dataclass(frozen=True)
class CashFloat:
    """Money in a cashier's drawer (fonds de caisse): it belongs to the person (E1)."""

    cash_float_id: str
    cashier_id: str
    business_on: str
    opened_at: str
    opening_total: int
    cash_sales: int  # less what was given back in cash
    cash_moved: int = 0  # paid in, withdrawn, transferred, carried
    first_sequence: int = 0  # of the journal: nothing before it is about this float

    @property
    def expected(self) -> int:
        return self.opening_total + self.cash_sales + self.cash_moved


def tries(connection: sqlite3.Connection, cashier_id: str) -> Tries:
    row = connection.execute("SELECT * FROM pin_tries WHERE cashier_id = ?", (cashier_id,)).fetchone()
    if row is None:
        return Tries()
    return Tries(row["failures"], datetime.fromisoformat(row["locked_until"]) if row["locked_until"] else None)


def keep_tries(connection: sqlite3.Connection, cashier_id: str, tries: Tries) -> None:
    connection.execute(
        "INSERT INTO pin_tries (cashier_id, failures, locked_until) VALUES (?, ?, ?) ON CONFLICT (cashier_id)"
        " DO UPDATE SET failures = excluded.failures, locked_until = excluded.locked_until",
        (cashier_id, tries.failures, iso_ms(tries.locked_until) if tries.locked_until else None),
    )


def begin(connection: sqlite3.Connection, shift: Shift, session_hash: bytes, now: datetime) -> None:
    connection.execute(
        "INSERT INTO shifts (shift_id, cashier_id, session_hash, began_at) VALUES (?, ?, ?, ?)",
        (shift.shift_id, shift.cashier_id, session_hash, iso_ms(now)),
    )


def current(connection: sqlite3.Connection, session_hash: bytes) -> Shift | None:
    row = connection.execute(
        "SELECT shift_id, cashier_id FROM shifts WHERE session_hash = ? AND ended_at IS NULL", (session_hash,)
    ).fetchone()
    return Shift(row["shift_id"], row["cashier_id"]) if row else None


def under_way(connection: sqlite3.Connection) -> list[Shift]:
    """Those of all browsers."""
    rows = connection.execute("SELECT shift_id, cashier_id FROM shifts WHERE ended_at IS NULL")
    return [Shift(row["shift_id"], row["cashier_id"]) for row in rows]


def end(connection: sqlite3.Connection, shift_id: str, now: datetime) -> bool:
    """False when it had ended already."""
    ended = connection.execute(
        "UPDATE shifts SET ended_at = ? WHERE shift_id = ? AND ended_at IS NULL RETURNING shift_id",
        (iso_ms(now), shift_id),
    ).fetchone()
    return ended is not None


def recent_cashiers(connection: sqlite3.Connection) -> list[str]:
    """Ids of those who were signed in here, the last one first."""
    rows = connection.execute("SELECT cashier_id FROM shifts GROUP BY cashier_id ORDER BY max(began_at) DESC")
    return [row["cashier_id"] for row in rows]


def open_float(connection: sqlite3.Connection, cash_float: CashFloat) -> None:
    """Raises sqlite3.IntegrityError when the cashier has one open."""
    connection.execute(
        "INSERT INTO cash_floats (cash_float_id, cashier_id, business_on, opened_at, opening_total, first_sequence)"
        " VALUES (?, ?, ?, ?, ?, ?)"
        # Carried back to a till that it left: it goes on where it stood.
        " ON CONFLICT (cash_float_id) DO UPDATE SET closed_at = NULL",
        (
            cash_float.cash_float_id, cash_float.cashier_id, cash_float.business_on, cash_float.opened_at,
            cash_float.opening_total, cash_float.first_sequence,
        ),
    )  # fmt: skip


def float_of(connection: sqlite3.Connection, cashier_id: str) -> CashFloat | None:
    """The cashier's open float."""
    row = connection.execute(
        "SELECT * FROM cash_floats WHERE cashier_id = ? AND closed_at IS NULL", (cashier_id,)
    ).fetchone()
    return _cash_float(row) if row else None


def open_floats(connection: sqlite3.Connection) -> list[CashFloat]:
    """Everybody's, the oldest first."""
    rows = connection.execute("SELECT * FROM cash_floats WHERE closed_at IS NULL ORDER BY opened_at")
    return [_cash_float(row) for row in rows]


def _cash_float(row: sqlite3.Row) -> CashFloat:
    return CashFloat(
        row["cash_float_id"], row["cashier_id"], row["business_on"], row["opened_at"], row["opening_total"],
        row["cash_sales"], row["cash_moved"], row["first_sequence"],
    )  # fmt: skip


def add_cash(connection: sqlite3.Connection, cash_float_id: str, amount: int) -> None:
    """Cash taken for a sale, or given back for a refund (negative)."""
    connection.execute(
        "UPDATE cash_floats SET cash_sales = cash_sales + ? WHERE cash_float_id = ?", (amount, cash_float_id)
    )


def add_moved(connection: sqlite3.Connection, cash_float_id: str, amount: int) -> None:
    """Cash that came in without a sale, or left (negative)."""
    connection.execute(
        "UPDATE cash_floats SET cash_moved = cash_moved + ? WHERE cash_float_id = ?", (amount, cash_float_id)
    )


def close_float(connection: sqlite3.Connection, cash_float_id: str, now: datetime) -> None:
    connection.execute("UPDATE cash_floats SET closed_at = ? WHERE cash_float_id = ?", (iso_ms(now), cash_float_id))
