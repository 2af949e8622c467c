"""Events in messages: whatever is packed comes out as it was, in its order."""

import json
import uuid
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.envelope import MOST_BYTES, MOST_EVENTS, pack, unpack

AT = datetime(2026, 11, 26, 12, 0, 0, 5, tzinfo=UTC)
subjects = st.sampled_from(["orders.order.completed.v1", "cashdesk.sale.recorded.v1"])
bodies = st.dictionaries(st.text(max_size=5), st.text(max_size=20) | st.integers(), max_size=3)


def row(subject="orders.order.completed.v1", body=None, trace=None, padding=0):
    payload = json.dumps(body or {"label": "Été" + "x" * padding}, ensure_ascii=False)
    return {"event_id": uuid.uuid4(), "subject": subject, "payload": payload, "traceparent": trace, "recorded_at": AT}


@given(st.lists(st.builds(row, subjects, bodies, st.none() | st.just("00-1-2-01")), max_size=250))
def test_what_is_packed_is_unpacked_in_order_with_ids_traces_and_bodies(rows):
    messages = list(pack(rows, "/orders"))
    told = [(m.subject, each) for m in messages for each in unpack(m.headers, m.body)]
    assert [(subject, e.event_id, e.traceparent, e.data, e.time) for subject, e in told] == [
        (r["subject"], str(r["event_id"]), r["traceparent"], json.loads(r["payload"]), AT.isoformat()) for r in rows
    ]


def test_a_crowd_of_one_subject_travels_in_few_messages_and_another_subject_starts_a_new_one():
    rows = [row() for _ in range(MOST_EVENTS + 1)] + [row("cashdesk.sale.recorded.v1")]
    assert [len(unpack(m.headers, m.body)) for m in pack(rows, "/orders")] == [MOST_EVENTS, 1, 1]


def test_large_bodies_stay_below_what_nats_takes():
    messages = list(pack([row(padding=MOST_BYTES // 2) for _ in range(7)], "/orders"))
    assert sum(len(unpack(m.headers, m.body)) for m in messages) == 7
    assert max(len(m.body) for m in messages) < 1024 * 1024


def test_the_same_events_packed_otherwise_are_another_message_to_jetstream():
    first, second = row(), row()
    (together,) = pack([first, second], "/orders")
    (alone,) = pack([first], "/orders")
    assert together.headers["Nats-Msg-Id"] != alone.headers["Nats-Msg-Id"]


def test_one_event_by_itself_says_in_its_headers_what_it_is():
    event = row(trace="00-1-2-01")
    (message,) = pack([event], "/orders")
    assert message.headers["ce-id"] == str(event["event_id"])
    assert message.headers["ce-type"] == event["subject"]
    assert message.body.decode() == event["payload"]


@pytest.mark.parametrize("body", [b"", b"{", b'[{"id": "1"}]'])
def test_what_is_no_message_of_ours_is_refused(body):
    with pytest.raises((ValueError, KeyError)):
        unpack({"content-type": "application/cloudevents-batch+json"}, body)
