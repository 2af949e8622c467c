"""A seat sold elsewhere changes on a plan that is open in the back office (G7)."""

import uuid

import pytest
from playwright.sync_api import Browser, Page, expect

from bench.inventory import numbered
from kit.grpc_client import channel, service_tokens
from kit.testing import eventually
from seating.generate import theatre
from ticketing.inventory.v1 import inventory_service_pb2 as pb
from ticketing.inventory.v1.inventory_service_pb2_grpc import InventoryServiceStub

from .conftest import screenshot
from .running import RunningSuite
from .test_programming import sign_in
from .test_seat_map import colour_at, counted

pytestmark = pytest.mark.e2e

PLAN = theatre()


def inventory(suite: RunningSuite) -> InventoryServiceStub:
    token = service_tokens(suite.machine.secrets["service_secret"], "shop")
    return InventoryServiceStub(channel(suite.machine.target("inventory"), token=token))


@pytest.fixture(scope="module")
def performance(running_suite: RunningSuite) -> str:
    return numbered(running_suite.machine, PLAN)


@pytest.fixture
def manager(browser: Browser, running_suite: RunningSuite, performance: str):
    """The page of the performance's plan version, its map told to follow the performance."""
    context = browser.new_context(viewport={"width": 1280, "height": 800}, locale="fr-FR")
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: message.type == "error" and complaints.append(message.text))
    sign_in(page, running_suite, "programmation")
    status = pb.GetSeatStatusRequest(performance_id=performance)
    version_id = inventory(running_suite).GetSeatStatus(status).plan_version_id
    page.goto(f"{running_suite.url('back office')}/catalog/plans/versions/{version_id}")
    page.evaluate("""live => {
      const map = document.querySelector('tk-seat-map')
      map.setAttribute('status-url', `${live}/seats`)
      map.setAttribute('events-url', `${live}/events`)
    }""", f"{running_suite.url('live')}/live/performances/{performance}")  # fmt: skip
    expect(page.locator("tk-seat-map .live:not(.off)")).to_be_visible()
    yield page
    assert [words for words in complaints if "ERR_" not in words] == []
    context.close()


def sell(suite: RunningSuite, performance: str, *seats: int) -> None:
    """Somebody at another counter."""
    line = pb.HoldLine(performance_id=performance, quantity=len(seats), seats=seats)
    hold = pb.HoldRequest(hold_id=str(uuid.uuid4()), lines=[line])
    (held,) = inventory(suite).HoldPlaces(pb.HoldPlacesRequest(holds=[hold])).results
    (sold,) = inventory(suite).ConfirmHolds(pb.ConfirmHoldsRequest(hold_ids=[held.hold_id])).results
    assert sold.granted


def test_a_seat_sold_elsewhere_changes_on_an_open_plan(manager: Page, running_suite: RunningSuite, performance: str):
    free = colour_at(manager, 5)
    sell(running_suite, performance, 5, 6)
    eventually(lambda: colour_at(manager, 5) != free, seconds=20)
    expect(counted(manager, "Vendue")).to_have_text("2")
    screenshot(manager, "live-plan")


def test_a_plan_stays_live_through_a_crash_of_the_gateway(manager: Page, running_suite: RunningSuite, performance: str):
    free = colour_at(manager, 15)
    running_suite.kill("live")
    sell(running_suite, performance, 15)
    eventually(lambda: colour_at(manager, 15) != free, seconds=20)
    expect(manager.locator("tk-seat-map .live:not(.off)")).to_be_visible()
