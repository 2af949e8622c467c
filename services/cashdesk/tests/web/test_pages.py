"""The pages of the money, over a real core."""

import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from babel.messages.extract import extract_from_dir
from flask.testing import FlaskClient

import ledger
from cashdesk import floats, store, web
from cashdesk.web.entries import read_entries
from kit.auth import Caller, CallerKind
from kit.clock import now
from kit.tokens import private_key, sign_token
from kit.web import WebConfig, create_app
from kit.web.i18n import load_po
from ticketing.cashdesk.v1 import cashdesk_service_pb2 as pb

from ..conftest import TOKEN_SEED, Core, TillJournal, line, new_id, refund, refusal, sale, tickets_of


def client_for(core: Core, *rights: str) -> FlaskClient:
    caller = Caller(new_id(), CallerKind.USER, "Claire Moreau", frozenset(rights), now() + timedelta(hours=1))
    config = WebConfig(secret_key="k" * 32, targets={"cashdesk": f"grpc://{core.target}"}, organisation="Musée")
    browser = create_app([web.front], config, verify=lambda _: caller).test_client()
    browser.set_cookie("tk_session", sign_token(private_key(TOKEN_SEED), "test", caller, now()))
    return browser


@pytest.fixture
def client(core: Core) -> FlaskClient:
    return client_for(core, "cashdesk.view")


def test_the_board_shows_each_till_and_why_one_is_frozen(core: Core, client: FlaskClient) -> None:
    core.append(core.enrol("T55"), [])
    frozen = core.enrol("T56")
    with core.sessions.begin() as session:
        store.freeze_till(session, frozen.id, "two entries number 7", now())
    page = client.get("/cashdesk/tills").text
    assert "T55" in page
    assert "two entries number 7" in page
    assert "Gelée" in page


def test_the_journal_is_read_entry_by_entry_with_its_seal(core: Core, client: FlaskClient, till: TillJournal) -> None:
    sold = [sale() for _ in range(120)]
    core.append(till, [till.write(one) for one in sold])
    newest = client.get(f"/cashdesk/tills/{till.id}/journal").text
    assert newest.count("Chaîné") == 100
    assert "Rompu" not in newest
    assert sold[-1].order_number in newest
    oldest = client.get(f"/cashdesk/tills/{till.id}/journal?from=1").text
    assert sold[0].order_number in oldest
    assert oldest.count("Chaîné") == 100


def test_a_byte_changed_since_shows_as_a_broken_seal(till: TillJournal) -> None:
    first, second = till.write(sale()), till.write(sale())
    altered = pb.SealedEntry(
        sequence=1, content=first.content.replace(b"1200", b"1100"), signature=first.signature, hash=first.hash
    )
    assert [entry.chained for entry in read_entries([first, second], 1)] == [True, True]
    assert [entry.chained for entry in read_entries([altered, second], 1)] == [False, False]


def test_a_refund_is_read_in_the_journal_with_the_sale_that_it_refunds(
    core: Core, client: FlaskClient, till: TillJournal
) -> None:
    """A7."""
    two = line()
    sold = sale(two, tickets=tickets_of(two), cash_float_id=new_id(), business_on="2026-03-04")
    opened = ledger.FloatOpened(sold.cash_float_id, new_id(), "2026-03-04", "EUR", {1000: 5}, 5000)
    back = refund(till.id, 2, sold, cash_float_id=sold.cash_float_id, business_on="2026-03-04")
    core.append(till, [till.write(opened.to_body(), "float_opened"), till.write(sold), till.write(back)])
    page = client.get(f"/cashdesk/tills/{till.id}/journal").text
    for told in ("Remboursement", back.refund_number, f"de {sold.order_number}", "-12,00"):
        assert told in page
    floats = client.get("/cashdesk/floats?day=2026-03-04").text
    for told in ("Espèces rendues", "-12,00", "62,00"):
        assert told in floats


def test_what_a_manager_allowed_and_why_a_drawer_was_opened_are_read_in_the_journal(
    core: Core, client: FlaskClient, till: TillJournal
) -> None:
    """M4, C5."""
    word = ledger.Override(
        "cashdesk.open_drawer", new_id(), new_id(), new_id(), ledger.Means.PIN, "no_sale", None
    ).to_body()  # fmt: skip
    opened = {"order_id": None, "reason": "no_sale:other", "note": "monnayeur bloqué"}
    core.append(till, [till.write(word, "override"), till.write(opened, "drawer_opened")])
    page = client.get(f"/cashdesk/tills/{till.id}/journal").text
    for told in ("Accord d’un responsable", "pour ouvrir le tiroir sans vente", "sans vente", "monnayeur bloqué"):
        assert told in page


