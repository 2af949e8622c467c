"""Barcodes on paper: whole dots, quiet zone, and read back whatever way the paper is held (peripherals 9)."""

from __future__ import annotations

import io
import random
from typing import Any

import numpy as np
import pytest
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

import render
from render.barcodes import matrix
from render.errors import InvalidData
from render.template import Template

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def barcode_template(**properties: Any) -> Template:
    element = {"type": "barcode", "x": 5, "y": 5, "w": 30, "h": 30, "symbology": "qr", "field": "barcode"}
    page = {"width_mm": 90, "height_mm": 40}
    return render.load(
        {"code": "code", "name": "Code", "kind": "ticket", "language": "fr", "page": page,
         "elements": [element | properties]}
    )  # fmt: skip


def decoded(page: Image.Image) -> list[str]:
    return [found.text for found in zxingcpp.read_barcodes(page.convert("L"))]


@given(st.text(ALPHABET, min_size=154, max_size=154))
@settings(max_examples=50, deadline=None)
def test_no_token_needs_more_than_version_6(token: str) -> None:
    """Domain 4.3: 154 characters at level M are at most 41 modules (fewer when most of them are digits)."""
    assert matrix("qr", token, "barcode").shape[0] <= 41


def test_a_signed_token_is_a_version_6_symbol() -> None:
    """Domain 4.3: 20.5 mm of half-millimetre modules. A signature is as good as random."""
    draw = random.Random(6)
    for _ in range(200):
        token = "".join(draw.choices(ALPHABET, k=154))
        assert matrix("qr", token, "barcode").shape == (41, 41)


@pytest.mark.parametrize("dead_column", [False, True])
@pytest.mark.parametrize("angle", [0, 90, 180, 270])
@pytest.mark.parametrize("dpi", [203, 300])
def test_the_printed_code_reads_back_rotated_and_with_a_dead_dot(
    ticket_data: dict[str, Any], dpi: int, angle: int, dead_column: bool
) -> None:
    page = render.raster(render.shipped("ticket_80mm"), ticket_data, dpi)
    if dead_column:
        dots = np.array(page)
        dots[:, dots.shape[1] // 2 + 7] = True  # this dot of the head never heats: a white line through the symbol
        page = Image.fromarray(dots)
    assert ticket_data["barcode"] in decoded(page.rotate(angle, expand=True))


@pytest.mark.parametrize(("dpi", "module"), [(203, 4), (300, 6)])
def test_every_module_is_the_same_whole_number_of_dots(ticket_data: dict[str, Any], dpi: int, module: int) -> None:
    """Peripherals 9: half a millimetre is 4 dots at 203 dpi, 6 at 300, with four modules of white around."""
    page = np.array(render.raster(barcode_template(module_mm=0.5), ticket_data, dpi))
    ink = np.argwhere(~page)
    (top, left), (bottom, right) = ink.min(axis=0), ink.max(axis=0) + 1
    symbol = ~page[top:bottom, left:right]
    assert symbol.shape == (41 * module, 41 * module)
    assert (np.kron(symbol[::module, ::module], np.ones((module, module), bool)) == symbol).all()
    assert (symbol[::module, ::module] == matrix("qr", ticket_data["barcode"], "barcode")).all()
    assert min(top, left) >= 4 * module


def test_a_box_frames_the_quiet_zone_even_when_words_stand_there(ticket_data: dict[str, Any]) -> None:
    template = barcode_template(module_mm=0.5)
    crowded = template.to_json()
    crowded["elements"].insert(0, {"type": "box", "x": 0, "y": 0, "w": 90, "h": 40, "filled": True})
    assert decoded(render.raster(render.load(crowded), ticket_data)) == [ticket_data["barcode"]]


def test_without_a_module_size_the_symbol_fills_its_box(ticket_data: dict[str, Any]) -> None:
    page = np.array(render.raster(barcode_template(), ticket_data, 203))
    ink = np.argwhere(~page)
    assert (ink.max(axis=0) - ink.min(axis=0) + 1).tolist() == [41 * 4, 41 * 4]  # 239 dots // 49 modules


@pytest.mark.parametrize("dpi", [203, 300])
def test_a_code_128_reads_back(ticket_data: dict[str, Any], dpi: int) -> None:
    template = barcode_template(symbology="code128", field="human_code", w=80, h=12, module_mm=0.25)
    assert decoded(render.raster(template, ticket_data, dpi)) == [ticket_data["human_code"]]


def test_the_code_reads_back_from_the_pdf_too(ticket_data: dict[str, Any]) -> None:
    preview = Image.open(io.BytesIO(render.png(render.shipped("eticket_a4"), ticket_data, dpi=150)))
    assert ticket_data["barcode"] in decoded(preview)


def test_a_code_too_large_for_its_box_is_refused(ticket_data: dict[str, Any]) -> None:
    with pytest.raises(InvalidData, match=r"barcode: needs 24\.5 mm .* its box has 20 mm"):
        render.raster(barcode_template(w=20, h=20, module_mm=0.5), ticket_data)


def test_a_code_that_would_need_less_than_a_dot_is_refused(ticket_data: dict[str, Any]) -> None:
    with pytest.raises(InvalidData, match="49 modules do not go in 5 mm at 203 dpi"):
        render.raster(barcode_template(w=5, h=5), ticket_data)


def test_a_ticket_without_its_code_is_refused(ticket_data: dict[str, Any]) -> None:
    with pytest.raises(InvalidData, match="barcode: is empty"):
        render.raster(barcode_template(), ticket_data | {"barcode": ""})


def test_a_code_with_too_many_characters_is_refused(ticket_data: dict[str, Any]) -> None:
    with pytest.raises(InvalidData, match="barcode: has 301 characters"):
        render.raster(barcode_template(), ticket_data | {"barcode": "A" * 301})


def test_a_code_128_refuses_what_it_cannot_write(ticket_data: dict[str, Any]) -> None:
    template = barcode_template(symbology="code128", field="human_code", w=80, h=12)
    with pytest.raises(InvalidData, match="human_code: cannot be a code128"):
        render.raster(template, ticket_data | {"human_code": "Ж"})
