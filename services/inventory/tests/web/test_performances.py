"""The page of a performance in front of the real core: seats, contingents, quotas, rules, copies to others."""

import gzip
import re
import struct
import uuid
from datetime import UTC, datetime, timedelta
from html import unescape

import pytest

from inventory.web import front
from inventory.web.seat_names import MOST_ROWS, SeatWords
from kit.web import create_app
from kit.web.config import WebConfig
from seating import SeatState, contingent_of, state_of
from seating.generate import theatre
from seating.geometry import decode, encode
from ticketing.accounts.v1 import accounts_service_pb2 as accounts_pb
from ticketing.catalog.v1 import catalog_pb2 as nouns
from ticketing.catalog.v1 import catalog_service_pb2 as catalog_pb
from ticketing.catalog.v1.events_pb2 import PerformanceScheduled
from ticketing.inventory.v1 import inventory_service_pb2 as pb

from ..conftest import new
from .test_pages import Accounts, verify

PLAN = theatre()
FREE, SOLD, HOUSE, KILLED = SeatState.FREE, SeatState.SOLD, SeatState.HOUSE, SeatState.KILLED
PREMIERE = datetime(2031, 7, 14, 18, 30, tzinfo=UTC)


class Catalogue:
    """A show with three performances on the same plan, one on another, one of free seating; two channels, a desk."""

    def __init__(self, plan_version_id, other_version_id):
        self.venue = nouns.Venue(id=new(), zone="Europe/Paris")
        self.show = nouns.Show(id=new(), title="Le Cid", venue_id=self.venue.id)
        self.desk = nouns.PointOfSale(id=new(), name="Guichet du hall")
        plans = [plan_version_id] * 3 + [other_version_id, ""]
        self.performances = [self._performance(day, plan) for day, plan in enumerate(plans)]
        self.geometry_asked = 0

    def _performance(self, day, plan_version_id):
        starts_at = PREMIERE + timedelta(days=day)
        return nouns.Performance(
            id=new(), show_id=self.show.id, starts_at=starts_at, ends_at=starts_at + timedelta(hours=2), revision=1,
            state=2, capacity=len(PLAN.ordinals), plan_version_id=plan_version_id, hall="Grande salle",
        )  # fmt: skip

    def GetProgramme(self, request):
        channels = [nouns.Channel(code="web", name="Site"), nouns.Channel(code="partner", name="Partenaires")]
        return catalog_pb.GetProgrammeResponse(
            shows=[self.show], venues=[self.venue], channels=channels, points_of_sale=[self.desk]
        )

    def GetPerformance(self, request):
        found = next(each for each in self.performances if each.id == request.performance_id)
        return catalog_pb.GetPerformanceResponse(performance=found, show=self.show, venue=self.venue)

    def ListPerformances(self, request):
        return catalog_pb.ListPerformancesResponse(performances=self.performances)

    def GetPlanGeometry(self, request):
        self.geometry_asked += 1
        return catalog_pb.GetPlanGeometryResponse(content=gzip.compress(encode(PLAN)))


class People(Accounts):
    """Those who work here."""

    def __init__(self):
        self.users = []

    def ListUsers(self, request):
        return accounts_pb.ListUsersResponse(users=self.users)


@pytest.fixture
def catalogue(tell, plan_of):
    made = Catalogue(plan_of(PLAN), new())
    for each in made.performances:
        tell(PerformanceScheduled(performance=each))
    return made


@pytest.fixture
def app(stub, catalogue):
    made = create_app([front], WebConfig(secret_key="k" * 32, targets={}), verify=verify)
    made.config["WTF_CSRF_ENABLED"] = False
    made.extensions["kit_stubs"] |= {"inventory": stub, "catalog": catalogue, "accounts": People()}
    return made


def signed_in(app, as_whom):
    client = app.test_client()
    client.set_cookie("tk_session", as_whom)
    return client


