"""Which refunds of a till's journal may be kept: those that give back what was sold, once (A7)."""

from collections.abc import Sequence

from sqlalchemy.orm import Session

import ledger
from cashdesk import store
from cashdesk.domain import EntryMalformed, Kept
from cashdesk.store import SealedSale


def that_hold(session: Session, kept: list[Kept]) -> tuple[list[Kept], EntryMalformed | None]:
    """The entries before the first refund that does not hold, and why it does not."""
    refunds = [entry.body for entry in kept if isinstance(entry.body, ledger.Refund)]
    if not refunds:
        return kept, None
    order_ids = {refund.original.order_id for refund in refunds}
    sales = store.sealed_sales(session, order_ids) | _sales_among(kept)
    earlier = store.refunds_of(session, order_ids)
    for index, entry in enumerate(kept):
        if not isinstance(entry.body, ledger.Refund):
            continue
        before = earlier.setdefault(entry.body.original.order_id, [])
        try:
            _check(entry.body, sales.get(entry.body.original.order_id), before)
        except ledger.BadEntry as error:
            sequence = entry.entry.sequence
            refusal = EntryMalformed(
                f"entry {sequence}, {error}", field=f"body.{error.field}", why=error.reason, sequence=sequence
            )
            return kept[:index], refusal
        before.append(entry.body)
    return kept, None


def _sales_among(kept: Sequence[Kept]) -> dict[str, SealedSale]:
    """A sale and its refund may come in one call."""
    return {
        entry.body.order_id: SealedSale(entry.entry.till_id, entry.entry.sequence, entry.body)
        for entry in kept
        if isinstance(entry.body, ledger.Sale)
    }


def _check(refund: ledger.Refund, sold: SealedSale | None, earlier: Sequence[ledger.Refund]) -> None:
    """Raises ledger.BadEntry."""
    original = refund.original
    if sold is None or (sold.till_id, sold.sequence) != (original.till_id, original.sequence):
        raise ledger.BadEntry("original", f"no such sale is sealed: {original.order_number}")
    if refund.refund_id in {one.refund_id for one in earlier}:
        raise ledger.BadEntry("refund_id", "is already in a journal")
    refund.check_against(sold.sale, earlier)
