"""A manager sets up the tills: keys by hand, a preview, versions in stages and back (B1, B5, B6, B9)."""

import re
import uuid

import pytest
from playwright.sync_api import Page, expect

from kit.grpc_client import channel, service_tokens
from kit.testing import eventually
from suite.demo.centre import id_of
from suite.demo.programme import FESTIVAL
from ticketing.catalog.v1 import catalog_pb2 as nouns
from ticketing.catalog.v1 import catalog_service_pb2 as pb
from ticketing.catalog.v1.catalog_service_pb2_grpc import CatalogServiceStub

from .conftest import screenshot
from .running import Till
from .test_first_sale import NARROW, SMALL_CONTROLS
from .test_first_sale import sign_in as sign_in_at_the_till
from .test_programming import sign_in

pytestmark = pytest.mark.e2e
KEY = "Duo et affiche"


@pytest.fixture
def catalog(running_suite):
    """The core as another service calls it, which may also speak for a till."""
    machine = running_suite.machine
    token = service_tokens(machine.secrets["service_secret"], "e2e")
    return CatalogServiceStub(channel(machine.target("catalog"), token=token, timeout_seconds=10))


@pytest.fixture
def profile(catalog):
    return catalog.GetProgramme(pb.GetProgrammeRequest()).till_profiles[0]


@pytest.fixture
def editor(page: Page, running_suite, profile):
    sign_in(page, running_suite, "programmation")
    page.goto(f"{running_suite.url('back office')}/catalog/till-profiles/{profile.id}/edit")
    expect(page.get_by_role("button", name="Ajouter une page")).to_be_visible()
    return page


def preview(page: Page):
    return page.frame_locator("iframe")


def names(page: Page, region: str) -> list[str]:
    return [each.strip() for each in page.locator(f"{region} ol .name").all_inner_texts()]


def saved(page: Page) -> None:
    expect(page.get_by_role("status").filter(has_text="Brouillon enregistré")).to_be_visible()


def drag(page: Page, region: str, source: int, target: int) -> None:
    handles = page.locator(f"{region} ol .handle")
    page.locator(f"{region} ol").evaluate("list => list.scrollIntoView({ block: 'end', behavior: 'instant' })")
    start, end = handles.nth(source).bounding_box(), handles.nth(target).bounding_box()
    page.mouse.move(start["x"] + 20, start["y"] + 20)
    page.mouse.down()
    page.mouse.move(end["x"] + 20, end["y"] + 20, steps=5)
    page.mouse.up()


def roll_out(page: Page, version: str, **ticked: str) -> None:
    page.get_by_label("Version", exact=True).select_option(version)
    page.get_by_label(re.compile(ticked["till"])).first.check()
    page.get_by_role("button", name="Déployer sur ces caisses").click()
    expect(page.get_by_role("status").filter(has_text="part vers les caisses")).to_be_visible()


