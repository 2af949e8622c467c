"""The set-up that the till runs, and the one that waits for the sale at hand (B9). What is kept here was verified."""

import sqlite3

import setups

_PROFILE, _TILL = "profile", "till"


def keep_waiting(connection: sqlite3.Connection, verified: setups.ProfileVersion | setups.TillModes) -> None:
    """Keep a set-up until `apply`; it takes the place of another that waits."""
    kind = _PROFILE if isinstance(verified, setups.ProfileVersion) else _TILL
    connection.execute(
        "INSERT OR REPLACE INTO setups (kind, waiting, content) VALUES (?, 1, ?)", (kind, setups.encode(verified))
    )


def forget_waiting(connection: sqlite3.Connection) -> None:
    """The profile goes back to what it runs before anything was applied."""
    connection.execute("DELETE FROM setups WHERE kind = ? AND waiting = 1", (_PROFILE,))


def apply(connection: sqlite3.Connection) -> bool:
    """What waits is what the till runs; False when nothing waited."""
    moved = connection.execute("UPDATE OR REPLACE setups SET waiting = 0 WHERE waiting = 1 RETURNING kind").fetchall()
    return bool(moved)


def waits(connection: sqlite3.Connection) -> bool:
    return connection.execute("SELECT 1 FROM setups WHERE waiting = 1").fetchone() is not None


def profile(connection: sqlite3.Connection, *, waiting: bool = False) -> setups.ProfileVersion | None:
    """The version that is applied, or that waits."""
    found = _read(connection, _PROFILE, waiting)
    return found if isinstance(found, setups.ProfileVersion) else None


def modes(connection: sqlite3.Connection, *, waiting: bool = False) -> setups.TillModes | None:
    """This till's own payment modes, applied or waiting."""
    found = _read(connection, _TILL, waiting)
    return found if isinstance(found, setups.TillModes) else None


def _read(connection: sqlite3.Connection, kind: str, waiting: bool) -> setups.ProfileVersion | setups.TillModes | None:
    query = "SELECT content FROM setups WHERE kind = ? AND waiting = ?"
    row = connection.execute(query, (kind, int(waiting))).fetchone()
    return setups.decode(row["content"]) if row else None
