"""The devices before the customer, in real browsers: displays follow the sale, a reader is heard (C3, C5, C8)."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from kit.testing import eventually

from .conftest import looked_at
from .own_till import own_till
from .running import LUCAS_PIN, RunningSuite
from .test_first_sale import key, sign_in
from .test_people_at_the_till import INES_PIN

pytestmark = pytest.mark.e2e


@pytest.fixture
def customer(browser: Browser, running_suite: RunningSuite) -> Iterator[Page]:
    """The second screen."""
    context = browser.new_context(viewport={"width": 1280, "height": 800}, locale="fr-FR")
    screen = context.new_page()
    screen.goto(f"{running_suite.url('till')}/display")
    yield screen
    context.close()


def test_the_customer_follows_the_sale_on_both_displays_down_to_the_change(page, customer, running_suite):
    """C3, C5: lines, total, change; the drawer opens for cash, on its own port."""

    def two_lines() -> list[str]:
        return running_suite.devices()["display"]["screen"]

    expect(customer.get_by_text("Cette caisse est fermée")).to_be_visible()
    looked_at(customer, "display-closed")
    sign_in(page, running_suite)
    expect(customer.get_by_text("Bienvenue")).to_be_visible()
    eventually(lambda: "Bienvenue" in two_lines()[1])
    looked_at(customer, "display-welcome")
    offer = key(page, "Musée", "Plein tarif")
    expect(offer).to_be_enabled(timeout=30_000)
    offer.click()
    offer.click()
    key(page, "Mug émaillé").click()
    expect(customer.get_by_role("listitem")).to_have_count(2)
    total = page.locator("[data-mode=cash]:visible")
    expect(customer.locator(".total .number")).to_be_visible()
    eventually(lambda: two_lines()[1].startswith("Total "))
    looked_at(customer, "display-basket")
    openings = len(running_suite.devices()["drawer"]["openings"])
    total.click()
    page.get_by_role("button", name=re.compile("^50\\s€")).click()
    expect(customer.locator(".back .number")).to_be_visible()
    looked_at(customer, "display-paying")
    page.locator("[data-confirm]:visible").click()
    expect(page.locator("[data-order]:visible")).to_be_visible()
    expect(customer.get_by_text("Merci")).to_be_visible()
    looked_at(customer, "display-done")
    eventually(lambda: two_lines()[1].startswith("À rendre") or two_lines()[1].startswith("A rendre"))
    eventually(lambda: len(running_suite.devices()["drawer"]["openings"]) == openings + 1)
    assert running_suite.devices()["display"]["violations"] == []


def test_a_code_from_a_reader_on_a_line_opens_its_sale_as_a_typed_one_does(page, running_suite):
    """C8."""
    sign_in(page, running_suite)
    offer = key(page, "Musée", "Plein tarif")
    expect(offer).to_be_enabled(timeout=30_000)
    offer.click()
    page.locator("[data-mode=card]:visible").click()
    page.locator("[data-confirm]:visible").click()
    done = page.locator("[data-order]:visible")
    expect(done).to_be_visible()
    number = done.get_attribute("data-order")
    running_suite.at_device("scanner", "act", action="scan", code=number)
    sheet = page.get_by_role("dialog")
    expect(sheet.get_by_text(number)).to_be_visible()


def test_a_device_is_set_up_on_the_tills_screen_with_a_managers_leave_and_tested(page, running_suite, tmp_path):
    """B8, C9: a till without devices gets a printer; the cashier needs somebody's leave; a page comes out of it."""
    here = running_suite.machine
    with own_till(here, tmp_path / "till", TILL_TICKET_PRINTER="", TILL_RECEIPT_PRINTER="") as till:
        page.goto(till.page.base)
        page.get_by_role("button", name="Lucas Bernard").click()
        page.keyboard.type(LUCAS_PIN)
        page.keyboard.press("Enter")
        expect(page.get_by_role("tab", name="Accueil")).to_be_visible(timeout=15_000)
        page.get_by_role("button", name="Menu").click()
        page.get_by_role("button", name="Appareils").click()
        sheet = page.get_by_role("dialog", name="Appareils")
        expect(sheet.get_by_text("Imprimante à billets : aucun")).to_be_visible()
        sheet.get_by_role("button", name="Installer – Imprimante à billets").click()
        sheet.get_by_label("Adresse", exact=True).fill(f"tcp://127.0.0.1:{here.port('ticket printer')}")
        looked_at(page, "till-devices")
        sheet.get_by_role("button", name="Utiliser cet appareil").click()
        leave = page.get_by_role("dialog", name="Accord d’un responsable")
        expect(leave.get_by_text("Code PIN de Inès Garnier")).to_be_visible()
        page.keyboard.type(INES_PIN)
        page.keyboard.press("Enter")
        expect(sheet.get_by_text("Imprimante à billets : en service")).to_be_visible(timeout=15_000)
        before = running_suite.paper_ids("ticket")
        sheet.get_by_role("button", name="Essai d’impression").first.click()
        eventually(lambda: len(running_suite.paper_ids("ticket") - before) == 1, seconds=30)
        running_suite.fault("ticket", "off")
        try:
            expect(sheet.get_by_text("Imprimante à billets : éteint ou débranché")).to_be_visible(timeout=15_000)
            looked_at(page, "till-devices-off")
        finally:
            running_suite.fault("ticket", "none")


def test_a_trainer_sees_every_device_on_one_panel(page, running_suite):
    """C9."""
    page.goto(running_suite.url("simulators"))
    for name in ("Imprimante à billets", "Afficheur client", "Tiroir-caisse", "Lecteur de codes"):
        expect(page.get_by_role("heading", name=name)).to_be_visible()
    looked_at(page, "simulators-panel")
