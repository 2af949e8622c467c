"""Template + data → text runs, lines, areas, pictures and symbols in mm: what every printer language starts from.

    y ↓  elements in order of y; each rows, growing text or collapsed element pushes (or pulls) what stands below it

Nothing here knows of PDF or of dots.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from render import barcodes, content, fonts
from render.errors import InvalidData
from render.fields import CATALOGUE, Field, check_data
from render.fitting import fit
from render.template import LINE_HEIGHT, MM_PER_PT, Barcode, Box, Element, Image, Rows, Rule, Template, Text

BOTTOM_MARGIN_MM = 3.0  # below the lowest element of a roll
MAX_HEIGHT_MM = 2000.0
MAX_FILLED = 4_000  # characters of one text once filled
DEFAULT_CURRENCY = "EUR"


@dataclass(frozen=True)
class Run:
    """One line of text; (x, y) is where its baseline starts."""

    x: float
    y: float
    text: str
    font: str
    size_pt: float
    white: bool


@dataclass(frozen=True)
class Line:
    x1: float
    y1: float
    x2: float
    y2: float
    thickness: float
    dashed: bool


@dataclass(frozen=True)
class Area:
    x: float
    y: float
    w: float
    h: float
    thickness: float
    filled: bool


@dataclass(frozen=True)
class Photo:
    x: float
    y: float
    w: float
    h: float
    png: str


@dataclass(frozen=True, eq=False)
class Symbol:
    """A barcode to be centred in its box; a module is `module` mm wide, quiet zone not counted in `dark`."""

    x: float
    y: float
    w: float
    h: float
    symbology: str
    dark: np.ndarray
    module: float | None


Item = Run | Line | Area | Photo | Symbol


@dataclass(frozen=True, eq=False)
class Laid:
    """One page with everything on it, in mm."""

    width: float
    height: float
    items: tuple[Item, ...]


@dataclass(frozen=True)
class _Source:
    """Where placeholders find their values: the document's own, or one row's."""

    known: Mapping[str, Field]
    values: Mapping[str, Any]
    currency: str
    language: str
    path: str

    def shows(self, element: Element) -> bool:
        return element.when is None or self.values[element.when] not in (None, [])

    def fill(self, text: str) -> str:
        return content.fill(text, self.known, self.values, self.currency, self.language)


def lay_out(template: Template, data: Mapping[str, Any]) -> Laid:
    """Everything on the page, in mm. Raises InvalidData when the data is wrong or grows beyond the page."""
    values = check_data(template.kind, data)
    currency = values["currency"] or DEFAULT_CURRENCY
    source = _Source(CATALOGUE[template.kind], values, currency, template.language, "")
    items: list[Item] = []
    bottom = _flow(template.elements, source, 0.0, 0.0, items)
    height = bottom + BOTTOM_MARGIN_MM if template.page.height_mm == "auto" else template.page.height_mm
    limit = MAX_HEIGHT_MM if template.page.height_mm == "auto" else height
    if max(bottom, height) > limit + 0.01:
        raise InvalidData("page.height_mm", f"the content reaches {bottom:.0f} mm, beyond {limit:g} mm")
    return Laid(template.page.width_mm, height, tuple(items))


def _flow(elements: Sequence[Element], source: _Source, left: float, top: float, items: list[Item]) -> float:
    """Place the elements below each other's growth, add their items, and return the lowest point reached."""
    # Keyed by the place from which it pushes: boxes that end together, side by side, push once, by the larger growth.
    pushes: dict[float, float] = {}
    drawn: dict[int, list[Item]] = {}
    lowest = top
    for order, element in sorted(enumerate(elements), key=lambda placed: placed[1].y):
        shift = sum(push for start, push in pushes.items() if element.y >= start - 0.01)
        if not source.shows(element):
            if element.collapse:
                pushes.setdefault(round(element.bottom, 2), -element.h)
            continue
        y = top + element.y + shift
        bottom = _place(element, source, left + element.x, y, drawn.setdefault(order, []))
        lowest = max(lowest, bottom)
        growth = bottom - (y + element.h)
        if abs(growth) > 1e-6:
            start = round(element.bottom, 2)
            pushes[start] = max(growth, pushes.get(start, growth))
    for order in sorted(drawn):  # what comes later in the template is drawn over what comes before
        items += drawn[order]
    return lowest


def _place(element: Element, source: _Source, x: float, y: float, items: list[Item]) -> float:
    """Add one element's items and return its bottom."""
    match element:
        case Text():
            return _place_text(element, source, x, y, items)
        case Rule():
            items.append(Line(x, y, x + element.w, y + element.h, element.thickness_mm, element.style != "solid"))
        case Box():
            items.append(Area(x, y, element.w, element.h, element.thickness_mm, element.filled))
        case Image():
            items.append(Photo(x, y, element.w, element.h, element.png))
        case Barcode():
            items.append(_symbol(element, source, x, y))
        case Rows():
            return _place_rows(element, source, x, y, items)
    return y + element.h


def _place_text(element: Text, source: _Source, x: float, y: float, items: list[Item]) -> float:
    words = source.fill(element.content)
    if len(words) > MAX_FILLED:
        raise InvalidData(
            source.path + content.placeholders(element.content)[0], f"fills a text of {len(words)} characters"
        )
    fitted = fit(words, element)
    size_mm = fitted.size_pt * MM_PER_PT
    for index, line in enumerate(fitted.lines):
        if not line:
            continue
        spare = element.w - fonts.width(line, element.font) * size_mm
        indent = {"left": 0.0, "center": spare / 2, "right": spare}[element.align]
        baseline = y + fitted.baseline_mm + index * LINE_HEIGHT * size_mm
        items.append(Run(x + indent, baseline, line, element.font, fitted.size_pt, element.ink == "white"))
    if not element.grows:
        return y + element.h
    return y + len(fitted.lines) * LINE_HEIGHT * size_mm


def _place_rows(element: Rows, source: _Source, x: float, y: float, items: list[Item]) -> float:
    columns = source.known[element.field].columns
    for index, row in enumerate(source.values[element.field]):
        path = f"{element.field}[{index}]."
        inner = _Source(columns, row, source.currency, source.language, path)
        y = _flow(element.elements, inner, x, y, items)
    return y


def _symbol(element: Barcode, source: _Source, x: float, y: float) -> Symbol:
    path = f"{source.path}{element.field}"
    text = source.values[element.field]
    if text is None:
        raise InvalidData(path, "is empty, and the template draws it as a barcode")
    dark = barcodes.matrix(element.symbology, text, path)
    across = barcodes.modules_across(element.symbology, dark)
    room = min(element.w, element.h) if element.symbology == "qr" else element.w
    if element.module_mm is not None and across * element.module_mm > room + 0.01:
        reason = f"needs {across * element.module_mm:.1f} mm with its quiet zone, and its box has {room:g} mm"
        raise InvalidData(path, reason)
    return Symbol(x, y, element.w, element.h, element.symbology, dark, element.module_mm)
