"""What a caller of Checkout wants, and what it costs."""

import re
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cached_property

import ledger
from kit.errors import FieldInvalid
from orders.domain.errors import (
    PaymentMismatch,
    PerformanceNotOnSale,
    PerformanceOver,
    PriceChanged,
    ProductNotFound,
    TariffNotOffered,
)
from orders.domain.order import Order, Times
from orders.domain.seating import Need, Plan, SeatWish, needs, seated

CHANNELS = ("web", "counter", "partner")
MAX_LINES = 50
MAX_QUANTITY = 100
MAX_PLACES = 500
MAX_PAYMENTS = 10
MAX_REFERENCE = 64
_HOLDS = uuid.UUID("0b0f7a44-6f0b-4a53-9a0e-0b4f5a3c1d21")
_CARD = re.compile(r"\d{13,19}")


@dataclass(frozen=True)
class Wanted:
    """A line of the basket: places of a performance, or articles."""

    performance_id: str
    tariff_id: str
    category_id: str
    product_id: str
    option: str
    quantity: int
    seats: tuple[int, ...] = ()  # ordinals; none: the best ones, if seats are numbered
    wheelchairs: int = 0
    together: bool = False


@dataclass(frozen=True)
class Paid:
    """One payment offered; `amount` in minor units."""

    mode: str
    amount: int
    reference: str


@dataclass(frozen=True)
class Basket:
    """A checkout asked for. Raises FieldInvalid naming the faulty field."""

    request_id: str
    channel: str
    lines: tuple[Wanted, ...]
    payments: tuple[Paid, ...]
    expected_total: int | None
    point_of_sale_id: str = ""
    partner: str = ""

    def __post_init__(self) -> None:
        check_uuid("request_id", self.request_id)
        if self.channel not in CHANNELS:
            raise FieldInvalid("channel", f"must be one of {', '.join(CHANNELS)}")
        if not 1 <= len(self.lines) <= MAX_LINES:
            raise FieldInvalid("lines", f"must be 1 to {MAX_LINES} lines")
        for index, line in enumerate(self.lines):
            _check_wanted(f"lines[{index}]", line)
        if sum(line.quantity for line in self.lines) > MAX_PLACES:
            raise FieldInvalid("lines", f"must be at most {MAX_PLACES} places and articles together")
        if len(self.payments) > MAX_PAYMENTS:
            raise FieldInvalid("payments", f"must be at most {MAX_PAYMENTS}")
        for index, payment in enumerate(self.payments):
            _check_paid(f"payments[{index}]", payment)
        for name in ("point_of_sale_id", "partner"):
            if len(getattr(self, name)) > MAX_REFERENCE:
                raise FieldInvalid(name, f"must be at most {MAX_REFERENCE} characters")

    @cached_property
    def hold_id(self) -> str:
        """The same for every retry, so that a retry finds its own hold."""
        return hold_id_of(self.request_id)


def hold_id_of(request_id: str) -> str:
    """The hold of a request."""
    return str(uuid.uuid5(_HOLDS, request_id))


def check_uuid(field: str, value: str) -> None:
    """Raises FieldInvalid unless the value is a UUID in its usual spelling."""
    try:
        if str(uuid.UUID(value)) == value:
            return
    except ValueError:
        pass
    raise FieldInvalid(field, "must be a UUID in lower case")


def _check_wanted(at: str, line: Wanted) -> None:
    if bool(line.performance_id) == bool(line.product_id):
        raise FieldInvalid(f"{at}.performance_id", "give either a performance or a product")
    if line.product_id:
        check_uuid(f"{at}.product_id", line.product_id)
        for name in ("tariff_id", "category_id"):
            if getattr(line, name):
                raise FieldInvalid(f"{at}.{name}", "does not belong with a product")
        if len(line.option) > 40:
            raise FieldInvalid(f"{at}.option", "must be at most 40 characters")
    else:
        check_uuid(f"{at}.performance_id", line.performance_id)
        check_uuid(f"{at}.tariff_id", line.tariff_id)
        if line.category_id:
            check_uuid(f"{at}.category_id", line.category_id)
        if line.option:
            raise FieldInvalid(f"{at}.option", "belongs with a product")
    if not 1 <= line.quantity <= MAX_QUANTITY:
        raise FieldInvalid(f"{at}.quantity", f"must be 1 to {MAX_QUANTITY}")
    if line.seats and (line.product_id or len(set(line.seats)) != line.quantity):
        raise FieldInvalid(f"{at}.seats", "must name as many seats as places, each once")
    if not 0 <= line.wheelchairs <= line.quantity:
        raise FieldInvalid(f"{at}.wheelchairs", "must be at most the quantity")