@pytest.fixture
def client(app):
    return signed_in(app, "head")


@pytest.fixture
def performance(catalogue):
    return catalogue.performances[0].id


@pytest.fixture
def url(performance):
    return f"/inventory/performances/{performance}"


@pytest.fixture
def apply(client, url):
    """Do something with seats, as the page does it; the words of the answer."""

    def do(deed, *seats, **more):
        form = {"request_id": new(), "deed": deed, "seats": ",".join(map(str, seats))} | more
        answer = client.post(f"{url}/seats", data=form, headers={"HX-Request": "true"})
        return words(answer)

    return do


def words(answer):
    """What a reader sees."""
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", answer.text)))


@pytest.fixture
def bytes_of(stub):
    def read(performance_id):
        return stub.GetSeatStatus(pb.GetSeatStatusRequest(performance_id=performance_id)).states

    return read


def pools(stub, performance_id):
    return stub.ListPools(pb.ListPoolsRequest(performance_id=performance_id))


def sell(stub, performance_id, *seats, quantity=0, **buyer):
    line = pb.HoldLine(performance_id=performance_id, quantity=quantity or len(seats), seats=seats)
    hold = pb.HoldRequest(hold_id=new(), lines=[line], buyer=pb.Buyer(**buyer))
    (held,) = stub.HoldPlaces(pb.HoldPlacesRequest(holds=[hold])).results
    assert held.granted, held.refusal
    stub.ConfirmHolds(pb.ConfirmHoldsRequest(hold_ids=[held.hold_id]))


ZONE, ROW = PLAN.zones[0], PLAN.zones[0].rows[0]
LABELS = [seat.label for seat in ROW.seats]


def test_the_page_shows_the_figures_the_map_and_where_its_seats_come_from(client, url, stub, performance, catalogue):
    """G3: a snapshot that the map can read, and a drawing that a browser may keep."""
    sell(stub, performance, 1, 2)
    page = client.get(url)
    assert "Le Cid" in page.text
    assert "20:30–22:30" in page.text
    assert re.search(r"Vendues 2 ", words(page))
    assert '<tk-seat-map data-house mode="edit"' in page.text
    drawing = client.get(re.search(r'geometry-url="([^"]+)"', page.text).group(1))
    assert gzip.decompress(drawing.data) == encode(PLAN)
    assert "immutable" in drawing.headers["Cache-Control"]
    status = client.get(re.search(r'status-url="([^"]+)"', page.text).group(1))
    content = gzip.decompress(status.data)
    magic, count, _version = struct.unpack_from("<4sIQ", content)
    assert (magic, count) == (b"TKS1", len(PLAN.ordinals))
    assert [state_of(byte) for byte in content[16:19]] == [SOLD, SOLD, FREE]
    assert "no-store" in status.headers["Cache-Control"]
    assert f'events-url="/live/performances/{performance}/events"' in page.text


def test_chosen_seats_are_blocked_with_a_reason_and_said_by_row_and_number(apply, client, url, bytes_of, performance):
    """G6: who, when and why stay with the seats."""
    answer = apply("house", 1, 2, 3, 4, reason="Presse")
    assert "Gardé en places maison : 4 places." in answer
    assert f"{ZONE.name}, rang {ROW.label} : {LABELS[0]}–{LABELS[3]}" in answer
    assert "Presse" in answer
    assert "Bloquées 4" in answer
    apply("killed", 5, reason="Siège cassé")
    assert [state_of(byte) for byte in bytes_of(performance)[:6]] == [HOUSE] * 4 + [KILLED, FREE]


