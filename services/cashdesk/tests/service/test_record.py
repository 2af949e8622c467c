"""Sales without a till are sealed in virtual tills, once, in one chain per channel."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import ledger
from cashdesk import domain
from cashdesk.messages import sale_message
from kit.auth import CallerKind
from ticketing.cashdesk.v1 import cashdesk_service_pb2 as pb

from ..conftest import Core, new_id, refusal, sale


def web_sale(**changes: object) -> ledger.Sale:
    return sale(mode="card", channel="web", cashier_id=None, shift_id=None, **changes)


def record(core: Core, *sales: ledger.Sale) -> list[pb.RecordedSale]:
    request = pb.RecordSalesRequest(sales=[sale_message(one) for one in sales])
    return list(core.as_service().RecordSales(request).results)


def journal(core: Core, channel: str) -> list[ledger.SealedEntry]:
    till_id, stub, entries, after = domain.virtual_till_id(channel), core.as_user("cashdesk.view"), [], 1
    while page := stub.ListEntries(pb.ListEntriesRequest(till_id=till_id, from_sequence=after)).entries:
        entries += [ledger.SealedEntry(e.content, e.signature) for e in page]
        after = page[-1].sequence + 1
    return entries


def test_sales_are_sealed_numbered_and_told(core: Core) -> None:
    first, second = web_sale(), web_sale()
    results = record(core, first, second)
    assert [r.order_id for r in results] == [first.order_id, second.order_id]
    assert all(r.recorded and r.order_number.startswith("WEB-") for r in results)
    assert results[1].sequence == results[0].sequence + 1
    where = f"payload->'sale'->>'orderId' = '{first.order_id}' AND (payload->>'isVirtual')::boolean"
    assert core.count("outbox", where) == 1


def test_an_order_recorded_again_gets_its_first_answer(core: Core) -> None:
    sold = web_sale()
    assert record(core, sold) == record(core, sold)
    twice = record(core, other := web_sale(), other)
    assert twice[0] == twice[1]
    assert core.count("sales", f"order_id = '{other.order_id}'") == 1


def test_an_order_with_another_content_is_refused_and_nothing_is_sealed(core: Core) -> None:
    sold = web_sale()
    record(core, sold)
    other = replace(web_sale(), order_id=sold.order_id)
    assert [r.refusal for r in record(core, other)] == ["ORDER_REUSED"]
    assert core.count("sales", f"order_id = '{sold.order_id}'") == 1


def test_concurrent_callers_leave_one_unbroken_chain_and_numbers_without_gap(core: Core) -> None:
    """LAW-3, 5.4: sixteen callers, some with the same order; the chain verifies with the till's published key."""
    shared = [replace(web_sale(), channel="counter") for _ in range(20)]
    own = [replace(web_sale(), channel="counter") for _ in range(60)]
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda one: record(core, one)[0], [*shared, *own, *shared]))
    by_order: dict[str, set[str]] = {}
    for answer in answers:
        by_order.setdefault(answer.order_id, set()).add(answer.order_number)
    assert all(len(numbers) == 1 for numbers in by_order.values())
    assert sorted(n for (n,) in by_order.values()) == [f"CTR-{count:06d}" for count in range(1, 81)]
    tills = core.as_user("cashdesk.view").ListTills(pb.ListTillsRequest()).tills
    key = next(ledger.load_public(t.public_key) for t in tills if t.number == "CTR")
    entries = journal(core, "counter")
    assert len(entries) == 80
    assert list(ledger.verify_chain(entries, key)) == []


def test_a_sale_that_is_wrong_is_refused_alone(core: Core) -> None:
    good = web_sale()
    wrong_sum, till_channel = replace(web_sale(), total=1), replace(web_sale(), channel="till")
    nameless = replace(web_sale(), order_id="x")
    results = record(core, wrong_sum, good, till_channel, nameless)
    assert [(r.recorded, r.refusal, r.facts.get("field")) for r in results] == [
        (False, "SALE_INVALID", "total"), (True, "", None), (False, "SALE_INVALID", "channel"),
        (False, "SALE_INVALID", "order_id"),
    ]  # fmt: skip


def test_only_services_record_sales(core: Core) -> None:
    request = pb.RecordSalesRequest(sales=[sale_message(web_sale())])
    for kind in (CallerKind.USER, CallerKind.TILL):
        stub = core.as_caller(kind, new_id(), "cashdesk.append", "cashdesk.sell")
        assert refusal(lambda stub=stub: stub.RecordSales(request)).reason == "FORBIDDEN"


def test_a_changed_seal_key_seals_nothing(core: Core) -> None:
    from cashdesk.grpc_api import Recorder
    from cashdesk.seal import Seals
    from cashdesk.usecases.virtual import VirtualTills
    from kit.auth import Caller
    from kit.clock import now

    record(core, web_sale())
    service = Caller("orders", CallerKind.SERVICE, "orders", frozenset(), now())
    recorder = Recorder(core.sessions, VirtualTills(Seals(bytes(32)), "Europe/Paris"))
    before = core.count("entries")
    try:
        recorder.record_sales(service, [web_sale()], now())
    except domain.SealKeyChanged:
        assert core.count("entries") == before
    else:
        raise AssertionError("sealed with another key")


def test_a_virtual_till_takes_no_entries_from_outside(core: Core) -> None:
    record(core, web_sale())
    till_id = domain.virtual_till_id("web")
    stub = core.as_caller(CallerKind.TILL, till_id, "cashdesk.append")
    assert refusal(lambda: stub.AppendEntries(pb.AppendEntriesRequest(till_id=till_id))).reason == "TILL_UNKNOWN"
