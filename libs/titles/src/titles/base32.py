"""Bytes as digits and capitals without I, L, O and U: QR's alphanumeric mode, and safe through a keyboard scanner.

Big-endian, 5 bits per character, the last one filled with zero bits; one spelling per sequence of bytes.
"""

import base64

from titles.errors import Unreadable

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_RFC4648 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
_TO_OURS = str.maketrans(_RFC4648, ALPHABET)
_TO_DIGITS = str.maketrans(ALPHABET, "0123456789ABCDEFGHIJKLMNOPQRSTUV")  # those of int(…, 32)


def encode(data: bytes) -> str:
    return base64.b32encode(data).decode().rstrip("=").translate(_TO_OURS)


def decode(text: str) -> bytes:
    """The bytes of a text in the alphabet, exactly as `encode` spells them. Raises Unreadable."""
    if stranger := text.strip(ALPHABET)[:1]:
        raise Unreadable(f"{stranger!r} is not in the alphabet")
    size, unused = divmod(len(text) * 5, 8)
    if unused >= 5:
        raise Unreadable(f"{len(text)} characters are no whole number of bytes")
    number = int(text.translate(_TO_DIGITS) or "0", 32)
    if number & ((1 << unused) - 1):
        raise Unreadable("the last character has bits that no byte uses")
    return (number >> unused).to_bytes(size, "big")
