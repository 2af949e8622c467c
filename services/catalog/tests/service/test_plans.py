"""Seating plans in the catalogue: judged before they are kept, never changed afterwards (K3)."""

import gzip
import json
import uuid

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from seating import read_plan
from seating.generate import theatre
from ticketing.catalog.v1 import catalog_pb2 as nouns
from ticketing.catalog.v1 import catalog_service_pb2 as pb

from .test_catalog import House, rid

THEATRE = theatre()


@pytest.fixture(scope="module")
def house(stub):
    return House(stub)


def document():
    return json.loads(json.dumps(THEATRE.to_json()))


def request(house, content, **others):
    if isinstance(content, dict):
        content = json.dumps(content).encode()
    return pb.ImportPlanRequest(**{"request_id": rid(), "venue_id": house.venue.id, "content": content} | others)


def test_a_plan_becomes_a_version_and_comes_back_as_it_was(house):
    answer = house.stub.ImportPlan(request(house, document()))
    assert (answer.version.number, answer.version.seats) == (1, len(THEATRE.ordinals))
    assert answer.version.fingerprint == THEATRE.fingerprint()
    again = house.stub.GetPlanVersion(pb.GetPlanVersionRequest(plan_version_id=answer.version.id))
    assert read_plan(json.loads(gzip.decompress(again.content))) == THEATRE


def test_the_next_import_is_the_next_version_and_the_first_one_stays(house):
    first = house.stub.ImportPlan(request(house, document())).version
    changed = document()
    changed["name"] = "Théâtre rénové"
    second = house.stub.ImportPlan(request(house, gzip.compress(json.dumps(changed).encode()), plan_id=first.plan_id))
    assert second.version.number == 2
    listed = house.stub.ListPlanVersions(pb.ListPlanVersionsRequest(venue_id=house.venue.id)).versions
    assert {(v.number, v.name) for v in listed if v.plan_id == first.plan_id} == {
        (1, THEATRE.name),
        (2, "Théâtre rénové"),
    }


def test_a_repeated_import_is_the_first_one(house):
    wanted = request(house, document())
    assert house.stub.ImportPlan(wanted) == house.stub.ImportPlan(wanted)


def test_a_plan_with_an_error_is_not_kept_and_its_faults_are_named(house):
    broken = document()
    seats = broken["zones"][0]["rows"][0]["seats"]
    seats[1]["id"] = seats[0]["id"]
    answer = house.stub.ImportPlan(request(house, broken))
    assert not answer.HasField("version")
    assert ("error", "SEAT_ID_TWICE", [seats[0]["id"]]) in [
        (f.severity, f.reason, list(f.where)) for f in answer.faults
    ]


@pytest.mark.parametrize(
    ("content", "reason", "facts"),
    [
        (b"", "PLAN_INVALID", {}),
        (b"[" * 100_000, "PLAN_INVALID", {}),
        (b'{"format": "ticketing-plan/9"}', "PLAN_INVALID", {}),
        (b"\x1f\x8bnonsense", "PLAN_INVALID", {"why": "is no gzip file"}),
        (gzip.compress(b" " * (65 * 1024 * 1024)), "PLAN_TOO_LARGE", {"field": "content"}),
        (b" " * (8 * 1024 * 1024 + 1), "PLAN_TOO_LARGE", {"field": "content"}),
    ],
    ids=["empty", "deep", "other format", "no gzip", "bomb", "large"],
)
def test_what_is_no_plan_is_refused_in_bounded_memory(house, refused, content, reason, facts):
    refusal = refused(house.stub.ImportPlan, request(house, content))
    assert refusal.reason == reason
    assert facts.items() <= refusal.facts.items()


def test_the_first_thing_that_is_wrong_is_named_by_its_path(house, refused):
    broken = document()
    broken["zones"][0]["rows"][2]["seats"][3]["x"] = "left"
    refusal = refused(house.stub.ImportPlan, request(house, broken))
    assert refusal.facts["path"] == "zones[0].rows[2].seats[3].x"


