"""A month of dates with their remaining places (A4). The dates are on this till's disk; the centre adds what is free.

A date that no lease is held for is sold like any other: once it is in the basket, the till asks for places of it.
"""

import calendar
import re
import threading
import time
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from device_gateway.centre import Centre
from device_gateway.domain.errors import PageNotFound
from device_gateway.domain.leases import left_by_performance
from device_gateway.store import leases
from device_gateway.till import Seller, Till
from kit.errors import DomainError, FieldInvalid
from setups.layout import LayoutBuilder

KEPT_SECONDS = 10.0  # how long the centre's word on free places is shown
_MONTH = re.compile(r"(20[0-9]{2})-(0[1-9]|1[0-2])")
_MOST_MONTHS = 24  # kept at once


class Calendars:
    """Months as they are shown. Several browsers may ask at once."""

    def __init__(self, till: Till, centre: Centre) -> None:
        self._till, self._centre, self._lock = till, centre, threading.Lock()
        self._free: dict[tuple[str, date], tuple[float, dict[str, int]]] = {}

    def month(self, seller: Seller, page_id: str, month: str, now: datetime) -> dict[str, Any]:
        """Dates of a page of this person. Without a network, dates without a lease say nothing of their places.

        Raises PageNotFound, FieldInvalid.
        """
        found = _MONTH.fullmatch(month)
        if not found:
            raise FieldInvalid("month", "must be like 2026-11")
        first = date(int(found[1]), int(found[2]), 1)
        last = first.replace(day=calendar.monthrange(first.year, first.month)[1])
        catalogue = self._till.catalogue
        pages = [page for page in catalogue.profile.pages if page.kind == "calendar" and page.id == page_id]
        if not pages or not pages[0].is_for(seller.cashier.id, seller.cashier.profile):
            raise PageNotFound("no such calendar", page=page_id)
        left = left_by_performance(leases.every(self._till.database.read()), now)
        shown = LayoutBuilder(catalogue, left, {}, now).calendar(pages[0], first, last)
        free = self._asked((page_id, first), [each["id"] for each in shown["performances"]])
        for each in shown["performances"]:
            each["online_left"] = free.get(each["id"], self._till.online_left.get(each["id"]))
        return shown

    def _asked(self, key: tuple[str, date], performance_ids: Sequence[str]) -> dict[str, int]:
        """Places free at the centre, as known some seconds ago; nothing where it does not answer at once."""
        at = time.monotonic()
        with self._lock:
            kept = self._free.get(key)
        if kept and at - kept[0] < KEPT_SECONDS:
            return kept[1]
        if not performance_ids or not self._till.online:
            return {}
        try:
            free = self._centre.free_places(performance_ids)
        except DomainError:
            free = {}  # the calendar shows its dates without them
        with self._lock:
            if len(self._free) >= _MOST_MONTHS:
                self._free.clear()
            self._free[key] = at, free
        return free
