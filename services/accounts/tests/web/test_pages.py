"""The pages in a Flask client, against a real core."""

import gzip
import re
import uuid
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir

import accounts.web
from accounts.web import front
from kit.clock import now
from kit.web import WebConfig, create_app
from kit.web.i18n import OWN, load_po
from ticketing.accounts.v1 import accounts_service_pb2 as pb

pytestmark = pytest.mark.service
PASSWORD = "un bon mot de passe"


@pytest.fixture(scope="module")
def app(door):
    config = WebConfig(secret_key="w" * 40, targets={"accounts": door.target})
    return create_app([front], config)


@pytest.fixture
def person(door):
    def make(profile: str) -> pb.User:
        request = pb.CreateUserRequest(
            request_id=str(uuid.uuid4()), login=f"u{uuid.uuid4().hex[:8]}", name="Marie Durand", profile=profile,
            password=PASSWORD,
        )  # fmt: skip
        return door.administrator.CreateUser(request).user

    return make


class Browser:
    """A Flask client that sends forms as pages hold them, with their hidden fields."""

    def __init__(self, app) -> None:
        self.client = app.test_client()

    def get(self, url, **options):
        return self.client.get(url, **options)

    def send(self, url, **fields):
        page = self.client.get(url).text
        hidden = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page))
        return self.client.post(url, data=hidden | fields)


@pytest.fixture
def browser(app) -> Browser:
    return Browser(app)


@pytest.fixture
def administrator(app, person) -> Browser:
    browser = Browser(app)
    assert browser.send("/accounts/sign-in", login=person("administrator").login, password=PASSWORD).status_code == 302
    return browser


def test_signing_in_leads_to_the_page_that_was_asked_for(browser, person):
    asked = browser.get("/accounts/users")
    assert asked.status_code == 302
    assert "/accounts/sign-in?next=/accounts/users" in asked.location.replace("%2F", "/")
    answer = browser.send(asked.location, login=person("administrator").login, password=PASSWORD)
    assert (answer.status_code, answer.location) == (302, "/accounts/users")
    cookie = next(c for c in answer.headers.getlist("Set-Cookie") if c.startswith("tk_session="))
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert browser.get("/accounts/users").status_code == 200


@pytest.mark.parametrize("target", ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:x"])
def test_signing_in_never_leads_to_another_site(browser, person, target):
    user = person("cashier")
    answer = browser.send(f"/accounts/sign-in?next={target}", login=user.login, password=PASSWORD)
    assert (answer.status_code, answer.location) == (302, "/")


def test_a_wrong_password_is_said_in_words_and_the_login_is_kept(browser, person):
    login = person("cashier").login
    answer = browser.send("/accounts/sign-in", login=login, password="another one")
    assert answer.status_code == 401
    assert "L’identifiant ou le mot de passe est faux." in answer.text
    assert f'value="{login}"' in answer.text
    assert "another one" not in answer.text
    assert browser.send("/accounts/sign-in", login="", password="").status_code == 400


def test_who_tried_too_often_is_told_how_long_to_wait(browser, person):
    login = person("cashier").login
    for _ in range(10):
        browser.send("/accounts/sign-in", login=login, password="another one")
    answer = browser.send("/accounts/sign-in", login=login, password=PASSWORD)
    assert answer.status_code == 429
    assert "attendez 15 minutes" in answer.text


def test_signing_out_forgets_who_it_was(administrator):
    page = administrator.get("/accounts/users").text
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)[1]
    assert administrator.client.post("/accounts/sign-out").status_code == 400
    assert administrator.client.post("/accounts/sign-out", data={"csrf_token": token}).status_code == 302
    assert administrator.get("/accounts/users").status_code == 302


def test_a_token_is_renewed_while_pages_are_read_and_ends_for_who_was_disabled(app, door, person, means):
    from datetime import timedelta

    from kit.auth import Caller, CallerKind

    user = person("administrator")
    ends = now() + timedelta(minutes=5)
    facts = {"credentials": "1"}
    old = means.token_keys.sign(Caller(user.id, CallerKind.USER, user.name, frozenset(user.rights), ends, facts), now())
    client = app.test_client()
    client.set_cookie("tk_session", old)
    answer = client.get("/accounts/users")
    assert answer.status_code == 200
    assert any(c.startswith("tk_session=ey") for c in answer.headers.getlist("Set-Cookie"))
    door.administrator.UpdateUser(pb.UpdateUserRequest(request_id=str(uuid.uuid4()), user_id=user.id, enabled=False))
    client.set_cookie("tk_session", old)
    answer = client.get("/accounts/users")
    assert any(c.startswith("tk_session=;") for c in answer.headers.getlist("Set-Cookie"))


@pytest.mark.parametrize("path", ["/accounts/users", "/accounts/users/new", "/accounts/tills", "/accounts/tills/new"])
def test_a_page_is_refused_to_who_lacks_its_right(app, person, path):
    """M2"""
    browser = Browser(app)
    browser.send("/accounts/sign-in", login=person("cashier").login, password=PASSWORD)
    assert browser.get(path).status_code == 403


