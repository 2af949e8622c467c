"""Lines of sealed sales that have been counted: once each, whatever event brings them."""

from collections.abc import Iterable

from sqlalchemy.orm import Session

from inventory.domain import SoldLine
from inventory.store.rows import insert


def claim_lines(session: Session, lines: Iterable[SoldLine]) -> set[tuple[str, int]]:
    """Note that these are counted in this transaction; gives those that no one had counted before."""
    wanted = {(line.order_id, line.line): line for line in lines}
    rows = (
        {"order_id": order_id, "line": number, "performance_id": line.performance_id or None,
         "product_id": line.product_id or None, "quantity": line.quantity}
        for (order_id, number), line in sorted(wanted.items())
    )  # fmt: skip
    columns = "order_id uuid, line integer, performance_id uuid, product_id uuid, quantity integer"
    found = insert(session, "sold_lines", columns, rows, "ON CONFLICT DO NOTHING RETURNING order_id, line")
    return {(str(order_id), number) for order_id, number in found} if found is not None else set()
