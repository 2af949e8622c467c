"""Tables of the journal: rows are written by the set, in one statement per table and transaction."""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

import ledger
from cashdesk import floats
from cashdesk.domain import Kept, Till, branch_number
from cashdesk.messages import EVENTS
from kit import outbox
from kit.sql import Statement, insert, together

_FIELDS = [field.name for field in fields(Till)]
_TILL = ", ".join(_FIELDS)


_LOCK_TILL = Statement(f"SELECT {_TILL} FROM tills WHERE till_id = :id FOR UPDATE")  # noqa: S608 - names are ours
_KEPT_SALES = Statement(
    "SELECT s.order_id::text, s.order_number, COALESCE(t.branch_of, s.till_id)::text, s.sequence, e.hash, e.at,"
    " e.content FROM sales s JOIN entries e USING (till_id, sequence) JOIN tills t USING (till_id)"
    " WHERE s.order_id = ANY(CAST(:ids AS uuid[]))"
)
_MOVE_HEAD = Statement(
    "UPDATE tills SET last_sequence = :sequence, last_hash = :hash, last_received_at = :now,"
    " orders_numbered = orders_numbered + :numbered WHERE till_id = :id"
)
_ADD_ENTRIES = insert("entries", {
    "till_id": "uuid", "sequence": "bigint", "content": "bytea", "signature": "bytea", "algorithm": "text",
    "hash": "bytea", "kind": "text", "at": "timestamptz", "business_on": "date", "received_at": "timestamptz",
})  # fmt: skip
_ADD_SALES = insert("sales", {
    "order_id": "uuid", "till_id": "uuid", "sequence": "bigint", "order_number": "text", "channel": "text",
    "cash_float_id": "uuid", "business_on": "date", "currency": "text", "total": "bigint", "cash": "bigint",
    "admissions": "integer", "at": "timestamptz",
})  # fmt: skip
_ADD_PAYMENTS = insert("sale_payments", {"order_id": "uuid", "position": "integer", "mode": "text", "amount": "bigint"})
_ADD_VAT = insert("sale_vat", {"order_id": "uuid", "rate_bp": "integer", "net": "bigint", "vat": "bigint"})

_ADD_REFUNDS = insert("refunds", {
    "refund_id": "uuid", "order_id": "uuid", "till_id": "uuid", "sequence": "bigint", "refund_number": "text",
    "cash_float_id": "uuid", "business_on": "date", "currency": "text", "total": "bigint", "cash": "bigint",
    "admissions": "integer", "at": "timestamptz",
})  # fmt: skip
_ADD_MONEY_BACK = insert("refund_payments", {"refund_id": "uuid", "mode": "text", "amount": "bigint"})
_ADD_REFUND_VAT = insert("refund_vat", {"refund_id": "uuid", "rate_bp": "integer", "net": "bigint", "vat": "bigint"})
_ADD_DEAD_TICKETS = insert("refunded_tickets", {"key_id": "bigint", "serial": "bigint", "refund_id": "uuid"})
_ADD_CLOSINGS = insert("closings", {
    "till_id": "uuid", "sequence": "bigint", "period": "text", "number": "bigint", "of": "text",
    "first_sequence": "bigint", "currency": "text", "sales": "bigint", "refunds": "bigint", "total": "bigint",
    "perpetual": "bigint", "perpetual_absolute": "bigint", "at": "timestamptz",
})  # fmt: skip
_REFUNDS_OF = Statement(
    "SELECT r.order_id::text, e.content FROM refunds r JOIN entries e USING (till_id, sequence)"
    " WHERE r.order_id = ANY(CAST(:ids AS uuid[])) ORDER BY r.at, r.sequence"
)


def _till(row: Sequence[Any]) -> Till:
    values = dict(zip(_FIELDS, row, strict=True))
    ids = {name: str(values[name]) for name in ("till_id", "practice_of", "branch_of") if values[name]}
    return Till(**values | ids)


def till(session: Session, till_id: str) -> Till | None:
    """The till, its row locked: whatever changes a journal holds this lock, so its entries arrive in one order."""
    found = _LOCK_TILL.rows(session, id=till_id)
    return _till(found[0]) if found else None


def known_till(session: Session, till_id: str) -> Till | None:
    """The till, for whoever only reads."""
    row = session.execute(text(f"SELECT {_TILL} FROM tills WHERE till_id = :id"), {"id": till_id}).first()  # noqa: S608
    return _till(row) if row else None