def test_messages_read_and_answers_given_are_read_in_the_journal(
    core: Core, client: FlaskClient, till: TillJournal
) -> None:
    """B3, B4. Answers are not spread out beside the sale."""
    read = ledger.MessageAcknowledged(new_id(), new_id(), "m1", "Vestiaire fermé")
    said = ledger.SurveyAnswered(
        "2026-11-23", (), (ledger.Answer("q1", "Code postal ?", ledger.QuestionKind.POSTCODE, "75011"),)
    )
    core.append(till, [till.write(read.to_body()), till.write(said.to_body())])
    page = client.get(f"/cashdesk/tills/{till.id}/journal").text
    for told in ("message lu", "Vestiaire fermé", "réponses d’un client"):
        assert told in page


def test_closings_are_read_in_the_journal_with_both_perpetual_totals(
    core: Core, client: FlaskClient, till: TillJournal
) -> None:
    """LAW-4."""
    totals, sold = ledger.Totals(), sale()
    entry = till.write(sold)
    totals.add(1, ledger.Kind.SALE, sold.to_body(), entry.hash)
    closing = totals.close(ledger.Period.DAY, "2026-11-23", 1)
    assert closing
    core.append(till, [entry, till.write(closing.to_body(), "closing")])
    page = client.get(f"/cashdesk/tills/{till.id}/journal").text
    for told in ("Clôture", "Z du jour n° 1", "2026-11-23", "Total perpétuel 24,00"):
        assert told in page


def test_a_training_chain_is_marked_wherever_it_is_shown(core: Core, client: FlaskClient, till: TillJournal) -> None:
    """LAW-1: identified apart."""
    practice = TillJournal()
    key = ledger.public_bytes(practice.key).hex()
    change = ledger.TrainingChange(True, ledger.training_till_id(till.id, key), "E-T99", key, None)
    core.append(till, [till.write(change.to_body(), "training")])
    assert "commence" in client.get(f"/cashdesk/tills/{till.id}/journal").text
    assert "Mode école" in client.get(f"/cashdesk/tills/{change.training_till_id}/journal").text
    assert "E-T99" in client.get("/cashdesk/tills").text


def test_the_floats_of_a_day_show_what_is_missing(core: Core, client: FlaskClient, till: TillJournal) -> None:
    float_id, cashier = new_id(), new_id()
    opened = ledger.FloatOpened(float_id, cashier, "2026-03-04", "EUR", {5000: 2}, 10000)
    closed = ledger.FloatClosed(float_id, cashier, "2026-03-04", "EUR", {2000: 6}, 12400, 12000, -400)
    sold = sale(cash_float_id=float_id, business_on="2026-03-04")
    bodies: list[tuple[Any, str]] = [(opened.to_body(), "float_opened"), (sold.to_body(), "sale")]
    core.append(till, [till.write(*body) for body in [*bodies, (closed.to_body(), "float_closed")]])
    page = client.get("/cashdesk/floats?day=2026-03-04").text
    assert "124,00" in page
    assert "-4,00" in page
    assert client.get("/cashdesk/floats").status_code == 200
    assert client.get("/cashdesk/floats?day=nonsense").status_code == 400


@pytest.fixture
def closed(core: Core, till: TillJournal) -> str:
    """Alice's float: carried from another till, one withdrawal, 3.00 too little, explained."""
    other, float_id, cashier, shift = core.enrol("T77"), new_id(), new_id(), new_id()
    with core.sessions.begin() as session:
        floats.keep_names(session, [(cashier, "Alice Renard", now())])
    move = ledger.CashMoved(
        new_id(), "T77-F000001", ledger.MovementKind.CARRIED_OUT, float_id, cashier, shift, "2026-03-05", "EUR", -5000,
        None, None, None,
    )  # fmt: skip
    bag = replace(
        move, movement_id=new_id(), kind=ledger.MovementKind.WITHDRAWAL, amount=-2000, bag_number="SAC-00421",
        reason=ledger.MovementReason.BANK,
    )  # fmt: skip
    opened = ledger.FloatOpened(float_id, cashier, "2026-03-05", "EUR", {1000: 5}, 5000)
    core.append(other, [other.write(opened.to_body(), "float_opened"), other.write(move.to_body(), "cash_moved")])
    taken = replace(move, kind=ledger.MovementKind.CARRIED_IN, amount=5000, other_till="T77")
    settled = ledger.FloatSettled("T01-F000002", (), "Billet de 5 rendu en trop", 2, True)
    end = ledger.FloatClosed(float_id, cashier, "2026-03-05", "EUR", {100: 27}, 3000, 2700, -300, settled)
    bodies = [(taken.to_body(), "cash_moved"), (bag.to_body(), "cash_moved"), (end.to_body(), "float_closed")]
    core.append(till, [till.write(*body) for body in bodies])
    return float_id