def test_a_manager_adds_an_express_key_tries_it_on_one_till_and_takes_it_back(
    editor, browser, running_suite, catalog, profile
):
    """B1, B5, B6, B9: by drag and by keyboard, seen before it is published, and between two sales at the till."""
    page, till = editor, Till(running_suite.url("till"))
    expect(preview(page).get_by_role("tab").first).to_be_visible()
    page.get_by_role("button", name="Ajouter une touche").click()
    page.get_by_role("region", name="Touche").get_by_label("Libellé").fill(KEY)
    page.get_by_role("button", name="Ajouter à la touche").click()
    day = id_of("show", FESTIVAL)  # there are places for every till of every test
    visit = next(item for each in profile.pages[0].keys for item in each.items if item.show_id == day)
    page.get_by_label("Vend").select_option(visit.show_id)
    page.locator(".item select").nth(1).select_option(visit.tariff_id)
    page.get_by_label("Nombre").fill("2")
    page.get_by_role("button", name="Ajouter à la touche").click()
    article = page.get_by_label("Vend").nth(1).locator("optgroup").nth(1).locator("option").first
    page.get_by_label("Vend").nth(1).select_option(article.get_attribute("value"))
    page.get_by_role("button", name="Couleur 5").click()
    expect(preview(page).get_by_role("button", name=re.compile(KEY))).to_be_enabled()
    preview(page).locator(".sale-key").first.click()
    expect(page.get_by_role("region", name="Touche").get_by_label("Libellé")).to_have_value(
        profile.pages[0].keys[0].label
    )

    keys = names(page, ".keys")
    assert keys[-1] == KEY
    last = len(keys) - 1
    drag(page, ".keys", last, last - 3)
    assert names(page, ".keys").index(KEY) == last - 3
    page.get_by_role("button", name=re.compile(f"Déplacer {KEY}")).press("Alt+ArrowUp")
    assert names(page, ".keys").index(KEY) == last - 4
    page.get_by_role("button", name="Annuler").click()
    assert names(page, ".keys").index(KEY) == last - 3
    expect(preview(page).locator(".sale-key").nth(last - 3)).to_contain_text(KEY)
    saved(page)
    assert page.evaluate(SMALL_CONTROLS) == []
    screenshot(page, "till-editor")
    page.set_viewport_size(NARROW)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    screenshot(page, "till-editor-narrow")
    page.set_viewport_size({"width": 1280, "height": 800})
    page.get_by_role("button", name="Téléphone").click()
    screenshot(page, "till-editor-phone")

    page.get_by_role("link", name="Publier…").click()
    expect(page.get_by_text(f"la touche « {KEY} » est nouvelle")).to_be_visible()
    page.get_by_label("Commentaire").fill("Touche express")
    page.get_by_role("button", name="Publier", exact=True).click()
    expect(page.get_by_role("status").filter(has_text="Version 2 est publiée").or_(
        page.get_by_role("status").filter(has_text="version 2 est publiée"))).to_be_visible()  # fmt: skip

    window = browser.new_context(viewport={"width": 1280, "height": 800}, locale="fr-FR", has_touch=True)
    seller = window.new_page()
    sign_in_at_the_till(seller, running_suite)
    own = seller.locator(".sale-key", has_text=KEY)
    expect(seller.locator(".sale-key").first).to_be_visible()
    expect(own).to_have_count(0)
    seller.locator(".sale-key:enabled").first.click()  # a sale under way is not disturbed
    number = till.get("/api/state")["till"]["number"]
    eventually(lambda: catalog.ListTillSetups(listing(profile)).tills, seconds=30)
    page.reload()
    roll_out(page, "2", till=number)

    def here() -> nouns.TillSetupState:
        """The till that is tried; tests have others at the same desk."""
        return next(each for each in catalog.ListTillSetups(listing(profile)).tills if each.till_number == number)

    eventually(lambda: here().waiting_number == 2, seconds=30)
    expect(own).to_have_count(0)
    page.reload()
    expect(page.get_by_text("Attend la fin d’une vente")).to_be_visible()
    seller.get_by_role("button", name="Vider").click()
    expect(own).to_be_enabled(timeout=15_000)
    screenshot(seller, "till-express-key")
    own.click()
    expect(seller.get_by_role("button", name=re.compile("Un de plus")).first).to_be_visible()
    seller.get_by_role("button", name="Vider").click()
    page.reload()
    eventually(lambda: here().applied_number == 2, seconds=30)
    page.reload()
    expect(page.get_by_text("À jour")).to_be_visible()
    screenshot(page, "till-roll-out")
    page.set_viewport_size(NARROW)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    screenshot(page, "till-roll-out-narrow")
    page.set_viewport_size({"width": 1280, "height": 800})

    point = here().point_of_sale_id
    another = catalog.SyncTillSetup(pb.SyncTillSetupRequest(till_id=str(uuid.uuid4()), point_of_sale_id=point))
    assert KEY.encode() not in another.setup.content
    assert b'"number":1' in another.setup.content

    page.get_by_role("button", name="Toutes les caisses à la version 1").click()
    page.locator("#confirm button[value=yes]").click()
    expect(own).to_have_count(0, timeout=15_000)
    window.close()


def listing(profile) -> pb.ListTillSetupsRequest:
    return pb.ListTillSetupsRequest(till_profile_id=profile.id)
