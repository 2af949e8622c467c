"""B3, B4: what was read and what was said at a till, in entries that every centre keeps."""

import uuid
from datetime import UTC, datetime

import pytest

import ledger

TILL = "6f1c9f5e-3a0b-4c57-9d5e-0a1b2c3d4e5f"
STARTED = datetime(2026, 11, 23, 22, 51, 30, tzinfo=UTC)


def an_id(name):
    return str(uuid.uuid5(uuid.NAMESPACE_URL, name))


READ = ledger.MessageAcknowledged(an_id("cashier"), an_id("shift"), "m1", "Vérifier les cartes d’étudiant")
SAID = ledger.SurveyAnswered(
    "2026-11-23", (an_id("show"),),
    (ledger.Answer("q1", "Code postal ?", ledger.QuestionKind.POSTCODE, "75011"),
     ledger.Answer("q2", "D’où venez-vous ?", ledger.QuestionKind.TEXT, None)),
)  # fmt: skip


@pytest.mark.parametrize("remark", [READ, SAID])
def test_a_remark_is_read_back_from_its_entry(remark, till_key):
    body = remark.to_body()
    sealed = ledger.seal(ledger.Entry(TILL, 1, STARTED, 0, ledger.Kind.TECHNICAL, ledger.genesis(TILL), body), till_key)
    entry = ledger.open_sealed(sealed.bytes, sealed.signature, till_key.public_key())
    assert ledger.read_remark(entry.body) == remark


def test_answers_name_neither_order_nor_person():
    assert set(SAID.to_body()) == {"event", "business_on", "show_ids", "answers"}


@pytest.mark.parametrize(
    "body",
    [
        {"event": "start", "version": "0.1.0"},
        {},
        READ.to_body() | {"said_by_a_later_release": True},
        SAID.to_body() | {"show_ids": ["not an id"]},
        SAID.to_body() | {"show_ids": "all"},
        SAID.to_body() | {"show_ids": [an_id("show")] * 101},
        {"event": ["message_acknowledged"]},
    ],
)
def test_what_this_release_does_not_know_is_no_remark_and_no_fault(body):
    assert ledger.read_remark(body) is None
