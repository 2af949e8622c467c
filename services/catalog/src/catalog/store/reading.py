"""Queries: one function per question."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import RowMapping, text
from sqlalchemy.orm import Session

from catalog.domain import (
    Key,
    KeyCode,
    KeyItem,
    MessageMoment,
    Organisation,
    Page,
    PageKind,
    Performance,
    PerformanceState,
    Price,
    PriceList,
    Product,
    ProductOption,
    QuestionKind,
    SellerMessage,
    Show,
    SurveyQuestion,
    Tariff,
    TariffKind,
    Territory,
    TillProfile,
    VatKind,
    Venue,
)
from catalog.store.tables import COMPUTED, PRICES, TABLES, names

T = TypeVar("T")


@dataclass(frozen=True)
class Scheduled:
    """A performance with what the others need to know of its show and venue."""

    performance: Performance
    show_title: str
    group_id: str
    venue_id: str
    venue_name: str
    zone: str


def read_version(session: Session) -> int:
    return session.execute(text("SELECT version FROM revision")).scalar_one()


def read(session: Session, kind: type[T], where: str = "true", order: str = "", **values: Any) -> list[T]:
    """All things of a noun that fulfil a condition."""
    table, columns = TABLES[kind]
    listed = ", ".join(f"{table}.{name}" for name in (*names(columns), *COMPUTED.get(kind, ())))
    joins = " JOIN shows ON shows.id = show_id JOIN venues ON venues.id = shows.venue_id" if "venues." in where else ""
    query = f"SELECT {listed} FROM {table}{joins} WHERE {where} ORDER BY {order or names(columns)[0]}"  # noqa: S608 - ours
    rows = session.execute(text(query), values).mappings()
    if kind is PriceList:
        return _price_lists(session, list(rows))  # type: ignore[return-value]
    return [_thing(kind, row) for row in rows]


def _plain(row: RowMapping) -> dict[str, Any]:
    return {
        name: "" if value is None else str(value) if name == "id" or name.endswith("_id") else value
        for name, value in row.items()
    }


def _thing(kind: type[T], row: RowMapping) -> T:
    values = _plain(row)
    if kind is Performance:
        values |= {"state": PerformanceState(values["state"]), "vat_rate_bp": row["vat_rate_bp"]}
    elif kind is Venue:
        values["territory"] = Territory(values["territory"])
    elif kind is Show:
        values["vat_kind"] = VatKind(values["vat_kind"])
    elif kind is Tariff:
        values["kind"] = TariffKind(values["kind"])
    elif kind is Product:
        values["options"] = tuple(ProductOption(**option) for option in values["options"])
    elif kind is TillProfile:
        values["payment_modes"] = tuple(values["payment_modes"])
        values["pages"] = tuple(_page(page) for page in values["pages"])
        values["messages"] = tuple(_message(message) for message in values["messages"])
        values["questions"] = tuple(
            SurveyQuestion(**_tuples(question) | {"kind": QuestionKind(question["kind"])})
            for question in values["questions"]
        )
        values["key_codes"] = tuple(KeyCode(**code) for code in values["key_codes"])
    return kind(**values)


def _page(page: dict[str, Any]) -> Page:
    keys = tuple(Key(**key | {"items": tuple(KeyItem(**item) for item in key["items"])}) for key in page["keys"])
    return Page(**_tuples(page) | {"kind": PageKind(page["kind"]), "keys": keys})


def _message(message: dict[str, Any]) -> SellerMessage:
    instants = {name: message[name] and datetime.fromisoformat(message[name]) for name in ("from_", "until")}
    return SellerMessage(**_tuples(message) | instants | {"moment": MessageMoment(message["moment"])})


def _tuples(plain: dict[str, Any]) -> dict[str, Any]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in plain.items()}


def _price_lists(session: Session, rows: list[RowMapping]) -> list[PriceList]:
    listed = ", ".join(names(PRICES))
    query = f"SELECT {listed} FROM prices WHERE price_list_id = ANY(:ids) ORDER BY price_list_id, position"  # noqa: S608
    prices: dict[str, list[Price]] = {}
    for row in session.execute(text(query), {"ids": [row["id"] for row in rows]}).mappings():
        values = _plain(row)
        of = prices.setdefault(values.pop("price_list_id"), [])
        values.pop("position")
        of.append(Price(**values | {"channels": tuple(values["channels"])}))
    return [PriceList(**_plain(row), prices=tuple(prices.get(str(row["id"]), ()))) for row in rows]


def organisation(session: Session) -> Organisation:
    query = "SELECT name, address, siret, licence, currency, theme, revision FROM organisation"
    return Organisation(**session.execute(text(query)).mappings().one())


def scheduled(session: Session, performances: Sequence[Performance]) -> list[Scheduled]:
    """The same performances with their show and venue."""
    query = text(
        "SELECT shows.id, title, group_id, venue_id, venues.name, zone FROM shows JOIN venues ON venues.id = venue_id"
        " WHERE shows.id = ANY(CAST(:ids AS uuid[]))"
    )
    ids = sorted({performance.show_id for performance in performances})
    shows = {str(row[0]): row for row in session.execute(query, {"ids": ids})}

    def one(performance: Performance) -> Scheduled:
        _, title, group_id, venue_id, venue_name, zone = shows[performance.show_id]
        return Scheduled(performance, title, str(group_id or ""), str(venue_id), venue_name, zone)

    return [one(performance) for performance in performances]


def performances_between(
    session: Session, show_id: str, from_on: str, to_on: str, now: datetime, after: tuple[str, str], limit: int
) -> list[Performance]:
    """In order of start, those whose day in the venue's zone lies in the span; an empty day is today."""
    where = (
        "(starts_at AT TIME ZONE venues.zone)::date BETWEEN"
        " COALESCE(CAST(NULLIF(:first, '') AS date), (CAST(:now AS timestamptz) AT TIME ZONE venues.zone)::date) AND"
        " COALESCE(CAST(NULLIF(:last, '') AS date), (CAST(:now AS timestamptz) AT TIME ZONE venues.zone)::date)"
        # The same once more, coarsely, so that the index on starts_at serves: no zone is a day and a half away.
        " AND starts_at >= COALESCE(CAST(NULLIF(:first, '') AS timestamptz), CAST(:now AS timestamptz))"
        " - interval '36 hours'"
        " AND starts_at < COALESCE(CAST(NULLIF(:last, '') AS timestamptz), CAST(:now AS timestamptz))"
        " + interval '60 hours'"
    )
    if show_id:
        where += " AND show_id = CAST(:show_id AS uuid)"
    if after[0]:
        where += " AND (starts_at, performances.id) > (CAST(:after_at AS timestamptz), CAST(:after_id AS uuid))"
    values = {"first": from_on, "last": to_on or from_on, "now": now, "show_id": show_id}
    values |= {"after_at": after[0], "after_id": after[1]}
    used = {name: value for name, value in values.items() if f":{name}" in where}
    return read(session, Performance, where, f"starts_at, performances.id LIMIT {int(limit)}", **used)


