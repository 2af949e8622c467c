"""Words stay in their boxes, and what grows pushes down what stands below it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import render
from render import fonts
from render.errors import InvalidData
from render.layout import Laid, Line, Run, lay_out
from render.template import MM_PER_PT

LONG = "Le Bourgeois gentilhomme, comédie-ballet en cinq actes de Molière et Lully, dans sa version intégrale"


def runs(laid: Laid) -> list[Run]:
    return [item for item in laid.items if isinstance(item, Run)]


def assert_inside(laid: Laid, x: float, y: float, w: float, h: float) -> None:
    for run in runs(laid):
        size = run.size_pt * MM_PER_PT
        assert x - 0.01 <= run.x
        assert run.x + fonts.width(run.text, run.font) * size <= x + w + 0.01
        assert y - 0.01 <= run.y - fonts.ASCENT * size
        assert run.y + fonts.DESCENT * size <= y + h + 0.01


@given(
    text=st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=150),
    fit=st.sampled_from(["shrink", "wrap", "ellipsis"]),
    align=st.sampled_from(["left", "center", "right"]),
    font=st.sampled_from(["sans", "sans-bold", "mono"]),
)
@settings(max_examples=150, deadline=None)
def test_fitted_words_never_leave_their_box(one_text: Any, text: str, fit: str, align: str, font: str) -> None:
    laid = lay_out(one_text(fit=fit, align=align, font=font), {"show": text})
    assert_inside(laid, 10, 10, 40, 20)


def test_shrunk_words_are_all_there_and_smaller(one_text: Any) -> None:
    (run,) = runs(lay_out(one_text(fit="shrink", h=5), {"show": "Les Fourberies de Scapin"}))
    assert run.text == "Les Fourberies de Scapin"
    assert 4 <= run.size_pt < 12


def test_shrunk_words_use_the_height_of_their_box_before_they_become_small(one_text: Any) -> None:
    found = runs(lay_out(one_text(fit="shrink", size_pt=20), {"show": LONG}))
    assert len(found) > 2
    assert " ".join(run.text for run in found) == LONG
    (line,) = runs(lay_out(one_text(fit="shrink", size_pt=20, h=3), {"show": LONG[:40]}))
    assert found[0].size_pt > line.size_pt


def test_words_too_many_even_at_the_smallest_size_end_with_an_ellipsis(one_text: Any) -> None:
    found = runs(lay_out(one_text(fit="shrink"), {"show": LONG * 15}))
    assert {run.size_pt for run in found} == {4}
    assert found[-1].text.endswith("…")


def test_wrapped_words_are_all_there_at_their_size(one_text: Any) -> None:
    found = runs(lay_out(one_text(fit="wrap", size_pt=8), {"show": LONG}))
    assert len(found) > 2
    assert " ".join(run.text for run in found) == LONG
    assert {run.size_pt for run in found} == {8}


def test_words_that_do_not_fit_say_so_with_an_ellipsis(one_text: Any) -> None:
    for fit in ("wrap", "ellipsis"):
        found = runs(lay_out(one_text(fit=fit, size_pt=14), {"show": LONG}))
        assert found[-1].text.endswith("…")
        assert LONG.startswith(" ".join(run.text for run in found).rstrip("…"))


def test_a_word_longer_than_the_line_is_cut_and_not_lost(one_text: Any) -> None:
    word = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerk"
    assert "".join(run.text for run in runs(lay_out(one_text(fit="wrap", size_pt=8), {"show": word}))) == word


def test_french_punctuation_never_starts_a_line(one_text: Any) -> None:
    for width in range(32, 60):
        found = runs(lay_out(one_text(fit="wrap", w=width), {"show": "Tasse « La Péniche » : le prix ! 12 €"}))
        assert not [run.text for run in found if run.text[0] in "»:!€" or run.text[-1] == "«"]


def test_a_text_without_height_pushes_down_what_stands_below(one_text: Any) -> None:
    template = one_text(height_mm="auto", fit="wrap", h=None).to_json()
    template["elements"].append({"type": "rule", "x": 0, "y": 20, "w": 100, "h": 0})
    short, tall = (lay_out(render.load(template), {"show": show}) for show in ("Ubu", LONG))
    (short_rule,), (tall_rule,) = ([item for item in laid.items if isinstance(item, Line)] for laid in (short, tall))
    assert short_rule.y1 == pytest.approx(20)
    lines = len(runs(tall))
    assert tall_rule.y1 == pytest.approx(20 + (lines - 1) * 12 * 1.2 * MM_PER_PT)
    assert tall.height == pytest.approx(tall_rule.y1 + 3)


def test_a_collapsed_element_gives_its_height_back_and_another_keeps_its_place(one_text: Any) -> None:
    template = one_text(height_mm="auto", when="seat").to_json()
    template["elements"].append({"type": "rule", "x": 0, "y": 31, "w": 100, "h": 0})
    template["elements"][0]["collapse"] = True
    collapsed = lay_out(render.load(template), {"show": "Ubu"})
    template["elements"][0]["collapse"] = False
    kept = lay_out(render.load(template), {"show": "Ubu"})
    assert [item.y1 for item in collapsed.items if isinstance(item, Line)] == [11]
    assert [item.y1 for item in kept.items if isinstance(item, Line)] == [31]
    assert runs(collapsed) + runs(kept) == []


def test_a_receipt_grows_with_its_lines_and_shows_every_one(receipt_data: dict[str, Any]) -> None:
    template = render.shipped("receipt_80mm")
    lines = [
        {"label": f"Article {n:02d}", "quantity": n, "unit_price": 100, "total": 100 * n, "vat_rate_bp": 2000}
        for n in range(1, 61)
    ]
    few, many = (lay_out(template, receipt_data | {"lines": given}) for given in (lines[:2], lines))
    per_line = (many.height - few.height) / 58
    assert per_line == pytest.approx(9, abs=0.2)
    labels = [run for run in runs(many) if run.text.startswith("Article")]
    assert [run.text for run in labels] == [line["label"] for line in lines]
    total = next(run for run in runs(many) if run.text == "TOTAL")
    assert total.y > labels[-1].y
    assert render.raster(template, receipt_data | {"lines": lines}).height == round(many.height * 203 / 25.4)


def test_an_empty_list_leaves_no_gap(receipt_data: dict[str, Any]) -> None:
    template = render.shipped("receipt_80mm")
    none, two = (
        lay_out(template, receipt_data | {"vat": rows}) for rows in (receipt_data["vat"][:0], receipt_data["vat"])
    )
    assert two.height - none.height == pytest.approx(2 * 3.8, abs=0.1)


def test_a_roll_longer_than_two_metres_is_refused(receipt_data: dict[str, Any]) -> None:
    line = {"label": "Article " * 40, "quantity": 1, "unit_price": 1, "total": 1, "vat_rate_bp": 0}
    with pytest.raises(InvalidData, match=r"page\.height_mm: the content reaches \d+ mm, beyond 2000 mm"):
        lay_out(render.shipped("receipt_80mm"), receipt_data | {"lines": [line] * 500})


def test_a_text_that_its_data_makes_huge_is_refused(one_text: Any) -> None:
    with pytest.raises(InvalidData, match="show: fills a text of 10000 characters"):
        lay_out(one_text(content="{show}" * 5, fit="wrap"), {"show": "A" * 2000})
