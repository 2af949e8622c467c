"""A cashier's first sales, in a browser, down to the paper (A1, A2, A3, C1, C2, LAW-11, LAW-24, LAW-26, L3)."""

import io
import re
from itertools import pairwise

import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import Page, expect

from kit.clock import now
from kit.testing import eventually
from suite.audit import services_of
from ticketing.accounts.v1 import accounts_service_pb2 as accounts_pb
from ticketing.inventory.v1 import inventory_service_pb2 as inventory_pb
from ticketing.orders.v1 import orders_service_pb2 as orders_pb
from ticketing.reporting.v1 import reporting_service_pb2 as reporting_pb
from titles import Colour, load_public, read_certificate, verify

from .conftest import keep, screenshot
from .running import CAMILLE_PIN, RunningSuite

pytestmark = pytest.mark.e2e

NARROW = {"width": 390, "height": 844}
SMALL_CONTROLS = """() => [...document.querySelectorAll('button, input, select')]
  .filter((control) => control.checkVisibility())
  .map((control) => [control.closest('label') ?? control, control.ariaLabel ?? control.textContent.trim()])
  .map(([control, name]) => [name, control.getBoundingClientRect()])
  .filter(([, box]) => box.width < 44 || box.height < 44)
  .map(([name, box]) => `${name}: ${Math.round(box.width)} x ${Math.round(box.height)}`)"""


def sign_in(page: Page, suite: RunningSuite) -> None:
    """Name, PIN, and a float of 100 euros unless one is open."""
    page.goto(suite.url("till"))
    page.get_by_role("button", name="Camille Moreau").click()
    for digit in CAMILLE_PIN:
        page.get_by_role("button", name=digit, exact=True).click()
    page.get_by_role("button", name="Ouvrir", exact=True).click()
    first_page = page.get_by_role("tab", name="Accueil")
    opening = page.get_by_role("heading", name="Ouvrir le fonds de caisse")
    expect(first_page.or_(opening)).to_be_visible(timeout=15_000)
    if opening.is_visible():
        page.get_by_label(re.compile("^Nombre de 10\\s?€")).fill("10")
        page.get_by_role("button", name=re.compile("Ouvrir avec")).click()
    expect(first_page).to_be_visible()


def key(page: Page, *words: str):
    return page.get_by_role("button", name=re.compile(".*".join(words), re.DOTALL)).first


def count_clicks(page: Page) -> None:
    page.evaluate("window.clicks = 0; document.addEventListener('click', () => window.clicks++, true)")


def sell(page: Page, *words: str) -> str:
    """Three touches; the order's number."""
    button = key(page, *words)
    expect(button).to_be_enabled(timeout=30_000)
    page.evaluate("window.clicks = 0")
    button.click()
    page.locator("[data-mode=cash]:visible").click()
    page.locator("[data-confirm]:visible").click()
    done = page.locator("[data-order]:visible")
    expect(done).to_be_visible()
    assert page.evaluate("window.clicks") == 3
    number = done.get_attribute("data-order")
    assert number
    return number


@pytest.fixture
def till_page(page, running_suite):
    sign_in(page, running_suite)
    count_clicks(page)
    return page


@pytest.mark.parametrize(
    ("what", "words", "tickets"),
    [
        ("admission", ("Musée", "Plein tarif"), 1),
        ("article", ("Carte postale",), 0),
        ("both", ("Entrée \\+ audioguide",), 1),
    ],
)
def test_a_sale_takes_three_clicks_from_the_idle_screen(till_page, running_suite, what, words, tickets):
    """A2, A3: tariff or article, payment mode, confirm; no name is asked; the ticket comes out."""
    before = running_suite.paper_ids("ticket")
    number = sell(till_page, *words)
    assert re.fullmatch(r"T01-\d{6}", number)
    eventually(lambda: len(running_suite.paper_ids("ticket") - before) == tickets, seconds=30)
    screenshot(till_page, f"till-sold-{what}")


def test_a_basket_may_hold_tickets_and_articles(till_page):
    """A3: one basket, one payment."""
    key(till_page, "Musée", "Plein tarif").click()
    key(till_page, "Mug émaillé").click()
    till_page.locator("[data-mode=card]:visible").click()
    till_page.locator("[data-confirm]:visible").click()
    done = till_page.locator("[data-order]:visible")
    expect(done).to_be_visible()


def test_change_is_computed_for_the_note_that_the_customer_gives(till_page):
    """LAW-26: tendered and change are kept and shown."""
    key(till_page, "Musée", "Plein tarif").click()
    till_page.locator("[data-mode=cash]:visible").click()
    till_page.get_by_role("button", name=re.compile("^20\\s€")).click()
    till_page.locator("[data-confirm]:visible").click()
    expect(till_page.locator("[data-change='800']")).to_be_visible()


