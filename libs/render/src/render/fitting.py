"""How words are made to stay in their box: shrunk, wrapped or cut with an ellipsis."""

from __future__ import annotations

import re
from dataclasses import dataclass

from render import fonts
from render.formats import NBSP
from render.template import LINE_HEIGHT, MM_PER_PT, Text

SMALLEST_PT = 4.0  # below this nobody reads a thermal print
SHRINK_STEP = 0.96  # from one size tried to the next
ELLIPSIS = "…"
# French puts a space inside « » and before : ; ! ? % €, and never ends a line there.
_GLUED = re.compile(r"(?<=«) | (?=[»:;!?%€])")


@dataclass(frozen=True)
class Fitted:
    size_pt: float
    lines: tuple[str, ...]
    baseline_mm: float  # of the first line, below the top of the box


def fit(text: str, box: Text) -> Fitted:
    """The lines to draw and their size. With shrink, wrap and ellipsis every line is within the box's width."""
    match box.fit:
        case "wrap":
            return _wrap(text, box, box.size_pt)
        case "shrink":
            return _shrink(_one_line(text), box)
        case "ellipsis":
            return _line(_cut(_one_line(text), box.font, _room(box, box.size_pt)), box.size_pt, box.size_pt)
        case _:
            return _line(_one_line(text), box.size_pt, box.size_pt)


def height_mm(lines: int, size_pt: float) -> float:
    """From the top of the first line to the lowest descender of the last."""
    return ((lines - 1) * LINE_HEIGHT + fonts.ASCENT + fonts.DESCENT) * size_pt * MM_PER_PT


def _one_line(text: str) -> str:
    return " ".join(text.split("\n"))


def _line(line: str, size_pt: float, baseline_pt: float) -> Fitted:
    return Fitted(size_pt, (line,), fonts.ASCENT * baseline_pt * MM_PER_PT)


def _room(box: Text, size_pt: float) -> float:
    return box.w / (size_pt * MM_PER_PT)


def _shrink(line: str, box: Text) -> Fitted:
    """The largest size at which all words are in the box, on one line or on as many as it has height for."""
    # Words shrunk by their length stay on the baseline of their neighbours; only a low box lifts it.
    tallest_pt = max(SMALLEST_PT, min(box.size_pt, box.h / height_mm(1, 1)))
    width = fonts.width(line, box.font)
    widest_pt = _room(box, 1) / width * 0.9999 if width else tallest_pt
    if widest_pt >= tallest_pt:
        return _line(line, tallest_pt, tallest_pt)
    size_pt = tallest_pt
    while size_pt > max(widest_pt, SMALLEST_PT):
        lines = _broken(line, box.font, _room(box, size_pt))
        whole_words = " ".join(lines) == _GLUED.sub(NBSP, line)
        if whole_words and height_mm(len(lines), size_pt) <= box.h:
            return Fitted(size_pt, tuple(lines), fonts.ASCENT * size_pt * MM_PER_PT)
        size_pt *= SHRINK_STEP
    if widest_pt >= SMALLEST_PT:
        return _line(line, widest_pt, tallest_pt)
    return _wrap(line, box, SMALLEST_PT)


def _cut(line: str, font: str, room: float) -> str:
    """The line, or as much of it as goes in `room` (in font sizes) with an ellipsis."""
    if fonts.width(line, font) <= room:
        return line
    low, high = 0, len(line)
    while low < high:
        middle = (low + high + 1) // 2
        if fonts.width(line[:middle].rstrip() + ELLIPSIS, font) <= room:
            low = middle
        else:
            high = middle - 1
    return line[:low].rstrip() + ELLIPSIS if low or fonts.width(ELLIPSIS, font) <= room else ""


def _wrap(text: str, box: Text, size_pt: float) -> Fitted:
    room = _room(box, size_pt)
    lines = [line for paragraph in text.split("\n") for line in _broken(paragraph, box.font, room)]
    if not box.grows:
        most = 1
        while most < len(lines) and height_mm(most + 1, size_pt) <= box.h:
            most += 1
        if len(lines) > most:
            # The ellipsis at the end of the last line says that words are missing.
            lines = [*lines[: most - 1], _cut(lines[most - 1] + ELLIPSIS, box.font, room)]
    return Fitted(size_pt, tuple(lines), fonts.ASCENT * size_pt * MM_PER_PT)


def _broken(paragraph: str, font: str, room: float) -> list[str]:
    paragraph = _GLUED.sub(NBSP, paragraph)
    lines: list[str] = []
    line = ""
    for word in paragraph.split(" "):
        longer = f"{line} {word}" if line else word
        if fonts.width(longer, font) <= room:
            line = longer
            continue
        if line:
            lines.append(line)
        while fonts.width(word, font) > room and len(word) > 1:
            kept = _prefix(word, font, room)
            lines.append(word[:kept])
            word = word[kept:]
        line = word
    return [*lines, line]


def _prefix(word: str, font: str, room: float) -> int:
    """How many leading characters of a word too long for the line go in it; at least one, or it would never end."""
    kept, used = 0, 0.0
    for char in word:
        used += fonts.width(char, font)
        if used > room:
            break
        kept += 1
    return max(kept, 1)
