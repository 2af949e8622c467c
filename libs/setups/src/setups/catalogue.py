"""What the till may sell: the catalogue's snapshot, read from the objects that the centre sent.

Objects are kept as the centre's JSON; 64-bit integers may come as text there. Instants are aware.
"""

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

CHANNEL = "till"
Objects = Mapping[str, Mapping[str, Mapping[str, Any]]]  # kind -> id -> object

# The lists of ticketing.catalog.v1.GetTillSnapshotResponse, and the kind of their objects.
KINDS = {
    "venues": "venue", "groups": "group", "shows": "show", "performances": "performance", "categories": "category",
    "tariffs": "tariff", "price_lists": "price_list", "products": "product", "points_of_sale": "point_of_sale",
    "till_profiles": "till_profile",
}  # fmt: skip


@dataclass(frozen=True)
class Organisation:
    name: str = ""
    address: str = ""
    siret: str = ""
    licence: str = ""
    currency: str = "EUR"
    theme: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Venue:
    id: str
    name: str
    zone: str


@dataclass(frozen=True)
class Show:
    id: str
    title: str
    group: str
    venue_id: str
    colour: str


@dataclass(frozen=True)
class Performance:
    id: str
    show_id: str
    hall: str
    starts_at: datetime
    ends_at: datetime
    capacity: int
    price_list_id: str
    on_sale: bool
    plan_version_id: str = ""  # numbered seats; empty: free seating
    vat_rate_bp: int | None = None  # of all its prices; None: each says its own


@dataclass(frozen=True)
class Tariff:
    id: str
    name: str
    rank: int
    reduced: bool
    proof: str


@dataclass(frozen=True)
class Price:
    """What a tariff costs, tax included, in minor units."""

    tariff: Tariff
    category_id: str
    category: str
    amount: int
    vat_rate_bp: int
    seats: str = ""  # code of the seats that it prices, in seating plans


@dataclass(frozen=True)
class Option:
    code: str
    label: str
    price: int


@dataclass(frozen=True)
class Product:
    id: str
    name: str
    family: str
    price: int
    vat_rate_bp: int
    options: tuple[Option, ...]
    colour: str

    def option(self, code: str | None) -> Option | None:
        return next((option for option in self.options if option.code == code), None)

    def price_of(self, option_code: str | None) -> int | None:
        """None when the option does not exist, or is missing where one must be chosen."""
        if option_code is None and not self.options:
            return self.price
        option = self.option(option_code)
        return option.price if option else None


@dataclass(frozen=True)
class KeyItem:
    show_id: str
    performance_id: str
    tariff_id: str
    product_id: str
    option: str
    quantity: int


@dataclass(frozen=True)
class Key:
    id: str
    label: str
    sublabel: str
    colour: str
    items: tuple[KeyItem, ...]


@dataclass(frozen=True)
class Page:
    id: str
    label: str
    kind: str  # keys, performances, products, calendar
    keys: tuple[Key, ...]
    venue_ids: frozenset[str]  # empty: all
    show_ids: frozenset[str] = frozenset()  # empty: all
    colour: str = ""
    cashier_profiles: frozenset[str] = frozenset()
    cashier_ids: frozenset[str] = frozenset()

    def is_for(self, cashier_id: str, profile: str) -> bool:
        """Whether this person sees it (B7); a page that names nobody is for everybody."""
        named = self.cashier_ids or self.cashier_profiles
        return not named or cashier_id in self.cashier_ids or profile in self.cashier_profiles

    def offers(self, show: Show) -> bool:
        """Whether a page that fills itself has this show."""
        in_its_place = not self.venue_ids or show.venue_id in self.venue_ids
        return in_its_place and (not self.show_ids or show.id in self.show_ids)


@dataclass(frozen=True)
class Message:
    """What a manager tells whoever sells (B3). `moment`: sign_in or sale; empty sets: whatever is sold, all tills."""

    id: str
    text: str
    moment: str
    show_ids: frozenset[str]
    tariff_ids: frozenset[str]
    from_at: datetime | None
    until: datetime | None
    till_ids: frozenset[str]
    every_sale: bool


