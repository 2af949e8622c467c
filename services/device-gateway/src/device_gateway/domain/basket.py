"""A basket and its price. The till decides the price; what the page shows is only a wish (PRICES.md of ledger)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from device_gateway.domain.errors import NotClaimed, PerformanceOver, ProductUnknown, QuantityOutOfRange
from device_gateway.domain.reserved import Claim, ClaimedLine, performance_of, price_of
from kit.errors import FieldInvalid
from setups.catalogue import Catalogue, Performance, Price, Product

MAX_ITEMS = 100
MAX_QUANTITY = 100  # of one item
MAX_PLACES = 200  # of one basket: each is a ticket on paper


@dataclass(frozen=True)
class Admission:
    """Places of one performance at one tariff. Where seats are numbered: of one category, and `seats` that the customer
    chose, else the best ones."""

    performance_id: str
    tariff_id: str
    quantity: int
    category_id: str = ""
    seats: tuple[int, ...] = ()

    def as_json(self) -> dict[str, Any]:
        plain: dict[str, Any] = {"kind": "admission", "performance_id": self.performance_id,
                                 "tariff_id": self.tariff_id, "quantity": self.quantity}  # fmt: skip
        if self.category_id:
            plain |= {"category_id": self.category_id, "seats": list(self.seats)}
        return plain


@dataclass(frozen=True)
class Article:
    """Pieces of one product; `option` is its code where the product has options."""

    product_id: str
    option: str | None
    quantity: int

    def as_json(self) -> dict[str, Any]:
        return {"kind": "product", "product_id": self.product_id, "option": self.option, "quantity": self.quantity}


@dataclass(frozen=True)
class Reserved:
    """A reserved file, whole: its lines, its price, and the places that are held for it (A6)."""

    reservation_id: str
    quantity: int = 1

    def as_json(self) -> dict[str, Any]:
        return {"kind": "reserved", "reservation_id": self.reservation_id, "quantity": self.quantity}


Item = Admission | Article | Reserved


@dataclass(frozen=True)
class PricedLine:
    """One line with its price, in minor units, tax included. `hold_id`: its places wait there, not in a lease."""

    item: Admission | Article
    label: str
    sublabel: str
    unit_price: int
    vat_rate_bp: int
    performance: Performance | None = None
    price: Price | None = None
    hold_id: str | None = None

    @property
    def total(self) -> int:
        return self.item.quantity * self.unit_price

    @property
    def wish(self) -> tuple[str, str] | None:
        """What of a lease it is sold from: the performance, and in a numbered house the code of the seats."""
        if self.performance is None or self.hold_id:
            return None
        numbered = self.price is not None and self.performance.plan_version_id
        return self.performance.id, self.price.seats if numbered and self.price else ""


def parse_items(raw: object) -> tuple[Item, ...]:
    """The items of a request, equal ones added up. Raises FieldInvalid, QuantityOutOfRange naming the item."""
    if not isinstance(raw, list) or not raw:
        raise FieldInvalid("items", "must be a list with at least one item")
    if len(raw) > MAX_ITEMS:
        raise FieldInvalid("items", f"at most {MAX_ITEMS} items, not {len(raw)}")
    quantities: dict[tuple[str, ...], int] = {}
    seats: dict[tuple[str, ...], tuple[int, ...]] = {}
    for index, each in enumerate(raw):
        key, quantity, named = _parse(each, f"items[{index}]")
        quantities[key] = quantities.get(key, 0) + quantity
        seats[key] = (*seats.get(key, ()), *named)
    items = tuple(_item(key, quantity, seats[key]) for key, quantity in quantities.items())
    _check_quantities(items)
    return items


def _parse(raw: object, at: str) -> tuple[tuple[str, ...], int, tuple[int, ...]]:
    if not isinstance(raw, dict):
        raise FieldInvalid(at, "must be an object")
    quantity = raw.get("quantity")
    if type(quantity) is not int or not 1 <= quantity <= MAX_QUANTITY:
        raise QuantityOutOfRange(f"{at}.quantity must be 1 to {MAX_QUANTITY}", field=f"{at}.quantity")
    match raw.get("kind"):
        case "admission":
            category = _text(raw, "category_id", at) if raw.get("category_id") else ""
            seats = parse_seats(raw.get("seats", []), f"{at}.seats")
            if seats and len(seats) != quantity:
                raise FieldInvalid(f"{at}.seats", "must name as many seats as places")
            # Seats that are chosen and best ones of the same price stay two items.
            key = (
                "admission",
                _text(raw, "performance_id", at),
                _text(raw, "tariff_id", at),
                category,
                "*" * bool(seats),
            )
            return key, quantity, seats
        case "product":
            option = _text(raw, "option", at) if raw.get("option") else ""
            return ("product", _text(raw, "product_id", at), option), quantity, ()
        case "reserved":
            if quantity != 1:
                raise QuantityOutOfRange(f"{at}.quantity must be 1", field=f"{at}.quantity")
            return ("reserved", _text(raw, "reservation_id", at), ""), quantity, ()
        case _:
            raise FieldInvalid(f"{at}.kind", "must be admission, product or reserved")


def parse_seats(raw: object, at: str) -> tuple[int, ...]:
    """Ordinals of seats, each once. Raises FieldInvalid."""
    if not isinstance(raw, list) or len(raw) > MAX_QUANTITY:
        raise FieldInvalid(at, f"must be a list of at most {MAX_QUANTITY} seats")
    if any(type(each) is not int or not 1 <= each < 2**24 for each in raw) or len(set(raw)) < len(raw):
        raise FieldInvalid(at, "must be ordinals of seats, each once")
    return tuple(raw)


def _text(raw: dict[str, Any], name: str, at: str) -> str:
    value = raw.get(name)
    if not isinstance(value, str) or not 1 <= len(value) <= 64:
        raise FieldInvalid(f"{at}.{name}", "must be 1 to 64 characters")
    return value


def _item(key: tuple[str, ...], quantity: int, seats: tuple[int, ...]) -> Item:
    kind, first, second, *more = key
    if kind == "reserved":
        return Reserved(first)
    if kind == "product":
        return Article(first, second or None, quantity)
    return Admission(first, second, quantity, more[0], seats)


def _check_quantities(items: Iterable[Item]) -> None:
    places = 0
    chosen: set[tuple[str, int]] = set()
    for item in items:
        if item.quantity > MAX_QUANTITY:
            raise QuantityOutOfRange(f"{item.quantity} of one item, more than {MAX_QUANTITY}", field="items")
        if isinstance(item, Admission):
            places += item.quantity
            own = {(item.performance_id, seat) for seat in item.seats}
            if len(own) < len(item.seats) or own & chosen:
                raise FieldInvalid("items", "a seat is named twice")
            chosen |= own
    if places > MAX_PLACES:
        raise QuantityOutOfRange(f"{places} places in one sale, more than {MAX_PLACES}", field="items")


def price_items(
    catalogue: Catalogue, items: Iterable[Item], now: datetime, claims: Mapping[str, Claim]
) -> tuple[PricedLine, ...]:
    """Each item with its price of now, and the lines of reserved files with theirs.

    `claims`: the files that this till has claimed, by id. Raises ProductUnknown, PerformanceOver, NotClaimed.
    """
    priced: list[PricedLine] = []
    for item in items:
        match item:
            case Admission():
                priced.append(_admission(catalogue, item, now))
            case Article():
                priced.append(_article(catalogue, item))
            case Reserved(reservation_id):
                if reservation_id not in claims:
                    raise NotClaimed("this file is not claimed by this till", reservation=reservation_id)
                priced += [_reserved(catalogue, claims[reservation_id], line) for line in claims[reservation_id].lines]
    return tuple(priced)


def _reserved(catalogue: Catalogue, claim: Claim, line: ClaimedLine) -> PricedLine:
    if line.product_id:
        article = Article(line.product_id, line.option or None, line.quantity)
        return PricedLine(article, line.label, claim.number, line.unit_price, line.vat_rate_bp, hold_id=claim.hold_id)
    performance = performance_of(catalogue, line)
    return PricedLine(
        Admission(line.performance_id, line.tariff_id, line.quantity), line.label, claim.number, line.unit_price,
        line.vat_rate_bp, performance, price_of(catalogue, performance, line), claim.hold_id,
    )  # fmt: skip


def _admission(catalogue: Catalogue, item: Admission, now: datetime) -> PricedLine:
    performance = catalogue.performances.get(item.performance_id)
    show = catalogue.shows.get(performance.show_id) if performance else None
    if performance is None or show is None or not performance.on_sale:
        raise ProductUnknown("this performance is not on sale here", performance=item.performance_id)
    if performance.ends_at <= now:
        raise PerformanceOver("this performance has ended", performance=performance.id)
    price = catalogue.price_of(performance, item.tariff_id, item.category_id)
    if price is None:
        raise ProductUnknown("this tariff is not sold for this performance", tariff=item.tariff_id)
    if item.seats and not performance.plan_version_id:
        raise FieldInvalid("seats", "this performance has no numbered seats")
    starts_at = performance.starts_at.astimezone(ZoneInfo(catalogue.zone_of(performance)))
    when = f"{starts_at:%d/%m %H:%M}"
    return PricedLine(
        item=item,
        label=_fitting(" – ".join((show.title, price.tariff.name, *((price.category,) if price.seats else ())))),
        sublabel=f"{when} · {performance.hall}" if performance.hall else when,
        unit_price=price.amount,
        vat_rate_bp=price.vat_rate_bp,
        performance=performance,
        price=price,
    )


def _article(catalogue: Catalogue, item: Article) -> PricedLine:
    product = catalogue.products.get(item.product_id)
    if product is None:
        raise ProductUnknown("this article is not on sale here", product=item.product_id)
    unit_price, option_label = article_price(product, item.option)
    label = f"{product.name} – {option_label}" if option_label else product.name
    return PricedLine(item, _fitting(label), product.family, unit_price, product.vat_rate_bp)


def article_price(product: Product, option_code: str | None) -> tuple[int, str]:
    """(price, option's label). Raises ProductUnknown when the option does not exist, or is missing where needed."""
    price, option = product.price_of(option_code), product.option(option_code)
    if price is None:
        raise ProductUnknown("choose one of the article's options", product=product.id, option=option_code or "")
    return price, option.label if option else ""


def _fitting(label: str) -> str:
    return label[:200]  # the journal's longest label
