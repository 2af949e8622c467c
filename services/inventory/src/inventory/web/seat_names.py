"""Seats as people know them: zone, row and number, of the ordinals that the core speaks of."""

import gzip
import re
from bisect import bisect_right
from collections.abc import Iterable
from functools import lru_cache
from itertools import groupby
from typing import Any

from flask_babel import gettext as _

from inventory.web.pages import catalogue
from seating.geometry import decode
from ticketing.catalog.v1 import catalog_service_pb2 as catalog_pb

MOST_PLANS = 50
MOST_ROWS = 8
_LETTER = re.compile(r"\S{1,3}")  # a longer label is a name of its own: a box (loge)


class SeatNames:
    """Of one plan version, which never changes."""

    def __init__(self, header: dict[str, Any]) -> None:
        self.seats: int = header["seats"]
        self._rows = header["rows"]
        self._firsts = [row["first"] for row in self._rows]
        self._zones = [zone["name"] for zone in header["zones"]]

    def words(self, ordinals: Iterable[int]) -> str:
        """ "Parterre, rang F : 3, 4, 5 ; Balcon, rang A : 12", seats side by side as a stretch, and how many more."""
        known = sorted({each for each in ordinals if 1 <= each <= self.seats})
        rows = [(row, list(of)) for row, of in groupby(known, key=lambda each: bisect_right(self._firsts, each) - 1)]
        told = [
            _("%(place)s: %(seats)s", place=self._place(row), seats=", ".join(self._stretches(row, of)))
            for row, of in rows[:MOST_ROWS]
        ]
        if more := sum(len(of) for _row, of in rows[MOST_ROWS:]):
            told.append(_("and %(count)s more", count=more))
        return _("; ").join(told)

    def _place(self, number: int) -> str:
        label, zone = self._rows[number]["label"], self._zones[self._rows[number]["zone"]]
        row_name = _("row %(label)s", label=label) if _LETTER.fullmatch(label) else label
        return f"{zone}, {row_name}"

    def _stretches(self, row: int, ordinals: list[int]) -> list[str]:
        """Neighbours in the plan's order as "3–7"."""
        told = []
        for _start, stretch in groupby(enumerate(ordinals), key=lambda pair: pair[1] - pair[0]):
            labels = [self._label(row, ordinal) for _at, ordinal in stretch]
            told.append(f"{labels[0]}–{labels[-1]}" if len(labels) > 2 else ", ".join(labels))
        return told

    def _label(self, row: int, ordinal: int) -> str:
        about = self._rows[row]
        at = ordinal - about["first"]
        return str(about["labels"][at] if "labels" in about else about["start"] + about["step"] * at)


@lru_cache(MOST_PLANS)
def seat_names(plan_version_id: str) -> SeatNames:
    """Raises RpcError when the catalogue does not answer."""
    asked = catalog_pb.GetPlanGeometryRequest(plan_version_id=plan_version_id)
    header = decode(gzip.decompress(catalogue().GetPlanGeometry(asked).content))
    return SeatNames({name: header[name] for name in ("seats", "rows", "zones")})