def test_the_board_says_who_has_which_float_and_what_waits(core: Core, client: FlaskClient, closed: str) -> None:
    """E5: the head cashier's board."""
    page = client.get("/cashdesk/floats").text
    for told in ("À valider", "Alice Renard", "-3,00", "Billet de 5 rendu en trop", "à l’aveugle", "2 comptages"):
        assert told in page, told
    page = client.get(f"/cashdesk/floats/{closed}").text
    for told in ("SAC-00421", "Fonds repris", "T77", "Prélèvement", "-20,00", "T01-F000002"):
        assert told in page, told


def csrf(page: str) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert found
    return found[1]


def test_a_manager_validates_a_float_on_its_page_with_a_remark(core: Core, closed: str) -> None:
    """E5."""
    manager = client_for(core, "cashdesk.view", "cashdesk.close")
    address = f"/cashdesk/floats/{closed}"
    assert "Valider ce fonds" in manager.get(address).text
    form = {"request_id": new_id(), "remark": "", "csrf_token": csrf(manager.get(address).text)}
    refused = manager.post(f"{address}/validate", data=form)
    assert (refused.status_code, "is needed" in refused.text) == (400, False)
    assert manager.post(f"{address}/validate", data=form | {"remark": "Vu avec elle"}).status_code == 302
    page = manager.get(address).text
    assert "Validé par Claire Moreau" in page
    assert "Vu avec elle" in page
    assert "Valider ce fonds" not in page
    again = manager.post(f"{address}/validate", data=form | {"request_id": new_id(), "remark": "Encore"})
    assert (again.status_code, "déjà validé" in again.text) == (409, True)


def test_who_may_only_look_is_offered_no_validation(core: Core, client: FlaskClient, closed: str) -> None:
    page = client.get(f"/cashdesk/floats/{closed}").text
    assert "Valider ce fonds" not in page
    form = {"request_id": new_id(), "remark": "x", "csrf_token": csrf(page)}
    refused = client.post(f"/cashdesk/floats/{closed}/validate", data=form)
    assert refused.status_code == 403


def test_the_takings_of_a_period_are_shown_by_seller_and_mode(core: Core, client: FlaskClient, closed: str) -> None:
    """E7."""
    page = client.get("/cashdesk/floats/takings?from_on=2026-03-05&to_on=2026-03-05").text
    for told in ("Alice Renard", "30,00", "27,00", "Juste"):
        assert told in page, told
    assert client.get("/cashdesk/floats/takings?from_on=2026-03-05&to_on=2026-03-01").status_code == 400


def test_who_may_not_see_the_money_sees_none(core: Core, till: TillJournal) -> None:
    stranger = client_for(core, "orders.view")
    for path in ("/cashdesk/tills", "/cashdesk/floats", f"/cashdesk/tills/{till.id}/journal"):
        assert stranger.get(path).status_code == 403


def test_the_journal_of_an_unknown_till_is_a_friendly_404(client: FlaskClient) -> None:
    assert client.get(f"/cashdesk/tills/{new_id()}/journal").status_code == 404


def test_every_sentence_has_its_french() -> None:
    folder = Path(web.__file__).parent
    french = load_po(folder / "translations" / "fr.po")._catalog  # type: ignore[attr-defined]
    methods: Any = [("**.py", "python"), ("**.html", "jinja2")]
    assert {str(found[2]) for found in extract_from_dir(str(folder), methods) if found[2] not in french} == set()


def test_the_two_copies_of_a_forked_till_are_compared_and_their_journals_hold(
    core: Core, client: FlaskClient, till: TillJournal
) -> None:
    """domain 5.3, 5.6: a manager sees what each has sold, and what to do."""
    core.append(till, [till.write(sale())])
    copy = TillJournal()
    copy.id, copy.key, copy.head = till.id, till.key, till.head
    ours, theirs = sale(), sale()
    core.append(till, [till.write(ours)])
    rivals = [copy.write(theirs)]
    assert refusal(lambda: core.append(copy, rivals)).reason == "JOURNAL_FORK"
    page = client.get(f"/cashdesk/tills/{till.id}/fork").text
    assert "n’a pas encore remis ses écritures" in page
    core.as_till(copy).HandInBranch(pb.HandInBranchRequest(till_id=till.id, entries=rivals))
    page = client.get(f"/cashdesk/tills/{till.id}/fork").text
    for told in (ours.order_number, theirs.order_number, "Ancienne copie", "Chaîne acquittée", "24,00"):
        assert told in page, told
    listed = client.get("/cashdesk/tills").text
    assert "Comparer ses deux copies" in listed
    tills = core.as_user("cashdesk.view").ListTills(pb.ListTillsRequest()).tills
    branch = next(each for each in tills if each.branch_of == till.id)
    journal = client.get(f"/cashdesk/tills/{branch.till_id}/journal").text
    assert "Chaîné" in journal
    assert "Rompu" not in journal
    assert client.get(f"/cashdesk/tills/{branch.till_id}/fork").status_code == 404
