"""Leases on disk. What the till says of itself is written here first, then told."""

import json
import sqlite3
from collections.abc import Iterable
from datetime import datetime

from device_gateway.domain.leases import Draw, Lease
from kit.clock import iso_ms


def every(connection: sqlite3.Connection) -> list[Lease]:
    return [_lease(row) for row in connection.execute("SELECT * FROM leases")]


def of_performances(connection: sqlite3.Connection, performance_ids: Iterable[str]) -> list[Lease]:
    found = []
    for performance_id in sorted(set(performance_ids)):
        rows = connection.execute("SELECT * FROM leases WHERE performance_id = ?", (performance_id,))
        found += [_lease(row) for row in rows]
    return found


def _lease(row: sqlite3.Row) -> Lease:
    return Lease(
        row["lease_id"], row["performance_id"], row["granted"], row["used"], row["returned"], row["epoch"],
        datetime.fromisoformat(row["expires_at"]), bool(row["active"]), bool(row["done"]),
    )  # fmt: skip


def use(connection: sqlite3.Connection, draws: Iterable[Draw]) -> None:
    """Sell from leases, in the sale's transaction. The table itself refuses more than was granted."""
    for draw in draws:
        connection.execute("UPDATE leases SET used = used + ? WHERE lease_id = ?", (draw.quantity, draw.lease_id))


def give_back(connection: sqlite3.Connection, leases: Iterable[Lease]) -> None:
    """Keep what is given back, for good or in part, unless a sale came between."""
    for lease in leases:
        connection.execute(
            "UPDATE leases SET returned = ?, done = ? WHERE lease_id = ? AND used = ?",
            (lease.returned, lease.done, lease.lease_id, lease.used),
        )


def keep(connection: sqlite3.Connection, told: Iterable[Lease]) -> None:
    """Take over the centre's whole truth: what it does not name is over. `used` and `returned` stay our own word.

    A lease that this database does not know (it was lost) is taken as the centre tells it.
    """
    named = []
    for lease in told:
        named.append(lease.lease_id)
        if not lease.active:
            connection.execute("DELETE FROM leases WHERE lease_id = ?", (lease.lease_id,))
            continue
        connection.execute(
            "INSERT INTO leases (lease_id, performance_id, granted, used, returned, epoch, expires_at, active)"
            " VALUES (:lease_id, :performance_id, :granted, :used, :returned, :epoch, :expires_at, 1)"
            " ON CONFLICT (lease_id) DO UPDATE SET granted = max(excluded.granted, used + returned),"
            " epoch = excluded.epoch, expires_at = excluded.expires_at",
            {
                "lease_id": lease.lease_id, "performance_id": lease.performance_id, "granted": lease.granted,
                "used": lease.used, "returned": lease.returned, "epoch": lease.epoch,
                "expires_at": iso_ms(lease.expires_at),
            },
        )  # fmt: skip
    connection.execute(
        "DELETE FROM leases WHERE lease_id NOT IN (SELECT value FROM json_each(?))", (json.dumps(named),)
    )


def forget(connection: sqlite3.Connection, lease_id: str) -> None:
    """The centre does not know this lease."""
    connection.execute("DELETE FROM leases WHERE lease_id = ?", (lease_id,))
