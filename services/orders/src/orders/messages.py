"""Sales and orders as messages and back: None travels as an absent value."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from google.protobuf.timestamp_pb2 import Timestamp

import ledger
from kit.errors import FieldInvalid
from orders.domain.basket import Wanted
from orders.domain.order import Order, Sold, State, Ticket
from orders.domain.refund import Refund, RefundedLine, SealedRefund
from orders.domain.reservation import Reservation, ReservationState
from ticketing.cashdesk.v1 import events_pb2 as cashdesk_events
from ticketing.cashdesk.v1 import sale_pb2
from ticketing.orders.v1 import events_pb2
from ticketing.orders.v1 import orders_service_pb2 as pb


def sale_message(sale: ledger.Sale) -> sale_pb2.Sale:
    """The message of a sale."""
    # Field by field, as the names are the same: by way of the sale's JSON it costs four times as much.
    parts: dict[str, Any] = {
        "lines": list(map(line_message, sale.lines)),
        "tickets": [sale_pb2.SaleTicket(**vars(ticket)) for ticket in sale.tickets],
        "payments": [sale_pb2.Payment(**vars(payment)) for payment in sale.payments],
        "vat": [sale_pb2.VatTotal(**vars(vat)) for vat in sale.vat],
    }
    return sale_pb2.Sale(**(vars(sale) | parts))


def line_message(line: ledger.Line) -> sale_pb2.SaleLine:
    """The message of a line."""
    return sale_pb2.SaleLine(**vars(line) | {"seating": _seating_message(line.seating)})


def _seating_message(seating: ledger.Seating | None) -> sale_pb2.Seating | None:
    if seating is None:
        return None
    seats = [sale_pb2.Seat(**vars(seat)) for seat in seating.seats]
    return sale_pb2.Seating(**vars(seating) | {"seats": seats})


def refund_from_event(event: cashdesk_events.RefundRecorded) -> SealedRefund:
    """The refund exactly as it was sealed."""
    it = event.refund
    refund = Refund(
        it.refund_id, it.original.order_id, it.refund_number, event.till_id, event.sequence, it.cashier_id or None,
        it.authorised_by or None, event.at.ToDatetime(tzinfo=UTC), it.business_on, it.reason, it.note, it.total,
        tuple(ledger.MoneyBack(ledger.Mode(p.mode), p.amount, p.reference or None) for p in it.payments),
    )  # fmt: skip
    lines = tuple(RefundedLine(x.line, x.quantity, x.total, x.vat, x.net) for x in it.lines)
    return SealedRefund(refund, lines, tuple((ticket.key_id, ticket.serial) for ticket in it.tickets))


_TEXTS = ("performance_id", "show_id", "category_id", "tariff_id", "product_id", "option", "lease_id", "hold_id")
_LINE = ("line", "kind", "label", "quantity", "unit_price", "total", "vat_rate_bp", "vat", "net")


def sold_from_event(event: cashdesk_events.SaleRecorded) -> Sold:
    """The sale exactly as it was sealed. Raises ledger.BadEntry when the message is no sale."""
    sale = event.sale
    body = {
        **_fields(sale, "order_id", "order_number", "channel", "business_on", "currency", "catalog_version", "total"),
        **_texts(sale, "cashier_id", "shift_id", "cash_float_id"),
        "lines": [{**_fields(line, *_LINE), **_texts(line, *_TEXTS), **_seating(line)} for line in sale.lines],
        "tickets": [_fields(ticket, "line", "key_id", "serial", "token") for ticket in sale.tickets],
        "payments": [
            {**_fields(payment, "mode", "amount", "tendered", "change"), **_texts(payment, "reference")}
            for payment in sale.payments
        ],
        "vat": [_fields(vat, "rate_bp", "net", "vat") for vat in sale.vat],
    }
    at = event.at.ToDatetime(tzinfo=UTC)
    return Sold(ledger.Sale.from_body(body), event.till_id, event.sequence, at, event.is_virtual)


def _seating(line: sale_pb2.SaleLine) -> dict[str, Any]:
    if not line.HasField("seating"):
        return {}
    seats = [_fields(seat, "ordinal", "zone", "row", "label") for seat in line.seating.seats]
    return {"seating": {**_fields(line.seating, "plan_version_id", "plan_version"), "seats": seats}}


def _fields(message: Any, *names: str) -> dict[str, Any]:
    return {name: getattr(message, name) for name in names}


def _texts(message: Any, *names: str) -> dict[str, Any]:
    return {name: getattr(message, name) or None for name in names}


_ORDER_STATES: Mapping[State, pb.OrderState] = {
    State.COMPLETED: pb.ORDER_STATE_COMPLETED,
    State.PARTLY_REFUNDED: pb.ORDER_STATE_PARTLY_REFUNDED,
    State.REFUNDED: pb.ORDER_STATE_REFUNDED,
}


def order_message(order: Order, *, with_tickets: bool = True) -> pb.Order:
    """The order for callers."""
    message = pb.Order(
        id=order.id, number=order.number, state=_ORDER_STATES[order.state], channel=order.channel,
        till_id=order.till_id, journal_sequence=order.journal_sequence, cashier_id=order.cashier_id or "",
        business_on=order.business_on, currency=order.currency, total=order.total,
        lines=[
            pb.OrderLine(
                line=x.line, kind=x.kind.value, label=x.label, quantity=x.quantity, unit_price=x.unit_price,
                total=x.total, vat_rate_bp=x.vat_rate_bp, vat=x.vat, performance_id=x.performance_id or "",
                tariff_id=x.tariff_id or "", product_id=x.product_id or "",
                seats=[pb.Seat(**vars(seat)) for seat in x.seating.seats] if x.seating else [],
                refunded=order.refunded.get(x.line, 0),
            )
            for x in order.lines
        ],
        tickets=[ticket_message(ticket, order.id) for ticket in order.tickets] if with_tickets else [],
        payments=[pb.OrderPayment(mode=p.mode.value, amount=p.amount) for p in order.payments],
        refunds=map(_refund_message, order.refunds),
    )  # fmt: skip
    message.sold_at.FromDatetime(order.sold_at)
    return message


def _refund_message(it: Refund) -> pb.OrderRefund:
    return pb.OrderRefund(
        id=it.id, number=it.number, refunded_at=timestamp(it.refunded_at), business_on=it.business_on,
        till_id=it.till_id, journal_sequence=it.journal_sequence, cashier_id=it.cashier_id or "",
        authorised_by=it.authorised_by or "", reason=it.reason, note=it.note, total=it.total,
        payments=[pb.OrderPayment(mode=p.mode.value, amount=p.amount) for p in it.payments],
    )  # fmt: skip


def ticket_message(ticket: Ticket, order_id: str) -> pb.Ticket:
    """The ticket for callers."""
    return pb.Ticket(
        key_id=ticket.key_id, serial=ticket.serial, token=ticket.token, human_code=ticket.human_code, line=ticket.line,
        label=ticket.label, price=ticket.price, performance_id=ticket.performance_id, order_id=order_id,
        seat=pb.Seat(**vars(ticket.seat)) if ticket.seat else None, reissue=ticket.reissue,
        refunded=ticket.refunded, replaced=ticket.replaced, disputed=ticket.disputed,
        replaces_key_id=ticket.replaces[0] if ticket.replaces else 0,
        replaces_serial=ticket.replaces[1] if ticket.replaces else 0,
    )  # fmt: skip


def order_completed(order: Order) -> events_pb2.OrderCompleted:
    """The event of an order that is kept."""
    event = events_pb2.OrderCompleted(
        order_id=order.id, order_number=order.number, channel=order.channel, till_id=order.till_id,
        business_on=order.business_on, total=order.total, currency=order.currency,
        tickets=[events_pb2.IssuedTicket(line=t.line, key_id=t.key_id, serial=t.serial) for t in order.tickets],
    )  # fmt: skip
    event.sold_at.FromDatetime(order.sold_at)
    return event


_STATES: Mapping[ReservationState, pb.ReservationState] = {
    ReservationState.OPEN: pb.RESERVATION_STATE_OPEN,
    ReservationState.COMPLETED: pb.RESERVATION_STATE_COMPLETED,
    ReservationState.CANCELLED: pb.RESERVATION_STATE_CANCELLED,
    ReservationState.EXPIRED: pb.RESERVATION_STATE_EXPIRED,
}


def reservation_message(it: Reservation) -> pb.Reservation:
    """The reserved file for callers."""
    return pb.Reservation(
        id=it.id, number=it.number, state=_STATES[it.state], channel=it.channel, buyer=pb.Buyer(**vars(it.buyer)),
        note=it.note, created_at=timestamp(it.created_at), created_by=it.created_by, due_at=timestamp(it.due_at),
        currency=it.currency, total=it.total, due=it.due, lines=map(line_message, it.lines),
        ended_reason=it.ended_reason, order_id=it.order_id or "",
    )  # fmt: skip


def states_of(told: Iterable[pb.ReservationState]) -> list[ReservationState]:
    """Raises FieldInvalid for a state that is none."""
    by_number = {number: state for state, number in _STATES.items()}
    try:
        return [by_number[number] for number in told]
    except KeyError:
        raise FieldInvalid("states", "must be states of a reservation") from None


def wanted_lines(lines: Iterable[pb.CheckoutLine]) -> tuple[Wanted, ...]:
    """What a caller asks for."""
    return tuple(
        Wanted(
            x.performance_id, x.tariff_id, x.category_id, x.product_id, x.option, x.quantity, tuple(x.seats),
            x.wheelchairs, x.together,
        )
        for x in lines
    )  # fmt: skip


def moment(message: Any, field: str) -> datetime:
    """An instant that must be there. Raises FieldInvalid."""
    if not message.HasField(field):
        raise FieldInvalid(field, "is missing")
    try:
        at: datetime = getattr(message, field).ToDatetime(tzinfo=UTC)
        return at
    except (ValueError, OverflowError):
        raise FieldInvalid(field, "is no instant") from None


def timestamp(at: datetime) -> Timestamp:
    stamp = Timestamp()
    stamp.FromDatetime(at)
    return stamp
