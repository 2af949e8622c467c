"""What others tell: sales and refunds that reached the journal, performances programmed, tills that ended."""

from collections.abc import Sequence
from datetime import UTC

from sqlalchemy.orm import Session

import ledger
import titles
from kit.consumer import Event, Subscription
from kit.errors import FieldInvalid, Unavailable
from orders import conflicts, gates, store
from orders.conflicts import Missing
from orders.domain.order import Times
from orders.messages import refund_from_event, sold_from_event
from orders.usecases.keep import Issuer, keep_orders
from orders.usecases.refund import keep_refunds
from ticketing.accounts.v1 import events_pb2 as accounts_events
from ticketing.cashdesk.v1 import events_pb2 as cashdesk_events
from ticketing.catalog.v1 import events_pb2 as catalog_events
from ticketing.inventory.v1 import events_pb2 as inventory_events


def subscriptions(issuer: Issuer) -> list[Subscription]:
    """What the orders core listens to."""

    def sales_recorded(session: Session, events: Sequence[Event]) -> None:
        """Every sealed sale becomes an order, exactly as sealed; those that Checkout has kept are left alone."""
        messages: list[cashdesk_events.SaleRecorded] = [event.message for event in events]  # type: ignore[misc]
        # Most web sales are kept by Checkout before their event comes: those need no second reading.
        known = store.kept_ids(session, [message.sale.order_id for message in messages])
        try:
            sold = [sold_from_event(message) for message in messages if message.sale.order_id not in known]
        except ledger.BadEntry as error:
            raise FieldInvalid(error.field, error.reason) from error
        keep_orders(session, issuer, sold, {})

    return [
        Subscription("orders-sales", "cashdesk.sale.recorded.v1", cashdesk_events.SaleRecorded, sales_recorded),
        Subscription(
            "orders-performances", "catalog.performance.scheduled.v1", catalog_events.PerformanceScheduled,
            performances_scheduled,
        ),
        Subscription(
            "orders-tickets-reissued", "cashdesk.ticket.reissued.v1", cashdesk_events.TicketReissued, tickets_reissued
        ),
        Subscription("orders-tills-revoked", "accounts.till.revoked.v1", accounts_events.TillRevoked, tills_revoked),
        Subscription(
            "orders-places-missing", "inventory.places.missing.v1", inventory_events.PlacesMissing, places_missing
        ),
        Subscription(
            "orders-refunds", "cashdesk.refund.recorded.v1", cashdesk_events.RefundRecorded, refunds_recorded
        ),
    ]  # fmt: skip


def tickets_reissued(session: Session, events: Sequence[Event]) -> None:
    """A ticket's newest barcode is the one that counts, here and at the gates."""
    messages: list[cashdesk_events.TicketReissued] = [event.message for event in events]  # type: ignore[misc]
    for message in sorted(messages, key=lambda one: (one.key_id, one.serial, one.reissue)):
        title = message.key_id, message.serial
        if not store.reissue(session, *title, message.reissue, message.token):
            raise Unavailable(f"the ticket {titles.human_code(*title)} has not been heard of yet")
        gates.supersede(session, *title, message.reissue, message.token)


def refunds_recorded(session: Session, events: Sequence[Event]) -> None:
    """Refunded tickets open nothing any more, and the order says what came back."""
    messages: list[cashdesk_events.RefundRecorded] = [event.message for event in events]  # type: ignore[misc]
    keep_refunds(session, [refund_from_event(message) for message in messages])


def places_missing(session: Session, events: Sequence[Event]) -> None:
    """Places of sealed sales that are not there, or have come since: what gates and managers must know (domain 5.6)."""
    messages: list[inventory_events.PlacesMissing] = [event.message for event in events]  # type: ignore[misc]
    wanted = {message.order_id for message in messages}
    if missing := wanted - store.kept_ids(session, wanted):
        raise Unavailable(f"the sale of order {min(missing)} has not been heard of yet")
    conflicts.note_missing(
        session,
        [
            Missing(it.order_id, it.line, it.performance_id, it.missing, tuple(it.seats), it.cause, it.revision)
            for it in messages
        ],
    )


def tills_revoked(session: Session, events: Sequence[Event]) -> None:
    """Gates believe an ended till's titles only when they are kept here (domain: keys)."""
    messages: list[accounts_events.TillRevoked] = [event.message for event in events]  # type: ignore[misc]
    gates.end_keys(session, {key_id for message in messages for key_id in message.ticket_key_ids})


def performances_scheduled(session: Session, events: Sequence[Event]) -> None:
    """When performances take place, for tickets that are issued when catalog cannot be asked."""
    # By id, as other workers of the same subscription do, so that they cannot deadlock.
    messages: list[catalog_events.PerformanceScheduled] = [event.message for event in events]  # type: ignore[misc]
    for message in sorted(messages, key=lambda one: one.performance.id):
        found = message.performance
        times = Times(found.starts_at.ToDatetime(tzinfo=UTC), found.ends_at.ToDatetime(tzinfo=UTC))
        store.save_times(session, found.id, times, found.revision)
