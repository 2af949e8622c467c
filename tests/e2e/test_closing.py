"""The day is closed at a till, and an inspector verifies its journal without the suite (LAW-4, LAW-6, LAW-7)."""

import io
import re
import subprocess
import sys

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from kit.testing import eventually

from .conftest import keep, looked_at, screenshot
from .running import RunningSuite
from .test_first_sale import NARROW, SMALL_CONTROLS, key, sign_in
from .test_programming import sign_in as back_office

pytestmark = pytest.mark.e2e

INES_PIN = "9054"


def test_a_day_is_read_and_closed_with_a_managers_word_and_verified_by_a_program_of_its_own(
    page, running_suite: RunningSuite, tmp_path
):
    sign_in(page, running_suite)
    button = key(page, "Festival", "Plein tarif")
    expect(button).to_be_enabled(timeout=30_000)
    button.click()
    page.locator("[data-mode=cash]:visible").click()
    page.locator("[data-confirm]:visible").click()
    expect(page.locator("[data-order]:visible")).to_be_visible()
    page.get_by_role("button", name="Menu", exact=True).first.click()
    page.get_by_role("button", name="Clôture de la journée").click()
    day = page.get_by_role("dialog", name="Clôture de la journée")
    day.get_by_role("button", name="Lecture X, sans clôturer").click()
    give_leave(page)
    expect(day.get_by_role("heading", name=re.compile("Lecture X, avant la clôture"))).to_be_visible()
    screenshot(page, "till-day-reading")
    slips = running_suite.paper_ids("receipt")
    day.get_by_role("button", name="Clôturer la journée (Z)").click()
    give_leave(page)
    expect(day.get_by_role("heading", name=re.compile("Clôture Z n° 1"))).to_be_visible()
    expect(day.get_by_text("Perpétuel en valeur absolue")).to_be_visible()
    screenshot(page, "till-day-closed")
    new = eventually(lambda: [one for one in running_suite.papers("receipt") if one["id"] not in slips], seconds=30)
    keep(Image.open(io.BytesIO(running_suite.paper(new[0]))), "paper-closing-z")
    page.set_viewport_size(NARROW)
    assert page.evaluate(SMALL_CONTROLS) == []
    screenshot(page, "till-day-closed-narrow")
    page.set_viewport_size({"width": 1280, "height": 800})

    back_office(page, running_suite, "admin")
    page.goto(f"{running_suite.url('back office')}/cashdesk/inspection")
    till = page.get_by_role("row").filter(has_text="T01").first
    expect(till.get_by_text("Complet")).to_be_visible()
    looked_at(page, "backoffice-inspection")
    till.get_by_role("link", name="Contrôler").click()
    expect(page.get_by_text("aucun n’a été sauté")).to_be_visible()
    looked_at(page, "backoffice-inspection-of-a-till")
    with page.expect_download() as download:
        page.get_by_role("link", name="Exporter le journal").click()
    file = tmp_path / "T01.jsonl"
    download.value.save_as(file)
    root = re.search("--root ([0-9a-f]{64})", page.content())
    assert root
    assert "TOUT TIENT" in verified(file, root[1], 0)
    file.write_bytes(file.read_bytes().replace(b"Plein tarif", b"Demi tarif", 1))
    assert "signature fausse" in verified(file, root[1], 1)


def give_leave(page: Page) -> None:
    """Inès types her PIN."""
    leave = page.get_by_role("dialog", name="Accord d’un responsable")
    expect(leave.get_by_text("Code PIN de Inès Garnier")).to_be_visible()
    page.keyboard.type(INES_PIN)
    page.keyboard.press("Enter")
    expect(leave).to_be_hidden()


def verified(file, root: str, status: int) -> str:
    """What `ledger-verify` says, by itself: no variable of the suite, no database."""
    command = [sys.executable, "-m", "ledger.verify", str(file), "--root", root, "--lang", "fr"]
    done = subprocess.run(command, text=True, capture_output=True, env={}, cwd=file.parent)
    assert done.returncode == status, done.stdout + done.stderr
    return done.stdout
