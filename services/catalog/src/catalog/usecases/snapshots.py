"""Till snapshots: everything, or what has changed since the version that the till knows.

Both are read in one database snapshot, so that version and content belong together: a write that commits meanwhile
has a higher version and comes with the next delta. The full one is rendered once per version and quarter of an hour
(what ended a day ago drops out), for a museum programmes thousands of slots and every till asks when it starts.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Generic, TypeVar

from sqlalchemy.orm import Session, sessionmaker

from catalog import store
from catalog.domain import (
    Category,
    Organisation,
    Performance,
    PerformanceState,
    PointOfSale,
    PointOfSaleNotFound,
    PriceList,
    Product,
    Show,
    ShowGroup,
    Tariff,
    TillProfile,
    Venue,
)
from catalog.domain.checks import identity
from kit.auth import Caller
from kit.errors import FieldInvalid

Rendered = TypeVar("Rendered")
KEPT_AFTER_END = timedelta(days=1)
ROUND_SECONDS = 900


@dataclass(frozen=True)
class Snapshot:
    """`organisation` is None in a delta that does not change it."""

    version: int
    full: bool
    organisation: Organisation | None
    venues: list[Venue]
    groups: list[ShowGroup]
    shows: list[Show]
    performances: list[Performance]
    categories: list[Category]
    tariffs: list[Tariff]
    price_lists: list[PriceList]
    products: list[Product]
    points_of_sale: list[PointOfSale]
    till_profiles: list[TillProfile]


class TillSnapshots(Generic[Rendered]):
    """Gives snapshots as `render` makes them, and keeps the last full one."""

    def __init__(self, sessions: sessionmaker[Session], render: Callable[[Snapshot], Rendered]) -> None:
        self._sessions, self._render = sessions, render
        self._lock = threading.Lock()  # one renders, the others wait for it
        self._full: tuple[tuple[int, datetime], Rendered] | None = None

    def get(self, caller: Caller, point_of_sale_id: str, known_version: int, now: datetime) -> Rendered:
        """The delta since `known_version`; everything when it is 0 or never was. Raises PointOfSaleNotFound."""
        caller.require("catalog.view")
        identity("point_of_sale_id", point_of_sale_id)
        if known_version < 0:
            raise FieldInvalid("known_version", "must be 0 or a version that this catalogue gave")
        cutoff = _cutoff(now)
        with self._sessions.begin() as session:
            session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
            version = store.read_version(session)
            if not store.exists(session, PointOfSale, point_of_sale_id):
                raise PointOfSaleNotFound(f"no point of sale {point_of_sale_id}", point_of_sale_id=point_of_sale_id)
            if 0 < known_version <= version:
                return self._render(_read(session, version, known_version, cutoff))
            with self._lock:
                if self._full is None or self._full[0] != (version, cutoff):
                    self._full = (version, cutoff), self._render(_read(session, version, 0, cutoff))
                return self._full[1]


def _as_tills_sell(performance: Performance) -> Performance:
    """Tills cannot say who sits where: to them a numbered performance is not on sale."""
    return replace(performance, state=PerformanceState.DRAFT) if performance.plan_version_id else performance


def _cutoff(now: datetime) -> datetime:
    """What ended before this is left out: a day ago, rounded up so that a kept snapshot stays right."""
    seconds = int((now - KEPT_AFTER_END).timestamp())
    return datetime.fromtimestamp(seconds - seconds % ROUND_SECONDS + ROUND_SECONDS, UTC)


def _read(session: Session, version: int, since: int, cutoff: datetime) -> Snapshot:
    def changed(kind: type, order: str = "") -> list:
        return store.read(session, kind, "revision > :since", order, since=since)

    organisation = store.organisation(session)
    return Snapshot(
        version=version,
        full=since == 0,
        organisation=organisation if since == 0 or organisation.revision > since else None,
        venues=changed(Venue),
        groups=changed(ShowGroup),
        shows=changed(Show),
        performances=[_as_tills_sell(each) for each in store.recent(session, cutoff, since)],
        categories=changed(Category),
        tariffs=changed(Tariff, "rank, name, id"),
        price_lists=changed(PriceList),
        products=changed(Product, "name, id"),
        points_of_sale=changed(PointOfSale),
        till_profiles=changed(TillProfile),
    )
