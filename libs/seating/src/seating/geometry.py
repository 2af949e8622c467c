"""A plan version as a browser draws it: one small binary that never changes, so that it is fetched once.

    "TKG1" │ u32 length of header │ header, JSON │ zeros up to a multiple of 4 │ arrays of n seats, by ordinal

Little-endian. The arrays: x and y as int16 differences to the seat before (modulo 2^16), the right neighbour as an
int16 difference of indices (0: none), the category as uint8 into the header's list, the traits as uint8, the quality as
int16 differences (no browser reads it, but tills that give best seats by themselves). Differences of seats side by side
are alike, which is what compression lives on: 60,000 seats make 64 kB.
"""

import json
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from seating.plan import Plan

MAGIC = b"TKG1"
_ARRAYS = (("x", "<i2"), ("y", "<i2"), ("right", "<i2"), ("category", "u1"), ("traits", "u1"), ("quality", "<i2"))


def encode(plan: Plan) -> bytes:
    """The binary of a plan without faults. Raises ValueError when a neighbour is more than 32,767 seats away."""
    seats = list(plan.seats())
    index = {seat.id: number for number, seat in enumerate(seats)}
    codes = {category.code: number for number, category in enumerate(plan.categories)}
    right = np.array([index[seat.right] - index[seat.id] if seat.right else 0 for seat in seats], np.int64)
    if len(right) and np.abs(right).max() > 32_767:
        raise ValueError("neighbours stand too far apart in the plan's order")
    values = {
        "x": _steps([seat.x for seat in seats]),
        "y": _steps([seat.y for seat in seats]),
        "right": right,
        "category": np.array([codes[seat.category] for seat in seats], np.int64),
        "traits": np.array([seat.traits for seat in seats], np.int64),
        "quality": _steps([seat.quality for seat in seats]),
    }
    header = json.dumps(_header(plan), ensure_ascii=False, separators=(",", ":")).encode()
    start = MAGIC + len(header).to_bytes(4, "little") + header
    arrays = b"".join(values[name].astype(kind).tobytes() for name, kind in _ARRAYS)
    return start + bytes(-len(start) % 4) + arrays


def decode(content: bytes) -> dict[str, Any]:
    """The header with its arrays: x, y (centimetres), right (index, -1: none), category, traits, quality.

    One that was written before quality was told ranks all seats alike. Raises ValueError.
    """
    if content[:4] != MAGIC:
        raise ValueError("this is no geometry of a plan")
    length = int.from_bytes(content[4:8], "little")
    found: dict[str, Any] = json.loads(content[8 : 8 + length])
    at, count = 8 + length + -(8 + length) % 4, found["seats"]
    for name, kind in _ARRAYS:
        if name == "quality" and at == len(content):
            content += np.array(_steps([1] * count), kind).tobytes()
        array = np.frombuffer(content, kind, count, at)
        at += array.nbytes
        found[name] = array.astype(np.int64)
    for name in ("x", "y", "quality"):
        found[name] = np.cumsum(found[name]) & 0xFFFF
    found["right"] = np.where(found["right"] == 0, -1, found["right"] + np.arange(count))
    return found


class SeatNames:
    """What is written on the seats of a version: zone, row and number of each ordinal. Takes the header."""

    def __init__(self, header: Mapping[str, Any]) -> None:
        self.seats: int = header["seats"]
        self._rows = header["rows"]
        self._firsts = [row["first"] for row in self._rows]
        self._zones = [zone["name"] for zone in header["zones"]]

    def row_of(self, ordinal: int) -> int:
        """Which row of the plan, counted from 0."""
        return bisect_right(self._firsts, ordinal) - 1

    def row(self, number: int) -> tuple[str, str]:
        """A row's zone and label."""
        return self._zones[self._rows[number]["zone"]], self._rows[number]["label"]

    def label(self, ordinal: int) -> str:
        """The number of a seat in its row."""
        row = self._rows[self.row_of(ordinal)]
        at = ordinal - row["first"]
        return str(row["labels"][at] if "labels" in row else row["start"] + row["step"] * at)


def _header(plan: Plan) -> dict[str, Any]:
    rows, first = [], 1
    for zone_number, zone in enumerate(plan.zones):
        for row in zone.rows:
            labels = [seat.label for seat in row.seats]
            about = {"zone": zone_number, "label": row.label, "first": first, "count": len(labels)}
            rows.append(about | _named(labels))
            first += len(labels)
    own = plan.to_json()
    return {
        "seats": first - 1,
        **{key: own[key] for key in ("name", "width", "height", "focus", "categories", "areas")},
        "zones": [{key: zone[key] for key in ("id", "name", "outline")} for zone in own["zones"]],
        "rows": rows,
    }


def _named(labels: Sequence[str]) -> dict[str, Any]:
    """Numbers that go up evenly are told by their first one and the step; anything else is told in full."""
    if all(label.isascii() and label.isdigit() and str(int(label)) == label for label in labels) and labels:
        numbers = [int(label) for label in labels]
        step = numbers[1] - numbers[0] if len(numbers) > 1 else 1
        if all(number == numbers[0] + step * place for place, number in enumerate(numbers)):
            return {"start": numbers[0], "step": step}
    return {"labels": list(labels)}


def _steps(values: Sequence[int]) -> npt.NDArray[np.int64]:
    """Differences to the value before, the first to 0, as signed 16 bits."""
    array = np.array([0, *values], np.int64)
    return ((array[1:] - array[:-1] + 0x8000) & 0xFFFF) - 0x8000
