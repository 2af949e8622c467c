"""The virtual tills of channels: this program seals in them, and closes their days as a till does (LAW-4)."""

import time
from collections.abc import Iterator, Sequence
from datetime import date, datetime

from sqlalchemy.orm import Session

import ledger
from cashdesk import domain, reading, store
from cashdesk.domain import Body, Kept, SealKeyChanged, Till
from cashdesk.seal import Seals
from kit.clock import business_date

Act = tuple[ledger.Kind, Body]


class VirtualTills:
    """`zone` is the venue's, which says when a business day ends."""

    def __init__(self, seals: Seals, zone: str) -> None:
        self._seals, self._zone = seals, zone
        self._days: dict[str, date] = {}  # the business day up to which a till is known to be closed

    def head(self, session: Session, channel: str, now: datetime) -> Till:
        """The channel's virtual till, locked; made when its first act comes, and its days closed up to now.

        Raises SealKeyChanged.
        """
        till_id = domain.virtual_till_id(channel)
        public_key = ledger.public_bytes(self._seals.till_key(till_id))
        till = store.till(session, till_id)
        if till is None:
            number = domain.VIRTUAL_TILLS[channel]
            store.add_till(session, till_id, number, channel, is_virtual=True, public_key=public_key)
            till = store.till(session, till_id)
            assert till is not None
        if till.public_key != public_key:
            raise SealKeyChanged(
                f"the seal key is not the one that began the journal of {till.number}", till_id=till_id
            )
        return self._days_ended(session, till, now)

    def seal(self, till: Till, acts: Sequence[Act], now: datetime) -> Iterator[Kept]:
        """The entries of these acts after the till's head, in order; they are not kept yet."""
        key, head, monotonic_ms = self._seals.till_key(till.till_id), till.head, time.monotonic_ns() // 1_000_000
        for kind, body in acts:
            assert body is not None
            entry = ledger.Entry(
                till.till_id, head.sequence + 1, now, monotonic_ms, kind, head.hash, body.to_body()
            )  # fmt: skip
            sealed = ledger.seal(entry, key)
            head = ledger.Head(till.till_id, entry.sequence, sealed.hash)
            yield Kept(entry, sealed, body)

    def _days_ended(self, session: Session, till: Till, now: datetime) -> Till:
        """The till after the closings of the periods that ended since its last entry."""
        today = business_date(now, self._zone)
        if till.last_sequence == 0 or self._days.get(till.till_id) == today:
            return till
        last = business_date(reading.sealed_at(session, till.till_id, till.last_sequence), self._zone)
        for period in ledger.periods_over(last, today):
            closing = reading.totals(session, till.till_id).close(period, period.name_of(last), till.last_sequence)
            if closing is not None:
                store.keep(session, till, list(self.seal(till, [(ledger.Kind.CLOSING, closing)], now)), now)
                kept = store.till(session, till.till_id)
                assert kept is not None
                till = kept
        if till.last_sequence and last == today:
            self._days[till.till_id] = today
        return till