def test_a_user_is_created_and_changed_by_forms(administrator):
    form = administrator.get("/accounts/users/new").text
    assert "Chef caissier" in form
    assert "rembourser" in form
    login = f"u{uuid.uuid4().hex[:8]}"
    fields = {"name": "Léa Petit", "login": login, "profile": "cashier", "language": "fr", "password": PASSWORD}
    refused = administrator.send("/accounts/users/new", **fields, pin="1234")
    assert refused.status_code == 400
    assert "ni tous pareils ni à la suite" in refused.text
    assert 'value="Léa Petit"' in refused.text
    assert administrator.send("/accounts/users/new", **fields, pin="2580").status_code == 302
    page = administrator.get("/accounts/users").text
    assert "Léa Petit peut maintenant se connecter." in page
    url = re.search(rf'href="(/accounts/users/[0-9a-f-]+)"><strong>Léa Petit</strong></a></td>\s*<td>{login}', page)[1]
    changed = {"name": "Léa Grand", "profile": "head_cashier", "language": "en", "forget_pin": "1"}
    assert administrator.send(url, **changed).status_code == 302
    page = administrator.get(url).text
    assert 'value="Léa Grand"' in page
    assert "forget_pin" not in page
    assert 'name="enabled" value="1" >' in page
    assert administrator.send("/accounts/users/new", **fields).status_code == 409
    assert administrator.get(f"/accounts/users/{uuid.uuid4()}").status_code == 404


def test_the_core_s_reasons_are_said_in_french_beside_the_field(administrator):
    fields = {"name": "", "login": "é", "profile": "cashier", "language": "fr", "password": PASSWORD}
    assert "doit avoir 2 à 64 lettres" in administrator.send("/accounts/users/new", **fields).text


def test_a_till_is_made_its_code_shown_once_and_it_is_revoked_with_a_reason(administrator, door):
    number = f"T{uuid.uuid4().hex[:5]}".upper()
    answer = administrator.send("/accounts/tills/new", number=number, name="Accueil", point_of_sale_id="pos-1")
    assert answer.status_code == 200
    first = re.search(r'id="enrolment-code">([A-Z2-9]{4}-[A-Z2-9]{4})<', answer.text)[1]
    page = administrator.get("/accounts/tills").text
    assert number in page
    assert first not in page
    assert "Attend son poste" in page
    till = next(t for t in door.administrator.ListTills(pb.ListTillsRequest()).tills if t.number == number)
    renewed = administrator.send(f"/accounts/tills/{till.id}/code")
    assert re.search(r'id="enrolment-code">([A-Z2-9]{4}-[A-Z2-9]{4})<', renewed.text)[1] != first
    refused = administrator.send(f"/accounts/tills/{till.id}/revoke", reason="")
    assert refused.status_code == 400
    assert "doit avoir 3 à 200 caractères" in refused.text
    assert administrator.send(f"/accounts/tills/{till.id}/revoke", reason="volée").status_code == 302
    assert "Révoquée" in administrator.get("/accounts/tills").text
    taken = administrator.send("/accounts/tills/new", number=number, name="Accueil", point_of_sale_id="pos-1")
    assert taken.status_code == 409
    assert "a déjà ce numéro" in taken.text


def test_a_form_without_its_token_changes_nothing(administrator):
    assert administrator.client.post("/accounts/tills/new", data={"number": "T99"}).status_code == 400


def test_every_sentence_of_the_pages_has_its_french():
    """F: French is complete; extraction reads what the pages and the code ask for."""
    folder = Path(accounts.web.__file__).parent
    known = {**load_po(OWN / "fr.po")._catalog, **load_po(front.translations / "fr.po")._catalog}
    methods = [("**.py", "python"), ("**/templates/**.html", "jinja2.ext:babel_extract")]
    options = {"**/templates/**.html": {"trimmed": "false"}}
    keywords = {"_": None, "gettext": None, "lazy_gettext": None, "ngettext": (1, 2)}
    asked = [found[2] for found in extract_from_dir(str(folder), methods, options, keywords)]
    sentences = {one if isinstance(one, str) else (one[0], 0) for one in asked}
    assert len(sentences) > 50
    assert sorted(str(one) for one in sentences if one not in known) == []


def test_a_badge_is_scanned_in_and_withdrawn_in_one_step(administrator, person):
    """M3."""
    user = person("cashier")
    url, badge = f"/accounts/users/{user.id}/badge", f"B{uuid.uuid4()}"
    assert "Scannez le badge." in administrator.send(url).text
    assert "au moins 12 caractères" in administrator.send(url, badge="12345678").text
    answer = administrator.send(url, badge=badge)
    assert (answer.status_code, answer.location) == (302, f"/accounts/users/{user.id}")
    page = administrator.get(url).text
    assert "Retirer le badge" in page
    assert badge not in page
    assert "déjà ce badge" in administrator.send(f"/accounts/users/{person('cashier').id}/badge", badge=badge).text
    administrator.send(url, withdraw="1")
    assert "Retirer le badge" not in administrator.get(url).text


