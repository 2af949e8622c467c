"""The till's screen as a cashier's hands meet it, on a till of the test's own (D1, A1, C8)."""

import re
import sqlite3
import uuid

import pytest
from playwright.sync_api import expect

from kit.testing import eventually
from suite.demo.centre import call
from ticketing.accounts.v1 import accounts_service_pb2 as accounts_pb

from .conftest import screenshot
from .own_till import administrator, own_till
from .running import LUCAS_PIN, Refused
from .test_first_sale import NARROW, SMALL_CONTROLS, key

pytestmark = pytest.mark.e2e


@pytest.fixture
def till(running_suite, tmp_path):
    with own_till(running_suite.machine, tmp_path / "till") as it:
        yield it


@pytest.fixture
def desk(page, till):
    """Lucas at work in a browser."""
    page.goto(till.page.base)
    page.get_by_role("button", name="Lucas Bernard").click()
    page.keyboard.type(LUCAS_PIN)
    page.keyboard.press("Enter")
    expect(page.get_by_role("tab", name="Accueil")).to_be_visible(timeout=15_000)
    return page


def looked_at(page, name: str) -> None:
    """Both sizes are kept for looking at; on neither is anything cut off or too small."""
    for size, suffix in (({"width": 1280, "height": 800}, ""), (NARROW, "-narrow")):
        page.set_viewport_size(size)
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        assert page.evaluate(SMALL_CONTROLS) == []
        screenshot(page, f"{name}{suffix}")
    page.set_viewport_size({"width": 1280, "height": 800})


def test_the_bar_says_since_when_the_line_is_lost_and_its_details_what_the_till_holds(desk, till):
    """D1: since the last answer, in words; a restart does not forget it."""
    bar = desk.get_by_role("button", name="État de la caisse")
    expect(bar).to_contain_text("En ligne depuis")
    expect(bar).to_contain_text("en réserve")
    till.line.cut()
    lost = desk.get_by_role("status").filter(has_text=re.compile("Hors ligne depuis \\d\\d\\sh\\s\\d\\d"))
    expect(lost).to_be_visible(timeout=20_000)
    since = till.page.get("/api/state")["line_since"]
    till.page.sell(till.page.key("Carte postale"))
    expect(lost).to_contain_text("à envoyer")
    lost.get_by_role("button").click()
    details = desk.get_by_role("dialog", name="État de la caisse")
    expect(details).to_contain_text("Dernière réponse du siège")
    expect(details).to_contain_text("écritures en attente")
    expect(details.get_by_role("list", name="Places en réserve")).to_contain_text("Festival")
    expect(details).to_contain_text("Imprimantes")
    looked_at(desk, "till-status")
    till.stop()
    till.start()
    assert till.page.get("/api/state")["line_since"][:19] == since[:19]
    till.line.mend()
    eventually(lambda: till.page.get("/api/state")["online"], seconds=60)


def test_a_pin_typed_while_a_sheet_is_open_is_not_heard_by_the_sign_in_beneath(desk):
    """M3: keys are for what is on top."""
    desk.get_by_role("button", name="Verrouiller").click()
    desk.get_by_role("button", name="Lucas Bernard").click()
    desk.get_by_role("button", name="État de la caisse").click()
    sheet = desk.get_by_role("dialog", name="État de la caisse")
    expect(sheet).to_be_visible()
    desk.keyboard.type(LUCAS_PIN)
    desk.keyboard.press("Escape")
    expect(sheet).to_be_hidden()
    expect(desk.get_by_role("status", name="0 chiffres saisis")).to_be_visible()
    desk.keyboard.type(LUCAS_PIN)
    desk.keyboard.press("Enter")
    expect(desk.get_by_role("tab", name="Accueil")).to_be_visible()


def take_a_part(desk, mode: str, amount: str) -> None:
    desk.locator(f"aside [data-mode={mode}]").click()
    desk.keyboard.type(amount)
    desk.locator("[data-confirm]:visible").click()


