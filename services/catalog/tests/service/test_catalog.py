"""The catalogue through its gRPC door: saving, refusing, repeating, listing, and snapshots that miss nothing."""

import threading
import uuid
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from kit.database import outbox
from ticketing.catalog.v1 import catalog_pb2 as nouns
from ticketing.catalog.v1 import catalog_service_pb2 as pb

TOMORROW = datetime.now(UTC).replace(hour=12, minute=0, second=0, microsecond=0) + timedelta(days=1)


def rid():
    return str(uuid.uuid4())


class House:
    """A venue with a show, two tariffs, a price list, a till profile and a point of sale."""

    def __init__(self, stub):
        self.stub = stub
        save = self.save
        self.venue = save("Venue", venue=nouns.Venue(name="Musée", zone="Europe/Paris")).venue
        self.show = save("Show", show=nouns.Show(title="Visite", venue_id=self.venue.id, colour="#7a1f3d")).show
        self.full = save("Tariff", tariff=nouns.Tariff(name="Plein", kind=1, rank=1)).tariff
        self.free = save("Tariff", tariff=nouns.Tariff(name="Gratuit", kind=3, rank=2)).tariff
        prices = [
            nouns.Price(tariff_id=self.full.id, amount=1250, vat_rate_bp=550),
            nouns.Price(tariff_id=self.free.id, amount=0, vat_rate_bp=0),
        ]
        self.prices = save("PriceList", price_list=nouns.PriceList(name="Billets", prices=prices)).price_list
        page = nouns.Page(id="p1", label="Séances", kind=2, venue_ids=[self.venue.id])
        profile = nouns.TillProfile(name="Accueil", pages=[page], payment_modes=["cash", "card"])
        self.profile = save("TillProfile", till_profile=profile).till_profile
        point = nouns.PointOfSale(name="Caisse 1", venue_id=self.venue.id, till_profile_id=self.profile.id)
        self.point = save("PointOfSale", point_of_sale=point).point_of_sale

    def save(self, noun, **fields):
        request = getattr(pb, f"Save{noun}Request")(request_id=rid(), **fields)
        return getattr(self.stub, f"Save{noun}")(request)

    def performance(self, starts_at=TOMORROW, minutes=30, **others):
        values = {"capacity": 50, "price_list_id": self.prices.id, "state": 2, "show_id": self.show.id} | others
        return nouns.Performance(starts_at=starts_at, ends_at=starts_at + timedelta(minutes=minutes), **values)

    def programme(self, *performances, request_id=None):
        request = pb.SavePerformancesRequest(request_id=request_id or rid(), performances=performances)
        return self.stub.SavePerformances(request).performances

    def snapshot(self, known=0, point=None, **can):
        request = pb.GetTillSnapshotRequest(point_of_sale_id=point or self.point.id, known_version=known, **can)
        return self.stub.GetTillSnapshot(request)


@pytest.fixture(scope="module")
def house(stub):
    return House(stub)


def events(sessions, subject):
    with sessions() as session:
        rows = session.execute(outbox.select().where(outbox.c.subject == subject).order_by(outbox.c.id))
        return [row.payload for row in rows]


def test_a_performance_is_programmed_and_the_others_are_told(house, sessions):
    """K1. The event names show, venue and zone, and carries the revision."""
    saved = house.programme(house.performance())[0]
    told = [e for e in events(sessions, "catalog.performance.scheduled.v1") if e["performance"]["id"] == saved.id]
    assert len(told) == 1
    assert told[0]["showTitle"] == "Visite"
    assert (told[0]["venueName"], told[0]["zone"]) == ("Musée", "Europe/Paris")
    assert int(told[0]["performance"]["revision"]) == saved.revision > 0
    answer = house.stub.GetPerformance(pb.GetPerformanceRequest(performance_id=saved.id))
    assert answer.performance == saved
    assert answer.show.title == "Visite"
    assert [p.amount for p in answer.price_list.prices] == [1250, 0]


def test_a_repeated_request_gives_the_first_answer_and_changes_nothing(house, sessions, refused):
    request_id = rid()
    performance = house.performance(hall="Répétée")
    first = house.programme(performance, request_id=request_id)
    version = house.snapshot(10**9).version
    assert house.programme(performance, request_id=request_id) == first
    assert house.snapshot(10**9).version == version
    request = pb.SavePerformancesRequest(request_id=request_id, performances=[house.performance(hall="Autre")])
    assert refused(house.stub.SavePerformances, request).reason == "REQUEST_REUSED"