def test_the_tills_page_shows_how_each_till_is_and_refreshes_itself(administrator, door, machine):
    """R6, R7."""
    number = f"T{uuid.uuid4().hex[:5]}".upper()
    made = door.administrator.CreateTill(pb.CreateTillRequest(
        request_id=str(uuid.uuid4()), number=number, name="Accueil", point_of_sale_id="pos-1",
    ))  # fmt: skip
    till = door.anybody.EnrolTill(machine.enrolment(made.enrolment_code)).till
    assert "Pas encore de nouvelles" in administrator.get(f"/accounts/tills/{till.id}").text
    report = pb.TillReport(mac_address="02:00:00:00:00:99", free_disk_bytes=10**10, journal_sequence=4321)
    token = door.anybody.IssueTillToken(machine.proof(till.id, now())).token
    door.stub(token).ReportTill(pb.ReportTillRequest(till_id=till.id, report=report))
    shown = administrator.get("/accounts/tills?show=attention").text
    assert number in shown
    assert "Adresse MAC différente" in shown
    assert number not in administrator.get("/accounts/tills?show=offline").text
    assert number in administrator.get(re.search(r'hx-get="([^"]+)"', shown)[1]).text
    page = administrator.get(f"/accounts/tills/{till.id}").text
    assert "4\u202f321" in page
    assert "02:00:00:00:00:99" in administrator.get(re.search(r'hx-get="([^"]+)"', page)[1]).text


@pytest.fixture
def in_service(door, machine):
    """A till with its machine, and calls by its own token."""
    made = door.administrator.CreateTill(pb.CreateTillRequest(
        request_id=str(uuid.uuid4()), number=f"K{uuid.uuid4().hex[:4]}1".upper(), name="Chapiteau",
        point_of_sale_id="pos-1",
    ))  # fmt: skip
    till = door.anybody.EnrolTill(machine.enrolment(made.enrolment_code)).till
    return till, door.stub(door.anybody.IssueTillToken(machine.proof(till.id, now())).token)


def test_a_till_is_asked_back_goes_on_after_all_and_is_returned(administrator, in_service):
    """I4."""
    till, calls = in_service
    page = f"/accounts/tills/{till.id}"
    assert "Rien n’est vidé avant que la dernière vente soit ici" in administrator.get(f"{page}/back").text
    assert administrator.send(f"{page}/back").location == page
    assert "Rappelée" in administrator.get("/accounts/tills").text
    assert "La laisser continuer à vendre" in administrator.get(page).text
    administrator.send(f"{page}/go-on")
    assert "La laisser continuer" not in administrator.get(page).text
    administrator.send(f"{page}/back")
    calls.FinishTillReturn(pb.FinishTillReturnRequest(till_id=till.id, journal_sequence=12))
    shown = administrator.get(page).text
    assert "vidé son poste" in shown
    assert "Révoquer" not in shown
    assert "Aucun poste n’est cette caisse" in administrator.send(f"{page}/back").text


def test_a_till_moves_to_another_machine_under_a_number_of_its_own(administrator, in_service):
    """I1: the number is proposed; the code is shown once."""
    till, _ = in_service
    form = administrator.get(f"/accounts/tills/{till.id}/move").text
    assert f'value="{till.number}B"' in form
    assert "est rappelée" in form
    assert "a déjà ce numéro" in administrator.send(f"/accounts/tills/{till.id}/move", number=till.number).text
    shown = administrator.send(f"/accounts/tills/{till.id}/move", number=f"{till.number}B").text
    assert re.search(r'id="enrolment-code">\w{4}-\w{4}<', shown)
    assert "Chapiteau" in shown


def test_a_tills_log_is_asked_for_waited_for_read_and_taken_along(administrator, in_service):
    """R7."""
    till, calls = in_service
    page = f"/accounts/tills/{till.id}/log"
    assert "Pas encore de journal" in administrator.get(page).text
    administrator.send(page)
    waiting = administrator.get(page).text
    assert "Il arrive dans la minute" in waiting
    again = re.search(r'hx-get="([^"]+)"', waiting)[1]
    wanted = calls.ReportTill(pb.ReportTillRequest(till_id=till.id)).log_wanted
    lines = [
        '{"event": "started", "level": "info", "timestamp": "2026-11-27T08:00:00Z", "port": 7401}',
        "a library's own words",
        '{"event": "printer_away", "level": "warning", "timestamp": "2026-11-27T08:01:00Z", "role": "<ticket>"}',
    ]
    content = gzip.compress("\n".join(lines).encode())
    calls.SendTillLog(pb.SendTillLogRequest(till_id=till.id, log_wanted=wanted, content=content))
    shown = administrator.get(again).text
    assert "hx-get" not in shown
    assert shown.index("printer_away") < shown.index("library") < shown.index("started")
    assert "role &lt;ticket&gt;" in shown
    assert administrator.get(f"{page}.jsonl.gz").data == content
