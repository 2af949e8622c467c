"""The checker refuses a ticket template that lacks a legal mention (P9, LAW-11)."""

from __future__ import annotations

from typing import Any

import pytest

import render
from render.checker import MENTIONS, legal_mentions


def without(code: str, field: str) -> dict[str, Any]:
    template = render.shipped(code).to_json()
    template["elements"] = [
        element for element in template["elements"] if "{" + field not in element.get("content", "")
    ]
    return template


@pytest.mark.parametrize("code", ["ticket_80mm", "eticket_a4"])
def test_the_shipped_tickets_have_every_mention(code: str) -> None:
    assert legal_mentions(render.shipped(code)) == []


@pytest.mark.parametrize("code", ["ticket_80mm", "eticket_a4"])
@pytest.mark.parametrize(("reason", "fields"), MENTIONS.items())
def test_each_missing_mention_is_found(code: str, reason: str, fields: tuple[str, ...]) -> None:
    assert reason in legal_mentions(render.load(without(code, fields[0])))


def test_a_mention_that_is_shown_only_sometimes_does_not_count() -> None:
    template = render.shipped("ticket_80mm").to_json()
    for element in template["elements"]:
        if "{category}" in element.get("content", ""):
            element["when"] = "seat"
    assert legal_mentions(render.load(template)) == ["CATEGORY_MISSING"]


def test_a_mention_hidden_only_when_it_is_itself_empty_counts() -> None:
    template = render.shipped("ticket_80mm").to_json()
    for element in template["elements"]:
        if "{category}" in element.get("content", ""):
            element["when"] = "category"
    assert legal_mentions(render.load(template)) == []


def test_each_part_of_a_ticket_that_is_torn_needs_its_mentions() -> None:
    """LAW-11 and LAW-13: the part left at the gate bears them too."""
    template = render.shipped("ticket_80mm").to_json()
    template["elements"].append({"type": "rule", "x": 0, "y": 60.5, "w": 80, "h": 0, "style": "tear"})
    missing = legal_mentions(render.load(template))
    assert {"SHOW_MISSING", "CATEGORY_MISSING"} <= set(missing)


def test_a_receipt_is_no_ticket() -> None:
    assert legal_mentions(render.shipped("receipt_80mm")) == []
