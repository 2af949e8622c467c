"""The pages of reports, over a real core."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from babel.messages.extract import extract_from_dir
from flask import Flask
from flask.testing import FlaskClient

from kit.auth import Caller, CallerKind
from kit.clock import business_date, now
from kit.web import WebConfig, create_app
from kit.web.i18n import load_po
from reporting import web
from ticketing.cashdesk.v1 import events_pb2 as cashdesk

from ..conftest import Core, line, performance, sale, user

FOLDER = Path(web.__file__).parent
TODAY = business_date(now(), "Europe/Paris").isoformat()


def app_for(target: str, token_of: Callable[[str], str]) -> Flask:
    def verify(token: str) -> Caller:
        right = "orders.view" if token == token_of("stranger") else "reporting.view"
        return Caller("u1", CallerKind.USER, "Claire Moreau", frozenset({right}), now() + timedelta(hours=1))

    config = WebConfig(secret_key="k" * 32, targets={"reporting": f"grpc://{target}"}, organisation="Musée")
    return create_app([web.front], config, verify=verify)


@pytest.fixture
def client(core: Core) -> FlaskClient:
    tokens = {"reader": core.token("reporting.view"), "stranger": core.token("orders.view")}
    browser = app_for(core.target, tokens.__getitem__).test_client()
    browser.set_cookie("tk_session", tokens["reader"])
    browser.stranger = tokens["stranger"]  # type: ignore[attr-defined]
    return browser


def words(page: Any) -> str:
    """The page's text in one line, with plain spaces."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.text))


def sell(core: Core, label: str = "Plein tarif", **more: Any) -> None:
    core.tell(sale(line(label, 2, performance_id="p1", show_id="s1"), tickets=[(1, 3, 16), (1, 3, 17)], at=now(),
                   **{"business_on": TODAY, **more}))  # fmt: skip


def test_the_dashboard_shows_today(core: Core, client: FlaskClient) -> None:
    sell(core)
    core.tell(performance("p1", "s1", "Le Cid", now()), user("claire", "Claire Moreau"))
    page = words(client.get("/reporting/"))
    for expected in ("Recette du jour 24,00 €", "Espèces", "Le Cid", "Plein tarif", "Mis à jour à"):
        assert expected in page


def test_an_empty_dashboard_says_how_to_begin(client: FlaskClient) -> None:
    page = words(client.get("/reporting/"))
    assert "Aucune vente aujourd’hui" in page
    assert "ouvrez un fond de caisse" in page


def test_the_live_part_changes_with_a_sale_and_only_then(core: Core, client: FlaskClient) -> None:
    """L3."""
    sell(core)
    poll = re.search(r'hx-get="([^"]+)"', client.get("/reporting/").text)
    assert poll
    same = client.get(poll[1], headers={"HX-Request": "true"})
    assert same.headers["HX-Reswap"] == "none"
    assert 'hx-swap-oob="true"' in same.text
    assert "rp-live" not in same.text
    sell(core, "Réduit")
    changed = client.get(poll[1], headers={"HX-Request": "true"})
    assert "HX-Reswap" not in changed.headers
    assert "48,00" in changed.text
    assert 'hx-swap-oob="true"' in changed.text
    assert poll[1] not in changed.text


def test_a_core_that_is_away_is_said_beside_the_time(core: Core) -> None:
    from suite.testing import free_port

    browser = app_for(f"127.0.0.1:{free_port()}", lambda _: "").test_client()
    browser.set_cookie("tk_session", "reader")
    answer = browser.get("/reporting/live", headers={"HX-Request": "true"})
    assert (answer.status_code, answer.headers["HX-Reswap"]) == (200, "none")
    assert "nouvel essai" in answer.text


def test_the_statement_page_shows_series_vat_and_links_to_its_files(core: Core, client: FlaskClient) -> None:
    sell(core)
    page = client.get("/reporting/statement")
    text = words(page)
    assert "K003-000016" in text
    assert "K003-000017" in text
    assert "5,5 % 2 22,75 € 1,25 € 24,00 €" in text
    link = f"/reporting/export/statement.csv?from_on={TODAY}&amp;to_on={TODAY}"
    assert link in page.text
    file = client.get(link.replace("&amp;", "&"))
    assert file.headers["Content-Disposition"] == f"attachment; filename=releve-{TODAY}.csv"
    assert "24,00" in file.data.decode("utf-8-sig")
    assert client.get(link.replace("csv", "xlsx", 1).replace("&amp;", "&")).data.startswith(b"PK")


def test_a_performance_date_alone_finds_sales_of_any_day(core: Core, client: FlaskClient) -> None:
    """Q3."""
    sell(core, business_on="2020-01-05")
    core.tell(performance("p1", "s1", "Le Cid", datetime.fromisoformat("2020-02-01T20:00:00+01:00")))
    assert "Rien n’a été vendu ici" in words(client.get("/reporting/statement"))
    page = words(client.get("/reporting/statement?performance_on=2020-02-01"))
    assert "quelle que soit la date de vente" in page
    assert "24,00 €" in page
    one_day = client.get("/reporting/statement?from_on=2020-01-06&to_on=2020-01-06&performance_on=2020-02-01")
    assert "Rien n’a été vendu ici" in words(one_day)


