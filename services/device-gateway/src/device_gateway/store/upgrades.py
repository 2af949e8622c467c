"""Columns that joined the till's tables after their first release: a till in the field keeps its database for years."""

import sqlite3

# (table, column, definition), in the order in which they came. New tables need no entry: schema.sql makes them.
_COLUMNS: tuple[tuple[str, str, str], ...] = (
    ("roster", "profile", "TEXT NOT NULL DEFAULT ''"),
    ("roster", "badge_hash", "BLOB NOT NULL DEFAULT x''"),
    ("tickets", "reissue", "INTEGER NOT NULL DEFAULT 0"),
    ("cash_floats", "cash_moved", "INTEGER NOT NULL DEFAULT 0"),
    ("cash_floats", "first_sequence", "INTEGER NOT NULL DEFAULT 0"),
)


def add_missing_columns(connection: sqlite3.Connection) -> None:
    """Bring an older database to the present shape; a present one stays as it is."""
    for table, column, definition in _COLUMNS:
        known = {row["name"] for row in connection.execute(f"PRAGMA table_info({table})")}
        if column not in known:
            connection.execute(f"ALTER TABLE {table} ADD COLUMN {column} {definition}")
