"""Seats as people know them: zone, row and number, of the ordinals that the core speaks of."""

import gzip
import re
from collections.abc import Iterable
from functools import lru_cache
from itertools import groupby

from flask_babel import gettext as _

from inventory.web.pages import catalogue
from seating.geometry import SeatNames, decode
from ticketing.catalog.v1 import catalog_service_pb2 as catalog_pb

MOST_PLANS = 50
MOST_ROWS = 8
_LETTER = re.compile(r"\S{1,3}")  # a longer label is a name of its own: a box (loge)


class SeatWords(SeatNames):
    """Of one plan version, which never changes."""

    def words(self, ordinals: Iterable[int]) -> str:
        """ "Parterre, rang F : 3, 4, 5 ; Balcon, rang A : 12", seats side by side as a stretch, and how many more."""
        known = sorted({each for each in ordinals if 1 <= each <= self.seats})
        rows = [(row, list(of)) for row, of in groupby(known, key=self.row_of)]
        told = [
            _("%(place)s: %(seats)s", place=self._place(row), seats=", ".join(self._stretches(of)))
            for row, of in rows[:MOST_ROWS]
        ]
        if more := sum(len(of) for _row, of in rows[MOST_ROWS:]):
            told.append(_("and %(count)s more", count=more))
        return _("; ").join(told)

    def _place(self, number: int) -> str:
        zone, label = self.row(number)
        row_name = _("row %(label)s", label=label) if _LETTER.fullmatch(label) else label
        return f"{zone}, {row_name}"

    def _stretches(self, ordinals: list[int]) -> list[str]:
        """Neighbours in the plan's order as "3–7"."""
        told = []
        for _start, stretch in groupby(enumerate(ordinals), key=lambda pair: pair[1] - pair[0]):
            labels = [self.label(ordinal) for _at, ordinal in stretch]
            told.append(f"{labels[0]}–{labels[-1]}" if len(labels) > 2 else ", ".join(labels))
        return told


@lru_cache(MOST_PLANS)
def seat_words(plan_version_id: str) -> SeatWords:
    """Raises RpcError when the catalogue does not answer."""
    asked = catalog_pb.GetPlanGeometryRequest(plan_version_id=plan_version_id)
    header = decode(gzip.decompress(catalogue().GetPlanGeometry(asked).content))
    return SeatWords({name: header[name] for name in ("seats", "rows", "zones")})