def has_till(session: Session, till_id: str) -> bool:
    """Whether the till is known."""
    return session.scalar(text("SELECT true FROM tills WHERE till_id = :id"), {"id": till_id}) is not None


def tills(session: Session) -> list[Till]:
    """All tills, by number."""
    return [_till(row) for row in session.execute(text(f"SELECT {_TILL} FROM tills ORDER BY number"))]  # noqa: S608


def add_till(session: Session, till_id: str, number: str, name: str, *, is_virtual: bool, public_key: bytes) -> None:
    """A till whose journal begins; one that is known keeps what it has."""
    session.execute(
        text(
            "INSERT INTO tills (till_id, number, name, is_virtual, public_key, last_hash)"
            " VALUES (:id, :number, :name, :virtual, :key, :hash) ON CONFLICT (till_id) DO NOTHING"
        ),
        {"id": till_id, "number": number, "name": name, "virtual": is_virtual, "key": public_key,
         "hash": ledger.genesis(till_id)},
    )  # fmt: skip


def add_training_till(session: Session, real: Till, change: ledger.TrainingChange) -> None:
    """The training chain that a real till's own chain vouches for; one that is known keeps what it has."""
    session.execute(
        text(
            "INSERT INTO tills (till_id, number, name, is_virtual, public_key, last_hash, practice_of)"
            " VALUES (:id, :number, :name, false, :key, :hash, :real) ON CONFLICT (till_id) DO NOTHING"
        ),
        {"id": change.training_till_id, "number": change.number, "name": real.name,
         "key": bytes.fromhex(change.journal_public_key), "hash": ledger.genesis(change.training_till_id),
         "real": real.till_id},
    )  # fmt: skip


def add_branch(session: Session, till: Till, branch_id: str, after: ledger.Head) -> Till:
    """What another copy of this till's journal sealed after an entry that both share; one that is known stays."""
    count = session.scalar(text("SELECT count(*) FROM tills WHERE branch_of = :id"), {"id": till.till_id}) or 0
    session.execute(
        text(
            "INSERT INTO tills (till_id, number, name, is_virtual, public_key, last_sequence, last_hash, branch_of,"
            " branch_from) VALUES (:id, :number, :name, false, :key, :sequence, :hash, :of, :sequence)"
        ),
        {"id": branch_id, "number": branch_number(till.number, count + 1), "name": till.name, "key": till.public_key,
         "sequence": after.sequence, "hash": after.hash, "of": till.till_id},
    )  # fmt: skip
    return branches(session, till.till_id)[branch_id]


def branches(session: Session, till_id: str) -> dict[str, Till]:
    """The branches of a till's chain, by id; the till is locked."""
    found = session.execute(text(f"SELECT {_TILL} FROM tills WHERE branch_of = :id"), {"id": till_id})  # noqa: S608
    return {till.till_id: till for till in map(_till, found)}


def known_hashes(session: Session, hashes: Collection[bytes]) -> set[bytes]:
    """Those of these entries that are kept, in whatever chain."""
    rows = session.execute(text("SELECT hash FROM entries WHERE hash = ANY(:hashes)"), {"hashes": list(hashes)})
    return {bytes(digest) for (digest,) in rows}


def enrol_till(
    session: Session, till_id: str, number: str, name: str, public_key: bytes, enrolled_at: datetime
) -> None:
    """A till enrolled, or enrolled again with another key: later entries must be signed by this one.

    Enrolling again ends an earlier revocation, not a later one that was heard of first.
    """
    add_till(session, till_id, number, name, is_virtual=False, public_key=public_key)
    session.execute(
        text(
            "UPDATE tills SET number = :number, name = :name, public_key = :key,"
            " revoked_at = CASE WHEN revoked_at > :enrolled_at THEN revoked_at END"
            " WHERE till_id = :id AND NOT is_virtual"
        ),
        {"id": till_id, "number": number, "name": name, "key": public_key, "enrolled_at": enrolled_at},
    )


def revoke_till(session: Session, till_id: str, at: datetime) -> bool:
    """The till may append no more; False when it is not known."""
    revoke = text("UPDATE tills SET revoked_at = :at WHERE till_id = :id RETURNING till_id")
    return session.scalar(revoke, {"at": at, "id": till_id}) is not None


def freeze_till(session: Session, till_id: str, reason: str, now: datetime) -> None:
    """Nothing more is taken from this till until a person has decided."""
    session.execute(
        text(
            "UPDATE tills SET frozen_reason = :reason, frozen_at = :now WHERE till_id = :id AND frozen_reason IS NULL"
        ),
        {"reason": reason, "now": now, "id": till_id},
    )


