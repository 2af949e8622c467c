"""Lines of sealed sales and refunds that have been counted: once each, whatever event brings them."""

from collections.abc import Iterable

from sqlalchemy.orm import Session

from inventory.domain import HoldState, RefundedLine, SoldLine
from kit.sql import RowsStatement, Statement, insert
from seating import SeatState

_CLAIM = insert(
    "sold_lines",
    {"order_id": "uuid", "line": "integer", "performance_id": "uuid", "product_id": "uuid", "quantity": "integer"},
    "ON CONFLICT DO NOTHING RETURNING order_id::text, line",
)
_SERVED = Statement(
    "SELECT hold_id::text, performance_id::text, product_id::text FROM holds JOIN hold_lines USING (hold_id)"
    " WHERE hold_id = ANY(CAST(:ids AS uuid[])) AND state = :confirmed"
)

_LINE = {"order_id": "uuid", "line": "integer"}
_COUNTED = RowsStatement("SELECT order_id::text, line FROM {rows} JOIN sold_lines USING (order_id, line)", _LINE)
_CLAIM_REFUNDS = insert(
    "refunded_lines", {"refund_id": "uuid", "line": "integer", "order_id": "uuid", "quantity": "integer"},
    "ON CONFLICT DO NOTHING RETURNING refund_id::text, line",
)  # fmt: skip
_OWNERS = RowsStatement(
    "SELECT r.order_id::text, r.line, s.seat, s.owner::text FROM {rows} JOIN seats s"  # noqa: S608 - ours
    " ON s.performance_id = r.performance_id AND s.seat = r.seat"
    f" AND s.owner IN (r.order_id, r.lease_id, r.hold_id) AND s.state = {SeatState.SOLD:d}",
    _LINE | {"performance_id": "uuid", "lease_id": "uuid", "hold_id": "uuid", "seat": "integer"},
)
_MOVES = RowsStatement(
    "SELECT order_id::text, line, seat, now_seat FROM {rows} JOIN seat_moves USING (order_id, line)", _LINE
)
_MOVE = insert(
    "seat_moves", _LINE | {"performance_id": "uuid", "seat": "integer", "now_seat": "integer"},
    "ON CONFLICT (order_id, line, seat) DO UPDATE SET now_seat = excluded.now_seat",
)  # fmt: skip


def claim_lines(session: Session, lines: Iterable[SoldLine]) -> set[tuple[str, int]]:
    """Note that these are counted in this transaction; gives those that no one had counted before."""
    wanted = {(line.order_id, line.line): line for line in lines}
    rows = (
        (order_id, number, line.performance_id or None, line.product_id or None, line.quantity)
        for (order_id, number), line in sorted(wanted.items())
    )
    return {(order_id, number) for order_id, number in _CLAIM.rows(session, rows)}


def served_by_holds(session: Session, lines: Iterable[SoldLine]) -> set[tuple[str, int]]:
    """Those whose hold is confirmed: their places are sold already. No lock is needed, for that state is final."""
    of_holds: dict[str, list[SoldLine]] = {}
    for line in lines:
        if line.hold_id:
            of_holds.setdefault(line.hold_id, []).append(line)
    if not of_holds:
        return set()
    served = set()
    for hold_id, *held in _SERVED.rows(session, ids=sorted(of_holds), confirmed=HoldState.CONFIRMED.value):
        for line in of_holds[hold_id]:
            if [line.performance_id, line.product_id] == [found or "" for found in held]:
                served.add((line.order_id, line.line))
    return served


def counted(session: Session, lines: Iterable[SoldLine]) -> set[tuple[str, int]]:
    """Those of these lines of sales that have been counted."""
    return {(order_id, line) for order_id, line in _COUNTED.rows(session, {(x.order_id, x.line) for x in lines})}


def claim_refunds(session: Session, lines: Iterable[RefundedLine]) -> set[tuple[str, int]]:
    """Note that these come back in this transaction; gives those, by refund and line, that had not before."""
    rows = sorted({(x.refund_id, x.sold.line, x.sold.order_id, x.sold.quantity) for x in lines})
    return {(refund_id, line) for refund_id, line in _CLAIM_REFUNDS.rows(session, rows)}


def seat_owners(session: Session, lines: Iterable[SoldLine]) -> dict[tuple[str, int], dict[int, str]]:
    """The seats of these lines that their sales have, each with the order, lease or hold by which, under their
    capacities' locks."""
    owners: dict[tuple[str, int], dict[int, str]] = {}
    rows = [
        (x.order_id, x.line, x.performance_id, x.lease_id or None, x.hold_id or None, seat)
        for x in lines for seat in x.seats
    ]  # fmt: skip
    for order_id, line, seat, owner in _OWNERS.rows(session, rows):
        owners.setdefault((order_id, line), {})[seat] = owner
    return owners


def seat_moves(session: Session, lines: Iterable[tuple[str, int]]) -> dict[tuple[str, int], dict[int, int]]:
    """Of these lines of sales, the seats that were sealed and where each is now that was given another."""
    moves: dict[tuple[str, int], dict[int, int]] = {}
    for order_id, line, seat, now_seat in _MOVES.rows(session, set(lines)):
        moves.setdefault((order_id, line), {})[seat] = now_seat
    return moves


def note_move(session: Session, sold: SoldLine, seat: int, now_seat: int) -> None:
    """The seat that was sealed is another now."""
    _MOVE.rows(session, [(sold.order_id, sold.line, sold.performance_id, seat, now_seat)])