def test_twins_of_one_request_at_the_same_moment_save_once(house, sessions):
    request_id, answers = rid(), []
    performance = house.performance(hall="Jumelle")
    threads = [
        threading.Thread(target=lambda: answers.append(house.programme(performance, request_id=request_id)[0].id))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 8
    assert len(set(answers)) == 1
    with sessions() as session:
        assert session.execute(text("SELECT count(*) FROM performances WHERE hall = 'Jumelle'")).scalar_one() == 1


@pytest.mark.parametrize(
    ("change", "reason", "field"),
    [
        ({"capacity": 0}, "CAPACITY_OUT_OF_RANGE", "performances[1].capacity"),
        ({"capacity": 200_001}, "CAPACITY_OUT_OF_RANGE", "performances[1].capacity"),
        ({"minutes": 0}, "PERFORMANCE_ENDS_BEFORE_START", "performances[1].ends_at"),
        ({"state": 0}, "FIELD_INVALID", "performances[1].state"),
        ({"price_list_id": ""}, "FIELD_INVALID", "performances[1].price_list_id"),
        ({"id": "seven"}, "FIELD_INVALID", "performances[1].id"),
        ({"show_id": str(uuid.UUID(int=7))}, "REFERENCE_NOT_FOUND", "performances[1].show_id"),
        ({"price_list_id": str(uuid.UUID(int=8))}, "REFERENCE_NOT_FOUND", "performances[1].price_list_id"),
    ],
)
def test_one_wrong_performance_stops_them_all_and_the_field_is_named(house, refused, change, reason, field):
    version = house.snapshot(10**9).version
    wrong = [house.performance(), house.performance(**change)]
    refusal = refused(house.stub.SavePerformances, pb.SavePerformancesRequest(request_id=rid(), performances=wrong))
    assert (refusal.reason, refusal.facts["field"]) == (reason, field)
    assert house.snapshot(10**9).version == version


def price_list(house, *prices):
    return pb.SavePriceListRequest(request_id=rid(), price_list=nouns.PriceList(name="Essai", prices=prices))


def test_prices_and_vat_rates_have_bounds_and_a_free_tariff_costs_nothing(house, refused):
    """K2, LAW-19: rates are data."""
    save, full, free = house.stub.SavePriceList, house.full.id, house.free.id
    for price, reason in (
        (nouns.Price(tariff_id=full, amount=-1), "PRICE_OUT_OF_RANGE"),
        (nouns.Price(tariff_id=full, amount=1_000_001), "PRICE_OUT_OF_RANGE"),
        (nouns.Price(tariff_id=full, amount=1, vat_rate_bp=3001), "VAT_RATE_OUT_OF_RANGE"),
        (nouns.Price(tariff_id=free, amount=1), "PRICE_OUT_OF_RANGE"),
        (nouns.Price(tariff_id=str(uuid.UUID(int=9)), amount=1), "REFERENCE_NOT_FOUND"),
    ):
        refusal = refused(save, price_list(house, price))
        assert refusal.reason == reason
        assert refusal.facts["field"].startswith("price_list.prices[0].")
    twice = price_list(house, nouns.Price(tariff_id=full, amount=1), nouns.Price(tariff_id=full, amount=2))
    assert refused(save, twice).reason == "PRICE_TWICE"
    now_free = nouns.Tariff(id=full, name="Plein", kind=3)
    refusal = refused(house.stub.SaveTariff, pb.SaveTariffRequest(request_id=rid(), tariff=now_free))
    assert refusal.facts["field"] == "tariff.kind"


def test_a_product_reference_is_taken_once(house, refused):
    mug = nouns.Product(name="Mug", reference="370001", price=900, vat_rate_bp=2000)
    house.stub.SaveProducts(pb.SaveProductsRequest(request_id=rid(), products=[mug]))
    refusal = refused(house.stub.SaveProducts, pb.SaveProductsRequest(request_id=rid(), products=[mug]))
    assert (refusal.reason, refusal.facts["field"]) == ("PRODUCT_REFERENCE_TAKEN", "products[0].reference")


def test_articles_are_found_by_name_or_reference_page_by_page(house):
    """O1, O2. A percent sign is a letter like any other."""
    options = [nouns.ProductOption(code="M", label="Moyen")]
    made = [
        nouns.Product(name=f"Affiche {i:02}", family="Papeterie", reference=f"AF{i}", price=100, options=options)
        for i in range(5)
    ]
    house.stub.SaveProducts(pb.SaveProductsRequest(request_id=rid(), products=made))
    seen, token = [], ""
    while True:
        request = pb.ListProductsRequest(search="affiche", page_size=2, page_token=token)
        page = house.stub.ListProducts(request)
        seen += [p.name for p in page.products]
        token = page.next_page_token
        if not token:
            break
    assert seen == [f"Affiche {i:02}" for i in range(5)]
    assert [p.name for p in house.stub.ListProducts(pb.ListProductsRequest(search="af3")).products] == ["Affiche 03"]
    assert not house.stub.ListProducts(pb.ListProductsRequest(search="%_%")).products
    assert page.products[0].options[0].label == "Moyen"
    named = pb.ListProductsRequest(product_ids=[page.products[0].id, str(uuid.uuid4())])
    assert [p.name for p in house.stub.ListProducts(named).products] == ["Affiche 04"]


def test_days_are_those_of_the_venue(house):
    """23:30 UTC on the 1st is the 2nd in Paris."""
    late = datetime(2031, 6, 1, 23, 30, tzinfo=UTC)
    saved = house.programme(house.performance(late))[0]
    on = lambda day: house.stub.ListPerformances(pb.ListPerformancesRequest(from_on=day)).performances  # noqa: E731
    assert [p.id for p in on("2031-06-02")] == [saved.id]
    assert not on("2031-06-01")


def test_pages_of_performances_follow_each_other_without_gap(house):
    start = datetime(2032, 1, 10, 9, 0, tzinfo=UTC)
    house.programme(*[house.performance(start + timedelta(minutes=30 * i)) for i in range(7)])
    seen, token = [], ""
    while True:
        request = pb.ListPerformancesRequest(from_on="2032-01-10", page_size=3, page_token=token)
        page = house.stub.ListPerformances(request)
        seen += [p.starts_at.seconds for p in page.performances]
        token = page.next_page_token
        if not token:
            break
    assert seen == [int(start.timestamp()) + 1800 * i for i in range(7)]


def test_malformed_questions_are_refused_with_the_field(house, refused):
    stub = house.stub
    assert refused(stub.ListPerformances, pb.ListPerformancesRequest(from_on="2nd")).facts["field"] == "from_on"
    assert refused(stub.ListPerformances, pb.ListPerformancesRequest(page_token="x")).facts["field"] == "page_token"
    assert refused(stub.ListProducts, pb.ListProductsRequest(page_size=501)).facts["field"] == "page_size"
    assert refused(stub.ListProducts, pb.ListProductsRequest(product_ids=["x"])).facts["field"] == "product_ids[0]"
    unknown = pb.GetPerformanceRequest(performance_id=rid())
    assert refused(stub.GetPerformance, unknown).reason == "PERFORMANCE_NOT_FOUND"
    no_id = pb.SaveVenueRequest(venue=nouns.Venue(name="X", zone="Europe/Paris"))
    assert refused(stub.SaveVenue, no_id).facts["field"] == "request_id"
    mars = pb.SaveVenueRequest(request_id=rid(), venue=nouns.Venue(name="X", zone="Mars/Olympus"))
    assert refused(stub.SaveVenue, mars).facts["field"] == "venue.zone"


def test_a_theme_that_hides_white_text_is_refused(house, refused):
    """F9."""
    pale = nouns.Organisation(name="Musée", currency="EUR", theme={"--tk-brand": "#ffcc00"})
    refusal = refused(house.stub.SaveOrganisation, pb.SaveOrganisationRequest(request_id=rid(), organisation=pale))
    assert refusal.facts["field"] == "organisation.theme[--tk-brand]"
    dark = nouns.Organisation(name="Musée", currency="EUR", theme={"--tk-brand": "#7a1f3d"})
    house.stub.SaveOrganisation(pb.SaveOrganisationRequest(request_id=rid(), organisation=dark))
    assert house.stub.GetOrganisation(pb.GetOrganisationRequest()).organisation.theme["--tk-brand"] == "#7a1f3d"


def test_rights_are_checked_in_the_core(house, stub_with, refused):
    """M2."""
    reader = stub_with("catalog.view")
    request = pb.SaveVenueRequest(request_id=rid(), venue=nouns.Venue(name="X", zone="Europe/Paris"))
    assert refused(reader.SaveVenue, request).facts["right"] == "catalog.programme"
    assert refused(stub_with().GetProgramme, pb.GetProgrammeRequest()).facts["right"] == "catalog.view"
    performances = pb.SavePerformancesRequest(request_id=rid(), performances=[house.performance()])
    assert refused(reader.SavePerformances, performances).reason == "FORBIDDEN"


def test_a_full_snapshot_has_no_draft_and_nothing_long_over(house):
    past = datetime.now(UTC) - timedelta(days=2)
    draft, over, cancelled = house.programme(
        house.performance(state=1), house.performance(past), house.performance(state=3)
    )
    got = house.snapshot()
    ids = {p.id for p in got.performances}
    assert got.full
    assert draft.id not in ids
    assert over.id not in ids
    assert cancelled.id in ids
    assert got.organisation.currency == "EUR"
    assert house.point.id in {p.id for p in got.points_of_sale}
    assert house.profile.id in {p.id for p in got.till_profiles}
    assert got.price_lists


def test_a_delta_has_what_changed_and_only_that(house):
    """A performance withdrawn to draft comes with its state, so that the till drops it."""
    saved = house.programme(house.performance())[0]
    known = house.snapshot().version
    assert house.snapshot(known).version == known
    assert not house.snapshot(known).performances
    saved.state = 1
    withdrawn = house.programme(saved)[0]
    delta = house.snapshot(known)
    assert not delta.full
    assert [(p.id, p.state) for p in delta.performances] == [(withdrawn.id, 1)]
    assert not delta.shows
    assert not delta.HasField("organisation")
    assert saved.id not in {p.id for p in house.snapshot().performances}


def test_a_version_from_another_life_gets_everything(house, refused):
    """A restored backup: the till knows a version that this catalogue never reached."""
    assert house.snapshot(house.snapshot().version + 1).full
    request = pb.GetTillSnapshotRequest(point_of_sale_id=rid())
    assert refused(house.stub.GetTillSnapshot, request).reason == "POINT_OF_SALE_NOT_FOUND"


def test_deltas_never_miss_a_write_of_two_at_once(house):
    """Two write while a till follows by deltas: at its end the till knows all that was written."""
    written, known, seen = [], house.snapshot().version, set()
    writing = threading.Event()
    writing.set()

    def write(hall):
        for _ in range(25):
            written.append(house.programme(house.performance(hall=hall))[0].id)

    def follow():
        nonlocal known
        while True:
            last = not writing.is_set()
            delta = house.snapshot(known)
            assert all(p.revision <= delta.version for p in delta.performances)
            seen.update(p.id for p in delta.performances)
            known = delta.version
            if last:
                return

    writers = [threading.Thread(target=write, args=(hall,)) for hall in ("A", "B")]
    till = threading.Thread(target=follow)
    for thread in (*writers, till):
        thread.start()
    for thread in writers:
        thread.join()
    writing.clear()
    till.join()
    assert set(written) <= seen
    assert len(written) == 50


def test_sixty_days_of_time_slots_are_programmed_at_once(house, sessions):
    """K1. 2,880 performances, one request, one event each; the snapshot is kept until the next version."""
    start = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) + timedelta(days=2)
    slots = [house.performance(start + timedelta(minutes=30 * i)) for i in range(2880)]
    before = len(events(sessions, "catalog.performance.scheduled.v1"))
    assert len(house.programme(*slots)) == 2880
    assert len(events(sessions, "catalog.performance.scheduled.v1")) == before + 2880
    assert len(house.snapshot().performances) >= 2880


