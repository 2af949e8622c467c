"""Leases: what a till has at hand, synchronised by absolute numbers; and the recall of a dark till's."""

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from google.protobuf.message import Message
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, sessionmaker

from inventory import store
from inventory.domain import Lease, LeaseReport, LeaseState, LeaseTerms, LeaseWish
from inventory.domain.contingents import Buyer
from inventory.domain.errors import LeaseNotFound, LeaseOverused
from inventory.usecases.availability import Standing, standings
from inventory.usecases.checks import at_most, identity, number, short
from kit import outbox, requests, telemetry
from kit.auth import Caller
from kit.errors import DomainError

Sessions = sessionmaker[Session]
TILL_CHANNEL = "till"
Answer = TypeVar("Answer", bound=Message)


@dataclass(frozen=True)
class TillLease:
    """A lease as its till is told of it; `wanted_back`: how many it should give back, for the house fills."""

    lease: Lease
    wanted_back: int


@dataclass(frozen=True)
class LeaseRefusal:
    """Why the seats that a wish names stay where they are."""

    performance_id: str
    why: DomainError


def sync_leases(
    sessions: Sessions,
    caller: Caller,
    till_id: str,
    reports: Sequence[LeaseReport],
    wishes: Sequence[LeaseWish],
    now: datetime,
    terms: LeaseTerms,
) -> tuple[list[TillLease], list[Standing], list[LeaseRefusal]]:
    """Take the till's word, renew what it has, top up to its wishes.

    Gives all its active leases with those that it named and has no more, how the wished performances stand, and which
    named seats it did not get.
    Idempotent. Raises FieldInvalid, LeaseNotFound, LeaseOverused, SeatsNotNamed: then nothing has changed.
    """
    caller.require("inventory.lease")
    caller.require_till(till_id)
    _check(till_id, reports, wishes)
    named = [told.lease_id for told in reports]
    wanted = {wish.performance_id for wish in wishes}
    refusals = []
    with sessions.begin() as session:
        performances = {performance_id for _, performance_id in store.till_leases(session, till_id)}
        book = store.opened(session, performances=performances | wanted, leases=named, till_id=till_id)
        try:
            for told in reports:
                book.report(till_id, told, now, terms)
        except LeaseOverused as overused:
            telemetry.log().error("lease_overused", till_id=till_id, facts=overused.facts)
            raise
        book.renew(till_id, now, terms)
        buyer = Buyer(TILL_CHANNEL, store.point_of_sale_of(session, till_id))
        for wish in sorted(wishes, key=lambda wish: wish.performance_id):
            try:
                book.grant(till_id, wish, str(uuid.uuid4()), now, terms, buyer)
            except DomainError as refusal:
                refusals.append(LeaseRefusal(wish.performance_id, refusal))
        store.write(session, book)
        own = [x for x in book.leases.values() if x.till_id == till_id]
        told_leases = [lease for lease in own if lease.state is LeaseState.ACTIVE or lease.lease_id in named]
        counts = store.many_leases(session, {x.performance_id for x in told_leases if book.is_scarce(x.performance_id)})
        answer = [
            TillLease(
                lease,
                lease.wanted_back(
                    book.house(lease.performance_id),
                    counts.get(lease.performance_id, 1),
                    lease.is_late(now, terms.grace),
                ),
            )
            for lease in told_leases
        ]
        wished = [book.capacities[i] for i in sorted(wanted) if i in book.capacities]
        capacities = standings(session, wished, now)
    store.keep_seats(session, book.seats)
    return answer, capacities, refusals


def list_leases(sessions: Sessions, caller: Caller, till_id: str, performance_id: str) -> list[Lease]:
    """Leases that still set places aside, of one till or all. Raises FieldInvalid."""
    caller.require("inventory.view")
    short("till_id", till_id, 64)
    if performance_id:
        performance_id = identity("performance_id", performance_id)
    with sessions.begin() as session:
        return store.leases(session, till_id, performance_id)


def recall_lease(
    sessions: Sessions,
    caller: Caller,
    request: Message,
    lease_id: str,
    reason: str,
    answer_type: type[Answer],
    answer: Callable[[Lease], Answer],
    event: Callable[[Lease, int], Message],
) -> Answer:
    """Take back what a dark till has left: recorded as a risk of selling twice. Raises LeaseNotFound, LeaseNotActive.

    What the till has already said it sold stays set aside until those sales arrive.
    """
    caller.require("inventory.manage")
    lease_id = identity("lease_id", lease_id)
    short("reason", reason, 300, 3)

    def work(session: Session) -> Answer:
        book = store.opened(session, leases=[lease_id])
        lease = book.leases.get(lease_id)
        if lease is None:
            raise LeaseNotFound(f"no lease {lease_id}", lease_id=lease_id)
        places = lease.recall(book.house(lease.performance_id))
        store.write(session, book)
        outbox.record(session, "inventory.lease.recalled.v1", event(lease, places))
        telemetry.log().warning("lease_recalled", lease_id=lease_id, till_id=lease.till_id, places=places)
        return answer(lease)

    return once(sessions, request, answer_type, work)


def once(sessions: Sessions, request: Message, answer_type: type[Answer], work: Callable[[Session], Answer]) -> Answer:
    """Work, or give the first call's answer. A twin that loses the race for the key finds it at its second look."""
    for last in (False, True):
        try:
            with sessions.begin() as session:
                earlier = requests.earlier_answer(session, request, answer_type)
                if earlier is None:
                    earlier = work(session)
                    requests.remember(session, request, earlier)
                return earlier
        except IntegrityError:
            if last:
                raise
    raise AssertionError("the last attempt returns or raises")


def _check(till_id: str, reports: Sequence[LeaseReport], wishes: Sequence[LeaseWish]) -> None:
    short("till_id", till_id, 64, 1)
    at_most("holdings", reports, 5000)
    at_most("wishes", wishes, 500)
    for i, told in enumerate(reports):
        identity(f"holdings[{i}].lease_id", told.lease_id)
        number(f"holdings[{i}].used", told.used, 0, 1_000_000)
        number(f"holdings[{i}].returned", told.returned, 0, 1_000_000)
        at_most(f"holdings[{i}].returned_seats", told.returned_seats, 5000)
        at_most(f"holdings[{i}].sold_seats", told.sold_seats, 5000)
    for i, wish in enumerate(wishes):
        identity(f"wishes[{i}].performance_id", wish.performance_id)
        number(f"wishes[{i}].left", wish.left, 1, 500)
        number(f"wishes[{i}].needed", wish.needed, 0, 500)
        at_most(f"wishes[{i}].categories", wish.categories, 50)
        at_most(f"wishes[{i}].named_seats", wish.named_seats, 200)
