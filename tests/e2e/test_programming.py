"""A manager at work: sales seen live, a performance put on sale by one form; what a cashier may not do (K1, L3, M2)."""

import re
import uuid
from datetime import timedelta

import grpc
import pytest
from playwright.sync_api import Browser, Page, expect

from kit.clock import now
from kit.grpc_client import channel
from kit.testing import eventually
from suite.audit import services_of
from ticketing.accounts.v1 import accounts_service_pb2 as accounts_pb
from ticketing.catalog.v1 import catalog_pb2 as nouns
from ticketing.catalog.v1 import catalog_service_pb2 as catalog_pb
from ticketing.catalog.v1.catalog_service_pb2_grpc import CatalogServiceStub
from ticketing.reporting.v1 import reporting_service_pb2 as reporting_pb

from .conftest import screenshot
from .running import RunningSuite, Till
from .test_first_sale import sign_in as sign_in_at_the_till

pytestmark = pytest.mark.e2e

PASSWORD = "demo-Canal-2026"
NEW_PERFORMANCE = "/catalog/performances/new"


def sign_in(page: Page, suite: RunningSuite, login: str) -> None:
    page.goto(suite.url("back office"))
    page.get_by_label("Identifiant").fill(login)
    page.get_by_label("Mot de passe").fill(PASSWORD)
    page.get_by_role("button", name="Se connecter").click()
    expect(page.get_by_role("navigation", name="Menu")).to_be_visible()


def fill_form(page: Page, title: str, capacity: str, price: str) -> None:
    """The form of one performance of a new show, tomorrow evening, full price with 10 % VAT."""
    page.get_by_label("Titre").fill(title)
    page.get_by_label("Jour").fill((now() + timedelta(days=1)).date().isoformat())
    page.get_by_label("Début").fill("20:00")
    page.get_by_label("Fin").fill("21:30")
    page.get_by_label("Jauge").fill(capacity)
    page.get_by_label("Prix de Plein tarif").fill(price)
    page.get_by_label("TVA de Plein tarif").select_option("1000")


def programme(suite: RunningSuite, token: str) -> CatalogServiceStub:
    """The catalogue's core, called by the person of this token, without any page between."""
    return CatalogServiceStub(channel(suite.machine.target("catalog"), token=lambda: token))


def token_of(suite: RunningSuite, login: str) -> str:
    asked = accounts_pb.SignInRequest(login=login, password=PASSWORD)
    return str(services_of(suite.machine).accounts.SignIn(asked).token)


@pytest.fixture
def manager(page, running_suite):
    sign_in(page, running_suite, "programmation")
    return page


def test_a_sale_at_the_till_appears_on_the_open_dashboard_within_five_seconds(manager, running_suite):
    """L3: the home page of who may see reports is today's takings, and it refreshes by itself."""
    expect(manager.get_by_role("heading", name="Ventes en direct")).to_be_visible()
    manager.evaluate("window.neverReloaded = true")
    till = Till(running_suite.url("till"))
    till.sign_in()
    sold = till.sell(till.key("Musée", "Plein tarif"))
    expect(manager.get_by_role("cell", name=sold["order_number"])).to_be_visible(timeout=5_000)
    assert manager.evaluate("window.neverReloaded")
    screenshot(manager, "back-office-dashboard")


def test_a_performance_of_one_form_is_sold_at_the_running_till_and_is_in_the_statement(
    manager, browser: Browser, running_suite
):
    """K1, K2, O1, L1: new show, capacity, tariff with its VAT; the till is not restarted."""
    title = f"Lecture au canal {uuid.uuid4().hex[:6]}"
    context = browser.new_context(viewport={"width": 1280, "height": 800}, locale="fr-FR", has_touch=True)
    till = context.new_page()
    sign_in_at_the_till(till, running_suite)
    manager.get_by_role("link", name="Programme", exact=True).click()
    manager.get_by_role("link", name="Nouvelle séance").first.click()
    fill_form(manager, title, "60", "18,50")
    manager.get_by_role("button", name="Enregistrer la séance").click()
    expect(manager.get_by_role("heading", name=title)).to_be_visible()
    expect(manager.get_by_role("status").filter(has_text="en vente")).to_be_visible()
    screenshot(manager, "back-office-performance")

    till.get_by_role("tab", name="Séances").click()
    card = till.get_by_role("article").filter(has_text=title)
    tariff = card.get_by_role("button", name=re.compile("Plein tarif"))
    expect(tariff).to_be_enabled(timeout=60_000)
    tariff.click()
    till.locator("[data-mode=cash]:visible").click()
    till.locator("[data-confirm]:visible").click()
    expect(till.locator("[data-order]:visible")).to_be_visible()
    context.close()

    reporting = services_of(running_suite.machine).reporting
    row = eventually(
        lambda: next(
            row for row in reporting.GetDayStatement(reporting_pb.GetDayStatementRequest()).rows if row.show == title
        ),
        seconds=20,
    )
    assert (row.quantity, row.unit_price, row.vat_rate_bp, row.vat) == (1, 1850, 1000, 168)
    manager.get_by_role("link", name="Relevé journalier").click()
    expect(manager.get_by_role("rowheader", name=re.compile(title))).to_be_visible()


def test_a_wrong_form_says_what_is_wrong_beside_each_field_and_saves_nothing(manager, running_suite):
    """K1: both errors at once, in words; what was typed stays."""
    title = f"Jamais {uuid.uuid4().hex[:6]}"
    manager.goto(running_suite.url("back office") + NEW_PERFORMANCE)
    fill_form(manager, title, "-5", "abc")
    manager.get_by_role("button", name="Enregistrer la séance").click()
    expect(manager.get_by_label("Jauge")).to_have_accessible_description(re.compile("nombre entier"))
    expect(manager.get_by_label("Prix de Plein tarif")).to_have_accessible_description(re.compile("montant"))
    expect(manager.get_by_label("Jauge")).to_have_value("-5")
    expect(manager.get_by_label("Titre")).to_have_value(title)
    screenshot(manager, "back-office-errors")
    shows = programme(running_suite, token_of(running_suite, "programmation")).GetProgramme(
        catalog_pb.GetProgrammeRequest()
    )
    assert title not in [show.title for show in shows.shows]


def test_a_cashier_can_programme_neither_by_the_page_nor_by_the_core(page, running_suite):
    """M2: the line is not in the menu, the page is closed, and the core refuses the same person."""
    sign_in(page, running_suite, "camille")
    expect(page.get_by_role("link", name="Programme", exact=True)).to_have_count(0)
    answer = page.goto(running_suite.url("back office") + NEW_PERFORMANCE)
    assert answer
    assert answer.status == 403
    expect(page.get_by_role("button", name="Enregistrer la séance")).to_have_count(0)
    expect(page.get_by_text("Vous n’avez pas le droit")).to_be_visible()
    token = token_of(running_suite, "camille")
    show = nouns.Show(id=str(uuid.uuid4()), title="Interdit", venue_id=str(uuid.uuid4()))
    with pytest.raises(grpc.RpcError) as refused:
        programme(running_suite, token).SaveShow(catalog_pb.SaveShowRequest(request_id=str(uuid.uuid4()), show=show))
    assert refused.value.code() is grpc.StatusCode.PERMISSION_DENIED
