"""Cash floats (fonds de caisse): one per cashier, counted when opened, declared mode by mode and closed (E1, E4, E5).

    opened ──► sales, refunds, movements (`device_gateway.cash_moves`) ──► declared, as often as needed ──► closed

Each count is sealed before the difference is told: whoever counts blind cannot try out what fits. A till that the
centre refuses, or asks back, closes its floats all the same: the money in the drawer must be counted.
"""

import sqlite3
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import ledger
from device_gateway.domain.errors import DifferenceUnexplained, FloatAlreadyOpen, FloatNotDeclared, FloatNotOpen
from device_gateway.domain.payments import counted, parse_counts, parse_declared
from device_gateway.printing import cash_slips
from device_gateway.store import floats as store
from device_gateway.store import jobs, journal, meta, shifts
from device_gateway.store.jobs import Role
from device_gateway.store.shifts import CashFloat
from device_gateway.till import Seller, Till
from kit.clock import iso_ms
from kit.errors import FieldInvalid
from ledger import FloatDeclared, Mode, ModeCount


@dataclass(frozen=True)
class Holding:
    """What a person's float should hold now, and its newest count if it has one."""

    cash_float: CashFloat
    sums: store.Sums
    declared: FloatDeclared | None
    declarations: int


def open_float(till: Till, seller: Seller, raw_counts: object, now: datetime) -> CashFloat:
    """Raises Forbidden, FieldInvalid, FloatAlreadyOpen, TillFrozen, TillLeaving, ClockWrong."""
    seller.require("cashdesk.sell")
    till.require_thawed()
    counts = parse_counts(raw_counts)
    body = ledger.FloatOpened(
        str(uuid.uuid4()), seller.cashier.id, till.business_on(now), till.catalogue.organisation.currency, counts,
        counted(counts),
    )  # fmt: skip
    body.check()
    try:
        with till.database.write() as tx:
            journal.require_clock(tx, now)
            sequence = journal.append(tx, till.identity, ledger.Kind.FLOAT_OPENED, body.to_body(), now)
            cash_float = CashFloat(
                body.cash_float_id, body.cashier_id, body.business_on, iso_ms(now), body.total, 0, 0, sequence
            )
            shifts.open_float(tx, cash_float)
    except sqlite3.IntegrityError as error:
        raise FloatAlreadyOpen(f"{seller.cashier.name} has a float open") from error
    till.wake_upload.set()
    return cash_float


def of_seller(connection: sqlite3.Connection, seller: Seller) -> CashFloat:
    """Raises FloatNotOpen."""
    cash_float = shifts.float_of(connection, seller.cashier.id)
    if cash_float is None:
        raise FloatNotOpen(f"{seller.cashier.name} has no float open")
    return cash_float


def holding(till: Till, seller: Seller) -> Holding:
    """Raises FloatNotOpen."""
    connection = till.database.read()
    cash_float = of_seller(connection, seller)
    declared, count = store.declaration(connection, cash_float.cash_float_id) or (None, 0)
    return Holding(cash_float, store.sums(connection, cash_float), declared, count)


def declare(
    till: Till, seller: Seller, raw_counts: object, raw_modes: object, now: datetime
) -> tuple[FloatDeclared, int]:
    """Seal what the seller counted; with it, the differences and how many counts there have been (E4).

    Raises Forbidden, FieldInvalid, FloatNotOpen, ClockWrong.
    """
    seller.require("cashdesk.sell")
    counts, said = parse_counts(raw_counts), parse_declared(raw_modes)
    with till.database.write() as tx:
        journal.require_clock(tx, now)
        cash_float = of_seller(tx, seller)
        found = counted(counts)
        declared = FloatDeclared(
            cash_float.cash_float_id, seller.cashier.id, till.business_on(now), till.catalogue.organisation.currency,
            counts, cash_float.expected, found, found - cash_float.expected,
            _modes(store.sums(tx, cash_float).others, said), till.catalogue.profile.blind_declaration,
        )  # fmt: skip
        declared.check()
        sequence = journal.append(tx, till.identity, ledger.Kind.FLOAT_DECLARED, declared.to_body(), now)
        count = store.keep_declaration(tx, cash_float.cash_float_id, sequence)
    till.wake_upload.set()
    return declared, count


def close_float(till: Till, seller: Seller, raw_explanation: object, now: datetime) -> ledger.FloatClosed:
    """Close by the last declaration: from then on nothing is added (E5). The slip is printed.

    Raises Forbidden, FieldInvalid, FloatNotOpen, FloatNotDeclared, DifferenceUnexplained, ClockWrong.
    """
    seller.require("cashdesk.sell")
    explanation = _explanation(raw_explanation)
    with till.database.write() as tx:
        journal.require_clock(tx, now)
        cash_float = of_seller(tx, seller)
        declared, count = store.declaration(tx, cash_float.cash_float_id) or (None, 0)
        sums = store.sums(tx, cash_float)
        if declared is None or not _still_holds(declared, cash_float, sums.others):
            raise FloatNotDeclared("the float holds something else than when it was counted")
        if not declared.is_even and explanation is None:
            raise DifferenceUnexplained("a difference is explained when the float is closed")
        closed = ledger.FloatClosed(
            cash_float.cash_float_id, seller.cashier.id, till.business_on(now), declared.currency, declared.counts,
            declared.expected, declared.counted, declared.difference,
            ledger.FloatSettled(take_number(tx, till), declared.modes, explanation, count, declared.blind),
        )  # fmt: skip
        closed.check()
        shifts.close_float(tx, cash_float.cash_float_id, now)
        sequence = journal.append(tx, till.identity, ledger.Kind.FLOAT_CLOSED, closed.to_body(), now)
        mention = cash_slips.mention(sequence, journal.hash_of(tx, sequence))
        jobs.add(tx, cash_slips.closing(till, seller, cash_float, closed, sums, mention, now), now)
    till.wake_printing([Role.RECEIPT])
    till.wake_upload.set()
    return closed


def take_number(tx: sqlite3.Connection, till: Till) -> str:
    """The next of the till's own series of cash slips."""
    return f"{till.identity.enrolled().number}-F{meta.take(tx, 'cash_slip'):06d}"


def _modes(expected: Mapping[Mode, int], said: Mapping[Mode, int]) -> tuple[ModeCount, ...]:
    """Every mode that was used or declared; one that nobody counted is nothing."""
    named = [mode for mode in Mode if mode in said or expected.get(mode)]
    return tuple(
        ModeCount(mode, expected.get(mode, 0), said.get(mode, 0), said.get(mode, 0) - expected.get(mode, 0))
        for mode in named
    )


def _still_holds(declared: FloatDeclared, cash_float: CashFloat, others: Mapping[Mode, int]) -> bool:
    counted_of = {each.mode: each.expected for each in declared.modes}
    return declared.expected == cash_float.expected and all(
        counted_of.get(mode, 0) == others.get(mode, 0) for mode in Mode
    )


def _explanation(raw: object) -> str | None:
    if raw is None or raw == "":
        return None
    if not isinstance(raw, str) or not raw.strip() or not raw.isprintable() or len(raw) > ledger.LONGEST_EXPLANATION:
        raise FieldInvalid("explanation", f"must be one line of at most {ledger.LONGEST_EXPLANATION} characters")
    return raw.strip()
