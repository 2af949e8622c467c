"""Numbered seats through a whole sale, with the real inventory: held, sealed, on tickets, once each (G1, G4, G5)."""

import gzip
import json
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import grpc
import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

import inventory.consumers
import inventory.grpc_api
import inventory.store
import titles
from inventory.domain import LeaseTerms
from inventory.domain.contingents import Contingent, Sellers
from kit.bus import Bus
from kit.database import engine_for, migrate, sessions_for
from kit.errors import FieldInvalid
from kit.grpc_errors import from_rpc_error
from kit.testing import eventually
from orders.domain.errors import PaymentMismatch
from seating.generate import stadium, theatre
from ticketing.catalog.v1 import catalog_service_pb2 as catalog_pb
from ticketing.catalog.v1.events_pb2 import PerformanceScheduled
from ticketing.orders.v1 import orders_service_pb2 as pb

from ..conftest import House, new_id, refusal

pytestmark = pytest.mark.service
SMALL, THEATRE = stadium(120), theatre()


class SeatedHouse(House):
    """With an inventory that knows seats."""

    def __init__(self, database, nats_url):
        own = database("inventory")
        migrate(own.owner_url, "inventory.migrations")
        self.places_engine = engine_for(own)
        self.places = sessions_for(self.places_engine)
        terms = LeaseTerms(timedelta(hours=12), timedelta(minutes=5))
        super().__init__(database, nats_url, inventory.grpc_api.Api(self.places, terms))

    def close(self):
        super().close()
        self.places_engine.dispose()

    def deliver_events(self):
        super().deliver_events()
        bus = Bus(self._nats_url, "inventory")
        bus.start()
        for subscription in inventory.consumers.SUBSCRIPTIONS:
            bus.subscribe(self.places, subscription)
        self.buses.append(bus)

    def numbered(self, plan=SMALL):
        """A performance of a plan, each category of which costs 10.00 more than the next."""
        show = self.performance(prices=())
        answer = self.catalog.performances[show.id]
        answer.performance.capacity, answer.performance.revision = len(plan.ordinals), 1
        answer.performance.plan_version_id = new_id()
        version = catalog_pb.GetPlanVersionResponse(content=gzip.compress(json.dumps(plan.to_json()).encode()))
        version.version.number, version.version.id = 258, answer.performance.plan_version_id
        self.catalog.plans[answer.performance.plan_version_id] = version
        tariff_id = new_id()
        self.catalog.programme.tariffs.add(id=tariff_id, name="Plein tarif")
        show.categories, show.tariff_id = {}, tariff_id
        for rank, category in enumerate(reversed(plan.categories), 1):
            show.categories[category.code] = (new_id(), 1000 * rank)
            self.catalog.programme.categories.add(
                id=show.categories[category.code][0], name=category.name, code=category.code
            )
            answer.price_list.prices.add(
                tariff_id=tariff_id, category_id=show.categories[category.code][0], amount=1000 * rank, vat_rate_bp=210
            )
        self.catalog_client._programme.forget()
        with self.places.begin() as session:
            inventory.store.add_plan(
                session, answer.performance.plan_version_id, plan.fingerprint(), version.content, len(plan.ordinals)
            )
            told = PerformanceScheduled(performance=answer.performance)
            inventory.consumers.performances(session, [type("Event", (), {"message": told})])
        return show

    def states(self, performance_id):
        with self.places.begin() as session:
            return inventory.store.status(session, performance_id)[1].status


def basket(show, *lines, **request):
    """Lines: (category code, quantity, seats, others)."""
    asked = pb.CheckoutRequest(request_id=new_id(), channel="counter", **request)
    total = 0
    for code, quantity, seats, others in lines:
        category_id, price = show.categories[code]
        asked.lines.add(
            performance_id=show.id, tariff_id=show.tariff_id, category_id=category_id, quantity=quantity, seats=seats,
            **others,
        )  # fmt: skip
        total += price * quantity
    asked.payments.add(mode="card", amount=total)
    return asked


