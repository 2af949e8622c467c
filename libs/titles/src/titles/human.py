"""The short code printed beside a barcode, for eyes and keyboards: K003-000017-X. It identifies and proves nothing.

The last character checks the others: any one digit mistyped, or two neighbours swapped, changes it, because 31 is prime
and the powers of 10 differ modulo 31 over these lengths.
"""

import re

from titles.base32 import ALPHABET
from titles.errors import Unreadable

_FORM = re.compile(r"K(\d{1,10})-(\d{1,10})-([0-9A-Z])", re.ASCII)


def human_code(key_id: int, serial: int) -> str:
    return f"K{key_id:03d}-{serial:06d}-{_check_character(key_id, serial)}"


def parse_human_code(text: str) -> tuple[int, int]:
    """(key id, serial) of a typed code; lower case and missing leading zeros are forgiven. Raises Unreadable."""
    stripped = text.strip()
    match = _FORM.fullmatch(stripped.upper()) if stripped.isascii() else None
    if match is None:
        raise Unreadable("a code reads like K003-000017-X")
    key_id, serial = int(match[1]), int(match[2])
    if not 1 <= key_id < 2**32 or not 1 <= serial < 2**32:
        raise Unreadable("no such key or serial")
    if match[3] != _check_character(key_id, serial):
        raise Unreadable("the check character does not agree: a digit was mistyped")
    return key_id, serial


def _check_character(key_id: int, serial: int) -> str:
    return ALPHABET[(key_id * 10**10 + serial) % 31]
