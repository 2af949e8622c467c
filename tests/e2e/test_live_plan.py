"""A seat taken elsewhere changes on a plan that is open in the back office (G7)."""

import uuid
from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Page, expect

from kit.clock import now
from kit.grpc_client import channel, service_tokens
from kit.testing import eventually
from suite.demo.centre import id_of
from suite.demo.programme import CARMEN
from ticketing.catalog.v1.catalog_pb2 import Performance
from ticketing.catalog.v1.catalog_service_pb2 import ListPerformancesRequest
from ticketing.inventory.v1 import inventory_service_pb2 as pb
from ticketing.inventory.v1.inventory_service_pb2_grpc import InventoryServiceStub

from .conftest import screenshot
from .running import RunningSuite
from .test_programming import programme, sign_in, token_of
from .test_seat_map import colour_at, counted

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def carmen(running_suite: RunningSuite) -> Performance:
    """The last numbered performance of the demo: no other test sells it."""
    to_on = (now() + timedelta(days=29)).date().isoformat()
    request = ListPerformancesRequest(show_id=id_of("show", CARMEN), to_on=to_on)
    return programme(running_suite, token_of(running_suite, "programmation")).ListPerformances(request).performances[-1]


@pytest.fixture
def manager(browser: Browser, running_suite: RunningSuite, carmen: Performance) -> Iterator[Page]:
    """The page of the performance's plan version, its map told to follow the performance."""
    context = browser.new_context(viewport={"width": 1280, "height": 800}, locale="fr-FR")
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: message.type == "error" and complaints.append(message.text))
    sign_in(page, running_suite, "programmation")
    page.goto(f"{running_suite.url('back office')}/catalog/plans/versions/{carmen.plan_version_id}")
    page.evaluate("""live => {
      const map = document.querySelector('tk-seat-map')
      map.setAttribute('status-url', `${live}/seats`)
      map.setAttribute('events-url', `${live}/events`)
    }""", f"{running_suite.url('live')}/live/performances/{carmen.id}")  # fmt: skip
    expect(page.locator("tk-seat-map .live:not(.off)")).to_be_visible()
    yield page
    assert [words for words in complaints if "ERR_" not in words] == []
    context.close()


class Counter:
    """Somebody at another counter, with a basket."""

    def __init__(self, suite: RunningSuite) -> None:
        token = service_tokens(suite.machine.secrets["service_secret"], "shop")
        self._inventory = InventoryServiceStub(channel(suite.machine.target("inventory"), token=token))
        self._holds: list[str] = []

    def take(self, performance: Performance, *seats: int) -> None:
        line = pb.HoldLine(performance_id=performance.id, quantity=len(seats), seats=seats)
        hold = pb.HoldRequest(hold_id=str(uuid.uuid4()), lines=[line])
        (held,) = self._inventory.HoldPlaces(pb.HoldPlacesRequest(holds=[hold])).results
        assert held.granted
        self._holds.append(held.hold_id)

    def give_back(self) -> None:
        self._inventory.ReleaseHolds(pb.ReleaseHoldsRequest(hold_ids=self._holds))


@pytest.fixture
def counter(running_suite: RunningSuite) -> Iterator[Counter]:
    somebody = Counter(running_suite)
    yield somebody
    somebody.give_back()


def test_a_seat_taken_elsewhere_changes_on_an_open_plan(manager: Page, counter: Counter, carmen: Performance):
    free = colour_at(manager, 5)
    counter.take(carmen, 5, 6)
    eventually(lambda: colour_at(manager, 5) != free)
    expect(counted(manager, "Dans un panier")).to_have_text("2")
    screenshot(manager, "live-plan")
    counter.give_back()
    eventually(lambda: colour_at(manager, 5) == free)


def test_a_plan_stays_live_through_a_crash_of_the_gateway(
    manager: Page, running_suite: RunningSuite, counter: Counter, carmen: Performance
):
    free = colour_at(manager, 15)
    running_suite.kill("live")
    counter.take(carmen, 15)
    eventually(lambda: colour_at(manager, 15) != free, seconds=30)
    expect(manager.locator("tk-seat-map .live:not(.off)")).to_be_visible()