@dataclass(frozen=True)
class Question:
    """A question to the customer (B4). `kind`: choice, postcode, number or text; no shows: at each sale."""

    id: str
    text: str
    kind: str
    choices: tuple[str, ...]
    mandatory: bool
    show_ids: frozenset[str]

    def is_about(self, show_ids: Set[str]) -> bool:
        """Whether it is asked at a sale of these shows."""
        return not self.show_ids or bool(self.show_ids & show_ids)


@dataclass(frozen=True)
class KeyCode:
    """A key of the keyboard and what it does (C7): the key of a page, or an action."""

    code: str
    key_id: str
    action: str


@dataclass(frozen=True)
class Profile:
    """How the tills of a point of sale look, and what they may take."""

    pages: tuple[Page, ...] = ()
    payment_modes: tuple[str, ...] = ("cash", "card", "cheque")
    ticket_template: str = ""
    receipt_template: str = ""
    lock_after_minutes: int = 0  # 0: the till never locks itself
    blind_declaration: bool = False  # floats are counted without seeing what is expected (E4)
    second_signature_above: int = 0  # minor units of a withdrawal (E3); 0: never
    messages: tuple[Message, ...] = ()
    questions: tuple[Question, ...] = ()
    key_codes: tuple[KeyCode, ...] = ()


@dataclass(frozen=True)
class Catalogue:
    """One version of the catalogue, as the till of one point of sale sees it."""

    version: int
    organisation: Organisation
    venues: Mapping[str, Venue]
    shows: Mapping[str, Show]
    performances: Mapping[str, Performance]
    by_show: Mapping[str, tuple[Performance, ...]]  # on sale, soonest first
    prices: Mapping[str, tuple[Price, ...]]  # of a price list, for this channel, in display order: one for each tariff
    seat_prices: Mapping[str, tuple[Price, ...]]  # the same for numbered seats: one for each tariff and category
    products: Mapping[str, Product]
    zone: str  # of the point of sale's venue
    point_of_sale: str
    profile: Profile
    setup: str = ""  # which signed set-up it is; empty: none yet

    def venue_of(self, performance: Performance) -> Venue | None:
        show = self.shows.get(performance.show_id)
        return self.venues.get(show.venue_id) if show else None

    def zone_of(self, performance: Performance) -> str:
        venue = self.venue_of(performance)
        return venue.zone if venue and venue.zone else self.zone

    def prices_of(self, performance: Performance) -> tuple[Price, ...]:
        """In display order, at the performance's VAT rate; of a numbered one those of its first category come first."""
        lists = self.seat_prices if performance.plan_version_id else self.prices
        prices, rate = lists.get(performance.price_list_id, ()), performance.vat_rate_bp
        return prices if rate is None else tuple(replace(price, vat_rate_bp=rate) for price in prices)

    def price_of(self, performance: Performance, tariff_id: str, category_id: str) -> Price | None:
        """What a place costs; without a category, where seats are numbered, a place of the first one."""
        named = category_id if performance.plan_version_id else ""
        return next(
            (
                price for price in self.prices_of(performance)
                if price.tariff.id == tariff_id and named in ("", price.category_id)
            ),
            None,
        )  # fmt: skip

    def upcoming(self, show_id: str, now: datetime) -> list[Performance]:
        """Performances of a show on sale that have not ended, soonest first."""
        return [performance for performance in self.by_show.get(show_id, ()) if performance.ends_at > now]

    def current_or_next(self, show_id: str, now: datetime) -> Performance | None:
        return next((performance for performance in self.by_show.get(show_id, ()) if performance.ends_at > now), None)


