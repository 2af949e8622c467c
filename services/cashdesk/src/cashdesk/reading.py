"""Questions about the journal: floats, entries, sums of a day."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import text
from sqlalchemy.orm import Session


@dataclass(frozen=True)
class CashFloat:
    """A cash float (fonds de caisse) as the kept journal knows it; unknown openings are zero and None."""

    cash_float_id: str
    cashier_id: str
    till_id: str | None
    business_on: date
    currency: str
    opening_total: int
    cash_sales: int
    counted: int | None
    opened_at: datetime | None
    closed_at: datetime | None
    cash_refunds: int  # negative or 0

    @property
    def expected(self) -> int:
        return self.opening_total + self.cash_sales + self.cash_refunds


def cash_floats(session: Session, day: date, *, and_open: bool) -> list[CashFloat]:
    """Floats of a business day, with those of other days that are still open when `and_open`. Newest first."""
    rows = session.execute(
        text(
            "SELECT f.cash_float_id::text, f.cashier_id::text, COALESCE(f.opened_till_id, f.closed_till_id)::text,"
            " f.business_on, f.currency, COALESCE(f.opening_total, 0),"
            " (SELECT COALESCE(sum(cash), 0)::bigint FROM sales s WHERE s.cash_float_id = f.cash_float_id),"
            " f.counted, f.opened_at, f.closed_at,"
            " (SELECT COALESCE(sum(cash), 0)::bigint FROM refunds r WHERE r.cash_float_id = f.cash_float_id)"
            " FROM cash_floats f WHERE f.business_on = :day OR (:and_open AND f.closed_at IS NULL)"
            " ORDER BY COALESCE(f.opened_at, f.closed_at) DESC LIMIT 1000"
        ),
        {"day": day, "and_open": and_open},
    )
    return [CashFloat(*row) for row in rows]


@dataclass(frozen=True)
class StoredEntry:
    """An entry as it was received."""

    sequence: int
    content: bytes
    signature: bytes
    algorithm: str
    hash: bytes
    received_at: datetime


def entries(session: Session, till_id: str, first: int, limit: int) -> list[StoredEntry]:
    """Entries of a till from a sequence on, ascending."""
    rows = session.execute(
        text(
            "SELECT sequence, content, signature, algorithm, hash, received_at FROM entries"
            " WHERE till_id = :id AND sequence >= :first ORDER BY sequence LIMIT :limit"
        ),
        {"id": till_id, "first": first, "limit": limit},
    )
    return [StoredEntry(*row) for row in rows]


@dataclass(frozen=True)
class DayTotals:
    """Sums of a business day's sealed sales less its refunds, in minor units of `currency`."""

    sales: int
    refunds: int
    total: int
    refunded: int  # what the refunds gave back: negative or 0
    admissions: int
    currency: str
    vat: list[tuple[int, int, int]]  # rate in basis points, net, vat
    payments: list[tuple[str, int]]


_OF_DAY = (
    "WITH of_day AS (SELECT order_id AS id, total, admissions, currency, false AS refund FROM sales"
    " WHERE business_on = :day UNION ALL SELECT refund_id, total, admissions, currency, true FROM refunds"
    " WHERE business_on = :day)"
)


def day_totals(session: Session, day: date) -> DayTotals:
    """What the journal says of a day: one snapshot of one transaction's statements under REPEATABLE READ."""
    of_day = {"day": day}
    sales, refunds, total, refunded, admissions, currency = session.execute(
        text(
            f"{_OF_DAY} SELECT count(*) FILTER (WHERE NOT refund), count(*) FILTER (WHERE refund),"  # noqa: S608 - our own parts
            " COALESCE(sum(total), 0)::bigint, COALESCE(sum(total) FILTER (WHERE refund), 0)::bigint,"
            " COALESCE(sum(admissions), 0)::bigint, COALESCE(min(currency), '') FROM of_day"
        ),
        of_day,
    ).one()
    vat = session.execute(
        text(
            f"{_OF_DAY} SELECT rate_bp, sum(net)::bigint, sum(vat)::bigint FROM of_day JOIN"  # noqa: S608 - our own parts
            " (SELECT order_id AS id, rate_bp, net, vat FROM sale_vat"
            " UNION ALL SELECT refund_id, rate_bp, net, vat FROM refund_vat) v USING (id)"
            " GROUP BY rate_bp ORDER BY rate_bp"
        ),
        of_day,
    )
    payments = session.execute(
        text(
            f"{_OF_DAY} SELECT mode, sum(amount)::bigint FROM of_day JOIN"  # noqa: S608 - our own parts
            " (SELECT order_id AS id, mode, amount FROM sale_payments"
            " UNION ALL SELECT refund_id, mode, amount FROM refund_payments) p USING (id)"
            " GROUP BY mode ORDER BY mode"
        ),
        of_day,
    )
    return DayTotals(
        sales, refunds, total, refunded, admissions, currency, [(r[0], r[1], r[2]) for r in vat],
        [(r[0], r[1]) for r in payments],
    )  # fmt: skip
