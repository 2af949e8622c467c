"""Cash floats as the kept journals know them: what entries say of them is written here, and read for screens."""

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

import ledger
from cashdesk.domain import Kept, Till

CASH = ledger.Mode.CASH.value
SALES, REFUNDS = "sales", "refunds"
MOST_LISTED = 1000


def keep(session: Session, till: Till, kept: Kept) -> None:
    """What an entry says of a float, if it is about one."""
    for shape, write in _WRITERS:
        if isinstance(kept.body, shape):
            write(session, till, kept, kept.body)


def _keep_opening(session: Session, till: Till, kept: Kept, body: ledger.FloatOpened) -> None:
    # The first opening of an id counts; a second one stays in the journal for whoever looks.
    session.execute(
        text(
            "INSERT INTO cash_floats (cash_float_id, cashier_id, business_on, currency, opened_till_id, opening_total,"
            " opened_at) VALUES (:float, :cashier, :day, :currency, :till, :total, :at)"
            " ON CONFLICT (cash_float_id) DO UPDATE SET opened_till_id = excluded.opened_till_id,"
            " opening_total = excluded.opening_total, opened_at = excluded.opened_at"
            " WHERE cash_floats.opened_at IS NULL"
        ),
        {"float": body.cash_float_id, "cashier": body.cashier_id, "day": kept.business_on, "currency": body.currency,
         "till": till.till_id, "total": body.total, "at": kept.entry.at},
    )  # fmt: skip


def _keep_closing(session: Session, till: Till, kept: Kept, body: ledger.FloatClosed) -> None:
    settled = body.settled
    session.execute(
        text(
            "INSERT INTO cash_floats (cash_float_id, cashier_id, business_on, currency, closed_till_id, counted,"
            " closed_at, number, modes, explanation, declarations, blind, sealed_expected) VALUES (:float, :cashier,"
            " :day, :currency, :till, :counted, :at, :number, CAST(:modes AS jsonb), :explanation, :declarations,"
            " :blind, :expected)"
            " ON CONFLICT (cash_float_id) DO UPDATE SET closed_till_id = excluded.closed_till_id,"
            " counted = excluded.counted, closed_at = excluded.closed_at, number = excluded.number,"
            " modes = excluded.modes, explanation = excluded.explanation, declarations = excluded.declarations,"
            " blind = excluded.blind, sealed_expected = excluded.sealed_expected WHERE cash_floats.closed_at IS NULL"
        ),
        {"float": body.cash_float_id, "cashier": body.cashier_id, "day": kept.business_on, "currency": body.currency,
         "till": till.till_id, "counted": body.counted, "at": kept.entry.at, "expected": body.expected,
         "number": settled.number if settled else None, "explanation": settled.explanation if settled else None,
         "declarations": settled.declarations if settled else None, "blind": settled.blind if settled else None,
         "modes": json.dumps({each.mode: (each.declared, each.expected) for each in body.modes}) if settled else None},
    )  # fmt: skip


def _keep_movement(session: Session, till: Till, kept: Kept, body: ledger.CashMoved) -> None:
    session.execute(
        text(
            "INSERT INTO cash_movements (till_id, sequence, movement_id, number, kind, cash_float_id, cashier_id,"
            " business_on, currency, amount, reason, note, bag_number, other_cashier_id, other_till, authorised_by,"
            " other_modes, at) VALUES (:till, :sequence, :movement, :number, :kind, :float, :cashier, :day, :currency,"
            " :amount, :reason, :note, :bag, :other_cashier, :other_till, :authorised, CAST(:modes AS jsonb), :at)"
            " ON CONFLICT DO NOTHING"
        ),
        {"till": till.till_id, "sequence": kept.entry.sequence, "movement": body.movement_id, "number": body.number,
         "kind": body.kind, "float": body.cash_float_id, "cashier": body.cashier_id, "day": kept.business_on,
         "currency": body.currency, "amount": body.amount, "reason": body.reason, "note": body.note,
         "bag": body.bag_number, "other_cashier": body.other_cashier_id, "other_till": body.other_till,
         "authorised": body.authorised_by, "modes": json.dumps(body.other_modes), "at": kept.entry.at},
    )  # fmt: skip


