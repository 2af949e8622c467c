"""People at one till, in a browser: lock, relay, a manager's word, a badge, training (M3, M4, E6, C5)."""

import io
import uuid

import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import Page, expect

from kit.testing import eventually
from suite.audit import services_of
from ticketing.accounts.v1 import accounts_service_pb2 as accounts_pb
from ticketing.cashdesk.v1 import cashdesk_service_pb2 as cashdesk_pb
from ticketing.orders.v1 import orders_service_pb2 as orders_pb
from ticketing.reporting.v1 import reporting_service_pb2 as reporting_pb

from .conftest import keep, screenshot
from .running import CAMILLE_PIN, LUCAS_PIN
from .test_first_sale import NARROW, SMALL_CONTROLS, key, sign_in
from .test_programming import sign_in as back_office

pytestmark = pytest.mark.e2e
INES_PIN = "9054"


def enter(page: Page, name: str, pin: str) -> None:
    """From the lock screen, by touch."""
    page.get_by_role("button", name=name).click()
    for digit in pin:
        page.get_by_role("button", name=digit, exact=True).click()
    page.get_by_role("button", name="Ouvrir", exact=True).click()


def lock(page: Page) -> None:
    page.get_by_role("button", name="Verrouiller").click()
    expect(page.get_by_role("heading", name="Qui tient la caisse ?")).to_be_visible()


def scan(page: Page, badge: str) -> None:
    """What a reader does: keys in a burst, then Enter."""
    page.keyboard.type(badge)
    page.keyboard.press("Enter")


def no_control_is_too_small(page: Page) -> bool:
    return page.evaluate(SMALL_CONTROLS) == []


def test_a_locked_till_keeps_the_basket_for_its_owner_and_shows_who_was_here_first(page, running_suite):
    """M3: the relay finds an empty basket; the owner comes back to theirs."""
    sign_in(page, running_suite)
    key(page, "Musée", "Plein tarif").click()
    lock(page)
    first = page.locator(".tiles button").first
    expect(first).to_contain_text("Camille Moreau")
    expect(first).to_contain_text("fonds ouvert")
    expect(page.get_by_role("heading", name="Code PIN de Camille Moreau")).to_be_visible()
    assert no_control_is_too_small(page)
    screenshot(page, "till-lock")
    page.set_viewport_size(NARROW)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert no_control_is_too_small(page)
    screenshot(page, "till-lock-narrow")
    page.set_viewport_size({"width": 1280, "height": 800})
    page.keyboard.type("0000")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("pas le bon")
    enter(page, "Lucas Bernard", LUCAS_PIN)
    opening = page.get_by_role("heading", name="Ouvrir le fonds de caisse")
    expect(opening.or_(page.get_by_text("Touchez un tarif pour commencer"))).to_be_visible()
    if opening.is_visible():
        page.get_by_role("button", name="Ouvrir sans fonds").click()
    expect(page.get_by_text("Touchez un tarif pour commencer")).to_be_visible()
    lock(page)
    page.get_by_role("button", name="Camille Moreau").click()
    page.keyboard.type(CAMILLE_PIN)
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Un de plus : Musée")).to_be_visible()
    page.get_by_role("button", name="Vider").click()


def test_a_till_that_nobody_touches_locks_itself(page, running_suite):
    """M3: after the minutes that the till's profile says."""
    page.clock.install()
    sign_in(page, running_suite)
    page.clock.fast_forward(16 * 60_000)
    expect(page.get_by_role("heading", name="Qui tient la caisse ?")).to_be_visible()


def test_a_badge_takes_the_till_over_in_one_scan_and_a_withdrawn_one_does_not(page, running_suite):
    """M3: from the lock screen, then no more once it is withdrawn."""
    services, badge = services_of(running_suite.machine), f"TK-{uuid.uuid4()}"
    lucas = next(
        user for user in services.accounts.ListUsers(accounts_pb.ListUsersRequest()).users if user.login == "lucas"
    )

    def wear(code: str) -> None:
        request = accounts_pb.UpdateUserRequest(request_id=str(uuid.uuid4()), user_id=lucas.id, badge=code)
        services.accounts.UpdateUser(request)

    seller, unknown = page.locator("header .cashier"), page.get_by_role("alert").filter(has_text="badge")

    def scanned() -> str:
        """Who took the till over; empty when nobody wears it."""
        scan(page, badge)
        expect(seller.or_(unknown)).to_be_visible()
        return seller.inner_text() if seller.is_visible() else ""

    wear(badge)
    sign_in(page, running_suite)
    lock(page)
    assert eventually(scanned, seconds=60, every=8) == "Lucas Bernard"
    lock(page)
    wear("")

    def is_withdrawn() -> bool:
        if not scanned():
            return True
        lock(page)
        return False

    eventually(is_withdrawn, seconds=60, every=3)


