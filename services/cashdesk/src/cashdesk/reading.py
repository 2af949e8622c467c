"""Questions about the journal: entries, sums of a day."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

import ledger


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


def sealed_at(session: Session, till_id: str, sequence: int) -> datetime:
    """When an entry was sealed, by its till's clock."""
    at: datetime = session.execute(
        text("SELECT at FROM entries WHERE till_id = :id AND sequence = :sequence"),
        {"id": till_id, "sequence": sequence},
    ).scalar_one()
    return at


def closings_before(session: Session, till_id: str, sequence: int | None = None) -> Iterator[ledger.Placed]:
    """A till's closings, newest first, before an entry or all of them."""
    rows = session.execute(
        text(
            "SELECT e.sequence, e.content, e.hash FROM closings c JOIN entries e USING (till_id, sequence)"
            " WHERE till_id = :id AND sequence < :before ORDER BY sequence DESC"
        ),
        {"id": till_id, "before": sequence if sequence is not None else 2**62},
    )
    for number, content, digest in rows:
        yield number, json.loads(content)["body"], bytes(digest)


def totals(session: Session, till_id: str) -> ledger.Totals:
    """What a till's journal adds up to since its closings."""
    adding, last_day = ledger.Totals(), 0
    for sequence, body, digest in ledger.needed(closings_before(session, till_id)):
        adding.add(sequence, ledger.Kind.CLOSING, body, digest)
        last_day = sequence if body["period"] == ledger.Period.DAY else last_day
    rows = session.execute(
        text(
            "SELECT sequence, kind, content, hash FROM entries WHERE till_id = :id AND sequence > :last"
            " AND kind <> 'closing' ORDER BY sequence"
        ),
        {"id": till_id, "last": last_day},
    )
    for sequence, kind, content, digest in rows:
        adding.add(sequence, ledger.Kind(kind), json.loads(content)["body"], bytes(digest))
    return adding


@dataclass(frozen=True)
class KeptClosing:
    """A closing (Z) as a till sealed it, and the archive that was made of its period, if one was."""

    sequence: int
    period: str
    number: int
    of: str
    first: int
    currency: str | None
    sales: int
    refunds: int
    total: int
    perpetual: int
    perpetual_absolute: int
    at: datetime
    archive_sha256: bytes | None
    archive_size: int | None
    archived_at: datetime | None
    archived_by: str | None


_CLOSING = (
    "SELECT c.sequence, c.period, c.number, c.of, c.first_sequence, c.currency, c.sales, c.refunds, c.total,"
    " c.perpetual, c.perpetual_absolute, c.at, a.sha256, octet_length(a.content), a.made_at, a.author_name"
    " FROM closings c LEFT JOIN archives a ON a.till_id = c.till_id AND a.closing_sequence = c.sequence"
    " WHERE c.till_id = :id"
)


def closings(session: Session, till_id: str, limit: int) -> list[KeptClosing]:
    """A till's closings, newest first."""
    rows = session.execute(text(f"{_CLOSING} ORDER BY c.sequence DESC LIMIT :limit"), {"id": till_id, "limit": limit})
    return [KeptClosing(*row) for row in rows]


def closing(session: Session, till_id: str, sequence: int) -> KeptClosing | None:
    row = session.execute(text(f"{_CLOSING} AND c.sequence = :sequence"), {"id": till_id, "sequence": sequence}).first()
    return KeptClosing(*row) if row else None


def archive_piece(session: Session, till_id: str, closing_sequence: int, start: int, length: int) -> bytes | None:
    """A piece of an archive's file; None where there is no archive."""
    piece = session.scalar(
        text(
            "SELECT substring(content FROM :start FOR :length) FROM archives"
            " WHERE till_id = :id AND closing_sequence = :sequence"
        ),
        {"start": start + 1, "length": length, "id": till_id, "sequence": closing_sequence},
    )
    return None if piece is None else bytes(piece)


@dataclass(frozen=True)
class CountersignedRange:
    """Entries that receipts cover without a gap between them."""

    first: int
    last: int
    receipts: int
    first_signed_at: datetime
    last_signed_at: datetime


def countersigned(session: Session, till_id: str) -> list[CountersignedRange]:
    """What the centre countersigned of a till's journal, receipts that touch or overlap taken together (LAW-6)."""
    rows = session.execute(
        text(
            "WITH marked AS (SELECT *, first_sequence > max(last_sequence) OVER (ORDER BY first_sequence, last_sequence"
            "  ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) + 1 AS after_a_gap FROM receipts WHERE till_id = :id),"
            " grouped AS (SELECT *, count(*) FILTER (WHERE after_a_gap) OVER (ORDER BY first_sequence, last_sequence)"
            "  AS island FROM marked)"
            " SELECT min(first_sequence), max(last_sequence), count(*), min(signed_at), max(signed_at)"
            " FROM grouped GROUP BY island ORDER BY 1"
        ),
        {"id": till_id},
    )
    return [CountersignedRange(*row) for row in rows]


def missing_numbers(session: Session, till_id: str, first: int, last: int) -> list[tuple[int, int]]:
    """Ranges of numbers under which no entry is kept."""
    rows = session.execute(
        text(
            "WITH kept AS (SELECT sequence FROM entries WHERE till_id = :id UNION SELECT :before UNION SELECT :after),"
            " steps AS (SELECT sequence, lead(sequence) OVER (ORDER BY sequence) AS next FROM kept)"
            " SELECT sequence + 1, next - 1 FROM steps WHERE next > sequence + 1 ORDER BY 1 LIMIT 100"
        ),
        {"id": till_id, "before": first - 1, "after": last + 1},
    )
    return [(row[0], row[1]) for row in rows]


def last_receipt(session: Session, till_id: str, first: int, last: int) -> bytes | None:
    """The receipt that reaches farthest into a range of entries."""
    receipt = session.scalar(
        text(
            "SELECT receipt FROM receipts WHERE till_id = :id AND last_sequence BETWEEN :first AND :last"
            " ORDER BY last_sequence DESC LIMIT 1"
        ),
        {"id": till_id, "first": first, "last": last},
    )
    return None if receipt is None else bytes(receipt)
