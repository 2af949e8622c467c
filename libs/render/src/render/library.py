"""The templates that ship with the package; an organiser starts from these."""

from __future__ import annotations

import json
from functools import lru_cache
from importlib import resources

from render.errors import InvalidTemplate
from render.template import Template, load

SHIPPED = (
    "ticket_80mm", "receipt_80mm", "refund_80mm", "cash_slip_80mm", "receipt_58mm", "refund_58mm", "cash_slip_58mm",
    "eticket_a4",
)  # fmt: skip


@lru_cache(maxsize=len(SHIPPED))
def shipped(code: str) -> Template:
    """One of `SHIPPED`. Raises KeyError for any other code."""
    if code not in SHIPPED:
        raise KeyError(f"no shipped template {code}; there are: {', '.join(SHIPPED)}")
    return load(json.loads(resources.files("render").joinpath("templates", f"{code}.json").read_text("utf-8")))


def shipped_for(kind: str, width_mm: float) -> Template:
    """The widest shipped one of a kind that goes on paper of this width. Raises InvalidTemplate when there is none."""
    fitting = [each for each in map(shipped, SHIPPED) if each.kind == kind and each.page.width_mm <= width_mm]
    if not fitting:
        raise InvalidTemplate("page.width_mm", f"no shipped {kind} goes on paper of {width_mm:g} mm")
    return max(fitting, key=lambda each: each.page.width_mm)
