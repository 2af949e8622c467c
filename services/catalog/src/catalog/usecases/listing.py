"""Reading the catalogue. All of it needs catalog.view (a till has it)."""

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session, sessionmaker

from catalog import store
from catalog.domain import (
    Category,
    Channel,
    Organisation,
    Performance,
    PerformanceNotFound,
    PointOfSale,
    PriceList,
    Product,
    Show,
    ShowGroup,
    Tariff,
    TillProfile,
    Venue,
)
from catalog.domain.checks import identity, text
from kit.auth import Caller
from kit.errors import FieldInvalid

Sessions = sessionmaker[Session]
MOST_AT_ONCE = 500


@dataclass(frozen=True)
class Programme:
    """Everything but performances and products, of one moment."""

    version: int
    organisation: Organisation
    venues: list[Venue]
    groups: list[ShowGroup]
    shows: list[Show]
    categories: list[Category]
    tariffs: list[Tariff]
    price_lists: list[PriceList]
    channels: list[Channel]
    points_of_sale: list[PointOfSale]
    till_profiles: list[TillProfile]


def get_organisation(sessions: Sessions, caller: Caller) -> Organisation:
    caller.require("catalog.view", "catalog.programme")
    with sessions.begin() as session:
        return store.organisation(session)


def programme(sessions: Sessions, caller: Caller) -> Programme:
    """The whole programme but performances and products."""
    caller.require("catalog.view", "catalog.programme", "orders.sell")
    with sessions.begin() as session:
        session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
        return Programme(
            version=store.read_version(session),
            organisation=store.organisation(session),
            venues=store.read(session, Venue, order="name, id"),
            groups=store.read(session, ShowGroup, order="name, id"),
            shows=store.read(session, Show, order="title, id"),
            categories=store.read(session, Category, order="name, id"),
            tariffs=store.read(session, Tariff, order="rank, name, id"),
            price_lists=store.read(session, PriceList, order="name, id"),
            channels=store.read(session, Channel, order="code"),
            points_of_sale=store.read(session, PointOfSale, order="name, id"),
            till_profiles=store.read(session, TillProfile, order="name, id"),
        )


def get_performance(
    sessions: Sessions, caller: Caller, performance_id: str
) -> tuple[Performance, Show, Venue, PriceList | None]:
    """A performance, its show, venue and prices, these at the rate of the show's rule. Raises PerformanceNotFound."""
    caller.require("catalog.view", "catalog.programme", "orders.sell")
    identity("performance_id", performance_id)
    with sessions.begin() as session:
        found = store.read(session, Performance, "performances.id = CAST(:id AS uuid)", id=performance_id)
        if not found:
            raise PerformanceNotFound(f"no performance {performance_id}", performance_id=performance_id)
        (show,) = store.read(session, Show, "shows.id = CAST(:id AS uuid)", id=found[0].show_id)
        (venue,) = store.read(session, Venue, "id = CAST(:id AS uuid)", id=show.venue_id)
        lists: list[PriceList] = []
        if found[0].price_list_id:
            lists = store.read(session, PriceList, "id = CAST(:id AS uuid)", id=found[0].price_list_id)
        if lists and found[0].vat_rate_bp is not None:
            lists = [lists[0].at_rate(found[0].vat_rate_bp)]
        return found[0], show, venue, lists[0] if lists else None


def list_performances(
    sessions: Sessions,
    caller: Caller,
    show_id: str,
    from_on: str,
    to_on: str,
    page_size: int,
    page_token: str,
    now: datetime,
) -> tuple[list[Performance], str]:
    """Performances of some days, in order of start, and the next page's token. Raises FieldInvalid."""
    caller.require("catalog.view", "catalog.programme", "orders.sell")
    identity("show_id", show_id, required=False)
    for name, value in (("from_on", from_on), ("to_on", to_on)):
        if value:
            _day(name, value)
    size = _page_size(page_size)
    with sessions.begin() as session:
        after = _after(page_token)
        found = store.performances_between(session, show_id, from_on, to_on, now, after, size + 1)
    more = len(found) > size
    return found[:size], _token(found[size - 1].starts_at.isoformat(), found[size - 1].id) if more else ""


def list_products(
    sessions: Sessions, caller: Caller, search: str, family: str, page_size: int, page_token: str,
    product_ids: Sequence[str] = (),
) -> tuple[list[Product], str]:  # fmt: skip
    """Articles by name, found by a part of their name or reference (O1), and the next page's token."""
    caller.require("catalog.view", "catalog.programme", "orders.sell")
    text("search", search, 120, required=False)
    text("family", family, 80, required=False)
    if len(product_ids) > MOST_AT_ONCE:
        raise FieldInvalid("product_ids", f"at most {MOST_AT_ONCE} at once")
    for i, product_id in enumerate(product_ids):
        identity(f"product_ids[{i}]", product_id)
    size = _page_size(page_size)
    with sessions.begin() as session:
        found = store.products_like(session, search.strip(), family, _after(page_token), size + 1, product_ids)
    return found[:size], _token(found[size - 1].name, found[size - 1].id) if len(found) > size else ""


def _day(name: str, value: str) -> None:
    try:
        date.fromisoformat(value)
    except ValueError:
        raise FieldInvalid(name, "must be a day written YYYY-MM-DD") from None


def _page_size(wanted: int) -> int:
    if not 0 <= wanted <= 500:
        raise FieldInvalid("page_size", "must be 1 to 500")
    return wanted or 100


def _token(key: str, thing_id: str) -> str:
    return base64.urlsafe_b64encode(json.dumps([key, thing_id]).encode()).decode()


def _after(page_token: str) -> tuple[str, str]:
    if not page_token:
        return "", ""
    try:
        key, thing_id = json.loads(base64.urlsafe_b64decode(page_token.encode()))
        identity("page_token", thing_id)
    except (ValueError, TypeError, binascii.Error, AttributeError):
        raise FieldInvalid("page_token", "is not one that this list gave") from None
    return str(key), str(thing_id)