def _keep_count(session: Session, till: Till, kept: Kept, body: ledger.FloatDeclared) -> None:
    session.execute(
        text(
            "INSERT INTO float_counts (till_id, sequence, cash_float_id, counted, difference, at)"
            " VALUES (:till, :sequence, :float, :counted, :difference, :at)"
        ),
        {"till": till.till_id, "sequence": kept.entry.sequence, "float": body.cash_float_id, "counted": body.counted,
         "difference": body.difference, "at": kept.entry.at},
    )  # fmt: skip


_WRITERS: Sequence[tuple[type, Callable[[Session, Till, Kept, Any], None]]] = (
    (ledger.FloatOpened, _keep_opening),
    (ledger.FloatClosed, _keep_closing),
    (ledger.CashMoved, _keep_movement),
    (ledger.FloatDeclared, _keep_count),
)


def keep_names(session: Session, people: Iterable[tuple[str, str, datetime]]) -> None:
    """(user, name, when it was told): the newest name of each stays."""
    for user_id, name, told_at in people:
        session.execute(
            text(
                "INSERT INTO people (user_id, name, told_at) VALUES (:id, :name, :at) ON CONFLICT (user_id)"
                " DO UPDATE SET name = excluded.name, told_at = excluded.told_at"
                " WHERE people.told_at <= excluded.told_at"
            ),
            {"id": user_id, "name": name, "at": told_at},
        )


@dataclass(frozen=True)
class Validation:
    """A manager's word that a closed float is in order."""

    by: str
    remark: str
    at: datetime


@dataclass(frozen=True)
class CashFloat:
    """A cash float (fonds de caisse), wherever it was; unknown openings are zero and None.

    `came` is what came in by mode: {"cash": {"sales": 1200, "withdrawal": -500}, "card": {"sales": 2400}}. To carry
    it to another till changes nothing of that: the person has it.
    `held_till_id`: where it is, or was closed; None: on its way between two tills.
    """

    cash_float_id: str
    cashier_id: str
    cashier: str
    opened_till_id: str | None
    held_till_id: str | None
    business_on: date
    currency: str
    opening_total: int
    counted: int | None
    opened_at: datetime | None
    closed_at: datetime | None
    number: str | None
    settled: Mapping[str, tuple[int, int]]  # by mode besides cash: what was declared, and what its till expected
    explanation: str | None
    declarations: int
    blind: bool
    sealed_expected: int | None
    validation: Validation | None
    came: Mapping[str, Mapping[str, int]] = field(default_factory=dict)

    def part(self, name: str, mode: str = CASH) -> int:
        return self.came.get(mode, {}).get(name, 0)

    def expected_of(self, mode: str) -> int:
        """What there should be of a mode, from the entries of all tills."""
        return (self.opening_total if mode == CASH else 0) + sum(self.came.get(mode, {}).values())

    def declared_of(self, mode: str) -> int:
        return (self.counted or 0) if mode == CASH else self.settled.get(mode, (0, 0))[0]

    def sealed_difference_of(self, mode: str) -> int:
        """What the closing itself says; it is another figure than ours while entries of another till are missing."""
        if mode != CASH:
            declared, expected = self.settled.get(mode, (0, 0))
            return declared - expected
        return (self.counted or 0) - (self.expected if self.sealed_expected is None else self.sealed_expected)

    @property
    def expected(self) -> int:
        return self.expected_of(CASH)

    @property
    def modes(self) -> list[str]:
        """Those besides cash that were used or declared; none in a closing that counted cash alone."""
        if self.closed_at is not None and self.number is None:
            return []
        return sorted({mode for mode in {*self.came, *self.settled} if mode != CASH})

    @property
    def is_even(self) -> bool:
        return all(self.declared_of(mode) == self.expected_of(mode) for mode in (CASH, *self.modes))

    @property
    def waits(self) -> bool:
        """Whether a manager has to look at it."""
        return self.closed_at is not None and self.number is not None and self.validation is None