def test_a_badge_is_scanned_in_at_the_back_office(page, running_suite):
    """M3: set by its own reader, withdrawn in one touch; readable at a desk and on a telephone."""
    back_office(page, running_suite, "admin")
    page.goto(f"{running_suite.url('back office')}/accounts/users")
    page.get_by_role("link", name="Hélène Vasseur").click()
    page.get_by_role("link", name="Scanner un badge").click()
    scan(page, f"TK-{uuid.uuid4()}")
    expect(page.get_by_text("Le badge de Hélène Vasseur est connu des caisses.")).to_be_visible()
    page.get_by_role("link", name="Remplacer ou retirer le badge").click()
    screenshot(page, "backoffice-badge")
    page.set_viewport_size(NARROW)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    screenshot(page, "backoffice-badge-narrow")
    page.get_by_role("button", name="Retirer le badge").click()
    expect(page.get_by_text("Le badge de Hélène Vasseur n’ouvre plus rien.")).to_be_visible()


def test_a_manager_gives_leave_on_the_cashiers_screen_for_one_drawer(page, running_suite):
    """M4, C5: asked, given, sealed; the cashier stays signed in."""
    sign_in(page, running_suite)
    page.get_by_role("button", name="Menu").click()
    page.get_by_role("button", name="Ouvrir le tiroir sans vente").click()
    screenshot(page, "till-drawer")
    page.get_by_role("button", name="Ouvrir le tiroir", exact=True).click()
    sheet = page.get_by_role("dialog", name="Accord d’un responsable")
    expect(sheet).to_be_visible()
    sheet.get_by_role("button", name="Inès Garnier").click()
    assert no_control_is_too_small(page)
    screenshot(page, "till-override")
    page.set_viewport_size(NARROW)
    screenshot(page, "till-override-narrow")
    page.set_viewport_size({"width": 1280, "height": 800})
    page.keyboard.type("0000")
    page.keyboard.press("Enter")
    expect(sheet.get_by_role("alert")).to_contain_text("pas le bon")
    for digit in INES_PIN:
        sheet.get_by_role("button", name=digit, exact=True).click()
    sheet.get_by_role("button", name="Donner mon accord").click()
    expect(sheet).to_be_hidden()
    expect(page.locator("header .cashier")).to_have_text("Camille Moreau")
    assert running_suite.audit() == []


def test_in_a_relay_each_sale_is_on_its_own_float_and_both_close_to_the_cent(running_suite):
    """E6: A sells, B relays and sells, A returns to the same float; at the till and at the centre, to the cent."""
    services, till = services_of(running_suite.machine), running_suite.till()
    people = {"Inès Garnier": INES_PIN, "Lucas Bernard": LUCAS_PIN}

    def take_over(name: str) -> str:
        """The id of the float that is theirs."""
        till.sign_in(name, people[name])
        return till.get("/api/state")["cash_float"]["id"]

    for name in people:  # floats of their own, whatever other tests did
        take_over(name)
        till.close_float({})
    first = take_over("Inès Garnier")
    card = till.key("Carte postale")
    till.sell(card)
    second = take_over("Lucas Bernard")
    assert {"Inès Garnier", "Lucas Bernard"} <= {each["name"] for each in till.get("/api/state")["open_floats"]}
    till.sell(card)
    till.sell(card)
    assert take_over("Inès Garnier") == first != second
    till.sell(card)
    expected = 10_000 + 2 * card["price"]
    closing = till.close_float({"1000": 10})
    assert (closing["expected"], closing["difference"]) == (expected, 10_000 - expected)
    assert take_over("Lucas Bernard") == second
    assert till.close_float({})["expected"] == expected

    def known_at_the_centre() -> bool:
        floats = services.cashdesk.ListCashFloats(cashdesk_pb.ListCashFloatsRequest()).cash_floats
        return {each.cash_float_id: each.expected for each in floats if each.closed}.items() >= {
            first: expected,
            second: expected,
        }.items()

    eventually(known_at_the_centre, seconds=60)
    assert running_suite.audit() == []


