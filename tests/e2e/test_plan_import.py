"""A hall comes in as a drawing with its table, is refused by its line, and goes out as it came in (K3, domain 6.7)."""

import zipfile

import pytest
from playwright.sync_api import Page, expect

from .conftest import screenshot
from .test_programming import sign_in

pytestmark = pytest.mark.e2e

SVG = """<svg xmlns="http://www.w3.org/2000/svg"><rect id="scene" x="0" y="0" width="100" height="10"/>
<g transform="translate(0 40)"><circle id="C-1" cx="0" cy="0" r="8"/><circle id="C-3" cx="25" cy="0" r="8"/>
<circle id="C-2" cx="100" cy="0" r="8"/></g></svg>"""
TABLE = "id;zone;rang;place;catégorie\nC-1;Caveau;A;1;1\nC-3;Caveau;A;3;1\nC-2;Caveau;A;2;{}\n"


@pytest.fixture
def form(page: Page, running_suite) -> Page:
    sign_in(page, running_suite, "programmation")
    page.goto(running_suite.url("back office") + "/catalog/plans/import")
    page.get_by_label("Format").select_option("drawing")
    page.get_by_label("Nom du plan").fill("Caveau")
    page.get_by_label("Lieu").select_option(index=1)
    return page


def send(page: Page, svg: bytes, table: bytes) -> None:
    page.get_by_label("Fichier", exact=True).set_input_files(
        {"name": "caveau.svg", "mimeType": "image/svg+xml", "buffer": svg}
    )
    page.get_by_label("Fichier annexe").set_input_files({"name": "caveau.csv", "mimeType": "text/csv", "buffer": table})
    page.get_by_role("button", name="Importer").click()


def test_a_drawing_and_its_table_become_a_plan_that_goes_out_and_comes_in_again(form, tmp_path):
    """The table as Excel writes it in France; what nobody said about neighbours is said to be a proposal."""
    send(form, SVG.encode(), TABLE.format(2).encode("cp1252"))
    expect(form.get_by_text("voisines et allées ont été proposées")).to_be_visible()
    expect(form.locator("tk-seat-map").get_by_role("application", name="Caveau")).to_be_visible()
    assert form.locator("tk-seat-map").evaluate("(map) => map.spot(3) !== null && map.spot(4) === null")
    screenshot(form, "plan-imported")
    with form.expect_download() as download:
        form.get_by_role("link", name="Dessin et tableau").click()
    packed = tmp_path / "plan.zip"
    download.value.save_as(packed)
    with zipfile.ZipFile(packed) as archive:
        svg, table = (archive.read(next(n for n in archive.namelist() if n.endswith(end))) for end in (".svg", ".csv"))
    assert b"C-1;Caveau;A;1;1;-;C-3;" in table
    form.goto(form.url.split("/plans/")[0] + "/plans/import")
    form.get_by_label("Format").select_option("drawing")
    form.get_by_label("Nom du plan").fill("Caveau bis")
    form.get_by_label("Lieu").select_option(index=1)
    send(form, svg, table)
    expect(form.get_by_text("Caveau bis").first).to_be_visible()
    expect(form.get_by_text("voisines et allées ont été proposées")).to_have_count(0)


def test_a_table_that_does_not_suit_its_drawing_says_every_line(form):
    send(form, SVG.encode(), (TABLE.format(1) + "C-9;Caveau;A;9;1\nC-1;Caveau;A;11;1\n").encode())
    for words in ("ligne 5, identifiant, C-9", "ligne 6, identifiant, C-1"):
        expect(form.get_by_text(words)).to_be_visible()
    expect(form.get_by_text("Aucun élément du dessin n’a cet identifiant")).to_be_visible()
    screenshot(form, "plan-import-faults")
    form.set_viewport_size({"width": 390, "height": 844})
    assert form.evaluate("document.documentElement.scrollWidth <= innerWidth")
    screenshot(form, "plan-import-faults-390")
