"""Templates are checked once, when they are loaded, and the fault is named by its path."""

from __future__ import annotations

import copy
import json
import math
from typing import Any

import pytest

import render
from render.errors import InvalidData, InvalidTemplate

ANY: dict[str, Any] = {
    "code": "any",
    "name": "Any",
    "kind": "ticket",
    "language": "fr",
    "page": {"width_mm": 80, "height_mm": 100},
    "elements": [
        {"type": "text", "x": 5, "y": 5, "w": 70, "h": 8, "size_pt": 12, "content": "{show}"},
        {"type": "barcode", "x": 5, "y": 20, "w": 30, "h": 30, "symbology": "qr", "field": "barcode"},
        {"type": "image", "x": 5, "y": 60, "w": 10, "h": 10,
         "png": "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGP4DwABAQEAG7buVgAAAABJRU5ErkJggg=="},
    ],
}  # fmt: skip
RECEIPT = ANY | {
    "kind": "receipt",
    "elements": [
        {"type": "rows", "x": 5, "y": 5, "w": 70, "h": 5, "field": "lines", "elements": [
            {"type": "text", "x": 0, "y": 0, "w": 70, "h": 5, "size_pt": 9, "content": "{label} {total|money}"}]},
    ],
}  # fmt: skip


def changed(template: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    result = copy.deepcopy(template)
    *steps, last = [int(step) if step.isdigit() else step for step in path.split("/")]
    target: Any = result
    for step in steps:
        target = target[step]
    target[last] = value
    return result


@pytest.mark.parametrize("code", render.SHIPPED)
def test_a_shipped_template_survives_a_round_trip_through_json(code: str) -> None:
    template = render.shipped(code)
    assert template.code == code
    assert render.load(json.loads(json.dumps(template.to_json()))) == template


def test_paper_of_any_width_gets_the_widest_shipped_template_that_goes_on_it() -> None:
    found = [render.shipped_for("receipt", width).code for width in (58, 79.9, 80, 112)]
    assert found == ["receipt_58mm", "receipt_58mm", "receipt_80mm", "receipt_80mm"]
    with pytest.raises(InvalidTemplate, match="no shipped ticket goes on paper of 58 mm"):
        render.shipped_for("ticket", 58)


def test_an_unknown_shipped_template_is_named() -> None:
    with pytest.raises(KeyError, match="no shipped template poster"):
        render.shipped("poster")


@pytest.mark.parametrize(
    ("path", "value", "field", "reason"),
    [
        ("kind", "poster", "kind", "is not one of"),
        ("language", "de", "language", "is not one of"),
        ("code", "../x", "code", "does not match"),
        ("extra", 1, "template", "'extra' was unexpected"),
        ("page/width_mm", 301, "page.width_mm", "greater than the maximum of 300"),
        ("page/height_mm", 2001, "page.height_mm", "greater than the maximum of 2000"),
        ("page/height_mm", "tall", "page.height_mm", "'auto' was expected"),
        ("page/width_mm", math.nan, "page.width_mm", "must be a finite number"),
        ("page/width_mm", math.inf, "page.width_mm", "greater than the maximum"),
        ("elements", [], "elements", "should be non-empty"),
        ("elements/0/type", "video", "elements[0].type", "is not one of"),
        ("elements/0/x", "5", "elements[0].x", "is not of type 'number'"),
        ("elements/0/x", True, "elements[0].x", "is not of type 'number'"),
        ("elements/0/y", math.nan, "elements[0].y", "must be a finite number"),
        ("elements/0/w", 76, "elements[0].w", "reaches 81 mm of 80 mm"),
        ("elements/1/y", 71, "elements[1].h", "reaches 101 mm of 100 mm"),
        ("elements/0/size_pt", 3, "elements[0].size_pt", "less than the minimum of 4"),
        ("elements/0/font", "serif", "elements[0].font", "is not one of"),
        ("elements/0/colour", "red", "elements[0]", "'colour' was unexpected"),
        ("elements/0/content", "A" * 2001, "elements[0].content", "is too long"),
        ("elements/0/content", "{singer}", "elements[0].content", "unknown field {singer}"),
        ("elements/0/content", "{show|money}", "elements[0].content", "{show} has no formatter money"),
        ("elements/0/content", "{price|date_long}", "elements[0].content", "it has: money"),
        ("elements/0/content", "{price * 2}", "elements[0].content", "opens no {field}"),
        ("elements/0/content", "a } b", "elements[0].content", "opens no {field}"),
        ("elements/0/when", "singer", "elements[0].when", "unknown field singer"),
        ("elements/1/field", "price", "elements[1].field", "no text field price"),
        ("elements/1/symbology", "ean8", "elements[1].symbology", "is not one of"),
        ("elements/2/png", "not base64!", "elements[2].png", "is not a PNG in base64"),
        ("elements/2/png", "R0lGODlhAQABAAAAACw=", "elements[2].png", "is not a PNG in base64"),
    ],
)
def test_an_invalid_template_names_the_field_and_the_reason(path: str, value: Any, field: str, reason: str) -> None:
    with pytest.raises(InvalidTemplate) as caught:
        render.load(changed(ANY, path, value))
    assert caught.value.field == field
    assert reason in caught.value.reason


@pytest.mark.parametrize(
    ("path", "value", "field", "reason"),
    [
        ("elements/0/field", "total", "elements[0].field", "no list field total; known: lines, vat, payments"),
        ("elements/0/elements/0/content", "{show}", "elements[0].elements[0].content", "unknown field {show}"),
        ("elements/0/elements/0/w", 71, "elements[0].elements[0].w", "reaches 71 mm of 70 mm"),
        ("elements/0/elements/0/type", "barcode", "elements[0].elements[0].type", "is not one of"),
    ],
)
def test_an_invalid_row_names_the_field_and_the_reason(path: str, value: Any, field: str, reason: str) -> None:
    with pytest.raises(InvalidTemplate) as caught:
        render.load(changed(RECEIPT, path, value))
    assert caught.value.field == field
    assert reason in caught.value.reason


def test_a_list_is_not_shown_as_words() -> None:
    template = changed(RECEIPT, "elements", [ANY["elements"][0] | {"content": "{lines}"}])
    with pytest.raises(InvalidTemplate, match=r"elements\[0\]\.content: \{lines\} is a list"):
        render.load(template)


def test_an_element_without_a_type_or_a_height_is_named() -> None:
    element = {name: value for name, value in ANY["elements"][0].items() if name != "type"}
    with pytest.raises(InvalidTemplate, match=r"elements\[0\]: 'type' is a required"):
        render.load(changed(ANY, "elements/0", element))
    element = {name: value for name, value in ANY["elements"][0].items() if name != "h"}
    with pytest.raises(InvalidTemplate, match=r"elements\[0\]: 'h' is a required"):
        render.load(changed(ANY, "elements/0", element))


def test_braces_can_be_written() -> None:
    from render.content import fill

    assert fill("{{show}}", {}, {}, "EUR", "fr") == "{show}"


def test_every_field_is_described() -> None:
    assert set(render.FIELDS) == {"ticket", "receipt", "refund", "cash_slip", "eticket"}
    assert all(description for fields in render.FIELDS.values() for description in fields.values())


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("singer", "X", "unknown field"),
        ("show", 12, "must be a string, not int"),
        ("show", "A" * 2001, "has 2001 characters"),
        ("show", "a\x1bb", "holds a control character"),
        ("price", 12.5, "whole number of minor units"),
        ("price", math.nan, "whole number of minor units"),
        ("price", True, "whole number of minor units"),
        ("price", "gratis", "whole number of minor units"),
        ("price", 10**13, "must be between"),
        ("performance_starts_at", "tomorrow", "is not an ISO 8601"),
        ("performance_starts_at", "2026-11-28T20:30:00", "has no offset from UTC"),
        ("performance_starts_at", 5, "must be an ISO 8601"),
    ],
)
def test_wrong_data_names_the_field_and_the_reason(
    name: str, value: Any, reason: str, ticket_data: dict[str, Any]
) -> None:
    with pytest.raises(InvalidData) as caught:
        render.pdf(render.shipped("ticket_80mm"), ticket_data | {name: value})
    assert caught.value.field == name
    assert reason in caught.value.reason


@pytest.mark.parametrize(
    ("value", "field", "reason"),
    [
        ("Tasse", "lines", "must be a list"),
        (["Tasse"], "lines[0]", "must be an object"),
        ([{"label": "Tasse"}, {"total": 1.5}], "lines[1].total", "whole number of minor units"),
        ([{"colour": "red"}], "lines[0].colour", "unknown field"),
        ([{"vat_rate_bp": 10_001}], "lines[0].vat_rate_bp", "must be between 0 and 10000"),
        ([{}] * 501, "lines", "has 501 rows, more than 500"),
    ],
)
def test_wrong_rows_name_the_row_and_the_reason(
    value: Any, field: str, reason: str, receipt_data: dict[str, Any]
) -> None:
    with pytest.raises(InvalidData) as caught:
        render.pdf(render.shipped("receipt_80mm"), receipt_data | {"lines": value})
    assert caught.value.field == field
    assert reason in caught.value.reason


def test_an_unreasonable_resolution_is_refused(ticket_data: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="not within 50 to 1200 dpi"):
        render.raster(render.shipped("ticket_80mm"), ticket_data, 5000)