def test_taken_seats_are_named_and_nothing_is_changed(apply, bytes_of, stub, performance):
    """G6: by row and number, never by ordinal; leaving those out is one tick away."""
    sell(stub, performance, 2)
    answer = apply("killed", 1, 2, 3, reason="Régie")
    assert f"ces places sont prises : {ZONE.name}, rang {ROW.label} : {LABELS[1]}." in answer
    assert [state_of(byte) for byte in bytes_of(performance)[:3]] == [FREE, SOLD, FREE]
    assert "Condamné : 2 places." in apply("killed", 1, 2, 3, reason="Régie", only_free="1")
    assert [state_of(byte) for byte in bytes_of(performance)[:3]] == [KILLED, SOLD, KILLED]


def test_what_cannot_be_done_with_seats_is_said_and_what_was_typed_stays(apply, client, url, bytes_of, performance):
    assert "Dites pourquoi" in apply("house", 1, reason=" ")
    assert "Choisissez d’abord des places" in apply("house", reason="Presse")
    assert "Rechargez la page" in apply("house", "1;2", reason="Presse")
    assert "d’un autre plan" in apply("house", 999_999, reason="Presse")
    assert "Choisissez que faire" in apply("vendre", 1)
    assert "Au plus 5000 places" in apply("killed", *range(1, 5002), reason="Travaux")
    assert "Aucune de ces places n’est bloquée" in apply("freed", 1)
    assert "Choisissez le contingent" in apply("assigned", 1, number="9")
    form = {"request_id": new(), "deed": "killed", "seats": "1", "reason": "x"}
    answer = client.post(f"{url}/seats", data=form, headers={"HX-Request": "true"})
    assert answer.status_code == 409
    assert 'value="x"' in answer.text
    assert '<option value="killed" selected>' in answer.text
    assert set(bytes_of(performance)) == {0}


def test_blocked_seats_are_given_back_some_of_them_or_the_whole_block(apply, client, url, bytes_of, performance, stub):
    apply("house", 1, 2, 3, 4, reason="Presse")
    apply("killed", 10, reason="Siège cassé")
    assert "Rendu à la vente : 3 places." in apply("freed", 3, 4, 10, 20)
    (left,) = pools(stub, performance).blocks
    assert (list(left.seats), left.reason) == ([1, 2], "Presse")
    give_back = re.search(r'hx-post="([^"]+/give-back)"', client.get(url).text).group(1)
    assert "rendues à la vente" in words(client.post(give_back, data={}, headers={"HX-Request": "true"}))
    assert set(bytes_of(performance)) == {0}
    again = client.post(give_back, data={}, headers={"HX-Request": "true"})
    assert again.status_code == 409
    assert "déjà été rendues" in words(again)


def test_a_form_that_is_sent_twice_blocks_once(apply, stub, performance):
    same = new()
    for _ in range(2):
        apply("house", 1, 2, reason="Presse", request_id=same)
    assert len(pools(stub, performance).blocks) == 1


def contingent_form(catalogue, **more):
    return {
        "request_id": new(), "name": "Comité d'entreprise", "channels": ["partner"], "points_of_sale": [],
        "partners": "ce-sncf\nce-edf", "places": "", "release_at": "2031-07-10T12:00",
    } | more  # fmt: skip


def test_a_contingent_is_made_filled_from_the_map_and_shown_with_what_is_left(
    client, url, apply, stub, performance, bytes_of, catalogue
):
    """K6: the release is at the venue's hour; names come from the catalogue."""
    form = contingent_form(catalogue, points_of_sale=[catalogue.desk.id])
    assert client.post(f"{url}/contingents/new", data=form).status_code == 302
    (made,) = pools(stub, performance).contingents
    assert (made.name, list(made.partners)) == ("Comité d'entreprise", ["ce-sncf", "ce-edf"])
    assert made.release_at.ToDatetime() == datetime(2031, 7, 10, 10)
    assert "Dans le contingent « Comité d'entreprise » : 3 places." in apply("assigned", 1, 2, 3, number="1")
    sell(stub, performance, 2, channel="partner")
    page = words(client.get(url))
    assert "Partenaires, Guichet du hall, ce-sncf, ce-edf" in page
    assert "2 libres sur 3 1 vendues" in page
    assert "dont 2 en contingent" in page
    assert "10 juil. 2031 12:00" in page
    assert "Dans la vente générale : 1 place." in apply("general", 1)
    assert [contingent_of(byte) for byte in bytes_of(performance)[:4]] == [0, 1, 1, 0]
    assert '"1": "Comit' in unescape(client.get(url).text)  # for the map


