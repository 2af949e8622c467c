"""A customer brings tickets back: money, places, tickets and reports follow, with and without the network (A7)."""

import re
import uuid

import pytest
from playwright.sync_api import Page, expect

from kit.testing import eventually
from suite.audit import services_of
from suite.demo.people import ADMINISTRATOR
from ticketing.inventory.v1 import inventory_service_pb2 as inventory_pb
from ticketing.orders.v1 import orders_service_pb2 as orders_pb
from ticketing.reporting.v1 import reporting_service_pb2 as reporting_pb

from .conftest import screenshot
from .running import Refused, RunningSuite, Till
from .test_first_sale import NARROW, SMALL_CONTROLS, key, sign_in

pytestmark = pytest.mark.e2e

INES_PIN = "9054"


@pytest.fixture
def services(running_suite):
    return services_of(running_suite.machine)


def sold_and_free(services, performance_id: str) -> tuple[int, int]:
    found = services.inventory.GetAvailability(inventory_pb.GetAvailabilityRequest(performance_ids=[performance_id]))
    place = found.availabilities[0]
    return place.sold, place.total - place.sold


def order(services, order_id: str):
    return services.orders.GetOrder(orders_pb.GetOrderRequest(order_id=order_id)).order


def refund_body(till: Till, order_id: str, tickets: int, **changes) -> dict:
    """What the page sends to have the first living tickets refunded."""
    sale = till.get(f"/api/sales/{order_id}/refunds")
    line = sale["lines"][0]
    chosen = [ticket for ticket in line["tickets"] if not ticket["refunded"]][:tickets]
    return {
        "request_id": str(uuid.uuid4()), "lines": [], "reason": "customer_request", "note": "",
        "tickets": [{"key_id": ticket["key_id"], "serial": ticket["serial"]} for ticket in chosen],
        "payments": None, "expected_total": line["unit_price"] * len(chosen), "authorisation": None,
    } | changes  # fmt: skip


def sell_two(page: Page) -> None:
    """Two places of one performance, paid in cash."""
    button = key(page, "Festival", "Plein tarif")
    expect(button).to_be_enabled(timeout=30_000)
    button.click()
    button.click()
    page.locator("[data-mode=cash]:visible").click()
    page.locator("[data-confirm]:visible").click()
    expect(page.locator("[data-order]:visible")).to_be_visible()


def open_refund(page: Page, order_number: str) -> None:
    if page.viewport_size == NARROW:
        page.get_by_role("button", name="Menu", exact=True).click()
    page.get_by_role("button", name="Ventes").last.click()
    page.get_by_role("searchbox").fill(order_number)
    page.get_by_role("button", name=re.compile(order_number)).click()
    page.get_by_role("button", name="Rembourser").click()


