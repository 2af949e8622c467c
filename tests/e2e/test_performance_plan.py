"""A manager at the plan of a performance: seats blocked, a contingent made and filled, a quota set (G3, G6, K6)."""

import re
import uuid
from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from kit.clock import now
from kit.testing import eventually
from seating import SeatState, contingent_of, state_of
from seating.generate import theatre
from suite.audit import services_of
from suite.demo.centre import id_of
from suite.demo.programme import CARMEN
from ticketing.catalog.v1.catalog_service_pb2 import ListPerformancesRequest
from ticketing.inventory.v1 import inventory_service_pb2 as pb

from .conftest import screenshot
from .running import RunningSuite
from .test_programming import programme, token_of
from .test_seat_map import counted, picked, said, spot

pytestmark = pytest.mark.e2e

PLAN = theatre()
ROWS = [(zone.name, row) for zone in PLAN.zones for row in zone.rows]


def ordinals(zone: str, row: str) -> list[int]:
    """The seats of a row."""
    first = 1
    for name, each in ROWS:
        if (name, each.label) == (zone, row):
            return list(range(first, first + len(each.seats)))
        first += len(each.seats)
    raise LookupError((zone, row))


@pytest.fixture(params=[(1280, 800), (390, 844)], ids=["1280", "390"])
def manager(request: pytest.FixtureRequest, browser: Browser, running_suite: RunningSuite) -> Iterator[Page]:
    """Signed in, on a touch screen of somebody who wants no motion. What the browser complains of fails the test."""
    width, height = request.param
    context = browser.new_context(
        viewport={"width": width, "height": height}, locale="fr-FR", has_touch=True, reduced_motion="reduce"
    )
    page = context.new_page()
    heard: list[str] = []
    page.on("pageerror", lambda error: heard.append(str(error)))
    page.on("console", lambda message: message.type in ("error", "warning") and heard.append(message.text))
    page.goto(running_suite.url("back office"))
    page.get_by_label("Identifiant").fill("programmation")
    page.get_by_label("Mot de passe").fill("demo-Canal-2026")
    page.get_by_role("button", name="Se connecter").click()
    expect(page.locator("#main")).to_be_visible()
    yield page
    refusals = ("Failed to load resource", "Response Status Error Code 409")
    assert [words for words in heard if not words.startswith(refusals)] == []
    context.close()


@pytest.fixture
def performance(request: pytest.FixtureRequest, running_suite: RunningSuite) -> str:
    """A performance of Carmen for each screen, so that neither finds what the other has done; tills sell the first."""
    to_on = (now() + timedelta(days=29)).date().isoformat()
    asked = ListPerformancesRequest(show_id=id_of("show", CARMEN), to_on=to_on)
    found = programme(running_suite, token_of(running_suite, "programmation")).ListPerformances(asked).performances
    return str(found[1 if "1280" in request.node.name else 2].id)


def states(suite: RunningSuite, performance: str) -> bytes:
    asked = pb.GetSeatStatusRequest(performance_id=performance)
    return bytes(services_of(suite.machine).inventory.GetSeatStatus(asked).states)


def opened(page: Page, suite: RunningSuite, performance: str) -> None:
    page.goto(f"{suite.url('back office')}/inventory/performances/{performance}")
    expect(page.locator("tk-seat-map").get_by_role("button", name="Voir toute la salle")).to_be_visible()


def tap(page: Page, ordinal: int) -> None:
    """As a finger does: the first touch brings seats near that are too small, the next one means the seat."""
    page.locator("tk-seat-map").scroll_into_view_if_needed()
    for _touch in range(2):
        if ordinal not in picked(page):
            page.touchscreen.tap(*spot(page, ordinal))


def whole_row(page: Page, zone: str, row: str) -> None:
    """By the list alone."""
    page.get_by_role("button", name="Liste", exact=True).click()
    page.get_by_role("button", name=re.compile(f"^{zone}")).click()
    page.get_by_role("button", name=re.compile(f"^Rang {row} ")).first.click()
    page.get_by_role("button", name=f"Tout le rang {row}", exact=True).click()


def deed(page: Page, what: str, **fields: str) -> Locator:
    """Do it with the chosen seats; what the page answers."""
    page.get_by_label("Qu’en faire").last.select_option(label=what)
    for label, value in fields.items():
        page.get_by_label(label).fill(value)
    page.get_by_role("button", name="Appliquer", exact=True).click()
    return page.locator("#desk .alert")


