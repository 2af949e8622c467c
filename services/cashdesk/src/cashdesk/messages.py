"""Sales and refunds as messages, and sales back: the fields have the same names, None travels as an absent value."""

from collections.abc import Callable
from typing import Any

import ledger
from cashdesk.domain import Kept, Till
from ticketing.cashdesk.v1 import events_pb2, sale_pb2


def sale_message(sale: ledger.Sale) -> sale_pb2.Sale:
    """The message of a sealed sale."""
    # Field by field, as the names are the same: by way of the sale's JSON it costs four times as much.
    parts: dict[str, Any] = {
        "lines": [sale_pb2.SaleLine(**vars(line) | {"seating": _seating(line.seating)}) for line in sale.lines],
        "tickets": [sale_pb2.SaleTicket(**vars(ticket)) for ticket in sale.tickets],
        "payments": [sale_pb2.Payment(**vars(payment)) for payment in sale.payments],
        "vat": [sale_pb2.VatTotal(**vars(vat)) for vat in sale.vat],
    }
    return sale_pb2.Sale(**(vars(sale) | parts))


def refund_message(refund: ledger.Refund) -> sale_pb2.Refund:
    """The message of a sealed refund."""
    parts: dict[str, Any] = {
        "original": sale_pb2.RefundedSale(**vars(refund.original)),
        "lines": [sale_pb2.SaleLine(**vars(line) | {"seating": _seating(line.seating)}) for line in refund.lines],
        "tickets": [sale_pb2.DeadTicket(**vars(ticket)) for ticket in refund.tickets],
        "payments": [sale_pb2.MoneyBack(**vars(payment)) for payment in refund.payments],
        "vat": [sale_pb2.VatTotal(**vars(vat)) for vat in refund.vat],
    }
    return sale_pb2.Refund(**(vars(refund) | parts))


def _seating(seating: ledger.Seating | None) -> sale_pb2.Seating | None:
    if seating is None:
        return None
    seats = [sale_pb2.Seat(**vars(seat)) for seat in seating.seats]
    return sale_pb2.Seating(**vars(seating) | {"seats": seats})


def sale_from_message(message: sale_pb2.Sale, order_number: str) -> ledger.Sale:
    """The sale in a message, under the given number. Raises ledger.BadEntry naming the faulty field."""
    body = {
        "order_id": message.order_id,
        "order_number": order_number,
        "channel": message.channel,
        "cashier_id": message.cashier_id or None,
        "shift_id": message.shift_id or None,
        "cash_float_id": message.cash_float_id or None,
        "business_on": message.business_on,
        "currency": message.currency,
        "catalog_version": message.catalog_version,
        "lines": [_line(line) for line in message.lines],
        "tickets": [_plain(ticket, "line", "key_id", "serial", "token") for ticket in message.tickets],
        "payments": [
            {**_plain(payment, "mode", "amount", "tendered", "change"), "reference": payment.reference or None}
            for payment in message.payments
        ],
        "total": message.total,
        "vat": [_plain(vat, "rate_bp", "net", "vat") for vat in message.vat],
    }
    return ledger.Sale.from_body(body)


_OPTIONAL = ("performance_id", "show_id", "category_id", "tariff_id", "product_id", "option", "lease_id", "hold_id")
_LINE = ("line", "kind", "label", "quantity", "unit_price", "total", "vat_rate_bp", "vat", "net")


def _line(line: sale_pb2.SaleLine) -> dict[str, Any]:
    body = {**_plain(line, *_LINE), **{name: getattr(line, name) or None for name in _OPTIONAL}}
    if line.HasField("seating"):
        seats = [_plain(seat, "ordinal", "zone", "row", "label") for seat in line.seating.seats]
        body["seating"] = {**_plain(line.seating, "plan_version_id", "plan_version"), "seats": seats}
    return body


def _plain(message: Any, *names: str) -> dict[str, Any]:
    return {name: getattr(message, name) for name in names}


def sale_recorded(till: Till, kept: Kept) -> events_pb2.SaleRecorded:
    """The event of a sale's entry."""
    assert isinstance(kept.body, ledger.Sale)
    event = events_pb2.SaleRecorded(
        till_id=till.till_id, till_number=till.number, sequence=kept.entry.sequence, hash=kept.sealed.hash,
        is_virtual=till.is_virtual, sale=sale_message(kept.body), branch_of=till.branch_of or "",
    )  # fmt: skip
    event.at.FromDatetime(kept.entry.at)
    return event


