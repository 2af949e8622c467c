"""Tariffs, price lists, channels and the articles of the shop."""

import re
from dataclasses import dataclass, replace
from enum import IntEnum
from typing import ClassVar

from catalog.domain.checks import amount, at_most, colour, identity, text, vat_rate
from catalog.domain.errors import PriceOutOfRange, PriceTwice
from kit.errors import FieldInvalid

_CODE = re.compile(r"[a-z0-9_-]{1,30}")


class TariffKind(IntEnum):
    FULL = 1
    REDUCED = 2
    FREE = 3


@dataclass(frozen=True)
class Category:
    """Price category of places (catégorie); `code`: the category of seating plans that it prices."""

    id: str
    name: str
    revision: int = 0
    archived: bool = False
    code: str = ""

    def check(self, path: str) -> None:
        text(f"{path}.name", self.name, 80)
        text(f"{path}.code", self.code, 16, required=False)


@dataclass(frozen=True)
class Tariff:
    """Who pays what (tarif) (K2)."""

    id: str
    name: str
    kind: TariffKind
    proof: str
    rank: int
    revision: int = 0
    archived: bool = False

    def check(self, path: str) -> None:
        text(f"{path}.name", self.name, 80)
        text(f"{path}.proof", self.proof, 160, required=False)
        if not 0 <= self.rank <= 10_000:
            raise FieldInvalid(f"{path}.rank", "must be 0 to 10000")


@dataclass(frozen=True)
class Price:
    tariff_id: str
    category_id: str
    amount: int
    vat_rate_bp: int
    channels: tuple[str, ...] = ()

    def check(self, path: str) -> None:
        identity(f"{path}.tariff_id", self.tariff_id)
        identity(f"{path}.category_id", self.category_id, required=False)
        amount(f"{path}.amount", self.amount)
        vat_rate(f"{path}.vat_rate_bp", self.vat_rate_bp)
        at_most(f"{path}.channels", self.channels, 20)
        for i, code in enumerate(self.channels):
            text(f"{path}.channels[{i}]", code, 30)


@dataclass(frozen=True)
class PriceList:
    id: str
    name: str
    prices: tuple[Price, ...]
    revision: int = 0
    archived: bool = False

    def check(self, path: str) -> None:
        text(f"{path}.name", self.name, 120)
        at_most(f"{path}.prices", self.prices, 500)
        seen = set()
        for i, price in enumerate(self.prices):
            where = f"{path}.prices[{i}]"
            price.check(where)
            if (price.tariff_id, price.category_id) in seen:
                raise PriceTwice(f"{where}: this tariff and category already have a price", field=f"{where}.tariff_id")
            seen.add((price.tariff_id, price.category_id))

    def at_rate(self, vat_rate_bp: int) -> "PriceList":
        """The same prices at one VAT rate, that of a performance."""
        return replace(self, prices=tuple(replace(price, vat_rate_bp=vat_rate_bp) for price in self.prices))

    def check_free(self, path: str, free_tariffs: set[str]) -> None:
        """A free tariff costs nothing."""
        for i, price in enumerate(self.prices):
            if price.tariff_id in free_tariffs and price.amount:
                raise PriceOutOfRange(
                    f"{path}.prices[{i}].amount: a free tariff has the price 0",
                    field=f"{path}.prices[{i}].amount",
                    why="0",
                )


@dataclass(frozen=True)
class Channel:
    """Sales channel (canal de vente) (K6)."""

    key: ClassVar[str] = "code"
    code: str
    name: str
    revision: int = 0
    archived: bool = False

    def check(self, path: str) -> None:
        if not _CODE.fullmatch(self.code):
            raise FieldInvalid(f"{path}.code", "must be 1 to 30 of a-z, 0-9, - and _")
        text(f"{path}.name", self.name, 80)


@dataclass(frozen=True)
class ProductOption:
    code: str
    label: str
    price: int

    def check(self, path: str) -> None:
        text(f"{path}.code", self.code, 30)
        text(f"{path}.label", self.label, 60)
        amount(f"{path}.price", self.price)


@dataclass(frozen=True)
class Product:
    """An article of the shop (boutique) (O1, O2)."""

    id: str
    name: str
    family: str
    subfamily: str
    supplier: str
    reference: str
    price: int
    vat_rate_bp: int
    options: tuple[ProductOption, ...]
    colour: str
    revision: int = 0
    archived: bool = False

    def check(self, path: str) -> None:
        text(f"{path}.name", self.name, 120)
        for name in ("family", "subfamily", "supplier"):
            text(f"{path}.{name}", getattr(self, name), 80, required=False)
        text(f"{path}.reference", self.reference, 60)
        amount(f"{path}.price", self.price)
        vat_rate(f"{path}.vat_rate_bp", self.vat_rate_bp)
        colour(f"{path}.colour", self.colour)
        at_most(f"{path}.options", self.options, 50)
        seen = set()
        for i, option in enumerate(self.options):
            option.check(f"{path}.options[{i}]")
            if option.code in seen:
                raise FieldInvalid(f"{path}.options[{i}].code", "is there twice")
            seen.add(option.code)
