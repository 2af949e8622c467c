"""Conflicts in the database: what follows from tickets and from inventory's word, and what people decided.

`reconcile` derives which places are disputed from the facts as they stand, so it may be called as often as one likes
and in any order of news. It works under the lock of the gates' list, which serialises it.
"""

import json
import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

import ledger
from kit import telemetry
from kit.sql import RowsStatement, Statement
from orders import gates
from orders.domain.conflict import Act, Claim, Conflict, ConflictKind, ConflictState, Happened, TicketId

Seat = tuple[str, int]  # performance, ordinal
Line = tuple[str, int]  # order, number

_SEAT = {"performance_id": "uuid", "seat": "integer"}
_LINE = {"order_id": "uuid", "line": "integer"}
_NOTE_MISSING = RowsStatement(
    "INSERT INTO missing_places (order_id, line, performance_id, missing, seats, cause, revision)"
    " SELECT order_id, line, performance_id, missing, seats, cause, revision FROM {rows}"
    " ON CONFLICT (order_id, line) DO UPDATE SET missing = excluded.missing, seats = excluded.seats,"
    " revision = excluded.revision WHERE missing_places.revision < excluded.revision",
    _LINE
    | {"performance_id": "uuid", "missing": "integer", "seats": "integer[]", "cause": "text", "revision": "integer"},
)
_MISSING_SEATS = RowsStatement(
    "SELECT m.performance_id::text, unnest(m.seats) FROM {rows} JOIN missing_places m USING (order_id, line)", _LINE
)
# Who claims each seat: tickets that live, the earliest sealed first, and whether inventory has the seat for them.
_CLAIMANTS = RowsStatement(
    "SELECT t.seat_performance_id::text, t.seat, t.key_id, t.serial,"
    " COALESCE(t.seat = ANY(m.seats), false), COALESCE(m.cause, '')"
    " FROM {rows} JOIN tickets t ON t.seat_performance_id = r.performance_id AND t.seat = r.seat"
    " JOIN orders o ON o.order_id = t.order_id"
    " LEFT JOIN missing_places m ON m.order_id = t.order_id AND m.line = t.line"
    " WHERE t.refund_id IS NULL AND NOT t.replaced ORDER BY o.sold_at, t.key_id, t.serial",
    _SEAT,
)
# Of lines without seats the last tickets are those that have no place.
_WITHOUT_PLACE = RowsStatement(
    "SELECT order_id::text, line, performance_id, cause, key_id, serial FROM (SELECT m.order_id, m.line,"
    " m.performance_id::text, m.cause, t.key_id, t.serial, m.missing - m.accepted AS open,"
    " row_number() OVER (PARTITION BY m.order_id, m.line ORDER BY t.key_id DESC, t.serial DESC) AS last"
    " FROM {rows} JOIN missing_places m USING (order_id, line) JOIN tickets t USING (order_id, line)"
    " WHERE t.refund_id IS NULL AND NOT t.replaced AND t.seat IS NULL) ranked WHERE last <= open",
    _LINE,
)
_OPEN_OF_SEATS = RowsStatement(
    "SELECT c.conflict_id::text, c.performance_id::text, c.seat FROM {rows} JOIN conflicts c"
    " ON c.performance_id = r.performance_id AND c.seat = r.seat AND c.kind = 'seat' AND c.state <> 'settled'",
    _SEAT,
)
_OPEN_OF_LINES = RowsStatement(
    "SELECT c.conflict_id::text, c.order_id::text, c.line FROM {rows} JOIN conflicts c"
    " ON c.order_id = r.order_id AND c.line = r.line AND c.kind = 'places' AND c.state <> 'settled'",
    _LINE,
)
_OF_TICKETS = RowsStatement(
    "SELECT DISTINCT t.order_id::text, t.line FROM {rows} JOIN tickets t USING (key_id, serial) WHERE t.seat IS NULL",
    {"key_id": "bigint", "serial": "bigint"},
)
_CLAIMS = Statement(
    "SELECT c.conflict_id::text, t.key_id, t.serial, t.order_id::text, o.number, t.line, o.channel, o.till_id::text,"
    " o.journal_sequence, COALESCE(o.cashier_id::text, ''), o.sold_at, l.label, l.unit_price, o.currency,"
    " COALESCE(l.tariff_id::text, ''), COALESCE(l.category_id::text, ''), COALESCE(l.lease_id::text, ''),"
    " COALESCE(l.hold_id::text, ''), COALESCE(l.seating->>'plan_version_id', ''),"
    " t.seat, t.seat_zone, t.seat_row, t.seat_label, t.refund_id IS NOT NULL, t.replaced,"
    " COALESCE(CASE WHEN t.seat IS NULL THEN m.missing > (SELECT count(*) FROM tickets x WHERE x.order_id = t.order_id"
    " AND x.line = t.line AND x.refund_id IS NULL AND NOT x.replaced AND (x.key_id, x.serial) > (t.key_id, t.serial))"
    " ELSE t.seat = ANY(m.seats) END, false), c.to_refund,"
    " n.key_id, n.serial, n.seat, n.seat_zone, n.seat_row, n.seat_label"
    " FROM conflict_tickets c JOIN tickets t USING (key_id, serial) JOIN orders o USING (order_id)"
    " JOIN order_lines l ON l.order_id = t.order_id AND l.line = t.line"
    " LEFT JOIN missing_places m ON m.order_id = t.order_id AND m.line = t.line"
    " LEFT JOIN tickets n ON n.replaces_key = t.key_id AND n.replaces_serial = t.serial"
    " WHERE c.conflict_id = ANY(CAST(:ids AS uuid[])) ORDER BY o.sold_at, t.key_id, t.serial"
)
_HISTORY = Statement(
    "SELECT conflict_id::text, act, at, author_id, author_name, reason, details, till_number, journal_sequence"
    " FROM conflict_acts WHERE conflict_id = ANY(CAST(:ids AS uuid[])) ORDER BY conflict_id, number"
)
_HEAD = "conflict_id::text, kind, state, performance_id::text, cause, opened_at, settled_at"


