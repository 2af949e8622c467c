"""A sealed sale becomes an order with its tickets: once, whoever brings it first."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy.orm import Session, sessionmaker

import titles
from kit import outbox, telemetry
from kit.errors import Unavailable
from orders import conflicts, gates, reservations, store
from orders.clients import Accounts
from orders.domain.conflict import Act
from orders.domain.order import (
    Order,
    Place,
    Sold,
    Ticket,
    Times,
    central_token,
    order_of,
    places,
    sealed_tickets,
    ticket_of,
)
from orders.messages import order_completed


class Issuer:
    """The central ticket key, from its 32-byte seed. It issues once accounts has certified it."""

    def __init__(self, sessions: sessionmaker[Session], accounts: Accounts, seed: bytes) -> None:
        self._sessions, self._accounts = sessions, accounts
        self._key = titles.load_private(seed)
        self._key_id: int | None = None

    def ready(self) -> int:
        """The key's id; asks accounts the first time ever, so not inside a transaction. Raises Unavailable."""
        if self._key_id is None:
            public_key = titles.public_bytes(self._key)
            with self._sessions() as session:
                key_id = store.ticket_key_id(session, public_key)
            if key_id is None:
                key_id = self._accounts.certify(public_key)
                with self._sessions.begin() as session:
                    store.add_ticket_key(session, key_id, public_key)
            self._key_id = key_id
        return self._key_id

    def issue(
        self, session: Session, sold: Sequence[Sold], times: Mapping[str, Times]
    ) -> dict[str, tuple[Ticket, ...]]:
        """Tickets for each place of these sales, by order; serials follow each other without gap (LAW-12)."""
        found = [(one, place) for one in sold for place in places(one.sale)]
        if not found:
            return {}
        if self._key_id is None:
            raise Unavailable("the ticket key is not certified yet")
        serial = store.take_serials(session, self._key_id, len(found))
        issued: dict[str, list[Ticket]] = {}
        for one, place in found:
            token = central_token(place, self._key_id, serial, times.get(place.line.performance_id or ""), one.at)
            ticket = ticket_of(place, self._key_id, serial, titles.issue(token, self._key))
            issued.setdefault(one.sale.order_id, []).append(ticket)
            serial += 1
        return {order_id: tuple(tickets) for order_id, tickets in issued.items()}

    def issue_one(self, session: Session, place: Place, times: Times | None, at: datetime) -> Ticket:
        """One ticket more for a place of an order that is kept, issued at `at`. `ready` was called before."""
        if self._key_id is None:
            raise Unavailable("the ticket key is not certified yet")
        serial = store.take_serials(session, self._key_id, 1)
        token = central_token(place, self._key_id, serial, times, at)
        return ticket_of(place, self._key_id, serial, titles.issue(token, self._key))

    def sign_delta(self, entries: Sequence[titles.Revocation], after: int, now: datetime) -> bytes:
        """What follows entry `after` of the list of revocations, for gates. Raises Unavailable."""
        return titles.sign_delta(entries, after, now, self.ready(), self._key)


def keep_orders(
    session: Session, issuer: Issuer, sold: Sequence[Sold], known_times: Mapping[str, Times]
) -> dict[str, Order]:
    """Keep the sales that are not kept yet, issue what no till has issued, tell it; the answer holds the new orders.

    `known_times`: of performances, by whoever knows them already; the others are looked for here.
    """
    new = store.add_orders(session, sold) if sold else []
    if not new:
        return {}
    to_issue = [one for one in new if one.is_virtual and not one.sale.tickets]
    performances = {line.performance_id for one in to_issue for line in one.sale.lines if line.performance_id}
    times = {**store.performance_times(session, performances - set(known_times)), **known_times}
    issued = issuer.issue(session, to_issue, times)
    orders = {
        one.sale.order_id: order_of(one, issued.get(one.sale.order_id) or sealed_tickets(one.sale)) for one in new
    }
    tickets = [(order.id, ticket) for order in orders.values() for ticket in order.tickets]
    by_tills = {
        ticket.token: ticket.key_id for one in new if not one.is_virtual for ticket in orders[one.sale.order_id].tickets
    }
    clashes = store.add_tickets(session, tickets) if tickets else store.Clashes()
    if clashes.seats:
        gates.lock(session)  # at once for whatever follows: a share that grows embraces another one's
    if by_tills:
        gates.vouch_for_late(session, by_tills)
    # The money stands all the same; two tickets of one seat are for a person to decide (domain 5.6).
    late = list(clashes.seats)
    if clashes.numbers:
        late += _instead(session, issuer, orders, clashes.numbers)
    taken = {(ticket.performance_id, ticket.seat.ordinal) for _, ticket in late if ticket.seat}
    conflicts.reconcile(session, taken, [], Act.CLAIMED)
    # Files that a till took the money of; a Checkout never pays one.
    paid = {
        line.hold_id: one.sale.order_id for one in new if not one.is_virtual for line in one.sale.lines if line.hold_id
    }
    reservations.complete(session, paid)
    outbox.record_all(session, "orders.order.completed.v1", [order_completed(order) for order in orders.values()])
    return orders


def _instead(
    session: Session, issuer: Issuer, orders: dict[str, Order], clashes: Sequence[tuple[str, Ticket]]
) -> list[tuple[str, Ticket]]:
    """Two copies of a till have given one number to two tickets (fork): the second paper is not lost, but has none.

    A central ticket stands in for it, and gates send both bearers to the box office until the till has ended: from then
    on the first one opens, and the other is printed anew. Changes `orders`; gives those whose seat is taken.
    """
    kept = store.tokens_of(session, [(ticket.key_id, ticket.serial) for _, ticket in clashes])
    times = store.performance_times(session, {ticket.performance_id for _, ticket in clashes})
    made: list[tuple[str, Ticket]] = []
    for order_id, ticket in clashes:
        telemetry.log().error("ticket_number_taken", order_id=order_id, key_id=ticket.key_id, serial=ticket.serial)
        order = orders[order_id]
        line = next(one for one in order.lines if one.line == ticket.line)
        issued = issuer.issue_one(session, Place(line, ticket.seat), times.get(ticket.performance_id), order.sold_at)
        number = ticket.key_id, ticket.serial
        paper = ticket.token if kept.get(number) != ticket.token else None
        new = replace(issued, paper=number, paper_token=paper)
        made.append((order_id, new))
        orders[order_id] = replace(order, tickets=tuple(new if one is ticket else one for one in order.tickets))
    late = store.add_tickets(session, made).seats
    gates.dispute(session, {(ticket.key_id, ticket.serial): True for _, ticket in clashes})
    return list(late)
