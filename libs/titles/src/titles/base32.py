"""Bytes as digits and capitals without I, L, O and U: QR's alphanumeric mode, and safe through a keyboard scanner.

Big-endian, 5 bits per character, the last one filled with zero bits; one spelling per sequence of bytes.
"""

import base64
import binascii

from titles.errors import Unreadable

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_RFC4648 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
_TO_OURS = str.maketrans(_RFC4648, ALPHABET)
_TO_RFC4648 = str.maketrans(ALPHABET, _RFC4648)


def encode(data: bytes) -> str:
    return base64.b32encode(data).decode().rstrip("=").translate(_TO_OURS)


def decode(text: str) -> bytes:
    """The bytes of a text in the alphabet, exactly as `encode` spells them. Raises Unreadable."""
    if stranger := next((character for character in text if character not in ALPHABET), None):
        raise Unreadable(f"{stranger!r} is not in the alphabet")
    try:
        data = base64.b32decode(text.translate(_TO_RFC4648) + "=" * (-len(text) % 8))
    except binascii.Error as error:
        raise Unreadable(f"{len(text)} characters are no whole number of bytes") from error
    if encode(data) != text:
        raise Unreadable("the last character has bits that no byte uses")
    return data
