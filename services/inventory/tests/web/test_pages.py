"""The inventory's pages in front of the real core; the catalogue is played by a few canned answers."""

import re
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from babel.messages.extract import extract_from_dir

import inventory.web
from inventory.web import front
from kit.web import create_app
from kit.web.config import WebConfig
from kit.web.i18n import OWN, load_po
from ticketing.accounts.v1 import accounts_service_pb2 as accounts_pb
from ticketing.catalog.v1 import catalog_pb2 as nouns
from ticketing.catalog.v1 import catalog_service_pb2 as catalog_pb
from ticketing.catalog.v1.events_pb2 import PerformanceScheduled, ProductSaved
from ticketing.inventory.v1 import inventory_service_pb2 as pb

IN_AN_HOUR = datetime.now(UTC) + timedelta(hours=1)
STARTS = datetime(2031, 7, 14, 18, 30, tzinfo=UTC)


class Catalogue:
    """One performance of one show, one article."""

    def __init__(self):
        venue = nouns.Venue(id=str(uuid.uuid4()), zone="Europe/Paris")
        self.show = nouns.Show(id=str(uuid.uuid4()), title="Le Cid", venue_id=venue.id)
        self.performance = nouns.Performance(
            id=str(uuid.uuid4()), show_id=self.show.id, starts_at=STARTS, ends_at=STARTS + timedelta(hours=2),
            capacity=1000, revision=1, state=2,
        )  # fmt: skip
        self.mug = nouns.Product(id=str(uuid.uuid4()), name="Mug", reference="M1")
        self.programme = catalog_pb.GetProgrammeResponse(shows=[self.show], venues=[venue])

    def GetProgramme(self, request):
        return self.programme

    def ListPerformances(self, request):
        here = [self.performance] if request.from_on == "2031-07-14" else []
        return catalog_pb.ListPerformancesResponse(performances=here)

    def GetPerformance(self, request):
        return catalog_pb.GetPerformanceResponse(performance=self.performance)

    def ListProducts(self, request):
        return catalog_pb.ListProductsResponse(products=[self.mug])


class Accounts:
    def ListTills(self, request):
        return accounts_pb.ListTillsResponse()


def verify(token):
    rights = {"inventory.view", "inventory.manage"} if token == "head" else {"inventory.view"}
    return SimpleNamespace(subject="u", kind="user", name="Anna", rights=rights, expires_at=IN_AN_HOUR)


@pytest.fixture
def catalogue(tell):
    made = Catalogue()
    tell(PerformanceScheduled(performance=made.performance))
    tell(ProductSaved(product=made.mug))
    return made


@pytest.fixture
def app(stub, catalogue):
    made = create_app([front], WebConfig(secret_key="k" * 32, targets={}), verify=verify)
    made.config["WTF_CSRF_ENABLED"] = False
    made.extensions["kit_stubs"] |= {"inventory": stub, "catalog": catalogue, "accounts": Accounts()}
    return made


@pytest.fixture
def client(app):
    client = app.test_client()
    client.set_cookie("tk_session", "head")
    return client


@pytest.fixture
def lease(till_stub, catalogue):
    till_id = str(uuid.uuid4())
    wish = pb.LeaseWish(performance_id=catalogue.performance.id, left=40)
    return till_stub(till_id).SyncLeases(pb.SyncLeasesRequest(till_id=till_id, wishes=[wish])).leases[0]


def test_a_day_shows_what_is_sold_held_leased_and_free_in_words_and_figures(client, lease):
    page = client.get("/inventory/?on=2031-07-14").text
    assert "Le Cid" in page
    assert "20:30–22:30" in page
    assert "Aux caisses: 40" in page
    assert "Libres: 960" in page
    assert "Aucune séance ce jour-là" in client.get("/inventory/?on=2031-07-15").text
    assert client.get("/inventory/?on=demain").status_code == 400


def test_a_dark_tills_places_are_taken_back_with_a_reason_and_a_confirmation(client, lease, stub):
    assert "Le Cid" in client.get("/inventory/leases").text
    url = f"/inventory/leases/{lease.lease_id}/recall"
    page = client.get(url).text
    assert "40 places redeviendront libres" in page
    form = {"request_id": re.search(r'name="request_id" value="([^"]+)"', page).group(1), "reason": "Caisse volée"}
    refused = client.post(url, data=form)
    assert refused.status_code == 400
    assert "Caisse volée" in refused.text
    assert client.post(url, data=form | {"sure": "1"}).status_code == 302
    asked = pb.GetAvailabilityRequest(performance_ids=[lease.performance_id])
    assert stub.GetAvailability(asked).availabilities[0].free == 1000
    assert client.get(url).status_code == 404


def test_articles_are_received_and_corrected_with_their_cause(client, catalogue):
    """O3."""
    assert "Épuisé" in client.get("/inventory/stock?search=mug").text
    url = f"/inventory/stock/{catalogue.mug.id}"
    form = {"request_id": str(uuid.uuid4()), "cause": "1", "quantity": "12", "note": "Livraison"}
    for _ in range(2):
        assert client.post(url, data=form).status_code == 302
    page = client.get("/inventory/stock").text
    assert "En stock" in page
    assert ">12<" in page
    for wrong in ({"quantity": "douze"}, {"quantity": "-1"}):
        answer = client.post(url, data=form | {"request_id": str(uuid.uuid4())} | wrong)
        assert answer.status_code == 400
        assert 'id="quantity-error"' in answer.text


def test_a_reader_sees_and_changes_nothing(app, lease, catalogue):
    """M2."""
    reader = app.test_client()
    reader.set_cookie("tk_session", "reader")
    assert "Reprendre" not in reader.get("/inventory/leases").text
    assert reader.get(f"/inventory/leases/{lease.lease_id}/recall").status_code == 403
    assert reader.get(f"/inventory/stock/{catalogue.mug.id}").status_code == 403


def test_no_page_holds_an_inline_script_or_style(client, lease):
    for path in ("/inventory/?on=2031-07-14", "/inventory/leases", "/inventory/stock"):
        assert not re.search(r"<script(?![^>]*src=)|<style| style=| on[a-z]+=\"", client.get(path).text)


def test_every_sentence_has_its_french():
    folder = Path(inventory.web.__file__).parent
    methods = [("**.py", "python"), ("templates/**.html", "jinja2.ext:babel_extract")]
    keywords = {"_": None, "gettext": None, "lazy_gettext": None}
    found = {message for _, _, message, _, _ in extract_from_dir(str(folder), method_map=methods, keywords=keywords)}
    known = set(load_po(folder / "translations" / "fr.po")._catalog) | set(load_po(OWN / "fr.po")._catalog)
    assert sorted(found - known) == []
