"""The tills page follows a real till: what happens to it shows by itself (R7)."""

import pytest
from playwright.sync_api import expect

from .conftest import screenshot
from .own_till import own_till
from .test_first_sale import NARROW
from .test_programming import sign_in as back_office

pytestmark = pytest.mark.e2e
A_REPORT_AND_A_REFRESH_MS = 45_000


@pytest.fixture
def number(running_suite, tmp_path):
    """Of a till that has never failed to print."""
    with own_till(running_suite.machine, tmp_path / "till") as it:
        yield it.number


def test_a_till_without_paper_shows_amber_in_the_back_office_and_green_when_it_has_some(page, running_suite, number):
    """R7: nobody touches the page."""
    back_office(page, running_suite, "admin")
    page.goto(f"{running_suite.url('back office')}/accounts/tills")
    till = page.get_by_role("row").filter(has=page.get_by_role("link", name=number))
    expect(till.get_by_text("Tout va bien")).to_be_visible(timeout=A_REPORT_AND_A_REFRESH_MS)
    running_suite.fault("ticket", "paper_out")
    try:
        expect(till.get_by_text("Une imprimante ou un autre appareil est arrêté ou absent.")).to_be_visible(
            timeout=A_REPORT_AND_A_REFRESH_MS
        )
        screenshot(page, "backoffice-tills")
        till.get_by_role("link", name=number).click()
        expect(page.get_by_text("arrêtée : quelqu'un doit s'en occuper")).to_be_visible()
        screenshot(page, "backoffice-till")
        page.set_viewport_size(NARROW)
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        screenshot(page, "backoffice-till-narrow")
        page.goto(f"{running_suite.url('back office')}/accounts/tills?show=attention")
        expect(till).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        screenshot(page, "backoffice-tills-narrow")
    finally:
        running_suite.fault("ticket", "none")
    expect(till).to_have_count(0, timeout=A_REPORT_AND_A_REFRESH_MS)  # it needs nobody any more, whoever else does