def test_a_contingent_is_changed_and_dissolved(client, url, stub, performance, catalogue):
    client.post(f"{url}/contingents/new", data=contingent_form(catalogue, places="40"))
    page = client.get(f"{url}/contingents/1")
    assert 'value="40"' in page.text
    assert 'value="2031-07-10T12:00"' in page.text
    assert re.search(r'value="partner" checked', page.text)
    assert not re.search(r'value="web" checked', page.text)
    client.post(f"{url}/contingents/1", data=contingent_form(catalogue, places="30", release_at=""))
    (made,) = pools(stub, performance).contingents
    assert (made.places, made.HasField("release_at")) == (30, False)
    assert client.post(f"{url}/contingents/1/remove", data={"request_id": new()}).status_code == 302
    assert not pools(stub, performance).contingents
    assert client.get(f"{url}/contingents/1").status_code == 404


def test_a_contingent_that_sells_is_not_dissolved_and_the_page_says_why(client, url, stub, performance, catalogue):
    client.post(f"{url}/contingents/new", data=contingent_form(catalogue, places="5"))
    sell(stub, performance, quantity=2, channel="partner")
    client.post(f"{url}/contingents/1/remove", data={"request_id": new()})
    assert "Des places de ce contingent sont prises (2)" in words(client.get(url))
    assert pools(stub, performance).contingents


@pytest.mark.parametrize(
    ("wrong", "field"),
    [({"name": " "}, "name"), ({"places": "douze"}, "places"), ({"release_at": "demain"}, "release_at"),
     ({"partners": "x" * 65}, "partners"), ({"places": "99999999"}, "places")],
)  # fmt: skip
def test_a_wrong_contingent_says_what_is_wrong_beside_its_field(
    client, url, stub, performance, catalogue, wrong, field
):
    answer = client.post(f"{url}/contingents/new", data=contingent_form(catalogue) | wrong)
    assert answer.status_code == 400
    assert f'id="{field}-error"' in answer.text
    assert re.search(r'value="partner" checked', answer.text)
    assert not pools(stub, performance).contingents


def test_more_than_is_free_is_not_set_apart(client, url, catalogue):
    answer = client.post(f"{url}/contingents/new", data=contingent_form(catalogue, places="5000"))
    assert answer.status_code == 400
    assert f"5000 places demandées ; {len(PLAN.ordinals)} libres" in words(answer)


def quota_form(**more):
    return {"request_id": new(), "name": "Site", "at_most": "30", "contingent": "0", "channels": ["web"]} | more


def test_quotas_limit_the_house_or_one_contingent(client, url, stub, performance, catalogue):
    """K6: nested."""
    client.post(f"{url}/contingents/new", data=contingent_form(catalogue, places="40"))
    assert client.post(f"{url}/quotas/new", data=quota_form()).status_code == 302
    inside = quota_form(name="SNCF", at_most="5", contingent="1", channels=[], partners="ce-sncf")
    assert client.post(f"{url}/quotas/new", data=inside).status_code == 302
    assert [(x.number, x.name, x.at_most, x.contingent) for x in pools(stub, performance).quotas] == [
        (1, "Site", 30, 0), (2, "SNCF", 5, 1),
    ]  # fmt: skip
    page = words(client.get(url))
    assert "Site Site Toute la salle 0 sur 30" in page
    assert "SNCF ce-sncf Comité d'entreprise 0 sur 5" in page
    client.post(f"{url}/quotas/1", data=quota_form(at_most="20"))
    client.post(f"{url}/quotas/2/remove", data={"request_id": new()})
    assert [(x.number, x.at_most) for x in pools(stub, performance).quotas] == [(1, 20)]


