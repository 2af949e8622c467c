"""Seats of numbered performances: where each stands, and those that people take out of sale."""

import uuid
from collections.abc import Callable, Sequence
from typing import TypeVar

from google.protobuf.message import Message
from sqlalchemy.orm import Session, sessionmaker

from inventory import store
from inventory.domain.errors import BlockNotFound, ContingentNotFound, NotNumbered, PerformanceUnknown, PlanNotHereYet
from inventory.domain.seats import SeatMap
from inventory.usecases.checks import at_most, identity, number, short
from inventory.usecases.leases import once
from kit.auth import Caller
from kit.errors import FieldInvalid
from seating import MOST_CONTINGENTS, SeatState

Sessions = sessionmaker[Session]
Answer = TypeVar("Answer", bound=Message)
MOST_BLOCKED = 5_000
BLOCKS = (SeatState.HOUSE, SeatState.KILLED)


def seat_status(sessions: Sessions, caller: Caller, performance_id: str) -> tuple[str, SeatMap]:
    """The plan version and its seats. Raises FieldInvalid, PerformanceUnknown, NotNumbered, PlanNotHereYet."""
    caller.require("inventory.view", "orders.sell", "inventory.lease")
    identity("performance_id", performance_id)
    with sessions.begin() as session:
        found = store.status(session, performance_id)
    if found is None:
        raise PerformanceUnknown("no such performance", performance_id=performance_id)
    plan_version_id, seats = found
    if plan_version_id is None:
        raise NotNumbered("this performance has no numbered seats", performance_id=performance_id)
    if seats is None:
        raise PlanNotHereYet("the plan of this performance is on its way", performance_id=performance_id)
    return plan_version_id, seats


def block_seats(
    sessions: Sessions, caller: Caller, request: Message, performance_id: str, seats: Sequence[int],
    state: SeatState | None, reason: str, answer_type: type[Answer], answer: Callable[[str, int], Answer],
) -> Answer:  # fmt: skip
    """Take free seats out of sale, all or none, with the reason. Raises FieldInvalid, PerformanceUnknown, SeatTaken."""
    caller.require("inventory.manage")
    identity("performance_id", performance_id)
    at_most("seats", seats, MOST_BLOCKED)
    short("reason", reason, 300, 3)
    if state not in BLOCKS:
        raise FieldInvalid("kind", "must be house or killed")
    if not seats:
        raise FieldInvalid("seats", "must name at least one")

    def work(session: Session) -> Answer:
        book = _opened(session, performance_id)
        block_id = str(uuid.uuid4())
        book.block(performance_id, seats, block_id, state)
        store.add_block(session, block_id, performance_id, int(state), seats, reason, caller.subject)
        store.write(session, book)
        return answer(block_id, book.seats[performance_id].version)

    return once(sessions, request, answer_type, work)


def unblock_seats(
    sessions: Sessions, caller: Caller, request: Message, block_id: str, wanted: Sequence[int],
    answer_type: type[Answer], answer: Callable[[int], Answer],
) -> Answer:  # fmt: skip
    """Give seats of a block back to the sale, all when none is named. Raises FieldInvalid, BlockNotFound."""
    caller.require("inventory.manage")
    identity("block_id", block_id)
    at_most("seats", wanted, MOST_BLOCKED)

    def work(session: Session) -> Answer:
        found = store.block(session, block_id)
        if found is None:
            raise BlockNotFound(f"no block {block_id} stands", block_id=block_id)
        performance_id, _ = found
        book = _opened(session, performance_id)
        found = store.block(session, block_id)  # under the lock: somebody may have been faster
        if found is None:
            raise BlockNotFound(f"no block {block_id} stands", block_id=block_id)
        standing = found[1]
        freed = sorted(set(wanted)) or standing
        if not set(freed) <= set(standing):
            raise FieldInvalid("seats", "must be seats of this block")
        book.unblock(performance_id, freed, block_id)
        store.shrink_block(session, block_id, [seat for seat in standing if seat not in set(freed)])
        store.write(session, book)
        return answer(book.seats[performance_id].version)

    return once(sessions, request, answer_type, work)


def assign_seats(
    sessions: Sessions, caller: Caller, request: Message, performance_id: str, into: int, seats: Sequence[int],
    answer_type: type[Answer], answer: Callable[[int], Answer],
) -> Answer:  # fmt: skip
    """Put seats into a contingent, or back into the general sale. Raises SeatUnknown, ContingentNotFound."""
    caller.require("inventory.manage")
    identity("performance_id", performance_id)
    at_most("seats", seats, MOST_BLOCKED)
    number("number", into, 0, MOST_CONTINGENTS)

    def work(session: Session) -> Answer:
        book = _opened(session, performance_id)
        seat_map = book.seats[performance_id]
        contingent = seat_map.pools.contingents.get(into)
        if into and contingent is None:
            raise ContingentNotFound(f"no contingent {into}", performance_id=performance_id, number=into)
        came = seat_map.assign(seats, into)
        if contingent is not None:  # places whose seats were not said yet have their seats now
            contingent.places = max(contingent.taken, contingent.places - came)
        store.write(session, book)
        return answer(seat_map.version)

    return once(sessions, request, answer_type, work)


def _opened(session: Session, performance_id: str) -> store.OpenBook:
    """Raises PerformanceUnknown, NotNumbered, PlanNotHereYet."""
    book = store.opened(session, performances=[performance_id])
    _ = book.house(performance_id).seats
    return book
