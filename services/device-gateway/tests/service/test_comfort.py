"""B3, B4, B7: what the set-up says beyond its keys is obeyed at the till, with a network or without."""

import json
from datetime import timedelta

import pytest

import ledger
import setups
from device_gateway import messages, selling
from device_gateway.domain.errors import MessageNotFound, QuestionUnanswered
from device_gateway.domain.leases import range_of
from device_gateway.store import setups as kept
from kit.clock import iso_ms

from .test_http import Page, app  # noqa: F401 - a fixture

PIN = "2468"


@pytest.fixture
def run(world):
    """Has the till run a profile with these parts."""

    def running(**parts):
        pages = [{"id": "keys", "label": "Rapide", "kind": "PAGE_KIND_KEYS"}]
        profile = {"id": world.uid("profile"), "name": "Accueil", "payment_modes": ["cash", "card"], "pages": pages}
        with world.till.database.write() as tx:
            kept.keep_waiting(tx, setups.ProfileVersion(world.uid("profile"), 2, profile | parts))
            kept.apply(tx)
        world.till.reload()

    return running


def remarks(world):
    """What the journal says in entries of this sort, oldest first."""
    bodies = [json.loads(entry.bytes)["body"] for entry in world.journal()]
    return [remark for remark in map(ledger.read_remark, bodies) if remark]


def said(world, *items, answers, **how):
    return selling.parse_request(world.request(*items, **how) | {"answers": answers})


def test_a_message_is_acknowledged_once_in_a_working_period_with_its_words(world, run):
    """B3."""
    run(messages=[{"id": "m1", "text": "Vestiaire\nfermé", "moment": "MESSAGE_MOMENT_SIGN_IN"}])
    alice = world.seller()
    assert messages.read_by(world.till, alice) == []
    for _ in range(2):
        messages.acknowledge(world.till, alice, "m1", world.at)
    assert messages.read_by(world.till, alice) == ["m1"]
    assert remarks(world) == [
        ledger.MessageAcknowledged(alice.cashier.id, alice.shift.shift_id, "m1", "Vestiaire fermé")
    ]
    assert messages.read_by(world.till, world.seller()) == [], "the next working period reads it again"
    assert world.faults_of_journal() == []


def test_a_message_in_other_words_is_read_again(world, run):
    run(messages=[{"id": "m1", "text": "Vestiaire fermé", "moment": "MESSAGE_MOMENT_SIGN_IN"}])
    alice = world.seller()
    messages.acknowledge(world.till, alice, "m1", world.at)
    run(messages=[{"id": "m1", "text": "Vestiaire ouvert", "moment": "MESSAGE_MOMENT_SIGN_IN"}])
    assert messages.read_by(world.till, alice) == []
    messages.acknowledge(world.till, alice, "m1", world.at)
    assert [each.message for each in remarks(world)] == ["Vestiaire fermé", "Vestiaire ouvert"]


def test_what_is_said_at_every_sale_leaves_a_trace_each_time(world, run):
    run(messages=[{"id": "m1", "text": "Pièce d’identité", "moment": "MESSAGE_MOMENT_SALE", "every_sale": True}])
    alice = world.seller()
    for _ in range(2):
        messages.acknowledge(world.till, alice, "m1", world.at)
    assert len(remarks(world)) == 2


def test_a_message_for_another_till_is_not_here(world, run):
    there, here = ({"moment": "MESSAGE_MOMENT_SIGN_IN", "till_ids": [id]} for id in (world.uid("other"), world.till_id))
    run(messages=[there | {"id": "m1", "text": "Au 2"}, here | {"id": "m2", "text": "Ici"}])
    assert [each.id for each in messages.of_till(world.till)] == ["m2"]
    with pytest.raises(MessageNotFound):
        messages.acknowledge(world.till, world.seller(), "m1", world.at)


QUESTIONS = [
    {"id": "q1", "text": "Code postal ?", "kind": "QUESTION_KIND_POSTCODE", "mandatory": True},
    {"id": "q2", "text": "Comment ?", "kind": "QUESTION_KIND_CHOICE", "choices": ["Presse", "Ami"]},
]


