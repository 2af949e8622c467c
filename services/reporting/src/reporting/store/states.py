"""States of the money (Q2): what was paid, what was given back, how cash floats were closed."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from reporting.domain import CancelledLine, ClosingLine, Filter, PaymentLine
from reporting.store.statement import SOURCE, conditions

_CLOSED = (
    "WITH closed AS (SELECT f.*, coalesce(nullif(f.till_number, ''), t.number, '') AS at_till,"
    " coalesce(u.name, '') AS cashier FROM cash_floats f LEFT JOIN tills t ON t.till_id = f.till_id"
    " LEFT JOIN users u ON u.user_id = f.cashier_id WHERE f.closed_at IS NOT NULL{where}),"
    " came AS (SELECT s.cash_float_id, p.mode, coalesce(sum(p.amount) FILTER (WHERE s.refund_of = ''), 0) AS sales,"
    " coalesce(sum(p.amount) FILTER (WHERE s.refund_of <> ''), 0) AS refunds FROM sales s JOIN payments p"
    " USING (order_id) WHERE s.cash_float_id IN (SELECT cash_float_id FROM closed) GROUP BY 1, 2),"
    " moved AS (SELECT cash_float_id, sum(amount) AS amount FROM cash_movements"
    " WHERE kind NOT IN ('carried_out', 'carried_in') GROUP BY 1)"
    " SELECT c.business_on, c.at_till, c.cashier, c.number, c.closed_at, m.mode,"
    " CASE m.mode WHEN 'cash' THEN coalesce(c.opening_total, 0) ELSE 0 END::bigint,"
    " coalesce(k.sales, 0)::bigint, coalesce(k.refunds, 0)::bigint,"
    " CASE m.mode WHEN 'cash' THEN coalesce(v.amount, 0) ELSE 0 END::bigint, m.expected, m.declared, c.explanation"
    " FROM closed c JOIN (SELECT cash_float_id, 'cash' AS mode, expected, counted AS declared FROM closed"
    " UNION ALL SELECT cash_float_id, mode, expected, declared FROM float_modes) m USING (cash_float_id)"
    " LEFT JOIN came k ON k.cash_float_id = c.cash_float_id AND k.mode = m.mode"
    " LEFT JOIN moved v ON v.cash_float_id = c.cash_float_id"
    " ORDER BY c.closed_at, c.cash_float_id, m.mode <> 'cash', m.mode LIMIT :limit"
)
_OF_FLOATS = {
    "from_on": "f.business_on >= :from_on",
    "to_on": "f.business_on <= :to_on",
    "till_id": "f.till_id = :till_id",
    "cashier_id": "f.cashier_id = :cashier_id",
}


def payments(session: Session, chosen: Filter, limit: int) -> list[PaymentLine]:
    """The oldest first. Shares of a sale that is found in part are exact in sum, as in the statement."""
    where, given = _where(chosen)
    query = (
        f"WITH part AS (SELECT s.order_id, s.total, sum(l.total)::bigint AS part FROM {SOURCE}{where}"  # noqa: S608
        " GROUP BY s.order_id), running AS ("
        " SELECT p.order_id, p.position, p.mode, p.reference, p.amount, part.total, part.part,"
        " (sum(p.amount) OVER (PARTITION BY p.order_id ORDER BY p.position))::bigint AS upto"
        " FROM part JOIN payments p USING (order_id))"
        " SELECT s.at, s.business_on, s.order_number, s.till_number, coalesce(u.name, ''), s.channel, r.mode,"
        " r.reference, (CASE WHEN r.total = 0 THEN 0"
        " ELSE r.part * r.upto / r.total - r.part * (r.upto - r.amount) / r.total END)::bigint, s.refund_of"
        " FROM running r JOIN sales s USING (order_id) LEFT JOIN users u ON u.user_id = s.cashier_id"
        " ORDER BY s.at, s.order_id, r.position LIMIT :limit"
    )
    return [PaymentLine(*row) for row in _rows(session, query, given | {"limit": limit})]


def cancellations(session: Session, chosen: Filter, limit: int) -> list[CancelledLine]:
    """The oldest first."""
    where, given = _where(chosen, "s.refund_of <> ''")
    query = (
        "SELECT s.at, s.business_on, s.order_number, s.refund_of, s.till_number, coalesce(u.name, ''),"  # noqa: S608
        " coalesce(a.name, s.authorised_by), s.reason, s.note, l.label, l.quantity, l.vat, l.total"
        f" FROM {SOURCE} LEFT JOIN users u ON u.user_id = s.cashier_id"
        f" LEFT JOIN users a ON a.user_id = s.authorised_by{where} ORDER BY s.at, s.order_id, l.line LIMIT :limit"
    )
    return [CancelledLine(*row) for row in _rows(session, query, given | {"limit": limit})]


def closings(session: Session, chosen: Filter, limit: int) -> list[ClosingLine]:
    """Closed floats, the first closed first; by show, performance or type of till: floats that took part in it."""
    given = {name: getattr(chosen, name) for name in _OF_FLOATS if getattr(chosen, name)}
    found = [_OF_FLOATS[name] for name in given]
    if chosen.by_programme or chosen.channel:
        where, more = _where(chosen)
        found.append(f"f.cash_float_id IN (SELECT s.cash_float_id FROM {SOURCE}{where})")  # noqa: S608
        given |= more
    query = _CLOSED.format(where="".join(f" AND {each}" for each in found))
    return [ClosingLine(*row) for row in _rows(session, query, given | {"limit": limit})]


def _where(chosen: Filter, *also: str) -> tuple[str, dict[str, Any]]:
    found, given = conditions(chosen)
    found = [*found, *also]
    return (f" WHERE {' AND '.join(found)}" if found else ""), given


def _rows(session: Session, query: str, given: dict[str, Any]) -> Iterator[Any]:
    yield from session.execute(text(query), given)
