"""FGL tickets read back by a strict reader of this file (no other software reads FGL); their codes by zxing-cpp."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

import render
from render.template import Template

STRIP = re.compile(rb"<RC(\d+),(\d+)><G(\d+)>")


def printed(job: bytes) -> tuple[np.ndarray, bytes]:
    """Where there is ink, and the command that printed it. Fails on anything that is not a strip or that command."""
    assert job.startswith(b"<CB><NR>")
    ink, at = np.zeros((3000, 2000), bool), len(b"<CB><NR>")
    while strip := STRIP.match(job, at):
        row, column, size = map(int, strip.groups())
        data = np.frombuffer(job[strip.end() : strip.end() + size], np.uint8)
        assert len(data) == size <= 100
        ink[row : row + 8, column : column + size] |= np.unpackbits(data[:, None], axis=1).T.astype(bool)
        at = strip.end() + size
    assert job[at:] in (b"<p>", b"<q>")
    return ink, job[at:]


def test_a_square_in_bytes() -> None:
    """Golden: 1.25 mm of ink, 10 dots, from row 8 and column 16 on."""
    square = {"type": "box", "x": 2, "y": 1, "w": 1.25, "h": 1.25, "filled": True}
    template = render.load(
        {"code": "square", "name": "Square", "kind": "ticket", "language": "fr",
         "page": {"width_mm": 10, "height_mm": 10}, "elements": [square]}
    )  # fmt: skip
    assert render.fgl(template, {}) == (
        b"<CB><NR><RC8,16><G10>" + b"\xff" * 10 + b"<RC16,16><G10>" + b"\xc0" * 10 + b"<p>"
    )  # fmt: skip


@pytest.mark.parametrize("dpi", [203, 300])
def test_the_printer_gets_the_same_dots_as_every_other(ticket_data: dict[str, Any], dpi: int) -> None:
    template = render.shipped("ticket_80mm")
    page = ~np.array(render.raster(template, ticket_data, dpi))
    ink, command = printed(render.fgl(template, ticket_data, dpi=dpi))
    assert (ink[: page.shape[0], : page.shape[1]] == page).all()
    assert ink.sum() == page.sum()
    assert command == b"<p>"


def test_without_cut_the_ticket_is_printed_and_kept_on_the_roll(ticket_data: dict[str, Any]) -> None:
    assert printed(render.fgl(render.shipped("ticket_80mm"), ticket_data, cut=False))[1] == b"<q>"


@pytest.mark.parametrize("dead_column", [False, True])
@pytest.mark.parametrize("angle", [0, 90, 180, 270])
@pytest.mark.parametrize("dpi", [203, 300])
def test_zxing_reads_the_code_of_the_paper_rotated_and_with_a_dead_dot(
    ticket_data: dict[str, Any], dpi: int, angle: int, dead_column: bool
) -> None:
    """Peripherals 9."""
    ink, _ = printed(render.fgl(render.shipped("ticket_80mm"), ticket_data, dpi=dpi))
    if dead_column:
        ink[:, round(40 / 25.4 * dpi) + 7] = False  # this dot of the head never heats: a line through the symbol
    paper = Image.fromarray(~ink).rotate(angle, expand=True)
    assert ticket_data["barcode"] in [found.text for found in zxingcpp.read_barcodes(paper.convert("L"))]


def test_a_mark_stands_above_and_below_the_ticket(one_text: Any) -> None:
    """MODE ÉCOLE, whatever the template."""
    plain, _ = printed(render.fgl(one_text(), {"show": "Le Cid"}))
    marked, _ = printed(render.fgl(one_text(), {"show": "Le Cid"}, mark="MODE ÉCOLE"))
    assert marked.sum() > plain.sum() + 2 * 0.5 * 799 * 72
    assert (marked[72 : 72 + 480] == plain[:480]).all()


HOSTILE = st.text(st.sampled_from("<>{}^~p1FRGC,é€\n"), min_size=1, max_size=40) | st.sampled_from(
    ["<p>", "<CB>", "<G9>", "<RE99>", "^XZ", "{<p>}"]
)


@given(name=HOSTILE)
@settings(max_examples=60, deadline=None)
def test_no_name_and_no_code_is_a_command(coded: Template, name: str) -> None:
    """The reader accepts strips and one command to print: whatever a name says, that is all there is."""
    data = {"show": name, "barcode": name}
    ink, _ = printed(render.fgl(coded, data))
    page = ~np.array(render.raster(coded, data))
    assert (ink[: page.shape[0], : page.shape[1]] == page).all()
