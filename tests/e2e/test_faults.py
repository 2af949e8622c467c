"""What goes wrong in an evening gets a clear answer and loses nothing."""

import json
import uuid

import pytest

from kit.testing import eventually
from suite.audit import services_of
from ticketing.orders.v1 import orders_service_pb2 as orders_pb

from .own_till import own_till
from .running import LUCAS_PIN, Refused

pytestmark = pytest.mark.e2e


@pytest.fixture
def till(running_suite):
    till = running_suite.till()
    till.sign_in("Lucas Bernard", LUCAS_PIN)
    return till


def refusal(call, *arguments):
    with pytest.raises(Refused) as caught:
        call(*arguments)
    return caught.value


def test_a_wrong_pin_is_told_and_too_many_are_made_to_wait(running_suite, tmp_path):
    """M3: throttled, and said so. On a till of its own: on the suite's, other tests would have to wait with her."""
    with own_till(running_suite.machine, tmp_path / "till") as it:
        till = it.page
        ines = next(c for c in till.get("/api/cashiers")["cashiers"] if c["name"] == "Inès Garnier")
        answers = [refusal(till.post, "/api/sign-in", {"cashier_id": ines["id"], "pin": "1111"}) for _ in range(6)]
        assert answers[0].reason == "PIN_WRONG"
        assert answers[-1].reason == "PIN_THROTTLED"
        assert int(answers[-1].problem["facts"]["retry_seconds"]) > 0
        assert refusal(till.post, "/api/sign-in", {"cashier_id": ines["id"], "pin": "9054"}).reason == "PIN_THROTTLED"


def test_a_quantity_out_of_range_is_refused_with_its_field(till):
    key = till.key("Carte postale")
    for quantity in (0, -1, 10**9, "2; DROP TABLE sales"):
        items = [{**key["items"][0], "quantity": quantity}]
        assert refusal(till.post, "/api/sales", till.sale(key, items=items)).status == 400


def test_a_price_that_is_not_the_catalogues_is_refused(till):
    key = till.key("Carte postale")
    payment = {"mode": "cash", "amount": 1, "tendered": 1}
    sale = till.sale(key, expected_total=1, payments=[payment])
    assert refusal(till.post, "/api/sales", sale).reason == "PRICE_CHANGED"


def test_a_sale_asked_twice_is_made_once(till):
    key = till.key("Carte postale")
    sale = till.sale(key)
    assert till.post("/api/sales", sale)["order_number"] == till.post("/api/sales", sale)["order_number"]


def test_an_unknown_barcode_is_answered_in_words(till):
    for code in ("", "HELLO", "0" * 154, "🎫" * 20):
        answer = (
            till.post("/api/tickets/check", {"code": code})
            if code
            else refusal(till.post, "/api/tickets/check", {"code": code}).problem
        )
        assert answer.get("colour") in ("red", "amber", None)
        assert answer.get("reason")


def test_a_printer_that_is_off_loses_no_ticket(running_suite, till):
    """C1, R4: the sale stands, the ticket waits, and comes out when the printer is back."""
    key = till.key("Festival", "Plein")
    before = running_suite.paper_ids("ticket")
    running_suite.fault("ticket", "off")
    try:
        number = till.sell(key)["order_number"]
        eventually(
            lambda: [j for j in till.get("/api/jobs?state=open")["jobs"] if j["order_number"] == number], seconds=30
        )
    finally:
        running_suite.fault("ticket", "none")
    for job in till.get("/api/jobs?state=open")["jobs"]:
        if job["state"] == "failed" and job["order_number"] == number:
            till.post(f"/api/jobs/{job['id']}/retry")
    eventually(lambda: running_suite.paper_ids("ticket") - before, seconds=60)


def test_with_nats_hanging_the_outbox_waits_and_then_everything_arrives(running_suite, till):
    services = services_of(running_suite.machine)
    with running_suite.paused("nats"):
        order_id = till.sell(till.key("Carte postale"))["order_id"]
        eventually(lambda: till.get("/api/state")["waiting_entries"] == 0, seconds=60)
        assert order_id not in all_orders(services)
    eventually(lambda: order_id in all_orders(services), seconds=60)
    assert running_suite.audit() == []


def test_with_the_database_hanging_the_till_goes_on_selling(running_suite, till):
    """D2: the till never waits for the network."""
    services = services_of(running_suite.machine)
    key = till.key("Festival", "Plein")
    with running_suite.paused("postgres"):
        sold = [till.sell(key)["order_id"] for _ in range(3)]
    eventually(lambda: set(sold) <= all_orders(services), seconds=90)
    assert running_suite.audit() == []


def test_a_forged_entry_is_refused_and_the_journal_goes_on(running_suite, till):
    """LAW-3: only the till's key seals its journal."""
    from kit.grpc_errors import from_rpc_error
    from ticketing.cashdesk.v1 import cashdesk_service_pb2 as pb

    services = services_of(running_suite.machine)
    journal = next(t for t in services.cashdesk.ListTills(pb.ListTillsRequest()).tills if t.number == "T01")
    last = services.cashdesk.ListEntries(
        pb.ListEntriesRequest(till_id=journal.till_id, from_sequence=journal.last_sequence)
    )
    entry = last.entries[0]
    body = json.loads(entry.content)
    body["seq"] += 1
    forged = pb.SealedEntry(
        sequence=body["seq"], content=json.dumps(body, sort_keys=True, separators=(",", ":")).encode(),
        signature=entry.signature, algorithm=entry.algorithm,
    )  # fmt: skip
    with pytest.raises(Exception) as caught:  # noqa: PT011 - its reason is looked at below
        services.cashdesk.AppendEntries(pb.AppendEntriesRequest(till_id=journal.till_id, entries=[forged]))
    assert from_rpc_error(caught.value).reason == "SIGNATURE_INVALID"
    till.sell(till.key("Carte postale"))
    assert running_suite.audit() == []


def all_orders(services):
    today = orders_pb.SearchOrdersRequest(page_size=500)
    return {order.id for order in services.orders.SearchOrders(today).orders}


def test_an_unknown_request_of_the_till_is_a_problem_in_words(till):
    answer = refusal(till.post, "/api/sales", {"request_id": str(uuid.uuid4()), "surprise": True})
    assert answer.status == 400
    assert answer.problem["title"]
