"""A4, B3, B4, B5, B7, C7: what a profile says beyond its keys, as the till and the preview read it."""

from datetime import UTC, date, datetime, timedelta

import pytest

from setups.catalogue import read_catalogue
from setups.layout import LayoutBuilder

NOW = datetime(2026, 12, 1, 9, tzinfo=UTC)


def performance(id, show_id, starts_at, state="ON_SALE"):
    return {
        "id": id, "show_id": show_id, "starts_at": starts_at.isoformat(), "capacity": 50,
        "ends_at": (starts_at + timedelta(hours=2)).isoformat(), "price_list_id": "prices",
        "state": f"PERFORMANCE_STATE_{state}",
    }  # fmt: skip


def catalogue(**profile):
    """Two houses with a play and a visit; the play is on three evenings, one of them over."""
    dated = [
        performance("over", "play", NOW - timedelta(days=1)), performance("first", "play", NOW + timedelta(days=3)),
        performance("midnight", "play", datetime(2026, 12, 31, 23, 30, tzinfo=UTC)),
        performance("cancelled", "play", NOW + timedelta(days=4), "CANCELLED"),
        performance("visit", "tour", NOW + timedelta(days=3, hours=-1)),
    ]  # fmt: skip
    named = {
        "venue": [{"id": "theatre", "name": "T", "zone": "Europe/Paris"}, {"id": "museum", "name": "M", "zone": "UTC"}],
        "show": [{"id": "play", "title": "Cyrano", "venue_id": "theatre"},
                 {"id": "tour", "title": "Visite", "venue_id": "museum"}],
        "performance": dated,
        "tariff": [{"id": "full", "name": "Plein"}], "category": [{"id": "one", "name": "Unique"}],
        "price_list": [{"id": "prices", "prices": [{"tariff_id": "full", "category_id": "one", "amount": "1200"}]}],
        "point_of_sale": [{"id": "desk", "name": "Hall", "venue_id": "theatre", "till_profile_id": "profile"}],
        "till_profile": [{"id": "profile", "payment_modes": ["cash"], **profile}],
    }  # fmt: skip
    return read_catalogue(1, {kind: {each["id"]: each for each in all_} for kind, all_ in named.items()}, "desk")


def calendar(first, last, **page):
    known = catalogue(pages=[{"id": "p", "label": "Dates", "kind": "PAGE_KIND_CALENDAR", **page}])
    builder = LayoutBuilder(known, {"first": 4}, {"visit": 9}, NOW)
    return builder.calendar(known.profile.pages[0], first, last)


def test_a_calendar_has_the_dates_on_sale_of_its_days_with_their_places():
    """A4: what is over or cancelled is not there; tariffs are told once for each price list."""
    shown = calendar(date(2026, 12, 1), date(2026, 12, 31))
    assert [each["id"] for each in shown["performances"]] == ["visit", "first"]
    assert [(each["left"], each["online_left"]) for each in shown["performances"]] == [(0, 9), (4, None)]
    assert [each["label"] for each in shown["tariffs"]["prices"]] == ["Plein"]
    assert [each["title"] for each in shown["shows"]] == ["Cyrano", "Visite"]


def test_a_date_lies_on_the_day_of_its_venue():
    """Half past eleven in the evening, UTC, is the next year in Paris."""
    assert [each["id"] for each in calendar(date(2027, 1, 1), date(2027, 1, 31))["performances"]] == ["midnight"]


@pytest.mark.parametrize("only", [{"show_ids": ["tour"]}, {"venue_ids": ["museum"]}])
def test_a_calendar_may_be_of_some_shows_or_of_one_house(only):
    shown = calendar(date(2026, 12, 1), date(2026, 12, 31), **only)
    assert [each["id"] for each in shown["performances"]] == ["visit"]


@pytest.mark.parametrize(
    ("named", "seen"),
    [
        ({}, True),
        ({"cashier_profiles": ["cashier"]}, True),
        ({"cashier_profiles": ["head_cashier"]}, False),
        ({"cashier_ids": ["alice"]}, True),
        ({"cashier_ids": ["bob"]}, False),
        ({"cashier_ids": ["bob"], "cashier_profiles": ["cashier"]}, True),
    ],
)
def test_a_page_is_for_those_whom_it_names(named, seen):
    """B7."""
    page = catalogue(pages=[{"id": "p", "label": "Rapide", "kind": "PAGE_KIND_KEYS", **named}]).profile.pages[0]
    assert page.is_for("alice", "cashier") is seen


def test_the_layout_tells_messages_questions_codes_and_colours():
    """B3, B4, B5, C7."""
    known = catalogue(
        pages=[{"id": "p", "label": "Rapide", "kind": "PAGE_KIND_KEYS", "colour": "#7a1f3d"}],
        messages=[{"id": "m", "text": "Vestiaire fermé", "moment": "MESSAGE_MOMENT_SALE", "show_ids": ["play"],
                   "from": "2026-12-01T08:00:00Z", "every_sale": True}],
        questions=[{"id": "q", "text": "Code postal ?", "kind": "QUESTION_KIND_POSTCODE", "mandatory": True}],
        key_codes=[{"code": "F5", "action": "pay:cash"}, {"code": "F6", "key_id": "k1"}],
    )  # fmt: skip
    layout = LayoutBuilder(known, {}, {}, NOW).build({}, ())
    assert layout["pages"][0]["colour"] == "#7a1f3d"
    (message,) = layout["messages"]
    assert (message["moment"], message["show_ids"], message["from"], message["until"], message["every_sale"]) == (
        "sale", ["play"], "2026-12-01T08:00:00+00:00", None, True,
    )  # fmt: skip
    assert layout["questions"] == [
        {"id": "q", "text": "Code postal ?", "kind": "postcode", "choices": [], "mandatory": True, "show_ids": []}
    ]
    assert layout["key_codes"] == [
        {"code": "F5", "key_id": None, "action": "pay:cash"}, {"code": "F6", "key_id": "k1", "action": None}
    ]  # fmt: skip


def test_a_profile_from_before_says_none_of_it():
    layout = LayoutBuilder(catalogue(), {}, {}, NOW).build({}, ())
    assert (layout["messages"], layout["questions"], layout["key_codes"]) == ([], [], [])
