"""Dots → ESC/POS bytes for one job.

    ESC @ · GS v 0 strip, strip, … · [ESC p drawer] · feed and cut (GS V 66), feed only (ESC d) or to the
    black mark (GS F8) and cut (GS V 1) · [GS ( H process-ID]

The process-ID comes last: the printer answers it once all that stands before it is on paper.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PIL import Image

from render.errors import InvalidTemplate
from render.marks import marked
from render.template import Template
from render.to_raster import raster

STRIP_ROWS = 256  # 18 KB at 576 dots: within the receive buffer of small printers
INITIALISE = b"\x1b@"
KICK_DRAWER = b"\x1bp\x00\x19\x19"  # pin 2, 50 ms on, 50 ms off
FEED_AND_CUT = b"\x1dVB\x18"  # partial cut 24 dots below the last row
PROCESS_ID = b"\x1d(H\x06\x0000"  # function 48, m 48
TO_BLACK_MARK = b"\x1d\xf8"  # of Custom's ticket printers: the mark under the cutter, or the tear bar
CUT = b"\x1dV\x01"  # partial, where the paper stands
FEED_TO_TEAR = b"\x1bd\x05"  # five lines, so that the last row passes the tear bar


def escpos(
    template: Template,
    data: Mapping[str, Any],
    *,
    dots: int = 576,
    dpi: int = 203,
    kick_drawer: bool = False,
    process_id: bytes | None = None,
    cut: bool = True,
    black_mark: bool = False,
    mark: str = "",
) -> bytes:
    """The job that prints the page on a head of `dots` dots, centred on it.

    `black_mark`: the stock has marks, and is fed to the next one before it is cut or torn. `process_id`: four printable
    ASCII characters that the printer sends back when all is printed. `mark`: words on a black band above and below the
    page, whatever its template. Raises InvalidData; InvalidTemplate when something would be printed beside the head;
    ValueError for a wrong `dots` or `process_id`.
    """
    if dots < 8 or dots % 8:
        raise ValueError(f"a head has a multiple of 8 dots, not {dots}")
    if process_id is not None and (len(process_id) != 4 or not all(0x20 <= byte <= 0x7E for byte in process_id)):
        raise ValueError(f"a process-ID is four printable ASCII characters, not {process_id!r}")
    page = _centred(raster(template, data, dpi), dots)
    job = [INITIALISE, *_strips(marked(page, mark, dpi))]
    if kick_drawer:
        job.append(KICK_DRAWER)
    if black_mark:
        job += [TO_BLACK_MARK, *([CUT] if cut else [])]
    else:
        job.append(FEED_AND_CUT if cut else FEED_TO_TEAR)
    if process_id is not None:
        job.append(PROCESS_ID + process_id)
    return b"".join(job)


def _centred(page: Image.Image, dots: int) -> Image.Image:
    """The page on a picture as wide as the head: paper is wider than the head by a margin each side."""
    margin = (dots - page.width) // 2
    if margin < 0:
        beside = page.crop((0, 0, -margin, page.height)), page.crop((dots - margin, 0, page.width, page.height))
        if any(part.width and part.getextrema()[0] == 0 for part in beside):
            reason = f"something stands beside the {dots} dots of the head, centred on {page.width} dots of paper"
            raise InvalidTemplate("page.width_mm", reason)
    head = Image.new("1", (dots, page.height), 1)
    head.paste(page, (margin, 0))
    return head


def _strips(page: Image.Image) -> list[bytes]:
    width = page.width // 8
    rows = page.tobytes("raw", "1;I")  # inverted: a 1 bit is ink
    strips = []
    for top in range(0, page.height, STRIP_ROWS):
        height = min(STRIP_ROWS, page.height - top)
        header = b"\x1dv0\x00" + width.to_bytes(2, "little") + height.to_bytes(2, "little")
        strips.append(header + rows[top * width : (top + height) * width])
    return strips