@pytest.fixture(scope="module")
def house(database, nats_url):
    running = SeatedHouse(database, nats_url)
    yield running
    running.close()


def code_of(plan, ordinal):
    return next(seat.category for seat in plan.seats() if plan.ordinals[seat.id] == ordinal)


def test_named_seats_are_on_the_order_on_the_tickets_and_in_their_barcodes(house):
    """G1: one ticket, one seat."""
    show = house.numbered()
    code = code_of(SMALL, 5)
    order = house.sell(basket(show, (code, 2, [5, 6], {})))
    words = {SMALL.ordinals[seat.id]: seat.label for seat in SMALL.seats()}
    assert [(seat.ordinal, seat.label) for seat in order.lines[0].seats] == [(5, words[5]), (6, words[6])]
    assert [ticket.seat.ordinal for ticket in order.tickets] == [5, 6]
    tokens = [titles.read(ticket.token).token for ticket in order.tickets]
    assert [(token.seat, token.plan_version) for token in tokens] == [(5, 2), (6, 2)]
    assert [house.states(show.id)[seat - 1] for seat in (4, 5, 6, 7)] == [0, 4, 4, 0]
    again = house.as_user("orders.view").GetOrder(pb.GetOrderRequest(order_id=order.id)).order
    assert again.tickets == order.tickets
    assert again.lines == order.lines


def test_the_best_seats_of_a_category_are_given_at_its_price(house):
    """G4, G5: nobody has to look at a plan."""
    show = house.numbered(THEATRE)
    order = house.sell(basket(show, ("2", 3, (), {"together": True}), ("1", 1, (), {})))
    seats = [[seat.ordinal for seat in line.seats] for line in order.lines]
    assert [{code_of(THEATRE, seat) for seat in of} for of in seats] == [{"2"}, {"1"}]
    assert max(seats[0]) - min(seats[0]) <= 6
    assert order.total == 3 * show.categories["2"][1] + show.categories["1"][1]


def test_best_seats_of_several_lines_of_a_category_are_neighbours(house):
    """Two tariffs, one family."""
    show = house.numbered(THEATRE)
    order = house.sell(basket(show, ("1", 2, (), {}), ("1", 1, (), {})))
    rows = {(seat.zone, seat.row) for line in order.lines for seat in line.seats}
    assert len(rows) == 1
    assert len({seat.ordinal for line in order.lines for seat in line.seats}) == 3


def test_the_same_request_again_has_the_same_seats(house):
    show = house.numbered()
    asked = basket(show, (code_of(SMALL, 1), 2, (), {}))
    assert house.sell(asked) == house.sell(asked)


@pytest.mark.parametrize(
    ("seats", "reason"), [([0, 1], "SEAT_UNKNOWN"), ([5000, 1], "SEAT_UNKNOWN"), ([3, 3], "FIELD_INVALID")]
)
def test_seats_that_are_none_of_the_plan_are_refused(house, seats, reason):
    show = house.numbered()
    asked = basket(show, (code_of(SMALL, 1), 2, seats, {}))
    assert refusal(lambda: house.sell(asked)).reason == reason


def test_a_seat_is_not_sold_at_the_price_of_another_category(house):
    show = house.numbered(THEATRE)
    dear = next(i for i in range(1, 700) if code_of(THEATRE, i) == "1")
    refused = refusal(lambda: house.sell(basket(show, ("2", 1, [dear], {}))))
    assert (refused.reason, refused.facts["seats"]) == ("SEATS_OF_OTHER_CATEGORIES", str(dear))


def test_the_price_of_a_numbered_seat_needs_its_category(house):
    show = house.numbered(THEATRE)
    asked = basket(show, ("1", 1, (), {}))
    asked.lines[0].category_id = ""
    assert refusal(lambda: house.sell(asked)).reason == FieldInvalid.reason
    asked = basket(show, ("1", 1, (), {}))
    asked.payments[0].amount += 1
    assert refusal(lambda: house.sell(asked)).reason == PaymentMismatch.reason