def refund_recorded(till: Till, kept: Kept) -> events_pb2.RefundRecorded:
    """The event of a refund's entry."""
    assert isinstance(kept.body, ledger.Refund)
    event = events_pb2.RefundRecorded(
        till_id=till.till_id, till_number=till.number, sequence=kept.entry.sequence, hash=kept.sealed.hash,
        refund=refund_message(kept.body),
    )  # fmt: skip
    event.at.FromDatetime(kept.entry.at)
    return event


def float_opened(till: Till, kept: Kept) -> events_pb2.FloatOpened:
    """The event of a float's opening."""
    assert isinstance(kept.body, ledger.FloatOpened)
    body = kept.body
    event = events_pb2.FloatOpened(
        cash_float_id=body.cash_float_id, cashier_id=body.cashier_id, till_id=till.till_id, till_number=till.number,
        business_on=body.business_on, currency=body.currency, opening_total=body.total,
    )  # fmt: skip
    event.at.FromDatetime(kept.entry.at)
    return event


def float_closed(till: Till, kept: Kept) -> events_pb2.FloatClosed:
    """The event of a float's closing."""
    assert isinstance(kept.body, ledger.FloatClosed)
    body = kept.body
    event = events_pb2.FloatClosed(
        cash_float_id=body.cash_float_id, cashier_id=body.cashier_id, till_id=till.till_id,
        business_on=body.business_on, expected=body.expected, counted=body.counted, difference=body.difference,
        currency=body.currency, till_number=till.number,
        modes=[events_pb2.ModeCount(**vars(each)) for each in body.modes],
    )  # fmt: skip
    if body.settled:
        event.number, event.declarations = body.settled.number, body.settled.declarations
        event.explanation, event.blind = body.settled.explanation or "", body.settled.blind
    event.at.FromDatetime(kept.entry.at)
    return event


def cash_moved(till: Till, kept: Kept) -> events_pb2.CashMoved:
    """The event of money that came into a float, or left it, without a sale."""
    assert isinstance(kept.body, ledger.CashMoved)
    body = kept.body
    event = events_pb2.CashMoved(
        movement_id=body.movement_id, number=body.number, kind=body.kind.value, cash_float_id=body.cash_float_id,
        cashier_id=body.cashier_id, till_id=till.till_id, till_number=till.number, business_on=body.business_on,
        currency=body.currency, amount=body.amount, reason=body.reason or "", note=body.note or "",
        bag_number=body.bag_number or "", other_cashier_id=body.other_cashier_id or "",
        other_till=body.other_till or "", authorised_by=body.authorised_by or "",
        other_modes={mode.value: amount for mode, amount in body.other_modes.items()},
    )  # fmt: skip
    event.at.FromDatetime(kept.entry.at)
    return event


def ticket_reissued(till: Till, kept: Kept) -> events_pb2.TicketReissued:
    """The event of a ticket's new paper."""
    assert isinstance(kept.body, ledger.TicketReissued)
    body = kept.body
    event = events_pb2.TicketReissued(
        till_id=till.till_id, cashier_id=body.cashier_id, order_id=body.order_id, key_id=body.key_id,
        serial=body.serial, reissue=body.reissue, token=body.token, reason=body.reason.value,
    )  # fmt: skip
    event.at.FromDatetime(kept.entry.at)
    return event


def survey_answered(till: Till, kept: Kept) -> events_pb2.SurveyAnswered:
    """What customers said, without the till, the order and the instant: nobody downstream can tell who it was (B4)."""
    assert isinstance(kept.body, ledger.SurveyAnswered)
    body = kept.body
    answers = [
        events_pb2.SurveyAnswer(
            question_id=each.question_id, question=each.question, kind=each.kind.value, answer=each.answer or ""
        )
        for each in body.answers
    ]
    return events_pb2.SurveyAnswered(business_on=body.business_on, show_ids=body.show_ids, answers=answers)


EVENTS: tuple[tuple[type, str, Callable[[Till, Kept], Any]], ...] = (
    (ledger.Sale, "cashdesk.sale.recorded.v1", sale_recorded),
    (ledger.Refund, "cashdesk.refund.recorded.v1", refund_recorded),
    (ledger.FloatOpened, "cashdesk.float.opened.v1", float_opened),
    (ledger.FloatClosed, "cashdesk.float.closed.v1", float_closed),
    (ledger.CashMoved, "cashdesk.cash.moved.v1", cash_moved),
    (ledger.TicketReissued, "cashdesk.ticket.reissued.v1", ticket_reissued),
    (ledger.SurveyAnswered, "cashdesk.survey.answered.v1", survey_answered),
)