_FLOATS = (
    "SELECT f.cash_float_id::text, f.cashier_id::text, COALESCE(p.name, ''),"
    " COALESCE(f.opened_till_id, f.closed_till_id)::text, f.closed_till_id::text, f.business_on, f.currency,"
    " COALESCE(f.opening_total, 0), f.counted, f.opened_at, f.closed_at, f.number, f.modes, f.explanation,"
    " COALESCE(f.declarations, 0), COALESCE(f.blind, false), f.sealed_expected, v.name, v.remark, v.at"
    " FROM cash_floats f LEFT JOIN float_validations v USING (cash_float_id)"
    " LEFT JOIN people p ON p.user_id = f.cashier_id::text"
)
_CAME = """
SELECT s.cash_float_id::text, p.mode, 'sales', sum(p.amount)::bigint
    FROM sales s JOIN sale_payments p USING (order_id) WHERE s.cash_float_id = ANY(CAST(:ids AS uuid[])) GROUP BY 1, 2
UNION ALL
SELECT r.cash_float_id::text, p.mode, 'refunds', sum(p.amount)::bigint
    FROM refunds r JOIN refund_payments p USING (refund_id)
    WHERE r.cash_float_id = ANY(CAST(:ids AS uuid[])) GROUP BY 1, 2
UNION ALL
SELECT m.cash_float_id::text, 'cash', m.kind, sum(m.amount)::bigint
    FROM cash_movements m WHERE m.cash_float_id = ANY(CAST(:ids AS uuid[]))
    AND m.kind NOT IN ('carried_out', 'carried_in') GROUP BY 1, 3
"""
_CARRIED = (
    "SELECT cash_float_id::text, movement_id, kind, till_id::text FROM cash_movements"
    " WHERE kind IN ('carried_out', 'carried_in') AND cash_float_id = ANY(CAST(:ids AS uuid[]))"
)


def of_day(session: Session, day: date, *, and_waiting: bool) -> list[CashFloat]:
    """Floats of a business day; `and_waiting`: with those of other days that are open or to be validated."""
    return _floats(
        session,
        "f.business_on = :day OR (:and_waiting AND (f.closed_at IS NULL OR (f.number IS NOT NULL AND v.at IS NULL)))",
        {"day": day, "and_waiting": and_waiting},
    )


def of_days(session: Session, first: date, last: date, cashier_id: str) -> list[CashFloat]:
    """Floats of a period, of one person or of everybody."""
    return _floats(
        session,
        "f.business_on BETWEEN :first AND :last AND (:cashier = '' OR f.cashier_id::text = :cashier)",
        {"first": first, "last": last, "cashier": cashier_id},
        limit=100_000,
    )


def find(session: Session, cash_float_id: str) -> CashFloat | None:
    """One float."""
    return next(iter(_floats(session, "f.cash_float_id = :id", {"id": cash_float_id})), None)


def _floats(session: Session, where: str, given: Mapping[str, Any], limit: int = MOST_LISTED) -> list[CashFloat]:
    """The newest first."""
    rows = session.execute(
        text(f"{_FLOATS} WHERE {where} ORDER BY COALESCE(f.opened_at, f.closed_at) DESC LIMIT {limit}"), given
    ).all()
    ids = {"ids": [row[0] for row in rows]}
    came: dict[str, dict[str, Counter[str]]] = defaultdict(lambda: defaultdict(Counter))
    for float_id, mode, part, amount in session.execute(text(_CAME), ids):
        if mode != ledger.Mode.FREE:
            came[float_id][mode][part] += amount
    held = _carried(session, ids, {row[0]: row[3] for row in rows})
    return [_float(row, came[row[0]], held[row[0]]) for row in rows]


def _carried(session: Session, ids: Mapping[str, Any], opened: Mapping[str, str | None]) -> dict[str, str | None]:
    """The till where each float is; None: it left one and has not come to another.

    By counting, whatever the tills' clocks say: a float is where it came in (or was opened) once more than it left.
    """
    times: dict[str, Counter[str]] = defaultdict(Counter)
    away: dict[str, set[Any]] = defaultdict(set)
    for float_id, movement_id, kind, till_id in session.execute(text(_CARRIED), ids):
        away[float_id] ^= {movement_id}  # there after one of the two, gone after both
        times[float_id][till_id] += 1 if kind == ledger.MovementKind.CARRIED_IN else -1
    held = dict(opened)
    for float_id, counted in times.items():
        if first := opened[float_id]:
            counted[first] += 1
        here = [till_id for till_id, count in counted.items() if count > 0]
        held[float_id] = here[0] if here and not away[float_id] else None
    return held