def note_incident(
    session: Session, till_id: str, sequence: int, reason: str, detail: str, sealed: ledger.SealedEntry, now: datetime
) -> None:
    """Keep a trace, with the bytes that caused it; the same one is kept once."""
    session.execute(
        text(
            "INSERT INTO incidents (till_id, sequence, reason, detail, content, signature, noted_at)"
            " VALUES (:id, :sequence, :reason, :detail, :content, :signature, :now) ON CONFLICT DO NOTHING"
        ),
        {"id": till_id, "sequence": sequence, "reason": reason, "detail": detail[:500], "content": sealed.bytes,
         "signature": sealed.signature, "now": now},
    )  # fmt: skip


def hashes(session: Session, till_id: str, first: int, last: int) -> dict[int, bytes]:
    """The hashes that are kept of a range of a till's entries."""
    rows = session.execute(
        text("SELECT sequence, hash FROM entries WHERE till_id = :id AND sequence BETWEEN :first AND :last"),
        {"id": till_id, "first": first, "last": last},
    )
    return {sequence: bytes(digest) for sequence, digest in rows}


@dataclass(frozen=True)
class KeptSale:
    """Where a sale was sealed. `content`: the entry's bytes; `sale`: as it was asked for, when sealed just now."""

    order_id: str
    order_number: str
    till_id: str
    sequence: int
    hash: bytes
    at: datetime
    content: bytes
    sale: ledger.Sale | None = None

    def is_of(self, sale: ledger.Sale) -> bool:
        """Whether this is the entry of that very sale; the number is the till's affair."""
        sealed = _body(self.content)
        return {**sealed, "order_number": ""} == {**sale.to_body(), "order_number": ""}


def kept_sales(session: Session, order_ids: Collection[str]) -> dict[str, KeptSale]:
    """Those of these orders that are sealed, by order."""
    return {row[0]: KeptSale(*row) for row in _KEPT_SALES.rows(session, ids=list(order_ids))}


@dataclass(frozen=True)
class SealedSale:
    """A sale with its place in the journals."""

    till_id: str
    sequence: int
    sale: ledger.Sale


def sealed_sales(session: Session, order_ids: Collection[str]) -> dict[str, SealedSale]:
    """Those of these orders that are sealed, read from their entries."""
    return {
        order_id: SealedSale(kept.till_id, kept.sequence, ledger.Sale.from_body(_body(kept.content)))
        for order_id, kept in kept_sales(session, order_ids).items()
    }


def refunds_of(session: Session, order_ids: Collection[str]) -> dict[str, list[ledger.Refund]]:
    """What is refunded of these orders, read from the entries, oldest first."""
    refunds: dict[str, list[ledger.Refund]] = {}
    for order_id, content in _REFUNDS_OF.rows(session, ids=list(order_ids)):
        refunds.setdefault(order_id, []).append(ledger.Refund.from_body(_body(content)))
    return refunds


def _body(content: bytes) -> Any:
    return json.loads(content)["body"]


def keep(session: Session, till: Till, kept: Sequence[Kept], now: datetime, *, numbered: int = 0) -> None:
    """Keep entries of a locked till that follow its head, with what is read from them and their events.

    Of a training chain the entries are kept and nothing else: no sale, no float, no event comes of them; nor of an
    entry without its body.
    `numbered`: how many order numbers of the till's own counter they use up.
    """
    last = kept[-1]
    with together(session):
        _ADD_ENTRIES.rows(
            session,
            ((till.till_id, k.entry.sequence, k.sealed.bytes, k.sealed.signature, k.sealed.algorithm, k.sealed.hash,
              k.entry.kind.value, k.entry.at, k.business_on, now) for k in kept),
        )  # fmt: skip
        _MOVE_HEAD.rows(
            session, sequence=last.entry.sequence, hash=last.sealed.hash, now=now, numbered=numbered, id=till.till_id
        )
        if till.practice_of is not None:
            return
        _keep_sales(session, till, kept)
        _keep_refunds(session, till, kept)
        _keep_closings(session, till, kept)
        for shape, subject, message in EVENTS:
            told = [message(till, entry) for entry in kept if isinstance(entry.body, shape)]
            outbox.record_all(session, subject, told)
    for entry in kept:
        floats.keep(session, till, entry)
        if isinstance(entry.body, ledger.TrainingChange):
            add_training_till(session, till, entry.body)


