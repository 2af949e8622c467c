"""What a manager writes beyond the keys, and the till obeys: messages, questions, calendar, keyboard (A4, B3, B4, C7).

By the screens of both, at a till of its own, which sells while its line to the centre is cut.
"""

import re
import uuid
from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from kit.testing import eventually
from suite.demo.centre import id_of
from suite.demo.programme import CARMEN, FESTIVAL, MUSEUM
from ticketing.catalog.v1 import catalog_pb2 as nouns
from ticketing.catalog.v1 import catalog_service_pb2 as pb

from .conftest import screenshot
from .own_till import OwnTill, administrator, line_to
from .running import CAMILLE_PIN, LUCAS_PIN
from .test_first_sale import NARROW, SMALL_CONTROLS
from .test_people_at_the_till import enter
from .test_programming import sign_in as back_office

pytestmark = pytest.mark.e2e

WIDE = {"width": 1280, "height": 800}
AT_SIGN_IN, AT_SALE = "Vestiaire fermé aujourd’hui", "Festival : donner le plan des scènes"


@pytest.fixture(scope="module")
def profile(running_suite) -> nouns.TillProfile:
    """A profile of its own, at a point of sale of its own: a key of the festival and the shop."""
    catalog = administrator(running_suite.machine).catalog
    item = nouns.KeyItem(show_id=id_of("show", FESTIVAL), tariff_id=full_price(catalog), quantity=1)
    pages = [
        nouns.Page(id="keys", label="Rapide", kind=1, keys=[nouns.Key(id="k1", label="Festival", items=[item])]),
        nouns.Page(id="shop", label="Boutique", kind=3),
    ]
    wanted = nouns.TillProfile(name="Quai", pages=pages, payment_modes=["cash", "card"])
    return catalog.SaveTillProfile(
        pb.SaveTillProfileRequest(request_id=str(uuid.uuid4()), till_profile=wanted)
    ).till_profile


@pytest.fixture(scope="module")
def till(running_suite, profile, tmp_path_factory) -> Iterator[OwnTill]:
    catalog = administrator(running_suite.machine).catalog
    venue_id = id_of("venue", MUSEUM)
    point = nouns.PointOfSale(name="Quai", venue_id=venue_id, till_profile_id=profile.id)
    saved = catalog.SavePointOfSale(pb.SavePointOfSaleRequest(request_id=str(uuid.uuid4()), point_of_sale=point))
    with line_to(running_suite.machine) as line:
        own = OwnTill(
            running_suite.machine, tmp_path_factory.mktemp("quay") / "till", line,
            point_of_sale_id=saved.point_of_sale.id,
        )  # fmt: skip
        own.start()
        try:
            eventually(lambda: own.page.get("/api/cashiers")["cashiers"], seconds=60)
            yield own
        finally:
            own.stop()


def full_price(catalog) -> str:
    programme = catalog.GetProgramme(pb.GetProgrammeRequest())
    festival = next(each for each in programme.price_lists if each.name == "Festival 2026")
    return festival.prices[0].tariff_id


def look(page: Page, name: str) -> None:
    """As a till and as a telephone: nothing spills over, nothing is too small for a finger."""
    for size, suffix in ((WIDE, ""), (NARROW, "-narrow")):
        page.set_viewport_size(size)
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        assert page.evaluate(SMALL_CONTROLS) == []
        screenshot(page, f"{name}{suffix}")
    page.set_viewport_size(WIDE)


def at_work(page: Page, till: OwnTill) -> None:
    """Lucas at the till, with a float without cash."""
    page.goto(till.page.base)
    enter(page, "Lucas Bernard", LUCAS_PIN)


def read(message: Locator) -> None:
    message.get_by_role("button", name="J’ai lu").click()
    expect(message).to_be_hidden()


def open_float(page: Page) -> None:
    opening = page.get_by_role("heading", name="Ouvrir le fonds de caisse")
    expect(opening.or_(page.get_by_role("tab").first)).to_be_visible(timeout=15_000)
    if opening.is_visible():
        page.get_by_role("button", name="Ouvrir sans fonds").click()
    expect(page.get_by_role("tab").first).to_be_visible()


@pytest.fixture
def seller(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport=WIDE, locale="fr-FR", has_touch=True)
    yield context.new_page()
    context.close()