def test_the_printed_barcode_is_decoded_from_the_paper_and_its_signature_is_genuine(till_page, running_suite):
    """D5, LAW-11, LAW-12: what the printer received, read back by a scanner, verified with public keys alone."""
    before = running_suite.paper_ids("ticket")
    number = sell(till_page, "Festival", "Plein tarif")
    paper = eventually(
        lambda: next((p for p in running_suite.papers("ticket") if p["id"] not in before), None), seconds=30
    )
    image = Image.open(io.BytesIO(running_suite.paper(paper)))
    keep(image, "ticket-paper")
    (code,) = [found.text for found in zxingcpp.read_barcodes(image) if len(found.text) == 154]
    services = services_of(running_suite.machine)
    keys = services.accounts.ListTicketCertificates(accounts_pb.ListTicketCertificatesRequest())
    root = load_public(keys.root_public_key)
    certificates = [read_certificate(raw, root) for raw in keys.certificates]
    verdict = verify(code, {c.key_id: c for c in certificates}, root, now())
    assert verdict.colour is Colour.GREEN or verdict.reason == "NOT_YET_VALID"
    found = eventually(lambda: services.orders.LookUpTicket(orders_pb.LookUpTicketRequest(code=code)), seconds=30)
    assert found.order.number == number
    assert found.signature_valid


def test_a_receipt_is_printed_only_when_asked_for(till_page, running_suite):
    """LAW-24."""
    before = running_suite.paper_ids("receipt")
    sell(till_page, "Carte postale")
    till_page.get_by_role("button", name="Reçu ?").click()
    eventually(lambda: len(running_suite.paper_ids("receipt") - before) == 1, seconds=30)
    keep(Image.open(io.BytesIO(running_suite.paper(running_suite.papers("receipt")[0]))), "receipt-paper")


def test_a_sale_reaches_orders_inventory_and_the_days_statement_within_five_seconds(till_page, running_suite):
    """L3, rules 1 to 3: the same cents everywhere."""
    services = services_of(running_suite.machine)
    sold_before = {a.performance_id: a.sold for a in availabilities(services)}
    statement = reporting_pb.GetDayStatementRequest()
    before = services.reporting.GetDayStatement(statement).total
    number = sell(till_page, "Festival", "Plein tarif")
    eventually(lambda: services.reporting.GetDayStatement(statement).total == before + 3500, seconds=5)
    named = orders_pb.SearchOrdersRequest(text=number)
    orders = eventually(lambda: services.orders.SearchOrders(named).orders, seconds=5)
    assert [order.total for order in orders] == [3500]
    order = services.orders.GetOrder(orders_pb.GetOrderRequest(order_id=orders[0].id)).order
    performance = order.tickets[0].performance_id
    eventually(
        lambda: (
            {a.performance_id: a.sold for a in availabilities(services)}[performance] == sold_before[performance] + 1
        ),
        seconds=5,
    )
    assert running_suite.audit() == []


def test_the_tills_screens_are_usable_on_a_telephone_and_in_english(browser, running_suite):
    """A1: nothing is cut off at 390 px; the language switch is on every screen."""
    context = browser.new_context(viewport=NARROW, locale="fr-FR", has_touch=True)
    page = context.new_page()
    sign_in(page, running_suite)
    screenshot(page, "till-narrow")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    page.set_viewport_size({"width": 1280, "height": 800})
    page.get_by_role("button", name="Menu").click()
    page.get_by_role("button", name="English").click()
    expect(page.get_by_role("tab", name="Accueil")).to_be_visible()
    expect(page.get_by_role("heading", name="Basket")).to_be_visible()
    screenshot(page, "till-english")
    context.close()


def test_the_status_bar_keeps_the_cashiers_name_apart_from_the_signs(till_page):
    """C9, D1: who sells and how the till stands are read at a glance."""
    boxes = till_page.locator("header .who > *, header .signs > span:not(.unseen)").evaluate_all(
        "all => all.filter(one => one.checkVisibility()).map(one => one.getBoundingClientRect())"
        "          .map(box => [box.left, box.right])"
    )
    assert len(boxes) >= 5
    assert all(left >= right for (_, right), (left, _) in pairwise(boxes))


def test_every_control_of_the_sale_screen_is_large_enough_to_touch(till_page):
    """A1: at least 44 px, in both directions."""
    small = till_page.evaluate(SMALL_CONTROLS)
    assert small == []


def availabilities(services):
    return services.inventory.GetAvailability(inventory_pb.GetAvailabilityRequest()).availabilities
