"""Places that were sold twice: seen by who may see orders, decided by who may give money back (domain 5.6).

A decision is sealed in the journal before it is kept here; repeating its request finishes what a crash has left undone.
"""

import base64
import binascii
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session, sessionmaker

from kit import telemetry
from kit.auth import Caller
from kit.errors import DomainError, FieldInvalid
from orders import conflicts, gates, store
from orders.clients import Accounts, Cashdesk, Catalog, Inventory
from orders.conflicts import Judgement
from orders.domain.basket import check_uuid
from orders.domain.conflict import (
    Act,
    Claim,
    Conflict,
    ConflictKind,
    ConflictState,
    Decision,
    TicketId,
    most_accepted,
    movers,
    seat_words,
)
from orders.domain.errors import BeyondTolerance, ConflictNotFound, NothingToDecide
from orders.domain.order import Place
from orders.usecases.keep import Issuer
from titles import Cause, Revocation

VIEW, DECIDE = "orders.view", "orders.refund"
MAX_PAGE, DEFAULT_PAGE, MOST_SEATS = 200, 50, 12


@dataclass(frozen=True)
class Found:
    """A page of conflicts, newest first, and how many there are in each state; the token is empty at the end."""

    conflicts: list[Conflict]
    counts: dict[ConflictState, int]
    next_page_token: str


@dataclass(frozen=True)
class ProposedSeat:
    """A free seat near the disputed one. `better`: of a dearer category, at no charge."""

    ordinal: int
    words: str
    better: bool


@dataclass(frozen=True)
class Proposal:
    """What may be decided, and whom it is about. `refusal`: why it cannot be now, with the facts."""

    decision: Decision
    ticket: TicketId | None = None
    seats: tuple[ProposedSeat, ...] = ()
    refusal: str = ""
    facts: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Wish:
    """What a person decides. `ticket`: who gives way; None: the last that was sealed. `to_seat`: 0 for the nearest."""

    request_id: str
    conflict_id: str
    decision: Decision
    ticket: TicketId | None
    to_seat: int
    reason: str