def products_like(
    session: Session, search: str, family: str, after: tuple[str, str], limit: int, product_ids: Sequence[str] = ()
) -> list[Product]:
    """By name. `search` is part of the name or of the reference, whatever the case (O1); only these ids, if any."""
    where = "true"
    values: dict[str, Any] = {}
    if product_ids:
        where += " AND id = ANY(CAST(:ids AS uuid[]))"
        values["ids"] = list(product_ids)
    if search:
        escaped = re.sub(r"([\\%_])", r"\\\1", search)
        where += " AND (name ILIKE :like OR reference ILIKE :like)"
        values["like"] = f"%{escaped}%"
    if family:
        where += " AND family = :family"
        values["family"] = family
    if after[0]:
        where += " AND (name, id) > (:after_name, CAST(:after_id AS uuid))"
        values |= {"after_name": after[0], "after_id": after[1]}
    return read(session, Product, where, f"name, id LIMIT {int(limit)}", **values)


def free_tariffs(session: Session) -> set[str]:
    return {str(i) for i in session.scalars(text("SELECT id FROM tariffs WHERE kind = 3"))}


def has_paid_price(session: Session, tariff_id: str) -> bool:
    query = "SELECT EXISTS (SELECT FROM prices WHERE tariff_id = CAST(:id AS uuid) AND amount > 0)"
    return bool(session.execute(text(query), {"id": tariff_id}).scalar_one())


def exists(session: Session, kind: type, thing_id: str) -> bool:
    table, _ = TABLES[kind]
    query = f"SELECT EXISTS (SELECT FROM {table} WHERE id = CAST(:id AS uuid))"  # noqa: S608 - our table
    return bool(session.execute(text(query), {"id": thing_id}).scalar_one())


def recent(session: Session, cutoff: datetime, since: int) -> list[Performance]:
    """For tills: performances not ended before the cutoff; all changed after a version, or (0) those not drafts."""
    where = "ends_at > :cutoff AND " + ("revision > :since" if since else "state <> 1 AND revision > :since")
    return read(session, Performance, where, "starts_at, id", cutoff=cutoff, since=since)
