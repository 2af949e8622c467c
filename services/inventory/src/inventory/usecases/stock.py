"""Stock: received and corrected by people, each movement with its cause (O3)."""

from collections.abc import Callable
from typing import TypeVar

from google.protobuf.message import Message
from sqlalchemy.orm import Session, sessionmaker

from inventory import store
from inventory.domain import Cause, Movement, StockLevel
from inventory.usecases.checks import identity, number, short
from inventory.usecases.leases import once
from kit.auth import Caller
from kit.errors import FieldInvalid

Sessions = sessionmaker[Session]
Answer = TypeVar("Answer", bound=Message)
BY_HAND = (Cause.RECEIVED, Cause.CORRECTED, Cause.RETURNED)


def move_stock(
    sessions: Sessions,
    caller: Caller,
    request: Message,
    article: tuple[str, str],
    quantity: int,
    cause: int,
    note: str,
    answer_type: type[Answer],
    answer: Callable[[StockLevel], Answer],
) -> Answer:
    """Put articles on the shelf or take them off. An article may be received before its catalogue event comes.

    Raises FieldInvalid: sales are counted from the journal, never by hand, and goods received are more than none.
    """
    caller.require("inventory.manage")
    product_id, option = identity("product_id", article[0]), article[1]
    short("option", option, 30)
    short("note", note, 300)
    if cause not in BY_HAND:
        raise FieldInvalid("cause", "must be received, corrected or returned")
    number("quantity", quantity, -100_000 if cause == Cause.CORRECTED else 1, 100_000)
    if not quantity:
        raise FieldInvalid("quantity", "must not be 0")

    def work(session: Session) -> Answer:
        store.shelve(session, [(product_id, option)])
        book = store.opened(session, articles=[(product_id, option)])
        level = book.stock[product_id, option]
        level.move(quantity)
        reference = str(getattr(request, "request_id"))  # noqa: B009 - messages are built dynamically
        book.movements.append(Movement(product_id, option, quantity, Cause(cause), reference, note))
        store.write(session, book)
        return answer(level)

    return once(sessions, request, answer_type, work)


def list_stock(sessions: Sessions, caller: Caller) -> list[StockLevel]:
    """Every article and option on the shelf."""
    caller.require("inventory.view", "orders.sell")
    with sessions.begin() as session:
        return store.levels(session)
