"""The catalogue's pages in front of the real core: programming a performance, what is refused, words in French."""

import gzip
import json
import re
import uuid
import zipfile
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace

import pytest
from babel.messages.extract import extract_from_dir

import catalog.web
from catalog.web import forms, front
from kit.errors import DomainError, Kind
from kit.web import create_app
from kit.web.config import WebConfig
from kit.web.i18n import OWN, load_po
from seating.formats import to_pretix
from seating.generate import theatre
from ticketing.accounts.v1 import accounts_service_pb2 as accounts
from ticketing.catalog.v1 import catalog_pb2 as nouns
from ticketing.catalog.v1 import catalog_service_pb2 as pb

ALICE = str(uuid.uuid4())
IN_AN_HOUR = datetime.now(UTC) + timedelta(hours=1)


def verify(token):
    rights = {"catalog.view", "catalog.programme"} if token == "programmer" else {"catalog.view"}
    return SimpleNamespace(subject="u", kind="user", name="Anna", rights=rights, expires_at=IN_AN_HOUR)


class Sellers:
    """accounts, as far as the editor asks it."""

    @staticmethod
    def ListSellers(request):
        return accounts.ListSellersResponse(sellers=[accounts.Seller(user_id=ALICE, name="Alice", profile="cashier")])


@pytest.fixture(scope="module")
def app(stub):
    made = create_app([front], WebConfig(secret_key="k" * 32, targets={}), verify=verify)
    made.config["WTF_CSRF_ENABLED"] = False
    made.extensions["kit_stubs"]["catalog"] = stub
    made.extensions["kit_stubs"]["accounts"] = Sellers
    return made


@pytest.fixture
def client(app):
    client = app.test_client()
    client.set_cookie("tk_session", "programmer")
    return client


@pytest.fixture(scope="module")
def venue(stub):
    request = pb.SaveVenueRequest(request_id=str(uuid.uuid4()), venue=nouns.Venue(name="Théâtre", zone="Europe/Paris"))
    return stub.SaveVenue(request).venue


def performance_form(venue, **others):
    values = {
        "form_id": str(uuid.uuid4()), "show_id": "new", "title": "Le Cid", "venue_id": venue.id, "colour": "#7A1F3D",
        "on": "2031-07-14", "starts": "20:30", "ends": "22:45", "hall": "Grande salle", "capacity": "400",
        "price_list_id": "new", "tariff_name_1": "Plein", "tariff_kind_1": "1", "price_new_1": "12,50",
        "vat_new_1": "550", "tariff_name_2": "Gratuit", "tariff_kind_2": "3", "price_new_2": "0", "vat_new_2": "0",
        "on_sale": "1",
    }  # fmt: skip
    return values | others


def performances_on(stub, day):
    return stub.ListPerformances(pb.ListPerformancesRequest(from_on=day)).performances


def test_a_performance_with_its_show_and_tariffs_is_put_on_sale_by_one_form(client, stub, venue):
    """K1, K2: show, tariffs with VAT, price list and performance; sent twice, nothing is there twice."""
    form = performance_form(venue)
    for _ in range(2):
        answer = client.post("/catalog/performances/new", data=form)
        assert answer.status_code == 302
    page = client.get(answer.location).text
    assert "en vente aux guichets" in page
    (made,) = performances_on(stub, "2031-07-14")
    assert (made.capacity, made.state, made.hall) == (400, 2, "Grande salle")
    assert made.starts_at.ToDatetime() == datetime(2031, 7, 14, 18, 30)
    found = stub.GetPerformance(pb.GetPerformanceRequest(performance_id=made.id))
    assert [(p.amount, p.vat_rate_bp) for p in found.price_list.prices] == [(1250, 550), (0, 0)]
    categories = {it.id: it.name for it in stub.GetProgramme(pb.GetProgrammeRequest()).categories}
    assert {categories[p.category_id] for p in found.price_list.prices} == {"Placement libre"}
    assert (found.show.title, found.show.colour) == ("Le Cid", "#7a1f3d")


