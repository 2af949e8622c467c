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
    """One performance of one show, two articles, one point of sale."""

    def __init__(self):
        venue = nouns.Venue(id=str(uuid.uuid4()), zone="Europe/Paris")
        self.show = nouns.Show(id=str(uuid.uuid4()), title="Le Cid", venue_id=venue.id)
        self.performance = nouns.Performance(
            id=str(uuid.uuid4()), show_id=self.show.id, starts_at=STARTS, ends_at=STARTS + timedelta(hours=2),
            capacity=1000, revision=1, state=2,
        )  # fmt: skip
        self.mug = nouns.Product(id=str(uuid.uuid4()), name="Mug", reference="M1")
        self.scarf = nouns.Product(id=str(uuid.uuid4()), name="Foulard", reference="F1")
        self.scarf.options.extend(nouns.ProductOption(code=code, label=f"Taille {code}") for code in "SM")
        self.kiosk = nouns.PointOfSale(id=str(uuid.uuid4()), name="Kiosque")
        self.programme = catalog_pb.GetProgrammeResponse(shows=[self.show], venues=[venue], points_of_sale=[self.kiosk])

    def GetProgramme(self, request):
        return self.programme

    def ListPerformances(self, request):
        here = [self.performance] if request.from_on == "2031-07-14" else []
        return catalog_pb.ListPerformancesResponse(performances=here)

    def GetPerformance(self, request):
        return catalog_pb.GetPerformanceResponse(performance=self.performance)

    def ListProducts(self, request):
        found = [it for it in (self.scarf, self.mug) if request.search.lower() in f"{it.name} {it.reference}".lower()]
        wanted = request.product_ids
        return catalog_pb.ListProductsResponse(products=[it for it in found if not wanted or it.id in wanted])


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
    tell(ProductSaved(product=made.mug), ProductSaved(product=made.scarf))
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


def request_id():
    return {"request_id": str(uuid.uuid4())}


@pytest.fixture
def shop(client, catalogue, stub):
    """A second place, from which the kiosk sells."""
    name = f"Boutique {uuid.uuid4()}"
    page = client.get("/inventory/stock-places/new").text
    assert "Kiosque" in page
    hidden = {key: re.search(rf'name="{key}" value="([^"]+)"', page).group(1) for key in ("request_id", "new_id")}
    form = hidden | {"name": name, "point_of_sale": catalogue.kiosk.id}
    for _ in range(2):  # a double click makes one place
        assert client.post("/inventory/stock-places/new", data=form).status_code == 302
    (made,) = [it for it in stub.ListStockPlaces(pb.ListStockPlacesRequest()).places if it.name == name]
    assert list(made.points_of_sale) == [catalogue.kiosk.id]
    return made


def test_articles_are_received_corrected_and_written_off_with_their_cause(client, catalogue):
    """O3."""
    assert "Épuisé" in client.get("/inventory/stock?search=mug").text
    url = f"/inventory/stock/{catalogue.mug.id}"
    form = request_id() | {"cause": "1", "quantity": "12", "note": "Livraison"}
    for _ in range(2):
        assert client.post(f"{url}/receive", data=form).status_code == 302
    assert "En stock" in client.get("/inventory/stock?search=mug").text
    client.post(f"{url}/correct", data=request_id() | {"how": "counted", "quantity": "10"})
    client.post(f"{url}/correct", data=request_id() | {"how": "difference", "quantity": "−1"})
    client.post(f"{url}/loss", data=request_id() | {"cause": "7", "quantity": "2"})
    page = client.get(url).text
    moved = re.findall(r"<strong>([+−]\d+)</strong>", page)
    assert moved == ["−2", "−1", "−2", "+12"]
    for words in ("Casse", "Corrigé", "Reçu", "Livraison", "Anna", "Stock principal"):
        assert words in page
    again = client.post(
        f"{url}/correct", data=request_id() | {"how": "counted", "quantity": "7"}, follow_redirects=True
    )
    assert "Le compte est juste" in again.text


