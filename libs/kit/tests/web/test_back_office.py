"""The back office's frame: default deny, rights, words, headers, languages."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import grpc
import pytest
from babel.messages.extract import extract_from_dir
from flask import Blueprint, flash, render_template_string, request

from kit.config import ConfigError
from kit.errors import DomainError, FieldInvalid, Kind, Unauthenticated
from kit.grpc_errors import CODES
from kit.web import Front, NavItem, create_app, field_errors, requires, stub, web_config
from kit.web.config import WebConfig
from kit.web.i18n import OWN, gettext, lazy_gettext, load_po, local_path
from ticketing.accounts.v1 import accounts_service_pb2 as pb

IN_AN_HOUR = datetime.now(UTC) + timedelta(hours=1)
PAGE = """{% extends "kit/page.html" %}{% from "kit/macros.html" import table, field, stat with context %}
{% block title %}Ventes{% endblock %}{% block content %}
{{ stat("Total", 125000|money) }}{% call(row) table(["Nom", ("Montant", "end")], rows, next_token="t2") %}
<td>{{ row }}</td><td class="text-end">{{ 1250|money }}</td>{% endcall %}
{{ field("name", "Nom", errors=errors) }}{% endblock %}"""


class NoSeatLeft(DomainError):
    reason = "NO_SEAT_LEFT"


def verify(token: str) -> SimpleNamespace:
    if token == "forged":
        raise Unauthenticated("bad signature")
    rights = {"reporting.view"} if token == "reader" else set()
    return SimpleNamespace(subject="u1", kind="user", name="Claire Moreau", rights=rights, expires_at=IN_AN_HOUR)


def sales_front() -> Front:
    pages = Blueprint("reporting", __name__, url_prefix="/reporting")

    @pages.get("/sales")
    @requires("reporting.view")
    def sales() -> str:
        return render_template_string(PAGE, rows=["Entrée", "Affiche"], errors={})

    @pages.post("/sales")
    def save() -> str:
        flash("Saved", "success")
        return request.form.get("name", "")

    @pages.get("/full")
    def full() -> str:
        raise NoSeatLeft("full", seats=0, room="Salle 1")

    @pages.get("/bug")
    def bug() -> str:
        raise RuntimeError("secret detail of the code")

    @pages.get("/core")
    def core() -> str:
        return stub("reporting", object).day()

    return Front(
        name="reporting",
        blueprint=pages,
        nav=(NavItem("reporting.sales", lazy_gettext("Home"), right="reporting.view", group="Pilotage"),),
        icon="report",
        errors={"NO_SEAT_LEFT": "Plus de place en %(room)s (%(seats)s)."},
    )


@pytest.fixture
def app():
    return create_app([sales_front()], WebConfig(secret_key="k" * 32, targets={}, organisation="Musée"), verify=verify)


@pytest.fixture
def client(app):
    return app.test_client()


@pytest.fixture
def reader(client):
    client.set_cookie("tk_session", "reader")
    return client


@pytest.mark.parametrize("path", ["/", "/reporting/sales?day=2026-11-23", "/reporting/full"])
def test_a_page_without_sign_in_leads_to_the_sign_in_page(client, path):
    """M3. Every view is closed unless it is marked public, even one that asks for no right."""
    answer = client.get(path)
    assert answer.status_code == 302
    assert answer.location.startswith("/accounts/sign-in")


def test_a_forged_token_is_nobody(client):
    client.set_cookie("tk_session", "forged")
    assert client.get("/reporting/sales").status_code == 302


def test_an_htmx_fragment_makes_the_whole_page_go_to_sign_in(client):
    answer = client.get("/reporting/sales", headers={"HX-Request": "true"})
    assert answer.headers["HX-Redirect"] == "/accounts/sign-in"


def test_a_page_shows_money_menu_and_user(reader):
    page = reader.get("/reporting/sales").text
    assert "1\u202f250,00\u00a0€" in page
    assert 'aria-current="page"' in page
    assert "Claire Moreau" in page
    assert "page_token=t2" in page


@pytest.mark.parametrize(("token", "greeted"), [("reader", True), ("stranger", False)])
def test_home_is_a_fronts_own_page_for_who_may_open_it_and_else_the_menu(token, greeted):
    front = replace(sales_front(), home="reporting.sales")
    app = create_app([front], WebConfig(secret_key="k" * 32, targets={}), verify=verify)
    client = app.test_client()
    client.set_cookie("tk_session", token)
    page = client.get("/").text
    assert ("Affiche" in page) == greeted
    assert ("Rien ne vous est encore ouvert" in page) != greeted
    assert page.count('aria-current="page"') == 1


def test_on_a_fronts_own_pages_its_own_words_win(tmp_path):
    """One English word may be two in French."""
    fronts = []
    for name, french in (("shows", "Spectacle"), ("floats", "Afficher")):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "fr.po").write_text(f'msgid "Show"\nmsgstr "{french}"\n', "utf-8")
        pages = Blueprint(name, __name__, url_prefix=f"/{name}")
        pages.add_url_rule("/", "page", lambda: str(gettext("Show")))
        fronts.append(Front(name=name, blueprint=pages, translations=folder))
    client = create_app(fronts, WebConfig(secret_key="k" * 32, targets={}), verify=verify).test_client()
    client.set_cookie("tk_session", "reader")
    assert client.get("/shows/").text == "Spectacle"
    assert client.get("/floats/").text == "Afficher"


def test_a_missing_right_hides_the_menu_and_refuses_the_page(client):
    """M2."""
    client.set_cookie("tk_session", "nobody")
    assert "/reporting/sales" not in client.get("/").text
    answer = client.get("/reporting/sales")
    assert answer.status_code == 403
    assert "reporting.view" in answer.text


def test_a_form_without_its_token_is_refused_and_says_what_to_do(reader):
    answer = reader.post("/reporting/sales", data={"name": "x"})
    assert answer.status_code == 400
    assert "Rechargez" in answer.text or "rechargez" in answer.text


def test_a_form_with_its_token_passes_by_field_or_by_header(reader):
    token = re.search(r'name="csrf-token" content="([^"]+)"', reader.get("/").text).group(1)
    assert reader.post("/reporting/sales", data={"name": "x", "csrf_token": token}).text == "x"
    assert reader.post("/reporting/sales", data={"name": "y"}, headers={"X-CSRFToken": token}).text == "y"


def test_no_answer_allows_inline_scripts_or_frames(reader):
    headers = reader.get("/").headers
    assert "script-src 'self';" in headers["Content-Security-Policy"] + ";"
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert re.fullmatch("[0-9a-f]{32}", headers["X-Trace-Id"])


def test_no_page_holds_an_inline_script_or_style(reader):
    page = reader.get("/reporting/sales").text
    assert not re.search(r"<script(?![^>]*src=)|<style| style=| on[a-z]+=", page)


def test_a_refusal_is_said_in_the_fronts_words(reader):
    answer = reader.get("/reporting/full")
    assert answer.status_code == 409
    assert "Plus de place en Salle 1 (0)." in answer.text


def test_a_program_gets_a_problem_document(reader):
    """RFC 9457, with the facts in a member of their own."""
    problem = reader.get("/reporting/full", headers={"Accept": "application/json"})
    assert problem.content_type == "application/problem+json"
    assert problem.json["reason"] == "NO_SEAT_LEFT"
    assert problem.json["facts"] == {"seats": "0", "room": "Salle 1"}


def test_a_bug_shows_a_number_and_no_detail(reader):
    answer = reader.get("/reporting/bug")
    assert answer.status_code == 500
    assert "secret detail" not in answer.text
    assert answer.headers["X-Trace-Id"] in answer.text


def test_an_unknown_page_is_a_friendly_404(reader):
    answer = reader.get("/nowhere")
    assert answer.status_code == 404
    assert "Introuvable" in answer.text


def test_a_core_that_does_not_answer_is_said_so(app, reader, monkeypatch):
    class Down(grpc.RpcError):
        pass

    def day() -> None:
        raise Down

    unavailable = DomainError("reporting is away", kind=Kind.UNAVAILABLE, reason="UNAVAILABLE")
    monkeypatch.setattr("kit.web.words.as_domain_error", lambda _error: unavailable)
    app.extensions["kit_stubs"]["reporting"] = SimpleNamespace(day=day)
    answer = reader.get("/reporting/core")
    assert answer.status_code == 503
    assert "Rien n’est perdu" in answer.text


def test_english_is_chosen_by_the_switch_and_kept(reader):
    assert 'lang="fr"' in reader.get("/").text
    answer = reader.get("/language/en?next=/reporting/sales")
    assert answer.location == "/reporting/sales"
    page = reader.get("/reporting/sales").text
    assert '<html lang="en">' in page
    assert "€1,250.00" in page


@pytest.mark.parametrize("target", ["https://evil.example", "//evil.example", "/\\evil.example", "", None, "/a\r\nb"])
def test_a_switch_never_leaves_the_site(target):
    assert local_path(target) == "/"


def test_the_french_catalogue_is_complete():
    """French is first: every sentence of the kit's pages has its French."""
    french = load_po(OWN / "fr.po")._catalog
    root = Path(OWN).parent
    found = extract_from_dir(
        root,
        method_map=[("**.py", "python"), ("templates/**.html", "jinja2")],
        keywords={"_": None, "gettext": None, "lazy_gettext": None},
    )
    sentences = {message for _, _, message, _, _ in found if isinstance(message, str)}
    assert len(sentences) > 30
    assert sorted(sentences - set(french)) == []


