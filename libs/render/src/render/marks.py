"""Words on a black band above and below a page, whatever its template: what a paper must say of itself."""

from __future__ import annotations

from functools import lru_cache

from PIL import Image

from render.template import Box, Page, Template, Text
from render.to_raster import MM_PER_INCH, raster, to_dots

BAND_MM = 9.0


def marked(page: Image.Image, words: str, dpi: int) -> Image.Image:
    """The page with the words above and below it; as it is when there are none."""
    if not words:
        return page
    band = _band(words, page.width, dpi)
    longer = Image.new("1", (page.width, page.height + 2 * band.height), 1)
    for piece, top in ((band, 0), (page, band.height), (band, band.height + page.height)):
        longer.paste(piece, (0, top))
    return longer


@lru_cache(maxsize=4)
def _band(words: str, dots: int, dpi: int) -> Image.Image:
    """White words on black, `dots` wide."""
    width = dots * MM_PER_INCH / dpi
    drawn = raster(
        Template(
            code="band", name="band", kind="receipt", language="fr", page=Page(width, BAND_MM),
            elements=(
                Box(x=0, y=0, w=width, h=BAND_MM, filled=True),
                Text(x=1, y=1.6, w=width - 2, h=BAND_MM - 2, content=words, size_pt=15, font="sans-bold",
                     align="center", fit="shrink", ink="white"),
            ),
        ),
        {}, dpi,
    )  # fmt: skip
    band = Image.new("1", (dots, to_dots(BAND_MM, dpi)), 1)
    band.paste(drawn, (0, 0))
    return band
