"""The HTTP door: the page's journey, and everything that is not the page."""

import re
import uuid

import pytest
import zxingcpp
from PIL import Image

import titles
from device_gateway.config import TillConfig
from device_gateway.sync import Sync
from device_gateway.web.app import create_app

from ..conftest import uid

HOST = "127.0.0.1:7401"
PIN = "2468"


@pytest.fixture
def app(world, centre, tmp_path):
    config = TillConfig(
        "127.0.0.1", 7401, frozenset({"till.example"}), tmp_path, centre.targets, None, (), None,
        "http://127.0.0.1:7402", None,
    )  # fmt: skip
    client = centre.client()
    return create_app(world.till, client, Sync(world.till, client), config, tmp_path / "dist")


class Page:
    """What the page's fetch does."""

    def __init__(self, app, host=HOST) -> None:
        self.client, self.base = app.test_client(), f"http://{host}"
        self.csrf = ""

    def get(self, path, **headers):
        return self.client.get(path, base_url=self.base, headers=headers)

    def state(self) -> dict:
        state = self.get("/api/state").json
        self.csrf = state["csrf"]
        return state

    def post(self, path, body=None, **headers):
        headers = {"X-Till-CSRF": self.csrf, "Origin": self.base, "Sec-Fetch-Site": "same-origin", **headers}
        return self.client.post(path, json=body or {}, base_url=self.base, headers=headers)


@pytest.fixture
def page(app):
    page = Page(app)
    page.state()
    return page


def test_a_cashier_signs_in_opens_a_float_sells_and_closes(world, page):
    """The main job, by the API that the page uses."""
    world.lease(10)
    assert page.get("/api/cashiers").json["cashiers"][0]["name"] == "Alice"
    assert page.post("/api/sign-in", {"cashier_id": world.cashier_id, "pin": PIN}).json["cashier"]["name"] == "Alice"
    assert page.state()["cashier"]["rights"] == ["cashdesk.sell"]
    assert page.post("/api/float/open", {"counts": {"5000": 1}}).json["cash_float"]["opening_total"] == 5000
    basket = world.request(("full", 2), ("poster", 1), mode="cash", tendered=3000)
    assert page.post("/api/basket", {"items": basket["items"]}).json["total"] == 2850
    answer = page.post("/api/sales", basket)
    assert (answer.status_code, answer.json["change"]) == (200, 150)
    [sale] = page.get("/api/sales").json["sales"]
    assert (sale["order_number"], sale["uploaded"], len(sale["jobs"])) == ("T01-000001", False, 2)
    job = page.post(f"/api/sales/{sale['order_id']}/receipt").json["job"]
    assert (job["role"], job["title"]) == ("receipt", "Reçu")
    assert len(page.get("/api/jobs?state=open").json["jobs"]) == 4
    code = page.post("/api/tickets/check", {"code": answer.json["tickets"][0]["human_code"]}).json
    assert (code["colour"], code["order_number"]) == ("green", "T01-000001")
    assert page.post("/api/tickets/check", {"code": "0" * 154}).json["colour"] == "red"
    counted = page.post("/api/float/declare", {"counts": {"5000": 1, "1000": 2}, "modes": {"card": 0}}).json
    assert (counted["expected"], counted["difference"], counted["even"]) == (7850, -850, False)
    assert page.post("/api/float/close", {}).json["reason"] == "DIFFERENCE_UNEXPLAINED"
    closing = page.post("/api/float/close", {"explanation": "Billet de 10 mal rendu"}).json
    assert (closing["counted"], closing["difference"], closing["number"]) == (7000, -850, "T01-F000001")
    page.post("/api/sign-out")
    assert page.state()["cashier"] is None
    assert world.faults_of_journal() == []


def test_a_sale_is_refunded_by_the_api_that_the_page_uses_with_a_managers_leave(world, page):
    """A7, M4."""
    world.lease(10)
    page.post("/api/sign-in", {"cashier_id": world.cashier_id, "pin": PIN})
    page.post("/api/float/open", {"counts": {"5000": 1}})
    sold = page.post("/api/sales", world.request(("full", 2), ("poster", 3), mode="cash")).json
    refunds = f"/api/sales/{sold['order_id']}/refunds"
    places, posters = page.get(refunds).json["lines"]
    assert [ticket["human_code"] for ticket in places["tickets"]] == [each["human_code"] for each in sold["tickets"]]
    assert (posters["left"], page.get(refunds).json["payments"]) == (3, [{"mode": "cash", "left": 3750}])
    first = places["tickets"][0]
    asked = {
        "request_id": str(uuid.uuid4()), "reason": "customer_request", "expected_total": 1650,
        "tickets": [{"key_id": first["key_id"], "serial": first["serial"]}], "lines": [{"line": 2, "quantity": 1}],
    }  # fmt: skip
    refused = page.post(refunds, asked)
    assert (refused.status_code, refused.json["reason"]) == (403, "OVERRIDE_NEEDED")
    leave = {"cashier_id": uid("ines"), "pin": PIN}
    assert page.post(refunds, asked | {"authorisation": leave}).json["total"] == 1650
    left = page.get(refunds).json
    assert (left["refunded"], left["lines"][1]["left"], left["lines"][0]["tickets"][0]["refunded"]) == (1650, 2, True)
    [listed] = page.get("/api/sales").json["sales"]
    assert (listed["total"], listed["refunded"]) == (3750, 1650)
    assert page.post("/api/tickets/check", {"code": first["human_code"]}).json["colour"] == "red"
    elsewhere = page.get(f"/api/sales/{uuid.uuid4()}/refunds")
    assert (elsewhere.status_code, elsewhere.json["reason"]) == (404, "SALE_OF_ANOTHER_TILL")
    assert "autre guichet" in elsewhere.json["detail"]


