"""Versions of seating plans, as the centre's browsers draw them (`seating.geometry`). A version never changes."""

import json
import sqlite3
from collections.abc import Iterable


def known(connection: sqlite3.Connection) -> set[str]:
    """Ids of the versions that are here."""
    return {row["plan_version_id"] for row in connection.execute("SELECT plan_version_id FROM plans")}


def read(connection: sqlite3.Connection, plan_version_id: str) -> tuple[int, bytes] | None:
    """The version's number and its geometry, gzipped; None when it is not here."""
    row = connection.execute(
        "SELECT number, geometry FROM plans WHERE plan_version_id = ?", (plan_version_id,)
    ).fetchone()
    return (row["number"], row["geometry"]) if row else None


def keep(connection: sqlite3.Connection, plan_version_id: str, number: int, geometry: bytes) -> None:
    connection.execute(
        "INSERT OR IGNORE INTO plans (plan_version_id, number, geometry) VALUES (?, ?, ?)",
        (plan_version_id, number, geometry),
    )


def keep_only(connection: sqlite3.Connection, plan_version_ids: Iterable[str]) -> None:
    """Drop versions that no performance plays in any more."""
    connection.execute(
        "DELETE FROM plans WHERE plan_version_id NOT IN (SELECT value FROM json_each(?))",
        (json.dumps(sorted(plan_version_ids)),),
    )