def test_money_that_was_taken_stays_in_sight_until_it_is_sold_for_or_given_back(desk, till):
    """LAW-26: neither going back, nor another basket, nor a reload, nor an emptied basket loses a card's money."""
    key(desk, "Mug émaillé").click()
    take_a_part(desk, "card", "10")
    desk.get_by_role("button", name="Revenir au panier").first.click()
    taken = desk.get_by_role("list", name="Déjà reçu")
    key(desk, "Carte postale").click()
    expect(taken).to_contain_text("Carte : 10,00")
    expect(desk.get_by_text("Reste à payer")).to_be_visible()
    looked_at(desk, "till-taken")
    desk.reload()
    expect(taken).to_contain_text("Carte : 10,00")
    desk.get_by_role("button", name="Vider").click()
    expect(taken).to_contain_text("Carte : 10,00")
    expect(desk.get_by_text("Le panier est vide : rendez")).to_be_visible()
    desk.get_by_role("button", name="Retirer ce paiement : Carte").click()
    sheet = desk.get_by_role("dialog", name="Retirer ce paiement ?")
    expect(sheet.get_by_role("button", name="Annulé : retirer")).to_be_disabled()
    looked_at(desk, "till-give-back")
    sheet.get_by_role("button", name="Garder ce paiement").click()
    key(desk, "Mug émaillé").click()
    desk.locator("aside [data-mode=cash]").click()
    expect(desk.locator("[data-confirm]")).to_contain_text("3,50")
    desk.keyboard.press("Enter")
    expect(desk.locator("[data-order]")).to_be_visible()
    expect(taken).to_be_hidden()
    [sale] = till.page.get("/api/sales")["sales"]
    assert {part["mode"]: part["amount"] for part in sale["payments"]} == {"card": 1000, "cash": 350}


def test_cash_goes_back_when_somebody_says_so_and_becomes_change_when_the_basket_shrinks(desk, till):
    """LAW-26: 20 euros for a basket that falls to 12."""
    key(desk, "Mug émaillé").click()
    key(desk, "Tote bag").click()
    take_a_part(desk, "cash", "20")
    desk.get_by_role("button", name="Revenir au panier").first.click()
    desk.get_by_role("button", name="Retirer : Mug émaillé").click()
    desk.locator("aside [data-mode=cash]").click()
    expect(desk.get_by_role("region", name="Paiement")).to_contain_text(re.compile("À rendre\\s*8,00"))
    desk.get_by_role("button", name="Retirer ce paiement : Espèces").click()
    desk.get_by_role("button", name="Rendu : retirer").click()
    expect(desk.locator("[data-confirm]")).to_contain_text("12,00")
    take_a_part(desk, "cash", "20")
    expect(desk.locator("[data-change='800']")).to_be_visible()


def test_a_card_that_was_charged_for_a_sale_that_is_refused_is_not_forgotten(desk, till):
    """LAW-26: the till froze between the terminal and the journal."""
    key(desk, "Mug émaillé").click()
    desk.route("**/api/sales", lambda route: route.fulfill(
        status=409, content_type="application/problem+json",
        json={"reason": "NOT_ENOUGH_PLACES", "title": "Pas assez de places", "detail": "Pas assez de places."},
    ))  # fmt: skip
    take_a_part(desk, "card", "")
    expect(desk.get_by_role("list", name="Déjà reçu")).to_contain_text("Carte : 13,50")
    expect(desk.get_by_role("alert")).to_contain_text("Pas assez de places")
    desk.unroute("**/api/sales")
    expect(desk.locator("[data-confirm]")).to_contain_text("tout est payé")
    desk.locator("[data-confirm]").click()
    expect(desk.locator("[data-order]")).to_be_visible()
    [sale] = till.page.get("/api/sales")["sales"]
    assert [(part["mode"], part["amount"]) for part in sale["payments"]] == [("card", 1350)]


