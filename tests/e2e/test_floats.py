"""A cashier's float from its opening to a manager's word, at the till and in the back office (E1 to E7)."""

import re

import pytest
from playwright.sync_api import Page, expect

from .conftest import looked_at, screenshot
from .running import RunningSuite
from .test_first_sale import NARROW, SMALL_CONTROLS, count_clicks, sell, sign_in
from .test_programming import sign_in as back_office

pytestmark = pytest.mark.e2e


def open_menu(page: Page, name: str) -> None:
    page.get_by_role("button", name="Menu", exact=True).click()
    page.get_by_role("button", name=name, exact=True).click()


def test_a_float_is_withdrawn_from_counted_explained_closed_and_validated(page: Page, running_suite: RunningSuite):
    """E3 to E5, E7: by keyboard and touch; the slip is printed; the head cashier validates; the audit finds nothing."""
    till = running_suite.till()
    till.sign_in()
    till.close_float({"1000": 10})  # whatever other tests did
    sign_in(page, running_suite)
    count_clicks(page)
    sell(page, "Carte postale")
    before = running_suite.paper_ids("receipt")
    open_menu(page, "Mon fonds de caisse")
    expect(page.get_by_text("Ventes en espèces")).to_be_visible()
    page.get_by_role("button", name="Prélèvement").click()
    page.keyboard.type("20")
    page.get_by_label("Numéro du sac").fill("SAC-00421")
    assert page.evaluate(SMALL_CONTROLS) == []
    screenshot(page, "float-withdrawal")
    page.get_by_role("button", name=re.compile("^Prélever")).click()
    expect(page.get_by_text(re.compile("Bordereau .*-F"))).to_be_visible()
    page.get_by_role("button", name="Clôturer le fonds").click()
    page.get_by_role("button", name=re.compile("^10\\s?€$")).click()
    page.get_by_role("button", name="8", exact=True).click()  # on the pad
    screenshot(page, "float-count")
    assert page.evaluate(SMALL_CONTROLS) == []
    page.set_viewport_size(NARROW)
    screenshot(page, "float-count-narrow")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    page.set_viewport_size({"width": 1280, "height": 800})
    page.get_by_role("button", name=re.compile("^Déclarer")).click()
    expect(page.get_by_text(re.compile("^Il manque"))).to_be_visible()
    page.get_by_label("Expliquez l’écart").fill("Carte postale non encaissée")
    screenshot(page, "float-difference")
    page.get_by_role("button", name="Clôturer", exact=True).click()
    expect(page.get_by_text("Fonds clôturé")).to_be_visible()
    assert len(running_suite.paper_ids("receipt") - before) >= 1
    back_office(page, running_suite, "ines")
    page.goto(f"{running_suite.url('back office')}/cashdesk/floats")
    waiting = page.get_by_role("row").filter(has_text="Carte postale non encaissée")
    expect(waiting).to_contain_text("Camille Moreau")
    looked_at(page, "floats-board")
    waiting.get_by_role("link", name="Voir et valider").click()
    expect(page.get_by_text("sac SAC-00421")).to_be_visible()
    looked_at(page, "float-detail")
    page.get_by_label("Remarque").fill("Vu avec elle")
    page.get_by_role("button", name="Valider ce fonds").click()
    expect(page.get_by_text("Le fonds de caisse est validé.")).to_be_visible()
    page.goto(f"{running_suite.url('back office')}/reporting/states/closings")
    expect(page.get_by_text("Carte postale non encaissée").first).to_be_visible()
    looked_at(page, "state-closings")
    assert running_suite.audit() == []