def test_the_tills_certificate_is_a_code_that_a_gate_learns(world, page):
    """D5; domain 4.4: what the page draws, read back by a scanner, is the certificate that the root signed."""
    assert page.get("/api/certificate").status_code == 401
    page.post("/api/sign-in", {"cashier_id": world.cashier_id, "pin": PIN})
    shown = page.get("/api/certificate").json
    assert shown["modules"] == 49  # version 8: as small as it gets
    side = shown["modules"] + 2 * shown["quiet"]
    image = Image.new("L", (side, side), 255)
    for column, row, length in re.findall(r"M(\d+) (\d+)h(\d+)v1h-\d+z", shown["path"]):
        for x in range(int(length)):
            image.putpixel((int(column) + x + shown["quiet"], int(row) + shown["quiet"]), 0)
    (found,) = zxingcpp.read_barcodes(image.resize((side * 4, side * 4), Image.Resampling.NEAREST))
    root = titles.load_public(world.till.identity.enrolled().root_public_key)
    certificate = titles.read_certificate_text(found.text, root)
    assert (f"K{certificate.key_id:03d}", found.text) == (shown["key"], shown["text"])


def test_the_state_tells_all_that_the_page_polls(world, page):
    world.lease(10)
    state = page.state()
    assert state["till"] == {"id": world.till_id, "number": "T01", "name": "Accueil 1", "point_of_sale": "Accueil"}
    assert (state["places_in_lease"], state["waiting_entries"], state["online"]) == (10, 1, False)
    assert {printer["role"]: printer["state"] for printer in state["printers"]} == {
        "ticket": "unknown",
        "receipt": "unknown",
    }


def test_the_layout_resolves_keys_and_changes_its_version_with_the_places(world, page):
    world.lease(10)
    layout = page.get("/api/layout").json
    keys, dates, shop = layout["pages"]
    assert (keys["keys"][0]["price"], keys["keys"][1]["price"]) == (1200, 2850)
    assert keys["keys"][2]["disabled"] == "Aucune séance à venir"
    assert keys["keys"][0]["performance"]["id"] == keys["keys"][0]["items"][0]["performance_id"]
    performances = {each["id"]: each for each in dates["shows"][0]["performances"]}
    assert performances[world.slot]["left"] == 10
    assert [tariff["label"] for tariff in performances[world.slot]["tariffs"]] == ["Plein tarif", "Moins de 6 ans"]
    assert [family["label"] for family in shop["families"]] == ["Boutique", "Textile"]
    before = page.state()["layout_version"]
    assert page.state()["layout_version"] == before == layout["layout_version"]
    world.lease(5, "more")
    assert page.state()["layout_version"] != before


def test_refusals_are_problem_documents_in_the_askers_language(world, page):
    refusal = page.post("/api/sales", world.request(("poster", 1)))
    assert refusal.status_code == 401
    assert refusal.content_type == "application/problem+json"
    assert refusal.json["reason"] == "NOT_SIGNED_IN"
    english = page.post("/api/sign-in", {"cashier_id": world.cashier_id, "pin": "0"}, **{"Accept-Language": "en"})
    assert (english.json["title"], english.json["facts"]["attempts_left"]) == ("Wrong PIN", 4)
    assert page.get("/nowhere").json["reason"] == "NOT_FOUND"


@pytest.mark.parametrize("host", ["evil.example:7401", "127.0.0.1:7400", "127.0.0.1.evil.example:7401", "[::2]:7401"])
def test_a_foreign_host_is_refused(app, host):
    """Peripherals 13: DNS rebinding."""
    refusal = Page(app, host).get("/api/state")
    assert (refusal.status_code, refusal.json["reason"]) == (403, "HOST")


