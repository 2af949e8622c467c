"""Other seats for sales whose own was sold twice (domain 5.6)."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TypeVar

from google.protobuf.message import Message
from sqlalchemy.orm import Session, sessionmaker

from inventory import store
from inventory.domain import SoldLine
from inventory.usecases.checks import at_most, identity, number
from inventory.usecases.leases import once
from inventory.usecases.seats import seat_status
from kit import telemetry
from kit.auth import Caller

Answer = TypeVar("Answer", bound=Message)
MOST_CATEGORIES, MOST_SEATS = 50, 50


def suggest_seats(
    sessions: sessionmaker[Session],
    caller: Caller,
    performance_id: str,
    seat: int,
    categories: Sequence[str],
    most: int,
) -> list[int]:
    """Free seats that stand in for one, the best first. Raises FieldInvalid, PerformanceUnknown, NotNumbered,
    PlanNotHereYet, SeatUnknown."""
    at_most("categories", categories, MOST_CATEGORIES)
    number("most", most, 1, MOST_SEATS)
    _, seats = seat_status(sessions, caller, performance_id)
    return seats.near(seat, categories, most)


def reseat(
    sessions: sessionmaker[Session], caller: Caller, request: Message, sold: SoldLine, categories: Sequence[str],
    to: int, answer_type: type[Answer], answer: Callable[[int], Answer],
) -> Answer:  # fmt: skip
    """A sale leaves one seat for another; whoever waits for the seat that it leaves has it at once.

    Asked again for a seat that it has left, it answers with the seat that it has. Services only. Raises FieldInvalid,
    NotYourSeat, NotEnoughPlaces, SeatTaken, SeatUnknown, and what `Book.house` refuses with.
    """
    caller.require_service()
    identity("performance_id", sold.performance_id)
    identity("order_id", sold.order_id)
    at_most("categories", categories, MOST_CATEGORIES)

    def work(session: Session) -> Answer:
        book = store.opened(
            session, performances=[sold.performance_id], exchanged=[sold.hold_id] if sold.hold_id else [],
            leases=[sold.lease_id] if sold.lease_id else [],
        )  # fmt: skip
        (seat,), key = sold.seats, (sold.order_id, sold.line)
        moves = store.seat_moves(session, [key]).get(key, {})
        sealed = next((was for was, now_seat in moves.items() if now_seat == seat), seat)
        if sealed == seat and seat in moves:
            return answer(moves[seat])
        owners = store.seat_owners(session, [sold]).get(key, {})
        found = book.reseat(sold if sealed == seat else replace(sold, lease_id="", hold_id=""), owners, categories, to)
        store.note_move(session, sold, sealed, found)
        store.write(session, book)
        telemetry.log().warning("reseated", order_id=sold.order_id, line=sold.line, seat=seat, now_seat=found)
        return answer(found)

    return once(sessions, request, answer_type, work)