def test_one_of_two_tickets_is_refunded_in_cash_with_a_manager_s_pin_and_everything_follows(
    page, running_suite: RunningSuite, services
):
    """A7, M4, E1: the till, the drawer, the gate's view of the ticket, orders, places and the day's statement."""
    sign_in(page, running_suite)
    sell_two(page)
    number = page.locator("[data-order]:visible").get_attribute("data-order")
    [sold] = eventually(lambda: services.orders.SearchOrders(orders_pb.SearchOrdersRequest(text=number)).orders)
    performance_id = sold.lines[0].performance_id
    assert running_suite.audit() == []  # what was sold so far has arrived everywhere
    before, _ = sold_and_free(services, performance_id)
    statement = reporting_pb.GetDayStatementRequest()
    takings = eventually(lambda: services.reporting.GetDayStatement(statement)).total
    slips = running_suite.paper_ids("receipt")

    open_refund(page, number)
    confirm = page.locator("[data-refund-confirm]")
    expect(confirm).to_be_disabled()
    page.get_by_role("checkbox").nth(1).check()
    page.get_by_role("button", name="Demande du client").click()
    screenshot(page, "till-refund-choosing")
    expect(confirm).to_have_text(re.compile("Rembourser 35,00"))
    confirm.click()
    leave = page.get_by_role("dialog", name="Accord d’un responsable")
    expect(leave.get_by_text("Code PIN de Inès Garnier")).to_be_visible()
    page.keyboard.type("0000")
    page.keyboard.press("Enter")
    expect(leave.get_by_role("alert")).to_contain_text("pas le bon")
    screenshot(page, "till-refund-leave")
    page.keyboard.type(INES_PIN)
    page.keyboard.press("Enter")
    expect(page.locator("[data-given='3500']")).to_be_visible()
    screenshot(page, "till-refund-done")
    dead = page.locator(".codes li").inner_text()
    page.get_by_role("button", name="Terminé").click()
    page.get_by_role("button", name="Ventes").last.click()
    expect(page.get_by_text("35,00 € remboursés")).to_be_visible()
    screenshot(page, "till-sales-with-a-refund")
    page.get_by_role("button", name=re.compile(number)).click()
    expect(page.get_by_text("Remboursé", exact=True)).to_be_visible()
    screenshot(page, "till-sale-partly-refunded")
    page.get_by_role("button", name="Fermer").click()

    page.get_by_role("button", name="Contrôler").click()
    page.get_by_label("Code du billet").fill(dead)
    page.get_by_role("button", name="Contrôler").last.click()
    expect(page.get_by_text("Billet remboursé")).to_be_visible()
    screenshot(page, "till-refunded-ticket-is-refused")
    page.get_by_role("button", name="Fermer").click()

    eventually(lambda: len(running_suite.paper_ids("receipt") - slips) >= 1, seconds=30)
    partly = eventually(
        lambda: (found := order(services, sold.id)).state == orders_pb.ORDER_STATE_PARTLY_REFUNDED and found, seconds=30
    )
    assert sorted(ticket.refunded for ticket in partly.tickets) == [False, True]
    eventually(lambda: sold_and_free(services, performance_id)[0] == before - 1, seconds=30)
    eventually(lambda: services.reporting.GetDayStatement(statement).total == takings - 3500, seconds=30)
    assert running_suite.audit() == []


def test_the_closing_expects_the_cash_that_refunds_left(running_suite: RunningSuite):
    """E1."""
    till = running_suite.till()
    till.sign_in("Inès Garnier", INES_PIN)
    counted = till.get("/api/state")["cash_float"]["opening_total"]
    first = till.sell(till.key("Festival", "Plein"))
    second = till.sell(till.key("Carte postale"))
    till.post(f"/api/sales/{first['order_id']}/refunds", refund_body(till, first["order_id"], 1))
    closing = till.close_float({str(counted): 1} if counted in (5000, 10000) else {"1000": 10})
    assert closing["expected"] == counted + second["total"]
    assert running_suite.audit() == []


def test_a_refund_without_the_network_waits_on_the_till_and_counts_once_when_it_is_back(
    running_suite: RunningSuite, services
):
    """5.5, 5.7: the centre away, the till killed after the refund was sealed, and the same request once more."""
    till = running_suite.till()
    till.sign_in("Inès Garnier", INES_PIN)
    sold = till.sell(till.key("Festival", "Plein"))
    with running_suite.paused("cashdesk"):
        asked = refund_body(till, sold["order_id"], 1)
        answer = till.post(f"/api/sales/{sold['order_id']}/refunds", asked)
        assert till.get("/api/state")["waiting_entries"] > 0
    running_suite.kill("till")
    till = running_suite.till()
    till.sign_in("Inès Garnier", INES_PIN)
    assert till.post(f"/api/sales/{sold['order_id']}/refunds", asked) == answer
    with pytest.raises(Refused) as again:
        till.post(f"/api/sales/{sold['order_id']}/refunds", asked | {"request_id": str(uuid.uuid4())})
    assert again.value.reason == "NOTHING_TO_REFUND"
    eventually(lambda: order(services, sold["order_id"]).state == orders_pb.ORDER_STATE_REFUNDED, seconds=60)
    assert len(order(services, sold["order_id"]).refunds) == 1
    assert running_suite.audit() == []


