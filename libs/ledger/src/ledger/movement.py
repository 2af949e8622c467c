"""Body of CASH_MOVED: money that comes into a float, or leaves it, without a sale (E2, E3).

Amounts are signed, so that a float holds what its entries add up to: opening + movements + cash sales + cash refunds.
What one float gives another takes: a transfer, and a person who carries a float to another till, are two movements of
one `movement_id` whose amounts cancel out. Summed over one till they say what it holds; over all tills, what the
person holds.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Self

from ledger.body import Reader, plain
from ledger.errors import BadEntry
from ledger.sale import CURRENCY, MAX_AMOUNT, Mode

LONGEST_NOTE = 200
LONGEST_BAG = 40
_TILL_NUMBER = re.compile(r"\S{1,20}")


class MovementKind(StrEnum):
    """What moved. The sign of the amount follows from it."""

    PAY_IN = "pay_in"  # apport
    WITHDRAWAL = "withdrawal"  # prélèvement: to the safe, in a bag, to the bank
    TRANSFER_OUT = "transfer_out"  # to another person's float on this till
    TRANSFER_IN = "transfer_in"
    CARRIED_OUT = "carried_out"  # the person leaves this till with the float
    CARRIED_IN = "carried_in"


class MovementReason(StrEnum):
    """Why money is paid in or withdrawn."""

    CHANGE = "change"  # small change from the safe, or to it
    SAFE = "safe"
    BANK = "bank"
    EXPENSE = "expense"
    OTHER = "other"


INWARD = frozenset({MovementKind.PAY_IN, MovementKind.TRANSFER_IN, MovementKind.CARRIED_IN})
CARRIED = frozenset({MovementKind.CARRIED_OUT, MovementKind.CARRIED_IN})
TRANSFERS = frozenset({MovementKind.TRANSFER_OUT, MovementKind.TRANSFER_IN})
_REASONED = frozenset({MovementKind.PAY_IN, MovementKind.WITHDRAWAL})


@dataclass(frozen=True)
class CashMoved:
    """`amount` is cash. `other_modes`: what a carried float holds besides (cheques, slips of cards).

    `other_float_id` and `other_cashier_id`: the other side of a transfer. `other_till`: of a carried float, the number
    of the till that it comes from. `authorised_by`: the second signature, or who gave leave.
    """

    movement_id: str
    number: str  # of its slip, in the till's own series
    kind: MovementKind
    cash_float_id: str
    cashier_id: str
    shift_id: str
    business_on: str
    currency: str
    amount: int
    reason: MovementReason | None
    note: str | None
    bag_number: str | None
    other_float_id: str | None = None
    other_cashier_id: str | None = None
    other_till: str | None = None
    authorised_by: str | None = None
    other_modes: Mapping[Mode, int] = field(default_factory=dict)

    def to_body(self) -> dict[str, Any]:
        body: dict[str, Any] = plain(self)
        return body

    @classmethod
    def from_body(cls, body: object) -> Self:
        """Raises BadEntry for a field missing, unknown, mistyped or out of range."""
        fields = Reader(body)
        moved = cls(
            movement_id=fields.identifier("movement_id"),
            number=fields.text("number", 32),
            kind=fields.choice("kind", MovementKind),
            cash_float_id=fields.identifier("cash_float_id"),
            cashier_id=fields.identifier("cashier_id"),
            shift_id=fields.identifier("shift_id"),
            business_on=fields.day("business_on"),
            currency=fields.matching("currency", CURRENCY, "an ISO 4217 code"),
            amount=fields.integer("amount", -MAX_AMOUNT, MAX_AMOUNT),
            reason=fields.optional(lambda name: fields.choice(name, MovementReason), "reason"),
            note=fields.optional(lambda name: fields.text(name, LONGEST_NOTE), "note"),
            bag_number=fields.optional(lambda name: fields.text(name, LONGEST_BAG), "bag_number"),
            other_float_id=fields.optional(fields.identifier, "other_float_id"),
            other_cashier_id=fields.optional(fields.identifier, "other_cashier_id"),
            other_till=fields.optional(
                lambda name: fields.matching(name, _TILL_NUMBER, "a till's number"), "other_till"
            ),
            authorised_by=fields.optional(fields.identifier, "authorised_by"),
            other_modes=_modes(fields),
        )
        fields.done()
        return moved

    def check(self) -> None:
        """Raises BadEntry when a field is out of range, or does not suit the kind of movement."""
        CashMoved.from_body(self.to_body())
        inward = self.amount if self.kind in INWARD else -self.amount
        if inward < 0 or (not inward and self.kind not in CARRIED):
            raise BadEntry("amount", f"{self.amount} is on the wrong side of {self.kind}")
        if (self.reason is None) is (self.kind in _REASONED):
            raise BadEntry("reason", f"does not suit a {self.kind}")
        if self.reason is MovementReason.OTHER and not self.note:
            raise BadEntry("note", "must say what for")
        is_transfer = self.kind in TRANSFERS
        if (self.other_float_id is not None) is not is_transfer or (
            self.other_cashier_id is not None
        ) is not is_transfer:
            raise BadEntry("other_float_id", "belongs in transfers, with its holder")
        if (self.other_till is None) is (self.kind is MovementKind.CARRIED_IN):
            raise BadEntry("other_till", "belongs in a float carried in")
        if self.bag_number is not None and self.kind is not MovementKind.WITHDRAWAL:
            raise BadEntry("bag_number", "belongs in a withdrawal")
        if self.other_modes and self.kind not in CARRIED:
            raise BadEntry("other_modes", "belong in a carried float")
        if self.authorised_by == self.cashier_id:
            raise BadEntry("authorised_by", "is the one who asked")


def _modes(fields: Reader) -> dict[Mode, int]:
    path = fields.path("other_modes")
    amounts = {}
    for name, amount in fields.mapping("other_modes").items():
        if name not in list(Mode) or name in (Mode.CASH, Mode.FREE):
            raise BadEntry(f"{path}.{name}", "not a mode of payment besides cash")
        if type(amount) is not int or not -MAX_AMOUNT <= amount <= MAX_AMOUNT:
            raise BadEntry(f"{path}.{name}", f"{amount!r} is out of range")
        amounts[Mode(name)] = amount
    return amounts