def read_catalogue(version: int, objects: Objects, point_of_sale_id: str) -> Catalogue:
    """The catalogue of a point of sale. Archived objects, and what hangs on them, are left out."""
    venues = {id: Venue(id, raw["name"], raw.get("zone") or "UTC") for id, raw in objects.get("venue", {}).items()}
    groups = objects.get("group", {})
    shows = {
        id: Show(id, raw["title"], groups.get(raw.get("group_id", ""), {}).get("name", ""), raw.get("venue_id", ""),
                 raw.get("colour", ""))
        for id, raw in _live(objects, "show")
    }  # fmt: skip
    performances = {id: _performance(id, raw) for id, raw in objects.get("performance", {}).items()}
    by_show: dict[str, list[Performance]] = {}
    for performance in sorted(performances.values(), key=lambda each: (each.starts_at, each.id)):
        if performance.on_sale and performance.show_id in shows:
            by_show.setdefault(performance.show_id, []).append(performance)
    place = objects.get("point_of_sale", {}).get(point_of_sale_id, {})
    profile = objects.get("till_profile", {}).get(place.get("till_profile_id", ""))
    home = venues.get(place.get("venue_id", ""))
    priced = _prices(objects)
    return Catalogue(
        version=version,
        organisation=_organisation(objects.get("organisation", {}).get("", {})),
        venues=venues,
        shows=shows,
        performances=performances,
        by_show={show_id: tuple(dated) for show_id, dated in by_show.items()},
        prices={id: _one_each(prices) for id, prices in priced.items()},
        seat_prices={id: _by_category(prices) for id, prices in priced.items()},
        products={id: _product(id, raw) for id, raw in _live(objects, "product")},
        zone=home.zone if home else "UTC",
        point_of_sale=place.get("name", ""),
        profile=_profile(profile) if profile else Profile(),
    )


def _live(objects: Objects, kind: str) -> list[tuple[str, Mapping[str, Any]]]:
    return [(id, raw) for id, raw in objects.get(kind, {}).items() if not raw.get("archived")]


def _performance(id: str, raw: Mapping[str, Any]) -> Performance:
    return Performance(
        id=id,
        show_id=raw["show_id"],
        hall=raw.get("hall", ""),
        starts_at=datetime.fromisoformat(raw["starts_at"]),
        ends_at=datetime.fromisoformat(raw["ends_at"]),
        capacity=int(raw.get("capacity", 0)),
        price_list_id=raw.get("price_list_id", ""),
        on_sale=raw.get("state") == "PERFORMANCE_STATE_ON_SALE",
        plan_version_id=raw.get("plan_version_id", ""),
        vat_rate_bp=int(raw["vat_rate_bp"]) if "vat_rate_bp" in raw else None,
    )


def _organisation(raw: Mapping[str, Any]) -> Organisation:
    return Organisation(
        name=raw.get("name", ""),
        address=raw.get("address", ""),
        siret=raw.get("siret", ""),
        licence=raw.get("licence", ""),
        currency=raw.get("currency") or "EUR",
        theme=dict(raw.get("theme", {})),
    )


def _prices(objects: Objects) -> dict[str, list[Price]]:
    """Prices of each list for the channel of tills, as the list has them."""
    tariffs = {
        id: Tariff(id, raw["name"], int(raw.get("rank", 0)), raw.get("kind") == "TARIFF_KIND_REDUCED",
                   raw.get("proof", ""))
        for id, raw in _live(objects, "tariff")
    }  # fmt: skip
    categories = objects.get("category", {})
    lists: dict[str, list[Price]] = {}
    for id, raw in objects.get("price_list", {}).items():
        lists[id] = []
        for price in raw.get("prices", []):
            tariff, channels = tariffs.get(price["tariff_id"]), price.get("channels", [])
            category_id = price.get("category_id", "")
            # Without a category there is nothing that a sale could seal: such a price waits for its correction.
            if tariff is None or not category_id or (channels and CHANNEL not in channels):
                continue
            category = categories.get(category_id, {})
            lists[id].append(Price(
                tariff, category_id, category.get("name", ""), int(price.get("amount", 0)),
                int(price.get("vat_rate_bp", 0)), category.get("code", ""),
            ))  # fmt: skip
    return lists


def _one_each(prices: Iterable[Price]) -> tuple[Price, ...]:
    """One for each tariff, the first of the list, by the tariffs' rank."""
    first: dict[str, Price] = {}
    for price in prices:
        first.setdefault(price.tariff.id, price)
    return tuple(sorted(first.values(), key=_by_tariff))