def _keep_sales(session: Session, till: Till, kept: Sequence[Kept]) -> None:
    sales = [(k.entry, k.body) for k in kept if isinstance(k.body, ledger.Sale)]
    if not sales:
        return
    _ADD_SALES.rows(
        session,
        ((s.order_id, till.till_id, entry.sequence, s.order_number, s.channel, s.cash_float_id,
          date.fromisoformat(s.business_on), s.currency, s.total,
          _cash(s), _admissions(s), entry.at)
         for entry, s in sales),
    )  # fmt: skip
    _ADD_PAYMENTS.rows(
        session,
        ((s.order_id, n, p.mode.value, p.amount) for _, s in sales for n, p in enumerate(s.payments, 1)),
    )
    _ADD_VAT.rows(session, ((s.order_id, v.rate_bp, v.net, v.vat) for _, s in sales for v in s.vat))


def _keep_refunds(session: Session, till: Till, kept: Sequence[Kept]) -> None:
    refunds = [(k.entry, k.body) for k in kept if isinstance(k.body, ledger.Refund)]
    if not refunds:
        return
    _ADD_REFUNDS.rows(
        session,
        ((r.refund_id, r.original.order_id, till.till_id, entry.sequence, r.refund_number, r.cash_float_id,
          date.fromisoformat(r.business_on), r.currency, r.total, _cash(r), _admissions(r), entry.at)
         for entry, r in refunds),
    )  # fmt: skip
    _ADD_MONEY_BACK.rows(session, ((r.refund_id, p.mode.value, p.amount) for _, r in refunds for p in r.payments))
    _ADD_REFUND_VAT.rows(session, ((r.refund_id, v.rate_bp, v.net, v.vat) for _, r in refunds for v in r.vat))
    _ADD_DEAD_TICKETS.rows(session, ((t.key_id, t.serial, r.refund_id) for _, r in refunds for t in r.tickets))


def _keep_closings(session: Session, till: Till, kept: Sequence[Kept]) -> None:
    closings = [(k.entry, k.body) for k in kept if isinstance(k.body, ledger.Closing)]
    if closings:
        _ADD_CLOSINGS.rows(
            session,
            ((till.till_id, entry.sequence, c.period.value, c.number, c.of, c.first, c.currency, c.sales, c.refunds,
              c.total, c.perpetual, c.perpetual_absolute, entry.at)
             for entry, c in closings),
        )  # fmt: skip


def _cash(of: ledger.Sale | ledger.Refund) -> int:
    return sum(payment.amount for payment in of.payments if payment.mode is ledger.Mode.CASH)


def _admissions(of: ledger.Sale | ledger.Refund) -> int:
    return sum(line.quantity for line in of.lines if line.kind is ledger.LineKind.ADMISSION)


def keep_receipt(session: Session, receipt: ledger.Receipt, countersigned: bytes, now: datetime) -> None:
    """Keep the centre's word for a range of entries (LAW-6)."""
    session.execute(
        text(
            "INSERT INTO receipts (till_id, first_sequence, last_sequence, receipt, signed_at)"
            " VALUES (:id, :first, :last, :receipt, :now) ON CONFLICT DO NOTHING"
        ),
        {"id": receipt.till_id, "first": receipt.first, "last": receipt.last, "receipt": countersigned, "now": now},
    )


def set_clock_offset(session: Session, till_id: str, offset_ms: int) -> None:
    """Till time minus centre time, as measured at the last call."""
    session.execute(
        text("UPDATE tills SET clock_offset_ms = :offset WHERE till_id = :id"), {"offset": offset_ms, "id": till_id}
    )


@dataclass(frozen=True)
class NewArchive:
    """An archive's file, and the entry that says so."""

    till_id: str
    closing_sequence: int
    sha256: bytes
    content: bytes
    author_name: str
    sealed_by: str
    sealed_sequence: int


def keep_archive(session: Session, archive: NewArchive, now: datetime) -> None:
    """Keep an archive (LAW-7). Raises IntegrityError where this period has one."""
    session.execute(
        text(
            "INSERT INTO archives (till_id, closing_sequence, sha256, content, author_name, made_at, sealed_by,"
            " sealed_sequence) VALUES (:till_id, :closing_sequence, :sha256, :content, :author_name, :now, :sealed_by,"
            " :sealed_sequence)"
        ),
        {**vars(archive), "now": now},
    )