def test_answers_are_sealed_with_the_sale_and_name_nobody(world, run):
    """B4."""
    run(questions=QUESTIONS)
    world.lease(5)
    asked = said(world, ("full", 1), answers=[{"question_id": "q1", "answer": "75011"}])
    answer = selling.sell(world.till, world.seller(), asked, world.at)
    (remark,) = remarks(world)
    assert remark == ledger.SurveyAnswered(
        world.till.business_on(world.at), (world.uid("visit"),),
        (ledger.Answer("q1", "Code postal ?", ledger.QuestionKind.POSTCODE, "75011"),
         ledger.Answer("q2", "Comment ?", ledger.QuestionKind.CHOICE, None)),
    )  # fmt: skip
    assert world.faults_of_journal() == []
    assert selling.sell(world.till, world.seller(), asked, world.at) == answer
    assert len(remarks(world)) == 1, "a repeated request says nothing twice"


def test_a_sale_without_a_mandatory_answer_is_not_made(world, run):
    run(questions=QUESTIONS)
    world.lease(5)
    before = len(world.journal())
    with pytest.raises(QuestionUnanswered):
        selling.sell(world.till, world.seller(), said(world, ("full", 1), answers=[]), world.at)
    assert len(world.journal()) == before


def test_a_page_from_before_sells_on_and_asks_nothing(world, run):
    run(questions=QUESTIONS)
    world.lease(5)
    selling.sell(world.till, world.seller(), selling.parse_request(world.request(("full", 1))), world.at)
    assert remarks(world) == []


def test_a_sale_without_questions_has_no_entry_for_them(world):
    world.lease(5)
    selling.sell(world.till, world.seller(), said(world, ("full", 1), answers=[]), world.at)
    assert remarks(world) == []


def test_two_cashiers_at_one_till_see_different_ranges(world, run, app):  # noqa: F811
    """B7: by profile or by person; what is for everybody is for both."""
    pages = [
        {"id": "all", "label": "Tous", "kind": "PAGE_KIND_KEYS", "colour": "#7a1f3d"},
        {"id": "alice", "label": "Alice", "kind": "PAGE_KIND_KEYS", "cashier_ids": [world.cashier_id]},
        {"id": "heads", "label": "Chefs", "kind": "PAGE_KIND_KEYS", "cashier_profiles": ["head_cashier"]},
    ]
    run(pages=pages)
    page = Page(app)

    def sees(name):
        page.state()
        page.post("/api/sign-in", {"cashier_id": world.uid(name), "pin": PIN})
        return [each["label"] for each in page.get("/api/layout").json["pages"]]

    assert [sees("alice"), sees("ines"), sees("bob")] == [["Tous", "Alice"], ["Tous", "Chefs"], ["Tous"]]


def test_the_basket_says_which_messages_and_questions_are_about_it(world, run, app):  # noqa: F811
    """B3, B4: by show, by tariff, by time; a sale of articles alone is about no show."""
    sale = {"moment": "MESSAGE_MOMENT_SALE"}
    hour = timedelta(hours=1)
    run(
        messages=[
            sale | {"id": "visit", "text": "V", "show_ids": [world.uid("visit")]},
            sale | {"id": "play", "text": "P", "show_ids": [world.uid("play")]},
            sale | {"id": "child", "text": "C", "tariff_ids": [world.child]},
            sale | {"id": "every", "text": "E"},
            sale | {"id": "over", "text": "O", "until": iso_ms(world.at - hour)},
            sale | {"id": "later", "text": "L", "from": iso_ms(world.at + hour)},
            {"id": "morning", "text": "M", "moment": "MESSAGE_MOMENT_SIGN_IN"},
        ],
        questions=[QUESTIONS[0] | {"show_ids": [world.uid("visit")]}, QUESTIONS[1]],
    )
    page = Page(app)
    page.state()

    def about(*items):
        told = page.post("/api/basket", {"items": world.request(*items)["items"]}).json
        return told["messages"], told["questions"]

    assert about(("full", 1)) == (["visit", "every"], ["q1", "q2"])
    assert about(("full", 1), ("child", 1)) == (["visit", "child", "every"], ["q1", "q2"])
    assert about(("poster", 1)) == (["every"], ["q2"])


