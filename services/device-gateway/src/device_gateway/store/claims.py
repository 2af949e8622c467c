"""Reserved files that this till has claimed: kept on disk, so that a cut line or a restart does not lose them (A6)."""

import json
import sqlite3

from device_gateway.domain.reserved import Claim, claim_from


def keep(connection: sqlite3.Connection, claim: Claim) -> None:
    connection.execute(
        "INSERT INTO claims (reservation_id, content) VALUES (?, ?)"
        " ON CONFLICT (reservation_id) DO UPDATE SET content = excluded.content",
        (claim.reservation_id, json.dumps(claim.as_json(), ensure_ascii=False)),
    )


def forget(connection: sqlite3.Connection, reservation_id: str) -> bool:
    """Sold or left; False when it was not claimed."""
    row = connection.execute("DELETE FROM claims WHERE reservation_id = ? RETURNING 1", (reservation_id,)).fetchone()
    return row is not None


def every(connection: sqlite3.Connection) -> dict[str, Claim]:
    """By reservation."""
    rows = connection.execute("SELECT reservation_id, content FROM claims")
    return {row["reservation_id"]: claim_from(json.loads(row["content"])) for row in rows}