@dataclass(frozen=True)
class Missing:
    """Inventory's word on a sealed line: `missing` places of it are not there, of a numbered house these `seats`."""

    order_id: str
    line: int
    performance_id: str
    missing: int
    seats: tuple[int, ...]
    cause: str
    revision: int


@dataclass(frozen=True)
class Judgement:
    """A person's decision as it was sealed."""

    author_id: str
    author_name: str
    reason: str
    request_id: str
    till_number: str
    journal_sequence: int


def note_missing(session: Session, news: Sequence[Missing]) -> None:
    """Take inventory's word, the newest of each line, and see what is disputed now."""
    newest = {(it.order_id, it.line): it for it in sorted(news, key=lambda it: it.revision)}
    gates.lock(session)
    before = {(performance_id, seat) for performance_id, seat in _MISSING_SEATS.rows(session, newest)}
    _NOTE_MISSING.rows(
        session,
        ((*key, it.performance_id, it.missing, list(it.seats), it.cause, it.revision) for key, it in newest.items()),
    )
    seats = before | {(it.performance_id, seat) for it in newest.values() for seat in it.seats}
    reconcile(session, seats, newest, Act.FOUND)


def reconcile(session: Session, seats: Collection[Seat], lines: Collection[Line], ended: Act) -> None:
    """Open, extend and end the conflicts of these seats and of these lines without seats, and tell gates.

    `ended`: what has happened where nobody disputes a place any more.
    """
    if not seats and not lines:
        return
    gates.lock(session)
    disputes: dict[TicketId, bool] = {}
    claimants: dict[Seat, list[tuple[TicketId, bool, str]]] = {}
    for performance_id, seat, key_id, serial, lacks, cause in _CLAIMANTS.rows(session, sorted(seats)):
        claimants.setdefault((performance_id, seat), []).append(((key_id, serial), lacks, cause if lacks else ""))
    of_seats = {(performance_id, seat): one for one, performance_id, seat in _OPEN_OF_SEATS.rows(session, seats)}
    for place in sorted(seats):
        claims = claimants.get(place, [])
        disputed = len(claims) > 1 or any(lacks for _, lacks, _ in claims)
        cause = next((cause for _, _, cause in claims if cause), "")
        conflict_id = of_seats.get(place)
        if conflict_id is None and disputed:
            conflict_id = _open(session, ConflictKind.SEAT, place[0], cause, seat=place[1])
        if conflict_id is not None:
            disputes |= _update(session, conflict_id, [ticket for ticket, *_ in claims], disputed, ended)
    without: dict[Line, list[TicketId]] = {}
    facts: dict[Line, tuple[str, str]] = {}
    for order_id, line, performance_id, cause, key_id, serial in _WITHOUT_PLACE.rows(session, sorted(lines)):
        without.setdefault((order_id, line), []).append((key_id, serial))
        facts[order_id, line] = performance_id, cause
    of_lines = {(order_id, line): one for one, order_id, line in _OPEN_OF_LINES.rows(session, lines)}
    for sold in sorted(lines):
        tickets, conflict_id = without.get(sold, []), of_lines.get(sold)
        if conflict_id is None and tickets:
            conflict_id = _open(session, ConflictKind.PLACES, *facts[sold], order_id=sold[0], line=sold[1])
        if conflict_id is not None:
            disputes |= _update(session, conflict_id, tickets, bool(tickets), ended)
    if disputes:
        gates.dispute(session, disputes)


