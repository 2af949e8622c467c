"""Training chains: kept and verified as any other, and counted nowhere (LAW-1)."""

from dataclasses import replace

import pytest

import ledger
from ticketing.cashdesk.v1 import cashdesk_service_pb2 as pb

from ..conftest import DAY, Core, TillJournal, new_id, refund, refusal, sale


@pytest.fixture
def practice(till: TillJournal) -> TillJournal:
    """The chain in which the till practises; nobody has introduced it yet."""
    return practice_of(till.id)


def practice_of(till_id: str) -> TillJournal:
    journal = TillJournal()
    journal.id = ledger.training_till_id(till_id, ledger.public_bytes(journal.key).hex())
    journal.head = ledger.Head.start(journal.id)
    return journal


def change(practice: TillJournal, **changes) -> ledger.TrainingChange:
    key = ledger.public_bytes(practice.key).hex()
    return replace(ledger.TrainingChange(True, practice.id, "E-T01", key, new_id()), **changes)


def introduce(core: Core, till: TillJournal, practice: TillJournal, **changes) -> None:
    core.append(till, [till.write(change(practice, **changes).to_body(), "training")])


def send(core: Core, by: TillJournal, practice: TillJournal, entries):
    return core.as_till(by).AppendEntries(pb.AppendEntriesRequest(till_id=practice.id, entries=entries))


def test_what_was_sold_in_training_is_kept_and_counts_nowhere(core: Core, till: TillJournal, practice: TillJournal):
    """No sale, no refund, no float, no event, no total: the entries, verified and countersigned, and nothing else."""
    reader = core.as_user("cashdesk.view")
    introduce(core, till, practice)
    events, before = core.count("outbox"), reader.GetTotals(pb.GetTotalsRequest(business_on=DAY))
    floats = reader.ListCashFloats(pb.ListCashFloatsRequest(business_on=DAY))
    opened = ledger.FloatOpened(new_id(), new_id(), DAY, "EUR", {5000: 1}, 5000)
    sold = sale(cash_float_id=opened.cash_float_id)
    entries = [practice.write(opened.to_body(), "float_opened"), practice.write(sold)]
    entries += [practice.write(refund(practice.id, 2, sold)), *practice.sales(1)]
    answer = send(core, till, practice, entries)
    assert answer.acknowledged_sequence == 4
    assert ledger.verify_receipt(answer.receipt, core.seals.public_key).till_id == practice.id
    assert core.count("sales", f"till_id = '{practice.id}'") == 0
    assert core.count("refunds", f"till_id = '{practice.id}'") == 0
    assert core.count("outbox") == events
    assert reader.GetTotals(pb.GetTotalsRequest(business_on=DAY)) == before
    assert reader.ListCashFloats(pb.ListCashFloatsRequest(business_on=DAY)) == floats
    kept = reader.ListEntries(pb.ListEntriesRequest(till_id=practice.id)).entries
    assert [entry.content for entry in kept] == [entry.content for entry in entries]
    listed = {each.till_id: each for each in reader.ListTills(pb.ListTillsRequest()).tills}
    assert (listed[practice.id].practice_of, listed[till.id].practice_of) == (till.id, "")


def test_a_training_chain_is_unknown_until_the_real_one_has_introduced_it(core, till, practice):
    entries = practice.sales(1)
    assert refusal(lambda: send(core, till, practice, entries)).reason == "FORBIDDEN"
    introduce(core, till, practice)
    assert send(core, till, practice, entries).acknowledged_sequence == 1


def test_no_other_till_may_send_it_and_it_is_signed_by_its_own_key(core, till, practice):
    introduce(core, till, practice)
    entries = practice.sales(1)
    assert refusal(lambda: send(core, core.enrol(), practice, entries)).reason == "FORBIDDEN"
    forged = TillJournal()
    forged.id, forged.head = practice.id, ledger.Head.start(practice.id)
    assert refusal(lambda: send(core, till, practice, forged.sales(1))).reason == "SIGNATURE_INVALID"


def test_a_till_cannot_introduce_the_chain_of_another_nor_take_a_real_one_for_training(core, till, practice):
    other = core.enrol()
    for training_till_id in (other.id, till.id, practice_of(other.id).id):
        wrong = change(practice, training_till_id=training_till_id)
        entry = TillJournal()
        entry.id, entry.key, entry.head = till.id, till.key, till.head
        error = refusal(lambda body=wrong, by=entry: core.append(till, [by.write(body.to_body(), "training")]))
        assert (error.reason, error.facts["field"]) == ("ENTRY_MALFORMED", "body.training_till_id")


def test_training_that_begins_again_keeps_the_chain_and_its_key(core, till, practice):
    introduce(core, till, practice)
    send(core, till, practice, practice.sales(2))
    introduce(core, till, practice, begins=False, cashier_id=None)
    introduce(core, till, practice)
    assert send(core, till, practice, practice.sales(1)).acknowledged_sequence == 3


def test_a_sale_of_training_in_the_real_chain_is_a_sale(core, till, practice):
    """What decides is the chain, not what an entry says of itself."""
    introduce(core, till, practice)
    core.append(till, [till.write(sale(order_number="E-T01-000001"))])
    assert core.count("sales", f"till_id = '{till.id}'") == 1
