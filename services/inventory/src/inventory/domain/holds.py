"""Holds: places and articles set aside for a basket, until a time."""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum

from inventory.domain.contingents import ANYBODY, Buyer


class HoldState(IntEnum):
    ACTIVE = 1
    CONFIRMED = 2
    RELEASED = 3
    EXPIRED = 4


@dataclass(frozen=True)
class HoldLine:
    """Places of a performance, or else articles of a product.

    Of a numbered performance: `seats`, ordinals of its plan, or none, and the best of these categories are chosen.
    """

    performance_id: str
    product_id: str
    option: str
    quantity: int
    seats: tuple[int, ...] = ()
    categories: tuple[str, ...] = ()
    wheelchairs: int = 0
    together: bool = False


@dataclass(frozen=True)
class HoldWish:
    """What is asked for: all lines or none, until then."""

    hold_id: str
    lines: tuple[HoldLine, ...]
    held_until: datetime
    buyer: Buyer = ANYBODY


@dataclass
class Hold:
    hold_id: str
    fingerprint: bytes
    lines: tuple[HoldLine, ...]
    held_until: datetime
    state: HoldState = HoldState.ACTIVE

    def is_for(self, performance_id: str, product_id: str) -> bool:
        """Whether the hold has a line of this performance or product."""
        return any((line.performance_id, line.product_id) == (performance_id, product_id) for line in self.lines)


def fingerprint(lines: tuple[HoldLine, ...]) -> bytes:
    """Tells whether a repeated hold asks for the same."""
    plain = [[line.performance_id, line.product_id, line.option, line.quantity, *_seating(line)] for line in lines]
    return hashlib.sha256(json.dumps(plain).encode()).digest()


def _seating(line: HoldLine) -> list[object]:
    """Nothing for free seating: holds made before there were seats keep their fingerprint."""
    asked = [line.seats, line.categories, line.wheelchairs, line.together]
    return asked if any(asked) else []
