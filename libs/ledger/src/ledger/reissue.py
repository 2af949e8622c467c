"""Body of TICKET_REISSUED: a ticket is printed again, with a barcode that makes the older paper worthless (A8)."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Self

from ledger.body import Reader, plain

HIGHEST = 255  # of the counter in a barcode


class ReissueReason(StrEnum):
    DAMAGED = "damaged"  # jammed, torn, unreadable
    LOST = "lost"
    OTHER = "other"


@dataclass(frozen=True)
class TicketReissued:
    """`reissue` counts the papers after the first one; `token` is the new barcode, under the same (key_id, serial)."""

    cashier_id: str
    shift_id: str
    order_id: str
    order_number: str
    key_id: int
    serial: int
    reissue: int
    token: str
    reason: ReissueReason

    def to_body(self) -> dict[str, Any]:
        body: dict[str, Any] = plain(self)
        return body

    @classmethod
    def from_body(cls, body: object) -> Self:
        """Raises BadEntry for a field missing, unknown, mistyped or out of range."""
        fields = Reader(body)
        reissued = cls(
            cashier_id=fields.identifier("cashier_id"),
            shift_id=fields.identifier("shift_id"),
            order_id=fields.identifier("order_id"),
            order_number=fields.text("order_number", 40),
            key_id=fields.integer("key_id", 1, 2**32 - 1),
            serial=fields.integer("serial", 1, 2**32 - 1),
            reissue=fields.integer("reissue", 1, HIGHEST),
            token=fields.text("token"),
            reason=fields.choice("reason", ReissueReason),
        )
        fields.done()
        return reissued
