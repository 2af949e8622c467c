"""Points of sale, and how their tills look (paramétrage des guichets) (B1)."""

from dataclasses import dataclass
from enum import IntEnum

from catalog.domain.checks import at_most, colour, identity, text
from kit.errors import FieldInvalid

PAYMENT_MODES = ("cash", "card", "cheque")
LONGEST_IDLE_MINUTES = 240
MOST_PAGES = 50
MOST_KEYS = 200  # of one page


class PageKind(IntEnum):
    KEYS = 1
    PERFORMANCES = 2
    PRODUCTS = 3


@dataclass(frozen=True)
class PointOfSale:
    id: str
    name: str
    venue_id: str
    till_profile_id: str
    revision: int = 0
    archived: bool = False

    def check(self, path: str) -> None:
        text(f"{path}.name", self.name, 80)
        identity(f"{path}.venue_id", self.venue_id)
        identity(f"{path}.till_profile_id", self.till_profile_id)


@dataclass(frozen=True)
class KeyItem:
    """What one touch adds: an admission (show or performance, with its tariff) or an article."""

    show_id: str
    performance_id: str
    tariff_id: str
    product_id: str
    option: str
    quantity: int

    def check(self, path: str) -> None:
        for name in ("show_id", "performance_id", "tariff_id", "product_id"):
            identity(f"{path}.{name}", getattr(self, name), required=False)
        sold = [bool(self.show_id), bool(self.performance_id), bool(self.product_id)]
        if sum(sold) != 1:
            raise FieldInvalid(path, "must name one of: a show, a performance, a product")
        if not self.product_id and not self.tariff_id:
            raise FieldInvalid(f"{path}.tariff_id", "is missing")
        text(f"{path}.option", self.option, 30, required=False)
        if not 1 <= self.quantity <= 100:
            raise FieldInvalid(f"{path}.quantity", "must be 1 to 100")


@dataclass(frozen=True)
class Key:
    id: str
    label: str
    sublabel: str
    colour: str
    items: tuple[KeyItem, ...]

    def check(self, path: str) -> None:
        text(f"{path}.id", self.id, 60)
        text(f"{path}.label", self.label, 40)
        text(f"{path}.sublabel", self.sublabel, 40, required=False)
        colour(f"{path}.colour", self.colour)
        at_most(f"{path}.items", self.items, 20)
        for i, item in enumerate(self.items):
            item.check(f"{path}.items[{i}]")


@dataclass(frozen=True)
class Page:
    id: str
    label: str
    kind: PageKind
    keys: tuple[Key, ...]
    venue_ids: tuple[str, ...]

    def check(self, path: str) -> None:
        text(f"{path}.id", self.id, 60)
        text(f"{path}.label", self.label, 40)
        at_most(f"{path}.keys", self.keys, MOST_KEYS)
        for i, key in enumerate(self.keys):
            key.check(f"{path}.keys[{i}]")
        at_most(f"{path}.venue_ids", self.venue_ids, 100)
        for i, venue_id in enumerate(self.venue_ids):
            identity(f"{path}.venue_ids[{i}]", venue_id)


@dataclass(frozen=True)
class TillProfile:
    id: str
    name: str
    pages: tuple[Page, ...]
    payment_modes: tuple[str, ...]
    ticket_template: str
    receipt_template: str
    revision: int = 0
    archived: bool = False
    lock_after_minutes: int = 0  # 0: the till never locks itself

    def check(self, path: str) -> None:
        text(f"{path}.name", self.name, 80)
        if not 0 <= self.lock_after_minutes <= LONGEST_IDLE_MINUTES:
            raise FieldInvalid(f"{path}.lock_after_minutes", f"must be 0 to {LONGEST_IDLE_MINUTES}")
        text(f"{path}.ticket_template", self.ticket_template, 80, required=False)
        text(f"{path}.receipt_template", self.receipt_template, 80, required=False)
        at_most(f"{path}.pages", self.pages, MOST_PAGES)
        for i, page in enumerate(self.pages):
            page.check(f"{path}.pages[{i}]")
        for i, mode in enumerate(self.payment_modes):
            if mode not in PAYMENT_MODES:
                raise FieldInvalid(f"{path}.payment_modes[{i}]", f"must be one of {', '.join(PAYMENT_MODES)}")

    def references(self) -> set[tuple[str, str]]:
        """What the pages point at, as (field, id): each must exist."""
        fields = ("show_id", "performance_id", "tariff_id", "product_id")
        items = [item for page in self.pages for key in page.keys for item in key.items]
        named = {(name, getattr(item, name)) for item in items for name in fields if getattr(item, name)}
        return named | {("venue_id", venue_id) for page in self.pages for venue_id in page.venue_ids}