@pytest.mark.parametrize(
    ("act", "wrong"),
    [
        ("receive", {"quantity": "douze"}), ("receive", {"quantity": "-1"}), ("receive", {"quantity": ""}),
        ("correct", {"quantity": "-1", "how": "counted"}), ("correct", {"quantity": "0", "how": "difference"}),
        ("loss", {"quantity": "0"}), ("threshold", {"quantity": "-1"}),
    ],
)  # fmt: skip
def test_a_quantity_that_cannot_be_is_refused_beside_its_field(client, catalogue, act, wrong):
    answer = client.post(f"/inventory/stock/{catalogue.mug.id}/{act}", data=request_id() | wrong)
    assert answer.status_code == 400
    assert 'id="quantity-error"' in answer.text


def test_articles_are_carried_from_one_place_to_another_and_each_shows_what_it_has(client, catalogue, shop):
    """O3."""
    url, main = f"/inventory/stock/{catalogue.mug.id}", "00000000-0000-0000-0000-000000000001"
    client.post(f"{url}/receive", data=request_id() | {"place_id": main, "quantity": "9"})
    form = {"place_id": main, "to_place_id": shop.place_id, "quantity": "4"}
    refused = client.post(f"{url}/transfer", data=request_id() | form | {"quantity": "10"})
    assert refused.status_code == 400
    assert "10 articles demandés ; 9 disponibles" in refused.text
    same = client.post(f"{url}/transfer", data=request_id() | form | {"to_place_id": main})
    assert 'id="to_place_id-error"' in same.text
    assert client.post(f"{url}/transfer", data=request_id() | form).status_code == 302
    page = client.get("/inventory/stock?search=mug").text
    assert shop.name in page
    row = re.search(r"<tr><td>.*?Mug.*?</tr>", re.sub(r">\s+<", "><", page), re.S).group()
    assert [re.sub(r"<[^>]+>", "", cell).strip() for cell in re.findall(r'<td class="text-end">(.*?)</td>', row, re.S)][
        -1
    ] == "9"
    alone = client.get(f"/inventory/stock?search=mug&place={shop.place_id}").text
    assert ">4<" in alone
    journal = client.get(f"{url}?place={shop.place_id}").text
    assert re.findall(r"<strong>([+−]\d+)</strong>", journal) == ["+4"]


def test_what_is_low_is_found_by_its_state_in_colour_and_words(client, catalogue, shop):
    """O5."""
    url = f"/inventory/stock/{catalogue.mug.id}"
    client.post(f"{url}/receive", data=request_id() | {"place_id": shop.place_id, "quantity": "5"})
    here = f"/inventory/stock?place={shop.place_id}&state="
    assert "Mug" not in client.get(f"{here}low").text
    assert "Rien dans cet état" in client.get(f"{here}low").text
    client.post(f"{url}/threshold", data=request_id() | {"place_id": shop.place_id, "quantity": "5"})
    for state in ("low", "watch"):
        page = client.get(here + state).text
        assert "Mug" in page
        assert '<span class="badge tk-badge-warn">Stock bas</span>' in page
    assert "Mug" not in client.get(f"{here}negative").text
    client.post(f"{url}/threshold", data=request_id() | {"place_id": shop.place_id, "quantity": ""})
    assert "Mug" not in client.get(f"{here}low").text


def test_each_option_of_an_article_has_its_own_level_and_journal(client, catalogue):
    """O2."""
    url = f"/inventory/stock/{catalogue.scarf.id}"
    client.post(f"{url}/receive", data=request_id() | {"option": "M", "quantity": "3"})
    assert "+3" in client.get(f"{url}?option=M").text
    first = client.get(url).text
    assert "Taille S" in first
    assert "Aucun mouvement pour l’instant" in first


