"""A till that a fork has frozen hands in what its copy sealed: evidence, and money that must count (domain 5.3)."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy.orm import Session, sessionmaker

import ledger
from cashdesk import domain, store
from cashdesk.domain import EntryMalformed, JournalGap, Kept, NotForked, Sent, Till, TillUnknown
from cashdesk.usecases import refunds
from kit.auth import Caller


def hand_in(
    sessions: sessionmaker[Session], caller: Caller, till_id: str, entries: Sequence[Sent], now: datetime
) -> int:
    """Keep rival entries as a branch beside the till's chain, which stays as it is; gives the call's last sequence.

    What is known already is success. A sale that is in a journal already, and a refund that does not hold, are kept as
    evidence and not counted. Raises TillUnknown, NotForked, SignatureInvalid, EntryMalformed, JournalGap.
    """
    caller.require("cashdesk.append")
    caller.require_till(till_id)
    domain.check_order(entries)
    with sessions.begin() as session:
        till = store.till(session, till_id)
        if till is None or till.is_virtual or till.branch_of:
            raise TillUnknown("no such till is enrolled", till_id=till_id)
        if till.frozen_reason is None:
            raise NotForked(f"the journal of {till.number} is one chain", till_id=till_id)
        known = store.known_hashes(session, [sent.sealed.hash for sent in entries])
        rivals = [(sent, domain.open_sent(till, sent)) for sent in entries if sent.sealed.hash not in known]
        if rivals:
            branch = _branch(session, till, rivals[0][0], rivals[0][1])
            head, kept = branch.head, list[Kept]()
            for sent, entry in rivals:
                try:
                    head = ledger.follows(head, entry, sent.sealed.hash)
                except ledger.LedgerError as error:
                    raise JournalGap(f"entry {head.sequence + 1} is missing", expected=head.sequence + 1) from error
                kept.append(Kept(entry, sent.sealed, _body(entry)))
            store.keep(session, branch, _countable(session, kept), now)
    return entries[-1].sequence if entries else 0


def _branch(session: Session, till: Till, sent: Sent, entry: ledger.Entry) -> Till:
    """The branch that this entry goes on with, or a new one where it leaves the till's chain. Raises JournalGap."""
    branches = store.branches(session, till.till_id)
    for branch in branches.values():
        if branch.last_hash == entry.previous_hash:
            return branch
    before = entry.sequence - 1
    shared = store.hashes(session, till.till_id, before, before).get(before) if before else ledger.genesis(till.till_id)
    if shared != entry.previous_hash:
        raise JournalGap("what comes before this entry was not handed in", expected=1 + (till.branch_from or 0))
    after = ledger.Head(till.till_id, before, entry.previous_hash)
    return store.add_branch(session, till, domain.branch_id(till.till_id, sent.sealed.hash), after)


def _body(entry: ledger.Entry) -> domain.Body:
    try:
        return domain.read_body(entry)
    except ledger.BadEntry as error:
        why = f"entry {entry.sequence}, {error}"
        raise EntryMalformed(why, field=f"body.{error.field}", why=error.reason, sequence=entry.sequence) from error


def _countable(session: Session, kept: Sequence[Kept]) -> list[Kept]:
    """Every entry, without its body where it must not count again."""
    sales = [each.body.order_id for each in kept if isinstance(each.body, ledger.Sale)]
    taken = set(store.kept_sales(session, sales)) if sales else set[str]()
    counted = list[Kept]()
    for each in kept:
        if isinstance(each.body, ledger.Sale):
            counts = each.body.order_id not in taken
            taken.add(each.body.order_id)
        elif isinstance(each.body, ledger.Refund):
            held, _ = refunds.that_hold(session, [*(one for one in counted if one.body), each])
            counts = each in held
        else:
            counts = not isinstance(each.body, ledger.TrainingChange)
        counted.append(each if counts else replace(each, body=None))
    return counted
