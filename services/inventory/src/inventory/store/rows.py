"""Many rows by one statement: they travel as one JSON value."""

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session


def run(session: Session, statement: str, columns: str, rows: Iterable[Mapping[str, Any]]) -> Any:
    """Run a statement that reads `{rows}`: a row set called r of these columns (name and type). No rows, no call."""
    values = list(rows)
    if not values:
        return None
    source = f"jsonb_to_recordset(CAST(:rows AS jsonb)) AS r({columns})"
    return session.execute(text(statement.replace("{rows}", source)), {"rows": json.dumps(values, default=_plain)})


def insert(session: Session, table: str, columns: str, rows: Iterable[Mapping[str, Any]], conflict: str = "") -> Any:
    """Insert rows in their order."""
    names = ", ".join(column.split()[0] for column in columns.split(", "))
    statement = f"INSERT INTO {table} ({names}) SELECT {names} FROM {{rows}} {conflict}"  # noqa: S608 - names are ours
    return run(session, statement, columns, rows)


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(type(value).__name__)
