"""Numbered seats sold in the running suite: named ones and the best ones, on pages and paper, audited (G1, G4)."""

import gzip
import io
import json
import uuid
from datetime import timedelta

import grpc
import pypdfium2
import pytest
from playwright.sync_api import Page, expect

from kit.clock import now
from kit.grpc_client import channel
from kit.grpc_errors import from_rpc_error
from seating import read_plan
from suite.demo.centre import id_of
from suite.demo.programme import CARMEN, FULL, SEATED_PRICES
from ticketing.catalog.v1 import catalog_service_pb2 as catalog_pb
from ticketing.orders.v1 import orders_service_pb2 as orders_pb
from ticketing.orders.v1.orders_service_pb2_grpc import OrdersServiceStub

from .conftest import screenshot
from .running import RunningSuite
from .test_programming import programme, sign_in, token_of

pytestmark = pytest.mark.e2e

SELLER = "admin"
BEST, NAMED = "1", "2"  # categories of the theatre


@pytest.fixture
def carmen(running_suite: RunningSuite):
    """A numbered performance of the demo, and its plan."""
    catalog = programme(running_suite, token_of(running_suite, SELLER))
    to_on = (now() + timedelta(days=28)).date().isoformat()
    asked = catalog_pb.ListPerformancesRequest(show_id=id_of("show", CARMEN), to_on=to_on)
    found = catalog.ListPerformances(asked).performances[-1]
    version = catalog.GetPlanVersion(catalog_pb.GetPlanVersionRequest(plan_version_id=found.plan_version_id))
    return found, read_plan(json.loads(gzip.decompress(version.content)))


def basket(performance_id: str, named: list[int]) -> orders_pb.CheckoutRequest:
    """Two named seats, and the three best together of a dearer category."""
    asked = orders_pb.CheckoutRequest(request_id=str(uuid.uuid4()), channel="counter")
    for category, quantity, seats in ((NAMED, len(named), named), (BEST, 3, [])):
        asked.lines.add(
            performance_id=performance_id, tariff_id=id_of("tariff", FULL), category_id=id_of("category", category),
            quantity=quantity, seats=seats, together=not seats,
        )  # fmt: skip
    asked.payments.add(mode="card", amount=len(named) * SEATED_PRICES[NAMED][FULL] + 3 * SEATED_PRICES[BEST][FULL])
    return asked


def test_seats_are_sold_shown_printed_and_audited(page: Page, running_suite: RunningSuite, carmen):
    performance, plan = carmen
    token = token_of(running_suite, SELLER)
    orders = OrdersServiceStub(channel(running_suite.machine.target("orders"), token=lambda: token))
    in_category = [plan.ordinals[seat.id] for seat in plan.seats() if seat.category == NAMED and not seat.traits]
    named = [in_category[-1], in_category[-2]]

    order = orders.Checkout(basket(performance.id, named)).order

    assert [ticket.seat.ordinal for ticket in order.tickets][:2] == named
    assert len({(ticket.seat.zone, ticket.seat.row) for ticket in order.tickets[2:]}) == 1
    with pytest.raises(grpc.RpcError) as refused:
        orders.Checkout(basket(performance.id, named))
    assert from_rpc_error(refused.value).reason == "SEAT_TAKEN"

    sign_in(page, running_suite, SELLER)
    page.goto(f"{running_suite.url('back office')}/orders/{order.id}")
    for ticket in order.tickets:
        words = f"{ticket.seat.zone} · {ticket.seat.row} {ticket.seat.label}"
        expect(page.get_by_role("cell", name=words)).to_be_visible()
    screenshot(page, "numbered order")
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    screenshot(page, "numbered order narrow")

    printed = orders.RenderTickets(orders_pb.RenderTicketsRequest(order_id=order.id)).pdf
    with pypdfium2.PdfDocument(io.BytesIO(printed)) as document:
        papers = [" ".join(paper.get_textpage().get_text_bounded().split()) for paper in document]
    assert len(papers) == 5
    for paper, ticket in zip(papers, order.tickets, strict=True):
        assert all(word in paper for word in ("Rang", "Place", ticket.seat.zone, ticket.seat.row, ticket.seat.label))
    assert running_suite.audit() == []
