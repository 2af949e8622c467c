"""Cards at the till's screen, by a simulated terminal on a line of its own (C4)."""

import re

import pytest
from playwright.sync_api import expect

from device_gateway.simulators.caisse_ap import SimulatedCaisseAp
from kit.testing import eventually

from .own_till import own_till
from .running import LUCAS_PIN
from .test_hands import looked_at

pytestmark = pytest.mark.e2e


@pytest.fixture
def terminal():
    it = SimulatedCaisseAp("terminal", "127.0.0.1", 0)
    it.start()
    yield it
    it.stop()


@pytest.fixture
def till(running_suite, tmp_path, terminal):
    with own_till(running_suite.machine, tmp_path / "till", TILL_TERMINAL=f"tcp://127.0.0.1:{terminal.port}") as it:
        yield it


@pytest.fixture
def desk(page, till):
    """Lucas at work in a browser, with a postcard in the basket."""
    page.goto(till.page.base)
    page.get_by_role("button", name="Lucas Bernard").click()
    page.keyboard.type(LUCAS_PIN)
    page.keyboard.press("Enter")
    expect(page.get_by_role("tab", name="Accueil")).to_be_visible(timeout=15_000)
    put_in_basket(page)
    return page


def put_in_basket(page) -> None:
    page.get_by_role("button", name=re.compile("Carte postale")).first.click()


def pay_by_card(page) -> None:
    page.locator("[data-mode=card]:visible").click()
    page.locator("[data-confirm]").click()


def press(terminal, key: str) -> None:
    """A person at the terminal, once it asks for the card."""
    eventually(lambda: key in terminal.as_json()["actions"])
    terminal.act(key, {})


def sold(page):
    return page.locator("[data-order]:visible")


def test_three_clicks_and_the_customers_card_make_a_sale(desk, terminal, till):
    """A2: no click more than before; the journal names the authorisation."""
    pay_by_card(desk)
    expect(sold(desk)).to_be_visible()
    assert [each.kind for each in terminal.taken] == ["debit"]
    assert terminal.violations == []
    assert till.page.get("/api/state")["sales_to_settle"] == []


def test_the_screen_waits_for_the_card_and_a_reload_loses_nothing(desk, terminal):
    terminal.act("waits", {})
    pay_by_card(desk)
    expect(desk.get_by_text("Le client présente sa carte")).to_be_visible()
    looked_at(desk, "card-presenting")
    desk.reload()
    expect(desk.get_by_text("Le client présente sa carte")).to_be_visible(timeout=15_000)
    press(terminal, "approve")
    expect(sold(desk)).to_be_visible()
    assert len(terminal.taken) == 1


def test_a_refused_card_says_why_and_another_mode_pays(desk, terminal):
    terminal.act("waits", {})
    pay_by_card(desk)
    expect(desk.get_by_text("Le client présente sa carte")).to_be_visible()
    press(terminal, "decline")
    expect(desk.get_by_role("region", name="Paiement").get_by_text("La banque a refusé.")).to_be_visible()
    looked_at(desk, "card-declined")
    desk.locator("[data-mode=cash]:visible").click()
    desk.locator("[data-confirm]").click()
    expect(sold(desk)).to_be_visible()
    assert terminal.taken == []


def test_a_terminal_in_doubt_parks_the_sale_and_the_next_customer_is_served(desk, terminal):
    terminal.set_fault("dies")
    pay_by_card(desk)
    expect(desk.get_by_text("Le terminal n’a pas répondu. A-t-il encaissé ?")).to_be_visible()
    looked_at(desk, "card-in-doubt")
    desk.get_by_role("button", name="Mettre la vente de côté").click()
    terminal.set_fault("none")
    put_in_basket(desk)
    pay_by_card(desk)
    expect(sold(desk)).to_be_visible()
    desk.get_by_role("button", name="Paiements par carte à régler : 1").click()
    expect(desk.get_by_text("Le terminal n’a pas dit s’il a encaissé.")).to_be_visible()
    looked_at(desk, "card-payments")
    desk.get_by_role("button", name="Reprendre cette vente").click()
    desk.get_by_role("button", name="Encaissé", exact=True).click()
    expect(sold(desk)).to_be_visible()
    assert len(terminal.taken) == 2  # one for each customer


def test_a_card_that_paid_for_nothing_is_given_back_on_the_terminal(desk, terminal):
    desk.locator("[data-mode=card]:visible").click()
    desk.keyboard.type("1")
    desk.locator("[data-confirm]").click()
    taken = desk.get_by_role("button", name=re.compile("Retirer ce paiement"))
    expect(taken).to_be_visible()
    taken.click()
    looked_at(desk, "card-give-back")
    desk.get_by_role("button", name=re.compile("Rembourser .* sur le terminal")).click()
    eventually(lambda: [each.kind for each in terminal.taken] == ["debit", "credit"])
    expect(desk.get_by_text("Le client présente sa carte")).to_be_hidden()
    expect(taken).to_be_hidden()
    assert [each.amount for each in terminal.taken] == [100, 100]


def test_a_terminal_that_is_off_leaves_the_card_to_the_cashiers_hands(desk, terminal):
    terminal.set_fault("off")
    pay_by_card(desk)
    by_hand = desk.get_by_role("button", name="Encaisser à la main sur le terminal")
    expect(by_hand).to_be_visible()
    looked_at(desk, "card-by-hand")
    by_hand.click()
    expect(sold(desk)).to_be_visible()
