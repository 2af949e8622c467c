"""The three faces that templates may name, embedded in every PDF, and the widths of words set in them.

No kerning and no ligatures: widths are sums of advances, which a browser can reproduce exactly.
"""

from __future__ import annotations

from functools import lru_cache
from importlib import resources

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

FACES = {"sans": "DejaVuSans", "sans-bold": "DejaVuSans-Bold", "mono": "DejaVuSansMono"}
ASCENT = 0.93  # of the font size, from the top of a line to its baseline (highest accents of DejaVu)
DESCENT = 0.24


@lru_cache(maxsize=1)
def register() -> None:
    """Give the faces to ReportLab, once per process."""
    for face in FACES.values():
        with resources.as_file(resources.files("render").joinpath("fonts", f"{face}.ttf")) as path:
            pdfmetrics.registerFont(TTFont(face, str(path)))


@lru_cache(maxsize=8192)
def width(text: str, font: str) -> float:
    """Width of the text in units of the font size."""
    register()
    return float(pdfmetrics.stringWidth(text, FACES[font], 1000)) / 1000
