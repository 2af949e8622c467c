"""Holds: places and articles set aside for a basket, until a time."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum
from typing import Any

from inventory.domain.contingents import ANYBODY, Buyer, Draws


class HoldState(IntEnum):
    ACTIVE = 1
    CONFIRMED = 2
    RELEASED = 3
    EXPIRED = 4


@dataclass(frozen=True)
class HoldLine:
    """Places of a performance, or else articles of a product.

    Of a numbered performance: `seats`, ordinals of its plan, or none, and the best of these categories are chosen,
    within a budget at these prices (minor units by category). Once held, `draws` says from which accounts the places
    came, and `orphans` which seats were left alone.
    """

    performance_id: str
    product_id: str
    option: str
    quantity: int
    seats: tuple[int, ...] = ()
    categories: tuple[str, ...] = ()
    wheelchairs: int = 0
    together: bool = False
    prices: Mapping[str, int] = field(default_factory=dict)
    budget: int = 0
    draws: Draws = field(default_factory=dict)
    orphans: tuple[int, ...] = ()
    place_id: str = ""  # of articles that are held: from which stock place


@dataclass(frozen=True)
class GivenBack:
    """Places of a confirmed hold that come back when others are taken for them (exchange)."""

    hold_id: str
    performance_id: str
    quantity: int
    seats: tuple[int, ...] = ()


@dataclass(frozen=True)
class HoldWish:
    """What is asked for: all lines or none, until then.

    `replaces`: a running hold that is given back in the same moment. `gives_back`: what comes back when this one is
    confirmed. `option`: a reservation until a date, and its seats are shown so.
    """

    hold_id: str
    lines: tuple[HoldLine, ...]
    held_until: datetime
    buyer: Buyer = ANYBODY
    replaces: str = ""
    gives_back: tuple[GivenBack, ...] = ()
    orphans_allowed: bool = False
    option: bool = False


@dataclass
class Hold:
    hold_id: str
    fingerprint: bytes
    lines: tuple[HoldLine, ...]
    held_until: datetime
    state: HoldState = HoldState.ACTIVE
    gives_back: tuple[GivenBack, ...] = ()
    returned: tuple[GivenBack, ...] = ()  # what came back of it by exchanges, in their order

    def is_for(self, performance_id: str, product_id: str) -> bool:
        """Whether the hold has a line of this performance or product."""
        return any((line.performance_id, line.product_id) == (performance_id, product_id) for line in self.lines)


def fingerprint(wish: HoldWish) -> bytes:
    """Tells whether a repeated hold asks for the same."""
    plain: list[Any] = [
        [line.performance_id, line.product_id, line.option, line.quantity, *_seating(line)] for line in wish.lines
    ]
    if wish.replaces or wish.gives_back:
        plain += [wish.replaces, [[x.hold_id, x.performance_id, x.quantity, x.seats] for x in wish.gives_back]]
    return hashlib.sha256(json.dumps(plain).encode()).digest()


def _seating(line: HoldLine) -> list[Any]:
    """Nothing for free seating: holds made before there were seats keep their fingerprint."""
    asked = [line.seats, line.categories, line.wheelchairs, line.together]
    return [*asked, *([sorted(line.prices.items()), line.budget] if line.budget else [])] if any(asked) else []
