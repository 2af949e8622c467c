"""Contingents: seats of a performance that are set apart for someone, until they are released (domain 6.1)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

GENERAL_SALE = 0


@dataclass(frozen=True)
class Buyer:
    """Through whom a basket is sold."""

    channel: str = ""
    point_of_sale_id: str = ""
    partner: str = ""


ANYBODY = Buyer()


@dataclass(frozen=True)
class Contingent:
    """Who may sell its seats: any of the channels, points of sale and partners that it names."""

    number: int
    name: str
    channels: tuple[str, ...] = ()
    points_of_sale: tuple[str, ...] = ()
    partners: tuple[str, ...] = ()
    release_at: datetime | None = None

    def is_open_to(self, buyer: Buyer, now: datetime) -> bool:
        """Whether this buyer may sell from it; anybody may once it is released."""
        if self.release_at is not None and now >= self.release_at:
            return True
        return (  # what a buyer does not say is empty, and no seller is called that
            buyer.channel in self.channels
            or buyer.point_of_sale_id in self.points_of_sale
            or buyer.partner in self.partners
        )


def open_to(contingents: Iterable[Contingent], buyer: Buyer, now: datetime) -> frozenset[int]:
    """The numbers that this buyer may sell from: the general sale and what is open to him."""
    return frozenset({GENERAL_SALE, *(each.number for each in contingents if each.is_open_to(buyer, now))})