def _check_paid(at: str, payment: Paid) -> None:
    if payment.mode not in set(ledger.Mode):
        raise FieldInvalid(f"{at}.mode", f"must be one of {', '.join(ledger.Mode)}")
    if not 0 <= payment.amount <= ledger.sale.MAX_AMOUNT:
        raise FieldInvalid(f"{at}.amount", f"must be 0 to {ledger.sale.MAX_AMOUNT}")
    if (payment.amount == 0) != (payment.mode == ledger.Mode.FREE):
        raise FieldInvalid(f"{at}.amount", 'must be above 0, or 0 with the mode "free"')
    if len(payment.reference) > MAX_REFERENCE or not payment.reference.isprintable():
        raise FieldInvalid(f"{at}.reference", f"must be at most {MAX_REFERENCE} printable characters")
    digits = re.sub(r"[ -]", "", payment.reference)
    if _CARD.fullmatch(digits) and _luhn(digits):
        raise FieldInvalid(f"{at}.reference", "looks like a card number, which is never kept")


def _luhn(digits: str) -> bool:
    doubled = [sum(divmod(2 * int(d), 10)) for d in digits[-2::-2]]
    return (sum(doubled) + sum(int(d) for d in digits[-1::-2])) % 10 == 0


@dataclass(frozen=True)
class Price:
    """What a tariff costs in a category; `channels` empty: sold everywhere."""

    tariff_id: str
    category_id: str
    amount: int
    vat_rate_bp: int
    channels: frozenset[str]


@dataclass(frozen=True)
class Performance:
    """A performance as the catalogue sells it."""

    id: str
    show_id: str
    show_title: str
    on_sale: bool
    times: Times
    zone: str
    venue_name: str
    prices: tuple[Price, ...]
    plan_version_id: str = ""  # numbered seats


@dataclass(frozen=True)
class Product:
    """An article; `options` by code: (label, price)."""

    id: str
    name: str
    price: int
    vat_rate_bp: int
    options: Mapping[str, tuple[str, int]]


@dataclass(frozen=True)
class Programme:
    """What is common to all sales: version, currency, names of tariffs and categories still offered, who sells."""

    version: int
    currency: str
    organiser: str
    licence: str
    tariffs: Mapping[str, str]
    categories: Mapping[str, str]
    codes: Mapping[str, str]  # category of seating plans that each price category prices, by id


@dataclass(frozen=True)
class Priced:
    """A basket at the catalogue's prices: a sale that lacks its number, and the seats that inventory gives it."""

    basket: Basket
    sale: ledger.Sale
    times: Mapping[str, Times]  # by performance
    wishes: Mapping[int, SeatWish]  # of numbered lines, by line number

    @cached_property
    def needs(self) -> list[Need]:
        return needs(self.sale.lines, self.wishes)

    def seated(self, held: Mapping[str, Sequence[Sequence[int]]]) -> ledger.Sale:
        """The sale with the seats that were held for it."""
        return replace(self.sale, lines=seated(self.sale.lines, self.wishes, self.needs, held))


def price(
    basket: Basket, programme: Programme, performances: Mapping[str, Performance], plans: Mapping[str, Plan],
    products: Mapping[str, Product], cashier_id: str | None, business_on: date, now: datetime,
) -> Priced:  # fmt: skip
    """The basket priced, and paid. `performances` holds all that it names, `plans` the plans of the numbered ones.

    Raises PaymentMismatch, and what `quote` raises.
    """
    quoted = quote(basket, programme, performances, plans, products, cashier_id, business_on, now)
    total, paid = quoted.sale.total, sum(payment.amount for payment in basket.payments)
    if paid != total:
        raise PaymentMismatch(f"{paid} was paid for a total of {total}", total=total, paid=paid)
    return quoted


def quote(
    basket: Basket, programme: Programme, performances: Mapping[str, Performance], plans: Mapping[str, Plan],
    products: Mapping[str, Product], cashier_id: str | None, business_on: date, now: datetime,
) -> Priced:  # fmt: skip
    """The basket priced, whatever was paid.

    Raises FieldInvalid, PerformanceOver, PerformanceNotOnSale, TariffNotOffered, ProductNotFound, PriceChanged,
    SeatUnknown, SeatsOfOtherCategories.
    """
    lines = []
    wishes: dict[int, SeatWish] = {}
    for number, wanted in enumerate(basket.lines, 1):
        if wanted.product_id:
            lines.append(_product_line(number, wanted, products.get(wanted.product_id), basket.hold_id))
        else:
            performance = performances[wanted.performance_id]
            line = _admission_line(number, wanted, performance, programme, basket, now)
            if performance.plan_version_id:
                wishes[number] = _seat_wish(wanted, line, plans[performance.plan_version_id], programme)
            elif wanted.seats:
                raise FieldInvalid(f"lines[{number - 1}].seats", "this performance has no numbered seats")
            lines.append(line)
    total = sum(line.total for line in lines)
    if basket.expected_total is not None and basket.expected_total != total:
        raise PriceChanged(f"the total is {total}, not {basket.expected_total}", total=total)
    sale = ledger.Sale(
        order_id=basket.request_id, order_number="-", channel=basket.channel, cashier_id=cashier_id, shift_id=None,
        cash_float_id=None, business_on=business_on.isoformat(), currency=programme.currency,
        catalog_version=programme.version, lines=tuple(lines), tickets=(), payments=_payments(basket.payments),
        total=total, vat=ledger.vat_totals(lines),
    )  # fmt: skip
    return Priced(basket, sale, {key: performance.times for key, performance in performances.items()}, wishes)


