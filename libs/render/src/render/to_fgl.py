"""Dots → FGL bytes for one ticket: strips of 8 rows, white left out, then the command that prints it.

    <CB><NR> · <RCrow,col><Gn>n bytes · … · <p> print and cut, or <q> print

Each byte of a strip is a column of 8 dots, the upper one in its highest bit. No word of the data stands in the stream:
a name cannot be a command, and accents do not depend on the fonts of a model (docs/adr/0018).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from render.marks import marked
from render.template import Template
from render.to_raster import raster

CLEAR = b"<CB><NR>"
PRINT_AND_CUT = b"<p>"
PRINT = b"<q>"
STRIP_ROWS = 8
MOST_COLUMNS = 100  # in one command: what other senders are known to use
WHITE_COLUMNS = 16  # between two inks of a strip: a new position costs about as many bytes


def fgl(template: Template, data: Mapping[str, Any], *, dpi: int = 203, cut: bool = True, mark: str = "") -> bytes:
    """The ticket whose upper left corner is that of the page. `mark` as for ESC/POS. Raises InvalidData."""
    page = marked(raster(template, data, dpi), mark, dpi)
    return b"".join((CLEAR, *_strips(~np.asarray(page)), PRINT_AND_CUT if cut else PRINT))


def _strips(ink: np.ndarray) -> Iterator[bytes]:
    height = -(-ink.shape[0] // STRIP_ROWS) * STRIP_ROWS
    padded = np.zeros((height, ink.shape[1]), bool)
    padded[: ink.shape[0]] = ink
    columns = np.packbits(padded.reshape(-1, STRIP_ROWS, ink.shape[1]), axis=1)[:, 0, :]
    for index, strip in enumerate(columns):
        for start, end in _inked(strip):
            data = strip[start:end].tobytes()
            yield b"<RC%d,%d><G%d>%s" % (index * STRIP_ROWS, start, len(data), data)


def _inked(strip: np.ndarray) -> Iterator[tuple[int, int]]:
    """Pieces of a strip that hold all its ink, each of at most MOST_COLUMNS."""
    inked = np.flatnonzero(strip)
    if not inked.size:
        return
    gaps = np.flatnonzero(np.diff(inked) > WHITE_COLUMNS)
    starts = (int(inked[0]), *map(int, inked[gaps + 1]))
    ends = (*(int(last) + 1 for last in inked[gaps]), int(inked[-1]) + 1)
    for start, end in zip(starts, ends, strict=True):
        for left in range(start, end, MOST_COLUMNS):
            yield left, min(left + MOST_COLUMNS, end)
