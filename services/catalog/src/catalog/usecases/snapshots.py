"""Till snapshots: everything, or what has changed since the version that the till knows.

Both are read in one database snapshot, so that version and content belong together: a write that commits meanwhile
has a higher version and comes with the next delta. The full one is rendered once per version and quarter of an hour
(what ended a day ago drops out), for a museum programmes thousands of slots and every till asks when it starts. Tills
of before numbered seats get one of their own.
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
    numbered_seats: bool  # numbered performances are as they are, not hidden from sale
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
        self._full: dict[bool, tuple[tuple[int, datetime], Rendered]] = {}  # by whether the till sells numbered seats

    def get(
        self, caller: Caller, point_of_sale_id: str, known_version: int, numbered_seats: bool, now: datetime
    ) -> Rendered:
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
                return self._render(_read(session, version, known_version, numbered_seats, cutoff))
            with self._lock:
                kept = self._full.get(numbered_seats)
                if kept is None or kept[0] != (version, cutoff):
                    kept = (version, cutoff), self._render(_read(session, version, 0, numbered_seats, cutoff))
                    self._full[numbered_seats] = kept
                return kept[1]


def _as_draft_if_numbered(performance: Performance) -> Performance:
    """For tills that cannot say who sits where: to them a numbered performance is not on sale."""
    return replace(performance, state=PerformanceState.DRAFT) if performance.plan_version_id else performance


def _cutoff(now: datetime) -> datetime:
    """What ended before this is left out: a day ago, rounded up so that a kept snapshot stays right."""
    seconds = int((now - KEPT_AFTER_END).timestamp())
    return datetime.fromtimestamp(seconds - seconds % ROUND_SECONDS + ROUND_SECONDS, UTC)


def _read(session: Session, version: int, since: int, numbered_seats: bool, cutoff: datetime) -> Snapshot:
    def changed(kind: type, order: str = "") -> list:
        return store.read(session, kind, "revision > :since", order, since=since)

    organisation = store.organisation(session)
    performances = store.recent(session, cutoff, since)
    return Snapshot(
        version=version,
        full=since == 0,
        numbered_seats=numbered_seats,
        organisation=organisation if since == 0 or organisation.revision > since else None,
        venues=changed(Venue),
        groups=changed(ShowGroup),
        shows=changed(Show),
        performances=performances if numbered_seats else [_as_draft_if_numbered(each) for each in performances],
        categories=changed(Category),
        tariffs=changed(Tariff, "rank, name, id"),
        price_lists=changed(PriceList),
        products=changed(Product, "name, id"),
        points_of_sale=changed(PointOfSale),
        till_profiles=changed(TillProfile),
    )
