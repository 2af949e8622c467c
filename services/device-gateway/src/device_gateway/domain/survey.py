"""Questions to customers at the sale (B4): which are asked, and which answers are taken."""

import re
from collections.abc import Iterable, Mapping, Sequence, Set

import ledger
from device_gateway.domain.errors import QuestionUnanswered
from kit.errors import FieldInvalid
from setups.catalogue import Question

POSTCODE = re.compile(r"[0-9A-Za-z][0-9A-Za-z -]{1,9}")
NUMBER = re.compile(r"[0-9]{1,6}")
MOST_RAW = 50


def parse_answers(raw: object) -> dict[str, str | None] | None:
    """What the page sends, by question; None where it asks nothing at all. Raises FieldInvalid."""
    if raw is None:
        return None
    if not isinstance(raw, list) or len(raw) > MOST_RAW:
        raise FieldInvalid("answers", f"must be a list of at most {MOST_RAW}")
    answers: dict[str, str | None] = {}
    for index, each in enumerate(raw):
        at = f"answers[{index}]"
        question_id = each.get("question_id") if isinstance(each, dict) else None
        if not isinstance(question_id, str) or not 1 <= len(question_id) <= 60:
            raise FieldInvalid(f"{at}.question_id", "must be 1 to 60 characters")
        answer = each.get("answer")
        if answer is not None and not isinstance(answer, str):
            raise FieldInvalid(f"{at}.answer", "must be text, or null")
        answers[question_id] = answer.strip() or None if answer else None
    return answers


def answered(
    questions: Iterable[Question], show_ids: Set[str], answers: Mapping[str, str | None]
) -> tuple[ledger.Answer, ...]:
    """The answers to what is asked at a sale of these shows; what is not asked any more is dropped.

    Raises FieldInvalid, QuestionUnanswered.
    """
    return tuple(_answer(question, answers.get(question.id)) for question in asked(questions, show_ids))


def asked(questions: Iterable[Question], show_ids: Set[str]) -> list[Question]:
    """Those that a sale of these shows asks."""
    about = [question for question in questions if question.is_about(show_ids) and question.kind in _KINDS]
    return about[: ledger.MOST_ANSWERS]


def _answer(question: Question, said: str | None) -> ledger.Answer:
    if said is None and question.mandatory:
        raise QuestionUnanswered(f"a question is not answered: {question.text}", question=question.text)
    if said is not None and not _fits(question, said):
        raise FieldInvalid("answers", f"{question.text}: {said!r} is no answer")
    return ledger.Answer(question.id, _line(question.text), ledger.QuestionKind(question.kind), said)


_KINDS: Sequence[str] = tuple(ledger.QuestionKind)


def _fits(question: Question, said: str) -> bool:
    match question.kind:
        case "choice":
            return said in question.choices
        case "postcode":
            return bool(POSTCODE.fullmatch(said))
        case "number":
            return bool(NUMBER.fullmatch(said))
        case _:
            return len(said) <= ledger.LONGEST_ANSWER and said.isprintable()


def _line(text: str) -> str:
    return " ".join(text.split())
