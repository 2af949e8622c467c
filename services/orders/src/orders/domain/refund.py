"""A refund (remboursement) of an order, as some till's journal holds it. Quantities and amounts are negative."""

from dataclasses import dataclass
from datetime import datetime

from ledger import MoneyBack


@dataclass(frozen=True)
class Refund:
    """`authorised_by`: who overrode, where the cashier had not the right. Amounts in minor units of the order."""

    id: str
    order_id: str
    number: str
    till_id: str
    journal_sequence: int
    cashier_id: str | None
    authorised_by: str | None
    refunded_at: datetime
    business_on: str
    reason: str
    note: str
    total: int
    payments: tuple[MoneyBack, ...]


@dataclass(frozen=True)
class RefundedLine:
    """So much of one line of the order came back."""

    line: int
    quantity: int
    total: int
    vat: int
    net: int


@dataclass(frozen=True)
class SealedRefund:
    """A refund with its lines and the (key, serial) of the tickets that it ended."""

    refund: Refund
    lines: tuple[RefundedLine, ...]
    tickets: tuple[tuple[int, int], ...]
