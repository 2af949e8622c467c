"""The catalogue's objects, document templates and cashiers, as the centre last sent them."""

import json
import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from device_gateway.store import meta, setups
from kit.clock import iso_ms
from setups.catalogue import Catalogue, Objects, read_catalogue


@dataclass(frozen=True)
class Cashier:
    """Who may sign in, with hashes of PIN and badge. `profile` is a code of accounts, such as "cashier"."""

    id: str
    name: str
    pin_hash: str
    rights: tuple[str, ...]
    language: str
    profile: str = ""
    badge_hash: bytes = field(default=b"", repr=False)

    def may(self, right: str) -> bool:
        return right in self.rights


def keep(connection: sqlite3.Connection, version: int, objects: Objects, full: bool, now: datetime) -> None:
    """Apply a snapshot or a delta. Performances long over are dropped."""
    if full:
        connection.execute("DELETE FROM snapshot")
    connection.executemany(
        "INSERT INTO snapshot (kind, id, content) VALUES (?, ?, ?)"
        " ON CONFLICT (kind, id) DO UPDATE SET content = excluded.content",
        [
            (kind, id, json.dumps(content, ensure_ascii=False, separators=(",", ":")))
            for kind, by_id in objects.items()
            for id, content in by_id.items()
        ],
    )
    connection.execute(
        "DELETE FROM snapshot WHERE kind = 'performance'"
        " AND julianday(json_extract(content, '$.ends_at')) < julianday(?) - 1",
        (iso_ms(now),),
    )
    meta.put(connection, meta.CATALOG_VERSION, version)


def catalogue(connection: sqlite3.Connection, point_of_sale_id: str) -> Catalogue:
    objects: dict[str, dict[str, Mapping[str, Any]]] = {}
    for row in connection.execute("SELECT kind, id, content FROM snapshot"):
        objects.setdefault(row["kind"], {})[row["id"]] = json.loads(row["content"])
    running, own = setups.profile(connection), setups.modes(connection)
    if running:
        objects.setdefault("till_profile", {})[running.id] = running.profile
    known = read_catalogue(meta.number(connection, meta.CATALOG_VERSION), objects, point_of_sale_id)
    applied = f"{running.id}/{running.number}" if running else ""
    if own and own.payment_modes:
        known = replace(known, profile=replace(known.profile, payment_modes=own.payment_modes))
    return replace(known, setup=f"{applied}+{own.number}" if own else applied)


def keep_templates(connection: sqlite3.Connection, version: str, templates: Mapping[str, tuple[int, str]]) -> None:
    """`templates`: code -> (version, JSON)."""
    connection.execute("DELETE FROM templates")
    connection.executemany(
        "INSERT INTO templates (code, version, content) VALUES (?, ?, ?)",
        [(code, number, content) for code, (number, content) in templates.items()],
    )
    meta.put(connection, meta.TEMPLATES_VERSION, version)


def templates(connection: sqlite3.Connection) -> dict[str, str]:
    """JSON of each template by code."""
    return {row["code"]: row["content"] for row in connection.execute("SELECT code, content FROM templates")}


def keep_roster(
    connection: sqlite3.Connection, version: str, cashiers: Iterable[Cashier], badge_salt: bytes = b""
) -> None:
    connection.execute("DELETE FROM roster")
    connection.executemany(
        "INSERT INTO roster (cashier_id, name, pin_hash, rights, language, profile, badge_hash)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        [
            (each.id, each.name, each.pin_hash, json.dumps(each.rights), each.language, each.profile, each.badge_hash)
            for each in cashiers
        ],
    )
    meta.put(connection, meta.BADGE_SALT, badge_salt.hex())
    meta.put(connection, meta.ROSTER_VERSION, version)


def badge_salt(connection: sqlite3.Connection) -> bytes:
    """Empty while the centre has told none."""
    return bytes.fromhex(meta.get(connection, meta.BADGE_SALT))


def cashier_of_badge(connection: sqlite3.Connection, badge_hash: bytes) -> Cashier | None:
    row = connection.execute("SELECT * FROM roster WHERE badge_hash = ?", (badge_hash,)).fetchone()
    return _cashier(row) if row else None


def cashiers(connection: sqlite3.Connection) -> list[Cashier]:
    """By name."""
    return [_cashier(row) for row in connection.execute("SELECT * FROM roster ORDER BY name")]


def cashier(connection: sqlite3.Connection, cashier_id: str) -> Cashier | None:
    row = connection.execute("SELECT * FROM roster WHERE cashier_id = ?", (cashier_id,)).fetchone()
    return _cashier(row) if row else None


def _cashier(row: sqlite3.Row) -> Cashier:
    return Cashier(
        row["cashier_id"], row["name"], row["pin_hash"], tuple(json.loads(row["rights"])), row["language"],
        row["profile"], row["badge_hash"],
    )  # fmt: skip


_SENT_BY_THE_CENTRE = ("snapshot", "plans", "templates", "roster", "setups")
_VERSIONS = (meta.CATALOG_VERSION, meta.TEMPLATES_VERSION, meta.ROSTER_VERSION, meta.BADGE_SALT)


def copy(source: sqlite3.Connection, target: sqlite3.Connection) -> None:
    """All that the centre sent to one till, to another database, instead of what it has."""
    for table in _SENT_BY_THE_CENTRE:
        rows = source.execute(f"SELECT * FROM {table}").fetchall()  # noqa: S608 - our own names
        target.execute(f"DELETE FROM {table}")  # noqa: S608
        if rows:
            names, marks = ", ".join(rows[0].keys()), ", ".join("?" * len(rows[0].keys()))
            target.executemany(f"INSERT INTO {table} ({names}) VALUES ({marks})", map(tuple, rows))  # noqa: S608
    for name in _VERSIONS:
        meta.put(target, name, meta.get(source, name))
