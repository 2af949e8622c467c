"""Messages that were read in a working period, so that they are not shown twice in it. The journal is the trace."""

import sqlite3


def keep(connection: sqlite3.Connection, shift_id: str, message_id: str, words: str) -> bool:
    """False when these words were read already in this period."""
    kept = connection.execute(
        "INSERT INTO acknowledged (shift_id, message_id, words) VALUES (?, ?, ?)"
        " ON CONFLICT (shift_id, message_id) DO UPDATE SET words = excluded.words WHERE words <> excluded.words"
        " RETURNING 1",
        (shift_id, message_id, words),
    )
    return bool(kept.fetchall())


def of_shift(connection: sqlite3.Connection, shift_id: str) -> dict[str, str]:
    """Words by message."""
    rows = connection.execute("SELECT message_id, words FROM acknowledged WHERE shift_id = ?", (shift_id,))
    return {row["message_id"]: row["words"] for row in rows}
