"""A seating plan (plan de salle): zones of rows of seats, areas without seats, and the categories they are priced by.

A version of a plan never changes. In it a seat has an *ordinal*, 1 to n in the order in which zones, rows and seats are
listed: arrays, barcodes and messages use it. Its *id* stays the same from version to version: people's files use it.
Positions are whole centimetres, x to the right and y downwards, within the plan's width and height.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from enum import IntFlag
from functools import cached_property
from typing import Any

FORMAT = "ticketing-plan/1"
MAX_SEATS = 120_000
MAX_SIZE_CM = 32_767  # positions fit 16 bits

Point = tuple[int, int]  # x, y in centimetres


class Trait(IntFlag):
    """What is particular about a seat."""

    WHEELCHAIR = 1  # a space for a wheelchair (UFR)
    COMPANION = 2  # belongs to a wheelchair space, see Seat.companion_of
    FOLDING = 4  # strapontin
    REDUCED_VIEW = 8


@dataclass(frozen=True, slots=True)
class Seat:
    """A numbered place. Neighbours are told, never guessed from numbers: odd and even sides are usual (domain 6.1)."""

    id: str
    label: str  # what is written on it: "12"
    x: int
    y: int
    category: str  # code of a category of the plan
    left: str | None = None  # id of the neighbour; None at an aisle
    right: str | None = None
    quality: int = 1  # rank, 1 is best
    traits: int = 0  # a union of Trait
    companion_of: str | None = None  # id of the wheelchair space
    box: str = ""  # seats of one box (loge) share it


@dataclass(frozen=True, slots=True)
class Row:
    label: str
    seats: tuple[Seat, ...]


@dataclass(frozen=True, slots=True)
class Zone:
    """A part of the house that people name: parterre, first balcony, box 12. Rows go from the focus outwards."""

    id: str
    name: str
    rows: tuple[Row, ...] = ()
    outline: tuple[Point, ...] = ()


@dataclass(frozen=True, slots=True)
class Area:
    """Places without numbers (fosse, pelouse)."""

    id: str
    name: str
    capacity: int
    category: str
    outline: tuple[Point, ...] = ()


@dataclass(frozen=True, slots=True)
class Category:
    """What a seat costs is looked up by its category; `colour` is "#rrggbb"."""

    code: str
    name: str
    colour: str


@dataclass(frozen=True)
class Plan:
    """One version of a plan. `focus` is what people look at: the middle of the stage's edge, or of the field."""

    name: str
    width: int
    height: int
    focus: Point
    categories: tuple[Category, ...]
    zones: tuple[Zone, ...] = ()
    areas: tuple[Area, ...] = ()

    def seats(self) -> Iterator[Seat]:
        """Every seat, by rising ordinal."""
        for zone in self.zones:
            for row in zone.rows:
                yield from row.seats

    @cached_property
    def ordinals(self) -> Mapping[str, int]:
        """Ordinal of each seat id."""
        return {seat.id: ordinal for ordinal, seat in enumerate(self.seats(), 1)}

    def to_json(self) -> dict[str, Any]:
        """The plan's own format, for storing and for files. Fields at their default are left out of seats."""
        return {"format": FORMAT} | {key: _plain(value) for key, value in self.__dict__.items() if key != "ordinals"}

    def fingerprint(self) -> str:
        """SHA-256 of the canonical JSON: two plans with the same one are the same plan."""
        canonical = json.dumps(self.to_json(), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        return hashlib.sha256(canonical.encode()).hexdigest()


_SEAT_DEFAULTS = {"left": None, "right": None, "quality": 1, "traits": 0, "companion_of": None, "box": ""}


def _plain(value: Any) -> Any:
    if isinstance(value, Seat):
        fields = {name: getattr(value, name) for name in Seat.__slots__}
        return {
            name: each for name, each in fields.items() if name not in _SEAT_DEFAULTS or each != _SEAT_DEFAULTS[name]
        }
    if isinstance(value, (Zone, Row)):
        return {name: _plain(getattr(value, name)) for name in type(value).__slots__}
    if isinstance(value, (Area, Category)):
        return {name: _plain(each) for name, each in asdict(value).items()}
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    return value