def test_a_revoked_till_says_why_it_stopped_and_what_to_do_with_the_customers_money(desk, till, running_suite):
    """R6, domain 5.3: in the cashier's words, with the cause for whoever is called."""
    key(desk, "Mug émaillé").click()
    take_a_part(desk, "card", "10")
    revocation = accounts_pb.RevokeTillRequest(
        request_id=str(uuid.uuid4()), till_id=till.till_id, reason="le poste change"
    )
    call(administrator(running_suite.machine).accounts.RevokeTill, revocation)
    stop = desk.get_by_role("alert").filter(has_text="Cette caisse a été retirée du service")
    expect(stop).to_be_visible(timeout=40_000)
    expect(stop).to_contain_text("Que faire maintenant")
    expect(stop).to_contain_text(f"caisse {till.number}, motif TILL_REVOKED")
    looked_at(desk, "till-stopped")
    stop.get_by_role("button", name="Retirer ce paiement : Carte").click()
    desk.get_by_label(re.compile("L’annulation de 10,00")).check()
    desk.get_by_role("button", name="Annulé : retirer").click()
    expect(stop).not_to_contain_text("De l’argent a été reçu")


def reason_of_sale(till) -> str:
    """Why a sale is refused; empty where it is made."""
    try:
        till.page.sell(till.page.key("Carte postale"))
    except Refused as refused:
        return refused.reason
    return ""


def test_a_till_whose_disk_is_full_says_so_on_its_screen(desk, till):
    """domain 5.7: the sale is refused in words, and the page does not ask for ever."""
    till.stop()
    biggest = max(file.stat().st_size for file in till.folder.iterdir())
    till.start(most_file_bytes=biggest)
    till.open()
    refusals = [reason for reason in (reason_of_sale(till) for _ in range(400)) if reason]
    assert set(refusals) == {"STORAGE_FULL"}
    stop = desk.get_by_role("alert").filter(has_text="Le disque de ce poste est plein")
    expect(stop).to_be_visible(timeout=20_000)
    expect(stop).to_contain_text("une vente ne serait pas gardée")
    till.stop()
    till.start()
    expect(desk.get_by_role("tab", name="Accueil")).to_be_visible(timeout=20_000)
    till.open()
    till.page.sell(till.page.key("Carte postale"))


AZERTY = dict(zip("1234567890-qwazmQWAZM", "&é\"'(-è_çà)azqw,AZQW?", strict=True))
TYPE = """keys => { for (const key of [...keys, 'Enter']) {
  document.activeElement.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true })) } }"""


def scan(desk, code: str) -> None:
    """A reader whose keyboard is this machine's: real keys, so that what has the focus may act on them.

    Hands that typed before need longer to pick it up than it needs between two characters.
    """
    desk.wait_for_function("since => performance.now() > since + 100", arg=desk.evaluate("performance.now()"))
    desk.keyboard.type(code)
    desk.keyboard.press("Enter")


def scan_as_azerty(desk, code: str) -> None:
    """A reader set to QWERTY on a machine that is AZERTY."""
    desk.evaluate(TYPE, "".join(AZERTY.get(char, char) for char in code))


@pytest.fixture
def ticket(till) -> tuple[str, str]:
    """(its order's number, its barcode)."""
    number = till.page.sell(till.page.key("Festival", "Plein"))["order_number"]
    with sqlite3.connect(till.database) as database:
        [token] = database.execute("SELECT token FROM tickets").fetchone()
    return number, token


