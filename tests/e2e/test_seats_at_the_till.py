"""Numbered seats at the till: chosen on the plan in a browser, and sold with the line cut (A2, A4, D2, G1)."""

import re

import pytest
from playwright.sync_api import Page, expect

import titles
from kit.testing import eventually
from suite.audit import services_of
from suite.demo.programme import CARMEN
from ticketing.inventory.v1 import inventory_service_pb2 as inventory_pb
from ticketing.orders.v1 import orders_service_pb2 as orders_pb

from .conftest import screenshot
from .own_till import OwnTill, own_till
from .running import Refused, RunningSuite
from .test_first_sale import NARROW, SMALL_CONTROLS, sign_in

pytestmark = pytest.mark.e2e
FREE, LEASED, SOLD = 0, 2, 4


@pytest.fixture
def services(running_suite):
    return services_of(running_suite.machine)


@pytest.fixture
def till(running_suite, tmp_path):
    with own_till(running_suite.machine, tmp_path / "till") as it:
        yield it


def carmen(till: OwnTill) -> dict:
    """The next performance of the numbered show, with seats of each category at hand."""

    def found():
        shows = [show for page in till.page.get("/api/layout")["pages"] for show in page.get("shows", [])]
        (performance,) = [show["performances"][0] for show in shows if show["title"] == CARMEN]
        return performance if performance["left"] >= 20 else None

    return eventually(found, seconds=60, every=0.3)


def states(services, performance_id: str) -> bytes:
    asked = inventory_pb.GetSeatStatusRequest(performance_id=performance_id)
    return services.inventory.GetSeatStatus(asked).states


def at_hand(till: OwnTill, performance: dict) -> list[int]:
    """Ordinals that the till shows as free."""
    return [number for number, state in enumerate(till.page.binary(seats_path(performance))[16:], 1) if state == FREE]


def seats_path(performance: dict, act: str = "") -> str:
    return f"/api/performances/{performance['id']}/seats{act}"


def item(performance: dict, tariff: dict, quantity: int, seats: list[int]) -> dict:
    return {"kind": "admission", "performance_id": performance["id"], "tariff_id": tariff["id"], "quantity": quantity,
            "category_id": tariff["category_id"], "seats": seats}  # fmt: skip


def seats_of(services, order_id: str) -> list[int]:
    order = services.orders.GetOrder(orders_pb.GetOrderRequest(order_id=order_id)).order
    return [ticket.seat.ordinal for ticket in order.tickets]


def test_a_cashier_sells_seats_on_the_plan_and_the_paper_bears_them(page: Page, running_suite: RunningSuite, services):
    """A4, L3: touched or the best ones, then their tariff; the map shows at once what is in the basket."""
    before = running_suite.paper_ids("ticket")
    sign_in(page, running_suite)
    page.get_by_role("tab", name="Séances").click()
    card = page.get_by_role("article").filter(has_text=CARMEN)
    screenshot(page, "till numbered show")
    card.get_by_role("button", name="Choisir sur le plan").click()
    sheet = page.get_by_role("dialog", name=re.compile(CARMEN))
    expect(sheet.get_by_role("application")).to_be_visible(timeout=15_000)
    category = sheet.get_by_role("button", name=re.compile("^Catégorie 2"))
    expect(category).to_be_enabled()
    category.click()
    expect(sheet.get_by_text("2 places", exact=True).last).to_be_visible()
    screenshot(page, "till seats picked")
    sheet.get_by_role("button", name=re.compile("Tarif réduit")).click()
    expect(sheet.get_by_text(re.compile("Au panier : 2 ×"))).to_be_visible()
    assert page.evaluate(SMALL_CONTROLS) == []
    page.set_viewport_size(NARROW)
    screenshot(page, "till seats narrow")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    page.set_viewport_size({"width": 1280, "height": 800})
    sheet.get_by_role("button", name="Vers le panier").click()
    page.locator("[data-mode=card]:visible").click()
    page.locator("[data-confirm]:visible").click()
    done = page.locator("[data-order]:visible")
    expect(done).to_be_visible()
    number = done.get_attribute("data-order")
    eventually(lambda: len(running_suite.paper_ids("ticket") - before) == 2, seconds=30)

    def arrived():
        asked = orders_pb.SearchOrdersRequest(text=number)
        return services.orders.SearchOrders(asked).orders

    (order,) = eventually(arrived, seconds=30)
    order = services.orders.GetOrder(orders_pb.GetOrderRequest(order_id=order.id)).order
    tokens = [titles.read(ticket.token).token for ticket in order.tickets]
    assert [token.seat for token in tokens] == [ticket.seat.ordinal for ticket in order.tickets]
    performance_id = order.lines[0].performance_id
    eventually(lambda: all(states(services, performance_id)[token.seat - 1] == SOLD for token in tokens), seconds=30)
    assert running_suite.audit() == []