def _float(row: Sequence[Any], came: Mapping[str, Mapping[str, int]], held: str | None) -> CashFloat:
    (float_id, cashier_id, cashier, opened, closed_till, day, currency, opening, counted, opened_at, closed_at, number,
     modes, explanation, declarations, blind, sealed_expected, by, remark, at) = row  # fmt: skip
    word = Validation(by, remark, at) if at else None
    settled = {mode: (said, expected) for mode, (said, expected) in (modes or {}).items()}
    return CashFloat(
        float_id, cashier_id, cashier, opened, closed_till or held, day, currency, opening, counted, opened_at,
        closed_at, number, settled, explanation, declarations, blind, sealed_expected, word,
        {mode: dict(parts) for mode, parts in came.items()},
    )  # fmt: skip


@dataclass(frozen=True)
class Movement:
    """What moved in a float, with the names of its people."""

    number: str
    kind: str
    amount: int
    reason: str
    note: str
    bag_number: str
    other_cashier: str
    other_till: str
    authorised_by: str
    till_id: str
    at: datetime


def movements(session: Session, cash_float_id: str) -> list[Movement]:
    """The oldest first."""
    rows = session.execute(
        text(
            "SELECT m.number, m.kind, m.amount, COALESCE(m.reason, ''), COALESCE(m.note, ''),"
            " COALESCE(m.bag_number, ''), COALESCE(o.name, m.other_cashier_id::text, ''), COALESCE(m.other_till, ''),"
            " COALESCE(a.name, m.authorised_by::text, ''), m.till_id::text, m.at FROM cash_movements m"
            " LEFT JOIN people o ON o.user_id = m.other_cashier_id::text"
            " LEFT JOIN people a ON a.user_id = m.authorised_by::text"
            " WHERE m.cash_float_id = :id ORDER BY m.at, m.sequence LIMIT 1000"
        ),
        {"id": cash_float_id},
    )
    return [Movement(*row) for row in rows]


def counts(session: Session, cash_float_id: str) -> list[tuple[datetime, int, int]]:
    """(when, counted, difference) each time that the float was declared."""
    rows = session.execute(
        text("SELECT at, counted, difference FROM float_counts WHERE cash_float_id = :id ORDER BY at, sequence"),
        {"id": cash_float_id},
    )
    return [(at, counted, difference) for at, counted, difference in rows]


def validate(session: Session, cash_float_id: str, by: str, name: str, remark: str, now: datetime) -> None:
    """Raises sqlalchemy.exc.IntegrityError when somebody was faster."""
    session.execute(
        text(
            "INSERT INTO float_validations (cash_float_id, validated_by, name, remark, at)"
            " VALUES (:id, :by, :name, :remark, :now)"
        ),
        {"id": cash_float_id, "by": by, "name": name, "remark": remark, "now": now},
    )


@dataclass(frozen=True)
class Elsewhere:
    """An open float, for tills where it is not. `movement_id`: by which it was carried out; empty: it was not."""

    cash_float_id: str
    cashier_id: str
    business_on: date
    opened_at: datetime
    till_number: str
    movement_id: str
    amount: int
    other_modes: Mapping[str, int]


def elsewhere(session: Session, till_id: str) -> list[Elsewhere]:
    """Open floats that this till does not hold, the oldest first; those of training are never kept here."""
    found = _floats(session, "f.closed_at IS NULL AND f.opened_at IS NOT NULL", {})
    numbers = {str(id): number for id, number in session.execute(text("SELECT till_id, number FROM tills"))}
    left = session.execute(
        text(
            "SELECT o.cash_float_id::text, o.till_id::text, o.movement_id::text, -o.amount, o.other_modes"
            " FROM cash_movements o WHERE o.kind = 'carried_out' AND o.cash_float_id = ANY(CAST(:ids AS uuid[]))"
            " AND NOT EXISTS (SELECT FROM cash_movements i WHERE i.movement_id = o.movement_id"
            " AND i.kind = 'carried_in')"
        ),
        {"ids": [each.cash_float_id for each in found]},
    )
    on_their_way = {row[0]: row[1:] for row in left}
    told = []
    for each in reversed(found):
        last, movement_id, amount, modes = on_their_way.get(each.cash_float_id, (each.held_till_id, "", 0, {}))
        if each.opened_at and last and (movement_id or last != till_id):
            others = {mode: -carried for mode, carried in modes.items()}
            told.append(Elsewhere(
                each.cash_float_id, each.cashier_id, each.business_on, each.opened_at, numbers.get(last, "?"),
                movement_id, amount, others,
            ))  # fmt: skip
    return told
