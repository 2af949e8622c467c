"""Where a seat stands, in one byte: its state in the low three bits, the number of its contingent in the others.

bit  7 6 5 4 3   2 1 0
    contingent   state     contingent 0: general sale; 1 to 31: a contingent of this performance
"""

from enum import IntEnum
from typing import Any

MOST_CONTINGENTS = 31
MAGIC = b"TKS1"


class SeatState(IntEnum):
    FREE = 0
    HELD = 1  # in a basket, until a time
    LEASED = 2  # in a till's hands
    OPTIONED = 3  # reserved, until a date
    SOLD = 4
    HOUSE = 5  # house seat: set aside, sellable by right
    KILLED = 6  # not sellable
    APART = 7  # free, but too near to somebody (`seating.distance`); shown so, never kept so


def pack(state: Any, contingent: Any) -> Any:
    """The byte, of numbers or of whole arrays."""
    return state | contingent << 3


def snapshot(version: int, states: bytes) -> bytes:
    """What a map of seats loads: one byte per seat, by ordinal, at this version.

    0      4             8                 16
    "TKS1" seats (u32)   version (u64)     one byte per seat          little-endian
    """
    return b"".join((MAGIC, len(states).to_bytes(4, "little"), version.to_bytes(8, "little"), states))


def state_of(byte: Any) -> Any:
    """The state in the byte, of a number or of a whole array."""
    return byte & 7


def contingent_of(byte: Any) -> Any:
    """The contingent's number in the byte, of a number or of a whole array."""
    return byte >> 3
