"""Holds: group-committed, so that a hot performance is locked once for all who wait, not once for each."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, sessionmaker

from inventory import store
from inventory.domain import MAIN_PLACE, Book, Hold, HoldWish, Shelf
from inventory.domain.errors import (
    LeavesOrphans,
    NotEnoughPlaces,
    NotEnoughStock,
    NoWheelchairSpace,
    QuotaReached,
    SeatsApart,
    SeatsNotTogether,
    SeatTaken,
    TooNear,
)
from inventory.usecases.checks import at_most, identity, number, short
from kit import telemetry
from kit.auth import Caller
from kit.errors import DomainError, FieldInvalid
from kit.group_commit import GroupCommit

MOST = 500
ATTEMPTS = 6
_SHORT = {
    error.reason
    for error in (
        LeavesOrphans, NotEnoughPlaces, NotEnoughStock, NoWheelchairSpace, QuotaReached, SeatsApart, SeatsNotTogether,
        SeatTaken, TooNear,
    )
}  # fmt: skip


@dataclass(frozen=True)
class HeldSeats:
    """Ordinals of a numbered line, and of those that it leaves alone."""

    performance_id: str
    seats: tuple[int, ...]
    orphans: tuple[int, ...]


@dataclass(frozen=True)
class Outcome:
    """What became of one hold: granted until, or the reason of the refusal with its facts."""

    hold_id: str
    held_until: datetime | None = None
    seats: tuple[HeldSeats, ...] = ()
    refusal: str = ""
    facts: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class _Command:
    now: datetime
    hold: Sequence[HoldWish] = ()
    extend: Sequence[str] = ()
    extend_until: datetime | None = None
    confirm: Sequence[str] = ()
    release: Sequence[str] = ()


class HoldDesk:
    """Where holds are made, confirmed and given back. One per process: its calls share transactions."""

    def __init__(self, sessions: sessionmaker[Session]) -> None:
        self._sessions = sessions
        # One group for all: two halve the groups, and a group costs more than its holds do.
        self._group: GroupCommit[_Command, list[Outcome]] = GroupCommit(self._work)

    def hold(self, caller: Caller, wishes: Sequence[HoldWish], now: datetime) -> list[Outcome]:
        """Make holds, each all or nothing and independent of the others. Raises FieldInvalid for a malformed one."""
        caller.require("orders.sell")
        at_most("holds", wishes, MOST)
        for i, wish in enumerate(wishes):
            _check(f"holds[{i}]", wish)
        return self._group.do(_Command(now, hold=wishes))

    def extend(self, caller: Caller, hold_ids: Sequence[str], until: datetime, now: datetime) -> list[Outcome]:
        """Let running holds last until then. Raises FieldInvalid."""
        caller.require("orders.sell")
        at_most("hold_ids", hold_ids, MOST)
        ids = [identity(f"hold_ids[{i}]", value) for i, value in enumerate(hold_ids)]
        return self._group.do(_Command(now, extend=ids, extend_until=until))

    def confirm(self, caller: Caller, hold_ids: Sequence[str], now: datetime) -> list[Outcome]:
        """Turn holds into sales; repeating is success. Raises FieldInvalid."""
        caller.require("orders.sell")
        at_most("hold_ids", hold_ids, MOST)
        ids = [identity(f"hold_ids[{i}]", value) for i, value in enumerate(hold_ids)]
        return self._group.do(_Command(now, confirm=ids))

    def release(self, caller: Caller, hold_ids: Sequence[str], now: datetime) -> None:
        """Give holds back; repeating, or an unknown one, is success. Raises FieldInvalid."""
        caller.require("orders.sell")
        at_most("hold_ids", hold_ids, MOST)
        ids = [identity(f"hold_ids[{i}]", value) for i, value in enumerate(hold_ids)]
        self._group.do(_Command(now, release=ids))

    def _work(self, commands: list[_Command]) -> list[list[Outcome]]:
        """All commands in one transaction; done again when another process made the same hold meanwhile."""
        expired: Sequence[str] = ()
        for left in reversed(range(ATTEMPTS)):
            try:
                with self._sessions.begin() as session:
                    book, answers = self._do(session, commands, expired)
                store.keep_seats(session, book.seats)
                for performance_id, seats in book.seats.items():
                    if seats.released_spaces:
                        telemetry.log().info(
                            "wheelchair_spaces_sold", performance_id=performance_id, seats=seats.released_spaces
                        )
                return answers
            except _InTheWay as found:
                expired = found.holds
            except (store.LostRace, IntegrityError):
                with self._sessions() as session:
                    store.forget_seats(session, _performances(commands))
                if not left:
                    raise
        raise AssertionError("the last attempt returns or raises")

    def _do(
        self, session: Session, commands: list[_Command], expired: Sequence[str]
    ) -> tuple[store.OpenBook, list[list[Outcome]]]:
        now = max(command.now for command in commands)
        wishes = [wish for command in commands for wish in command.hold]
        places = sorted({line.performance_id for wish in wishes for line in wish.lines if line.performance_id})
        named = [hold_id for x in commands for hold_id in (*x.extend, *x.confirm, *x.release)]
        named += [wish.replaces for wish in wishes if wish.replaces]
        exchanged = [given.hold_id for wish in wishes for given in wish.gives_back]
        sold = [(wish.buyer.point_of_sale_id, x) for wish in wishes for x in wish.lines if x.product_id]
        sells_from = store.selling_places(session, points_of_sale=[who for who, _ in sold])
        articles = [Shelf(sells_from.get(who, MAIN_PLACE), x.product_id, x.option) for who, x in sold]
        book = store.opened(
            session, performances=places, articles=articles, holds=(*named, *expired), exchanged=exchanged,
            new_holds=[wish.hold_id for wish in wishes],
        )  # fmt: skip
        book.stock.sells_from = sells_from
        book.expire(expired, now)
        answers = [_obey(book, command, now) for command in commands]
        # Only a shortage makes it worth a statement to look for them: else the reaper is soon enough.
        short = any(answer.refusal in _SHORT for of in answers for answer in of)
        if short and places and not expired and (late := store.expired_holds(session, now, places)):
            raise _InTheWay(late)
        store.write(session, book)
        return book, answers


class _InTheWay(Exception):
    """Expired holds keep places that are asked for: the transaction is done again, with their locks in order."""

    def __init__(self, holds: Sequence[str]) -> None:
        super().__init__("expired holds are in the way")
        self.holds = holds


def reap(sessions: sessionmaker[Session], now: datetime, limit: int = 200) -> int:
    """Free the holds whose time is up, the oldest first; gives their number. Sealed sales that lack places have those
    that the programme has opened since."""
    with sessions.begin() as session:
        expired, waiting = store.expired_holds(session, now, limit=limit), store.waiting_with_room(session)
        if not expired and not waiting:
            return 0
        book = store.opened(session, holds=expired, performances=waiting)
        count = book.expire(expired, now)
        store.write(session, book)
    store.keep_seats(session, book.seats)
    return count


def _obey(book: Book, command: _Command, now: datetime) -> list[Outcome]:
    answers = [_outcome(wish.hold_id, partial(book.hold, wish, now)) for wish in command.hold]
    until = command.extend_until or now
    answers += [_outcome(hold_id, partial(book.extend, hold_id, until)) for hold_id in command.extend]
    answers += [_outcome(hold_id, partial(book.confirm, hold_id, now)) for hold_id in command.confirm]
    for hold_id in command.release:
        book.release(hold_id)
    return answers


def _outcome(hold_id: str, act: Callable[[], Hold]) -> Outcome:
    try:
        hold = act()
        seats = tuple(HeldSeats(line.performance_id, line.seats, line.orphans) for line in hold.lines if line.seats)
        return Outcome(hold_id, hold.held_until, seats)
    except DomainError as refused:
        return Outcome(hold_id, refusal=refused.reason, facts=refused.facts)


def _check(path: str, wish: HoldWish) -> None:
    identity(f"{path}.hold_id", wish.hold_id)
    number(f"{path}.lines", len(wish.lines), 1, 200)
    for i, line in enumerate(wish.lines):
        where = f"{path}.lines[{i}]"
        if bool(line.performance_id) == bool(line.product_id):
            raise FieldInvalid(where, "must name a performance or a product, and not both")
        named = "performance_id" if line.performance_id else "product_id"
        identity(f"{where}.{named}", line.performance_id or line.product_id)
        number(f"{where}.quantity", line.quantity, 1, 1000)
        if line.seats and len(line.seats) != line.quantity:
            raise FieldInvalid(f"{where}.seats", f"names {len(line.seats)} seats for {line.quantity} places")
        number(f"{where}.wheelchairs", line.wheelchairs, 0, line.quantity)
        at_most(f"{where}.categories", line.categories, 50)
        at_most(f"{where}.prices", line.prices, 50)
        number(f"{where}.budget", line.budget, 0, 2**31 - 1)
    for field_name in ("channel", "point_of_sale_id", "partner"):
        short(f"{path}.buyer.{field_name}", getattr(wish.buyer, field_name), 64)
    if wish.replaces:
        identity(f"{path}.replaces", wish.replaces)
    _check_exchange(path, wish)


def _check_exchange(path: str, wish: HoldWish) -> None:
    at_most(f"{path}.gives_back", wish.gives_back, 200)
    seen = set()
    for i, given in enumerate(wish.gives_back):
        where = f"{path}.gives_back[{i}]"
        identity(f"{where}.hold_id", given.hold_id)
        identity(f"{where}.performance_id", given.performance_id)
        number(f"{where}.quantity", given.quantity, 1, 1000)
        if given.seats and len(given.seats) != given.quantity:
            raise FieldInvalid(f"{where}.seats", f"names {len(given.seats)} seats for {given.quantity} places")
        if (given.hold_id, given.performance_id) in seen:
            raise FieldInvalid(where, "names a hold and a performance that are named already")
        seen.add((given.hold_id, given.performance_id))


def _performances(commands: Sequence[_Command]) -> set[str]:
    return {line.performance_id for command in commands for wish in command.hold for line in wish.lines}
