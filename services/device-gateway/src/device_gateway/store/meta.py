"""Small facts with a name, and counters that only grow."""

import sqlite3

CATALOG_VERSION = "catalog_version"
NUMBERED_SEATS = "numbered_seats"  # the catalogue at hand tells numbered performances as they are
ROSTER_VERSION = "roster_version"
BADGE_SALT = "badge_salt"  # hexadecimal
TEMPLATES_VERSION = "templates_version"
ACKNOWLEDGED = "acknowledged_sequence"
BRANCH_KEPT = "branch_kept_sequence"  # of the rival entries of a fork, the last that the centre keeps
FROZEN = "frozen:"  # followed by the service that refuses us
TRAINING = "training"  # in the real till: it practises
SETUP_REFUSED = "setup_refused"  # fingerprint and reason of what this till last refused
ASKED_BACK = "asked_back"  # the centre wants this machine: sell no more, hand everything in (I4)
HANDED_IN = "handed_in"  # the centre vouches for the whole journal, and hears so: nothing more is written
CLOCK_OFFSET = "clock_offset_ms"
LAST_ANSWER = "last_answer_at"  # when the centre last answered, as far as it was kept
CLOCK_VOUCHED = "clock_vouched_sequence"  # the entry that says who last vouched for the clock
SCANNER = "scanner_translation"  # JSON: what a wedge reader types, as what it read
RECEIPT_KEY = "receipt_key"  # hexadecimal; the root vouches for it


def get(connection: sqlite3.Connection, name: str, default: str = "") -> str:
    row = connection.execute("SELECT value FROM meta WHERE name = ?", (name,)).fetchone()
    return row["value"] if row else default


def number(connection: sqlite3.Connection, name: str) -> int:
    return int(get(connection, name, "0"))


def forget(connection: sqlite3.Connection, name: str) -> None:
    connection.execute("DELETE FROM meta WHERE name = ?", (name,))


def put(connection: sqlite3.Connection, name: str, value: object) -> None:
    connection.execute(
        "INSERT INTO meta (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        (name, str(value)),
    )


def frozen(connection: sqlite3.Connection) -> str | None:
    """Why the centre refuses this till, if it does."""
    row = connection.execute("SELECT value FROM meta WHERE name LIKE 'frozen:%' ORDER BY name LIMIT 1").fetchone()
    return row["value"] if row else None


def refused_by(connection: sqlite3.Connection, service: str) -> str:
    """Why this service refuses us; empty when it does not."""
    return get(connection, FROZEN + service)


def freeze(connection: sqlite3.Connection, service: str, reason: str) -> None:
    put(connection, FROZEN + service, reason)


def unfreeze(connection: sqlite3.Connection, service: str) -> None:
    connection.execute("DELETE FROM meta WHERE name = ?", (FROZEN + service,))


def take(connection: sqlite3.Connection, counter: str, count: int = 1) -> int:
    """Take the next `count` numbers of a counter; the first of them. Gapless: undone with the transaction."""
    row = connection.execute(
        "INSERT INTO counters (name, value) VALUES (?, ?)"
        " ON CONFLICT (name) DO UPDATE SET value = value + excluded.value RETURNING value",
        (counter, count),
    ).fetchone()
    return row["value"] - count + 1