class ConflictDesk:
    """Where conflicts are seen and decided. `tolerance_bp`: how far beyond its capacity a house may go."""

    def __init__(
        self, sessions: sessionmaker[Session], catalog: Catalog, inventory: Inventory, cashdesk: Cashdesk,
        accounts: Accounts, issuer: Issuer, tolerance_bp: int = 0,
    ) -> None:  # fmt: skip
        self._sessions, self._catalog, self._inventory = sessions, catalog, inventory
        self._cashdesk, self._accounts, self._issuer = cashdesk, accounts, issuer
        self._tolerance_bp = tolerance_bp

    def find(
        self, caller: Caller, states: Collection[ConflictState], performance_id: str, page_size: int, page_token: str
    ) -> Found:
        """Raises FieldInvalid."""
        caller.require(VIEW)
        if not 0 <= page_size <= MAX_PAGE:
            raise FieldInvalid("page_size", f"must be 1 to {MAX_PAGE}, or 0 for {DEFAULT_PAGE}")
        if performance_id:
            check_uuid("performance_id", performance_id)
        limit = page_size or DEFAULT_PAGE
        before = _read_token(page_token) if page_token else None
        with self._sessions() as session:
            found = conflicts.find(session, states, performance_id, before, limit + 1)
            counts = conflicts.counts(session)
        more = len(found) > limit
        return Found(found[:limit], counts, _token(found[limit - 1]) if more else "")

    def get(self, caller: Caller, conflict_id: str) -> Conflict:
        """Raises ConflictNotFound, FieldInvalid."""
        caller.require(VIEW)
        check_uuid("conflict_id", conflict_id)
        with self._sessions() as session:
            return _found(session, conflict_id)

    def names(self, conflict: Conflict) -> dict[str, str]:
        """The cashiers of a conflict's sales by id, as far as accounts can be asked."""
        wanted = {claim.cashier_id for claim in conflict.claims if claim.cashier_id}
        try:
            people = self._accounts.people() if wanted else {}
        except DomainError as error:
            telemetry.log().warning("names_wait", reason=error.reason)
            return {}
        return {cashier_id: people[cashier_id] for cashier_id in wanted if cashier_id in people}

    def propose(self, caller: Caller, conflict_id: str) -> list[Proposal]:
        """What may be decided, the best first: another seat, a refund, everybody in. Raises ConflictNotFound,
        FieldInvalid, Unavailable."""
        conflict = self.get(caller, conflict_id)
        if conflict.state is not ConflictState.OPEN:
            return [Proposal(Decision.REOPEN)] if conflict.may_reopen else []
        proposals = []
        if conflict.kind is ConflictKind.SEAT:
            proposals += [self._another_seat(conflict, claim) for claim in movers(conflict)]
            refunds: list[Claim | None] = list(movers(conflict))
        else:
            refunds = [None]
        proposals += [Proposal(Decision.REFUND, claim.id if claim else None) for claim in refunds]
        if conflict.kind is ConflictKind.PLACES:
            proposals.append(self._everybody(conflict))
        return proposals

    def decide(self, caller: Caller, wish: Wish, now: datetime) -> Conflict:
        """Seal and carry out a decision, once by its request.

        Raises ConflictNotFound, ConflictSettled, NothingToDecide, BeyondTolerance, FieldInvalid, Unavailable, and what
        inventory refuses another seat with (NOT_ENOUGH_PLACES, SEAT_TAKEN).
        """
        caller.require(DECIDE)
        check_uuid("request_id", wish.request_id)
        check_uuid("conflict_id", wish.conflict_id)
        if not 3 <= len(wish.reason.strip()) <= 300:
            raise FieldInvalid("reason", "must have 3 to 300 characters")
        with self._sessions() as session:
            if conflicts.decided_by(session, wish.request_id) == wish.conflict_id:
                return _found(session, wish.conflict_id)
            conflict = _found(session, wish.conflict_id)
        if wish.decision is Decision.REOPEN:
            conflict.require_reopenable()
        else:
            conflict.require_open()
        match wish.decision:
            case Decision.RESEAT:
                return self._reseat(caller, conflict, wish, now)
            case Decision.REFUND:
                return self._refund(caller, conflict, wish)
            case Decision.ACCEPT:
                return self._accept(caller, conflict, wish)
            case Decision.REOPEN:
                return self._reopen(caller, conflict, wish)

    def open_count(self) -> float:
        """For the metric, asked at each scrape; not a number when the database does not answer."""
        try:
            with self._sessions() as session:
                counts = conflicts.counts(session)
        except SQLAlchemyError:
            return float("nan")
        return counts.get(ConflictState.OPEN, 0) + counts.get(ConflictState.REFUND, 0)

    # -- decisions

    def _reseat(self, caller: Caller, conflict: Conflict, wish: Wish, now: datetime) -> Conflict:
        if conflict.kind is not ConflictKind.SEAT:
            raise NothingToDecide("only numbered places have other seats", conflict_id=conflict.id)
        claim = conflict.claim(wish.ticket) if wish.ticket else movers(conflict)[0]
        assert claim.seat is not None
        plan = self._catalog.plan(claim.plan_version_id)
        categories = self._categories(conflict, claim)
        known = 0 <= wish.to_seat <= len(plan.seats)
        if wish.to_seat and not (known and plan.categories[wish.to_seat - 1] in categories):
            raise FieldInvalid("to_seat", "must be a seat of the same category or of a better one")
        self._issuer.ready()
        times = self._catalog.performance(conflict.performance_id).times
        found = self._inventory.reseat(wish.request_id, conflict.performance_id, claim, wish.to_seat, categories)
        seat = plan.seats[found - 1]
        fates = {other.id: "keeps" for other in conflict.living} | {claim.id: "reseated"}
        judged = self._seal(caller, conflict, wish, fates, {claim.id: seat_words(seat)})
        with self._sessions.begin() as session:
            if conflicts.decided_by(session, wish.request_id):
                return _found(session, conflict.id)
            conflicts.lock_tickets(session, fates)
            gates.lock(session)
            order = store.orders(session, [claim.order_id], with_tickets=False)[claim.order_id]
            line = next(one for one in order.lines if one.line == claim.line)
            ticket = replace(self._issuer.issue_one(session, Place(line, seat), times, now), replaces=claim.id)
            conflicts.replace_ticket(session, claim.id)
            store.add_tickets(session, [(claim.order_id, ticket)])
            conflicts.has_another_seat(session, claim.order_id, claim.line, claim.seat.ordinal)
            others = [other for other in conflict.living if other is not claim]
            if len(others) == 1:
                conflicts.keep_seat(session, others[0].id, [])
            details = {
                "ticket": list(claim.id), "seat": seat_words(seat), "now": [ticket.key_id, ticket.serial],
            }  # fmt: skip
            conflicts.note(session, conflict.id, Act.RESEATED, details, judged)
            gates.tell(session, [Revocation(Cause.DEAD, *claim.id)])
            if len(others) < 2:
                # What inventory says of the one who stays comes by its own way, and opens a conflict anew if it must.
                conflicts.settle(session, conflict.id)
                gates.dispute(session, {other.id: False for other in others} | {claim.id: False})
            else:
                conflicts.reconcile(session, [(conflict.performance_id, claim.seat.ordinal)], [], Act.RESEATED)
            return _found(session, conflict.id)

    def _refund(self, caller: Caller, conflict: Conflict, wish: Wish) -> Conflict:
        if conflict.kind is ConflictKind.PLACES:
            leaving = conflict.living
        else:
            leaving = [conflict.claim(wish.ticket) if wish.ticket else movers(conflict)[0]]
        if not leaving:
            raise NothingToDecide("nobody is left who could be refunded", conflict_id=conflict.id)
        gone = {claim.id for claim in leaving} | {claim.id for claim in conflict.living if claim.to_refund}
        fates = {claim.id: "refund" if claim.id in gone else "keeps" for claim in conflict.living}
        judged = self._seal(caller, conflict, wish, fates)
        with self._sessions.begin() as session:
            if conflicts.decided_by(session, wish.request_id):
                return _found(session, conflict.id)
            conflicts.lock_tickets(session, fates)
            gates.lock(session)
            staying = [claim for claim in conflict.living if claim.id not in gone]
            conflicts.to_refund(session, conflict.id, gone)
            if conflict.kind is ConflictKind.SEAT:
                conflicts.keep_seat(session, staying[0].id if len(staying) == 1 else None, gone)
            details = {"tickets": [list(claim.id) for claim in leaving]}
            conflicts.note(session, conflict.id, Act.REFUND_DECIDED, details, judged)
            gates.dispute(session, {claim.id: claim.id in gone or len(staying) > 1 for claim in conflict.living})
            return _found(session, conflict.id)

    def _accept(self, caller: Caller, conflict: Conflict, wish: Wish) -> Conflict:
        if conflict.kind is not ConflictKind.PLACES:
            raise NothingToDecide("two people do not sit on one seat", conflict_id=conflict.id)
        offered = self._everybody(conflict)
        if offered.refusal:
            refused = BeyondTolerance("more people than the house lets in")
            refused.facts = dict(offered.facts)
            raise refused
        places = len(conflict.living)
        fates = {claim.id: "keeps" for claim in conflict.living}
        judged = self._seal(caller, conflict, wish, fates)
        with self._sessions.begin() as session:
            if conflicts.decided_by(session, wish.request_id):
                return _found(session, conflict.id)
            gates.lock(session)
            first = conflict.living[0]
            conflicts.accept(session, first.order_id, first.line, places)
            conflicts.settle(session, conflict.id)
            conflicts.note(session, conflict.id, Act.ACCEPTED, {"places": places}, judged)
            gates.dispute(session, dict.fromkeys(fates, False))
            return _found(session, conflict.id)

    def _reopen(self, caller: Caller, conflict: Conflict, wish: Wish) -> Conflict:
        fates = {claim.id: "disputed" for claim in conflict.living}
        judged = self._seal(caller, conflict, wish, fates)
        with self._sessions.begin() as session:
            if conflicts.decided_by(session, wish.request_id):
                return _found(session, conflict.id)
            gates.lock(session)
            if conflict.kind is ConflictKind.PLACES:
                for order_id, line in {(claim.order_id, claim.line) for claim in conflict.claims}:
                    conflicts.accept(session, order_id, line, 0)
            conflicts.reopen(session, conflict.id)
            conflicts.note(session, conflict.id, Act.REOPENED, {}, judged)
            seats = {(conflict.performance_id, claim.seat.ordinal) for claim in conflict.claims if claim.seat}
            lines = {(claim.order_id, claim.line) for claim in conflict.claims if claim.seat is None}
            conflicts.reconcile(session, seats, lines, Act.FOUND)
            return _found(session, conflict.id)

    def _seal(
        self, caller: Caller, conflict: Conflict, wish: Wish, fates: dict[TicketId, str],
        now: dict[TicketId, str] | None = None,
    ) -> Judgement:  # fmt: skip
        orders = {claim.id: claim.order_id for claim in conflict.claims}
        till_number, sequence = self._cashdesk.decide(
            wish.request_id, conflict.id, wish.decision.value, caller.subject, caller.name, wish.reason.strip(),
            conflict.performance_id,
            [(*ticket, orders[ticket], fate, (now or {}).get(ticket, "")) for ticket, fate in fates.items()],
        )  # fmt: skip
        return Judgement(caller.subject, caller.name, wish.reason.strip(), wish.request_id, till_number, sequence)

    # -- proposals

    def _another_seat(self, conflict: Conflict, claim: Claim) -> Proposal:
        assert claim.seat is not None
        try:
            plan, categories = self._catalog.plan(claim.plan_version_id), self._categories(conflict, claim)
            found = self._inventory.suggest(conflict.performance_id, claim.seat.ordinal, categories, MOST_SEATS)
        except DomainError as error:
            return Proposal(Decision.RESEAT, claim.id, refusal=error.reason)
        seats = tuple(
            ProposedSeat(seat, seat_words(plan.seats[seat - 1]), plan.categories[seat - 1] != categories[0])
            for seat in found
        )
        return Proposal(Decision.RESEAT, claim.id, seats, "" if seats else "NOT_ENOUGH_PLACES")

    def _categories(self, conflict: Conflict, claim: Claim) -> list[str]:
        """Plan categories in which somebody may sit who has paid this: his own, then those that cost as much or more,
        the cheapest first."""
        assert claim.seat is not None
        own = self._catalog.plan(claim.plan_version_id).categories[claim.seat.ordinal - 1]
        codes = self._catalog.programme().codes
        priced = [
            (price.amount, codes[price.category_id])
            for price in self._catalog.performance(conflict.performance_id).prices
            if price.tariff_id == claim.tariff_id and price.category_id in codes
        ]
        return list(dict.fromkeys([own, *(code for amount, code in sorted(priced) if amount >= claim.price)]))

    def _everybody(self, conflict: Conflict) -> Proposal:
        total = self._inventory.capacity(conflict.performance_id)
        with self._sessions() as session:
            over = conflicts.accepted_of(session, conflict.performance_id) + len(conflict.living)
        most = most_accepted(total, self._tolerance_bp)
        facts = (("over", str(over)), ("most", str(most)), ("total", str(total)))
        return Proposal(Decision.ACCEPT, refusal="BEYOND_TOLERANCE" if over > most else "", facts=facts)


def _found(session: Session, conflict_id: str) -> Conflict:
    found = conflicts.get(session, conflict_id)
    if found is None:
        raise ConflictNotFound("no such conflict", conflict_id=conflict_id)
    return found


def _token(last: Conflict) -> str:
    return base64.urlsafe_b64encode(f"{last.opened_at.isoformat()} {last.id}".encode()).decode()


def _read_token(token: str) -> tuple[datetime, str]:
    try:
        opened_at, conflict_id = base64.urlsafe_b64decode(token.encode()).decode().split(" ")
        check_uuid("page_token", conflict_id)
        instant = datetime.fromisoformat(opened_at)
        if instant.tzinfo is None:
            raise ValueError(opened_at)
        return instant, conflict_id
    except (ValueError, binascii.Error, UnicodeError):
        raise FieldInvalid("page_token", "must come from the page before") from None
