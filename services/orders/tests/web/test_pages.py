"""The pages of orders, over a real core."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from babel.messages.extract import extract_from_dir
from flask.testing import FlaskClient

import ledger
from kit.auth import Caller, CallerKind
from kit.clock import now
from kit.tokens import private_key, sign_token
from kit.web import WebConfig, create_app
from kit.web.i18n import load_po
from orders import web
from orders.domain.refund import Refund, RefundedLine, SealedRefund
from orders.usecases.refund import keep_refunds
from titles.gate_check import main as gate_check

from ..conftest import TOKEN_SEED, House, new_id


def client_for(house: House, *rights: str) -> FlaskClient:
    caller = Caller(new_id(), CallerKind.USER, "Claire Moreau", frozenset(rights), now() + timedelta(hours=1))
    config = WebConfig(secret_key="k" * 32, targets={"orders": f"grpc://{house.target}"}, organisation="Musée")
    browser = create_app([web.front], config, verify=lambda _: caller).test_client()
    browser.set_cookie("tk_session", sign_token(private_key(TOKEN_SEED), "test", caller, now()))
    return browser


@pytest.fixture
def client(house: House) -> FlaskClient:
    return client_for(house, "orders.view")


def test_an_order_is_found_read_and_printed(house: House, client: FlaskClient) -> None:
    sold = house.sell(house.performance().basket(2))
    listed = client.get(f"/orders/?text={sold.number}")
    assert sold.number in listed.text
    assert f"/orders/{sold.id}" in listed.text
    page = client.get(f"/orders/{sold.id}").text
    assert "Dossier" in page
    assert all(ticket.human_code in page for ticket in sold.tickets)
    assert "24,00" in page
    pdf = client.get(f"/orders/{sold.id}/tickets.pdf")
    assert pdf.mimetype == "application/pdf"
    assert pdf.data.startswith(b"%PDF")


def test_a_refunded_order_says_what_came_back_and_which_tickets_are_dead(house: House, client: FlaskClient) -> None:
    """A7."""
    sold = house.sell(house.performance().basket(2))
    dead = sold.tickets[1]
    refund = Refund(
        new_id(), sold.id, "T01-000077", sold.till_id, sold.journal_sequence + 1000, new_id(), new_id(), now(),
        sold.business_on, "selling_mistake", "une place de trop", -1200,
        (ledger.MoneyBack(ledger.Mode.CARD, -1200, None),),
    )  # fmt: skip
    with house.sessions.begin() as session:
        keep_refunds(session, [SealedRefund(
            refund, (RefundedLine(1, -1, -1200, -63, -1137),), ((dead.key_id, dead.serial),),
        )])  # fmt: skip
    page = client.get(f"/orders/{sold.id}").text
    for words in (
        "En partie remboursée",
        "T01-000077",
        "Erreur de saisie",
        "une place de trop",
        "-12,00",
        "Reste 12,00",
    ):
        assert words in page, words
    assert "En partie remboursée" in client.get(f"/orders/?text={sold.number}").text
    assert "n’ouvre plus rien" in client.get(f"/orders/tickets?code={dead.human_code}").text


def test_an_empty_search_says_what_to_try(client: FlaskClient) -> None:
    page = client.get("/orders/?text=NOTHING-LIKE-IT")
    assert page.status_code == 200
    assert "Aucun dossier trouvé" in page.text


def test_a_ticket_is_checked_by_its_code_and_a_wrong_code_is_explained(house: House, client: FlaskClient) -> None:
    sold = house.sell(house.performance().basket(1))
    assert "Authentique" in client.get(f"/orders/tickets?code={sold.tickets[0].human_code}").text
    assert "ni un de nos codes-barres" in client.get("/orders/tickets?code=hello").text
    assert client.get("/orders/tickets").status_code == 200


def test_a_gate_gets_its_file(house: House, client: FlaskClient, tmp_path: Path) -> None:
    """D6: what the page gives is what gate-check loads."""
    house.issuer.ready()
    assert "gate-check" in client.get("/orders/gates").text
    answer = client.get("/orders/gates/pack.json")
    assert "gate-pack.json" in answer.headers["Content-Disposition"]
    (tmp_path / "gate-pack.json").write_text(answer.text)
    assert gate_check(["--state", str(tmp_path / "door"), "load", str(tmp_path / "gate-pack.json")]) == 0


def test_who_may_not_see_orders_sees_none(house: House) -> None:
    stranger = client_for(house, "catalog.view")
    for path in ("/orders/", f"/orders/{new_id()}", "/orders/tickets?code=x", "/orders/gates/pack.json"):
        assert stranger.get(path).status_code == 403


def test_an_unknown_order_is_a_friendly_404(client: FlaskClient) -> None:
    assert client.get(f"/orders/{new_id()}").status_code == 404


def test_every_sentence_has_its_french() -> None:
    folder = Path(web.__file__).parent
    french = load_po(folder / "translations" / "fr.po")._catalog
    methods: Any = [("**.py", "python"), ("**.html", "jinja2")]
    missing = {str(found[2]) for found in extract_from_dir(str(folder), methods) if found[2] not in french}
    assert missing == set()
