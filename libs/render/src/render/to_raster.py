"""Laid pages → dots. Words and lines come from the PDF through pdfium; pictures and barcodes are put on afterwards.

A barcode's module is a whole number of dots and its quiet zone is cleared, whatever the resolution: resampled modules
of unequal width are what scanners fail on. Pictures are dithered, words never.
"""

from __future__ import annotations

import base64
import io
import threading
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import numpy as np
import pypdfium2
from PIL import Image

from render import barcodes, to_pdf
from render.errors import InvalidData
from render.layout import Laid, Photo, Symbol, lay_out
from render.template import Template

MM_PER_INCH = 25.4
MAX_PIXELS = 60_000_000
BLACK_BELOW = 150  # of 255: thin strokes of small print survive, counters of letters stay open

_pdfium = threading.Lock()  # pdfium is not thread-safe


def raster(template: Template, data: Mapping[str, Any], dpi: int = 203) -> Image.Image:
    """The page as a mode "1" picture (0 is ink), for a head of `dpi` dots per inch. Raises InvalidData."""
    laid = lay_out(template, data)
    drawn_in_dots = tuple(item for item in laid.items if isinstance(item, Photo | Symbol))
    rest = Laid(laid.width, laid.height, tuple(item for item in laid.items if not isinstance(item, Photo | Symbol)))
    paper = np.asarray(_rasterise(rest, dpi)) >= BLACK_BELOW
    for item in drawn_in_dots:
        if isinstance(item, Photo):
            _put_photo(paper, item, dpi)
        else:
            _put_symbol(paper, item, dpi)
    return Image.fromarray(paper)


def png(template: Template, data: Mapping[str, Any], dpi: int = 110) -> bytes:
    """The page as people see it on screen: a grey PNG. Raises InvalidData."""
    out = io.BytesIO()
    _rasterise(lay_out(template, data), dpi).save(out, "PNG", dpi=(dpi, dpi))
    return out.getvalue()


def to_dots(mm: float, dpi: int) -> int:
    return round(mm * dpi / MM_PER_INCH)


def _rasterise(laid: Laid, dpi: int) -> Image.Image:
    width, height = to_dots(laid.width, dpi), to_dots(laid.height, dpi)
    if not 50 <= dpi <= 1200 or width * height > MAX_PIXELS:
        raise ValueError(f"{width} by {height} dots at {dpi} dpi: more than {MAX_PIXELS}, or not within 50 to 1200 dpi")
    document_bytes = to_pdf.draw([laid], compress=False)
    with _pdfium:
        return _by_pdfium(document_bytes, width, height, dpi)


def _by_pdfium(document_bytes: bytes, width: int, height: int, dpi: int) -> Image.Image:
    """All that pdfium made is given back to it before this returns: that too belongs under the lock."""
    document = pypdfium2.PdfDocument(document_bytes)
    try:
        picture: Image.Image = document[0].render(scale=dpi / 72, grayscale=True).to_pil()
        # pdfium rounds the page up to whole dots; the template's size is rounded to the nearest.
        return picture.crop((0, 0, width, height))
    finally:
        document.close()


def _put_photo(paper: np.ndarray, photo: Photo, dpi: int) -> None:
    width, height = max(1, to_dots(photo.w, dpi)), max(1, to_dots(photo.h, dpi))
    dots = _dithered(photo.png, width, height)
    left = to_dots(photo.x, dpi) + (width - dots.shape[1]) // 2
    top = to_dots(photo.y, dpi) + (height - dots.shape[0]) // 2
    under = paper[top : top + dots.shape[0], left : left + dots.shape[1]]
    under &= dots[: under.shape[0], : under.shape[1]]  # words printed over a picture stay


@lru_cache(maxsize=32)
def _dithered(png_base64: str, width: int, height: int) -> np.ndarray:
    picture = Image.open(io.BytesIO(base64.b64decode(png_base64)), formats=["PNG"]).convert("RGBA")
    on_white = Image.alpha_composite(Image.new("RGBA", picture.size, "white"), picture).convert("L")
    scale = min(width / picture.width, height / picture.height)
    size = max(1, round(picture.width * scale)), max(1, round(picture.height * scale))
    return np.asarray(on_white.resize(size, Image.Resampling.LANCZOS).convert("1"))


def _put_symbol(paper: np.ndarray, symbol: Symbol, dpi: int) -> None:
    width, height = int(symbol.w * dpi / MM_PER_INCH), int(symbol.h * dpi / MM_PER_INCH)
    across = barcodes.modules_across(symbol.symbology, symbol.dark)
    room = min(width, height) if symbol.symbology == "qr" else width
    # A module that rounds up may not push the quiet zone out of the box: then it rounds down.
    module = min(max(1, to_dots(symbol.module, dpi)) if symbol.module else room, room // across)
    if module < 1:
        raise InvalidData("barcode", f"{across} modules do not go in {symbol.w:g} mm at {dpi} dpi")
    quiet = barcodes.QUIET_MODULES[symbol.symbology] * module
    tall = module if symbol.symbology == "qr" else height
    dots = ~np.kron(symbol.dark, np.ones((tall, module), dtype=bool))
    above = quiet if symbol.symbology == "qr" else 0
    dots = np.pad(dots, ((above, above), (quiet, quiet)), constant_values=True)
    left = to_dots(symbol.x, dpi) + (width - dots.shape[1]) // 2
    top = to_dots(symbol.y, dpi) + (height - dots.shape[0]) // 2
    paper[top : top + dots.shape[0], left : left + dots.shape[1]] = dots
