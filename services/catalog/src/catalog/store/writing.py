"""Saving. One statement saves any number of things; keys decide, and their errors become ours."""

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict, fields, is_dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from catalog.domain import (
    CategoryCodeTaken,
    Organisation,
    PriceList,
    ProductReferenceTaken,
    ReferenceNotFound,
    Thing,
    TillProfile,
)
from catalog.store.tables import ADDED_TO_PAGES, PRICES, REFERENCES, TABLES, names


def lock_version(session: Session) -> int:
    """The catalogue's version; nobody else can write until this transaction ends."""
    return session.execute(text("SELECT version FROM revision FOR UPDATE")).scalar_one()


def advance(session: Session) -> int:
    """The next version. The caller holds the lock."""
    return session.execute(text("UPDATE revision SET version = version + 1 RETURNING version")).scalar_one()


def save(session: Session, path: str, things: Sequence[Thing]) -> None:
    """Insert or replace things of one noun. Raises ReferenceNotFound, ProductReferenceTaken
    and CategoryCodeTaken, naming the field."""
    kind = type(things[0])
    table, columns = TABLES[kind]
    try:
        _upsert(session, table, columns, [_row(thing) for thing in things])
        if kind is PriceList:
            _save_prices(session, things)  # type: ignore[arg-type]
        if kind is TillProfile:
            _save_references(session, things)  # type: ignore[arg-type]
    except IntegrityError as error:
        raise _in_our_words(error, path, things) from error


def _row(thing: Any) -> dict[str, Any]:
    """The fields as the database takes them: an empty id is none."""
    row = asdict(thing)
    row.pop("prices", None)
    for page in row.get("pages", ()):
        # The release before this one may be serving still, and knows none of these.
        for name in [name for name in ADDED_TO_PAGES if not page[name]]:
            del page[name]
    return {name: None if value == "" and name.endswith("_id") else value for name, value in row.items()}


def _upsert(session: Session, table: str, columns: str, rows: list[dict[str, Any]]) -> None:
    key, *others = names(columns)
    changes = ", ".join(f"{name} = excluded.{name}" for name in others)
    _insert(session, table, columns, rows, f"ON CONFLICT ({key}) DO UPDATE SET {changes}")


def _insert(session: Session, table: str, columns: str, rows: list[dict[str, Any]], conflict: str = "") -> None:
    listed = ", ".join(names(columns))
    rowset = f"jsonb_to_recordset(CAST(:rows AS jsonb)) AS r({columns})"
    statement = f"INSERT INTO {table} ({listed}) SELECT {listed} FROM {rowset} {conflict}"  # noqa: S608 - names are ours
    session.execute(text(statement), {"rows": json.dumps(rows, default=_json)})


def _json(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(type(value).__name__)


def _save_prices(session: Session, lists: Sequence[PriceList]) -> None:
    session.execute(
        text("DELETE FROM prices WHERE price_list_id = ANY(CAST(:ids AS uuid[]))"), {"ids": [x.id for x in lists]}
    )
    rows = [
        asdict(price) | {"price_list_id": x.id, "position": i, "category_id": price.category_id or None}
        for x in lists
        for i, price in enumerate(x.prices)
    ]
    _insert(session, "prices", PRICES, rows)


def _save_references(session: Session, profiles: Sequence[TillProfile]) -> None:
    delete = "DELETE FROM till_profile_references WHERE till_profile_id = ANY(CAST(:ids AS uuid[]))"
    session.execute(text(delete), {"ids": [profile.id for profile in profiles]})
    rows = [{"till_profile_id": p.id, name: value} for p in profiles for name, value in sorted(p.references())]
    _insert(session, "till_profile_references", REFERENCES, rows)


def _in_our_words(error: IntegrityError, path: str, things: Sequence[Thing]) -> Exception:
    """Our error for a broken key; PostgreSQL's detail reads `Key (column)=(value) …` in every language."""
    diagnosis = getattr(error.orig, "diag", None)
    named = re.search(r"\((\w+)\)=\((.*?)\)", getattr(diagnosis, "message_detail", "") or "")
    if diagnosis is None or named is None:
        return error
    column, value = named.groups()
    where = _where(path, things, column, value)
    if diagnosis.sqlstate == "23503":
        return ReferenceNotFound(f"{where}: {value} does not exist", field=where, id=value)
    if diagnosis.constraint_name == "categories_code_once":
        return CategoryCodeTaken(f"{where}: {value} is another category's code", field=where, code=value)
    if diagnosis.constraint_name == "products_reference_once":
        return ProductReferenceTaken(f"{where}: {value} is another product's reference", field=where, reference=value)
    return error


def _where(path: str, things: Sequence[Thing], column: str, value: str) -> str:
    """Which field of the request holds a value."""
    many = path.endswith("s")
    for i, thing in enumerate(things):
        for name, found, inner in _leaves(f"{path}[{i}]" if many else path, thing):
            if found == value and name.removesuffix("s") == column:
                return inner
    return f"{path}.{column}"


def _leaves(path: str, value: Any, name: str = "") -> Iterable[tuple[str, Any, str]]:
    if is_dataclass(value):
        for field in fields(value):
            yield from _leaves(f"{path}.{field.name}", getattr(value, field.name), field.name)
    elif isinstance(value, tuple):
        for i, item in enumerate(value):
            yield from _leaves(f"{path}[{i}]", item, name)
    else:
        yield name, value, path


def save_organisation(session: Session, saved: Organisation) -> None:
    statement = text(
        "UPDATE organisation SET name = :name, address = :address, siret = :siret, licence = :licence,"
        " currency = :currency, theme = CAST(:theme AS jsonb), revision = :revision"
    )
    session.execute(statement, asdict(saved) | {"theme": json.dumps(saved.theme)})