def test_a_ticket_that_is_scanned_anywhere_opens_its_sale_and_presses_nothing(desk, till, ticket):
    """C8: while the confirm button has the focus and an amount is typed; in a field; a code that nobody knows."""
    number, token = ticket
    key(desk, "Mug émaillé").click()
    desk.locator("aside [data-mode=cash]").click()
    desk.keyboard.type("15")
    expect(desk.locator("[data-confirm]")).to_be_focused()
    scan(desk, token)
    sales = desk.get_by_role("dialog", name="Ventes")
    expect(sales.get_by_role("heading", name=number)).to_be_visible()
    desk.keyboard.press("Escape")
    expect(sales).to_be_hidden()
    expect(desk.locator("output")).to_have_text(re.compile("^15,00"))
    assert len(till.page.get("/api/sales")["sales"]) == 1
    desk.get_by_role("button", name="Ventes").click()
    box = sales.get_by_role("searchbox")
    box.fill("mug")
    box.press("End")
    scan(desk, token)
    expect(box).to_have_value(token)
    expect(sales.get_by_role("listitem")).to_have_count(1)
    sales.get_by_role("button", name="Fermer").click()
    scan(desk, "4006381333931")
    expect(desk.get_by_role("dialog", name="Contrôler un billet")).to_contain_text("Refusé")


def test_a_reader_with_another_keyboard_is_found_out_and_translated(desk, ticket):
    """C8: told in words, kept, and read right from then on."""
    number, token = ticket
    desk.get_by_role("button", name="Menu").click()
    desk.get_by_role("button", name="Tester le lecteur de codes").click()
    panel = desk.get_by_role("dialog", name="Tester le lecteur de codes")
    expect(panel.get_by_role("img", name="Code QR de test")).to_be_visible()
    known = desk.evaluate("fetch('/api/scanner').then((answer) => answer.json())")["text"]
    scan(desk, known)
    expect(panel.get_by_role("status")).to_contain_text("Le lecteur est bien réglé")
    scan(desk, known[3:])
    expect(panel.get_by_role("status")).to_contain_text("ne peut pas être traduit")
    scan_as_azerty(desk, known)
    expect(panel.get_by_role("status")).to_contain_text("QWERTY (américain), ce poste est en AZERTY")
    looked_at(desk, "till-scanner")
    desk.keyboard.press("Escape")
    scan_as_azerty(desk, token)
    expect(desk.get_by_role("dialog", name="Ventes").get_by_role("heading", name=number)).to_be_visible()
    desk.reload()
    expect(desk.get_by_role("tab", name="Accueil")).to_be_visible()
    scan_as_azerty(desk, token)
    expect(desk.get_by_role("dialog", name="Ventes").get_by_role("heading", name=number)).to_be_visible()


def test_the_proof_of_a_reduced_tariff_is_asked_for_before_the_money_and_once(desk):
    """K2, A2: still three touches; going back and forth does not nag; the next customer is asked anew."""
    proofs = desk.get_by_role("list", name="Justificatifs à voir")
    confirm = desk.locator("[data-confirm]")
    key(desk, "Festival", "Plein tarif").click()
    desk.locator("aside [data-mode=cash]").click()
    expect(confirm).to_contain_text("Valider")
    expect(proofs).to_be_hidden()
    desk.get_by_role("button", name="Revenir au panier").first.click()
    key(desk, "Festival", "Moins de 26 ans").click()
    desk.locator("aside [data-mode=cash]").click()
    expect(proofs).to_contain_text("Pièce d'identité")
    expect(confirm).to_contain_text("Justificatif vu")
    looked_at(desk, "till-proof")
    desk.get_by_role("button", name="Vu", exact=True).click()
    desk.get_by_role("button", name="Revenir au panier").first.click()
    desk.get_by_role("button", name="Un de plus : Festival").last.click()
    desk.locator("aside [data-mode=card]").click()
    expect(confirm).to_contain_text("Valider")
    expect(confirm).not_to_contain_text("Justificatif")
    confirm.click()
    expect(desk.locator("[data-order]")).to_be_visible()
    key(desk, "Festival", "Moins de 26 ans").click()
    desk.locator("aside [data-mode=card]").click()
    expect(proofs).to_contain_text("Pièce d'identité")
    confirm.click()
    expect(desk.locator("[data-order]")).to_be_visible()
