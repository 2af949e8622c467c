"""Body of DECISION: a person decides what becomes of places that were sold twice (domain 5.6). No money moves by it."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Self

from ledger.body import Reader, plain

MOST_TICKETS = 200


class Decided(StrEnum):
    """What was decided of all the tickets of a conflict together."""

    RESEATED = "reseated"  # one ticket keeps the place, another is given a better or an equal one
    REFUND = "refund"  # one ticket keeps the place, the others are to be refunded
    ACCEPTED = "accepted"  # all of them go in
    REOPENED = "reopened"  # an earlier decision does not hold any more


class Fate(StrEnum):
    """What was decided of one ticket."""

    KEEPS = "keeps"
    RESEATED = "reseated"
    REFUND = "refund"
    DISPUTED = "disputed"


@dataclass(frozen=True)
class DecidedTicket:
    """`now`: the seat and the ticket that it has instead, in words; empty unless it was reseated."""

    key_id: int
    serial: int
    order_id: str
    fate: Fate
    now: str

    @classmethod
    def read(cls, fields: Reader) -> Self:
        return cls(
            key_id=fields.integer("key_id", 1, 2**32 - 1),
            serial=fields.integer("serial", 1, 2**32 - 1),
            order_id=fields.identifier("order_id"),
            fate=fields.choice("fate", Fate),
            now=fields.text("now", shortest=0),
        )


@dataclass(frozen=True)
class Decision:
    """Who decided what, and why. `request_id` makes the decision one, however often it is asked for."""

    request_id: str
    conflict_id: str
    decided: Decided
    author_id: str
    author_name: str
    reason: str
    performance_id: str
    tickets: tuple[DecidedTicket, ...]

    def to_body(self) -> dict[str, Any]:
        body: dict[str, Any] = plain(self)
        return body

    @classmethod
    def from_body(cls, body: object) -> Self:
        """Raises BadEntry for a field missing, unknown, mistyped or out of range."""
        fields = Reader(body)
        decision = cls(
            request_id=fields.identifier("request_id"),
            conflict_id=fields.identifier("conflict_id"),
            decided=fields.choice("decided", Decided),
            author_id=fields.text("author_id", 64),
            author_name=fields.text("author_name", shortest=0),
            reason=fields.text("reason", 300, 3),
            performance_id=fields.identifier("performance_id"),
            tickets=fields.many("tickets", DecidedTicket.read, MOST_TICKETS),
        )
        fields.done()
        return decision