def test_a_till_profile_points_at_things_that_exist(house, refused):
    """B1."""
    item = nouns.KeyItem(show_id=house.show.id, tariff_id=rid(), quantity=1)
    page = nouns.Page(id="p", label="P", kind=1, keys=[nouns.Key(id="k", label="K", items=[item])])
    profile = nouns.TillProfile(name="Essai", pages=[page])
    refusal = refused(house.stub.SaveTillProfile, pb.SaveTillProfileRequest(request_id=rid(), till_profile=profile))
    assert refusal.reason == "REFERENCE_NOT_FOUND"
    assert refusal.facts["field"] == "till_profile.pages[0].keys[0].items[0].tariff_id"


def test_the_programme_holds_every_noun(house):
    group = house.save("ShowGroup", group=nouns.ShowGroup(name="Saison")).group
    house.save("ShowGroup", group=nouns.ShowGroup(name="Cycle", parent_id=group.id))
    house.save("Category", category=nouns.Category(name="1re"))
    house.save("Channel", channel=nouns.Channel(code="till", name="Guichet"))
    found = house.stub.GetProgramme(pb.GetProgrammeRequest())
    assert {g.name for g in found.groups} >= {"Saison", "Cycle"}
    assert found.categories
    assert found.channels[0].code == "till"
    assert found.till_profiles[0].pages[0].venue_ids == [house.venue.id]
    assert found.version > 0
