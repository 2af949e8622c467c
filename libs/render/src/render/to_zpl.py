"""Dots → ZPL II for one ticket: its ink in strips, each at its place.

    ^XA · ^PW width ^LL length · ^MMC cut, or ^MMT tear · ^FOx,y ^GFA,…:Z64:…:crc ^FS · … · ^XZ

A strip is deflated, in base64, with a checksum: letters, digits, + / = and colons. No word of the data stands in the
stream, so that a name cannot be a command (docs/adr/0018).
"""

from __future__ import annotations

import base64
import binascii
import zlib
from collections.abc import Mapping
from typing import Any

from PIL import Image, ImageChops

from render.marks import marked
from render.template import Template
from render.to_raster import raster

STRIP_BYTES = 18 * 1024  # of dots in one picture, as for ESC/POS: small printers have small buffers


def zpl(template: Template, data: Mapping[str, Any], *, dpi: int = 203, cut: bool = True, mark: str = "") -> bytes:
    """The ticket whose upper left corner is that of the page. `mark` as for ESC/POS. Raises InvalidData."""
    page = marked(raster(template, data, dpi), mark, dpi)
    rows = STRIP_BYTES // -(-page.width // 8)
    strips = (_picture(page, top, rows) for top in range(0, page.height, rows))
    head = f"^XA^PW{page.width}^LL{page.height}^LH0,0^MM{'C' if cut else 'T'}"
    return b"".join((head.encode(), *strips, b"^XZ"))


def _picture(page: Image.Image, top: int, height: int) -> bytes:
    """The ink of a strip of the page, at its place; nothing for a white one."""
    strip = page.crop((0, top, page.width, min(top + height, page.height)))
    inked = ImageChops.invert(strip).getbbox()
    if inked is None:
        return b""
    left, above, right, below = inked
    width_bytes = (right - left + 7) // 8
    piece = Image.new("1", (width_bytes * 8, below - above), 1)  # whole bytes: the last one is filled up with white
    piece.paste(strip.crop(inked), (0, 0))
    dots = piece.tobytes("raw", "1;I")  # inverted: a 1 bit is ink
    packed = base64.b64encode(zlib.compress(dots))
    return b"^FO%d,%d^GFA,%d,%d,%d,:Z64:%s:%04X^FS" % (
        left, top + above, len(dots), len(dots), width_bytes, packed, binascii.crc_hqx(packed, 0),
    )  # fmt: skip
