"""What goes to the printer, read back by a parser that accepts nothing but what a printer would."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest

import render
from render.errors import InvalidTemplate


@dataclass
class Paper:
    rows: list[bytes] = field(default_factory=list)
    steps: list[str] = field(default_factory=list)
    process_id: bytes | None = None
    tallest_strip: int = 0


def printed(job: bytes) -> Paper:
    """Interpret a job byte by byte; anything unknown or cut short fails."""
    paper, at = Paper(), 0

    def take(count: int) -> bytes:
        nonlocal at
        taken = job[at : at + count]
        assert len(taken) == count, f"the job ends inside a command at byte {at}"
        at += count
        return taken

    while at < len(job):
        match take(2):
            case b"\x1b@":
                paper.steps.append("initialise")
            case b"\x1dv":
                assert take(2) == b"0\x00"
                width, height = int.from_bytes(take(2), "little"), int.from_bytes(take(2), "little")
                paper.rows += [take(width) for _ in range(height)]
                paper.tallest_strip = max(paper.tallest_strip, height)
                if paper.steps[-1] != "raster":
                    paper.steps.append("raster")
            case b"\x1bp":
                pin, on, off = take(3)
                assert pin in (0, 1)
                assert on <= off, "off shorter than on is read as equal"
                paper.steps.append("drawer")
            case b"\x1bd":
                assert take(1)[0] > 0
                paper.steps.append("feed")
            case b"\x1dV":
                if take(1) == b"B":
                    take(1)
                paper.steps.append("cut")
            case b"\x1d\xf8":
                paper.steps.append("to the mark")
            case b"\x1d(":
                assert take(5) == b"H\x06\x0000"
                paper.process_id = take(4)
                paper.steps.append("process-id")
            case unknown:
                raise AssertionError(f"unknown command {unknown!r} at byte {at - 2}")
    return paper


def bitmap(paper: Paper) -> np.ndarray:
    rows = np.frombuffer(b"".join(paper.rows), np.uint8).reshape(len(paper.rows), -1)
    return np.unpackbits(rows, axis=1).astype(bool)


@pytest.mark.parametrize("code", ["ticket_80mm", "receipt_80mm"])
def test_the_printer_gets_the_same_bitmap(code: str, ticket_data: dict[str, Any], receipt_data: dict[str, Any]) -> None:
    template = render.shipped(code)
    data = ticket_data if code == "ticket_80mm" else receipt_data
    page = ~np.array(render.raster(template, data))
    paper = bitmap(printed(render.escpos(template, data)))
    assert paper.shape == (page.shape[0], 576)
    margin = (page.shape[1] - 576) // 2 + (page.shape[1] - 576) % 2
    assert (paper == page[:, margin : margin + 576]).all()


def test_a_job_initialises_prints_opens_the_drawer_cuts_and_asks_for_an_answer_in_that_order(
    receipt_data: dict[str, Any],
) -> None:
    job = render.escpos(render.shipped("receipt_80mm"), receipt_data, kick_drawer=True, process_id=b"0042")
    paper = printed(job)
    assert paper.steps == ["initialise", "raster", "drawer", "cut", "process-id"]
    assert paper.process_id == b"0042"


def test_without_options_the_drawer_stays_shut_and_a_job_without_cut_feeds_to_the_tear_bar(
    receipt_data: dict[str, Any],
) -> None:
    job = render.escpos(render.shipped("receipt_80mm"), receipt_data, cut=False)
    assert printed(job).steps == ["initialise", "raster", "feed"]


@pytest.mark.parametrize(("cut", "steps"), [(True, ["to the mark", "cut"]), (False, ["to the mark"])])
def test_stock_with_black_marks_is_fed_to_the_next_one(
    ticket_data: dict[str, Any], cut: bool, steps: list[str]
) -> None:
    """C1: else the cut would wander along the preprinted tickets."""
    job = render.escpos(render.shipped("ticket_80mm"), ticket_data, black_mark=True, cut=cut)
    assert printed(job).steps == ["initialise", "raster", *steps]


@pytest.mark.parametrize("code", ["receipt_58mm", "refund_58mm"])
def test_a_narrow_receipt_goes_on_a_narrow_head(
    code: str, receipt_data: dict[str, Any], refund_data: dict[str, Any]
) -> None:
    """C2: 58 mm of paper under a head of 384 dots."""
    template = render.shipped(code)
    data = {"receipt": receipt_data, "refund": refund_data}[template.kind] | {"duplicate": "DUPLICATA 1"}
    page = ~np.array(render.raster(template, data))
    paper = bitmap(printed(render.escpos(template, data, dots=384)))
    assert paper.shape[1] == 384
    assert paper.sum() == page.sum()


@pytest.mark.parametrize("dots", [384, 576, 832])
def test_a_mark_stands_above_and_below_the_page_whatever_its_template(one_text: Any, dots: int) -> None:
    """Words that must appear on paper: MODE ÉCOLE."""
    template = one_text(w=40)
    plain = bitmap(printed(render.escpos(template, {}, dots=dots)))
    marked = bitmap(printed(render.escpos(template, {}, dots=dots, mark="MODE ÉCOLE – SANS VALEUR")))
    band = (marked.shape[0] - plain.shape[0]) // 2
    assert (marked[band:-band] == plain).all()
    assert (marked[:band] == marked[-band:]).all()
    assert 0.5 < marked[:band].mean() < 0.99  # black, with words left white
    assert band / 203 * 25.4 > 8  # millimetres


def test_strips_stay_within_the_buffer_of_a_small_printer(receipt_data: dict[str, Any]) -> None:
    paper = printed(render.escpos(render.shipped("receipt_80mm"), receipt_data))
    assert 0 < paper.tallest_strip <= 256


def test_a_narrower_page_is_centred_on_the_head(one_text: Any, ticket_data: dict[str, Any]) -> None:
    template = one_text()
    page = ~np.array(render.raster(template, ticket_data))
    paper = bitmap(printed(render.escpos(template, ticket_data, dots=832)))
    left = (832 - page.shape[1]) // 2
    assert (paper[:, left : left + page.shape[1]] == page).all()
    assert paper.sum() == page.sum()


@pytest.mark.parametrize("align", ["left", "right"])
def test_what_would_fall_beside_the_head_is_refused(one_text: Any, ticket_data: dict[str, Any], align: str) -> None:
    template = one_text(x=0, w=100, align=align)
    with pytest.raises(InvalidTemplate, match=r"page\.width_mm: something stands beside the 576 dots"):
        render.escpos(template, ticket_data)


@pytest.mark.parametrize("wrong", [{"dots": 570}, {"dots": 0}, {"process_id": b"123"}, {"process_id": b"12\n4"}])
def test_a_wrong_head_or_process_id_is_refused(wrong: dict[str, Any], receipt_data: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"multiple of 8 dots|four printable ASCII"):
        render.escpos(render.shipped("receipt_80mm"), receipt_data, **wrong)
