"""A sealed refund ends tickets of its order: once, however often it is told."""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from kit.errors import Unavailable
from orders import conflicts, gates, refunds, store
from orders.domain.conflict import Act
from orders.domain.refund import SealedRefund
from titles import Cause, Revocation


def keep_refunds(session: Session, sealed: Sequence[SealedRefund]) -> None:
    """Keep those that are not kept yet; gates hear of the tickets that open nothing any more.

    Raises Unavailable (retry) when a refund has overtaken its sale.
    """
    wanted = {one.refund.order_id for one in sealed}
    if missing := wanted - store.kept_ids(session, wanted):
        raise Unavailable(f"the sale of order {min(missing)} has not been heard of yet")
    ended = refunds.add(session, sealed)
    gone = [(each.key_id, each.serial) for each in ended]
    gates.tell(session, [Revocation(Cause.DEAD, *ticket) for ticket in gone])
    seats = {(each.performance_id, each.seat) for each in ended if each.performance_id and each.seat}
    conflicts.reconcile(session, seats, conflicts.lines_of(session, gone), Act.REFUNDED)
