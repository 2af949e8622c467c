"""Bodies of events: read fast, and exactly as protobuf reads them."""

import json

import pytest
from google.protobuf.json_format import MessageToDict, Parse, ParseError

from kit import event_json
from ticketing.cashdesk.v1.events_pb2 import SaleRecorded
from ticketing.catalog.v1.catalog_pb2 import PERFORMANCE_STATE_ON_SALE
from ticketing.catalog.v1.events_pb2 import PerformanceScheduled


def sale():
    event = SaleRecorded(till_id="t", sequence=2**40, hash=b"\xff" * 32, is_virtual=True)
    event.at.FromMilliseconds(1_790_000_000_123)
    event.sale.total = -3500
    event.sale.lines.add(line=1, label="Été", quantity=2, unit_price=1750)
    event.sale.lines.add(line=2, vat=182)
    return event


def performance():
    event = PerformanceScheduled()
    event.performance.id = "p"
    event.performance.state = PERFORMANCE_STATE_ON_SALE
    event.performance.starts_at.FromSeconds(1_790_000_000)
    return event


@pytest.mark.parametrize("event", [sale(), performance()], ids=["sale", "performance"])
def test_what_was_written_is_read_back_without_protobufs_own_reader(event, monkeypatch):
    monkeypatch.setattr(event_json, "ParseDict", None)
    assert event_json.read(type(event), MessageToDict(event)) == event


@pytest.mark.parametrize("event", [sale(), performance()], ids=["sale", "performance"])
def test_bodies_are_written_as_protobuf_writes_them(event):
    assert event_json.write(event) == MessageToDict(event)


def test_the_sale_of_every_order_is_written_without_protobufs_own_writer(monkeypatch):
    expected = MessageToDict(sale())
    monkeypatch.setattr(event_json, "MessageToDict", None)
    assert event_json.write(sale()) == expected


@pytest.mark.parametrize(
    "text",
    [
        '{"till_id":"by its own name","sequence":3}',
        '{"tillId":"a","notKnownHere":{"x":1},"sequence":"7"}',
        '{"sequence":3.0,"sale":null}',
        '{"hash":"_-8="}',
        '{"hash":"_-_-/w=="}',
        '{"sale":{"lines":[{"quantity":"2"}]}}',
    ],
)
def test_what_others_may_write_is_read_as_protobuf_reads_it(text):
    assert event_json.read(SaleRecorded, json.loads(text)) == Parse(text, SaleRecorded(), ignore_unknown_fields=True)


@pytest.mark.parametrize("text", ['{"sequence":1.5}', '{"at":"yesterday"}', "7", '{"hash":5}'])
def test_what_is_no_event_is_refused(text):
    with pytest.raises(ParseError):
        event_json.read(SaleRecorded, json.loads(text))
