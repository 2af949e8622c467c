"""ZPL tickets rendered by zplkit, an independent renderer that refuses what it does not know; pictures and their
checksums by zebrafy, an independent decoder; codes by zxing-cpp.

zplkit knows no ^MM (what happens after the label): it is taken out before, and has a test of its own.
"""

from __future__ import annotations

import io
import re
from typing import Any

import numpy as np
import pytest
import zplkit
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from zebrafy import ZebrafyZPL

import render
from render.template import Template

CUT = b"^MMC"


def rendered(label: bytes, page: Image.Image, dpi: int = 203) -> np.ndarray:
    """Where there is ink, as zplkit draws the label; one label, and no complaint."""
    options = zplkit.Options(profile="specification", width=page.width, height=page.height, dpi=dpi)
    document = zplkit.render(label.replace(CUT, b""), options)
    assert document.warnings == []
    [drawn] = document.labels
    assert (drawn.width, drawn.height) == page.size
    return np.asarray(Image.open(io.BytesIO(drawn.png())).convert("L")) < 128


@pytest.mark.parametrize("dpi", [203, 300])
def test_another_renderer_draws_the_same_dots(ticket_data: dict[str, Any], dpi: int) -> None:
    """Verified by zplkit."""
    template = render.shipped("ticket_80mm")
    page = render.raster(template, ticket_data, dpi)
    assert (rendered(render.zpl(template, ticket_data, dpi=dpi), page, dpi) == ~np.array(page)).all()


def test_another_decoder_finds_checksums_right_and_the_same_pictures(ticket_data: dict[str, Any]) -> None:
    """Verified by zebrafy, which refuses a wrong checksum."""
    template = render.shipped("ticket_80mm")
    label = render.zpl(template, ticket_data).decode("ascii")
    page = ~np.array(render.raster(template, ticket_data))
    for picture, place in zip(ZebrafyZPL(label).to_images(), re.findall(r"\^FO(\d+),(\d+)", label), strict=True):
        left, top = map(int, place)
        ink = ~np.array(picture.convert("1"))
        ink = ink[:, : page.shape[1] - left]
        assert (ink == page[top : top + ink.shape[0], left : left + ink.shape[1]]).all()
    with pytest.raises(ValueError, match="CRC"):
        ZebrafyZPL(re.sub(r":[0-9A-F]{4}\^FS", ":0000^FS", label)).to_images()


def test_a_square_in_bytes() -> None:
    """Golden: 1.25 mm of ink, 10 dots, from column 16 and row 8 on."""
    square = {"type": "box", "x": 2, "y": 1, "w": 1.25, "h": 1.25, "filled": True}
    template = render.load(
        {"code": "square", "name": "Square", "kind": "ticket", "language": "fr",
         "page": {"width_mm": 10, "height_mm": 10}, "elements": [square]}
    )  # fmt: skip
    assert render.zpl(template, {}) == (
        b"^XA^PW80^LL80^LH0,0^MMC^FO16,8^GFA,20,20,2,:Z64:eJz7f+A/BgQAuKYRdw==:4B79^FS^XZ"
    )


@pytest.mark.parametrize(("cut", "mode"), [(True, "^MMC"), (False, "^MMT")])
def test_the_ticket_is_cut_or_left_to_tear(ticket_data: dict[str, Any], cut: bool, mode: str) -> None:
    assert render.zpl(render.shipped("ticket_80mm"), ticket_data, cut=cut).decode().count(mode) == 1


@pytest.mark.parametrize("dead_column", [False, True])
@pytest.mark.parametrize("angle", [0, 90, 180, 270])
@pytest.mark.parametrize("dpi", [203, 300])
def test_zxing_reads_the_code_of_the_paper_rotated_and_with_a_dead_dot(
    ticket_data: dict[str, Any], dpi: int, angle: int, dead_column: bool
) -> None:
    """Peripherals 9. The paper is zplkit's."""
    template = render.shipped("ticket_80mm")
    ink = rendered(render.zpl(template, ticket_data, dpi=dpi), render.raster(template, ticket_data, dpi), dpi)
    if dead_column:
        ink[:, round(40 / 25.4 * dpi) + 7] = False  # this dot of the head never heats: a line through the symbol
    paper = Image.fromarray(~ink).rotate(angle, expand=True)
    assert ticket_data["barcode"] in [found.text for found in zxingcpp.read_barcodes(paper.convert("L"))]


def test_a_mark_stands_above_and_below_the_ticket(one_text: Any) -> None:
    """MODE ÉCOLE, whatever the template."""
    data = {"show": "Le Cid"}
    page = render.raster(one_text(), data)
    longer = Image.new("1", (page.width, page.height + 2 * 72))
    ink = rendered(render.zpl(one_text(), data, mark="MODE ÉCOLE"), longer)
    assert (ink[72:-72] == ~np.array(page)).all()
    assert (ink[:72] == ink[-72:]).all()
    assert 0.5 < ink[:72].mean() < 0.99


HOSTILE = st.text(st.sampled_from("^~,:_XZFSDAé€\n"), min_size=1, max_size=40) | st.sampled_from(
    ["^XZ", "^FS^XZ", "~JA", "^PQ99", "_5E", "^CC+"]
)


@given(name=HOSTILE)
@settings(max_examples=40, deadline=None)
def test_no_name_and_no_code_is_a_command(coded: Template, name: str) -> None:
    """zplkit draws one label with the dots of the page and nothing else, whatever a name says."""
    data = {"show": name, "barcode": name}
    page = render.raster(coded, data)
    assert (rendered(render.zpl(coded, data), page) == ~np.array(page)).all()
