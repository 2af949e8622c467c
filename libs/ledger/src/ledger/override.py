"""Body of OVERRIDE: a manager's word for one act of somebody who may not do it alone (M4).

It is sealed in the transaction of the act, so that one is never without the other.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Self

from ledger.body import Reader, plain
from ledger.errors import BadEntry


class Means(StrEnum):
    """How a person showed who they are."""

    PIN = "pin"
    BADGE = "badge"


@dataclass(frozen=True)
class Override:
    """`authorised_by` has the right that `cashier_id` lacks. `act` is a code; `order_id` the order that it is about."""

    right: str
    cashier_id: str
    shift_id: str
    authorised_by: str
    means: Means
    act: str
    order_id: str | None

    def to_body(self) -> dict[str, Any]:
        body: dict[str, Any] = plain(self)
        return body

    @classmethod
    def from_body(cls, body: object) -> Self:
        """Raises BadEntry for a field missing, unknown, mistyped or out of range."""
        fields = Reader(body)
        override = cls(
            right=fields.text("right", 60),
            cashier_id=fields.identifier("cashier_id"),
            shift_id=fields.identifier("shift_id"),
            authorised_by=fields.identifier("authorised_by"),
            means=fields.choice("means", Means),
            act=fields.text("act", 60),
            order_id=fields.optional(fields.identifier, "order_id"),
        )
        fields.done()
        return override

    def check(self) -> None:
        """Raises BadEntry; nobody gives leave to themselves."""
        Override.from_body(self.to_body())
        if self.authorised_by == self.cashier_id:
            raise BadEntry("authorised_by", "is the one who asked")