def test_a_manager_writes_messages_questions_a_calendar_and_a_keyboard(page, running_suite, profile, till):
    """B3, B4, B5, A4, C7: in the editor, with the keyboard learnt by pressing its keys; published and rolled out."""
    back_office(page, running_suite, "programmation")
    page.goto(f"{running_suite.url('back office')}/catalog/till-profiles/{profile.id}/edit")
    page.get_by_role("button", name="Ajouter une page").click()
    properties = page.get_by_role("region", name="Page")
    properties.get_by_label("Libellé").fill("Calendrier")
    properties.get_by_label("Ce que la page montre").select_option("PAGE_KIND_CALENDAR")
    properties.get_by_role("button", name="Couleur 3").click()
    expect(page.frame_locator("iframe").get_by_role("group", name="Jours")).to_be_visible()

    page.get_by_text("Messages aux vendeurs").click()
    for number, words in ((1, AT_SIGN_IN), (2, AT_SALE)):
        page.get_by_role("button", name="Ajouter un message").click()
        page.get_by_role("region", name=f"Message {number}").get_by_label("Message", exact=True).fill(words)
    second = page.get_by_role("region", name="Message 2")
    second.get_by_label("Quand il s’affiche").select_option("MESSAGE_MOMENT_SALE")
    second.get_by_label("À chaque vente").check()
    second.get_by_label(FESTIVAL).check()

    page.get_by_text("Questions aux clients").click()
    page.get_by_role("button", name="Ajouter une question").click()
    page.get_by_role("region", name="Question 1").get_by_label("Obligatoire").check()
    page.get_by_role("button", name="Ajouter une question").click()
    how = page.get_by_role("region", name="Question 2")
    how.get_by_label("Question", exact=True).fill("Comment nous avez-vous connus ?")
    how.get_by_role("combobox").select_option("QUESTION_KIND_CHOICE")
    how.get_by_label("Réponses au choix").fill("Presse\nUn ami\nAffiche")
    how.get_by_label("Réponses au choix").blur()

    page.get_by_text("Touches du clavier").click()
    learn = page.get_by_role("button", name=re.compile("^Ajouter une touche du clavier|^Appuyez"))
    learn.click()
    page.keyboard.press("a")
    expect(page.get_by_role("alert")).to_contain_text("sert déjà à saisir")
    page.keyboard.press("F8")
    page.get_by_label("Ce que fait F8").select_option(label="Rapide · Festival")
    learn.click()
    page.keyboard.press("F8")
    expect(page.get_by_role("alert")).to_contain_text("F8 est déjà dans la liste")
    page.keyboard.press("F9")
    page.get_by_label("Ce que fait F9").select_option(label="Payer : Carte")
    learn.click()
    page.keyboard.press("Control+Alt+p")
    expect(page.get_by_label("Ce que fait Ctrl+Alt+KeyP")).to_have_value("act=confirm")

    expect(page.get_by_role("status").filter(has_text="Brouillon enregistré")).to_be_visible()
    assert page.evaluate(SMALL_CONTROLS) == []
    page.get_by_role("region", name="Message 1").scroll_into_view_if_needed()
    screenshot(page, "comfort-editor")
    page.get_by_role("button", name="Retirer F9").scroll_into_view_if_needed()
    screenshot(page, "comfort-keyboard")
    page.set_viewport_size(NARROW)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    screenshot(page, "comfort-editor-narrow")
    page.set_viewport_size(WIDE)
    page.get_by_role("link", name="Publier…").click()
    expect(page.get_by_text(f"Nouveau message aux vendeurs : « {AT_SIGN_IN} »")).to_be_visible()
    page.get_by_role("button", name="Publier", exact=True).click()
    page.get_by_role("button", name="Déployer sur toutes les caisses").click()
    expect(page.get_by_role("status").filter(has_text="part vers les caisses")).to_be_visible()
    eventually(lambda: till.page.get("/api/layout")["key_codes"], seconds=60)


