"""Whatever a basket asks for, each line has its own seats, and a sale comes out of its event as sealed (G1, G4)."""

import uuid
from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

import ledger
from orders.domain.order import Sold, central_token, places
from orders.domain.seating import Need, Plan, SeatWish, needs, seated
from orders.messages import sale_message, sold_from_event
from ticketing.cashdesk.v1.events_pb2 import SaleRecorded

SEATS = 60
WORDS = st.text(st.characters(codec="utf-8", categories=("L", "N", "P")), max_size=12)  # of zones and rows


def new_id() -> str:
    return str(uuid.uuid4())


@st.composite
def plans(draw) -> Plan:
    """A version, even and odd seats of two categories, with words as people write them."""
    rows = draw(st.lists(st.tuples(WORDS, WORDS), min_size=1, max_size=3))
    seats = tuple(ledger.Seat(n, *rows[n % len(rows)], str(n)) for n in range(1, SEATS + 1))
    return Plan(new_id(), draw(st.integers(1, 70_000)), seats, tuple("12"[n % 2] for n in range(SEATS)))


def line_of(number: int, performance_id: str, quantity: int) -> ledger.Line:
    return ledger.Line(
        line=number, kind=ledger.LineKind.ADMISSION, performance_id=performance_id, show_id=new_id(),
        category_id=new_id(), tariff_id=new_id(), product_id=None, option=None, label="Carmen", quantity=quantity,
        unit_price=0, total=0, vat_rate_bp=550, vat=0, net=0, lease_id=None, hold_id=new_id(),
    )  # fmt: skip


@st.composite
def baskets(draw):
    """Lines of two numbered performances and one of free seating; some name their seats, in any order."""
    numbered = {new_id(): draw(plans()) for _ in range(2)}
    free = {performance_id: draw(st.permutations(range(1, SEATS + 1))) for performance_id in numbered}
    lines, wishes = [], {}
    for number in range(1, draw(st.integers(1, 8)) + 1):
        performance_id = draw(st.sampled_from([*numbered, "free seating"]))
        quantity = draw(st.integers(1, 4))
        lines.append(line_of(number, performance_id if performance_id in numbered else new_id(), quantity))
        if performance_id in numbered:
            code = draw(st.sampled_from("12"))
            named: tuple[int, ...] = ()
            if draw(st.booleans()):
                plan = numbered[performance_id]
                named = tuple([s for s in free[performance_id] if plan.categories[s - 1] == code][:quantity])
                free[performance_id] = [s for s in free[performance_id] if s not in named]
            wishes[number] = SeatWish(numbered[performance_id], code, named, 0, draw(st.booleans()))
    return lines, wishes, free


def hold(needed: list[Need], wishes: dict[int, SeatWish], free: dict[str, list[int]]) -> dict[str, list[list[int]]]:
    """What inventory answers: the seats named, or others of the category."""
    held: dict[str, list[list[int]]] = {}
    for need in needed:
        if need.lines[0] in wishes:
            plan, left = wishes[need.lines[0]].plan, free[need.performance_id]
            given_seats = list(need.seats) or [s for s in left if plan.categories[s - 1] == need.category]
            given_seats = given_seats[: need.quantity]
            free[need.performance_id] = [s for s in left if s not in given_seats]
            held.setdefault(need.performance_id, []).append(given_seats)
    return held


@settings(max_examples=40)
@given(baskets())
def test_each_line_has_its_own_seats_and_no_seat_is_given_twice(basket):
    lines, wishes, free = basket
    needed = needs(lines, wishes)
    done = seated(lines, wishes, needed, hold(needed, wishes, free))
    assert sum(need.quantity for need in needed) == sum(line.quantity for line in lines)
    taken: Counter[tuple[str | None, int]] = Counter()
    for line in done:
        wish = wishes.get(line.line)
        assert (line.seating is None) == (wish is None)
        if wish and line.seating:
            ordinals = tuple(seat.ordinal for seat in line.seating.seats)
            assert len(ordinals) == line.quantity
            assert ordinals == (wish.seats or ordinals)
            assert {wish.plan.categories[ordinal - 1] for ordinal in ordinals} == {wish.category}
            assert line.seating.seats == tuple(wish.plan.seats[ordinal - 1] for ordinal in ordinals)
            taken.update((line.performance_id, ordinal) for ordinal in ordinals)
    assert set(taken.values()) <= {1}


@settings(max_examples=40)
@given(baskets())
def test_seats_come_out_of_the_event_of_a_sale_as_they_were_sealed_and_into_its_tokens(basket):
    lines, wishes, free = basket
    needed = needs(lines, wishes)
    done = seated(lines, wishes, needed, hold(needed, wishes, free))
    sale = ledger.Sale(
        order_id=new_id(), order_number="W-1", channel="web", cashier_id=None, shift_id=None, cash_float_id=None,
        business_on="2026-11-26", currency="EUR", catalog_version=1, lines=done, tickets=(),
        payments=(ledger.Payment(ledger.Mode.FREE, 0, 0, 0, None),), total=0, vat=ledger.vat_totals(done),
    )  # fmt: skip
    event = SaleRecorded(till_id=new_id(), sequence=1, is_virtual=True)
    event.sale.ParseFromString(sale_message(sale).SerializeToString())
    event.at.FromSeconds(1_790_000_000)
    sold: Sold = sold_from_event(event)
    assert sold.sale == sale
    for place in places(sold.sale):
        token = central_token(place, 1, 1, None, sold.at)
        assert token.seat == (place.seat.ordinal if place.seat else 0)
        assert token.plan_version == (place.line.seating.plan_version % 256 if place.line.seating else 0)
