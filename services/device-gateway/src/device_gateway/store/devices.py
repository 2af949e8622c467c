"""The devices of this till, as the environment named them at first and as people have set them up since (C9)."""

import json
import sqlite3
from collections.abc import Iterable

from device_gateway.devices.registry import DeviceRole, Entry

_NONE = ""  # the driver of a role that people left empty


def every(connection: sqlite3.Connection) -> list[Entry]:
    rows = connection.execute("SELECT role, driver, address, options FROM devices WHERE driver <> ?", (_NONE,))
    return [Entry(DeviceRole(row["role"]), row["driver"], row["address"], json.loads(row["options"])) for row in rows]


def keep(connection: sqlite3.Connection, entry: Entry) -> None:
    """A person's word; the environment says no more of this role."""
    _put(connection, entry, seeded=False)


def leave_empty(connection: sqlite3.Connection, role: DeviceRole) -> None:
    """A person's word: there is no such device here."""
    _put(connection, Entry(role, _NONE, ""), seeded=False)


def seed(connection: sqlite3.Connection, entries: Iterable[Entry]) -> None:
    """What the environment says today, of roles of which nobody has said anything."""
    connection.execute("DELETE FROM devices WHERE seeded = 1")
    for entry in entries:
        if connection.execute("SELECT 1 FROM devices WHERE role = ?", (entry.role,)).fetchone() is None:
            _put(connection, entry, seeded=True)


def _put(connection: sqlite3.Connection, entry: Entry, *, seeded: bool) -> None:
    connection.execute(
        "INSERT OR REPLACE INTO devices (role, driver, address, options, seeded) VALUES (?, ?, ?, ?, ?)",
        (entry.role, entry.driver, entry.address, json.dumps(dict(entry.options), ensure_ascii=False), int(seeded)),
    )