def test_the_page_shows_a_message_until_it_is_read(world, run, app):  # noqa: F811
    run(messages=[{"id": "m1", "text": "Vestiaire fermé", "moment": "MESSAGE_MOMENT_SIGN_IN"}])
    page = Page(app)
    page.state()
    assert page.post("/api/messages/m1/acknowledge").status_code == 401
    page.post("/api/sign-in", {"cashier_id": world.cashier_id, "pin": PIN})
    assert page.state()["messages_read"] == []
    assert [each["text"] for each in page.get("/api/layout").json["messages"]] == ["Vestiaire fermé"]
    assert page.post("/api/messages/gone/acknowledge").status_code == 404
    assert page.post("/api/messages/m1/acknowledge").status_code == 200
    assert page.state()["messages_read"] == ["m1"]


CALENDAR = [{"id": "dates", "label": "Dates", "kind": "PAGE_KIND_CALENDAR"}]


@pytest.fixture
def signed_in(world, app):  # noqa: F811
    page = Page(app)
    page.state()
    page.post("/api/sign-in", {"cashier_id": world.cashier_id, "pin": PIN})
    return page


def month_of(world):
    return f"{world.at:%Y-%m}"


def dates(page, month):
    return {each["id"]: (each["left"], each["online_left"]) for each in page.get(f"/api/calendar/dates/{month}").json[
        "performances"]}  # fmt: skip


def test_a_calendar_shows_the_month_with_places_of_the_lease_and_of_the_centre(world, run, signed_in, centre):
    """A4: online the centre says what is free; what it does not know of is not known here."""
    run(pages=CALENDAR)
    world.lease(7)
    world.till.line.answered(world.at)
    centre.frees = {world.slot: 33, world.uid("slot 4"): 12}
    shown = dates(signed_in, month_of(world))
    assert shown[world.slot] == (7, 33)
    assert shown[world.uid("slot 4")] == (0, 12)
    assert shown[world.uid("slot 5")] == (0, None)
    assert "performances" not in signed_in.get("/api/layout").json["pages"][0], "the layout stays small"


def test_a_calendar_without_a_network_shows_its_dates_all_the_same(world, run, signed_in):
    """D1."""
    run(pages=CALENDAR)
    world.lease(7)
    shown = dates(signed_in, month_of(world))
    assert shown[world.slot] == (7, None)
    assert shown[world.uid("slot 5")] == (0, None)


def test_a_centre_that_refuses_leaves_the_dates_and_is_not_asked_at_each_look(world, run, signed_in, centre):
    run(pages=CALENDAR)
    world.till.line.answered(world.at)
    centre.refusals["GetAvailability"] = ("FORBIDDEN", {})
    for _ in range(3):
        assert dates(signed_in, month_of(world))[world.slot] == (0, None)
    assert centre.availability_asked == 1


@pytest.mark.parametrize("path", ["nowhere/2026-11", "keys/2026-11"])
def test_only_a_calendar_of_this_person_is_shown(world, run, signed_in, path):
    """B7."""
    run(pages=[{"id": "keys", "label": "Rapide", "kind": "PAGE_KIND_KEYS"},
               CALENDAR[0] | {"cashier_profiles": ["head_cashier"]}])  # fmt: skip
    assert signed_in.get(f"/api/calendar/{path}").json["reason"] == "PAGE_NOT_FOUND"
    assert signed_in.get("/api/calendar/dates/2026-11").json["reason"] == "PAGE_NOT_FOUND"


@pytest.mark.parametrize("month", ["2026-13", "november", "2026-1", "2026-11-01"])
def test_a_month_is_a_month(world, run, signed_in, month):
    run(pages=CALENDAR)
    assert signed_in.get(f"/api/calendar/dates/{month}").status_code == 400


def test_the_till_keeps_places_of_the_shows_of_its_calendar_at_hand(world, run):
    run(pages=CALENDAR)
    assert world.uid("visit") in range_of(world.till.catalogue)
    run(pages=[CALENDAR[0] | {"show_ids": [world.uid("play")]}])
    assert world.uid("visit") not in range_of(world.till.catalogue)