def test_a_quota_that_limits_nobody_or_nothing_is_not_kept(client, url, stub, performance):
    answer = client.post(f"{url}/quotas/new", data=quota_form(channels=[], at_most=""))
    assert answer.status_code == 400
    assert "Choisissez qui il limite" in words(answer)
    assert 'id="at_most-error"' in answer.text
    assert not pools(stub, performance).quotas


def test_rules_of_seats_are_set_and_the_estimated_capacity_is_shown(client, url, stub, performance):
    """6.3, 6.4, 6.5."""
    form = {"request_id": new(), "orphans_refused_on": ["web", "partner"], "orphans_below": "12", "distance_seats": "1",
            "distance_rows": "0", "wheelchairs_release_at": "2031-07-14T18:00"}  # fmt: skip
    assert client.post(f"{url}/rules", data=form).status_code == 302
    found = pools(stub, performance)
    assert list(found.seating_rules.orphans_refused_on) == ["web", "partner"]
    assert found.seating_rules.wheelchairs_release_at.ToDatetime() == datetime(2031, 7, 14, 16)
    page = words(client.get(url))
    assert "Refusée sur : Site, Partenaires" in page
    assert f"Jauge estimée : {found.estimated_places} places" in page
    assert "à partir du 14 juil. 2031 18:00" in page
    answer = client.post(f"{url}/rules", data=form | {"distance_seats": "11"})
    assert answer.status_code == 400
    assert 'id="distance_seats-error"' in answer.text


def test_a_performance_of_free_seating_has_the_same_page_without_map_and_seats(client, catalogue, stub):
    it = catalogue.performances[4].id
    url = f"/inventory/performances/{it}"
    page = client.get(url)
    assert page.status_code == 200
    assert "tk-seat-map" not in page.text
    assert "Placement libre" in page.text
    assert "Attribution des places" not in page.text
    client.post(f"{url}/contingents/new", data=contingent_form(catalogue, places="40"))
    assert "reste 40 sur 40" in words(client.get(url))
    form = {"request_id": new(), "deed": "house", "seats": "1", "reason": "Presse"}
    assert "pas de places numérotées" in words(client.post(f"{url}/seats", data=form, headers={"HX-Request": "1"}))


def test_a_plan_that_is_on_its_way_is_said_and_the_rest_can_be_set(client, catalogue):
    it = catalogue.performances[3].id
    page = client.get(f"/inventory/performances/{it}")
    assert page.status_code == 200
    assert "Le plan de cette séance est en route" in page.text
    assert "tk-seat-map" not in page.text


def test_what_is_set_is_applied_to_other_performances_and_each_answer_is_told(
    client, url, apply, stub, performance, catalogue, bytes_of
):
    """K6: a season is set once; one that cannot follow stays as it was, and the page says why."""
    second, third = (catalogue.performances[at].id for at in (1, 2))
    client.post(f"{url}/contingents/new", data=contingent_form(catalogue))
    client.post(f"{url}/quotas/new", data=quota_form())
    apply("assigned", 1, 2, number="1")
    apply("house", 5, 6, reason="Presse")
    sell(stub, third, 6)
    page = client.get(f"{url}/copy").text
    assert second in page
    assert third in page
    for other_plan in (3, 4):
        assert catalogue.performances[other_plan].id not in page
    form = {"request_id": new(), "part": ["contingents", "quotas", "seating_rules", "blocks"], "to": [second, third]}
    report = words(client.post(f"{url}/copy", data=form))
    assert "1 séances modifiées, 1 laissées telles quelles" in report
    assert f"Ces places y sont prises : {ZONE.name}, rang {ROW.label} : {LABELS[5]}." in report
    (copied,) = pools(stub, second).contingents
    assert copied.release_at.ToDatetime() == datetime(2031, 7, 11, 10)  # a day later, as the performance
    assert list(bytes_of(second)[:6]) == list(bytes_of(performance)[:6])
    assert not pools(stub, third).contingents


