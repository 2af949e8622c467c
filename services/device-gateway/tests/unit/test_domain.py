"""Rules of the till without disk or network."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device_gateway.domain.basket import parse_items, price_items
from device_gateway.domain.errors import NotEnoughPlaces, PaymentMismatch, PinThrottled, QuantityOutOfRange
from device_gateway.domain.leases import Lease, draw, to_give_back, wishes
from device_gateway.domain.payments import counted, parse_counts, parse_payments
from device_gateway.domain.throttle import Tries
from kit.errors import FieldInvalid
from ledger import Mode
from setups.catalogue import read_catalogue
from setups.layout import LayoutBuilder, layout_version

AT = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
MODES = ("cash", "card")


def lease(name="a", granted=10, used=0, returned=0, hours=1.0, performance="p1", **how) -> Lease:
    return Lease(name, performance, granted, used, returned, 1, AT + timedelta(hours=hours), True, **how)


def performance(name: str, start: timedelta, capacity: int = 100, state: str = "ON_SALE") -> dict:
    return {
        "id": name,
        "show_id": "s1",
        "starts_at": (AT + start).isoformat(),
        "ends_at": (AT + start + timedelta(hours=1)).isoformat(),
        "capacity": capacity,
        "price_list_id": "l1",
        "state": f"PERFORMANCE_STATE_{state}",
    }


def catalogue(*performances: dict, version: int = 1):
    page = {
        "id": "k",
        "kind": "PAGE_KIND_KEYS",
        "keys": [{"id": "k1", "items": [{"show_id": "s1", "tariff_id": "t1"}]}],
    }
    return read_catalogue(
        version,
        {
            "show": {"s1": {"title": "Visite", "venue_id": "v1"}},
            "venue": {"v1": {"name": "Musée", "zone": "Europe/Paris"}},
            "performance": {each["id"]: each for each in performances},
            "tariff": {"t1": {"name": "Plein"}},
            "price_list": {
                "l1": {"prices": [{"tariff_id": "t1", "category_id": "c1", "amount": "1000", "vat_rate_bp": 1000}]}
            },
            "point_of_sale": {"d1": {"name": "Accueil", "venue_id": "v1", "till_profile_id": "f1"}},
            "till_profile": {"f1": {"pages": [page]}},
        },
        "d1",
    )


def test_a_place_is_sold_at_the_vat_rate_of_its_performance_and_else_of_its_price():
    """LAW-19."""
    known = catalogue(
        performance("creation", timedelta(0)) | {"vat_rate_bp": 210},
        performance("past_the_140", timedelta(hours=2)) | {"vat_rate_bp": 550},
        performance("by_price", timedelta(hours=4)),
    )
    items = [{"kind": "admission", "performance_id": id, "tariff_id": "t1", "quantity": 1} for id in known.performances]
    priced = price_items(known, parse_items(items), AT, {})
    assert {line.performance.id: line.vat_rate_bp for line in priced if line.performance} == {
        "creation": 210, "past_the_140": 550, "by_price": 1000,
    }  # fmt: skip


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50), st.integers(-2, 2)), max_size=6), st.integers(1, 100))
def test_a_draw_takes_all_or_nothing_and_never_more_than_is_left(shapes, quantity):
    """Design 3.1."""
    leases = [
        lease(str(n), granted, min(used, granted), hours=hours) for n, (granted, used, hours) in enumerate(shapes)
    ]
    sellable = sum(each.sellable(AT) for each in leases)
    if quantity > sellable:
        with pytest.raises(NotEnoughPlaces):
            draw(leases, "p1", quantity, AT)
        return
    draws = draw(leases, "p1", quantity, AT)
    assert sum(each.quantity for each in draws) == quantity
    by_id = {each.lease_id: each for each in leases}
    assert all(0 < each.quantity <= by_id[each.lease_id].sellable(AT) for each in draws)


def test_the_lease_that_expires_first_is_drawn_first():
    draws = draw([lease("late", 5, hours=3), lease("soon", 2)], "p1", 3, AT)
    assert [(each.lease_id, each.quantity) for each in draws] == [("soon", 2), ("late", 1)]


def test_what_has_expired_ended_or_left_the_sale_is_given_back():
    known = catalogue(
        performance("p1", timedelta(0)),
        performance("over", timedelta(hours=-3)),
        performance("off", timedelta(hours=1), state="CANCELLED"),
    )
    held = [
        lease("good"),
        lease("expired", hours=-1),
        lease("ended", used=4, performance="over"),
        lease("cancelled", performance="off"),
        lease("told", hours=-1, done=True),
    ]
    given = {each.lease_id: each for each in to_give_back(held, known, AT)}
    assert set(given) == {"expired", "ended", "cancelled"}
    assert (given["ended"].returned, given["ended"].left, given["ended"].done) == (6, 0, True)


def test_wishes_cover_the_day_the_next_one_and_what_sells_fast():
    """5.2: sized by the recent rate."""
    known = catalogue(
        performance("now", timedelta(0)),
        performance("tonight", timedelta(hours=9)),
        performance("in two days", timedelta(hours=48)),
        performance("small", timedelta(hours=2), capacity=4),
    )
    wished = wishes(known, [], {"now": 30}, {("tonight", ""): 25}, AT)
    assert {each.performance_id: each.places for each in wished} == {"now": 60, "small": 4, "tonight": 30}
    assert [each.needed for each in wished if each.performance_id == "tonight"] == [25]
    [alone] = wishes(catalogue(performance("in two days", timedelta(hours=48))), [], {}, {}, AT)
    assert alone.performance_id == "in two days"


def test_a_key_moves_on_to_the_next_performance_when_one_ends():
    known = catalogue(performance("now", timedelta(0)), performance("next", timedelta(hours=1)))

    def resolved(at: datetime) -> dict:
        return LayoutBuilder(known, {}, {}, at).build({}, ())["pages"][0]["keys"][0]

    assert resolved(AT)["items"][0]["performance_id"] == "now"
    assert resolved(AT + timedelta(hours=1))["items"][0]["performance_id"] == "next"
    assert resolved(AT + timedelta(hours=2))["disabled"] == "NO_PERFORMANCE"


def test_the_layouts_version_ignores_what_nobody_would_notice():
    known = catalogue(performance("now", timedelta(0)), performance("next", timedelta(hours=1)))
    version = layout_version(known, {"now": 55}, {}, AT)
    assert layout_version(known, {"now": 54}, {}, AT) == version
    assert layout_version(known, {"now": 39}, {}, AT) != version
    assert layout_version(known, {"now": 20}, {}, AT) != layout_version(known, {"now": 19}, {}, AT)
    assert layout_version(known, {"now": 55}, {}, AT + timedelta(hours=1)) != version


def test_equal_items_become_one_line_within_the_limits():
    item = {"kind": "product", "product_id": "a", "option": None, "quantity": 60}
    assert [each.quantity for each in parse_items([item | {"quantity": 2}, item | {"quantity": 3}])] == [5]
    with pytest.raises(QuantityOutOfRange):
        parse_items([item, item])


@pytest.mark.parametrize(
    "raw", [None, [], {}, ["x"], [{"kind": "gift", "quantity": 1}], [{"kind": "product", "quantity": 1}]]
)
def test_a_malformed_basket_names_its_field(raw):
    with pytest.raises(FieldInvalid) as refusal:
        parse_items(raw)
    assert refusal.value.facts["field"].startswith("items")


def test_cash_keeps_what_was_tendered_and_the_change():
    """LAW-26."""
    by_card, in_cash = (
        {"mode": "card", "amount": 500, "tendered": 900},
        {"mode": "cash", "amount": 700, "tendered": 1000},
    )
    card, cash = parse_payments([by_card, in_cash], 1200, MODES)
    assert (cash.tendered, cash.change) == (1000, 300)
    assert (card.tendered, card.change) == (500, 0)


def test_nothing_to_pay_is_paid_by_mode_free():
    assert [each.mode for each in parse_payments([], 0, MODES)] == [Mode.FREE]
    assert [each.mode for each in parse_payments([{"mode": "cash", "amount": 0}], 0, MODES)] == [Mode.FREE]


@pytest.mark.parametrize(
    ("raw", "refusal"),
    [
        ([{"mode": "card", "amount": 1199}], PaymentMismatch),
        ([{"mode": "cash", "amount": 1200, "tendered": 1199}], PaymentMismatch),
        ([{"mode": "cheque", "amount": 1200}], FieldInvalid),
        ([{"mode": "card", "amount": 1200.0}], FieldInvalid),
        ([{"mode": "card", "amount": -1}], FieldInvalid),
        ("card", FieldInvalid),
    ],
)
def test_money_that_does_not_make_the_total_is_refused(raw, refusal):
    with pytest.raises(refusal):
        parse_payments(raw, 1200, MODES)


def test_notes_and_coins_are_counted_to_the_cent():
    assert counted(parse_counts({"5000": 1, "200": 3, "1": 4, "2": 0})) == 5604


@given(st.integers(5, 40))
def test_the_wait_after_wrong_pins_doubles_up_to_an_hour(failures):
    tries = Tries(failures - 1).count_one(AT)
    assert tries.locked_until - AT == min(timedelta(seconds=30) * 2 ** (failures - 5), timedelta(hours=1))
    with pytest.raises(PinThrottled):
        tries.count_one(tries.locked_until - timedelta(seconds=1))
    assert tries.count_one(tries.locked_until).failures == failures + 1
