"""A place that was sold twice (conflit): the tickets that claim it, and what may be decided of them (domain 5.6).

Nothing is undone: each claim is a sealed sale and a paper in somebody's hand. A decision says who keeps the place and
what the others get; it is sealed with its author and reason, and only a further decision takes it back.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

import ledger
from kit.errors import FieldInvalid
from orders.domain.errors import ConflictSettled, NothingToDecide

TicketId = tuple[int, int]  # key, serial


class ConflictKind(StrEnum):
    SEAT = "seat"  # a numbered seat, several tickets
    PLACES = "places"  # more places than the house has


class ConflictState(StrEnum):
    OPEN = "open"
    REFUND = "refund"  # decided: it is settled once the money has been given back
    SETTLED = "settled"


class Act(StrEnum):
    """What happened to a conflict. The first four are facts that came in, the others were decided by a person."""

    OPENED = "opened"
    CLAIMED = "claimed"  # one more ticket for the same place
    REFUNDED = "refunded"  # a claim ended, and nobody else claims the place
    FOUND = "found"  # its place has come free, or the programme opened more
    RESEATED = "reseated"
    REFUND_DECIDED = "refund"
    ACCEPTED = "accepted"
    REOPENED = "reopened"


class Decision(StrEnum):
    """What a person may decide; each is the `Act` of the same name."""

    RESEAT = "reseated"
    REFUND = "refund"
    ACCEPT = "accepted"
    REOPEN = "reopened"


@dataclass(frozen=True)
class Claim:
    """A ticket that claims the place. `without_place`: inventory had none for it, or not that one."""

    key_id: int
    serial: int
    order_id: str
    order_number: str
    line: int
    channel: str
    till_id: str
    journal_sequence: int
    cashier_id: str
    sealed_at: datetime
    label: str
    price: int
    currency: str
    tariff_id: str
    category_id: str
    lease_id: str
    hold_id: str
    plan_version_id: str
    seat: ledger.Seat | None
    refunded: bool
    replaced: bool
    without_place: bool
    to_refund: bool
    instead: TicketId | None = None  # the ticket that stands in for it
    instead_seat: ledger.Seat | None = None

    @property
    def id(self) -> TicketId:
        return self.key_id, self.serial

    @property
    def lives(self) -> bool:
        return not self.refunded and not self.replaced


@dataclass(frozen=True)
class Happened:
    """One line of a conflict's history; a decision's is also entry `journal_sequence` of a journal."""

    act: Act
    at: datetime
    author_id: str
    author_name: str
    reason: str
    details: dict[str, Any]
    till_number: str
    journal_sequence: int | None


@dataclass(frozen=True)
class Conflict:
    """`claims`: the earliest sealed first, which keeps the place unless a person decides otherwise."""

    id: str
    kind: ConflictKind
    state: ConflictState
    performance_id: str
    cause: str
    opened_at: datetime
    settled_at: datetime | None
    claims: tuple[Claim, ...] = ()
    history: tuple[Happened, ...] = field(default=())

    @property
    def living(self) -> list[Claim]:
        """The claims between which a person decides; those of a line without seats that have their place are none."""
        seats = self.kind is ConflictKind.SEAT
        return [claim for claim in self.claims if claim.lives and (seats or claim.without_place)]

    def require_open(self) -> None:
        """Raises ConflictSettled."""
        if self.state is ConflictState.SETTLED:
            raise ConflictSettled("this conflict is settled", conflict_id=self.id)

    def claim(self, ticket: TicketId) -> Claim:
        """A claim that lives. Raises FieldInvalid."""
        for claim in self.living:
            if claim.id == ticket:
                return claim
        raise FieldInvalid("ticket", "must be a ticket that claims the place")

    @property
    def may_reopen(self) -> bool:
        """Only a decision that has done nothing to tickets yet is taken back by a word."""
        return bool(self.history) and self.history[-1].act in (Act.REFUND_DECIDED, Act.ACCEPTED)

    def require_reopenable(self) -> None:
        """Raises NothingToDecide."""
        if not self.may_reopen:
            raise NothingToDecide("there is no decision that could be taken back", conflict_id=self.id)


def movers(conflict: Conflict) -> list[Claim]:
    """Whose ticket may be the one that gives way, the best choice first: the last that was sealed."""
    return sorted(conflict.living, key=lambda claim: (claim.sealed_at, claim.id), reverse=True)


def most_accepted(total: int, tolerance_bp: int) -> int:
    """How many people more than its capacity a house lets in."""
    return total * tolerance_bp // 10_000


def seat_words(seat: ledger.Seat) -> str:
    """ "Parterre · C 12" """
    return " · ".join(word for word in (seat.zone, f"{seat.row} {seat.label}".strip()) if word)
