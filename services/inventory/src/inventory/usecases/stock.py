"""Stock: what people do with it, each movement with its cause (O3), and when they want to be told (O5)."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from google.protobuf.message import Message
from sqlalchemy.orm import Session, sessionmaker

from inventory import store
from inventory.domain import MAIN_PLACE, Act, Cause, Shelf, Shelves, StockLevel, StockState
from inventory.usecases.checks import at_most, identity, number, short
from inventory.usecases.leases import once
from kit.auth import Caller
from kit.errors import FieldInvalid

Sessions = sessionmaker[Session]
Answer = TypeVar("Answer", bound=Message)
BY_HAND = (Cause.RECEIVED, Cause.CORRECTED, Cause.RETURNED, Cause.LOST, Cause.BROKEN)
GONE = (Cause.LOST, Cause.BROKEN)
MOST, MOST_COUNTED, MOST_ARTICLES = 100_000, 1_000_000, 500
NEWEST = 2**63 - 1


def move_stock(
    sessions: Sessions,
    caller: Caller,
    request: Message,
    shelf: Shelf,
    quantity: int,
    cause: int,
    note: str,
    answer_type: type[Answer],
    answer: Callable[[StockLevel], Answer],
) -> Answer:
    """Put articles on a shelf or take them off. An article may be received before its catalogue event comes.

    Raises FieldInvalid: sales are counted from the journal, never by hand, and what is received, lost or broken is more
    than nothing.
    """
    if cause not in BY_HAND:
        caller.require("inventory.manage")
        raise FieldInvalid("cause", "must be received, corrected, returned, lost or broken")
    least = -MOST if cause == Cause.CORRECTED else 1
    signed = -quantity if cause in GONE else quantity

    def work(stock: Shelves, act: Act) -> Answer:
        return answer(stock.move(_usual(shelf), signed, Cause(cause), act))

    def check() -> None:
        number("quantity", quantity, least, MOST)
        if not quantity:
            raise FieldInvalid("quantity", "must not be 0")

    return _do(sessions, caller, request, [shelf], note, check, answer_type, work)


def transfer_stock(
    sessions: Sessions,
    caller: Caller,
    request: Message,
    source: Shelf,
    to_place_id: str,
    quantity: int,
    note: str,
    answer_type: type[Answer],
    answer: Callable[[StockLevel, StockLevel], Answer],
) -> Answer:
    """Carry articles from one place to another. Raises FieldInvalid, NotEnoughStock."""
    there = _usual(source._replace(place_id=to_place_id))

    def check() -> None:
        number("quantity", quantity, 1, MOST)
        if there == _usual(source):
            raise FieldInvalid("to_place_id", "must be another place")

    def work(stock: Shelves, act: Act) -> Answer:
        return answer(*stock.transfer(_usual(source), there.place_id, quantity, act))

    return _do(sessions, caller, request, [source, there], note, check, answer_type, work)


def count_stock(
    sessions: Sessions,
    caller: Caller,
    request: Message,
    shelf: Shelf,
    counted: int,
    note: str,
    answer_type: type[Answer],
    answer: Callable[[StockLevel, int], Answer],
) -> Answer:
    """Believe what was counted: the difference is a correction. Raises FieldInvalid."""

    def work(stock: Shelves, act: Act) -> Answer:
        return answer(*stock.count(_usual(shelf), counted, act))

    return _do(
        sessions, caller, request, [shelf], note, lambda: number("counted", counted, 0, MOST_COUNTED), answer_type, work
    )


def save_threshold(
    sessions: Sessions,
    caller: Caller,
    request: Message,
    shelf: Shelf,
    threshold: int | None,
    answer_type: type[Answer],
    answer: Callable[[StockLevel], Answer],
) -> Answer:
    """From how few on an article of a place is low; None: never. Raises FieldInvalid."""

    def check() -> None:
        if threshold is not None:
            number("threshold", threshold, 0, MOST)

    def work(stock: Shelves, act: Act) -> Answer:
        level = stock.levels[_usual(shelf)]
        level.threshold = threshold
        return answer(level)

    return _do(sessions, caller, request, [shelf], "", check, answer_type, work)


def list_stock(
    sessions: Sessions,
    caller: Caller,
    by_place: bool,
    place_id: str,
    product_ids: Sequence[str],
    states: Sequence[int],
    watched: bool,
    limit: int,
) -> list[StockLevel]:
    """Levels by article, option and place, or their sums over the places. Raises FieldInvalid."""
    caller.require("inventory.view", "orders.sell")
    if place_id:
        identity("place_id", place_id)
    at_most("product_ids", product_ids, MOST_ARTICLES)
    ids = [identity(f"product_ids[{i}]", value) for i, value in enumerate(product_ids)]
    number("limit", limit, 0, MOST_COUNTED)
    if (states or watched) and not by_place:
        raise FieldInvalid("by_place", "must be set: states and thresholds are those of a place")
    if not {*states} <= {*StockState}:
        raise FieldInvalid("states", "names a state that there is not")
    with sessions.begin() as session:
        if by_place:
            return store.levels(session, place_id, ids, states, watched, limit)
        return store.sums(session, place_id, ids, limit)


def list_movements(
    sessions: Sessions, caller: Caller, product_id: str, option: str, place_id: str, page_size: int, page_token: str
) -> tuple[list[store.Recorded], str]:
    """The newest movements first, and the next page's token. Raises FieldInvalid."""
    caller.require("inventory.view")
    for name, value in (("product_id", product_id), ("place_id", place_id)):
        if value:
            identity(name, value)
    number("page_size", page_size, 0, 500)
    if page_token and not page_token.isdecimal():
        raise FieldInvalid("page_token", "is not one of ours")
    before, size = min(int(page_token or NEWEST), NEWEST), page_size or 100
    with sessions.begin() as session:
        found = store.movements(session, product_id, option, place_id, before, size + 1)
    return found[:size], str(found[size - 1].movement_id) if len(found) > size else ""


def _usual(shelf: Shelf) -> Shelf:
    """Who names no place means the main one."""
    return shelf if shelf.place_id else shelf._replace(place_id=MAIN_PLACE)


def _do(
    sessions: Sessions,
    caller: Caller,
    request: Message,
    named: Sequence[Shelf],
    note: str,
    check: Callable[[], None],
    answer_type: type[Answer],
    work: Callable[[Shelves, Act], Answer],
) -> Answer:
    """Work on these shelves, locked, in open places, once for each request."""
    caller.require("inventory.manage")
    shelves = [_usual(shelf) for shelf in named]
    for shelf in shelves:
        identity("place_id", shelf.place_id)
        identity("product_id", shelf.product_id)
        short("option", shelf.option, 30)
    short("note", note, 300)
    check()
    act = Act(str(getattr(request, "request_id")), caller.subject, caller.name, note)  # noqa: B009 - built dynamically

    def in_transaction(session: Session) -> Answer:
        store.must_be_open(session, [shelf.place_id for shelf in shelves])
        store.shelve(session, shelves)
        book = store.opened(session, articles=shelves)
        answer = work(book.stock, act)
        store.write(session, book)
        return answer

    return once(sessions, request, answer_type, in_transaction)
