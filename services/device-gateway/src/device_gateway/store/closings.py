"""What this till's journal adds up to since its closings (clôtures, LAW-4), read from the sealed entries themselves.

Nothing is counted beside the journal: a till that was upgraded, restarted or restored adds up to what it sealed.
"""

import json
import sqlite3
from collections.abc import Iterator
from datetime import date, datetime

import ledger
from kit.clock import business_date


def totals(connection: sqlite3.Connection) -> ledger.Totals:
    """As of the last entry. It reads the acts of the running day, and the closings that others have not taken in."""
    adding = ledger.Totals()
    last_day = 0
    for sequence, body, hash in ledger.needed(_closings(connection)):
        adding.add(sequence, ledger.Kind.CLOSING, body, hash)
        if body["period"] == ledger.Period.DAY:
            last_day = sequence
    acts = connection.execute(
        "SELECT sequence, kind, content, hash FROM journal WHERE sequence > ? AND kind <> 'closing' ORDER BY sequence",
        (last_day,),
    )
    for row in acts:
        adding.add(row["sequence"], ledger.Kind(row["kind"]), json.loads(row["content"])["body"], row["hash"])
    return adding


def last(connection: sqlite3.Connection, period: ledger.Period) -> tuple[ledger.Closing, datetime] | None:
    """The newest closing of a period, and when it was sealed."""
    for sequence, body, _ in _closings(connection):
        if body["period"] == period:
            row = connection.execute("SELECT at FROM journal WHERE sequence = ?", (sequence,)).fetchone()
            return ledger.Closing.from_body(body), datetime.fromisoformat(row["at"])
    return None


def business_days(connection: sqlite3.Connection, point_of_sale_id: str, now: datetime) -> tuple[date, date]:
    """The business days of the last entry and of `now`, by the clock of the point of sale's venue."""
    zone = _zone(connection, point_of_sale_id)
    row = connection.execute("SELECT at FROM journal ORDER BY sequence DESC LIMIT 1").fetchone()
    before = datetime.fromisoformat(row["at"]) if row else now
    return business_date(before, zone), business_date(now, zone)


def _zone(connection: sqlite3.Connection, point_of_sale_id: str) -> str:
    row = connection.execute(
        "SELECT json_extract(v.content, '$.zone') AS zone FROM snapshot p JOIN snapshot v ON v.kind = 'venue'"
        " AND v.id = json_extract(p.content, '$.venue_id') WHERE p.kind = 'point_of_sale' AND p.id = ?",
        (point_of_sale_id,),
    ).fetchone()
    return row["zone"] if row and row["zone"] else "UTC"


def _closings(connection: sqlite3.Connection) -> Iterator[ledger.Placed]:
    """Newest first."""
    rows = connection.execute(
        "SELECT sequence, content, hash FROM journal WHERE kind = 'closing' ORDER BY sequence DESC"
    )
    for row in rows:
        yield row["sequence"], json.loads(row["content"])["body"], row["hash"]