def lines_of(session: Session, tickets: Iterable[TicketId]) -> set[Line]:
    """The lines of those of these tickets that have no seat."""
    return {(order_id, line) for order_id, line in _OF_TICKETS.rows(session, sorted(tickets))}


def _open(session: Session, kind: ConflictKind, performance_id: str, cause: str, **place: Any) -> str:
    conflict_id = str(uuid.uuid4())
    session.execute(
        text(
            "INSERT INTO conflicts (conflict_id, kind, state, performance_id, seat, order_id, line, cause)"
            " VALUES (:id, :kind, 'open', :performance, :seat, :order_id, :line, :cause)"
        ),
        {"id": conflict_id, "kind": kind.value, "performance": performance_id, "cause": cause}
        | {"seat": None, "order_id": None, "line": None} | place,
    )  # fmt: skip
    telemetry.log().error("sold_twice", conflict_id=conflict_id, performance_id=performance_id, **place)
    return conflict_id


def _update(
    session: Session, conflict_id: str, claims: Sequence[TicketId], disputed: bool, ended: Act
) -> dict[TicketId, bool]:
    """Bring one conflict up to date; gives what gates are to think of its tickets."""
    rows = session.execute(
        text("SELECT key_id, serial, to_refund FROM conflict_tickets WHERE conflict_id = :id"), {"id": conflict_id}
    ).all()
    known = {(key_id, serial): to_refund for key_id, serial, to_refund in rows}
    new = [ticket for ticket in claims if ticket not in known]
    for key_id, serial in new if disputed else []:
        session.execute(
            text("INSERT INTO conflict_tickets (conflict_id, key_id, serial) VALUES (:id, :key, :serial)"),
            {"id": conflict_id, "key": key_id, "serial": serial},
        )
    state = session.scalar(text("SELECT state FROM conflicts WHERE conflict_id = :id"), {"id": conflict_id})
    if not disputed:
        if state != ConflictState.SETTLED:
            _set_state(session, conflict_id, ConflictState.SETTLED)
            note(session, conflict_id, ended)
        return dict.fromkeys({*known, *claims}, False)
    if new:
        details = {"tickets": [list(ticket) for ticket in new]}
        note(session, conflict_id, Act.CLAIMED if known else Act.OPENED, details)
        if known and state == ConflictState.REFUND:
            clear_refunds(session, conflict_id)
            known = dict.fromkeys(known, False)
            state = ConflictState.OPEN
    decided = state == ConflictState.REFUND
    return {ticket: ticket in claims and (not decided or known.get(ticket, False)) for ticket in {*known, *claims}}