def test_seats_are_blocked_set_apart_and_limited_on_the_plan(
    manager: Page, running_suite: RunningSuite, performance: str, request: pytest.FixtureRequest
):
    """G6, K6: by finger and by list; what was done is said, shown on the plan, and true in the core."""
    screen = request.node.callspec.id
    opened(manager, running_suite, performance)
    seats = ordinals("Parterre", "F")
    tap(manager, seats[2])
    tap(manager, seats[3])
    assert picked(manager) == seats[2:4]
    expect(manager.locator("[data-count]")).to_have_text("2 places")
    expect(deed(manager, "Garder en places maison", Motif="Presse")).to_have_text("Gardé en places maison : 2 places.")
    expect(manager.locator("#desk .alert")).to_be_focused()
    assert [state_of(states(running_suite, performance)[seat - 1]) for seat in seats[2:4]] == [SeatState.HOUSE] * 2
    labels = [seat.label for name, row in ROWS if (name, row.label) == ("Parterre", "F") for seat in row.seats]
    blocks = manager.get_by_role("table", name="Places bloquées")
    expect(blocks).to_contain_text(f"Parterre, rang F : {labels[2]}, {labels[3]}".replace(" :", "\u00a0:"))
    expect(manager.locator("#figures")).to_contain_text(re.compile(r"Bloquées\s*2"))
    assert picked(manager) == []
    manager.evaluate("document.querySelector('tk-seat-map').scrollIntoView()")
    legend = manager.get_by_role("button", name="Montrer seulement : Places maison")
    if not legend.is_visible():
        manager.get_by_role("button", name="Légende").click()
    expect(legend.locator(".number")).to_have_text("2")
    screenshot(manager, f"performance-blocked-{screen}")

    manager.get_by_role("link", name="Nouveau contingent").click()
    manager.get_by_label("Nom", exact=True).fill("Comité d'entreprise")
    manager.get_by_label("Partenaires").fill("ce-rail")
    manager.get_by_role("button", name="Enregistrer").click()
    expect(manager.get_by_role("status").filter(has_text="Comité d'entreprise")).to_be_visible()
    expect(manager.locator("tk-seat-map").get_by_role("button", name="Voir toute la salle")).to_be_visible()
    whole_row(manager, "Parterre", "G")
    row = ordinals("Parterre", "G")
    assert sorted(picked(manager)) == row
    done = f"Dans le contingent « Comité d'entreprise » : {len(row)} places."
    expect(deed(manager, "Mettre dans un contingent")).to_have_text(done)
    assert {contingent_of(states(running_suite, performance)[seat - 1]) for seat in row} == {1}
    expect(manager.get_by_role("table", name="Contingents")).to_contain_text(f"{len(row)} libres sur {len(row)}")
    manager.locator("tk-seat-map").get_by_role("application").focus()
    eventually(lambda: manager.evaluate("document.querySelector('tk-seat-map').contingents")["1"])
    manager.evaluate("seat => document.querySelector('tk-seat-map').pick([seat])", row[0])
    manager.keyboard.press("ArrowRight")
    expect(said(manager)).to_contain_text("Comité d'entreprise")

    manager.get_by_role("link", name="Nouveau quota").click()
    manager.get_by_label("Nom", exact=True).fill("Boutique en ligne")
    manager.get_by_label("Au plus tant de places").fill("100")
    manager.get_by_label("Boutique en ligne").last.check()
    manager.get_by_role("button", name="Enregistrer").click()
    expect(manager.get_by_role("table", name="Quotas")).to_contain_text("0 sur 100")
    assert manager.evaluate("document.documentElement.scrollWidth") <= manager.viewport_size["width"]
    screenshot(manager, f"performance-set-{screen}")


def test_taken_seats_are_named_and_a_block_is_given_back(manager: Page, running_suite: RunningSuite, performance: str):
    """G6: the map keeps what was chosen when nothing was done."""
    opened(manager, running_suite, performance)
    one, two = ordinals("Parterre", "H")[:2]
    choose = "seats => document.querySelector('tk-seat-map').pick(seats)"
    manager.evaluate(choose, [one])
    expect(deed(manager, "Condamner (hors vente)", Motif="Siège cassé")).to_have_text("Condamné : 1 place.")
    manager.evaluate(choose, [one, two])
    expect(deed(manager, "Garder en places maison", Motif="Presse")).to_contain_text("Rien n’a changé")
    assert picked(manager) == [one, two]
    row = manager.get_by_role("table", name="Places bloquées").get_by_role("row").filter(has_text="Siège cassé")
    row.get_by_role("button", name="Rendre").click()
    manager.get_by_role("button", name="Confirmer").click()
    expect(manager.locator("#desk .alert")).to_have_text("Les places sont rendues à la vente.")
    assert state_of(states(running_suite, performance)[one - 1]) == SeatState.FREE


def test_what_others_do_shows_on_the_open_page(manager: Page, running_suite: RunningSuite, performance: str):
    """G7: without a touch, and what was being chosen stays chosen."""
    opened(manager, running_suite, performance)
    expect(manager.locator("tk-seat-map .live:not(.off)")).to_be_visible()
    first, second, chosen = ordinals("Parterre", "K")[:3]
    manager.evaluate("seat => document.querySelector('tk-seat-map').pick([seat])", chosen)
    inventory = services_of(running_suite.machine).inventory
    line = pb.HoldLine(performance_id=performance, quantity=2, seats=[first, second])
    hold = pb.HoldRequest(hold_id=str(uuid.uuid4()), lines=[line])
    assert inventory.HoldPlaces(pb.HoldPlacesRequest(holds=[hold])).results[0].granted
    legend = manager.get_by_role("button", name="Légende", exact=True)
    if legend.get_attribute("aria-expanded") != "true":
        legend.click()
    expect(counted(manager, "Dans un panier")).to_have_text("2")
    expect(manager.locator("#figures")).to_contain_text(re.compile(r"Retenues\s*2"), timeout=20_000)
    assert picked(manager) == [chosen]
    inventory.ReleaseHolds(pb.ReleaseHoldsRequest(hold_ids=[hold.hold_id]))
    expect(counted(manager, "Dans un panier")).to_have_text("0")
