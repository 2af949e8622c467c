"""B3, B4: what was read and said at a till is kept, and only what was said is told, without a name."""

import json
from typing import Any

import ledger
from ticketing.cashdesk.v1 import cashdesk_service_pb2 as pb

from ..conftest import Core, TillJournal, new_id, sale

SHOW = new_id()
READ = ledger.MessageAcknowledged(new_id(), new_id(), "m1", "Vestiaire fermé")
SAID = ledger.SurveyAnswered(
    "2026-11-23", (SHOW,),
    (ledger.Answer("q1", "Code postal ?", ledger.QuestionKind.POSTCODE, "75011"),
     ledger.Answer("q2", "Comment ?", ledger.QuestionKind.CHOICE, None)),
)  # fmt: skip


def told(core: Core, subject: str) -> list[Any]:
    with core.engine.connect() as connection:
        rows = connection.exec_driver_sql("SELECT payload FROM outbox WHERE subject = %s", (subject,))
        return [row[0] for row in rows]


def test_answers_are_told_without_till_order_or_instant(core: Core, till: TillJournal) -> None:
    entries = [till.write(sale()), till.write(SAID.to_body()), till.write(READ.to_body())]
    assert core.append(till, entries).acknowledged_sequence == 3
    (event,) = told(core, "cashdesk.survey.answered.v1")
    assert event["answers"] == [
        {"questionId": "q1", "question": "Code postal ?", "kind": "postcode", "answer": "75011"},
        {"questionId": "q2", "question": "Comment ?", "kind": "choice"},
    ]
    assert set(event) == {"businessOn", "showIds", "answers"}
    assert till.id not in json.dumps(event)


def test_a_remark_of_a_later_release_is_kept_and_stops_no_journal(core: Core, till: TillJournal) -> None:
    later = [SAID.to_body() | {"mood": "good"}, {"event": "coffee_spilt"}, {}]
    entries = [till.write(body) for body in later]
    assert core.append(till, entries).acknowledged_sequence == 3


def test_answers_given_in_training_are_told_to_nobody(core: Core, till: TillJournal) -> None:
    before = len(told(core, "cashdesk.survey.answered.v1"))
    practice = TillJournal()
    key = ledger.public_bytes(practice.key).hex()
    practice.id = ledger.training_till_id(till.id, key)
    practice.head = ledger.Head.start(practice.id)
    change = ledger.TrainingChange(True, practice.id, "E-T01", key, None)
    core.append(till, [till.write(change.to_body(), "training")])
    entry = practice.write(SAID.to_body())
    core.as_till(till).AppendEntries(pb.AppendEntriesRequest(till_id=practice.id, entries=[entry]))
    assert len(told(core, "cashdesk.survey.answered.v1")) == before