@pytest.mark.parametrize("host", ["127.0.0.1:7401", "localhost:7401", "[::1]:7401", "till.example", "till.example:80"])
def test_the_tills_own_names_are_served(app, host):
    assert Page(app, host).get("/api/state").status_code == 200


@pytest.mark.parametrize(
    ("headers", "reason"),
    [
        ({"Origin": "http://evil.example"}, "ORIGIN"),
        ({"Origin": "http://127.0.0.1:7400"}, "ORIGIN"),
        ({"Origin": "null"}, "ORIGIN"),
        ({"Sec-Fetch-Site": "cross-site"}, "ORIGIN"),
        ({"Sec-Fetch-Site": "same-site"}, "ORIGIN"),
        ({"X-Till-CSRF": ""}, "CSRF"),
        ({"X-Till-CSRF": "é"}, "CSRF"),
        ({"X-Till-CSRF": "0" * 64}, "CSRF"),
    ],
)
def test_a_forged_request_changes_nothing(world, page, headers, reason):
    refusal = page.post("/api/sign-in", {"cashier_id": world.cashier_id, "pin": PIN}, **headers)
    assert (refusal.status_code, refusal.json["reason"]) == (403, reason)
    assert page.state()["cashier"] is None


def test_a_token_of_another_browser_is_refused(world, app, page):
    other = Page(app)
    other.state()
    other.csrf = page.csrf
    assert other.post("/api/sign-out").json["reason"] == "CSRF"


def test_every_changing_route_is_guarded(app):
    """A route added later without guard fails here."""
    for rule in app.url_map.iter_rules():
        for method in rule.methods - {"GET", "HEAD", "OPTIONS"}:
            path = rule.rule.replace("<order_id>", "x").replace("<job_id>", "x")
            refusal = app.test_client().open(path, method=method, base_url=f"http://{HOST}", json={})
            assert refusal.status_code == 403, path


def test_a_form_of_another_page_is_not_json(page):
    headers = {"X-Till-CSRF": page.csrf, "Content-Type": "text/plain"}
    assert page.client.post("/api/sign-out", base_url=page.base, data="{}", headers=headers).status_code == 400


def test_cookies_are_closed_to_scripts_and_other_sites(world, page):
    answer = page.post("/api/sign-in", {"cashier_id": world.cashier_id, "pin": PIN})
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie


def test_without_a_built_page_the_till_says_so(page):
    assert b"not built" in page.get("/").data


def test_probes_and_metrics_answer_to_any_host(app):
    stranger = Page(app, "10.0.0.7:7401")
    assert stranger.get("/healthz").status_code == 200
    assert stranger.get("/readyz").json == {"status": "ready", "reasons": {}}
    assert b"till_entries_waiting" in stranger.get("/metrics").data


def test_the_day_is_closed_with_the_leave_of_somebody_who_may(world, page):
    """LAW-4."""
    page.post("/api/sign-in", {"cashier_id": world.cashier_id, "pin": PIN})
    page.state()
    refused = page.post("/api/day/closing")
    assert (refused.status_code, refused.json["reason"]) == (403, "OVERRIDE_NEEDED")
    assert page.post("/api/day/reading").json["facts"]["right"] == "cashdesk.close"
    given = page.post("/api/day/closing", {"authorisation": {"cashier_id": uid("ines"), "pin": PIN}})
    assert (given.status_code, given.json["period"], given.json["number"]) == (200, "day", 1)


def test_the_devices_are_shown_to_who_is_signed_in_and_the_customers_screen_to_anybody(world, page):
    """C3, C9."""
    assert page.get("/api/devices").status_code == 401
    assert page.get("/api/display").json["organiser"] == "Musée des Tuileries"
    assert page.post("/api/display", {"state": "welcome"}).status_code == 401
    page.post("/api/sign-in", {"cashier_id": uid("alice"), "pin": PIN})
    assert page.get("/api/devices").json["devices"] == []
    line = {"label": "Plein tarif", "sublabel": "", "quantity": 1, "total": 1200}
    assert page.post("/api/display", {"state": "basket", "lines": [line], "total": 1200}).status_code == 200
    assert world.till.live.shown.lines[0].label == "Plein tarif"
    assert page.post("/api/display", {"state": "basket", "total": "much"}).status_code == 400
    page.post("/api/sign-out")
    assert world.till.live.shown.state == "closed"


def test_only_so_many_screens_follow_a_till_and_one_that_goes_makes_room(world, page):
    """Each holds a thread: sales must not run out of them."""
    streams = [page.get("/api/live") for _ in range(6)]
    assert next(streams[0].response).startswith(b"event: shown")
    assert page.get("/api/live").status_code == 503
    for stream in streams:
        stream.close()
    again = page.get("/api/live")
    assert again.status_code == 200
    again.close()