def test_the_till_shows_the_message_asks_the_customer_and_obeys_the_keyboard_without_a_network(
    seller, page, running_suite, till
):
    """B3, B4, C7, D1: read with a trace, answered before the payment, sold by three keys; then told to the centre."""
    at_work(seller, till)
    message = seller.get_by_role("alertdialog")
    expect(message).to_contain_text(AT_SIGN_IN)
    look(seller, "comfort-message")
    seller.keyboard.press("Escape")
    expect(message).to_be_visible()
    read(message)
    open_float(seller)
    eventually(lambda: not till.page.get("/api/layout")["pages"][0]["keys"][0]["disabled"], seconds=60)
    eventually(lambda: at_hand(till), seconds=60)

    till.line.cut()
    try:
        seller.keyboard.press("F8")
        expect(message).to_contain_text(AT_SALE)
        seller.keyboard.press("F8")
        read(message)
        expect(seller.get_by_role("button", name=re.compile("^Un de moins|^Retirer : Festival"))).to_have_count(1)
        seller.keyboard.press("F9")
        question = seller.get_by_role("dialog", name="À demander au client")
        expect(question).to_contain_text("Code postal ?")
        expect(question.get_by_role("button", name="Passer")).to_have_count(0)
        look(seller, "comfort-postcode")
        for digit in "75011":
            question.get_by_role("button", name=digit, exact=True).click()
        seller.keyboard.press("F8")
        question.get_by_role("button", name="Noter la réponse").click()
        expect(question).to_contain_text("Comment nous avez-vous connus ?")
        look(seller, "comfort-choice")
        question.get_by_role("button", name="Un ami").click()
        expect(seller.locator("[data-confirm]:visible")).to_be_visible()
        seller.keyboard.press("Control+Alt+p")
        expect(seller.locator("[data-order]:visible")).to_be_visible()

        seller.keyboard.press("F8")
        read(message)
        seller.locator("[data-mode=card]:visible").click()
        question.get_by_role("textbox").fill("59000")
        seller.keyboard.press("Enter")
        question.get_by_role("button", name="Passer").click()
        seller.locator("[data-confirm]:visible").click()
        expect(seller.locator("[data-order]:visible")).to_be_visible()
    finally:
        till.line.mend()
    eventually(till.is_caught_up, seconds=90)

    back_office(page, running_suite, "programmation")

    def told() -> bool:
        page.goto(f"{running_suite.url('back office')}/reporting/survey")
        return page.get_by_text("Ont répondu : 2 sur 2").count() == 1

    eventually(told, seconds=60)
    expect(page.get_by_text("Ont répondu : 1 sur 2")).to_be_visible()
    for said in ("75011", "59000", "Un ami"):
        expect(page.get_by_role("listitem").filter(has_text=said)).to_have_count(1)
    screenshot(page, "comfort-report")
    page.set_viewport_size(NARROW)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    screenshot(page, "comfort-report-narrow")


def test_what_was_read_is_in_the_tills_journal(page, running_suite, till):
    """B3: in the words that the seller saw; what customers said is not spread out beside their sale."""
    back_office(page, running_suite, "ines")
    page.goto(f"{running_suite.url('back office')}/cashdesk/tills/{till.till_id}/journal")
    read = page.get_by_role("row").filter(has_text="message lu")
    expect(read.filter(has_text=AT_SIGN_IN)).to_have_count(1)
    expect(read.filter(has_text=AT_SALE)).to_have_count(2)
    expect(page.get_by_role("row").filter(has_text="réponses d’un client").first).to_be_visible()


