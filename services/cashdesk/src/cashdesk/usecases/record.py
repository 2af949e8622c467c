"""Sales of channels without a till are sealed here, in the channel's virtual till."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, sessionmaker

import ledger
from cashdesk import domain, store
from cashdesk.domain import Till
from cashdesk.store import KeptSale
from cashdesk.usecases.virtual import VirtualTills
from kit import requests
from kit.auth import Caller
from kit.errors import FieldInvalid
from kit.group_commit import GroupCommit
from ticketing.cashdesk.v1.cashdesk_service_pb2 import RecordDecisionRequest, RecordDecisionResponse

GROUP_LIMIT = 64  # calls in one transaction


@dataclass(frozen=True)
class Refused:
    """A sale that cannot be sealed: `field` is what is wrong with it."""

    order_id: str
    field: str
    why: str
    reason: str = "SALE_INVALID"


Recorded = KeptSale | Refused


@dataclass(frozen=True)
class _Call:
    sales: Sequence[ledger.Sale]
    now: datetime


class Recorder:
    """Seals sales; concurrent calls share one transaction."""

    def __init__(self, sessions: sessionmaker[Session], tills: VirtualTills) -> None:
        self._sessions, self._tills = sessions, tills
        self._group: GroupCommit[_Call, dict[str, KeptSale]] = GroupCommit(self._commit, GROUP_LIMIT)

    def record_sales(self, caller: Caller, sales: Sequence[ledger.Sale | Refused], now: datetime) -> list[Recorded]:
        """Seal each sale, in the order given; one answer per sale. A sale already sealed answers as the first time, and
        is refused as ORDER_REUSED when its content differs: an answer must be about the sale that was sent.

        The sales' own order numbers are replaced by the next of the virtual till. Raises FieldInvalid, SealKeyChanged.
        """
        caller.require_service()
        if not 1 <= len(sales) <= domain.MAX_SALES:
            raise FieldInvalid("sales", f"must be 1 to {domain.MAX_SALES} sales")
        checked = [sale if isinstance(sale, Refused) else _checked(sale) for sale in sales]
        sound = [sale for sale in checked if isinstance(sale, ledger.Sale)]
        kept = self._group.do(_Call(sound, now)) if sound else {}
        return [sale if isinstance(sale, Refused) else _answer(sale, kept[sale.order_id]) for sale in checked]

    def record_decision(
        self, caller: Caller, request: RecordDecisionRequest, decision: ledger.Decision, now: datetime
    ) -> RecordDecisionResponse:
        """Seal a decision, once by its request. Raises RequestReused, FieldInvalid, SealKeyChanged."""
        caller.require_service()
        for last in (False, True):
            try:
                with self._sessions.begin() as session:
                    earlier = requests.earlier_answer(session, request, RecordDecisionResponse)
                    if earlier is None:
                        earlier = self._seal_decision(session, decision, now)
                        requests.remember(session, request, earlier)
                    return earlier
            except IntegrityError:
                if last:
                    raise
        raise AssertionError("the last attempt returns or raises")

    def _seal_decision(self, session: Session, decision: ledger.Decision, now: datetime) -> RecordDecisionResponse:
        till = self._tills.head(session, domain.DECISIONS, now)
        [kept] = self._tills.seal(till, [(ledger.Kind.DECISION, decision)], now)
        store.keep(session, till, [kept], now)
        entry = kept.entry
        answer = RecordDecisionResponse(till_id=till.till_id, till_number=till.number, sequence=entry.sequence)
        answer.at.FromDatetime(entry.at)
        return answer

    def _commit(self, calls: list[_Call]) -> list[dict[str, KeptSale]]:
        try:
            return self._try(calls)
        except IntegrityError:
            # The same order was being sealed by another till at the same moment: now it is known.
            return self._try(calls)

    def _try(self, calls: list[_Call]) -> list[dict[str, KeptSale]]:
        sales: dict[str, ledger.Sale] = {}
        for call in calls:
            for sale in call.sales:
                sales.setdefault(sale.order_id, sale)
        now = max(call.now for call in calls)
        with self._sessions.begin() as session:
            channels = sorted({sale.channel for sale in sales.values()})
            heads = {channel: self._tills.head(session, channel, now) for channel in channels}
            # Looked for under the locks: whoever sealed the order in the same till has committed.
            known = store.kept_sales(session, sales)
            for channel, till in heads.items():
                new = [sale for sale in sales.values() if sale.channel == channel and sale.order_id not in known]
                if new:
                    known.update(self._seal(session, till, new, now))
        return [{sale.order_id: known[sale.order_id] for sale in call.sales} for call in calls]

    def _seal(self, session: Session, till: Till, sales: Sequence[ledger.Sale], now: datetime) -> dict[str, KeptSale]:
        numbered = [
            replace(sale, order_number=domain.order_number(till.number, count))
            for count, sale in enumerate(sales, till.orders_numbered + 1)
        ]
        kept = list(self._tills.seal(till, [(ledger.Kind.SALE, sale) for sale in numbered], now))
        store.keep(session, till, kept, now, numbered=len(kept))
        return {
            sale.order_id: KeptSale(
                sale.order_id, one.order_number, till.till_id, each.entry.sequence, each.sealed.hash, each.entry.at,
                each.sealed.bytes, sale,
            )
            for sale, one, each in zip(sales, numbered, kept, strict=True)
        }  # fmt: skip


def _answer(sale: ledger.Sale, kept: KeptSale) -> Recorded:
    if kept.sale is sale or kept.is_of(sale):
        return kept
    return Refused(sale.order_id, "order_id", "was sealed with another content", "ORDER_REUSED")


def _checked(sale: ledger.Sale) -> ledger.Sale | Refused:
    try:
        domain.check_virtual_sale(sale)
    except ledger.BadEntry as error:
        return Refused(sale.order_id, error.field, error.reason)
    return sale
