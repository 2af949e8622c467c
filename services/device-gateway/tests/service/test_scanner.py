"""The reader's self-test: a known code, and the translation that was learnt from it (C8)."""

import re

import pytest
import zxingcpp
from PIL import Image

from ..conftest import PIN
from .test_http import Page, app  # noqa: F401 - a fixture


@pytest.fixture
def page(app):  # noqa: F811
    page = Page(app)
    page.state()
    return page


def test_the_test_code_is_read_back_as_its_text_and_holds_every_character_of_our_codes(page):
    shown = page.get("/api/scanner").json
    side = shown["modules"] + 2 * shown["quiet"]
    image = Image.new("L", (side, side), 255)
    for column, row, length in re.findall(r"M(\d+) (\d+)h(\d+)v1h-\d+z", shown["path"]):
        for x in range(int(length)):
            image.putpixel((int(column) + x + shown["quiet"], int(row) + shown["quiet"]), 0)
    (found,) = zxingcpp.read_barcodes(image.resize((side * 4, side * 4), Image.Resampling.NEAREST))
    assert found.text == shown["text"]
    assert set("-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz") == set(shown["text"])


def test_a_translation_is_kept_over_a_restart_by_whoever_is_signed_in(world, page):
    learnt = {"translation": {"q": "a", "&": "1", "é": "2"}}
    assert page.post("/api/scanner", learnt).status_code == 401
    page.post("/api/sign-in", {"cashier_id": world.cashier_id, "pin": PIN})
    assert page.post("/api/scanner", learnt).status_code == 200
    assert page.get("/api/scanner").json["translation"] == learnt["translation"]


@pytest.mark.parametrize(
    "translation", [None, [], {"ab": "a"}, {"a": ""}, {"a": 1}, {chr(200 + n): "x" for n in range(101)}]
)
def test_what_is_no_translation_is_refused_by_field(world, page, translation):
    page.post("/api/sign-in", {"cashier_id": world.cashier_id, "pin": PIN})
    refused = page.post("/api/scanner", {"translation": translation})
    assert (refused.status_code, refused.json["facts"]["field"]) == (400, "translation")
