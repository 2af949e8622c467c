"""LAW-19 through the catalogue's door: rates by rule reach tills and orders, and old shows keep theirs."""

import uuid
from datetime import UTC, datetime, timedelta

import pytest

from ticketing.catalog.v1 import catalog_pb2 as nouns
from ticketing.catalog.v1 import catalog_service_pb2 as pb

TOMORROW = datetime.now(UTC).replace(hour=12, minute=0, second=0, microsecond=0) + timedelta(days=1)


def rid():
    return str(uuid.uuid4())


class Theatre:
    """A venue with a creation that has been played 138 times elsewhere, and a paid and a free price list."""

    def __init__(self, stub):
        self.stub = stub
        self.venue = self.save("Venue", venue=nouns.Venue(name="Théâtre", zone="Europe/Paris")).venue
        self.show = nouns.Show(id=rid(), title="Bérénice", venue_id=self.venue.id, vat_kind=1, paid_before=138)
        self.save("Show", show=self.show)
        self.tariff = self.save("Tariff", tariff=nouns.Tariff(name="Plein", kind=1)).tariff
        self.paid, self.free = self.price_list(2000), self.price_list(0)
        profile = nouns.TillProfile(name="Hall", pages=[nouns.Page(id="p", label="S", kind=2)], payment_modes=["cash"])
        self.profile = self.save("TillProfile", till_profile=profile).till_profile
        point = nouns.PointOfSale(name="Hall", venue_id=self.venue.id, till_profile_id=self.profile.id)
        self.point = self.save("PointOfSale", point_of_sale=point).point_of_sale

    def save(self, noun, **fields):
        return getattr(self.stub, f"Save{noun}")(getattr(pb, f"Save{noun}Request")(request_id=rid(), **fields))

    def price_list(self, amount):
        price = nouns.Price(tariff_id=self.tariff.id, amount=amount, vat_rate_bp=1000)
        return self.save("PriceList", price_list=nouns.PriceList(name="Prix", prices=[price])).price_list

    def performance(self, day, **others):
        at = TOMORROW + timedelta(days=day)
        values = {"id": rid(), "capacity": 50, "price_list_id": self.paid.id, "state": 2, "show_id": self.show.id}
        return nouns.Performance(starts_at=at, ends_at=at + timedelta(hours=2), **values | others)

    def programme(self, *performances):
        return self.save("Performances", performances=performances).performances

    def rates(self, performances):
        """Of these performances, None where each price says its own."""
        found = [self.stub.GetPerformance(pb.GetPerformanceRequest(performance_id=it.id)) for it in performances]
        return [it.performance.vat_rate_bp if it.performance.HasField("vat_rate_bp") else None for it in found]

    def count(self):
        return self.stub.CountPaidPerformances(pb.CountPaidPerformancesRequest(show_id=self.show.id))


@pytest.fixture
def theatre(stub):
    return Theatre(stub)


def test_performances_get_their_rates_by_rank_whatever_the_order_of_programming(theatre):
    third, first, second = (theatre.performance(day) for day in (3, 1, 2))
    assert [it.vat_rate_bp for it in theatre.programme(third, second)] == [210, 210]
    assert [it.vat_rate_bp for it in theatre.programme(first)] == [210]
    assert theatre.rates([first, second, third]) == [210, 210, 550]
    assert (theatre.count().programmed, theatre.count().then_rate_bp) == (141, 550)
    assert theatre.count().then_on == (TOMORROW + timedelta(days=3)).date().isoformat()


def test_a_cancelled_performance_and_one_that_became_free_give_their_rank_back(theatre):
    performances = [theatre.performance(day) for day in range(4)]
    theatre.programme(*performances)
    assert theatre.rates(performances) == [210, 210, 550, 550]
    performances[0].state = nouns.PERFORMANCE_STATE_CANCELLED
    theatre.programme(performances[0])
    assert theatre.rates(performances[1:]) == [210, 210, 550]
    performances[1].price_list_id = theatre.free.id
    theatre.programme(performances[1])
    assert theatre.rates(performances[2:]) == [210, 210]
    dear = nouns.PriceList(id=theatre.free.id, name="Prix", prices=theatre.paid.prices)
    theatre.save("PriceList", price_list=dear)
    assert theatre.rates(performances[2:]) == [210, 550]


def test_orders_are_told_every_price_at_the_rate_of_the_performance(theatre):
    (performance,) = theatre.programme(theatre.performance(1))
    found = theatre.stub.GetPerformance(pb.GetPerformanceRequest(performance_id=performance.id))
    assert [price.vat_rate_bp for price in found.price_list.prices] == [210]


def test_tills_learn_by_a_delta_which_rates_have_changed_and_no_others(theatre):
    performances = theatre.programme(*(theatre.performance(day) for day in (1, 2, 3)))
    asked = pb.GetTillSnapshotRequest(point_of_sale_id=theatre.point.id)
    asked.known_version = theatre.stub.GetTillSnapshot(asked).version
    (earlier,) = theatre.programme(theatre.performance(0))
    told = {it.id: it.vat_rate_bp for it in theatre.stub.GetTillSnapshot(asked).performances}
    assert told == {earlier.id: 210, performances[1].id: 550}


def test_a_rule_given_changed_and_taken_away_rates_what_is_programmed(theatre):
    performances = theatre.programme(theatre.performance(1))
    theatre.show.drinks_served = True
    theatre.save("Show", show=theatre.show)
    assert theatre.rates(performances) == [550]
    theatre.venue.territory = nouns.TERRITORY_CORSICA
    theatre.save("Venue", venue=theatre.venue)
    assert theatre.rates(performances) == [210]
    theatre.show.vat_kind = nouns.VAT_KIND_UNSPECIFIED
    theatre.save("Show", show=theatre.show)
    assert theatre.rates(performances) == [None]


def test_a_performance_moved_to_another_show_leaves_its_rank(theatre):
    performances = [theatre.performance(day) for day in (1, 2, 3)]
    theatre.programme(*performances)
    other = theatre.save("Show", show=nouns.Show(title="Visite", venue_id=theatre.venue.id)).show
    performances[0].show_id = other.id
    theatre.programme(performances[0])
    assert theatre.rates(performances) == [None, 210, 210]


def test_a_show_without_rule_keeps_the_rates_of_its_prices_and_nobody_dictates_a_rate(theatre):
    other = theatre.save("Show", show=nouns.Show(title="Visite", venue_id=theatre.venue.id)).show
    performances = theatre.programme(theatre.performance(1, show_id=other.id, vat_rate_bp=1))
    assert theatre.rates(performances) == [None]
    found = theatre.stub.GetPerformance(pb.GetPerformanceRequest(performance_id=performances[0].id))
    assert [price.vat_rate_bp for price in found.price_list.prices] == [1000]


def test_a_rule_has_bounds_and_an_unknown_show_no_counter(theatre, refused):
    theatre.show.paid_before = -1
    error = refused(theatre.stub.SaveShow, pb.SaveShowRequest(request_id=rid(), show=theatre.show))
    assert (error.reason, error.facts["field"]) == ("FIELD_INVALID", "show.paid_before")
    asked = pb.CountPaidPerformancesRequest(show_id=rid())
    assert refused(theatre.stub.CountPaidPerformances, asked).reason == "SHOW_NOT_FOUND"