def test_a_plan_of_a_venue_that_does_not_exist_is_refused(house, refused):
    wanted = request(house, document(), venue_id=str(uuid.uuid4()))
    assert refused(house.stub.ImportPlan, wanted).facts["field"] == "venue_id"


def test_a_version_cannot_be_changed_by_anybody_who_programmes(house, sessions):
    version = house.stub.ImportPlan(request(house, document())).version
    for change in ("UPDATE plan_versions SET name = 'x'", "DELETE FROM plan_versions"):
        with pytest.raises(IntegrityError), sessions.begin() as session:
            session.execute(text(f"{change} WHERE id = :id"), {"id": version.id})


def test_a_numbered_performance_has_the_places_of_its_plan(house, refused):
    version = house.stub.ImportPlan(request(house, document())).version
    numbered = {"plan_version_id": version.id, "capacity": version.capacity}
    (draft,) = house.programme(house.performance(state=nouns.PERFORMANCE_STATE_DRAFT, **numbered))
    assert draft.plan_version_id == version.id

    def refusal(**changes):
        values = {"state": nouns.PERFORMANCE_STATE_DRAFT} | numbered | changes
        wanted = pb.SavePerformancesRequest(request_id=rid(), performances=[house.performance(**values)])
        return refused(house.stub.SavePerformances, wanted)

    assert refusal(capacity=5).facts["why"] == str(version.capacity)
    assert refusal(plan_version_id=str(uuid.uuid4())).reason == "REFERENCE_NOT_FOUND"


def priced(house, *codes):
    """A price list with a price for each of these categories of plans."""
    prices = []
    for code in codes:
        known = [each.id for each in house.stub.GetProgramme(pb.GetProgrammeRequest()).categories if each.code == code]
        category = nouns.Category(id=known[0] if known else str(uuid.uuid4()), name=f"Catégorie {code}", code=code)
        house.save("Category", category=category)
        prices.append(nouns.Price(tariff_id=house.full.id, category_id=category.id, amount=1000, vat_rate_bp=210))
    return house.save("PriceList", price_list=nouns.PriceList(name="Grille", prices=prices)).price_list.id


def test_a_numbered_performance_goes_on_sale_once_each_category_of_its_seats_has_a_price(house, refused):
    """K2, K3"""
    version = house.stub.ImportPlan(request(house, document())).version
    numbered = {"plan_version_id": version.id, "capacity": version.capacity}
    wanted = house.performance(price_list_id=priced(house, "1", "2"), **numbered)
    refusal = refused(house.stub.SavePerformances, pb.SavePerformancesRequest(request_id=rid(), performances=[wanted]))
    assert (refusal.reason, refusal.facts["categories"]) == (
        "PLAN_CATEGORIES_WITHOUT_PRICE", "Catégorie 3, Catégorie 4",
    )  # fmt: skip
    wanted.price_list_id = priced(house, "1", "2", "3", "4")
    (saved,) = house.programme(wanted)
    assert saved.state == nouns.PERFORMANCE_STATE_ON_SALE


def test_tills_of_before_numbered_seats_do_not_see_a_numbered_performance_as_on_sale(house):
    """They cannot say who sits where; the others see it as it is, in full and in a delta."""
    before = house.snapshot().version
    version = house.stub.ImportPlan(request(house, document())).version
    (saved,) = house.programme(
        house.performance(
            price_list_id=priced(house, "1", "2", "3", "4"), plan_version_id=version.id, capacity=version.capacity
        )
    )
    for known in (0, before):
        for sells_seats, state in ((False, nouns.PERFORMANCE_STATE_DRAFT), (True, nouns.PERFORMANCE_STATE_ON_SALE)):
            told = house.snapshot(known=known, numbered_seats=sells_seats)
            assert {each.id: each.state for each in told.performances}[saved.id] == state
            assert told.numbered_seats == sells_seats


def test_two_price_categories_do_not_price_the_same_seats(house, refused):
    priced(house, "1")
    other = nouns.Category(name="Autre", code="1")
    refusal = refused(house.stub.SaveCategory, pb.SaveCategoryRequest(request_id=rid(), category=other))
    assert (refusal.reason, refusal.facts["code"]) == ("CATEGORY_CODE_TAKEN", "1")