def test_seats_of_a_performance_without_numbers_are_refused(house):
    show = house.performance()
    asked = show.basket(2)
    asked.lines[0].seats.extend([1, 2])
    assert refusal(lambda: house.sell(asked)).reason == "FIELD_INVALID"


def test_a_partner_sells_from_its_contingent_and_others_do_not(house):
    """K6"""
    show = house.numbered()
    code = code_of(SMALL, 5)
    with house.places.begin() as session:
        book = inventory.store.opened(session, performances=[show.id])
        inventory.store.save_contingents(session, show.id, [Contingent(1, "FNAC", Sellers(partners=("fnac",)))])
        book.seats[show.id].assign([5], 1)
        inventory.store.write(session, book)
    refused = refusal(lambda: house.sell(basket(show, (code, 1, [5], {}))))
    assert (refused.reason, refused.facts["seats"]) == ("SEAT_NOT_FOR_YOU", "5")
    assert house.sell(basket(show, (code, 1, [5], {}), partner="fnac")).tickets[0].seat.ordinal == 5


def test_sixty_four_callers_and_ten_seats_are_ten_tickets(house):
    """Every caller is told the truth."""
    show = house.numbered()
    code = code_of(SMALL, 1)

    def buy(i):
        try:
            return [t.seat.ordinal for t in house.sell(basket(show, (code, 1, [i % 10 + 1], {}))).tickets]
        except grpc.RpcError as error:
            refusals.append(from_rpc_error(error).reason)
            return []

    refusals = []
    with ThreadPoolExecutor(64) as crowd:
        sold = Counter(seat for seats in crowd.map(buy, range(64)) for seat in seats)
    assert sorted(sold.values()) == [1] * 10
    assert refusals == ["SEAT_TAKEN"] * 54
    assert house.count("tickets", f"seat_performance_id = '{show.id}' AND live") == 10
    assert Counter(house.states(show.id).tolist())[4] == 10


def test_a_sale_that_was_sealed_and_then_lost_is_made_from_its_event_with_its_seats(house, monkeypatch):
    """Rule 2: whatever fails after the journal heals."""
    show = house.numbered()
    asked = basket(show, (code_of(SMALL, 5), 2, [5, 6], {}))
    with monkeypatch.context() as broken:

        def gone(*_):
            raise RuntimeError("the process dies here")

        broken.setattr(house.checkout, "_keep", gone)
        refusal(lambda: house.sell(asked))
    assert Counter(house.states(show.id).tolist())[1] == 2
    house.deliver_events()
    try:
        eventually(lambda: house.count("orders", f"order_id = '{asked.request_id}'") == 1)
        eventually(lambda: Counter(house.states(show.id).tolist())[4] == 2)
    finally:
        house.stop_events()
    order = house.as_user("orders.view").GetOrder(pb.GetOrderRequest(order_id=asked.request_id)).order
    assert [ticket.seat.ordinal for ticket in order.tickets] == [5, 6]


def test_whatever_the_code_does_a_seat_has_one_live_ticket(house):
    """G1, by the database."""
    show = house.numbered()
    order = house.sell(basket(show, (code_of(SMALL, 9), 1, [9], {})))
    twin = text(
        "INSERT INTO tickets (key_id, serial, order_id, line, token, seat_performance_id, seat)"
        " SELECT key_id, 4000000000, order_id, line, 'X', seat_performance_id, seat FROM tickets WHERE order_id = :id"
    )
    with pytest.raises(IntegrityError), house.sessions.begin() as session:
        session.execute(twin, {"id": order.id})


def test_tickets_are_printed_with_their_seats(house):
    """LAW-11"""
    show = house.numbered()
    order = house.sell(basket(show, (code_of(SMALL, 5), 1, [5], {})))
    house.as_user("orders.view").RenderTickets(pb.RenderTicketsRequest(order_id=order.id))
    data = json.loads(house.documents.data[0])
    seat = order.tickets[0].seat
    assert data["seat"] == f"{seat.zone} · {seat.row} {seat.label}"
    assert (data["zone"], data["row"], data["seat_number"]) == (seat.zone, seat.row, seat.label)