def test_a_later_date_is_sold_from_the_calendar(seller, till):
    """A4: a month with remaining places; a day, a date, its tariff; and the week of it, by keyboard too."""
    at_work(seller, till)
    read(seller.get_by_role("alertdialog"))
    open_float(seller)
    seller.get_by_role("tab", name="Calendrier").click()
    days = seller.get_by_role("group", name="Jours")
    later = days.locator("button:not([disabled])").last
    expect(later).to_be_visible()
    expect(later).to_have_attribute("aria-label", re.compile("places"))
    later.click()
    dates = seller.get_by_role("region", name="Séances du jour")
    time = dates.locator(".times button:not([disabled])").first
    expect(time).to_be_visible()
    if dates.locator(".tariffs").count() == 0:
        time.click()
    expect(dates.locator(".tariffs")).to_be_visible()
    look(seller, "comfort-calendar")
    seller.get_by_role("button", name="Semaine", exact=True).click()
    expect(days.locator("[data-day]")).to_have_count(7)
    look(seller, "comfort-calendar-week")
    seller.get_by_role("button", name="Mois", exact=True).click()
    later.focus()
    seller.keyboard.press("ArrowUp")
    a_week_before = date.fromisoformat(str(later.get_attribute("data-day"))) - timedelta(days=7)
    expect(days.locator(f'[data-day="{a_week_before}"]')).to_be_focused()
    later.click()
    if dates.locator(".tariffs").count() == 0:
        time.click()
    dates.locator(".tariffs button:not([disabled])").first.click()
    for _ in range(2):
        message = seller.get_by_role("alertdialog")
        if message.is_visible():
            message.get_by_role("button", name="J’ai lu").click()
    seller.locator("[data-mode=card]:visible").click()
    question = seller.get_by_role("dialog", name="À demander au client")
    question.get_by_role("button", name="Étranger").click()
    question.get_by_role("button", name="Passer").click()
    seller.locator("[data-confirm]:visible").click()
    expect(seller.locator("[data-order]:visible")).to_be_visible(timeout=15_000)


def test_a_numbered_date_of_the_calendar_opens_its_plan(seller, till):
    """A4, A2: the same plan as on the page of performances; or the best of a category by one touch."""
    at_work(seller, till)
    read(seller.get_by_role("alertdialog"))
    open_float(seller)
    seller.get_by_role("tab", name="Calendrier").click()
    days = seller.get_by_role("group", name="Jours").locator("button:not([disabled])")
    expect(days.first).to_be_visible()
    dates = seller.get_by_role("region", name="Séances du jour")
    carmen = dates.locator(".times button:not([disabled])", has_text=CARMEN)
    for day in days.all():
        day.click()
        if carmen.count():
            break
    carmen.first.click()
    look(seller, "comfort-calendar-seats")
    dates.get_by_role("button", name="Choisir sur le plan").click()
    plan = seller.get_by_role("dialog", name=re.compile(CARMEN))
    expect(plan).to_be_visible()
    seller.keyboard.press("Escape")
    expect(plan).to_be_hidden()
    dates.locator(".tariff:not([disabled])").first.click()
    expect(seller.get_by_role("button", name=re.compile(f"^Retirer : {CARMEN}"))).to_have_count(1)
    seller.get_by_role("button", name="Vider").click()


def test_a_page_for_one_cashier_is_seen_by_nobody_else(page, seller, running_suite, profile, till):
    """B7: chosen in the editor, obeyed at the till, whoever takes it over."""
    back_office(page, running_suite, "programmation")
    page.goto(f"{running_suite.url('back office')}/catalog/till-profiles/{profile.id}/edit")
    page.frame_locator("iframe").get_by_role("tab", name="Boutique").click()
    properties = page.get_by_role("region", name="Page")
    expect(properties.get_by_label("Libellé")).to_have_value("Boutique")
    properties.get_by_text("Qui voit cette page").click()
    properties.get_by_label("Camille Moreau").check()
    expect(page.get_by_role("status").filter(has_text="Brouillon enregistré")).to_be_visible()
    page.get_by_role("link", name="Publier…").click()
    page.get_by_role("button", name="Publier", exact=True).click()
    page.get_by_role("button", name="Déployer sur toutes les caisses").click()
    expect(page.get_by_role("status").filter(has_text="part vers les caisses")).to_be_visible()

    at_work(seller, till)
    read(seller.get_by_role("alertdialog"))
    open_float(seller)
    expect(seller.get_by_role("tab", name="Boutique")).to_be_hidden(timeout=60_000)
    expect(seller.get_by_role("tab", name="Rapide")).to_be_visible()
    seller.get_by_role("button", name="Verrouiller").click()
    enter(seller, "Camille Moreau", CAMILLE_PIN)
    read(seller.get_by_role("alertdialog"))
    open_float(seller)
    expect(seller.get_by_role("tab", name="Boutique")).to_be_visible()


def at_hand(till: OwnTill) -> bool:
    """Whether the key of the festival has places in the lease."""
    performance = till.page.get("/api/layout")["pages"][0]["keys"][0]["performance"]
    return bool(performance and performance["left"] > 5)