@pytest.mark.parametrize("process", ["cashdesk", "inventory", "orders", "reporting", "nats"])
def test_a_service_killed_while_refunds_arrive_counts_each_of_them_once(running_suite: RunningSuite, services, process):
    till = running_suite.till()
    till.sign_in("Inès Garnier", INES_PIN)
    sold = [till.sell(till.key("Festival", "Plein")) for _ in range(4)]
    for sale in sold[:2]:
        till.post(f"/api/sales/{sale['order_id']}/refunds", refund_body(till, sale["order_id"], 1))
    running_suite.kill(process)
    for sale in sold[2:]:
        till.post(f"/api/sales/{sale['order_id']}/refunds", refund_body(till, sale["order_id"], 1))
    for sale in sold:
        eventually(lambda sale=sale: _is_refunded(services, sale["order_id"]), seconds=90)
    assert running_suite.audit() == []


def _is_refunded(services, order_id: str) -> bool:
    try:
        return order(services, order_id).state == orders_pb.ORDER_STATE_REFUNDED
    except Exception:
        return False  # the core is coming back, or has not heard of the sale


def test_a_sale_of_another_till_says_so(running_suite: RunningSuite):
    till = running_suite.till()
    till.sign_in("Inès Garnier", INES_PIN)
    with pytest.raises(Refused) as refusal:
        till.get(f"/api/sales/{uuid.uuid4()}/refunds")
    assert refusal.value.reason == "SALE_OF_ANOTHER_TILL"
    assert "autre guichet" in refusal.value.problem["detail"]


def test_the_refund_is_usable_on_a_telephone_and_its_controls_are_large_enough(browser, running_suite):
    """A1: nothing is cut off at 390 px, no control is smaller than 44 px."""
    context = browser.new_context(viewport=NARROW, locale="fr-FR", has_touch=True)
    page = context.new_page()
    till = running_suite.till()
    till.sign_in("Camille Moreau")
    basket = till.key("Festival", "Plein")
    number = till.sell(basket)["order_number"]
    sign_in(page, running_suite)
    open_refund(page, number)
    page.get_by_role("button", name="Toute la vente").click()
    page.get_by_role("button", name="Erreur de saisie").click()
    screenshot(page, "till-refund-narrow")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    small = [each for each in page.evaluate(SMALL_CONTROLS) if not each.startswith("on")]
    assert small == []
    context.close()


def test_the_back_office_shows_the_refund_where_people_look(page, running_suite, services):
    """The order, the statement and the journal tell the same."""
    till = running_suite.till()
    till.sign_in("Inès Garnier", INES_PIN)
    sold = till.sell(till.key("Festival", "Plein"))
    body = refund_body(till, sold["order_id"], 1, reason="selling_mistake", note="une place de trop")
    till.post(f"/api/sales/{sold['order_id']}/refunds", body)
    eventually(lambda: _is_refunded(services, sold["order_id"]), seconds=60)
    page.goto(running_suite.url("back office"))
    page.get_by_label("Identifiant").fill(ADMINISTRATOR.login)
    page.get_by_label("Mot de passe").fill(ADMINISTRATOR.password)
    page.get_by_role("button", name="Se connecter").click()
    page.goto(f"{running_suite.url('back office')}/orders/{sold['order_id']}")
    expect(page.get_by_text("Erreur de saisie")).to_be_visible()
    expect(page.get_by_text("une place de trop")).to_be_visible()
    screenshot(page, "backoffice-refunded-order")
    page.goto(f"{running_suite.url('back office')}/reporting/statement")
    screenshot(page, "backoffice-statement-with-refunds")
