"""The devices before the customer, in real browsers: displays follow the sale, a reader is heard (C3, C5, C8)."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from kit.testing import eventually

from .conftest import looked_at
from .running import RunningSuite
from .test_first_sale import key, sign_in

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


def test_a_trainer_sees_every_device_on_one_panel(page, running_suite):
    """C9."""
    page.goto(running_suite.url("simulators"))
    for name in ("Imprimante à billets", "Afficheur client", "Tiroir-caisse", "Lecteur de codes"):
        expect(page.get_by_role("heading", name=name)).to_be_visible()
    looked_at(page, "simulators-panel")
