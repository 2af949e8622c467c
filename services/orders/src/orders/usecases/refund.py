"""A sealed refund ends tickets of its order: once, however often it is told."""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from kit.errors import Unavailable
from orders import gates, refunds, store
from orders.domain.refund import SealedRefund
from titles import Cause, Revocation


def keep_refunds(session: Session, sealed: Sequence[SealedRefund]) -> None:
    """Keep those that are not kept yet; gates hear of the tickets that open nothing any more.

    Raises Unavailable (retry) when a refund has overtaken its sale.
    """
    wanted = {one.refund.order_id for one in sealed}
    if missing := wanted - store.kept_ids(session, wanted):
        raise Unavailable(f"the sale of order {min(missing)} has not been heard of yet")
    new = refunds.add(session, sealed)
    gates.tell(session, [Revocation(Cause.DEAD, *ticket) for one in new for ticket in one.tickets])
