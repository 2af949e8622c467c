"""The closed list of what a template may show, by kind of document, and the check of what is given for it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Any

from render import formats
from render.errors import InvalidData

MAX_TEXT = 2_000  # characters in one value
MAX_ROWS = 500  # lines in one list
MAX_AMOUNT = 10**12  # minor units


class Value(Enum):
    """What a field holds, the formatters that suit it, and (first) the one used when none is named."""

    TEXT = ("text", "upper")
    WHOLE = ("text",)
    MONEY = ("money",)
    PRICE = ("money", None)  # an amount, or "free"
    INSTANT = ("date_time", "date_long", "date_short", "time")
    RATE = ("rate",)
    ROWS = ()

    @property
    def formatters(self) -> tuple[str, ...]:
        return tuple(name for name in self.value if name)


@dataclass(frozen=True)
class Field:
    value: Value
    description: str
    columns: Mapping[str, Field] = field(default_factory=dict)


def _text(description: str) -> Field:
    return Field(Value.TEXT, description)


_TICKET = {
    "organiser": _text("Operator of the show, as declared (LAW-11)"),
    "licence": _text("Licence number of the entrepreneur"),
    "venue": _text("Where the performance takes place"),
    "show": _text("What is performed"),
    "performance_starts_at": Field(Value.INSTANT, "Start of the performance: ISO 8601 with the venue's offset"),
    "category": _text("Category of the place (LAW-14)"),
    "tariff": _text("Tariff sold"),
    "price": Field(Value.PRICE, 'Total price paid, in minor units, or "free"'),
    "currency": _text("ISO 4217 code of the amounts; EUR when absent"),
    "seat": _text("Numbered seat in one phrase: zone, row and number; empty when unplaced"),
    "zone": _text("Zone of the numbered seat, as its plan words it"),
    "row": _text("Row of the numbered seat; empty where seats stand in no row"),
    "seat_number": _text("Number of the seat in its row, alone"),
    "order_number": _text("Number of the order"),
    "serial": Field(Value.WHOLE, "Serial within the issuing key, without gaps (LAW-12)"),
    "ticket_number": _text("Issuing key and serial: the ticket's unique number (LAW-12)"),
    "till": _text("Point of sale that issued it"),
    "sold_at": Field(Value.INSTANT, "When it was sold: ISO 8601 with offset"),
    "human_code": _text("Short code that a person can type when the barcode does not scan"),
    "barcode": _text("Signed barcode content, token v1: 154 digits and capitals"),
    "legal": _text("Conditions and legal notices"),
    "title": _text("Heading of the document"),
    "duplicate": _text('Mark of a reprint, such as "DUPLICATA 1"; empty on the original'),
}

_RECEIPT = {
    "organiser": _text("Who sells"),
    "address": _text("Address of the seller; may hold line breaks"),
    "siret": _text("Company number of the seller"),
    "till": _text("Till that sold"),
    "cashier": _text("Who sold"),
    "order_number": _text("Number of the order"),
    "sold_at": Field(Value.INSTANT, "When it was sold: ISO 8601 with offset"),
    "lines": Field(Value.ROWS, "What was sold", {
        "label": _text("Article or tariff"),
        "quantity": Field(Value.WHOLE, "How many"),
        "unit_price": Field(Value.MONEY, "Price of one, all taxes included"),
        "total": Field(Value.MONEY, "Price of the line, all taxes included"),
        "vat_rate_bp": Field(Value.RATE, "VAT rate in basis points"),
    }),
    "total": Field(Value.MONEY, "Total to pay, all taxes included"),
    "vat": Field(Value.ROWS, "VAT by rate", {
        "rate_bp": Field(Value.RATE, "Rate in basis points"),
        "net": Field(Value.MONEY, "Amount without VAT"),
        "vat": Field(Value.MONEY, "VAT"),
    }),
    "payments": Field(Value.ROWS, "How it was paid", {
        "mode": _text("Means of payment"),
        "amount": Field(Value.MONEY, "Amount paid by it"),
        "tendered": Field(Value.MONEY, "Cash given; empty otherwise (LAW-26)"),
        "change": Field(Value.MONEY, "Cash returned; empty otherwise (LAW-26)"),
    }),
    "currency": _text("ISO 4217 code of the amounts; EUR when absent"),
    "footer": _text("Closing words; may hold line breaks"),
    "duplicate": _text('Mark of a reprint, such as "DUPLICATA 1"; empty on the original'),
    "journal": _text("Sequence number in the till's journal and short hash of the entry"),
}  # fmt: skip

_REFUND = {
    "organiser": _text("Who gives back"),
    "address": _text("Address of the seller; may hold line breaks"),
    "siret": _text("Company number of the seller"),
    "till": _text("Till that refunds"),
    "cashier": _text("Who refunds"),
    "authorised_by": _text("Who allowed it, where the cashier had not the right"),
    "refund_number": _text("Number of the refund"),
    "order_number": _text("Number of the order that is refunded"),
    "refunded_at": Field(Value.INSTANT, "When it was refunded: ISO 8601 with offset"),
    "reason": _text("Why, in words"),
    "note": _text("What the cashier added to the reason"),
    "lines": Field(Value.ROWS, "What comes back; amounts are negative", {
        "label": _text("Article or tariff"),
        "quantity": Field(Value.WHOLE, "How many"),
        "unit_price": Field(Value.MONEY, "Price of one, all taxes included"),
        "total": Field(Value.MONEY, "Amount of the line, all taxes included"),
        "vat_rate_bp": Field(Value.RATE, "VAT rate in basis points"),
        "tickets": _text("Codes of the tickets that open nothing any more; empty for articles"),
    }),
    "total": Field(Value.MONEY, "Amount given back, all taxes included"),
    "vat": _RECEIPT["vat"],
    "payments": Field(Value.ROWS, "How it is given back", {
        "mode": _text("Means of payment"),
        "amount": Field(Value.MONEY, "Amount given back by it"),
    }),
    "currency": _text("ISO 4217 code of the amounts; EUR when absent"),
    "duplicate": _text('Mark of a reprint, such as "DUPLICATA 1"; empty on the original'),
    "journal": _text("Sequence number in the till's journal and short hash of the entry"),
}  # fmt: skip

_CASH_SLIP = {
    "organiser": _text("Whose money it is"),
    "title": _text("What the slip is about: a pay-in, a withdrawal, a transfer, a closing"),
    "number": _text("Number of the slip, in the till's own series"),
    "at": Field(Value.INSTANT, "When it happened: ISO 8601 with offset"),
    "till": _text("Till where it happened"),
    "cashier": _text("Whose float it is"),
    "authorised_by": _text("Who gave leave, or the second signature"),
    "reason": _text("Why, in words"),
    "note": _text("What the cashier added to the reason"),
    "bag_number": _text("Number of the bank's bag"),
    "counts": Field(Value.ROWS, "What was counted, by denomination", {
        "piece": Field(Value.MONEY, "The note or coin"),
        "pieces": Field(Value.WHOLE, "How many"),
        "amount": Field(Value.MONEY, "What they are worth"),
    }),
    "lines": Field(Value.ROWS, "Figures of the slip", {
        "label": _text("What the figure is"),
        "amount": Field(Value.MONEY, "The figure"),
    }),
    "total_label": _text("What the total is"),
    "total": Field(Value.MONEY, "The amount that moved, or the difference that was found"),
    "modes": Field(Value.ROWS, "Other modes of payment of a closing", {
        "mode": _text("Means of payment"),
        "expected": Field(Value.MONEY, "What there should be"),
        "declared": Field(Value.MONEY, "What was declared"),
        "difference": Field(Value.MONEY, "Declared less expected"),
    }),
    "explanation": _text("How the differences are explained"),
    "signatures": Field(Value.ROWS, "Who signs the paper", {"label": _text("Name, or part played")}),
    "currency": _text("ISO 4217 code of the amounts; EUR when absent"),
    "duplicate": _text('Mark of a reprint, such as "DUPLICATA 1"; empty on the original'),
    "journal": _text("Sequence number in the till's journal and short hash of the entry"),
}  # fmt: skip

CATALOGUE: dict[str, dict[str, Field]] = {
    "ticket": _TICKET, "receipt": _RECEIPT, "refund": _REFUND,
    "cash_slip": _CASH_SLIP, "eticket": _TICKET,
}  # fmt: skip

FIELDS: dict[str, dict[str, str]] = {
    kind: {name: known.description for name, known in known_fields.items()} for kind, known_fields in CATALOGUE.items()
}


def check_data(kind: str, data: Mapping[str, Any]) -> dict[str, Any]:
    """The data with each value checked and typed; absent, None and "" all mean empty and come back as None.

    Texts are NFC; instants become aware datetimes; amounts and rates become ints. Raises InvalidData.
    """
    return _check_record(CATALOGUE[kind], data, "")


def _check_record(known: Mapping[str, Field], record: Mapping[str, Any], path: str) -> dict[str, Any]:
    if not isinstance(record, Mapping):
        raise InvalidData(path.rstrip(".") or "data", f"must be an object, not {type(record).__name__}")
    for name in record:
        if name not in known:
            raise InvalidData(f"{path}{name}", f"unknown field; known: {', '.join(known)}")
    return {name: _check(field, record.get(name), f"{path}{name}") for name, field in known.items()}


def _check(known: Field, value: Any, path: str) -> Any:
    if known.value is Value.ROWS:
        return _check_rows(known, value, path)
    if value is None or value == "":
        return None
    match known.value:
        case Value.TEXT:
            return _check_text(value, path)
        case Value.INSTANT:
            return _check_instant(value, path)
        case Value.PRICE if value == formats.FREE:
            return value
        case Value.WHOLE if isinstance(value, str):
            return _check_text(value, path)
        case Value.RATE:
            return _check_whole(value, path, "basis points", 0, 10_000)
        case Value.WHOLE:
            return _check_whole(value, path, "units", -MAX_AMOUNT, MAX_AMOUNT)
        case _:
            return _check_whole(value, path, "minor units", -MAX_AMOUNT, MAX_AMOUNT)


def _check_rows(known: Field, rows: Any, path: str) -> list[dict[str, Any]]:
    if rows is None:
        return []
    if not isinstance(rows, list | tuple):
        raise InvalidData(path, f"must be a list of objects, not {type(rows).__name__}")
    if len(rows) > MAX_ROWS:
        raise InvalidData(path, f"has {len(rows)} rows, more than {MAX_ROWS}")
    return [_check_record(known.columns, row, f"{path}[{index}].") for index, row in enumerate(rows)]


def _check_text(value: Any, path: str) -> str:
    if not isinstance(value, str):
        raise InvalidData(path, f"must be a string, not {type(value).__name__}")
    if len(value) > MAX_TEXT:
        raise InvalidData(path, f"has {len(value)} characters, more than {MAX_TEXT}")
    if any(unicodedata.category(char) in ("Cc", "Cs") and char != "\n" for char in value):
        raise InvalidData(path, "holds a control character")
    return unicodedata.normalize("NFC", value)


def _check_whole(value: Any, path: str, unit: str, lowest: int, highest: int) -> int:
    if isinstance(value, str) and re.fullmatch(r"-?[0-9]{1,15}", value, re.ASCII):
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise InvalidData(path, f"must be a whole number of {unit}, not {value!r:.40}")
    if not lowest <= value <= highest:
        raise InvalidData(path, f"must be between {lowest} and {highest} {unit}")
    return value


def _check_instant(value: Any, path: str) -> datetime:
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            raise InvalidData(path, f"is not an ISO 8601 date and time: {value!r:.40}") from None
    if not isinstance(value, datetime):
        raise InvalidData(path, f"must be an ISO 8601 date and time, not {type(value).__name__}")
    if value.utcoffset() is None:
        raise InvalidData(path, "has no offset from UTC")
    return value