def test_the_journal_leaves_as_a_file_in_which_no_note_is_a_formula(client, catalogue):
    """O3."""
    url = f"/inventory/stock/{catalogue.mug.id}"
    client.post(f"{url}/receive", data=request_id() | {"quantity": "3", "note": "=1+1"})
    client.post(f"{url}/loss", data=request_id() | {"quantity": "1", "cause": "6"})
    answer = client.get(f"{url}/movements.csv")
    assert answer.headers["Content-Disposition"] == "attachment; filename=stock-M1.csv"
    lines = [line.split(";") for line in answer.data.decode("utf-8-sig").splitlines()]
    assert lines[0][:3] == ["Article", "Référence", "Déclinaison"]
    assert [line[4:9] for line in lines[1:]] == [
        ["Stock principal", "Démarque", "-1", "Anna", ""],
        ["Stock principal", "Reçu", "3", "Anna", "'=1+1"],
    ]


def test_a_place_is_renamed_closed_when_empty_and_opened_again(client, catalogue, shop):
    url = f"/inventory/stock-places/{shop.place_id}"
    new_name = f"Kiosque {uuid.uuid4()}"
    assert client.post(url, data=request_id() | {"name": new_name}).status_code == 302
    assert new_name in client.get("/inventory/stock-places").text
    taken = client.post(
        "/inventory/stock-places/new", data=request_id() | {"new_id": str(uuid.uuid4()), "name": new_name}
    )
    assert taken.status_code == 400
    assert 'id="name-error"' in taken.text
    stock = f"/inventory/stock/{catalogue.mug.id}"
    client.post(f"{stock}/receive", data=request_id() | {"place_id": shop.place_id, "quantity": "1"})
    assert "n’est pas vide (articles : 1)" in client.post(f"{url}/close", follow_redirects=True).text
    client.post(f"{stock}/loss", data=request_id() | {"place_id": shop.place_id, "quantity": "1"})
    assert "est fermé" in client.post(f"{url}/close", follow_redirects=True).text
    assert "L’enregistrer le rouvre" in client.get(url).text
    client.post(url, data=request_id() | {"name": new_name})
    assert "L’enregistrer le rouvre" not in client.get(url).text
    assert client.get(f"/inventory/stock-places/{uuid.uuid4()}").status_code == 404


def test_a_reader_sees_and_changes_nothing(app, lease, catalogue):
    """M2."""
    reader = app.test_client()
    reader.set_cookie("tk_session", "reader")
    assert "Reprendre" not in reader.get("/inventory/leases").text
    assert reader.get(f"/inventory/leases/{lease.lease_id}/recall").status_code == 403
    url = f"/inventory/stock/{catalogue.mug.id}"
    assert "Recevoir" not in reader.get(url).text
    assert reader.get(f"{url}/receive").status_code == 403
    assert "Nouveau lieu" not in reader.get("/inventory/stock-places").text
    assert reader.get("/inventory/stock-places/new").status_code == 403
    assert reader.post(f"/inventory/stock-places/{uuid.uuid4()}/close").status_code == 403


def test_no_page_holds_an_inline_script_or_style(client, lease, catalogue):
    article = f"/inventory/stock/{catalogue.mug.id}"
    stock = ("/inventory/stock", "/inventory/stock-places", "/inventory/stock-places/new", article)
    for path in ("/inventory/?on=2031-07-14", "/inventory/leases", *stock, f"{article}/correct"):
        assert not re.search(r"<script(?![^>]*src=)|<style| style=| on[a-z]+=\"", client.get(path).text)


def test_every_sentence_has_its_french():
    folder = Path(inventory.web.__file__).parent
    methods = [("**.py", "python"), ("templates/**.html", "jinja2.ext:babel_extract")]
    keywords = {"_": None, "gettext": None, "lazy_gettext": None}
    found = {message for _, _, message, _, _ in extract_from_dir(str(folder), method_map=methods, keywords=keywords)}
    known = set(load_po(folder / "translations" / "fr.po")._catalog) | set(load_po(OWN / "fr.po")._catalog)
    assert sorted(found - known) == []
