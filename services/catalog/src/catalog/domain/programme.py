"""Organisation, venues, shows, performances. `check(path)` refuses what is wrong, naming the field below `path`."""

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import IntEnum
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from catalog.domain.checks import at_most, colour, contrast_with_white, identity, text
from catalog.domain.errors import CapacityOutOfRange, PerformanceEndsBeforeStart
from catalog.domain.vat import Territory, VatKind
from kit.errors import FieldInvalid

MAX_CAPACITY = 200_000
MAX_PAID_BEFORE = 100_000
MAX_DURATION = timedelta(days=400)
MIN_CONTRAST = 4.5  # WCAG 2.1 AA, of white text on the colour
WHITE_TEXT_ON = ("--tk-brand", "--tk-accent")

_VARIABLE = re.compile(r"--tk-[a-z0-9-]{1,40}")


class PerformanceState(IntEnum):
    DRAFT = 1
    ON_SALE = 2
    CANCELLED = 3


@dataclass(frozen=True)
class Organisation:
    """Who sells: what tickets and receipts must name (LAW-11), and its colours (F9)."""

    name: str = ""
    address: str = ""
    siret: str = ""
    licence: str = ""
    currency: str = "EUR"
    theme: dict[str, str] = field(default_factory=dict, hash=False)
    revision: int = 0

    def check(self, path: str) -> None:
        text(f"{path}.name", self.name, 120)
        text(f"{path}.address", self.address, 300, required=False)
        text(f"{path}.licence", self.licence, 60, required=False)
        if self.siret and not re.fullmatch(r"[0-9]{14}", self.siret):
            raise FieldInvalid(f"{path}.siret", "must have 14 digits")
        if not re.fullmatch(r"[A-Z]{3}", self.currency):
            raise FieldInvalid(f"{path}.currency", "must be an ISO 4217 code such as EUR")
        at_most(f"{path}.theme", self.theme, 60)
        for name, value in self.theme.items():
            where = f"{path}.theme[{name}]"
            if not _VARIABLE.fullmatch(name):
                raise FieldInvalid(where, "must be named like --tk-brand")
            text(where, value, 60)
            if name in WHITE_TEXT_ON:
                colour(where, value)
                ratio = contrast_with_white(value)
                if ratio < MIN_CONTRAST:
                    why = f"white text on {value} has a contrast of {ratio:.1f}; choose a darker colour (4.5 or more)"
                    raise FieldInvalid(where, why)


@dataclass(frozen=True)
class Venue:
    id: str
    name: str
    zone: str
    address: str
    revision: int = 0
    archived: bool = False
    territory: Territory = Territory.MAINLAND

    def check(self, path: str) -> None:
        text(f"{path}.name", self.name, 120)
        text(f"{path}.address", self.address, 300, required=False)
        try:
            ZoneInfo(self.zone)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise FieldInvalid(f"{path}.zone", "must be an IANA time zone such as Europe/Paris") from None


@dataclass(frozen=True)
class ShowGroup:
    """A grouping of shows, of any depth (N3)."""

    id: str
    name: str
    parent_id: str
    revision: int = 0
    archived: bool = False

    def check(self, path: str) -> None:
        text(f"{path}.name", self.name, 120)
        identity(f"{path}.parent_id", self.parent_id, required=False)
        if self.id and self.parent_id == self.id:
            raise FieldInvalid(f"{path}.parent_id", "a group cannot stand in itself")


@dataclass(frozen=True)
class Show:
    """What is presented (spectacle, exposition, visite)."""

    id: str
    title: str
    group_id: str
    venue_id: str
    colour: str
    description: str
    revision: int = 0
    archived: bool = False
    vat_kind: VatKind = VatKind.BY_PRICES
    drinks_served: bool = False
    paid_before: int = 0

    def check(self, path: str) -> None:
        text(f"{path}.title", self.title, 160)
        identity(f"{path}.group_id", self.group_id, required=False)
        identity(f"{path}.venue_id", self.venue_id)
        colour(f"{path}.colour", self.colour)
        text(f"{path}.description", self.description, 4000, required=False)
        if not 0 <= self.paid_before <= MAX_PAID_BEFORE:
            raise FieldInvalid(f"{path}.paid_before", f"must be 0 to {MAX_PAID_BEFORE}")


@dataclass(frozen=True)
class Performance:
    """A dated occurrence of a show (séance, représentation) (K1)."""

    id: str
    show_id: str
    hall: str
    starts_at: datetime
    ends_at: datetime
    capacity: int
    price_list_id: str
    state: PerformanceState
    revision: int = 0
    plan_version_id: str = ""  # numbered seats; empty: free seating
    vat_rate_bp: int | None = None  # of its show's rule; None: each price says its own

    def check(self, path: str) -> None:
        identity(f"{path}.show_id", self.show_id)
        identity(f"{path}.plan_version_id", self.plan_version_id, required=False)
        identity(f"{path}.price_list_id", self.price_list_id, required=self.state is PerformanceState.ON_SALE)
        text(f"{path}.hall", self.hall, 80, required=False)
        if not 1 <= self.capacity <= MAX_CAPACITY:
            message = f"{path}.capacity: must be 1 to {MAX_CAPACITY}"
            raise CapacityOutOfRange(message, field=f"{path}.capacity", why=f"1 – {MAX_CAPACITY}")
        for name, at in (("starts_at", self.starts_at), ("ends_at", self.ends_at)):
            if not 2000 <= at.year <= 2100:
                raise FieldInvalid(f"{path}.{name}", "must lie between 2000 and 2100")
        if self.ends_at <= self.starts_at:
            raise PerformanceEndsBeforeStart(f"{path}.ends_at: must be after the start", field=f"{path}.ends_at")
        if self.ends_at - self.starts_at > MAX_DURATION:
            raise FieldInvalid(f"{path}.ends_at", f"must be at most {MAX_DURATION.days} days after the start")
