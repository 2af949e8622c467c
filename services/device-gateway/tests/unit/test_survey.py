"""B4: which questions are asked at a sale, and which answers are taken."""

import pytest

import ledger
from device_gateway.domain.errors import QuestionUnanswered
from device_gateway.domain.survey import answered, parse_answers
from kit.errors import FieldInvalid
from setups.catalogue import Question


def question(id, kind="text", mandatory=False, shows=(), choices=()):
    return Question(id, f"{id} ?", kind, tuple(choices), mandatory, frozenset(shows))


HOW = question("how", "choice", choices=["Presse", "Ami"])


def test_a_question_of_some_shows_is_asked_at_their_sales_only():
    asked = [question("all"), question("play", shows=["play"])]
    assert [each.question_id for each in answered(asked, {"tour"}, {})] == ["all"]
    assert [each.question_id for each in answered(asked, {"play", "tour"}, {})] == ["all", "play"]


def test_what_was_skipped_is_known_as_such():
    assert [each.answer for each in answered([question("a"), HOW], set(), {"how": "Ami"})] == [None, "Ami"]


def test_a_mandatory_question_stops_the_sale_until_it_is_answered():
    with pytest.raises(QuestionUnanswered) as refusal:
        answered([question("postcode", "postcode", mandatory=True)], set(), {"postcode": None})
    assert refusal.value.facts["question"] == "postcode ?"


def test_answers_to_questions_that_are_gone_are_dropped():
    assert answered([], set(), {"gone": "yes"}) == ()


@pytest.mark.parametrize(
    ("kind", "said", "fits"),
    [
        ("choice", "Ami", True),
        ("choice", "Voisin", False),
        ("postcode", "75011", True),
        ("postcode", "SW1A 1AA", True),
        ("postcode", "7", False),
        ("postcode", "75011; rue du Bac", False),
        ("number", "12", True),
        ("number", "douze", False),
        ("number", "-1", False),
        ("text", "Par le journal", True),
        ("text", "x" * 201, False),
        ("text", "two\nlines", False),
    ],
)
def test_an_answer_fits_its_question(kind, said, fits):
    asked = [question("q", kind, choices=["Presse", "Ami"])]
    if fits:
        assert answered(asked, set(), {"q": said})[0].answer == said
    else:
        with pytest.raises(FieldInvalid):
            answered(asked, set(), {"q": said})


def test_the_page_says_nothing_or_a_list():
    assert parse_answers(None) is None
    assert parse_answers([{"question_id": "q", "answer": " 75011 "}, {"question_id": "r", "answer": ""}]) == {
        "q": "75011", "r": None
    }  # fmt: skip


@pytest.mark.parametrize("raw", ["75011", {}, [None], [{"answer": "x"}], [{"question_id": "q", "answer": 1}],
                                 [{"question_id": "q"}] * 51])  # fmt: skip
def test_anything_else_is_refused(raw):
    with pytest.raises(FieldInvalid):
        parse_answers(raw)


def test_the_kinds_are_those_of_the_journal():
    for kind in ledger.QuestionKind:
        assert answered([question("q", kind)], set(), {})[0].kind is kind
    assert answered([question("q", "of a later release")], set(), {}) == ()