def _by_category(prices: Iterable[Price]) -> tuple[Price, ...]:
    """Those that price seats, by category in the order of the list, then by the tariffs' rank."""
    of: dict[str, dict[str, Price]] = {}
    for price in prices:
        if price.seats:
            of.setdefault(price.category_id, {}).setdefault(price.tariff.id, price)
    return tuple(price for each in of.values() for price in sorted(each.values(), key=_by_tariff))


def _by_tariff(price: Price) -> tuple[int, str]:
    return price.tariff.rank, price.tariff.name


def _product(id: str, raw: Mapping[str, Any]) -> Product:
    price = int(raw.get("price", 0))
    options = tuple(
        Option(option["code"], option.get("label") or option["code"], int(option.get("price", 0)) or price)
        for option in raw.get("options", [])
    )
    return Product(
        id, raw["name"], raw.get("family", ""), price, int(raw.get("vat_rate_bp", 0)), options, raw.get("colour", "")
    )


def _profile(raw: Mapping[str, Any]) -> Profile:
    return Profile(
        pages=tuple(_page(page) for page in raw.get("pages", [])),
        payment_modes=tuple(raw.get("payment_modes", [])) or Profile.payment_modes,
        ticket_template=raw.get("ticket_template", ""),
        receipt_template=raw.get("receipt_template", ""),
        lock_after_minutes=int(raw.get("lock_after_minutes", 0)),
        blind_declaration=bool(raw.get("blind_declaration", False)),
        second_signature_above=int(raw.get("second_signature_above", 0)),
        messages=tuple(_message(message) for message in raw.get("messages", [])),
        questions=tuple(_question(question) for question in raw.get("questions", [])),
        key_codes=tuple(
            KeyCode(code["code"], code.get("key_id", ""), code.get("action", "")) for code in raw.get("key_codes", [])
        ),
    )


def _message(raw: Mapping[str, Any]) -> Message:
    return Message(
        id=raw["id"],
        text=raw.get("text", ""),
        moment=raw.get("moment", "").removeprefix("MESSAGE_MOMENT_").lower(),
        show_ids=frozenset(raw.get("show_ids", [])),
        tariff_ids=frozenset(raw.get("tariff_ids", [])),
        from_at=datetime.fromisoformat(raw["from"]) if raw.get("from") else None,
        until=datetime.fromisoformat(raw["until"]) if raw.get("until") else None,
        till_ids=frozenset(raw.get("till_ids", [])),
        every_sale=bool(raw.get("every_sale")),
    )


def _question(raw: Mapping[str, Any]) -> Question:
    return Question(
        id=raw["id"],
        text=raw.get("text", ""),
        kind=raw.get("kind", "").removeprefix("QUESTION_KIND_").lower(),
        choices=tuple(raw.get("choices", [])),
        mandatory=bool(raw.get("mandatory")),
        show_ids=frozenset(raw.get("show_ids", [])),
    )


def _page(raw: Mapping[str, Any]) -> Page:
    kind = raw.get("kind", "").removeprefix("PAGE_KIND_").lower()
    return Page(
        id=raw["id"],
        label=raw.get("label", ""),
        kind=kind if kind in ("keys", "performances", "products", "calendar") else "keys",
        keys=tuple(_key(key) for key in raw.get("keys", [])),
        venue_ids=frozenset(raw.get("venue_ids", [])),
        show_ids=frozenset(raw.get("show_ids", [])),
        colour=raw.get("colour", ""),
        cashier_profiles=frozenset(raw.get("cashier_profiles", [])),
        cashier_ids=frozenset(raw.get("cashier_ids", [])),
    )


def _key(raw: Mapping[str, Any]) -> Key:
    items = tuple(
        KeyItem(
            item.get("show_id", ""), item.get("performance_id", ""), item.get("tariff_id", ""),
            item.get("product_id", ""), item.get("option", ""), int(item.get("quantity", 0)) or 1,
        )
        for item in raw.get("items", [])
    )  # fmt: skip
    return Key(raw["id"], raw.get("label", ""), raw.get("sublabel", ""), raw.get("colour", ""), items)
