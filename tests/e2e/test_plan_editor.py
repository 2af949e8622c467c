"""A hall is changed on a page: what is saved is the next version, faults show at their seats, nothing is lost (K3)."""

import gzip
import json
import re

import pytest
from playwright.sync_api import Page, expect

from seating.generate import stadium
from ticketing.catalog.v1 import catalog_service_pb2 as catalog_pb

from .conftest import screenshot
from .test_programming import programme, sign_in, token_of

pytestmark = pytest.mark.e2e


@pytest.fixture
def editor(page: Page, running_suite) -> Page:
    sign_in(page, running_suite, "programmation")
    page.goto(running_suite.url("back office") + "/catalog/plans")
    page.get_by_role("link", name=re.compile("Théâtre")).click()
    page.get_by_role("link", name="Modifier").click()
    expect(page.get_by_text("Tout est enregistré")).to_be_visible()
    return page


def newest(running_suite) -> dict:
    """The newest version of the theatre's plan."""
    catalog = programme(running_suite, token_of(running_suite, "programmation"))
    versions = catalog.ListPlanVersions(catalog_pb.ListPlanVersionsRequest()).versions
    version = next(each for each in versions if each.name.startswith("Théâtre"))
    content = catalog.GetPlanVersion(catalog_pb.GetPlanVersionRequest(plan_version_id=version.id)).content
    return json.loads(gzip.decompress(content))


def open_room(page: Page, name: str) -> None:
    page.locator("summary", has_text=name).click()


def test_rows_are_added_numbered_mirrored_undone_and_saved_as_the_next_version(editor, running_suite):
    open_room(editor, "Ajouter des rangs")
    room = editor.locator("details", has=editor.locator("summary", has_text="Ajouter des rangs"))
    room.get_by_label("Nom de la zone").fill("Fosse")
    room.get_by_label("Rangs", exact=True).fill("2")
    room.get_by_label("Places par rang").fill("6")
    room.get_by_role("button", name="Ajouter", exact=True).click()
    expect(editor.get_by_text("12 places choisies")).to_be_visible()
    open_room(editor, "Numéroter")
    editor.get_by_label("Numéros").select_option("centre")
    editor.get_by_role("button", name="Numéroter les places").click()
    editor.get_by_label("Strapontin").check()
    open_room(editor, "Déplacer")
    editor.get_by_role("button", name="Retourner les rangs").click()
    editor.get_by_role("button", name="Annuler").click()
    screenshot(editor, "plan-editor")
    editor.get_by_role("button", name="Enregistrer une nouvelle version").click()
    expect(editor.get_by_text("773").first).to_be_visible()
    fosse = newest(running_suite)["zones"][-1]
    assert [row["label"] for row in fosse["rows"]] == ["A", "B"]
    assert [seat["label"] for seat in fosse["rows"][0]["seats"]] == ["5", "3", "1", "2", "4", "6"]
    assert all(seat["traits"] == 4 for row in fosse["rows"] for seat in row["seats"])


def test_an_unsaved_draft_is_found_again_and_can_be_forgotten(editor):
    editor.get_by_role("button", name="Tout choisir").click()
    editor.locator("details[open]").get_by_label("Catégorie").select_option("2")
    expect(editor.get_by_text("Modifications non enregistrées")).to_be_visible()
    editor.on("dialog", lambda dialog: dialog.accept())
    editor.reload()
    editor.get_by_role("button", name="Reprendre le brouillon").click()
    expect(editor.get_by_text("Modifications non enregistrées")).to_be_visible()
    editor.reload()
    editor.get_by_role("button", name="L’oublier").click()
    editor.reload()
    expect(editor.get_by_role("button", name="Reprendre le brouillon")).to_have_count(0)


def first_seat(plan: dict) -> tuple[int, int]:
    seat = plan["zones"][0]["rows"][0]["seats"][0]
    return seat["x"], seat["y"]


DRAFT = "() => JSON.parse(localStorage.getItem(document.querySelector('#plan-editor').dataset.draft))"


def test_by_keyboard_alone_a_seat_is_found_chosen_moved_removed_and_brought_back(editor, running_suite):
    """Alt with an arrow would leave the page otherwise; Delete and Ctrl+Z do what they do everywhere."""
    x, y = first_seat(newest(running_suite))
    editor.get_by_role("application").focus()
    editor.keyboard.press("Control+a")
    expect(editor.get_by_text(re.compile(r"\d+ places choisies")).first).to_be_visible()
    editor.keyboard.press("Alt+ArrowRight")
    editor.keyboard.press("Alt+ArrowDown")
    assert first_seat(editor.evaluate(DRAFT)) == (x + 25, y + 25)
    editor.keyboard.press("Control+z")
    editor.keyboard.press("Control+z")
    expect(editor.get_by_text("Tout est enregistré")).to_be_visible()
    editor.get_by_role("button", name="Ne rien choisir").press("Enter")
    editor.get_by_role("application").focus()
    editor.keyboard.press("ArrowRight")
    editor.keyboard.press("Enter")
    expect(editor.get_by_text("1 place choisie").first).to_be_visible()
    editor.keyboard.press("Delete")
    expect(editor.get_by_text("Modifications non enregistrées")).to_be_visible()
    editor.keyboard.press("Control+z")
    expect(editor.get_by_text("Tout est enregistré")).to_be_visible()