def note(
    session: Session, conflict_id: str, act: Act, details: Mapping[str, Any] | None = None,
    judged: Judgement | None = None,
) -> None:  # fmt: skip
    """Add to the history of a conflict, which only grows."""
    session.execute(
        text(
            "INSERT INTO conflict_acts (conflict_id, number, act, author_id, author_name, reason, details, request_id,"
            " till_number, journal_sequence) SELECT :id, COALESCE(max(number), 0) + 1, :act, :author, :name, :reason,"
            " CAST(:details AS jsonb), :request, :till, :sequence FROM conflict_acts WHERE conflict_id = :id"
        ),
        {
            "id": conflict_id, "act": act.value, "author": judged.author_id if judged else "",
            "name": judged.author_name if judged else "", "reason": judged.reason if judged else "",
            "details": json.dumps(dict(details or {})), "request": judged.request_id if judged else None,
            "till": judged.till_number if judged else "", "sequence": judged.journal_sequence if judged else None,
        },
    )  # fmt: skip


def _set_state(session: Session, conflict_id: str, state: ConflictState) -> None:
    session.execute(
        text(
            "UPDATE conflicts SET state = :state, settled_at = CASE WHEN :state = 'settled' THEN now() END"
            " WHERE conflict_id = :id"
        ),
        {"id": conflict_id, "state": state.value},
    )


def settle(session: Session, conflict_id: str) -> None:
    _set_state(session, conflict_id, ConflictState.SETTLED)


def reopen(session: Session, conflict_id: str) -> None:
    """As it was before it was decided."""
    clear_refunds(session, conflict_id)


def clear_refunds(session: Session, conflict_id: str) -> None:
    """Nobody is to be refunded any more by an earlier decision: it is open again."""
    session.execute(text("UPDATE conflict_tickets SET to_refund = false WHERE conflict_id = :id"), {"id": conflict_id})
    _set_state(session, conflict_id, ConflictState.OPEN)


def to_refund(session: Session, conflict_id: str, tickets: Iterable[TicketId]) -> None:
    """It is decided: these are to be refunded."""
    for key_id, serial in tickets:
        session.execute(
            text(
                "UPDATE conflict_tickets SET to_refund = true"
                " WHERE conflict_id = :id AND key_id = :key AND serial = :serial"
            ),
            {"id": conflict_id, "key": key_id, "serial": serial},
        )
    _set_state(session, conflict_id, ConflictState.REFUND)


def keep_seat(session: Session, keeper: TicketId | None, others: Iterable[TicketId]) -> None:
    """Of the tickets of a seat this one is the live one."""
    for key_id, serial in others:
        session.execute(
            text("UPDATE tickets SET live = false WHERE key_id = :key AND serial = :serial"),
            {"key": key_id, "serial": serial},
        )
    if keeper is not None:
        session.execute(
            text("UPDATE tickets SET live = true WHERE key_id = :key AND serial = :serial AND refund_id IS NULL"),
            {"key": keeper[0], "serial": keeper[1]},
        )


def replace_ticket(session: Session, ticket: TicketId) -> None:
    """Another ticket stands in for this one from now on."""
    session.execute(
        text("UPDATE tickets SET replaced = true, live = false WHERE key_id = :key AND serial = :serial"),
        {"key": ticket[0], "serial": ticket[1]},
    )


def has_another_seat(session: Session, order_id: str, line: int, seat: int) -> None:
    """A line that lacked this seat was given another; inventory's own word of it is on its way."""
    session.execute(
        text(
            "UPDATE missing_places SET seats = array_remove(seats, :seat), missing = GREATEST(missing - 1, 0)"
            " WHERE order_id = :order_id AND line = :line AND :seat = ANY(seats)"
        ),
        {"order_id": order_id, "line": line, "seat": seat},
    )


def accept(session: Session, order_id: str, line: int, places: int) -> None:
    """So many people of this line go in though the house has no place for them."""
    session.execute(
        text("UPDATE missing_places SET accepted = :places WHERE order_id = :order_id AND line = :line"),
        {"order_id": order_id, "line": line, "places": places},
    )


