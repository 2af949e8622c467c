"""Bodies of TECHNICAL entries that have a shape: what was read at a till, and what customers said there (B3, B4).

They are told apart by `event`. A centre of an earlier release keeps such an entry like any other of its kind and makes
nothing of it, so a till may write them before the centre is upgraded; one that this release does not know is kept so.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Self

from ledger.body import UUID_FORM, Reader, plain
from ledger.errors import BadEntry

LONGEST_MESSAGE = 500
LONGEST_ANSWER = 200
MOST_ANSWERS = 20
MOST_SHOWS = 100


class QuestionKind(StrEnum):
    CHOICE = "choice"
    POSTCODE = "postcode"
    NUMBER = "number"
    TEXT = "text"


@dataclass(frozen=True)
class MessageAcknowledged:
    """A cashier has read a message to sellers: `message` is its text as it stood on the screen."""

    EVENT = "message_acknowledged"

    cashier_id: str
    shift_id: str
    message_id: str
    message: str

    def to_body(self) -> dict[str, Any]:
        return {"event": self.EVENT, **plain(self)}

    @classmethod
    def from_body(cls, body: object) -> Self:
        """Raises BadEntry for a field missing, unknown, mistyped or out of range."""
        fields = Reader(body)
        fields.text("event")
        acknowledged = cls(
            cashier_id=fields.identifier("cashier_id"),
            shift_id=fields.identifier("shift_id"),
            message_id=fields.text("message_id", 60),
            message=fields.text("message", LONGEST_MESSAGE),
        )
        fields.done()
        return acknowledged


@dataclass(frozen=True)
class Answer:
    """`answer` is None where the customer said nothing. `question` is how it was asked."""

    question_id: str
    question: str
    kind: QuestionKind
    answer: str | None

    @classmethod
    def read(cls, fields: Reader) -> Self:
        return cls(
            question_id=fields.text("question_id", 60),
            question=fields.text("question"),
            kind=fields.choice("kind", QuestionKind),
            answer=fields.optional(lambda name: fields.text(name, LONGEST_ANSWER), "answer"),
        )


@dataclass(frozen=True)
class SurveyAnswered:
    """What the customer of one sale said. It names neither the order nor the cashier: answers are for counting."""

    EVENT = "survey_answered"

    business_on: str
    show_ids: tuple[str, ...]
    answers: tuple[Answer, ...]

    def to_body(self) -> dict[str, Any]:
        return {"event": self.EVENT, **plain(self)}

    @classmethod
    def from_body(cls, body: object) -> Self:
        """Raises BadEntry for a field missing, unknown, mistyped or out of range."""
        fields = Reader(body)
        fields.text("event")
        answered = cls(
            business_on=fields.day("business_on"),
            show_ids=fields.texts("show_ids", UUID_FORM, "a UUID in lower case", MOST_SHOWS),
            answers=fields.many("answers", Answer.read, MOST_ANSWERS),
        )
        fields.done()
        return answered


_SHAPES: dict[str, type[MessageAcknowledged] | type[SurveyAnswered]] = {
    shape.EVENT: shape for shape in (MessageAcknowledged, SurveyAnswered)
}


def read_remark(body: object) -> MessageAcknowledged | SurveyAnswered | None:
    """What a TECHNICAL entry says, if this release knows its shape."""
    shape = _SHAPES.get(str(body.get("event"))) if isinstance(body, dict) else None
    try:
        return shape.from_body(body) if shape else None
    except BadEntry:
        return None  # of a later release, which says more: its entry is a fact all the same