def test_a_chosen_filter_stays_on_offer_when_nothing_matches(core: Core, client: FlaskClient) -> None:
    sell(core)
    page = client.get("/reporting/statement?till_id=gone")
    assert '<option value="gone" selected>' in page.text
    assert '<option value="till-1" >' in page.text


def test_the_journal_is_paged_and_keeps_its_filter(core: Core, client: FlaskClient) -> None:
    for number in range(52):
        sell(core, f"Vente {number:02}")
    page = client.get("/reporting/transactions?cashier_id=claire")
    link = re.search(r'href="([^"]+page_token=[^"]+)"', page.text)
    assert link
    assert "cashier_id=claire" in link[1]
    second = client.get(link[1].replace("&amp;", "&"))
    shown = re.findall(r'rp-label">(Vente \d\d)', page.text + second.text)
    assert sorted(shown) == [f"Vente {number:02}" for number in range(52)]


@pytest.mark.parametrize("path", ["/reporting/statement", "/reporting/transactions"])
def test_a_wrong_date_is_said_beside_its_field(client: FlaskClient, path: str) -> None:
    answer = client.get(f"{path}?from_on=2026-11-24&to_on=2026-11-23")
    assert answer.status_code == 400
    assert "est avant le premier jour" in answer.text
    assert "écrivez une date" in client.get(f"{path}?from_on=demain&to_on=2026-11-23").text


def test_unknown_files_are_not_found_and_strangers_are_refused(client: FlaskClient) -> None:
    """M2."""
    assert client.get("/reporting/export/statement.odt").status_code == 404
    assert client.get("/reporting/export/secrets.csv").status_code == 404
    client.set_cookie("tk_session", client.stranger)  # type: ignore[attr-defined]
    for path in ("", "live", "statement", "transactions", "export/statement.csv"):
        assert client.get(f"/reporting/{path}").status_code == 403


def test_labels_are_shown_as_text(core: Core, client: FlaskClient) -> None:
    sell(core, "<script>alert(1)</script>")
    for path in ("", "statement", "transactions"):
        assert "<script>alert" not in client.get(f"/reporting/{path}").text


def test_english_is_one_click_away(core: Core, client: FlaskClient) -> None:
    client.set_cookie("tk_lang", "en")
    sell(core)
    assert "Takings today €24.00" in words(client.get("/reporting/"))
    file = client.get("/reporting/export/transactions.csv")
    assert file.data.decode("utf-8-sig").startswith("Date and time;")


def test_every_sentence_is_in_french() -> None:
    french = load_po(FOLDER / "translations" / "fr.po")._catalog
    found = extract_from_dir(FOLDER, method_map=[("**.py", "python"), ("**.html", "jinja2")],
                             keywords={"_": None, "lazy_gettext": None})  # fmt: skip
    sentences = {message for _, _, message, _, _ in found if isinstance(message, str)}
    assert len(sentences) > 50
    assert sorted(sentences - set(french)) == []


def test_the_survey_shows_what_customers_said(core: Core, client: FlaskClient) -> None:
    """B4: bars with their shares; the filter has no till and no cashier, for no answer names one."""
    said = cashdesk.SurveyAnswered(business_on=TODAY, show_ids=["s1"])
    said.answers.add(question_id="q", question="Code postal ?", kind="postcode", answer="75011")
    quiet = cashdesk.SurveyAnswered(business_on=TODAY)
    quiet.answers.add(question_id="q", question="Code postal ?", kind="postcode")
    assert "Aucune question posée" in client.get("/reporting/survey").text
    core.tell(said, quiet)
    page = client.get("/reporting/survey")
    for expected in ("Code postal ?", "75011", "Ont répondu : 1 sur 2", "100 %"):
        assert expected in words(page)
    assert 'name="till_id"' not in page.text
    assert client.get("/reporting/export/survey.csv").data.startswith(b"\xef\xbb\xbfQuestion;")
    assert client.get("/reporting/survey?from_on=nonsense").status_code == 400


def test_cash_states_are_shown_filtered_and_saved(core: Core, client: FlaskClient) -> None:
    """Q2 to Q4."""
    sell(core)
    core.tell(user("claire", "Claire Moreau"))
    page = client.get("/reporting/states/payments")
    for told in ("Détail des paiements", "24,00", "Claire Moreau", "Type de caisse", "PDF"):
        assert told in words(page), told
    assert "Rien ces jours-là" in words(client.get("/reporting/states/payments?channel=web"))
    assert "Rien ces jours-là" in words(client.get("/reporting/states"))
    assert client.get("/reporting/states/nonsense").status_code == 404
    file = client.get("/reporting/export/payments.pdf")
    assert (file.status_code, file.content_type, file.data[:4]) == (200, "application/pdf", b"%PDF")
    assert client.get("/reporting/states/payments?from_on=nonsense").status_code == 400
