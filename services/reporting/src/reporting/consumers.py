"""What the others tell. Every handler takes a batch by few statements, and the same facts again change nothing."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from google.protobuf.timestamp_pb2 import Timestamp
from sqlalchemy.orm import Session

from kit.consumer import Event, Subscription
from kit.errors import FieldInvalid
from reporting.store import projections as store
from reporting.store import survey
from ticketing.accounts.v1 import events_pb2 as accounts
from ticketing.cashdesk.v1 import events_pb2 as cashdesk
from ticketing.catalog.v1 import events_pb2 as catalog
from ticketing.orders.v1 import events_pb2 as orders


def sale_recorded(session: Session, events: Sequence[Event]) -> None:
    """Sealed sales, counted once per order id. Raises FieldInvalid for one that does not add up."""
    store.keep_sales(session, [_sale(event.message) for event in events])


def refund_recorded(session: Session, events: Sequence[Event]) -> None:
    """Sealed refunds, counted once per refund id, on the day of the refund. Raises FieldInvalid."""
    store.keep_sales(session, [_refund(event.message) for event in events])


def survey_answered(session: Session, events: Sequence[Event]) -> None:
    """Answers of customers, added to their counts: of the single customer nothing is kept (B4)."""
    counts: Counter[survey.Said] = Counter()
    for message in _messages(events):
        day, shows = _day(message.business_on), tuple(sorted(set(message.show_ids)))
        counts.update(
            survey.Said(day, each.question_id, each.question, each.kind, each.answer, shows) for each in message.answers
        )
    survey.add(session, counts)


def order_completed(session: Session, events: Sequence[Event]) -> None:
    """Tickets that were issued centrally; those of a till are known from its sale."""
    tickets: list[store.Ticket] = []
    for event in events:
        message: Any = event.message
        order_id = _uuid(message.order_id)
        tickets += [store.Ticket(order_id, t.line, t.key_id, t.serial) for t in message.tickets]
    store.keep_tickets(session, tickets)


def float_opened(session: Session, events: Sequence[Event]) -> None:
    """A cashier's drawer for the day."""
    store.keep_openings(session, [
        (m.cash_float_id, m.till_id, m.till_number, m.cashier_id, _day(m.business_on), m.opening_total, _instant(m.at))
        for m in _messages(events)
    ])  # fmt: skip


def float_closed(session: Session, events: Sequence[Event]) -> None:
    """What was expected in it and what was counted; it may be told before the opening."""
    rows, modes = [], dict[str, list[tuple[Any, ...]]]()
    for m in _messages(events):
        rows.append((m.cash_float_id, m.till_id, m.cashier_id, _day(m.business_on), m.expected, m.counted, m.difference,
                     _instant(m.at), m.number, m.explanation))  # fmt: skip
        counted = [(m.cash_float_id, each.mode, each.expected, each.declared) for each in m.modes]
        modes.setdefault(m.cash_float_id, counted)
    store.keep_closings(session, rows, modes)


def cash_moved(session: Session, events: Sequence[Event]) -> None:
    """Cash that came into a drawer or left it without a sale."""
    store.keep_movements(session, [
        (m.movement_id, m.kind, m.number, m.cash_float_id, m.till_id, m.till_number, m.cashier_id, _day(m.business_on),
         m.amount)
        for m in _messages(events)
    ])  # fmt: skip


def performance_scheduled(session: Session, events: Sequence[Event]) -> None:
    """When and of which show; the date is the venue's."""
    performances, shows = [], []
    for m in _messages(events):
        starts_at = _instant(m.performance.starts_at)
        revision = m.performance.revision
        performances.append(
            (m.performance.id, m.performance.show_id, starts_at, starts_at.astimezone(_zone(m.zone)).date(), revision)
        )
        shows.append((m.performance.show_id, m.show_title, revision))
    store.keep_names(session, store.PERFORMANCES, performances)
    store.keep_names(session, store.SHOWS, shows)


def product_saved(session: Session, events: Sequence[Event]) -> None:
    """Of which family an article is."""
    store.keep_names(
        session, store.PRODUCTS, [(m.product.id, m.product.family, m.product.revision) for m in _messages(events)]
    )


def user_saved(session: Session, events: Sequence[Event]) -> None:
    """A user has no revision: the instant of telling orders the changes."""
    store.keep_names(
        session, store.USERS, [(event.message.user_id, event.message.name, _told_us(event)) for event in events]  # type: ignore[attr-defined]
    )  # fmt: skip


