"""Statements of the hot paths: prepared once, run straight on the session's connection, in its transaction.

SQLAlchemy's `execute` builds a context, a cache key and a result for each call, which costs twice what the statement
itself does. These are written as `text()` is, with `:name` for values, kept as constants, and give plain rows.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from typing import Any
from uuid import UUID

import psycopg
from psycopg.abc import Query
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

Columns = Mapping[str, str]  # name -> PostgreSQL type

_NAME = re.compile(r"(?<!:):([a-z_]+)")


class Statement:
    """One SQL statement: `LOCK = Statement("SELECT … WHERE id = :id FOR UPDATE")`, `LOCK.rows(session, id=…)`."""

    def __init__(self, sql: str) -> None:
        self._sql: Query = _NAME.sub(r"%(\1)s", sql.replace("%", "%%")).encode()

    def rows(self, where: Session | Connection, **values: Any) -> list[tuple[Any, ...]]:
        """Run it; the rows that it gives, if any. Raises sqlalchemy.exc.DBAPIError as `execute` does."""
        with _raw(where, str(self._sql)) as raw:
            cursor = raw.execute(self._sql, values, prepare=True)
            return cursor.fetchall() if cursor.description else []

    def later(self, where: Session | Connection, **values: Any) -> Callable[[], list[tuple[Any, ...]]]:
        """As `rows`, inside `together`: the answer gives the rows once the block has ended."""
        with _raw(where, str(self._sql)) as raw:
            rows: Callable[[], list[tuple[Any, ...]]] = raw.execute(self._sql, values, prepare=True).fetchall
            return rows


@contextmanager
def together(where: Session | Connection) -> Iterator[None]:
    """Statements of this block travel together, in their order: one round trip instead of one each.

    None of them may be asked for its rows: they are not there yet (`Statement.later`). What the database refuses is
    raised at the latest when the block ends.
    """
    with _raw(where) as raw, raw.pipeline():
        yield


@contextmanager
def _raw(where: Session | Connection, sql: str | None = None) -> Iterator[Any]:
    """The driver's connection, in a transaction; its errors are raised as `execute` raises them."""
    connection = where.connection() if isinstance(where, Session) else where
    if not connection.in_transaction():
        connection.begin()  # else its commit would not know that there is something to commit
    raw: Any = connection.connection.driver_connection
    try:
        yield raw
    except psycopg.Error as error:
        if raw.closed:
            connection.invalidate(error)
        raise DBAPIError.instance(
            sql, None, error, psycopg.Error, hide_parameters=True, connection_invalidated=raw.closed,
            dialect=connection.dialect,
        ) from error  # fmt: skip


class RowsStatement:
    """One statement for any number of rows, which travel as one JSON value: `{rows}` is the row set, called r.

    An array for each column costs three times as much on our side.
    """

    def __init__(self, sql: str, columns: Columns) -> None:
        typed = ", ".join(f"{name} {kind}" for name, kind in columns.items())
        self._names = tuple(columns)
        self._statement = Statement(sql.replace("{rows}", f"json_to_recordset(CAST(:rows AS json)) AS r({typed})"))

    def rows(self, where: Session | Connection, values: Iterable[Sequence[Any]]) -> list[tuple[Any, ...]]:
        """Run it with these rows, their values in the order of the columns. Without rows nothing is run."""
        records = [dict(zip(self._names, row, strict=True)) for row in values]
        return (
            self._statement.rows(where, rows=json.dumps(records, default=_plain, ensure_ascii=False)) if records else []
        )


def insert(table: str, columns: Columns, then: str = "") -> RowsStatement:
    """`INSERT INTO table (columns)` of rows, in their order; `then` follows: ON CONFLICT …, RETURNING …"""
    names = ", ".join(columns)
    return RowsStatement(f"INSERT INTO {table} ({names}) SELECT {names} FROM {{rows}} {then}", columns)  # noqa: S608


def _plain(value: object) -> str:
    if isinstance(value, date):  # a datetime is one
        return value.isoformat()
    if isinstance(value, bytes | memoryview):
        return f"\\x{value.hex()}"
    if isinstance(value, UUID):
        return str(value)
    raise TypeError(f"{type(value).__name__} cannot be a value of a row")