@pytest.mark.parametrize(
    ("change", "field", "words"),
    [
        ({"title": ""}, "title", "Remplissez"),
        ({"price_new_1": "douze"}, "price_new_1", "montant"),
        ({"capacity": "0"}, "capacity", "capacité"),
        ({"on": "14/07"}, "on", "jour"),
        ({"ends": "20:30"}, "ends", "fin"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field_and_what_was_typed_stays(client, venue, change, field, words):
    answer = client.post("/catalog/performances/new", data=performance_form(venue, on="2031-08-01") | change)
    assert answer.status_code == 400
    error = re.search(rf'id="{field}-error">(.*?)</p>', answer.text, re.S)
    assert error
    assert words in error.group(1)
    assert "Grande salle" in answer.text


def test_a_free_tariff_with_a_price_is_refused_in_words(client, venue):
    answer = client.post("/catalog/performances/new", data=performance_form(venue, on="2031-08-02", price_new_2="5"))
    assert answer.status_code == 400
    assert "gratuit" in answer.text


def test_a_corrected_form_is_another_request(client, stub, venue):
    form = performance_form(venue, on="2031-09-01", capacity="0")
    assert client.post("/catalog/performances/new", data=form).status_code == 400
    assert client.post("/catalog/performances/new", data=form | {"capacity": "10"}).status_code == 302
    assert len(performances_on(stub, "2031-09-01")) == 1


def test_a_series_follows_weekdays_and_hours_and_can_be_withdrawn_one_by_one(client, stub, venue):
    client.post("/catalog/performances/new", data=performance_form(venue, on="2032-03-01"))
    (first,) = performances_on(stub, "2032-03-01")
    series = {
        "form_id": str(uuid.uuid4()), "show_id": first.show_id, "price_list_id": first.price_list_id, "minutes": "30",
        "first": "2032-03-08", "last": "2032-03-14", "hours": "10:00-12:00 toutes les 30 min", "capacity": "50",
        "weekdays": ["0", "2"], "on_sale": "1",
    }  # fmt: skip
    assert client.post("/catalog/performances/series", data=series).status_code == 302
    assert [len(performances_on(stub, f"2032-03-{d:02}")) for d in (8, 9, 10)] == [4, 0, 4]
    one = performances_on(stub, "2032-03-08")[0]
    client.post(f"/catalog/performances/{one.id}/state", data={"state": "1"})
    assert performances_on(stub, "2032-03-08")[0].state == 1
    listed = client.get(f"/catalog/shows/{first.show_id}?from_on=2032-03-08&to_on=2032-03-14&state=1").text
    assert "Brouillon" in listed
    wrong = client.post("/catalog/performances/series", data=series | {"hours": "midi"})
    assert wrong.status_code == 400


def test_tariffs_price_lists_articles_and_the_organisation_are_edited(client, stub):
    form = {"form_id": str(uuid.uuid4()), "name": "Étudiant", "kind": "2", "rank": "5", "proof": "Carte"}
    assert client.post("/catalog/tariffs/new", data=form).status_code == 302
    tariff = next(t for t in stub.GetProgramme(pb.GetProgrammeRequest()).tariffs if t.name == "Étudiant")
    prices = {"form_id": str(uuid.uuid4()), "name": "Été", f"price_{tariff.id}": "8.5", f"vat_{tariff.id}": "1000"}
    assert client.post("/catalog/price-lists/new", data=prices).status_code == 302
    listed = next(x for x in stub.GetProgramme(pb.GetProgrammeRequest()).price_lists if x.name == "Été")
    assert [(p.amount, p.vat_rate_bp) for p in listed.prices] == [(850, 1000)]
    (price,) = listed.prices
    assert price.category_id
    assert "8,50" in client.get(f"/catalog/price-lists/{listed.id}").text
    dearer = prices | {"form_id": str(uuid.uuid4()), f"price_{tariff.id}_{price.category_id}": "9"}
    dearer[f"vat_{tariff.id}_{price.category_id}"] = "1000"
    assert client.post(f"/catalog/price-lists/{listed.id}", data=dearer).status_code == 302
    changed = next(x for x in stub.GetProgramme(pb.GetProgrammeRequest()).price_lists if x.id == listed.id)
    assert [(p.amount, p.category_id) for p in changed.prices] == [(900, price.category_id)]
    mug = {"form_id": str(uuid.uuid4()), "name": "Mug", "reference": "M1", "price": "9", "vat": "2000"}
    mug |= {"option_code_0": "R", "option_label_0": "Rouge", "option_price_0": "9,50"}
    assert client.post("/catalog/products/new", data=mug).status_code == 302
    assert "Rouge" in client.get("/catalog/products?search=mug").text
    taken = client.post("/catalog/products/new", data=mug | {"form_id": str(uuid.uuid4())})
    assert 'id="reference-error"' in taken.text
    assert client.post("/catalog/products/M1", data=mug | {"name": "Tasse"}).status_code == 302
    pale = {"form_id": str(uuid.uuid4()), "name": "Musée", "siret": "123 456 789 00012", "brand": "#ffcc00"}
    refused = client.post("/catalog/organisation", data=pale)
    assert refused.status_code == 400
    assert 'id="brand-error"' in refused.text
    assert client.post("/catalog/organisation", data=pale | {"brand": "#7a1f3d"}).status_code == 302


def test_points_of_sale_and_profiles_are_edited(client, stub, venue):
    page = nouns.Page(id="p", label="Billets", kind=2)
    profile = stub.SaveTillProfile(
        pb.SaveTillProfileRequest(
            request_id=str(uuid.uuid4()), till_profile=nouns.TillProfile(name="Accueil", pages=[page])
        )
    ).till_profile
    point = {"form_id": str(uuid.uuid4()), "name": "Caisse 1", "venue_id": venue.id, "till_profile_id": profile.id}
    assert client.post("/catalog/points-of-sale/new", data=point).status_code == 302
    form = {"form_id": str(uuid.uuid4()), "name": "Entrée", "payment_modes": ["cash"], "page_0": "Séances"}
    form |= {"lock_after_minutes": "5", "revision": "0", "blind_declaration": "1", "second_signature_above": "300,50"}
    assert client.post(f"/catalog/till-profiles/{profile.id}", data=form).status_code == 302
    saved = stub.GetTillDraft(pb.GetTillDraftRequest(till_profile_id=profile.id)).draft
    assert (saved.name, saved.pages[0].label, list(saved.payment_modes)) == ("Entrée", "Séances", ["cash"])
    assert (saved.blind_declaration, saved.second_signature_above) == (True, 30050)
    assert "Caisse 1" in client.get("/catalog/points-of-sale").text


def test_a_profile_is_published_rolled_out_and_taken_back(client, stub, venue):
    """B9, B6: the draft's changes in sentences, faults by place, versions that every till can be sent back to."""
    page = nouns.Page(id="p", label="Billets", kind=2)
    profile = stub.SaveTillProfile(
        pb.SaveTillProfileRequest(
            request_id=str(uuid.uuid4()),
            till_profile=nouns.TillProfile(name="Jardin", pages=[page], payment_modes=["cash"]),
        )
    ).till_profile
    address = f"/catalog/till-profiles/{profile.id}"
    form = {"form_id": str(uuid.uuid4()), "name": "Jardin", "page_0": "Séances", "lock_after_minutes": "0"}
    assert client.post(address, data=form | {"revision": "0"}).status_code == 302
    revision = stub.GetTillDraft(pb.GetTillDraftRequest(till_profile_id=profile.id)).revision
    faulty = client.post(f"{address}/publish", data={"form_id": str(uuid.uuid4()), "revision": revision})
    assert faulty.status_code == 400
    assert "au moins un" in faulty.text
    form = {"form_id": str(uuid.uuid4()), "name": "Jardin", "page_0": "Séances", "lock_after_minutes": "0"}
    client.post(address, data=form | {"payment_modes": ["cash", "card"], "revision": revision})
    shown = client.get(f"{address}/versions").text
    assert "La page « Billets » s’appelle désormais « Séances »." in shown
    revision = stub.GetTillDraft(pb.GetTillDraftRequest(till_profile_id=profile.id)).revision
    publication = {"form_id": str(uuid.uuid4()), "revision": revision, "comment": "Été"}
    assert client.post(f"{address}/publish", data=publication).status_code == 302
    nobody = client.post(f"{address}/roll-out", data={"form_id": str(uuid.uuid4()), "number": "2", "to": "some"})
    assert "Cochez" in client.get(nobody.location).text
    for number in ("2", "1"):
        form = {"form_id": str(uuid.uuid4()), "number": number, "to": "all"}
        assert client.post(f"{address}/roll-out", data=form).status_code == 302
    listed = stub.ListTillSetups(pb.ListTillSetupsRequest(till_profile_id=profile.id))
    assert [each.number for each in listed.rollouts] == [1, 2, 1]
    assert "Été" in client.get(f"{address}/versions").text


def test_one_till_takes_other_payments_than_its_profile(client, stub, venue, till_stub):
    """B2: the page lists tills that have asked, and changes that one alone."""
    profile = stub.SaveTillProfile(
        pb.SaveTillProfileRequest(
            request_id=str(uuid.uuid4()), till_profile=nouns.TillProfile(name="Est", payment_modes=["cash"])
        )
    ).till_profile
    point = nouns.PointOfSale(name="Est", venue_id=venue.id, till_profile_id=profile.id)
    point = stub.SavePointOfSale(pb.SavePointOfSaleRequest(request_id=str(uuid.uuid4()), point_of_sale=point))
    till_ids = [str(uuid.uuid4()), str(uuid.uuid4())]
    tills = [till_stub(till_id, f"T{n}", point.point_of_sale.id) for n, till_id in enumerate(till_ids)]

    def ask(n):
        return tills[n].SyncTillSetup(pb.SyncTillSetupRequest(till_id=till_ids[n]))

    assert not ask(0).HasField("modes")
    assert not ask(1).HasField("modes")
    address = f"/catalog/till-profiles/{profile.id}"
    form = {"form_id": str(uuid.uuid4()), "payment_modes": ["card", "cheque"]}
    assert client.post(f"{address}/tills/{till_ids[0]}/modes", data=form).status_code == 302
    assert json.loads(ask(0).modes.content)["payment_modes"] == ["card", "cheque"]
    assert not ask(1).HasField("modes")
    assert "Carte, Chèque" in client.get(f"{address}/versions").text


def test_the_editor_keeps_the_draft_and_shows_what_the_till_would(client, stub, venue):
    """B1, B6: an express key with its price, on the layout that the till builds; nobody's draft is overwritten."""
    article = nouns.Product(name="Plan", family="Librairie", price=200, vat_rate_bp=2000, reference="PLAN-1")
    stub.SaveProducts(pb.SaveProductsRequest(request_id=str(uuid.uuid4()), products=[article]))
    profile = stub.SaveTillProfile(
        pb.SaveTillProfileRequest(
            request_id=str(uuid.uuid4()), till_profile=nouns.TillProfile(name="Nord", payment_modes=["cash"])
        )
    ).till_profile
    point = nouns.PointOfSale(name="Nord", venue_id=venue.id, till_profile_id=profile.id)
    point = stub.SavePointOfSale(pb.SavePointOfSaleRequest(request_id=str(uuid.uuid4()), point_of_sale=point))
    address = f"/catalog/till-profiles/{profile.id}"
    assert client.get(f"{address}/edit").status_code == 200
    known = client.get(f"{address}/draft").json
    (plan,) = (each for each in known["products"] if each["name"] == "Plan")
    key = {"id": "k", "label": "Deux plans", "items": [{"product_id": plan["id"], "quantity": 2}]}
    draft = known["draft"] | {"pages": [{"id": "p", "label": "Rapide", "kind": "PAGE_KIND_KEYS", "keys": [key]}]}
    shown = client.post(f"{address}/preview", json={"draft": draft, "point": point.point_of_sale.id}).json
    assert [one["price"] for one in shown["layout"]["pages"][0]["keys"]] == [400]
    assert [mode["label"] for mode in shown["layout"]["payment_modes"]] == ["Espèces"]
    saved = client.post(f"{address}/draft", json={"draft": draft, "revision": known["revision"]})
    assert (saved.status_code, client.get(f"{address}/draft").json["draft"]["pages"][0]["label"]) == (200, "Rapide")
    again = client.post(f"{address}/draft", json={"draft": draft, "revision": known["revision"]})
    assert again.json == saved.json, "the answer was lost: nobody else changed it"
    other = {"draft": draft | {"name": "Sud"}, "revision": known["revision"]}
    late = client.post(f"{address}/draft", json=other, headers={"Accept": "application/json"})
    assert (late.status_code, late.json["reason"]) == (409, "TILL_DRAFT_CHANGED")
    frame = client.get("/catalog/till-preview").headers
    assert (frame["X-Frame-Options"], "frame-ancestors 'self'" in frame["Content-Security-Policy"]) == (
        "SAMEORIGIN",
        True,
    )
    assert client.get(f"{address}/edit").headers["X-Frame-Options"] == "DENY"


def test_the_editor_keeps_messages_questions_codes_and_who_sees_a_page(client, app, stub, venue, monkeypatch):
    """A4, B3, B4, B7, C7: back and forth as JSON; faults and changes are said in words."""
    profile = stub.SaveTillProfile(
        pb.SaveTillProfileRequest(
            request_id=str(uuid.uuid4()), till_profile=nouns.TillProfile(name="Ouest", payment_modes=["cash"])
        )
    ).till_profile
    address = f"/catalog/till-profiles/{profile.id}"
    known = client.get(f"{address}/draft").json
    assert (known["cashiers"], known["profiles"][0]) == (
        [{"id": ALICE, "name": "Alice"}], {"id": "cashier", "name": "Caissiers"}
    )  # fmt: skip
    page = {"id": "p", "label": "Dates", "kind": "PAGE_KIND_CALENDAR", "colour": "#0f6674", "cashier_ids": [ALICE]}
    draft = known["draft"] | {
        "pages": [page],
        "messages": [{"id": "m", "text": "Vestiaire fermé", "moment": "MESSAGE_MOMENT_SALE", "every_sale": True,
                      "until": "2031-01-01T00:00:00Z"}],
        "questions": [{"id": "q", "text": "Comment ?", "kind": "QUESTION_KIND_CHOICE", "choices": ["Ami"]}],
        "key_codes": [{"code": "F5", "key_id": "gone"}],
    }  # fmt: skip
    saved = client.post(f"{address}/draft", json={"draft": draft, "revision": known["revision"]})
    assert saved.status_code == 200
    read = client.get(f"{address}/draft").json["draft"]
    assert (read["messages"][0]["until"], read["questions"][0]["choices"], read["pages"][0]["cashier_ids"]) == (
        "2031-01-01T00:00:00Z", ["Ami"], [ALICE]
    )  # fmt: skip
    point = nouns.PointOfSale(name="Ouest", venue_id=venue.id, till_profile_id=profile.id)
    point = stub.SavePointOfSale(pb.SavePointOfSaleRequest(request_id=str(uuid.uuid4()), point_of_sale=point))
    seen = client.post(f"{address}/preview", json={"draft": draft, "point": point.point_of_sale.id}).json
    assert (len(seen["calendars"]["p"]), seen["layout"]["pages"][0]["kind"]) == (3, "calendar")
    shown = client.get(f"{address}/versions").text
    for expected in ("Nouveau message aux vendeurs : « Vestiaire fermé »", "Nouvelle question aux clients"):
        assert expected in shown
    form = {"form_id": str(uuid.uuid4()), "revision": saved.json["revision"]}
    faulty = client.post(f"{address}/publish", data=form).text
    for expected in ("Question « Comment ? »", "au moins deux réponses", "Touche F5 du clavier", "qui n’existe pas"):
        assert expected in faulty
    monkeypatch.setitem(app.extensions["kit_stubs"], "accounts", SimpleNamespace(ListSellers=away))
    assert client.get(f"{address}/draft").json["cashiers"] == [], "the editor goes on without accounts"


def away(request):
    raise DomainError("away", kind=Kind.UNAVAILABLE, reason="UNAVAILABLE")


@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_page_opens_without_inline_script_or_style(client, app, language):
    client.set_cookie("tk_lang", language)
    for rule in app.url_map.iter_rules():
        if (
            rule.endpoint.startswith("catalog.")
            and "GET" in rule.methods
            and not rule.arguments - set(rule.defaults or {})
        ):
            answer = client.get(rule.rule)
            assert answer.status_code == 200, rule
            assert not re.search(r"<script(?![^>]*src=)|<style| style=| on[a-z]+=\"", answer.text), rule


def test_a_reader_sees_and_changes_nothing(app, venue):
    """M2."""
    reader = app.test_client()
    reader.set_cookie("tk_session", "reader")
    assert reader.get("/catalog/").status_code == 200
    assert reader.get("/catalog/performances/new").status_code == 403
    assert reader.post("/catalog/organisation", data={"name": "X"}).status_code == 403


def test_amounts_are_read_with_a_comma_or_a_point(app):
    with app.test_request_context():
        for typed, minor in (("12,50", 1250), ("12.50", 1250), ("12,5", 1250), ("1 200", 120000), ("0", 0)):
            assert forms.amount(typed) == minor
        for typed in ("", "-1", "12,505", "1e3", "twelve"):
            with pytest.raises(forms.Wrong):
                forms.amount(typed)


def test_a_span_keeps_the_wall_clock_across_the_change_of_hour():
    start, end = forms.span(datetime(2031, 3, 30).date(), forms.time(1), forms.time(4), "Europe/Paris")
    assert end - start == timedelta(hours=2)
    start, end = forms.span(datetime(2031, 7, 1).date(), forms.time(22), forms.time(1), "Europe/Paris")
    assert end - start == timedelta(hours=3)


def test_every_sentence_has_its_french():
    folder = Path(catalog.web.__file__).parent
    methods = [("**.py", "python"), ("templates/**.html", "jinja2.ext:babel_extract")]
    keywords = {"_": None, "gettext": None, "lazy_gettext": None}
    found = {message for _, _, message, _, _ in extract_from_dir(str(folder), method_map=methods, keywords=keywords)}
    known = set(load_po(folder / "translations" / "fr.po")._catalog) | set(load_po(OWN / "fr.po")._catalog)
    assert sorted(found - known) == []


def upload(client, venue, content, **others):
    values = {
        "form_id": str(uuid.uuid4()), "plan_id": "", "venue_id": venue.id, "format": "own",
        "content": (BytesIO(content), "plan.json"),
    }  # fmt: skip
    return client.post("/catalog/plans/import", data=values | others, content_type="multipart/form-data")


def test_a_plan_is_imported_from_a_file_and_shown(client, venue):
    """K3: the page names the version, its plan comes from a binary that a browser keeps."""
    answer = upload(client, venue, json.dumps(theatre().to_json()).encode())
    assert answer.status_code == 302
    page = client.get(answer.location).text
    assert "Théâtre à l" in page
    geometry = client.get(re.search(r'tk-seat-map[^>]* geometry-url="([^"]+)"', page)[1])
    assert gzip.decompress(geometry.data)[:4] == b"TKG1"
    assert "immutable" in geometry.headers["Cache-Control"]
    assert "version 1" in client.get("/catalog/plans").text


def test_a_numbered_performance_is_priced_by_the_categories_of_its_plan_and_put_on_sale(client, stub, venue):
    """K2, K3"""
    version_id = upload(client, venue, json.dumps(theatre().to_json()).encode()).location.rsplit("/", 1)[1]
    form = performance_form(venue) | {"plan_version_id": version_id}
    assert "pour chaque catégorie du plan" in client.post("/catalog/performances/new", data=form).text
    tariff = stub.SaveTariff(
        pb.SaveTariffRequest(request_id=str(uuid.uuid4()), tariff=nouns.Tariff(name="Adulte", kind=1))
    )
    page = client.get(f"/catalog/price-lists/new?plan_version_id={version_id}").text
    fields = re.findall(rf'name="price_({tariff.tariff.id}_[^"]+)"', page)
    assert len(fields) == 4
    prices = {"form_id": str(uuid.uuid4()), "name": "Opéra", "plan_version_id": version_id}
    prices |= {f"price_{suffix}": "50" for suffix in fields} | {f"vat_{suffix}": "210" for suffix in fields}
    assert client.post("/catalog/price-lists/new", data=prices).status_code == 302
    (made,) = [each for each in stub.GetProgramme(pb.GetProgrammeRequest()).price_lists if each.name == "Opéra"]
    answer = client.post("/catalog/performances/new", data=form | {"price_list_id": made.id, "on": "2031-08-14"})
    assert "ses places numérotées sont en vente" in client.get(answer.location).text
    (found,) = performances_on(stub, "2031-08-14")
    assert (found.plan_version_id, found.capacity, found.state) == (version_id, 761, 2)


def test_a_plan_of_pretix_is_imported_with_its_side_file(client, venue):
    document, side = to_pretix(theatre())
    content, more = json.dumps(document).encode(), json.dumps(side).encode()
    answer = upload(client, venue, content, format="pretix", side_content=(BytesIO(more), "side.json"))
    assert answer.status_code == 302
    kept = client.get(answer.location + "/file")
    assert json.loads(gzip.decompress(kept.data)) == json.loads(json.dumps(theatre().to_json()))


def test_a_drawing_with_its_table_is_imported_and_every_plan_goes_out_as_one(client, venue):
    """K3: what a draughtsman draws and a spreadsheet says."""
    own = upload(client, venue, json.dumps(theatre().to_json()).encode()).location
    packed = client.get(own + "/file?format=drawing")
    with zipfile.ZipFile(BytesIO(packed.data)) as archive:
        svg, table = (archive.read(name) for name in sorted(archive.namelist(), reverse=True))
    drawing = {"format": "drawing", "name": "Théâtre redessiné", "side_content": (BytesIO(table), "plan.csv")}
    answer = upload(client, venue, svg, **drawing)
    assert answer.status_code == 302
    page = client.get(answer.location).text
    assert "Théâtre redessiné" in page
    assert "761" in page
    with zipfile.ZipFile(BytesIO(client.get(own + "/file?format=pretix").data)) as archive:
        assert sorted(archive.namelist()) == ["plan-1.pretix.json", "plan-1.side.json"]


def test_a_table_that_does_not_suit_its_drawing_is_refused_by_its_line(client, venue):
    svg = b'<svg xmlns="http://www.w3.org/2000/svg"><circle id="a" cx="1" cy="1" r="1"/></svg>'
    table = BytesIO("id;place;qualité;attributs\na;1;best;\nb;2;;\na;3;;sofa\n".encode("cp1252"))
    page = upload(client, venue, svg, format="drawing", name="x", side_content=(table, "x.csv"))
    assert page.status_code == 400
    for words in ("ligne 2, qualité, best", "ligne 3, identifiant, b", "Deux lignes ont le même identifiant"):
        assert words in page.text
    assert "Aucun élément du dessin n’a cet identifiant" in page.text
    assert "Donnez un nom" in upload(client, venue, svg, format="drawing").text


def test_what_was_made_up_for_a_plan_is_said_once_it_is_kept(client, venue):
    """K3, domain 6.1: neighbours are told; where a drawing makes them up, somebody must look."""
    svg = b'<svg><circle id="a" cx="1" cy="1" r="1"/><circle id="b" cx="9" cy="1" r="1"/></svg>'
    table = BytesIO(b"id;place\na;1\nb;1\n")
    answer = upload(client, venue, svg, format="drawing", name="Cave", side_content=(table, "x.csv"))
    page = client.get(answer.location).text
    assert "voisines et allées ont été proposées" in page
    assert "les plus proches de la scène" in page
    assert "Deux places d’un rang portent le même numéro – z1" in page


def test_a_plan_with_faults_is_refused_in_words_that_name_the_seats(client, venue):
    broken = json.loads(json.dumps(theatre().to_json()))
    row = broken["zones"][0]["rows"][0]["seats"]
    row[1]["x"], row[1]["y"] = row[0]["x"], row[0]["y"]
    answer = upload(client, venue, json.dumps(broken).encode())
    assert answer.status_code == 400
    assert "Deux places sont au même endroit" in answer.text
    assert f"{row[0]['id']}, {row[1]['id']}" in answer.text


@pytest.mark.parametrize("content", [b"", b"no plan", b'{"format": "ticketing-plan/1"}'])
def test_a_file_that_is_no_plan_is_refused_beside_its_field(client, venue, content):
    answer = upload(client, venue, content)
    assert answer.status_code == 400
    assert 'id="content-error"' in answer.text


def test_who_may_only_look_imports_nothing(app, venue):
    viewer = app.test_client()
    viewer.set_cookie("tk_session", "viewer")
    assert viewer.get("/catalog/plans").status_code == 200
    assert viewer.get("/catalog/plans/import").status_code == 403


def creation(client, stub, venue, **rule):
    """A show with two paid performances and this rule, given by its form."""
    title = f"Création {uuid.uuid4()}"
    for on in ("2032-03-12", "2032-03-13"):
        shows = {it.title: it.id for it in stub.GetProgramme(pb.GetProgrammeRequest()).shows}
        client.post("/catalog/performances/new", data=performance_form(
            venue, title=title, show_id=shows.get(title, "new"), on=on
        ))  # fmt: skip
    show_id = {it.title: it.id for it in stub.GetProgramme(pb.GetProgrammeRequest()).shows}[title]
    form = {"form_id": str(uuid.uuid4()), "title": title, "venue_id": venue.id, "colour": "#7a1f3d", "vat_kind": "1"}
    return show_id, client.post(f"/catalog/shows/{show_id}/edit", data=form | {"paid_before": "0"} | rule)


def test_the_form_of_a_show_gives_it_a_vat_rule_and_its_page_counts(client, stub, venue):
    show_id, saved = creation(client, stub, venue, paid_before="139")
    assert saved.status_code == 302
    page = client.get(f"/catalog/shows/{show_id}?from_on=2032-03-01").get_data(as_text=True)
    assert "139 sur 140" in page
    assert ">141<" in page
    assert "À partir du" in page
    assert "13 mars 2032" in page
    rates = [part.split("<")[0].strip() for part in page.split('<td class="text-end text-nowrap">')[1:]]
    assert [rate.replace("\xa0", " ").replace("\u202f", " ") for rate in rates] == ["2,1 %", "5,5 %"]
    form = client.get(f"/catalog/shows/{show_id}/edit").get_data(as_text=True)
    assert '<option value="1" selected>' in form
    assert 'value="139"' in form


@pytest.mark.parametrize("typed", ["-1", "beaucoup", "1000000"])
def test_a_wrong_opening_balance_is_refused_beside_its_field(client, stub, venue, typed):
    _, refused = creation(client, stub, venue, paid_before=typed)
    assert refused.status_code == 400
    assert 'id="paid_before-error"' in refused.get_data(as_text=True)


def test_the_page_of_a_venue_says_its_territory_and_its_performances_follow(client, stub, venue):
    form = {"form_id": str(uuid.uuid4()), "name": "Teatru", "address": "Bastia", "territory": "1"}
    house = nouns.Venue(id=str(uuid.uuid4()), name="Teatru", zone="Europe/Paris")
    stub.SaveVenue(pb.SaveVenueRequest(request_id=str(uuid.uuid4()), venue=house))
    show_id, _ = creation(client, stub, house)
    assert client.post(f"/catalog/venues/{house.id}", data=form).status_code == 302
    asked = pb.ListPerformancesRequest(show_id=show_id, from_on="2032-01-01", to_on="2032-12-31")
    assert [it.vat_rate_bp for it in stub.ListPerformances(asked).performances] == [90, 90]
