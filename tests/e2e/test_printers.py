"""A printer that cannot print is told before the money is taken (C1)."""

import pytest
from playwright.sync_api import expect

from kit.testing import eventually

from .conftest import looked_at, screenshot
from .test_first_sale import key, sign_in

pytestmark = pytest.mark.e2e


@pytest.fixture
def out_of_paper(page, running_suite):
    """At the till's page, with a ticket in the basket and its payment begun, while the ticket printer has no paper."""
    sign_in(page, running_suite)
    expect(page.get_by_text("Billets : prête")).to_be_attached()
    running_suite.fault("ticket", "paper_out")
    try:
        expect(page.get_by_text("plus de papier").first).to_be_visible(timeout=15_000)
        key(page, "Musée", "Plein tarif").click()
        page.locator("[data-mode=cash]:visible").click()
        yield page
    finally:
        running_suite.fault("ticket", "none")


def test_without_paper_the_money_waits_for_a_choice_and_the_ticket_for_paper(out_of_paper, running_suite):
    """C1: told before the money is taken; "print later" sells, and nothing is lost."""
    page, before = out_of_paper, running_suite.paper_ids("ticket")
    expect(page.get_by_role("alert").get_by_text("Billets bloqués : plus de papier")).to_be_visible()
    expect(page.get_by_role("button", name="Imprimer plus tard")).to_be_focused()
    expect(page.locator("[data-confirm]")).to_have_count(0)
    looked_at(page, "till-print-later")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Impression remise à plus tard")).to_be_visible()
    screenshot(page, "till-print-later-chosen")
    page.keyboard.press("Enter")
    expect(page.locator("[data-order]:visible")).to_be_visible()
    assert running_suite.paper_ids("ticket") == before
    running_suite.fault("ticket", "none")
    eventually(lambda: len(running_suite.paper_ids("ticket") - before) == 1, seconds=60)


def test_paper_that_is_loaded_meanwhile_lets_the_payment_go_on(out_of_paper, running_suite):
    page, before = out_of_paper, running_suite.paper_ids("ticket")
    expect(page.get_by_role("button", name="Imprimer plus tard")).to_be_visible()
    running_suite.fault("ticket", "none")
    expect(page.locator("[data-confirm]:visible")).to_be_enabled(timeout=15_000)
    expect(page.get_by_text("Billets bloqués")).to_have_count(0)
    page.locator("[data-confirm]:visible").click()
    expect(page.locator("[data-order]:visible")).to_be_visible()
    eventually(lambda: len(running_suite.paper_ids("ticket") - before) == 1, seconds=60)