def test_seats_are_sold_with_the_line_cut_and_arrive_once_it_is_back(till, running_suite, services):
    """D2, G1: the best of the leased blocks side by side, one that a customer points at, and none of anybody else's."""
    performance = carmen(till)
    full = performance["tariffs"][0]
    till.line.cut()
    eventually(lambda: not till.page.get("/api/state")["online"], seconds=60)
    free = at_hand(till, performance)
    assert len(free) == performance["left"]
    best = till.page.post(
        seats_path(performance, "/best"), {"category_id": full["category_id"], "quantity": 3}
    )["seats"]  # fmt: skip
    named = [seat["ordinal"] for seat in best[:2]]
    till.page.post(seats_path(performance, "/pick"), {"seats": named})
    elsewhere = next(number for number in range(1, 700) if number not in free)
    with pytest.raises(Refused) as refusal:
        till.page.post(seats_path(performance, "/pick"), {"seats": [elsewhere]})
    assert refusal.value.reason == "SEATS_NOT_AT_HAND"
    sold = []
    for wanted in (item(performance, full, 2, named), item(performance, full, 3, [])):
        key = {"items": [wanted], "price": full["price"] * wanted["quantity"]}
        sold.append(str(till.page.sell(key)["order_id"]))
    with pytest.raises(Refused) as refusal:
        till.page.sell({"items": [item(performance, full, 2, named)], "price": full["price"] * 2})
    assert refusal.value.reason == "SEATS_NOT_AT_HAND"
    till.kill()
    till.start()
    till.line.mend()
    eventually(till.is_caught_up, seconds=90)
    eventually(lambda: running_suite.audit() == [], seconds=30)
    first, second = (seats_of(services, order_id) for order_id in sold)
    assert first == named
    assert len(set(second)) == 3
    assert not set(first) & set(second)
    assert set(first + second) <= set(free)


def test_any_free_seat_is_had_while_the_centre_answers_and_goes_back_when_nobody_wants_it(till, services):
    """A4: what a customer points at is asked of the centre, at once and for nobody else."""
    performance = carmen(till)
    centre = states(services, performance["id"])
    wanted = [number for number, state in enumerate(centre, 1) if state == FREE][-2:]
    told = till.page.post(seats_path(performance, "/pick"), {"seats": wanted})["seats"]
    assert [seat["ordinal"] for seat in told] == wanted
    assert all(states(services, performance["id"])[seat - 1] == LEASED for seat in wanted)
    till.page.post(seats_path(performance, "/let-go"), {"seats": wanted})
    eventually(lambda: all(states(services, performance["id"])[seat - 1] == FREE for seat in wanted), seconds=30)
    taken = next(number for number, state in enumerate(centre, 1) if state in (LEASED, SOLD) and number not in wanted)
    if taken not in at_hand(till, performance):
        with pytest.raises(Refused) as refusal:
            till.page.post(seats_path(performance, "/pick"), {"seats": [taken]})
        assert refusal.value.reason == "SEAT_TAKEN"