def test_a_faulty_field_is_named_to_the_form(app):
    with app.test_request_context():
        assert field_errors(FieldInvalid("capacity", "must be at least 1")) == {"capacity": "must be at least 1"}


def test_health_needs_no_sign_in(client):
    assert client.get("/healthz").json == {"status": "ok"}
    assert client.get("/readyz").status_code == 200
    assert b"http_server_seconds" in client.get("/metrics").data


def test_settings_are_named_when_missing():
    with pytest.raises(ConfigError, match="ORDERS_WEB_SECRET_KEY"):
        web_config({}, "ORDERS")
    env = {"WEB_SECRET_KEY": "s" * 32, "WEB_PORT": "7400", "WEB_ACCOUNTS_TARGET": "grpc://127.0.0.1:7410"}
    config = web_config(env, "WEB")
    assert (config.port, dict(config.targets)) == (7400, {"accounts": "grpc://127.0.0.1:7410"})
    assert "s" * 32 not in repr(config)


class Accounts:
    """What the frame asks of the accounts service."""

    def __init__(self, refusal: Kind | None = None) -> None:
        self.refusal = refusal

    def RenewToken(self, request):
        if self.refusal:
            raise RpcRefusal(self.refusal)
        fresh = pb.RenewTokenResponse(token="fresh")
        fresh.expires_at.FromDatetime(datetime.now(UTC) + timedelta(minutes=15))
        return fresh


