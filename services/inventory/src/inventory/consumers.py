"""The inventory's event door: messages into plain facts, one use case each, in the transaction of the batch."""

import uuid
from collections.abc import Iterator, Sequence
from datetime import UTC

from sqlalchemy.orm import Session

from inventory import usecases
from inventory.domain import RefundedLine, SoldLine
from inventory.usecases.checks import identity, number
from inventory.usecases.facts import Performance
from kit.consumer import Event, Subscription
from ticketing.accounts.v1.events_pb2 import TillEnrolled
from ticketing.cashdesk.v1.events_pb2 import RefundRecorded, SaleRecorded
from ticketing.cashdesk.v1.sale_pb2 import SaleLine
from ticketing.catalog.v1.catalog_pb2 import PERFORMANCE_STATE_ON_SALE
from ticketing.catalog.v1.events_pb2 import PerformanceScheduled, ProductSaved


def performances(session: Session, events: Sequence[Event]) -> None:
    """catalog.performance.scheduled.v1"""
    usecases.open_capacities(session, [_performance(event.message) for event in events])  # type: ignore[arg-type]


def products(session: Session, events: Sequence[Event]) -> None:
    """catalog.product.saved.v1"""
    usecases.open_shelves(session, [article for event in events for article in _articles(event.message)])  # type: ignore[arg-type]


def sales(session: Session, events: Sequence[Event]) -> None:
    """cashdesk.sale.recorded.v1"""
    usecases.count_sales(session, [line for event in events for line in _lines(event.message)])  # type: ignore[arg-type]


def refunds(session: Session, events: Sequence[Event]) -> None:
    """cashdesk.refund.recorded.v1"""
    usecases.count_refunds(session, [line for event in events for line in _refunded(event.message)])  # type: ignore[arg-type]


def tills(session: Session, events: Sequence[Event]) -> None:
    """accounts.till.enrolled.v1"""
    enrolled: list[TillEnrolled] = [event.message for event in events]  # type: ignore[misc]
    usecases.note_tills(session, [(told.till_id, told.point_of_sale_id) for told in enrolled])


SUBSCRIPTIONS = (
    Subscription("inventory-performances", "catalog.performance.scheduled.v1", PerformanceScheduled, performances),
    Subscription("inventory-products", "catalog.product.saved.v1", ProductSaved, products),
    Subscription("inventory-sales", "cashdesk.sale.recorded.v1", SaleRecorded, sales),
    Subscription("inventory-refunds", "cashdesk.refund.recorded.v1", RefundRecorded, refunds),
    Subscription("inventory-tills", "accounts.till.enrolled.v1", TillEnrolled, tills),
)


def _performance(told: PerformanceScheduled) -> Performance:
    it = told.performance
    return Performance(
        performance_id=identity("performance.id", it.id),
        total=it.capacity,
        revision=it.revision,
        starts_at=it.starts_at.ToDatetime(tzinfo=UTC),
        ends_at=it.ends_at.ToDatetime(tzinfo=UTC),
        on_sale=it.state == PERFORMANCE_STATE_ON_SALE,
        plan_version_id=_known(it.plan_version_id) or None,
    )


def _articles(told: ProductSaved) -> Iterator[tuple[str, str]]:
    product_id = identity("product.id", told.product.id)
    for code in [option.code for option in told.product.options] or [""]:
        yield product_id, code


def _lines(told: SaleRecorded) -> Iterator[SoldLine]:
    order_id = identity("sale.order_id", told.sale.order_id)
    for i, line in enumerate(told.sale.lines):
        # Two copies of a till draw from its one lease: what either sold is of that till.
        yield _sold(f"sale.lines[{i}]", order_id, told.branch_of or told.till_id, line, line.quantity)


def _refunded(told: RefundRecorded) -> Iterator[RefundedLine]:
    refund_id = identity("refund.refund_id", told.refund.refund_id)
    order_id = identity("refund.original.order_id", told.refund.original.order_id)
    for i, line in enumerate(told.refund.lines):
        sold = _sold(f"refund.lines[{i}]", order_id, told.refund.original.till_id, line, -line.quantity)
        yield RefundedLine(refund_id, told.till_id, sold)


def _sold(at: str, order_id: str, till_id: str, line: SaleLine, quantity: int) -> SoldLine:
    admission = line.kind == "admission"
    number(f"{at}.quantity", quantity, 1, 1_000_000)
    return SoldLine(
        order_id=order_id,
        line=line.line,
        till_id=till_id,
        performance_id=identity(f"{at}.performance_id", line.performance_id) if admission else "",
        product_id="" if admission else identity(f"{at}.product_id", line.product_id),
        option="" if admission else line.option,
        quantity=quantity,
        lease_id=_known(line.lease_id),
        hold_id=_known(line.hold_id),
        seats=tuple(seat.ordinal for seat in line.seating.seats),
    )


def _known(value: str) -> str:
    """An id that cannot be one of ours is none: the sale is a fact all the same."""
    try:
        return str(uuid.UUID(value))
    except ValueError:
        return ""