def accepted_of(session: Session, performance_id: str) -> int:
    """How many people were let in beyond the capacity of a performance."""
    statement = text(
        "SELECT COALESCE(sum(LEAST(accepted, missing)), 0)::integer FROM missing_places WHERE performance_id = :id"
    )
    return session.scalar(statement, {"id": performance_id}) or 0


def lock_tickets(session: Session, tickets: Iterable[TicketId]) -> None:
    """Before the lock of the gates' list, as whoever refunds them does."""
    for key_id, serial in sorted(tickets):
        session.execute(
            text("SELECT 1 FROM tickets WHERE key_id = :key AND serial = :serial FOR UPDATE"),
            {"key": key_id, "serial": serial},
        )


def decided_by(session: Session, request_id: str) -> str | None:
    """The conflict that a request has decided of."""
    statement = text("SELECT conflict_id::text FROM conflict_acts WHERE request_id = :id")
    return session.scalar(statement, {"id": request_id})


def find(
    session: Session, states: Collection[ConflictState], performance_id: str,
    before: tuple[datetime, str] | None, limit: int,
) -> list[Conflict]:  # fmt: skip
    """Newest first, after a page's last."""
    where, facts = ["true"], dict[str, Any](limit=limit)
    if states:
        where.append("state = ANY(:states)")
        facts["states"] = [state.value for state in states]
    if performance_id:
        where.append("performance_id = :performance")
        facts["performance"] = performance_id
    if before:
        where.append("(opened_at, conflict_id) < (:opened_at, CAST(:conflict_id AS uuid))")
        facts["opened_at"], facts["conflict_id"] = before
    rows = session.execute(
        text(
            f"SELECT {_HEAD} FROM conflicts WHERE {' AND '.join(where)}"  # noqa: S608 - our own parts
            " ORDER BY opened_at DESC, conflict_id DESC LIMIT :limit"
        ),
        facts,
    ).all()
    return _whole(session, rows)


def get(session: Session, conflict_id: str) -> Conflict | None:
    rows = session.execute(text(f"SELECT {_HEAD} FROM conflicts WHERE conflict_id = :id"), {"id": conflict_id}).all()  # noqa: S608
    return next(iter(_whole(session, rows)), None)


def counts(session: Session) -> dict[ConflictState, int]:
    """How many conflicts there are in each state."""
    rows = session.execute(text("SELECT state, count(*) FROM conflicts GROUP BY state"))
    return {ConflictState(state): count for state, count in rows}


def _whole(session: Session, heads: Sequence[Any]) -> list[Conflict]:
    ids = [head[0] for head in heads]
    if not ids:
        return []
    claims: dict[str, list[Claim]] = {}
    for conflict_id, *facts in _CLAIMS.rows(session, ids=ids):
        claims.setdefault(conflict_id, []).append(_claim(facts))
    history: dict[str, list[Happened]] = {}
    for conflict_id, act, *facts in _HISTORY.rows(session, ids=ids):
        happened: Any = (Act(act), *facts)
        history.setdefault(conflict_id, []).append(Happened(*happened))
    found = []
    for conflict_id, kind, state, *facts in heads:
        own: Any = (*facts, tuple(claims.get(conflict_id, ())), tuple(history.get(conflict_id, ())))
        found.append(Conflict(conflict_id, ConflictKind(kind), ConflictState(state), *own))
    return found


def _claim(row: Sequence[Any]) -> Claim:
    facts, rest = row[:18], row[18:]
    seat, (refunded, replaced, without, to_be_refunded), instead = rest[:4], rest[4:8], rest[8:]
    made: Any = (
        *facts, _seat(seat), refunded, replaced, without, to_be_refunded,
        (instead[0], instead[1]) if instead[0] else None, _seat(instead[2:]),
    )  # fmt: skip
    return Claim(*made)


def _seat(words: Sequence[Any]) -> ledger.Seat | None:
    return ledger.Seat(*words) if words[0] else None
