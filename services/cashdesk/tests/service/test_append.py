"""A till's journal arrives whole, once, and from nobody else (LAW-2, LAW-3, LAW-6)."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import psycopg
import pytest

import ledger
from cashdesk import store
from kit.clock import now
from ticketing.cashdesk.v1 import cashdesk_service_pb2 as pb

from ..conftest import ROOT, Core, TillJournal, line, message, new_id, refusal, sale


def test_entries_are_kept_acknowledged_and_countersigned(core: Core, till: TillJournal) -> None:
    """LAW-6: the receipt proves that the centre holds the range."""
    entries = till.sales(3)
    answer = core.append(till, entries)
    assert answer.acknowledged_sequence == 3
    receipt = ledger.verify_receipt(answer.receipt, core.seals.public_key)
    assert (receipt.till_id, receipt.first, receipt.last, receipt.count) == (till.id, 1, 3, 3)
    assert receipt.hash == entries[-1].hash
    kept = core.as_user("cashdesk.view").ListEntries(pb.ListEntriesRequest(till_id=till.id)).entries
    assert [(e.content, e.signature) for e in kept] == [(e.content, e.signature) for e in entries]
    assert core.count("outbox", f"payload->>'tillId' = '{till.id}'") == 3


def test_a_till_gets_the_key_of_receipts_with_the_word_of_the_root(core: Core, till: TillJournal) -> None:
    """LAW-6: whoever holds the root can verify what the centre acknowledged."""
    told = core.as_till(till).GetReceiptKey(pb.GetReceiptKeyRequest())
    key = ledger.certified_centre_key(told.public_key, told.certificate, ROOT.public_key())
    assert ledger.verify_receipt(core.append(till, till.sales(1)).receipt, key).last == 1
    assert refusal(lambda: core.as_user("cashdesk.view").GetReceiptKey(pb.GetReceiptKeyRequest())).reason == "FORBIDDEN"


def test_three_hundred_entries_sent_again_change_nothing_and_get_the_same_answer(core: Core, till: TillJournal) -> None:
    entries = till.sales(300)
    first, second = core.append(till, entries), core.append(till, entries)
    assert first == second
    assert first.acknowledged_sequence == 300
    assert core.count("entries", f"till_id = '{till.id}'") == 300
    assert core.count("outbox", f"payload->>'tillId' = '{till.id}'") == 300


def test_a_batch_that_overlaps_what_is_known_adds_only_the_rest(core: Core, till: TillJournal) -> None:
    entries = till.sales(10)
    core.append(till, entries[:6])
    assert core.append(till, entries[3:]).acknowledged_sequence == 10
    assert core.count("entries", f"till_id = '{till.id}'") == 10


def test_two_calls_with_the_same_batch_at_once_keep_it_once(core: Core, till: TillJournal) -> None:
    entries = till.sales(40)
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda _: core.append(till, entries), range(2)))
    assert answers[0] == answers[1]
    assert core.count("entries", f"till_id = '{till.id}'") == 40
    assert core.count("sales", f"till_id = '{till.id}'") == 40


def test_a_forged_signature_is_refused_and_what_came_before_is_kept(core: Core, till: TillJournal) -> None:
    good, bad = till.write(sale()), till.write(sale())
    stranger = ledger.generate_key()
    forged = ledger.SealedEntry(bad.content, ledger.sign(stranger, b"ticketing ledger v1\n" + bad.content))
    error = refusal(lambda: core.append(till, [good, message(2, forged)]))
    assert error.reason == "SIGNATURE_INVALID"
    assert error.facts["acknowledged_sequence"] == "1"
    assert core.append(till, [good, bad]).acknowledged_sequence == 2


def test_a_gap_is_refused_with_the_entry_that_is_expected(core: Core, till: TillJournal) -> None:
    entries = till.sales(4)
    core.append(till, entries[:1])
    error = refusal(lambda: core.append(till, entries[2:]))
    assert (error.reason, error.facts["expected"]) == ("JOURNAL_GAP", "2")
    error = refusal(lambda: core.append(till, [entries[1], entries[3]]))
    assert (error.reason, error.facts["expected"]) == ("JOURNAL_GAP", "3")


def test_a_fork_freezes_the_till_until_a_person_decides(core: Core, till: TillJournal) -> None:
    """domain.md 5.3: same number, other content."""
    copy = TillJournal()
    copy.id, copy.key, copy.head = till.id, till.key, till.head
    core.append(till, [till.write(sale())])
    other = copy.write(sale())
    assert refusal(lambda: core.append(till, [other])).reason == "JOURNAL_FORK"
    assert refusal(lambda: core.append(till, [till.write(sale())])).reason == "TILL_FROZEN"
    shown = core.as_user("cashdesk.view").ListTills(pb.ListTillsRequest()).tills
    assert next(t for t in shown if t.till_id == till.id).frozen
    assert core.count("incidents", f"till_id = '{till.id}' AND reason = 'JOURNAL_FORK'") == 1


def test_noise_in_place_of_a_known_entry_does_not_freeze_the_till(core: Core, till: TillJournal) -> None:
    known = till.write(sale())
    core.append(till, [known])
    noise = message(1, ledger.SealedEntry(known.content + b" ", known.signature))
    assert refusal(lambda: core.append(till, [noise])).reason == "SIGNATURE_INVALID"
    assert core.append(till, [till.write(sale())]).acknowledged_sequence == 2


def test_an_entry_that_names_another_past_is_refused_and_noted(core: Core, till: TillJournal) -> None:
    core.append(till, [till.write()])
    broken = till.write(previous_hash=bytes(32))
    assert refusal(lambda: core.append(till, [broken])).reason == "CHAIN_BROKEN"
    assert core.count("incidents", f"till_id = '{till.id}' AND reason = 'CHAIN_BROKEN'") == 1


@pytest.mark.parametrize(
    ("spoil", "field"),
    [
        (lambda body: {**body, "total": body["total"] + 1}, "body.total"),
        (lambda body: {**body, "tip": 100}, "body.tip"),
        (lambda body: {name: value for name, value in body.items() if name != "vat"}, "body.vat"),
        (lambda body: {**body, "payments": []}, "body.payments"),
        (lambda body: {**body, "lines": [{**body["lines"][0], "vat": 1}]}, "body.lines[0].vat"),
    ],
)
def test_a_sealed_sale_that_does_not_add_up_is_refused_by_field(core: Core, till: TillJournal, spoil, field) -> None:  # type: ignore[no-untyped-def]
    entry = till.write(spoil(sale().to_body()), kind="sale")
    error = refusal(lambda: core.append(till, [entry]))
    assert (error.reason, error.facts["field"]) == ("ENTRY_MALFORMED", field)
    assert core.count("entries", f"till_id = '{till.id}'") == 0


def test_an_order_is_not_sold_twice_in_journals(core: Core, till: TillJournal) -> None:
    sold = sale()
    core.append(till, [till.write(sold)])
    error = refusal(lambda: core.append(till, [till.write(sold)]))
    assert (error.reason, error.facts["field"]) == ("ENTRY_MALFORMED", "body.order_id")


def test_an_envelope_that_contradicts_its_bytes_is_refused(core: Core, till: TillJournal) -> None:
    entry = till.write()
    entry.hash = bytes(32)
    assert refusal(lambda: core.append(till, [entry])).reason == "ENTRY_MALFORMED"


def test_a_till_speaks_only_for_itself(core: Core, till: TillJournal) -> None:
    other = core.enrol()
    request = pb.AppendEntriesRequest(till_id=till.id, entries=[till.write()])
    assert refusal(lambda: core.as_till(other).AppendEntries(request)).reason == "FORBIDDEN"
    assert refusal(lambda: core.as_user("cashdesk.append").AppendEntries(request)).reason == "FORBIDDEN"
    assert refusal(lambda: core.append(till, [other.write()])).reason == "SIGNATURE_INVALID"


def test_a_till_without_the_right_is_refused(core: Core, till: TillJournal) -> None:
    from kit.auth import CallerKind

    stub = core.as_caller(CallerKind.TILL, till.id)
    assert refusal(lambda: stub.AppendEntries(pb.AppendEntriesRequest(till_id=till.id))).reason == "FORBIDDEN"


def test_an_unknown_and_a_revoked_till_are_refused(core: Core, till: TillJournal) -> None:
    assert refusal(lambda: core.append(TillJournal(), [])).reason == "TILL_UNKNOWN"
    with core.sessions.begin() as session:
        store.revoke_till(session, till.id, now())
    assert refusal(lambda: core.append(till, [till.write()])).reason == "TILL_REVOKED"


def test_more_than_500_entries_or_entries_out_of_order_are_refused(core: Core, till: TillJournal) -> None:
    entry = till.write()
    assert refusal(lambda: core.append(till, [entry] * 501)).facts["field"] == "entries"
    assert refusal(lambda: core.append(till, [entry, entry])).facts["field"] == "entries[1].sequence"
    assert (
        refusal(lambda: core.as_till(till).AppendEntries(pb.AppendEntriesRequest(till_id="T01"))).facts["field"]
        == "till_id"
    )


def test_the_clock_offset_is_measured_and_shown(core: Core, till: TillJournal) -> None:
    request = pb.AppendEntriesRequest(till_id=till.id)
    request.till_time.FromDatetime(now() + timedelta(minutes=3))
    answer = core.as_till(till).AppendEntries(request)
    assert 170_000 < answer.clock_offset_ms <= 180_000
    shown = core.as_user("cashdesk.view").ListTills(pb.ListTillsRequest()).tills
    assert next(t for t in shown if t.till_id == till.id).clock_offset_ms == answer.clock_offset_ms


def test_a_float_opened_sold_from_and_closed_is_counted(core: Core, till: TillJournal) -> None:
    """E: expected is the opening and the cash taken; the closing may come from another till, and first."""
    float_id, cashier, other = new_id(), new_id(), core.enrol()
    opened = ledger.FloatOpened(float_id, cashier, "2026-11-24", "EUR", {5000: 2}, 10000)
    closed = ledger.FloatClosed(float_id, cashier, "2026-11-24", "EUR", {5000: 2, 200: 10}, 12400, 12000, -400)
    core.append(other, [other.write(closed.to_body(), "float_closed")])
    cash = sale(cash_float_id=float_id, business_on="2026-11-24")
    card = replace(sale(mode="card"), cash_float_id=float_id, business_on="2026-11-24")
    core.append(till, [till.write(opened.to_body(), "float_opened"), till.write(cash), till.write(card)])
    request = pb.ListCashFloatsRequest(business_on="2026-11-24")
    shown = core.as_user("cashdesk.view").ListCashFloats(request).cash_floats[0]
    assert (shown.opening_total, shown.cash_sales, shown.expected) == (10000, 2400, 12400)
    assert (shown.closed, shown.counted, shown.difference, shown.till_id) == (True, 12000, -400, till.id)


def test_the_day_is_summed_from_the_sealed_sales(core: Core, till: TillJournal) -> None:
    lines = (line(1, quantity=3, unit_price=1000, rate_bp=1000), line(2, quantity=1, unit_price=0, rate_bp=550))
    core.append(till, [till.write(sale(*lines, business_on="2026-01-02"))])
    request = pb.GetTotalsRequest(business_on="2026-01-02")
    totals = core.as_user("cashdesk.view").GetTotals(request)
    assert (totals.sales, totals.total, totals.admissions, totals.currency) == (1, 3000, 4, "EUR")
    assert [(v.rate_bp, v.net, v.vat) for v in totals.vat] == [(550, 0, 0), (1000, 2727, 273)]
    assert [(p.mode, p.amount) for p in totals.payments] == [("cash", 3000)]
    assert (
        refusal(lambda: core.as_user("cashdesk.view").GetTotals(pb.GetTotalsRequest(business_on="2/1"))).facts["field"]
        == "business_on"
    )
    assert refusal(lambda: core.as_user().GetTotals(request)).reason == "FORBIDDEN"


@pytest.mark.parametrize("table", ["entries", "receipts", "incidents", "sales", "sale_payments", "sale_vat"])
@pytest.mark.parametrize("statement", ["DELETE FROM {}", "UPDATE {} SET {} = NULL", "TRUNCATE {}"])
def test_the_program_itself_can_neither_change_nor_delete_what_is_kept(core: Core, table: str, statement: str) -> None:
    """LAW-2: the application's role has no such privilege."""
    column = {"sale_vat": "order_id", "sale_payments": "order_id", "sales": "order_id"}.get(table, "till_id")
    url = core.engine.url.render_as_string(hide_password=False).replace("+psycopg", "")
    with psycopg.connect(url) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute(statement.format(table, column))
