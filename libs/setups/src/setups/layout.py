"""What the page shows: pages, keys and performances, resolved for now. See the till's HTTP API."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from setups.catalogue import Catalogue, Key, KeyItem, Message, Page, Performance, Product, Question, Show

MAX_PERFORMANCES = 40  # of one show

Places = Mapping[str, int]


class LayoutBuilder:
    """`left`: places in leases; `online`: places free at the centre where known. Both by performance."""

    def __init__(self, catalogue: Catalogue, left: Places, online: Places, now: datetime) -> None:
        self._catalogue, self._left, self._online, self._now = catalogue, left, online, now

    def build(self, payment_labels: Mapping[str, str], denominations: Sequence[int]) -> dict[str, Any]:
        organisation = self._catalogue.organisation
        return {
            "catalog_version": self._catalogue.version,
            "currency": organisation.currency,
            "organiser": organisation.name,
            "theme": dict(organisation.theme),
            "denominations": list(denominations),
            "payment_modes": [
                {"code": code, "label": payment_labels.get(code, code)}
                for code in self._catalogue.profile.payment_modes
            ],
            "pages": [self._page(page) for page in self._catalogue.profile.pages],
            "messages": [_message(message) for message in self._catalogue.profile.messages],
            "questions": [_question(question) for question in self._catalogue.profile.questions],
            "key_codes": [
                {"code": each.code, "key_id": each.key_id or None, "action": each.action or None}
                for each in self._catalogue.profile.key_codes
            ],
        }

    def calendar(self, page: Page, first: date, last: date) -> dict[str, Any]:
        """What a calendar sells from one day to another, in the venues' own days, soonest first (A4).

        Tariffs are told once for each price list: a month may have a thousand dates.
        """
        shows = [
            show for show in self._in_order() if page.offers(show) and self._catalogue.upcoming(show.id, self._now)
        ]
        dated = [
            each for show in shows for each in self._catalogue.upcoming(show.id, self._now)
            if first <= each.starts_at.astimezone(ZoneInfo(self._catalogue.zone_of(each))).date() <= last
        ]  # fmt: skip
        return {
            "shows": [_show(show) for show in shows],
            "tariffs": {each.price_list_id: self._tariffs(each) for each in dated},
            "performances": [
                self._dated(each) | {"show_id": each.show_id, "price_list_id": each.price_list_id}
                for each in sorted(dated, key=lambda each: (each.starts_at, each.id))
            ],
        }

    def _page(self, page: Page) -> dict[str, Any]:
        shown: dict[str, Any] = {"id": page.id, "label": page.label, "kind": page.kind, "colour": page.colour}
        match page.kind:
            case "calendar":
                pass  # asked for by the month
            case "performances":
                shown["shows"] = self._shows(page)
            case "products":
                shown["families"] = self._families()
            case _:
                shown["keys"] = [self._key(key) for key in page.keys]
        return shown

    def _shows(self, page: Page) -> list[dict[str, Any]]:
        shows = []
        for show in filter(page.offers, self._in_order()):
            dated = self._catalogue.upcoming(show.id, self._now)[:MAX_PERFORMANCES]
            if dated:
                shows.append(_show(show) | {"performances": [self._performance(each) for each in dated]})
        return shows

    def _in_order(self) -> list[Show]:
        return sorted(self._catalogue.shows.values(), key=lambda show: (show.group, show.title))

    def _families(self) -> list[dict[str, Any]]:
        families: dict[str, list[dict[str, Any]]] = {}
        for product in sorted(self._catalogue.products.values(), key=lambda product: (product.family, product.name)):
            families.setdefault(product.family, []).append(_product(product))
        return [{"label": label, "products": products} for label, products in families.items()]

    def _performance(self, performance: Performance) -> dict[str, Any]:
        return self._dated(performance) | {"tariffs": self._tariffs(performance)}

    def _dated(self, performance: Performance) -> dict[str, Any]:
        zone = ZoneInfo(self._catalogue.zone_of(performance))
        return {
            "id": performance.id,
            "starts_at": performance.starts_at.astimezone(zone).isoformat(),
            "ends_at": performance.ends_at.astimezone(zone).isoformat(),
            "hall": performance.hall,
            "capacity": performance.capacity,
            "left": self._left.get(performance.id, 0),
            "online_left": self._online.get(performance.id),
            "plan": performance.plan_version_id or None,
        }

    def _tariffs(self, performance: Performance) -> list[dict[str, Any]]:
        return [
            {"id": price.tariff.id, "category_id": price.category_id, "category": price.category,
             "seats": price.seats, "label": price.tariff.name, "price": price.amount,
             "vat_rate_bp": price.vat_rate_bp, "reduced": price.tariff.reduced, "proof": price.tariff.proof or None}
            for price in self._catalogue.prices_of(performance)
        ]  # fmt: skip

    def _key(self, key: Key) -> dict[str, Any]:
        items: list[dict[str, Any]] = []
        total, disabled, shown = 0, None, None
        for item in key.items:
            if item.product_id:
                resolved, price, reason = self._product_item(item)
            else:
                performance = self._performance_of(item)
                shown = shown or performance
                resolved, price, reason = self._admission_item(item, performance)
            disabled = disabled or reason
            total += price * item.quantity
            if resolved:
                items.append(resolved)
        if not key.items:
            disabled = "EMPTY"
        return {
            "id": key.id, "label": key.label, "sublabel": key.sublabel, "colour": key.colour,
            "price": None if disabled and disabled != "SOLD_OUT" else total,
            "items": [] if disabled else items,
            "performance": self._performance(shown) if shown else None,
            "disabled": disabled,
        }  # fmt: skip

    def _performance_of(self, item: KeyItem) -> Performance | None:
        if item.performance_id:
            performance = self._catalogue.performances.get(item.performance_id)
            alive = performance and performance.on_sale and performance.ends_at > self._now
            return performance if alive else None
        return self._catalogue.current_or_next(item.show_id, self._now)

    def _admission_item(
        self, item: KeyItem, performance: Performance | None
    ) -> tuple[dict[str, Any] | None, int, str | None]:
        if performance is None:
            return None, 0, "NO_PERFORMANCE"
        price = self._catalogue.price_of(performance, item.tariff_id, "")
        if price is None:
            return None, 0, "NO_PRICE"
        resolved = {"kind": "admission", "performance_id": performance.id, "tariff_id": item.tariff_id,
                    "quantity": item.quantity}  # fmt: skip
        if performance.plan_version_id:
            resolved["category_id"] = price.category_id
        nothing_left = not self._left.get(performance.id) and self._online.get(performance.id) == 0
        return resolved, price.amount, "SOLD_OUT" if nothing_left else None

    def _product_item(self, item: KeyItem) -> tuple[dict[str, Any] | None, int, str | None]:
        product = self._catalogue.products.get(item.product_id)
        if product is None:
            return None, 0, "NO_PRODUCT"
        price = product.price_of(item.option or None)
        if price is None:
            return None, 0, "NO_OPTION"
        resolved = {
            "kind": "product",
            "product_id": product.id,
            "option": item.option or None,
            "quantity": item.quantity,
        }
        return resolved, price, None


def _show(show: Show) -> dict[str, Any]:
    return {"id": show.id, "title": show.title, "group": show.group, "colour": show.colour}


def _message(message: Message) -> dict[str, Any]:
    return {
        "id": message.id, "text": message.text, "moment": message.moment, "every_sale": message.every_sale,
        "show_ids": sorted(message.show_ids), "tariff_ids": sorted(message.tariff_ids),
        "till_ids": sorted(message.till_ids),
        "from": message.from_at.isoformat() if message.from_at else None,
        "until": message.until.isoformat() if message.until else None,
    }  # fmt: skip


def _question(question: Question) -> dict[str, Any]:
    return {
        "id": question.id, "text": question.text, "kind": question.kind, "choices": list(question.choices),
        "mandatory": question.mandatory, "show_ids": sorted(question.show_ids),
    }  # fmt: skip


def _product(product: Product) -> dict[str, Any]:
    return {
        "id": product.id, "label": product.name, "price": product.price, "colour": product.colour,
        "options": [{"code": each.code, "label": each.label, "price": each.price} for each in product.options],
    }  # fmt: skip


def layout_version(catalogue: Catalogue, left: Places, online: Places, now: datetime) -> str:
    """Changes whenever the layout would: another catalogue, next slot, or number of places."""
    upcoming = [
        next((each.id for each in dated if each.ends_at > now), "") for _, dated in sorted(catalogue.by_show.items())
    ]

    def noticed(places: Places) -> list[tuple[str, int]]:
        # Exact down from 20, by tenths of the capacity above.
        shown = []
        for performance_id, count in sorted(places.items()):
            performance = catalogue.performances.get(performance_id)
            tenth = max(1, (performance.capacity if performance else 0) // 10)
            shown.append((performance_id, count if count <= 20 else 1000 + count // tenth))
        return shown

    told = json.dumps(
        [catalogue.version, catalogue.setup, upcoming, noticed(left), noticed(online)], separators=(",", ":")
    )
    return hashlib.sha256(told.encode()).hexdigest()[:16]
