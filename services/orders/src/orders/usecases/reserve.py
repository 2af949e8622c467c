"""Reserved files: made, found, prolonged, cancelled, and paid at a till (A6, F4)."""

import base64
import binascii
import threading
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from sqlalchemy.orm import Session, sessionmaker

from kit import telemetry
from kit.auth import Caller
from kit.clock import now as clock
from kit.errors import DomainError, FieldInvalid, RequestReused
from orders import reservations
from orders.clients import Catalog, Inventory
from orders.domain.basket import Basket, check_uuid, quote
from orders.domain.errors import ReservationNotFound
from orders.domain.reservation import (
    CLAIM,
    KEPT_FOR_UPLOAD,
    Buyer,
    Reservation,
    ReservationState,
    check_due,
    check_note,
    understand,
)
from orders.usecases.checkout import asked

SELL, VIEW, TILL = "orders.sell", "orders.view", "orders.reserved"
MAX_PAGE, DEFAULT_PAGE, MAX_TEXT = 500, 50, 200
SWEEP_SECONDS, MOST_SWEPT = 30.0, 200


@dataclass(frozen=True)
class Found:
    """A page of files, newest first; `next_page_token` is empty at the end."""

    reservations: list[Reservation]
    next_page_token: str


class ReservationDesk:
    """Where reserved files are kept."""

    def __init__(self, sessions: sessionmaker[Session], catalog: Catalog, inventory: Inventory) -> None:
        self._sessions, self._catalog, self._inventory = sessions, catalog, inventory

    def reserve(
        self, caller: Caller, basket: Basket, buyer: Buyer, note: str, due_at: datetime, now: datetime
    ) -> Reservation:
        """Hold the places and open the file. A repeated request_id gives the first answer.

        Raises the refusals of `domain.basket.quote` and of inventory, FieldInvalid, RequestReused, Unavailable.
        """
        caller.require(SELL)
        check_note(note)
        if kept := self._kept(basket.request_id):
            if (kept.buyer, kept.note, kept.due_at) != (buyer, note, due_at):
                raise RequestReused(f"request {kept.id} was already used for another file", request_id=kept.id)
            return kept
        priced = quote(*asked(self._catalog, caller, basket, now))
        check_due(due_at, min((times.starts_at for times in priced.times.values()), default=None), now)
        sale = priced.seated(self._inventory.option(priced, due_at, now))
        with self._sessions.begin() as session:
            it = Reservation(
                basket.request_id, reservations.next_number(session), basket.channel, ReservationState.OPEN, buyer,
                note, now, caller.subject, due_at, sale.currency, sale.total, sale.lines, basket.hold_id,
            )  # fmt: skip
            if reservations.add(session, it):
                return it
        return self.get(caller, basket.request_id)  # a twin was first

    def get(self, caller: Caller, reservation_id: str) -> Reservation:
        """Raises ReservationNotFound, FieldInvalid."""
        caller.require(VIEW, TILL, SELL)
        check_uuid("reservation_id", reservation_id)
        return self._kept(reservation_id) or _missing(reservation_id)

    def search(
        self, caller: Caller, text: str, states: Collection[ReservationState], page_size: int, page_token: str
    ) -> Found:
        """Raises FieldInvalid."""
        caller.require(VIEW, TILL)
        if len(text) > MAX_TEXT:
            raise FieldInvalid("text", f"must be at most {MAX_TEXT} characters")
        if not 0 <= page_size <= MAX_PAGE:
            raise FieldInvalid("page_size", f"must be 1 to {MAX_PAGE}, or 0 for {DEFAULT_PAGE}")
        limit = page_size or DEFAULT_PAGE
        before = _read_token(page_token) if page_token else None
        with self._sessions() as session:
            found = reservations.search(session, understand(text), states, before, limit + 1)
        return Found(found[:limit], _token(found[limit - 1]) if len(found) > limit else "")

    def prolong(self, caller: Caller, reservation_id: str, due_at: datetime, now: datetime) -> Reservation:
        """Another date, later or sooner. Raises ReservationNotFound, ReservationEnded, FieldInvalid, HoldExpired."""
        caller.require(SELL)
        known = self.get(caller, reservation_id)
        known.require_open(now)
        starts = [self._catalog.performance(line.performance_id).times.starts_at
                  for line in known.lines if line.performance_id]  # fmt: skip
        check_due(due_at, min(starts, default=None), now)
        self._inventory.prolong_option(known.hold_id, due_at, now)

        def longer(it: Reservation) -> Reservation:
            it.require_open(now)
            return replace(it, due_at=due_at)

        return self._change(reservation_id, longer)

    def cancel(self, caller: Caller, reservation_id: str, reason: str, now: datetime) -> Reservation:
        """Give the places back. Raises ReservationNotFound, ReservationEnded, ReservationBeingPaid, FieldInvalid."""
        caller.require(SELL)
        if len(reason) > MAX_TEXT:
            raise FieldInvalid("reason", f"must be at most {MAX_TEXT} characters")

        def end(it: Reservation) -> Reservation:
            if it.state is ReservationState.CANCELLED:
                return it
            it.require_open(now)
            it.require_unclaimed(None, now)
            return replace(it, state=ReservationState.CANCELLED, ended_reason=reason)

        ended = self._change(reservation_id, end)
        self._release([ended.hold_id])
        return ended

    def claim(self, caller: Caller, reservation_id: str, till_id: str, now: datetime) -> Reservation:
        """The file is this till's, to take its money. Raises ReservationNotFound, ReservationEnded,
        ReservationBeingPaid, HoldExpired, Unavailable."""
        caller.require(TILL)
        caller.require_till(till_id)

        def take(it: Reservation) -> Reservation:
            it.require_open(now)
            it.require_unclaimed(till_id, now)
            return replace(it, claimed_by=till_id, claimed_until=now + CLAIM)

        claimed = self._change(reservation_id, take)
        try:
            self._inventory.prolong_option(claimed.hold_id, max(claimed.due_at, now + KEPT_FOR_UPLOAD), now)
        except DomainError:
            self._change(reservation_id, partial(_left_by, till_id))
            raise
        return claimed

    def unclaim(self, caller: Caller, reservation_id: str, till_id: str) -> None:
        """Another till may take it. Raises ReservationNotFound."""
        caller.require(TILL)
        caller.require_till(till_id)
        self._change(reservation_id, partial(_left_by, till_id))

    def expire(self, now: datetime) -> int:
        """End the files past their date and give their places back; how many."""
        with self._sessions.begin() as session:
            late = reservations.late(session, now, MOST_SWEPT)
            for it in late:
                reservations.save(session, replace(it, state=ReservationState.EXPIRED))
        if late:
            self._release([it.hold_id for it in late])
        return len(late)

    def sweep(self, stop: threading.Event) -> None:
        """End late files until `stop`."""
        while not stop.is_set():
            try:
                more = self.expire(clock()) == MOST_SWEPT
            except DomainError as error:
                more = False
                telemetry.log().warning("late_files_wait", reason=error.reason)
            if not more:
                stop.wait(SWEEP_SECONDS)

    def _kept(self, reservation_id: str) -> Reservation | None:
        with self._sessions() as session:
            return reservations.get(session, reservation_id)

    def _change(self, reservation_id: str, change: Callable[[Reservation], Reservation]) -> Reservation:
        check_uuid("reservation_id", reservation_id)
        with self._sessions.begin() as session:
            it = reservations.get(session, reservation_id, lock=True) or _missing(reservation_id)
            changed = change(it)
            reservations.save(session, changed)
            return changed

    def _release(self, hold_ids: list[str]) -> None:
        try:
            self._inventory.release(hold_ids)
        except DomainError as error:  # they end by themselves at the file's date
            telemetry.log().warning("holds_left_to_expire", holds=len(hold_ids), reason=error.reason)


def _left_by(till_id: str, it: Reservation) -> Reservation:
    return replace(it, claimed_by=None, claimed_until=None) if it.claimed_by == till_id else it


def _missing(reservation_id: str) -> Reservation:
    raise ReservationNotFound("no such file is reserved", reservation_id=reservation_id)


def _token(last: Reservation) -> str:
    return base64.urlsafe_b64encode(f"{last.created_at.isoformat()} {last.id}".encode()).decode()


def _read_token(token: str) -> tuple[datetime, str]:
    try:
        created_at, reservation_id = base64.urlsafe_b64decode(token.encode()).decode().split(" ")
        check_uuid("page_token", reservation_id)
        return datetime.fromisoformat(created_at), reservation_id
    except (ValueError, binascii.Error, UnicodeError):
        raise FieldInvalid("page_token", "must come from the page before") from None