class RpcRefusal(grpc.RpcError):
    def __init__(self, kind: Kind) -> None:
        self._kind = kind

    def code(self):
        return CODES[self._kind]

    def details(self):
        return "refused"

    def trailing_metadata(self):
        return ()


def page_near_the_end_of_the_token(accounts):
    soon = SimpleNamespace(
        subject="u1", name="Claire", rights=set(), expires_at=datetime.now(UTC) + timedelta(minutes=5)
    )
    config = WebConfig(secret_key="k" * 32, targets={}, organisation="Musée")
    app = create_app([sales_front()], config, verify=lambda token: soon)
    app.extensions["kit_stubs"]["accounts"] = accounts
    client = app.test_client()
    client.set_cookie("tk_session", "old")
    return client.get("/")


def test_who_works_stays_signed_in():
    """M3: a token past half its life is exchanged while a page is answered."""
    assert "tk_session=fresh" in page_near_the_end_of_the_token(Accounts()).headers["Set-Cookie"]


def test_with_accounts_away_the_old_token_serves_on():
    answer = page_near_the_end_of_the_token(Accounts(Kind.UNAVAILABLE))
    assert answer.status_code == 200
    assert "tk_session" not in str(answer.headers.get("Set-Cookie"))


def test_who_was_disabled_is_signed_out_at_the_next_renewal():
    """M2."""
    answer = page_near_the_end_of_the_token(Accounts(Kind.REFUSED))
    assert "tk_session=;" in answer.headers["Set-Cookie"]