def till_enrolled(session: Session, events: Sequence[Event]) -> None:
    """A till's number and name; a later enrolment of the same till wins."""
    store.keep_names(
        session, store.TILLS,
        [(m.till_id, m.number, m.name, _microseconds(_instant(m.enrolled_at))) for m in _messages(events)],
    )  # fmt: skip


def _sale(message: Any) -> store.Sale:
    return _rows(message, message.sale, _uuid(message.sale.order_id), message.sale.order_number, "", ("", "", ""))


def _refund(message: Any) -> store.Sale:
    """A refund is a sale of less than nothing, on its own day."""
    refund = message.refund
    why = (refund.reason, refund.note, refund.authorised_by)
    return _rows(message, refund, _uuid(refund.refund_id), refund.refund_number, refund.original.order_number, why)


def _rows(message: Any, sealed: Any, key: str, number: str, refund_of: str, why: tuple[str, str, str]) -> store.Sale:
    """`why` a refund was made: reason, note and who gave leave."""
    net, vat = sum(line.net for line in sealed.lines), sum(line.vat for line in sealed.lines)
    if sealed.total != sum(line.total for line in sealed.lines) or sealed.total != net + vat:
        raise FieldInvalid("total", f"{number} ({key}): {sealed.total} is not the sum of its lines")
    if sealed.total != sum(payment.amount for payment in sealed.payments):
        raise FieldInvalid("payments", f"{number} ({key}): its payments are not {sealed.total}")
    return store.Sale(
        head=(key, number, message.till_id, message.till_number, message.sequence, _instant(message.at),
              _day(sealed.business_on), sealed.channel, sealed.cashier_id, sealed.currency, sealed.total, refund_of,
              sealed.cash_float_id, *why),
        lines=[(key, line.line, line.kind, line.performance_id, line.show_id, line.product_id, line.label,
                line.quantity, line.unit_price, line.total, line.vat_rate_bp, line.vat, line.net)
               for line in sealed.lines],
        payments=[(key, position, payment.mode, payment.amount, payment.reference)
                  for position, payment in enumerate(sealed.payments, 1)],
        tickets=[store.Ticket(key, t.line, t.key_id, t.serial) for t in sealed.tickets],
    )  # fmt: skip


def _messages(events: Sequence[Event]) -> list[Any]:
    return [event.message for event in events]


def _uuid(value: str) -> str:
    try:
        return str(UUID(value))
    except ValueError:
        raise FieldInvalid("order_id", f"{value!r} is no UUID") from None


def _instant(stamp: Timestamp) -> datetime:
    return stamp.ToDatetime(tzinfo=UTC)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise FieldInvalid("business_on", f"{text!r} is no date") from None


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise FieldInvalid("zone", f"{name!r} is no time zone") from None


def _told_us(event: Event) -> int:
    try:
        return _microseconds(datetime.fromisoformat(event.published_at_header))
    except ValueError:
        raise FieldInvalid("ce-time", f"{event.published_at_header!r} is no instant") from None


def _microseconds(at: datetime) -> int:
    return int(at.timestamp()) * 1_000_000 + at.microsecond


SUBSCRIPTIONS = (
    Subscription("reporting-sales", "cashdesk.sale.recorded.v1", cashdesk.SaleRecorded, sale_recorded, batch=500),
    Subscription(
        "reporting-refunds", "cashdesk.refund.recorded.v1", cashdesk.RefundRecorded, refund_recorded, batch=500
    ),
    Subscription(
        "reporting-survey", "cashdesk.survey.answered.v1", cashdesk.SurveyAnswered, survey_answered, batch=500
    ),
    Subscription("reporting-orders", "orders.order.completed.v1", orders.OrderCompleted, order_completed, batch=500),
    Subscription("reporting-floats-opened", "cashdesk.float.opened.v1", cashdesk.FloatOpened, float_opened),
    Subscription("reporting-floats-closed", "cashdesk.float.closed.v1", cashdesk.FloatClosed, float_closed),
    Subscription("reporting-cash-moved", "cashdesk.cash.moved.v1", cashdesk.CashMoved, cash_moved),
    Subscription(
        "reporting-performances", "catalog.performance.scheduled.v1", catalog.PerformanceScheduled,
        performance_scheduled, batch=500,
    ),
    Subscription("reporting-products", "catalog.product.saved.v1", catalog.ProductSaved, product_saved),
    Subscription("reporting-users", "accounts.user.saved.v1", accounts.UserSaved, user_saved),
    Subscription("reporting-tills", "accounts.till.enrolled.v1", accounts.TillEnrolled, till_enrolled),
)  # fmt: skip
