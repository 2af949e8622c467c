"""What the law wants to read on a ticket (LAW-11), and which of it a template leaves out (P9)."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from render.content import placeholders
from render.template import Element, Rule, Template, Text

# Stable reason codes, each with the fields of which one must be shown.
MENTIONS = {
    "OPERATOR_MISSING": ("organiser",),
    "SHOW_MISSING": ("show",),
    "PERFORMANCE_MISSING": ("performance_starts_at",),
    "TICKET_NUMBER_MISSING": ("ticket_number", "serial"),
    "CATEGORY_MISSING": ("category",),
    "PRICE_MISSING": ("price",),
    "SALE_DATE_MISSING": ("sold_at",),
    "SALE_PLACE_MISSING": ("till",),
}


def legal_mentions(template: Template) -> list[str]:
    """Reason codes of the mentions that the template leaves out; empty for what is no ticket.

    A mention counts when it is always shown. On a printed ticket each part that a tear line separates needs them all.
    """
    if template.kind in ("receipt", "refund", "cash_slip"):
        return []
    shown = [_shown(part) for part in _parts(template)]
    return [code for code, fields in MENTIONS.items() if not all(names.intersection(fields) for names in shown)]


def _parts(template: Template) -> list[list[Element]]:
    tears = [rule.y for rule in template.elements if isinstance(rule, Rule) and rule.style == "tear" and rule.h == 0]
    if template.kind != "ticket":  # an e-ticket is paperless: its tear lines only help to fold it
        tears = []
    edges = [0.0, *sorted(tears), float("inf")]
    return [[element for element in template.elements if start <= element.y < end] for start, end in pairwise(edges)]


def _shown(elements: Sequence[Element]) -> set[str]:
    texts = [element for element in elements if isinstance(element, Text)]
    return {name for text in texts for name in placeholders(text.content) if text.when in (None, name)}
