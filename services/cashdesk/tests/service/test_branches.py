"""A fork: what the old copy of a till sealed is handed in, kept beside the chain, and counted (domain 5.3, 5.6)."""

from typing import Any

import ledger
from ticketing.cashdesk.v1 import cashdesk_service_pb2 as pb

from ..conftest import Core, TillJournal, message, refusal, sale


def forked(core: Core, till: TillJournal, before: int = 3) -> tuple[TillJournal, list[ledger.Sale]]:
    """A till whose old copy sold on: the copy, frozen out by the centre, with what it sold alone."""
    core.append(till, till.sales(before))
    copy = TillJournal()
    copy.id, copy.key, copy.head = till.id, till.key, till.head
    ours, theirs = [sale(business_on="2026-02-03"), sale(business_on="2026-02-03")], [sale(business_on="2026-02-03")]
    core.append(till, [till.write(one) for one in ours])
    copy.rivals = [copy.write(one) for one in theirs]
    assert refusal(lambda: core.append(copy, copy.rivals)).reason == "JOURNAL_FORK"
    return copy, theirs


def hand_in(core: Core, till: TillJournal, entries: list[Any]) -> int:
    return core.as_till(till).HandInBranch(pb.HandInBranchRequest(till_id=till.id, entries=entries)).last_sequence


def test_what_a_copy_sealed_is_kept_beside_the_chain_and_its_money_counts(core: Core, till: TillJournal) -> None:
    """domain 5.3, 5.6: evidence with its signature; the chain that was acknowledged stays as it is."""
    copy, theirs = forked(core, till)
    before = core.as_user("cashdesk.view").GetTotals(pb.GetTotalsRequest(business_on="2026-02-03"))
    assert hand_in(core, copy, copy.rivals) == 4
    assert hand_in(core, copy, copy.rivals) == 4
    more = sale(business_on="2026-02-03")
    assert hand_in(core, copy, [*copy.rivals, copy.write(more)]) == 5
    tills = core.as_user("cashdesk.view").ListTills(pb.ListTillsRequest()).tills
    own = next(each for each in tills if each.till_id == till.id)
    (branch,) = [each for each in tills if each.branch_of == till.id]
    assert (own.last_sequence, own.last_hash, own.frozen) == (5, till.head.hash, True)
    assert (branch.number, branch.branch_from, branch.last_sequence) == (f"{own.number}*", 3, 5)
    ask = pb.ListEntriesRequest(till_id=branch.till_id)
    kept = core.as_user("cashdesk.view").ListEntries(ask).entries
    shared = core.as_user("cashdesk.view").ListEntries(pb.ListEntriesRequest(till_id=till.id)).entries[2]
    chain = [ledger.SealedEntry(each.content, each.signature) for each in kept]
    start = ledger.Head(till.id, 3, shared.hash)
    assert list(ledger.verify_chain(chain, till.key.public_key(), start)) == []
    after = core.as_user("cashdesk.view").GetTotals(pb.GetTotalsRequest(business_on="2026-02-03"))
    assert after.total - before.total == theirs[0].total + more.total
    told = f"payload->>'branchOf' = '{till.id}'"
    assert core.count("outbox", f"subject = 'cashdesk.sale.recorded.v1' AND {told}") == 2


def test_only_a_frozen_till_hands_in_and_only_what_its_own_key_sealed(core: Core, till: TillJournal) -> None:
    whole = till.sales(2)
    core.append(till, whole)
    assert refusal(lambda: hand_in(core, till, whole)).reason == "NOT_FORKED"
    copy, _ = forked(core, core.enrol())
    stranger = ledger.generate_key()
    forged = message(4, ledger.SealedEntry(
        copy.rivals[0].content, ledger.sign(stranger, b"ticketing ledger v1\n" + copy.rivals[0].content)
    ))  # fmt: skip
    second = copy.write(sale())
    assert refusal(lambda: hand_in(core, copy, [second])).reason == "JOURNAL_GAP"
    assert refusal(lambda: hand_in(core, copy, [forged])).reason == "SIGNATURE_INVALID"
    assert refusal(lambda: core.as_till(TillJournal()).HandInBranch(
        pb.HandInBranchRequest(till_id=copy.id, entries=copy.rivals)
    )).reason == "FORBIDDEN"  # fmt: skip


def test_a_sale_that_both_copies_sealed_counts_once(core: Core, till: TillJournal) -> None:
    """The page repeats its request to whichever copy answers."""
    core.append(till, till.sales(1))
    copy = TillJournal()
    copy.id, copy.key, copy.head = till.id, till.key, till.head
    both = sale()
    core.append(till, [till.write(), till.write(both)])
    rivals = [copy.write(both)]
    assert refusal(lambda: core.append(copy, rivals)).reason == "JOURNAL_FORK"
    hand_in(core, copy, rivals)
    assert core.count("sales", f"order_id = '{both.order_id}'") == 1
    assert core.count("entries", f"till_id IN (SELECT till_id FROM tills WHERE branch_of = '{till.id}')") == 1
