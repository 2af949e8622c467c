"""Lines of sealed sales and refunds that have been counted: once each, whatever event brings them."""

from collections.abc import Iterable, Mapping

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
_UNCOUNTED = RowsStatement(
    "SELECT order_id::text, line, quantity - refunded FROM {rows} JOIN conflicts USING (order_id, line)", _LINE
)
_SETTLE_CONFLICTS = RowsStatement(
    "UPDATE conflicts c SET refunded = c.refunded + r.quantity FROM {rows}"
    " WHERE c.order_id = r.order_id AND c.line = r.line",
    _LINE | {"quantity": "integer"},
)
_OWNED = RowsStatement(
    "SELECT r.order_id::text, r.line, s.seat FROM {rows} JOIN seats s ON s.performance_id = r.performance_id"  # noqa: S608 - ours
    f" AND s.seat = r.seat AND s.owner IN (r.order_id, r.lease_id) AND s.state = {SeatState.SOLD:d}",
    _LINE | {"performance_id": "uuid", "lease_id": "uuid", "seat": "integer"},
)


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


def uncounted(session: Session, lines: Iterable[SoldLine]) -> dict[tuple[str, int], int]:
    """Of these lines of sales, how many places were sold though there were none, and have not come back since."""
    keys = {(x.order_id, x.line) for x in lines}
    return {(order_id, line): places for order_id, line, places in _UNCOUNTED.rows(session, keys)}


def settle_conflicts(session: Session, places: Mapping[tuple[str, int], int]) -> None:
    """So many of the places that were sold though there were none have come back."""
    _SETTLE_CONFLICTS.rows(session, ((*key, count) for key, count in sorted(places.items()) if count))


def owned_seats(session: Session, lines: Iterable[SoldLine]) -> dict[tuple[str, int], set[int]]:
    """The seats of these lines that their sales have, under their capacities' locks."""
    owned: dict[tuple[str, int], set[int]] = {}
    rows = [(x.order_id, x.line, x.performance_id, x.lease_id or None, seat) for x in lines for seat in x.seats]
    for order_id, line, seat in _OWNED.rows(session, rows):
        owned.setdefault((order_id, line), set()).add(seat)
    return owned
