"""The transaction journal: sold lines, newest sale first, a page at a time by key."""

from collections.abc import Iterator

from sqlalchemy import text
from sqlalchemy.orm import Session

from reporting.domain import Cursor, Filter, Transaction
from reporting.store.statement import SOURCE, conditions


def read_transactions(session: Session, chosen: Filter, after: Cursor | None, limit: int) -> list[Transaction]:
    """At most `limit` lines after the cursor. Sales that arrive meanwhile do not shift the pages."""
    return list(_read(session, chosen, after, limit))


def count_lines(session: Session, chosen: Filter) -> int:
    """How many lines the filter finds."""
    found, parameters = conditions(chosen)
    where = f" WHERE {' AND '.join(found)}" if found else ""
    query = f"SELECT count(*) FROM {SOURCE}{where}"  # noqa: S608 - our own conditions
    return session.scalar(text(query), parameters) or 0


def _read(session: Session, chosen: Filter, after: Cursor | None, limit: int) -> Iterator[Transaction]:
    found, parameters = conditions(chosen)
    if after:
        found += [
            "(s.at, s.order_id) <= (:after_at, CAST(:after_order AS uuid))",
            "((s.at, s.order_id) < (:after_at, CAST(:after_order AS uuid)) OR l.line > :after_line)",
        ]
        parameters |= {"after_at": after.at, "after_order": after.order_id, "after_line": after.line}
    where = f" WHERE {' AND '.join(found)}" if found else ""
    query = (
        "SELECT s.order_id, l.line, s.order_number, s.at, s.business_on, s.till_number, coalesce(u.name, ''),"  # noqa: S608
        " s.channel, l.label, l.quantity, l.unit_price, l.total, l.vat_rate_bp, l.vat,"
        " coalesce((SELECT string_agg(DISTINCT m.mode, ',' ORDER BY m.mode) FROM payments m"
        " WHERE m.order_id = s.order_id), ''), s.sequence, s.refund_of"
        f" FROM {SOURCE} LEFT JOIN users u ON u.user_id = s.cashier_id"
        f"{where} ORDER BY s.at DESC, s.order_id DESC, l.line LIMIT :limit"
    )
    for row in session.execute(text(query), parameters | {"limit": limit}):
        yield Transaction(*row)
