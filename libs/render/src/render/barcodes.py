"""Barcode symbols as matrices of modules, and how large a module may be in a given box."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import zxingcpp

from render.errors import InvalidData

QUIET_MODULES = {"qr": 4, "code128": 10}  # white around the symbol (ISO/IEC 18004, ISO/IEC 15417)
MAX_CHARACTERS = 300  # a QR code of level M up to version 11: more does not scan well on thermal paper


@lru_cache(maxsize=512)
def matrix(symbology: str, text: str, field: str) -> np.ndarray:
    """Dark modules, True, without quiet zone: a square for qr (level M), one row for code128. Raises InvalidData."""
    if len(text) > MAX_CHARACTERS:
        raise InvalidData(field, f"has {len(text)} characters, more than {MAX_CHARACTERS} for a barcode")
    try:
        if symbology == "qr":
            symbol = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode, ec_level="M")
        else:
            symbol = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.Code128)
    except ValueError as error:
        raise InvalidData(field, f"cannot be a {symbology} barcode: {error}") from None
    dark = np.asarray(symbol.to_image(scale=1, add_quiet_zones=False)) < 128
    dark = dark if symbology == "qr" else dark[:1]
    dark.setflags(write=False)  # shared by every caller
    return dark


def modules_across(symbology: str, dark: np.ndarray) -> int:
    """Modules from edge to edge, quiet zones included."""
    return int(dark.shape[1]) + 2 * QUIET_MODULES[symbology]


def runs(dark: np.ndarray) -> list[tuple[int, int, int]]:
    """The dark modules as horizontal runs (row, first column, length)."""
    edges = np.diff(dark.astype(np.int8), axis=1, prepend=0, append=0)
    rows, starts = np.nonzero(edges == 1)
    _, ends = np.nonzero(edges == -1)
    return list(zip(rows.tolist(), starts.tolist(), (ends - starts).tolist(), strict=True))
