"""Stock places: where articles lie, and who sells from there (O3)."""

from collections.abc import Callable
from typing import TypeVar

from google.protobuf.message import Message
from sqlalchemy.orm import Session, sessionmaker

from inventory import store
from inventory.domain import StockPlace
from inventory.domain.errors import MainStockPlace, StockPlaceNotEmpty
from inventory.usecases.checks import at_most, identity, short
from inventory.usecases.leases import once
from kit.auth import Caller

Sessions = sessionmaker[Session]
Answer = TypeVar("Answer", bound=Message)


def save_stock_place(
    sessions: Sessions,
    caller: Caller,
    request: Message,
    place: StockPlace,
    answer_type: type[Answer],
    answer: Callable[[StockPlace], Answer],
) -> Answer:
    """Make a place, rename it, or open it again. Raises FieldInvalid, StockPlaceNameTaken."""
    caller.require("inventory.manage")
    identity("place.place_id", place.place_id)
    short("place.name", place.name, 60, 1)
    at_most("place.points_of_sale", place.points_of_sale, 500)
    for i, point_of_sale in enumerate(place.points_of_sale):
        short(f"place.points_of_sale[{i}]", point_of_sale, 64, 1)
    wanted = StockPlace(place.place_id, place.name.strip(), tuple(sorted(set(place.points_of_sale))))

    def work(session: Session) -> Answer:
        store.save_place(session, wanted)
        return answer(wanted)

    return once(sessions, request, answer_type, work)


def close_stock_place(
    sessions: Sessions,
    caller: Caller,
    request: Message,
    place_id: str,
    answer_type: type[Answer],
    answer: Callable[[StockPlace], Answer],
) -> Answer:
    """Close an empty place; who sold from it sells from the main one. Raises StockPlaceNotEmpty and its like."""
    caller.require("inventory.manage")
    identity("place_id", place_id)
    if StockPlace(place_id, "").main:
        raise MainStockPlace("the main place stays open", place_id=place_id)

    def work(session: Session) -> Answer:
        articles = store.close_place(session, place_id)
        if articles:
            raise StockPlaceNotEmpty(f"{articles} articles lie there", place_id=place_id, articles=articles)
        (closed,) = (place for place in store.places(session) if place.place_id == place_id)
        return answer(closed)

    return once(sessions, request, answer_type, work)


def list_stock_places(sessions: Sessions, caller: Caller) -> list[StockPlace]:
    """The main one first, then by name, the closed ones last."""
    caller.require("inventory.view", "orders.sell")
    with sessions.begin() as session:
        return store.places(session)