def _seat_wish(wanted: Wanted, line: ledger.Line, plan: Plan, programme: Programme) -> SeatWish:
    code = programme.codes.get(line.category_id or "", "")
    if wanted.seats:
        plan.check(wanted.performance_id, wanted.seats, code)
    return SeatWish(plan, code, wanted.seats, wanted.wheelchairs, wanted.together)


def _admission_line(
    number: int, wanted: Wanted, performance: Performance, programme: Programme, basket: Basket, now: datetime
) -> ledger.Line:
    if not performance.on_sale:
        raise PerformanceNotOnSale("this performance is not on sale", performance_id=performance.id)
    if performance.times.ends_at <= now:
        raise PerformanceOver("this performance is over", performance_id=performance.id)
    offered = [
        p for p in performance.prices
        if p.tariff_id == wanted.tariff_id and wanted.category_id in ("", p.category_id)
        and p.tariff_id in programme.tariffs and (not p.channels or basket.channel in p.channels)
    ]  # fmt: skip
    if not offered:
        raise TariffNotOffered(
            "this tariff is not offered here", tariff_id=wanted.tariff_id, performance_id=performance.id
        )
    found = offered[0]
    if any((p.amount, p.vat_rate_bp) != (found.amount, found.vat_rate_bp) for p in offered):
        raise FieldInvalid(f"lines[{number - 1}].category_id", "is needed: the price depends on the category")
    words = [performance.show_title, programme.tariffs[found.tariff_id]]
    if len({p.category_id for p in performance.prices}) > 1 and found.category_id in programme.categories:
        words.append(programme.categories[found.category_id])
    total = found.amount * wanted.quantity
    net, vat = ledger.split_vat(total, found.vat_rate_bp)
    return ledger.Line(
        line=number, kind=ledger.LineKind.ADMISSION, performance_id=performance.id, show_id=performance.show_id,
        category_id=found.category_id, tariff_id=found.tariff_id, product_id=None, option=None, label=_label(words),
        quantity=wanted.quantity, unit_price=found.amount, total=total, vat_rate_bp=found.vat_rate_bp, vat=vat, net=net,
        lease_id=None, hold_id=basket.hold_id,
    )  # fmt: skip


def _product_line(number: int, wanted: Wanted, product: Product | None, hold_id: str) -> ledger.Line:
    if product is None:
        raise ProductNotFound("no such article is sold", product_id=wanted.product_id)
    words, amount = [product.name], product.price
    if wanted.option not in product.options and (wanted.option or product.options):
        known = ", ".join(product.options) or "none"
        raise FieldInvalid(f"lines[{number - 1}].option", f"must be an option of the article: {known}")
    if wanted.option:
        label, own_price = product.options[wanted.option]
        words, amount = [product.name, label], own_price or product.price
    total = amount * wanted.quantity
    net, vat = ledger.split_vat(total, product.vat_rate_bp)
    return ledger.Line(
        line=number, kind=ledger.LineKind.PRODUCT, performance_id=None, show_id=None, category_id=None, tariff_id=None,
        product_id=product.id, option=wanted.option or None, label=_label(words), quantity=wanted.quantity,
        unit_price=amount, total=total, vat_rate_bp=product.vat_rate_bp, vat=vat, net=net, lease_id=None,
        hold_id=hold_id,
    )  # fmt: skip


def _label(words: Sequence[str]) -> str:
    printable = "".join(c if c.isprintable() else " " for c in ", ".join(word for word in words if word))
    return printable[:200] or "-"


def _payments(paid: Sequence[Paid]) -> tuple[ledger.Payment, ...]:
    return tuple(ledger.Payment(ledger.Mode(p.mode), p.amount, p.amount, 0, p.reference or None) for p in paid)


def asks_for(basket: Basket, order: Order) -> bool:
    """Whether a kept order is what this basket asks for: a repeated request must have the same content."""
    return (
        basket.channel == order.channel
        and _payments(basket.payments) == order.payments
        and len(basket.lines) == len(order.lines)
        and all(_same_line(wanted, line) for wanted, line in zip(basket.lines, order.lines, strict=True))
    )


def _same_line(wanted: Wanted, line: ledger.Line) -> bool:
    return (
        (wanted.performance_id or None, wanted.tariff_id or None, wanted.product_id or None, wanted.option or None)
        == (line.performance_id, line.tariff_id, line.product_id, line.option)
        and wanted.category_id in ("", line.category_id)
        and wanted.quantity == line.quantity
        and (not wanted.seats or wanted.seats == _ordinals(line))
    )


def _ordinals(line: ledger.Line) -> tuple[int, ...]:
    return tuple(seat.ordinal for seat in line.seating.seats) if line.seating else ()
