"""Lines of sealed sales that have been counted: once each, whatever event brings them."""

from collections.abc import Iterable

from sqlalchemy.orm import Session

from inventory.domain import HoldState, SoldLine
from kit.sql import Statement, insert

_CLAIM = insert(
    "sold_lines",
    {"order_id": "uuid", "line": "integer", "performance_id": "uuid", "product_id": "uuid", "quantity": "integer"},
    "ON CONFLICT DO NOTHING RETURNING order_id::text, line",
)
_SERVED = Statement(
    "SELECT hold_id::text, performance_id::text, product_id::text FROM holds JOIN hold_lines USING (hold_id)"
    " WHERE hold_id = ANY(CAST(:ids AS uuid[])) AND state = :confirmed"
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