def test_chosen_seats_are_dragged_and_stop_on_the_grid(editor, running_suite):
    map_ = editor.locator("tk-seat-map")
    x, y = first_seat(newest(running_suite))
    spot = "(map) => map.spot(1)"
    at = map_.evaluate(spot)
    editor.mouse.move(at["x"], at["y"])
    for _ in range(8):
        editor.mouse.wheel(0, -240)
    at = map_.evaluate(spot)
    editor.mouse.click(at["x"], at["y"])
    expect(editor.get_by_text("1 place choisie").first).to_be_visible()
    editor.mouse.move(at["x"], at["y"])
    editor.mouse.down()
    editor.mouse.move(at["x"] + 60, at["y"] + 80, steps=5)
    screenshot(editor, "plan-editor-drag")
    editor.mouse.up()
    expect(editor.get_by_text("Modifications non enregistrées")).to_be_visible()
    now = first_seat(editor.evaluate(DRAFT))
    assert now != (x, y)
    assert ((now[0] - x) % 25, (now[1] - y) % 25) == (0, 0)
    moved = map_.evaluate(spot)
    assert (abs(moved["x"] - at["x"] - 60), abs(moved["y"] - at["y"] - 80)) < (40, 40)
    editor.get_by_role("button", name="Annuler").click()
    expect(editor.get_by_text("Tout est enregistré")).to_be_visible()


BREAK = """async () => {
  const { file, draft } = document.querySelector('#plan-editor').dataset
  const plan = await (await fetch(file)).json()
  const [one, , other] = plan.zones[0].rows[0].seats
  one.right = other.id
  localStorage.setItem(draft, JSON.stringify(plan))
}"""


def test_a_plan_that_cannot_be_sold_from_is_not_saved_and_shows_where_it_is_wrong(editor, running_suite):
    """Neighbours that disagree: the fault chooses its seats."""
    before = newest(running_suite)
    editor.evaluate(BREAK)
    editor.reload()
    editor.get_by_role("button", name="Reprendre le brouillon").click()
    editor.get_by_role("button", name="Enregistrer une nouvelle version").click()
    expect(editor.get_by_text("Ce plan ne peut pas être enregistré")).to_be_visible()
    editor.get_by_role("button", name=re.compile("Montrer les places")).first.click()
    expect(editor.get_by_text(re.compile("places? choisies?")).first).to_be_visible()
    screenshot(editor, "plan-editor-faults")
    assert newest(running_suite) == before
    editor.get_by_role("button", name="Annuler").click()
    expect(editor.get_by_text("Tout est enregistré")).to_be_visible()


def test_the_editor_stands_on_a_telephone(editor):
    editor.set_viewport_size({"width": 390, "height": 844})
    expect(editor.get_by_role("button", name="Enregistrer une nouvelle version")).to_be_visible()
    assert editor.evaluate("document.documentElement.scrollWidth <= innerWidth")
    screenshot(editor, "plan-editor-390")


def test_a_stadium_is_imported_changed_and_saved(page: Page, running_suite):
    """60,000 seats: the core takes its time to judge them, and the page waits."""
    sign_in(page, running_suite, "programmation")
    page.goto(running_suite.url("back office") + "/catalog/plans/import")
    page.get_by_label("Lieu").select_option(index=1)
    content = gzip.compress(json.dumps(stadium().to_json()).encode(), 1)
    page.get_by_label("Fichier", exact=True).set_input_files(
        {"name": "stade.json.gz", "mimeType": "application/gzip", "buffer": content}
    )
    page.get_by_role("button", name="Importer").click(timeout=60_000)
    page.get_by_role("link", name="Modifier", exact=True).click(timeout=60_000)
    expect(page.get_by_text("Tout est enregistré")).to_be_visible(timeout=60_000)
    page.get_by_role("application").focus()
    page.keyboard.press("Control+a")
    page.keyboard.press("Alt+ArrowRight")
    expect(page.get_by_text("Modifications non enregistrées")).to_be_visible()
    screenshot(page, "plan-editor-stadium")
    page.get_by_role("button", name="Enregistrer une nouvelle version").click()
    expect(page.get_by_text("Une version ne change jamais")).to_be_visible(timeout=60_000)