def test_whose_floats_are_open_is_read_in_the_menu(page, running_suite):
    """E6."""
    other = running_suite.till()
    other.sign_in("Lucas Bernard", LUCAS_PIN)
    sign_in(page, running_suite)
    page.get_by_role("button", name="Menu").click()
    floats = page.get_by_role("region", name="Fonds ouverts sur cette caisse")
    expect(floats).to_contain_text("Lucas Bernard")
    expect(floats).to_contain_text("Camille Moreau")
    screenshot(page, "till-open-floats")


def test_training_is_marked_everywhere_sells_for_nothing_and_ends_where_the_till_was_left(page, running_suite):
    """Training mode, LAW-1: banner, paper, door; nothing counts, and the centre keeps the chain apart."""
    services = services_of(running_suite.machine)
    statement = reporting_pb.GetDayStatementRequest()
    sign_in(page, running_suite)
    before = page.evaluate("fetch('/api/state').then((answer) => answer.json())")
    total = services.reporting.GetDayStatement(statement).total
    page.get_by_role("button", name="Menu").click()
    page.get_by_role("button", name="Mode école").click()
    screenshot(page, "till-training-ask")
    page.get_by_role("button", name="Passer en mode école").click()
    leave = page.get_by_role("dialog", name="Accord d’un responsable")
    expect(leave.get_by_text("Code PIN de Inès Garnier")).to_be_visible()
    page.keyboard.type(INES_PIN)
    page.keyboard.press("Enter")
    banner = page.get_by_role("region", name="Mode école")
    expect(banner).to_contain_text("Rien n’est vendu")
    expect(page.locator("header strong")).to_have_text("E-T01")
    page.get_by_role("button", name="Ouvrir sans fonds").click()
    expect(page.get_by_role("tab", name="Accueil")).to_be_visible()
    papers = running_suite.paper_ids("ticket")
    key(page, "Musée", "Plein tarif").click()
    page.locator("[data-mode=cash]:visible").click()
    page.locator("[data-confirm]:visible").click()
    done = page.locator("[data-order]:visible")
    expect(done).to_be_visible()
    number = done.get_attribute("data-order")
    assert number.startswith("E-T01-")
    assert no_control_is_too_small(page)
    screenshot(page, "till-training")
    page.set_viewport_size(NARROW)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    screenshot(page, "till-training-narrow")
    page.set_viewport_size({"width": 1280, "height": 800})
    paper = eventually(
        lambda: next((p for p in running_suite.papers("ticket") if p["id"] not in papers), None), seconds=30
    )
    image = Image.open(io.BytesIO(running_suite.paper(paper)))
    keep(image, "training-paper")
    (code,) = [found.text for found in zxingcpp.read_barcodes(image) if len(found.text) == 154]
    running_suite.kill("till")
    expect(banner).to_be_visible()  # kill -9 leaves nobody at a real till without knowing
    expect(page.locator("header strong")).to_have_text("E-T01")
    banner.get_by_role("button", name="Quitter le mode école").click()
    expect(page.get_by_role("heading", name="Qui tient la caisse ?")).to_be_visible()
    expect(banner).to_be_hidden()
    sign_in(page, running_suite)
    after = page.evaluate("fetch('/api/state').then((answer) => answer.json())")
    assert after["cash_float"] == before["cash_float"]
    assert after["till"] == before["till"]
    till = running_suite.till()
    till.sign_in("Lucas Bernard", LUCAS_PIN)
    check = till.post("/api/tickets/check", {"code": code})
    assert (check["colour"], check["code"]) == ("red", "TEST_TITLE")

    def kept_apart() -> bool:
        journals = services.cashdesk.ListTills(cashdesk_pb.ListTillsRequest()).tills
        return any(each.number == "E-T01" and each.practice_of and each.last_sequence >= 4 for each in journals)

    eventually(kept_apart, seconds=60)
    assert services.reporting.GetDayStatement(statement).total == total
    assert services.orders.SearchOrders(orders_pb.SearchOrdersRequest(text=number)).orders == []
    assert running_suite.audit() == []
