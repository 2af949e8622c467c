"""What the inventory's pages share: the blueprint, stubs, and names from the catalogue."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import grpc
from flask import Blueprint

from kit.errors import Kind
from kit.web import as_domain_error, stub
from ticketing.accounts.v1 import accounts_service_pb2 as accounts_pb
from ticketing.accounts.v1.accounts_service_pb2_grpc import AccountsServiceStub
from ticketing.catalog.v1 import catalog_service_pb2 as catalog_pb
from ticketing.catalog.v1.catalog_pb2 import Product
from ticketing.catalog.v1.catalog_service_pb2_grpc import CatalogServiceStub
from ticketing.inventory.v1.inventory_service_pb2_grpc import InventoryServiceStub

VIEW, MANAGE = "inventory.view", "inventory.manage"
MOST_ARTICLES = 500  # that the catalogue gives at once
MOST_PAGES = 20  # 10,000 performances of one day are beyond any house

blueprint = Blueprint("inventory", __name__, url_prefix="/inventory", template_folder="templates")


@dataclass(frozen=True)
class Named:
    """A performance as people know it: title, and hours at the venue."""

    title: str
    begins: datetime
    ends: datetime
    hall: str


def core() -> InventoryServiceStub:
    return stub("inventory", InventoryServiceStub)


def catalogue() -> CatalogServiceStub:
    return stub("catalog", CatalogServiceStub)


def of_day(on: date) -> dict[str, Named]:
    """The performances of a day, in order of start."""
    shows, zones = _shows()
    named: dict[str, Named] = {}
    token = ""
    for _page in range(MOST_PAGES):
        asked = catalog_pb.ListPerformancesRequest(from_on=on.isoformat(), page_size=500, page_token=token)
        answer = catalogue().ListPerformances(asked)
        named |= {it.id: _named(it, shows, zones) for it in answer.performances}
        token = answer.next_page_token
        if not token:
            break
    return named


def names(performance_ids: Iterable[str]) -> dict[str, Named]:
    """These performances; what the catalogue does not know has no name."""
    found: dict[str, Named] = {}
    shows, zones = _shows()
    for performance_id in sorted(set(performance_ids)):
        asked = catalog_pb.GetPerformanceRequest(performance_id=performance_id)
        try:
            found[performance_id] = _named(catalogue().GetPerformance(asked).performance, shows, zones)
        except grpc.RpcError as error:
            if as_domain_error(error).kind is not Kind.NOT_FOUND:
                raise
    return found


def articles(product_ids: Iterable[str]) -> dict[str, Product]:
    """These articles by id; those that the catalogue does not know are left out."""
    ids = sorted(set(product_ids))
    found: dict[str, Product] = {}
    for start in range(0, len(ids), MOST_ARTICLES):
        some = ids[start : start + MOST_ARTICLES]
        asked = catalog_pb.ListProductsRequest(product_ids=some, page_size=MOST_ARTICLES)
        found |= {product.id: product for product in catalogue().ListProducts(asked).products}
    return found


def points_of_sale() -> dict[str, str]:
    """The names of the points of sale that are not archived, by id."""
    found = catalogue().GetProgramme(catalog_pb.GetProgrammeRequest()).points_of_sale
    return {point.id: point.name for point in sorted(found, key=lambda it: it.name.lower()) if not point.archived}


def tills() -> dict[str, str]:
    """Tills' names, if the reader may know them."""
    try:
        found = stub("accounts", AccountsServiceStub).ListTills(accounts_pb.ListTillsRequest()).tills
    except grpc.RpcError:
        return {}
    return {till.id: f"{till.number} · {till.name}" for till in found}


def _shows() -> tuple[dict[str, Any], dict[str, ZoneInfo]]:
    programme = catalogue().GetProgramme(catalog_pb.GetProgrammeRequest())
    zones = {venue.id: ZoneInfo(venue.zone) for venue in programme.venues}
    return {show.id: show for show in programme.shows}, zones


def _named(it: Any, shows: dict[str, Any], zones: dict[str, ZoneInfo]) -> Named:
    show = shows[it.show_id]
    return at_venue(it, show.title, zones[show.venue_id])


def at_venue(it: Any, title: str, here: ZoneInfo) -> Named:
    """A performance of this title, with its hours at the venue."""
    begins, ends = (at.ToDatetime(tzinfo=UTC).astimezone(here) for at in (it.starts_at, it.ends_at))
    return Named(title, begins, ends, it.hall)
