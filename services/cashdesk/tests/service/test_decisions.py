"""What a person decided of places sold twice is sealed like a sale: once, with its author and reason (domain 5.6)."""

from dataclasses import replace
from typing import Any

import ledger
from cashdesk import domain
from ticketing.cashdesk.v1 import cashdesk_service_pb2 as pb

from ..conftest import Core, new_id, refusal
from .test_record import journal, record, web_sale


def counter_sale() -> ledger.Sale:
    return replace(web_sale(), channel="counter")


def decision(**changes: Any) -> pb.RecordDecisionRequest:
    ticket = pb.DecidedTicket(key_id=9, serial=17, order_id=new_id(), fate="keeps")
    facts: dict[str, Any] = {
        "request_id": new_id(), "conflict_id": new_id(), "decided": "refund", "author_id": new_id(),
        "author_name": "Claire", "reason": "Premier vendu", "performance_id": new_id(), "tickets": [ticket],
    }  # fmt: skip
    return pb.RecordDecisionRequest(**facts | changes)


def test_a_decision_is_sealed_once_in_the_chain_of_the_counter(core: Core) -> None:
    record(core, counter_sale())
    request = decision()
    answer = core.as_service().RecordDecision(request)
    assert core.as_service().RecordDecision(request) == answer
    record(core, counter_sale())
    sealed = journal(core, "counter")
    tills = core.as_user("cashdesk.view").ListTills(pb.ListTillsRequest()).tills
    key = next(ledger.load_public(till.public_key) for till in tills if till.till_id == answer.till_id)
    entry = ledger.open_sealed(sealed[answer.sequence - 1].bytes, sealed[answer.sequence - 1].signature, key)
    assert answer.till_id == domain.virtual_till_id("counter")
    assert entry.kind is ledger.Kind.DECISION
    assert ledger.Decision.from_body(entry.body).reason == "Premier vendu"
    assert list(ledger.verify_chain(sealed, key)) == []


def test_a_decision_says_why_and_only_services_seal_one(core: Core) -> None:
    assert refusal(lambda: core.as_service().RecordDecision(decision(reason=""))).facts["field"] == "reason"
    assert refusal(lambda: core.as_service().RecordDecision(decision(decided="forgotten"))).reason == "FIELD_INVALID"
    assert refusal(lambda: core.as_user("orders.refund").RecordDecision(decision())).reason == "FORBIDDEN"