def test_a_copy_without_any_choice_is_asked_again(client, url):
    answer = client.post(f"{url}/copy", data={"request_id": new(), "part": ["quotas"]})
    assert answer.status_code == 400
    assert "Choisissez au moins une séance" in words(answer)


def test_a_reader_sees_the_plan_and_changes_nothing(app, url, stub, performance, catalogue):
    """M2: neither by the page nor past it."""
    reader = signed_in(app, "reader")
    page = reader.get(url)
    assert 'mode="view"' in page.text
    assert not re.search(r"Nouveau contingent|Modifier les règles|Appliquer", page.text)
    for path in ("seats", "contingents/new", "quotas/new", "rules", "copy", f"blocks/{uuid.uuid4()}/give-back"):
        answer = reader.post(f"{url}/{path}", data=quota_form() | {"deed": "killed", "seats": "1", "reason": "Non"})
        assert answer.status_code == 403, path
    assert not pools(stub, performance).blocks


def test_no_form_of_a_performance_holds_an_inline_script_or_style(client, url, apply, catalogue):
    apply("house", 1, 2, reason="Presse")
    client.post(f"{url}/contingents/new", data=contingent_form(catalogue))
    for path in ("", "/desk", "/figures", "/contingents/new", "/contingents/1", "/quotas/new", "/rules", "/copy"):
        answer = client.get(url + path)
        assert answer.status_code == 200, path
        assert not re.search(r"<script(?![^>]*src=)|<style| style=| on[a-z]+=\"", answer.text)


def test_forms_without_their_token_are_refused(app, url):
    app.config["WTF_CSRF_ENABLED"] = True
    assert signed_in(app, "head").post(f"{url}/seats", data={"deed": "killed"}).status_code == 400


def test_in_english_the_page_speaks_english(client, url, apply):
    client.set_cookie("tk_lang", "en")
    assert "Kept as house seats: 1 seat." in apply("house", 1, reason="Press")
    assert f"{ZONE.name}, row {ROW.label}" in words(client.get(url))


def test_names_of_people_are_shown_to_those_who_may_know_them(app, stub, url, apply, client, performance):
    block = pb.BlockSeatsRequest(
        request_id=new(), performance_id=performance, seats=[1], kind=pb.BLOCK_KIND_HOUSE, reason="Presse"
    )
    stub.BlockSeats(block)
    (made,) = pools(stub, performance).blocks

    app.extensions["kit_stubs"]["accounts"].users = [accounts_pb.User(id=made.user_id, name="Chloé Martin")]
    assert "Chloé Martin" in client.get(url).text


def test_every_seat_of_a_plan_has_its_name_and_many_are_told_in_few_words(app):
    """A box is called by its own name; neighbours are one stretch; beyond some rows the rest is counted."""
    names = SeatWords(decode(encode(PLAN)))
    plain = re.compile(r"\s+")
    with app.test_request_context():
        ordinal = 0
        for zone in PLAN.zones:
            for row in zone.rows:
                name = f"rang {row.label}" if len(row.label) <= 3 else row.label
                for seat in row.seats:
                    ordinal += 1
                    assert plain.sub(" ", names.words([ordinal])) == f"{zone.name}, {name} : {seat.label}"
        told = plain.sub(" ", names.words(range(1, ordinal + 1)))
        assert told.count(" ; ") == MOST_ROWS
        assert told.startswith(f"{ZONE.name}, rang {ROW.label} : {LABELS[0]}–{LABELS[-1]} ; ")
        first = sum(len(row.seats) for zone in PLAN.zones for row in zone.rows[: MOST_ROWS if zone is ZONE else 0])
        assert told.endswith(f"et {ordinal - first} autres")
        assert names.words([0, ordinal + 1]) == ""
