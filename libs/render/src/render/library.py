"""The templates that ship with the package; an organiser starts from these."""

from __future__ import annotations

import json
from functools import lru_cache
from importlib import resources

from render.template import Template, load

SHIPPED = ("ticket_80mm", "receipt_80mm", "refund_80mm", "eticket_a4")


@lru_cache(maxsize=len(SHIPPED))
def shipped(code: str) -> Template:
    """One of `SHIPPED`. Raises KeyError for any other code."""
    if code not in SHIPPED:
        raise KeyError(f"no shipped template {code}; there are: {', '.join(SHIPPED)}")
    return load(json.loads(resources.files("render").joinpath("templates", f"{code}.json").read_text("utf-8")))
