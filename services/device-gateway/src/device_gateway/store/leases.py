"""Leases on disk. What the till says of itself is written here first, then told."""

import json
import sqlite3
from collections.abc import Iterable
from datetime import datetime

from device_gateway.domain.leases import Draw, Lease
from kit.clock import iso_ms


def every(connection: sqlite3.Connection) -> list[Lease]:
    seats = _seats(connection.execute("SELECT lease_id, ordinal, state FROM lease_seats ORDER BY ordinal"))
    return [_lease(row, seats) for row in connection.execute("SELECT * FROM leases")]


def of_performances(connection: sqlite3.Connection, performance_ids: Iterable[str]) -> list[Lease]:
    found = []
    for performance_id in sorted(set(performance_ids)):
        rows = connection.execute("SELECT * FROM leases WHERE performance_id = ?", (performance_id,))
        query = "SELECT lease_id, ordinal, state FROM lease_seats WHERE performance_id = ? ORDER BY ordinal"
        seats = _seats(connection.execute(query, (performance_id,)))
        found += [_lease(row, seats) for row in rows]
    return found


_BySeat = dict[tuple[str, str], tuple[int, ...]]  # seats of each lease, in each state


def _seats(rows: Iterable[sqlite3.Row]) -> _BySeat:
    found: dict[tuple[str, str], list[int]] = {}
    for row in rows:
        found.setdefault((row["lease_id"], row["state"]), []).append(row["ordinal"])
    return {key: tuple(seats) for key, seats in found.items()}


def _lease(row: sqlite3.Row, seats: _BySeat) -> Lease:
    left, sold, back = (seats.get((row["lease_id"], state), ()) for state in ("left", "sold", "returned"))
    return Lease(
        row["lease_id"], row["performance_id"], row["granted"], row["used"], row["returned"], row["epoch"],
        datetime.fromisoformat(row["expires_at"]), bool(row["active"]), bool(row["done"]),
        seats=left, sold_seats=sold, back_seats=back,
    )  # fmt: skip


def use(connection: sqlite3.Connection, draws: Iterable[Draw]) -> None:
    """Sell from leases, in the sale's transaction. The tables refuse more than was granted, and a seat twice."""
    for draw in draws:
        connection.execute("UPDATE leases SET used = used + ? WHERE lease_id = ?", (draw.quantity, draw.lease_id))
        connection.executemany(
            "UPDATE lease_seats SET state = 'sold' WHERE performance_id = ? AND ordinal = ?",
            [(draw.performance_id, seat) for seat in draw.seats],
        )


def give_back(connection: sqlite3.Connection, leases: Iterable[Lease]) -> None:
    """Keep what is given back, for good or in part, unless a sale came between."""
    for lease in leases:
        changed = connection.execute(
            "UPDATE leases SET returned = ?, done = ? WHERE lease_id = ? AND used = ?",
            (lease.returned, lease.done, lease.lease_id, lease.used),
        ).rowcount
        if changed:
            connection.executemany(
                "UPDATE lease_seats SET state = 'returned' WHERE performance_id = ? AND ordinal = ? AND state = 'left'",
                [(lease.performance_id, seat) for seat in lease.back_seats],
            )


def _states(connection: sqlite3.Connection, lease_id: str) -> dict[int, str]:
    """Of each seat of a lease."""
    rows = connection.execute("SELECT ordinal, state FROM lease_seats WHERE lease_id = ?", (lease_id,))
    return {row["ordinal"]: row["state"] for row in rows}


def keep(connection: sqlite3.Connection, told: Iterable[Lease], said: Iterable[Lease] = ()) -> None:
    """Take over the centre's whole truth: what it does not name is over. `used` and `returned` stay our own word.

    `said`: the leases as this till told them, to which this is the answer. A lease that this database does not know (it
    was lost) is taken as the centre tells it.
    """
    before = {lease.lease_id: lease for lease in said}
    running = [lease for lease in told if lease.active]
    # First, for seats of what is over may be in another lease now.
    connection.execute(
        "DELETE FROM leases WHERE lease_id NOT IN (SELECT value FROM json_each(?))",
        (json.dumps([lease.lease_id for lease in running]),),
    )
    for lease in running:
        connection.execute(
            "INSERT INTO leases (lease_id, performance_id, granted, used, returned, epoch, expires_at, active)"
            " VALUES (:lease_id, :performance_id, :granted, :used, :returned, :epoch, :expires_at, 1)"
            " ON CONFLICT (lease_id) DO UPDATE SET granted = max(excluded.granted, used + returned),"
            " epoch = excluded.epoch, expires_at = excluded.expires_at",
            {
                "lease_id": lease.lease_id, "performance_id": lease.performance_id, "granted": lease.granted,
                "used": 0 if lease.seats else lease.used, "returned": lease.returned, "epoch": lease.epoch,
                "expires_at": iso_ms(lease.expires_at),
            },
        )  # fmt: skip
        _keep_seats(connection, lease, before.get(lease.lease_id))


def _keep_seats(connection: sqlite3.Connection, told: Lease, said: Lease | None) -> None:
    """The seats of one lease, as the centre tells them: those in our hands, of which it may not know some to be sold.

    What we gave back in what we said, it has taken or granted again; what was given back since, it will hear of.
    """
    known = _states(connection, told.lease_id)
    if not known and not told.seats:
        return
    here, heard_of = set(told.seats), set(said.back_seats) if said else set()
    gone = [
        seat for seat, state in known.items()
        if (state == "left" and seat not in here) or (state == "returned" and seat in heard_of)
    ]  # fmt: skip
    connection.executemany(
        "DELETE FROM lease_seats WHERE performance_id = ? AND ordinal = ?", [(told.performance_id, x) for x in gone]
    )
    new = here - (set(known) - set(gone))
    connection.executemany(
        "INSERT INTO lease_seats (performance_id, ordinal, lease_id, state) VALUES (?, ?, ?, 'left')",
        [(told.performance_id, seat, told.lease_id) for seat in sorted(new)],
    )
    connection.execute(
        "UPDATE leases SET returned = granted - used - (SELECT count(*) FROM lease_seats s"
        " WHERE s.lease_id = leases.lease_id AND state = 'left') WHERE lease_id = ?",
        (told.lease_id,),
    )


def forget(connection: sqlite3.Connection, lease_id: str) -> None:
    """The centre does not know this lease."""
    connection.execute("DELETE FROM leases WHERE lease_id = ?", (lease_id,))
