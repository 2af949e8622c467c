"""Reserved files in the database."""

import json
from collections.abc import Collection, Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

import ledger
from kit.words import fold
from orders.domain.reservation import Buyer, Reservation, ReservationState, Search, digits
from orders.store import seating_of

_COLUMNS = (
    "reservation_id::text, number, channel, state, buyer_name, buyer_phone, buyer_email, note, created_at, created_by,"
    " due_at, currency, total, lines, hold_id::text, claimed_by::text, claimed_until, ended_reason, order_id::text"
)


def next_number(session: Session) -> str:
    """R-000001, R-000002, …; a gap is no harm, as a file is no document of accounts."""
    number: int = session.scalar(text("SELECT nextval('reservation_numbers')")) or 0
    return f"R-{number:06d}"


def add(session: Session, it: Reservation) -> bool:
    """Keep a new file; False when its id is kept already."""
    statement = text(
        "INSERT INTO reservations (reservation_id, number, channel, state, buyer_name, buyer_phone, buyer_email,"
        " name_key, phone_key, note, created_at, created_by, due_at, currency, total, lines, hold_id)"
        " VALUES (:id, :number, :channel, :state, :name, :phone, :email, :name_key, :phone_key, :note, :created_at,"
        " :created_by, :due_at, :currency, :total, CAST(:lines AS jsonb), :hold_id)"
        " ON CONFLICT (reservation_id) DO NOTHING RETURNING 1"
    )
    values = {
        "id": it.id, "number": it.number, "channel": it.channel, "state": it.state.value, "name": it.buyer.name,
        "phone": it.buyer.phone, "email": it.buyer.email, "name_key": fold(it.buyer.name),
        "phone_key": digits(it.buyer.phone), "note": it.note, "created_at": it.created_at,
        "created_by": it.created_by, "due_at": it.due_at, "currency": it.currency, "total": it.total,
        "lines": json.dumps([asdict(line) for line in it.lines]), "hold_id": it.hold_id,
    }  # fmt: skip
    return session.execute(statement, values).first() is not None


def get(session: Session, reservation_id: str, *, lock: bool = False) -> Reservation | None:
    statement = f"SELECT {_COLUMNS} FROM reservations WHERE reservation_id = :id{' FOR UPDATE' if lock else ''}"  # noqa: S608
    row = session.execute(text(statement), {"id": reservation_id}).first()
    return _reservation(row) if row else None


def save(session: Session, it: Reservation) -> None:
    """Write what may change: state, date, claim, end."""
    session.execute(
        text(
            "UPDATE reservations SET state = :state, due_at = :due_at, claimed_by = :claimed_by,"
            " claimed_until = :claimed_until, ended_reason = :ended_reason, order_id = :order_id"
            " WHERE reservation_id = :id"
        ),
        {
            "id": it.id,
            "state": it.state.value,
            "due_at": it.due_at,
            "claimed_by": it.claimed_by,
            "claimed_until": it.claimed_until,
            "ended_reason": it.ended_reason,
            "order_id": it.order_id,
        },
    )


def complete(session: Session, orders_by_hold: Mapping[str, str]) -> None:
    """Files whose places were sold are paid, whatever was thought of them before: the sale is sealed."""
    for hold_id, order_id in sorted(orders_by_hold.items()):
        session.execute(
            text("UPDATE reservations SET state = 'completed', order_id = :order_id WHERE hold_id = :hold_id"),
            {"hold_id": hold_id, "order_id": order_id},
        )


def late(session: Session, now: datetime, most: int) -> list[Reservation]:
    """Open files past their date that no till is taking the money of, locked; those that others see to are left out."""
    statement = (
        f"SELECT {_COLUMNS} FROM reservations WHERE state = 'open' AND due_at <= :now"  # noqa: S608
        " AND (claimed_until IS NULL OR claimed_until <= :now) ORDER BY due_at LIMIT :most FOR UPDATE SKIP LOCKED"
    )
    return [_reservation(row) for row in session.execute(text(statement), {"now": now, "most": most})]


def search(
    session: Session, wanted: Search, states: Collection[ReservationState], before: tuple[datetime, str] | None,
    limit: int,
) -> list[Reservation]:  # fmt: skip
    """Files, newest first, after a page's last one."""
    where, facts = ["true"], dict[str, Any](limit=limit)
    if wanted.number:
        where.append("number = :number")
        facts["number"] = wanted.number
    if wanted.phone:
        where.append("phone_key = :phone")
        facts["phone"] = wanted.phone
    if wanted.email:
        where.append("lower(buyer_email) = :email")
        facts["email"] = wanted.email
    for index, word in enumerate(wanted.words):
        where.append(f"name_key LIKE :word{index}")
        facts[f"word{index}"] = f"%{word}%"  # folded: only letters and digits
    if states:
        where.append("state = ANY(:states)")
        facts["states"] = [state.value for state in states]
    if before:
        where.append("(created_at, reservation_id) < (:created_at, CAST(:last AS uuid))")
        facts["created_at"], facts["last"] = before
    statement = (
        f"SELECT {_COLUMNS} FROM reservations WHERE {' AND '.join(where)}"  # noqa: S608 - our words, their values
        " ORDER BY created_at DESC, reservation_id DESC LIMIT :limit"
    )
    return [_reservation(row) for row in session.execute(text(statement), facts)]


def _reservation(row: Any) -> Reservation:
    (id_, number, channel, state, name, phone, email, note, created_at, created_by, due_at, currency, total, lines,
     *rest) = row  # fmt: skip
    return Reservation(
        id_, number, channel, ReservationState(state), Buyer(name, phone, email), note, created_at, created_by, due_at,
        currency, total, tuple(map(_line, lines)), *rest,
    )  # fmt: skip


def _line(plain: dict[str, Any]) -> ledger.Line:
    return ledger.Line(**plain | {"kind": ledger.LineKind(plain["kind"]), "seating": seating_of(plain["seating"])})
