"""What was handed over for a basket, and what is counted in a drawer (LAW-26)."""

from collections.abc import Mapping, Sequence
from typing import Any

from device_gateway.domain.errors import PaymentMismatch
from kit.errors import FieldInvalid
from ledger import Mode, Payment

MAX_PAYMENTS = 10
MAX_AMOUNT = 10_000_000_00
MAX_PIECES = 100_000
EURO = (50000, 20000, 10000, 5000, 2000, 1000, 500, 200, 100, 50, 20, 10, 5, 2, 1)


def parse_payments(raw: object, total: int, allowed_modes: Sequence[str]) -> tuple[Payment, ...]:
    """The payments of a sale of `total`. A sale of nothing is paid by mode free, whatever the page sends.

    Raises FieldInvalid for a malformed field, PaymentMismatch when the money does not make the total.
    """
    if not isinstance(raw, list) or len(raw) > MAX_PAYMENTS:
        raise FieldInvalid("payments", f"must be a list of at most {MAX_PAYMENTS} payments")
    payments = tuple(_payment(each, f"payments[{index}]", allowed_modes) for index, each in enumerate(raw))
    paid = sum(payment.amount for payment in payments)
    if paid != total:
        raise PaymentMismatch(f"{paid} is paid for a total of {total}", paid=paid, total=total)
    if total == 0:
        return (Payment(Mode.FREE, 0, 0, 0, None),)
    return tuple(payment for payment in payments if payment.amount)


def _payment(raw: object, at: str, allowed_modes: Sequence[str]) -> Payment:
    if not isinstance(raw, dict):
        raise FieldInvalid(at, "must be an object")
    amount = _amount(raw.get("amount"), f"{at}.amount")
    mode = raw.get("mode")
    if amount == 0:
        return Payment(Mode.FREE, 0, 0, 0, None)
    if mode not in allowed_modes or mode not in list(Mode):
        raise FieldInvalid(f"{at}.mode", f"must be one of {', '.join(allowed_modes)}")
    tendered = amount if raw.get("tendered") is None else _amount(raw["tendered"], f"{at}.tendered")
    if mode != Mode.CASH:
        tendered = amount
    if tendered < amount:
        raise PaymentMismatch(f"{tendered} was handed over to pay {amount}", tendered=tendered, amount=amount)
    return Payment(Mode(mode), amount, tendered, tendered - amount, None)


def _amount(value: object, at: str) -> int:
    if type(value) is not int or not 0 <= value <= MAX_AMOUNT:
        raise FieldInvalid(at, f"must be a whole number of minor units, 0 to {MAX_AMOUNT}")
    return value


def parse_counts(raw: object) -> dict[int, int]:
    """Pieces by denomination, from {"5000": 1, "200": 10}. Raises FieldInvalid naming the denomination."""
    if not isinstance(raw, Mapping):
        raise FieldInvalid("counts", "must be an object of denominations and pieces")
    counts = {}
    for text, pieces in raw.items():
        if not isinstance(text, str) or not text.isascii() or not text.isdecimal() or int(text) not in EURO:
            raise FieldInvalid(f"counts.{str(text)[:20]}", "is not a note or a coin")
        if type(pieces) is not int or not 0 <= pieces <= MAX_PIECES:
            raise FieldInvalid(f"counts.{text}", f"must be 0 to {MAX_PIECES} pieces")
        if pieces:
            counts[int(text)] = pieces
    if counted(counts) > MAX_AMOUNT:
        raise FieldInvalid("counts", "is more than a drawer holds")
    return counts


def parse_declared(raw: object) -> dict[Mode, int]:
    """Amounts counted by mode besides cash, from {"card": 4500}; negative where more was given back than taken.

    Raises FieldInvalid naming the mode.
    """
    if not isinstance(raw, Mapping):
        raise FieldInvalid("modes", "must be an object of modes and amounts")
    for mode, amount in raw.items():
        if mode not in list(Mode) or mode in (Mode.CASH, Mode.FREE):
            raise FieldInvalid(f"modes.{str(mode)[:20]}", "is not a mode that is counted here")
        if type(amount) is not int or not -MAX_AMOUNT <= amount <= MAX_AMOUNT:
            raise FieldInvalid(f"modes.{mode}", f"must be a whole number of minor units, at most {MAX_AMOUNT}")
    return {Mode(mode): amount for mode, amount in raw.items()}


def counted(counts: Mapping[int, int]) -> int:
    """The amount, in minor units."""
    return sum(denomination * pieces for denomination, pieces in counts.items())


def describe(payments: Sequence[Payment]) -> list[dict[str, Any]]:
    return [{"mode": payment.mode.value, "amount": payment.amount} for payment in payments]
