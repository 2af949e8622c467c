"""Cash floats (fonds de caisse): one per cashier, counted by denomination when opened and when closed (E1)."""

import sqlite3
import uuid
from dataclasses import dataclass
from datetime import datetime

import ledger
from device_gateway.domain.errors import FloatAlreadyOpen, FloatNotOpen
from device_gateway.domain.payments import counted, parse_counts
from device_gateway.store import journal, shifts
from device_gateway.store.shifts import CashFloat
from device_gateway.till import Seller, Till
from kit.clock import iso_ms


@dataclass(frozen=True)
class Closing:
    """difference = counted - expected: positive when there is too much."""

    expected: int
    counted: int
    difference: int


def open_float(till: Till, seller: Seller, raw_counts: object, now: datetime) -> CashFloat:
    """Raises Forbidden, FieldInvalid, FloatAlreadyOpen, TillFrozen, ClockWrong."""
    seller.require("cashdesk.sell")
    till.require_thawed()
    counts = parse_counts(raw_counts)
    cash_float = CashFloat(str(uuid.uuid4()), seller.cashier.id, till.business_on(now), iso_ms(now), counted(counts), 0)
    body = ledger.FloatOpened(
        cash_float.cash_float_id, seller.cashier.id, cash_float.business_on, till.catalogue.organisation.currency,
        counts, cash_float.opening_total,
    )  # fmt: skip
    body.check()
    try:
        with till.database.write() as tx:
            journal.require_clock(tx, now)
            shifts.open_float(tx, cash_float)
            journal.append(tx, till.identity, ledger.Kind.FLOAT_OPENED, body.to_body(), now)
    except sqlite3.IntegrityError as error:
        raise FloatAlreadyOpen(f"{seller.cashier.name} has a float open") from error
    till.wake_upload.set()
    return cash_float


def close_float(till: Till, seller: Seller, raw_counts: object, now: datetime) -> Closing:
    """Raises Forbidden, FieldInvalid, FloatNotOpen, TillFrozen, ClockWrong."""
    seller.require("cashdesk.sell")
    till.require_thawed(to_close=True)
    counts = parse_counts(raw_counts)
    with till.database.write() as tx:
        journal.require_clock(tx, now)
        cash_float = shifts.float_of(tx, seller.cashier.id)
        if cash_float is None:
            raise FloatNotOpen(f"{seller.cashier.name} has no float open")
        closing = Closing(cash_float.expected, counted(counts), counted(counts) - cash_float.expected)
        body = ledger.FloatClosed(
            cash_float.cash_float_id, seller.cashier.id, till.business_on(now), till.catalogue.organisation.currency,
            counts, closing.expected, closing.counted, closing.difference,
        )  # fmt: skip
        body.check()
        shifts.close_float(tx, cash_float.cash_float_id, now)
        journal.append(tx, till.identity, ledger.Kind.FLOAT_CLOSED, body.to_body(), now)
    till.wake_upload.set()
    return closing
