"""A till sends its journal (domain: LAW-2, LAW-3, LAW-6)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session, sessionmaker

import ledger
from cashdesk import domain, store
from cashdesk.domain import EntryMalformed, JournalFork, Kept, Sent, Till, TillUnknown
from cashdesk.seal import Seals
from cashdesk.usecases import refunds
from kit.auth import Caller
from kit.errors import DomainError


@dataclass(frozen=True)
class Acknowledged:
    """What the centre now keeps of a till: all entries up to `sequence`. `receipt` vouches for those of this call."""

    sequence: int
    receipt: bytes
    clock_offset_ms: int


def append_entries(
    sessions: sessionmaker[Session], seals: Seals, caller: Caller, till_id: str, entries: Sequence[Sent],
    till_time: datetime | None, now: datetime,
) -> Acknowledged:  # fmt: skip
    """Keep the entries that follow what is kept; entries already known are success.

    The entries before a faulty one are kept all the same: they are facts. A fork freezes the till, and that is
    committed though the call is refused. A till sends its training chain too, once its own has introduced it. Raises
    TillUnknown, TillRevoked, TillFrozen, SignatureInvalid, EntryMalformed, ChainBroken, JournalGap, JournalFork.
    """
    caller.require("cashdesk.append")
    domain.check_order(entries)
    refusal: DomainError | None = None
    with sessions.begin() as session:
        till = store.till(session, till_id)
        # A till speaks for its own chain, and for the one in which it practises.
        caller.require_till((till.practice_of if till else None) or till_id)
        if till is None or till.is_virtual or till.branch_of:
            raise TillUnknown("no such till is enrolled", till_id=till_id)
        till.may_append()
        offset = till.clock_offset_ms if till_time is None else (till_time - now) // timedelta(milliseconds=1)
        store.set_clock_offset(session, till_id, offset)
        kept, refusal = _believe(session, till, entries, now)
        if kept:
            store.keep(session, till, kept, now)
        sequence = kept[-1].entry.sequence if kept else till.last_sequence
        receipt = b""
        if entries and refusal is None:
            receipt = _receipt(session, seals, till_id, entries, now)
    if refusal is not None:
        refusal.facts["acknowledged_sequence"] = str(sequence)
        raise refusal
    return Acknowledged(sequence, receipt, offset)


def _believe(
    session: Session, till: Till, entries: Sequence[Sent], now: datetime
) -> tuple[list[Kept], DomainError | None]:
    """The entries to keep, and why the rest is refused."""
    if not entries:
        return [], None
    known = store.hashes(session, till.till_id, entries[0].sequence, entries[-1].sequence)
    head, kept = till.head, list[Kept]()
    try:
        for sent in entries:
            before = known.get(sent.sequence)
            if before is None:
                entry, head = domain.next_entry(till, head, sent)
                kept.append(entry)
            elif before != sent.sealed.hash:
                # Only the till's own signature makes it a fork: noise or a forger cannot freeze a till.
                domain.open_sent(till, sent)
                return kept, _fork(session, till, sent, now)
    except domain.ChainBroken as error:
        store.note_incident(session, till.till_id, sent.sequence, error.reason, error.message, sent.sealed, now)
        return kept, error
    except DomainError as error:
        return kept, error
    if till.practice_of is not None:
        return kept, None  # a practice sells nothing: there is nothing to hold it against
    kept, taken = _without_known_orders(session, kept)
    kept, refused = refunds.that_hold(session, kept)
    return kept, refused or taken


def _without_known_orders(session: Session, kept: list[Kept]) -> tuple[list[Kept], DomainError | None]:
    """An order is sold once, in one journal: the entries from the first that sells a known one on are refused."""
    sales = [entry.body.order_id for entry in kept if isinstance(entry.body, ledger.Sale)]
    taken = set(store.kept_sales(session, sales)) if sales else set[str]()
    for index, entry in enumerate(kept):
        if not isinstance(entry.body, ledger.Sale):
            continue
        if entry.body.order_id in taken:
            sequence = entry.entry.sequence
            why = "this order is already in a journal"
            return kept[:index], EntryMalformed(
                f"entry {sequence}: {why}", field="body.order_id", why=why, sequence=sequence
            )
        taken.add(entry.body.order_id)
    return kept, None


def _fork(session: Session, till: Till, sent: Sent, now: datetime) -> JournalFork:
    error = JournalFork(
        f"till {till.number} wrote entry {sent.sequence} twice, differently; it is frozen until a person decides",
        sequence=sent.sequence,
    )
    store.note_incident(session, till.till_id, sent.sequence, error.reason, error.message, sent.sealed, now)
    store.freeze_till(session, till.till_id, f"two entries number {sent.sequence}", now)
    return error


def _receipt(session: Session, seals: Seals, till_id: str, entries: Sequence[Sent], now: datetime) -> bytes:
    """Of the range of this call, not of what was new in it: a repeated call gets the same receipt."""
    first, last = entries[0].sequence, entries[-1].sequence
    receipt = ledger.Receipt(till_id, first, last, last - first + 1, entries[-1].sealed.hash)
    countersigned = seals.countersign(receipt)
    store.keep_receipt(session, receipt, countersigned, now)
    return countersigned
