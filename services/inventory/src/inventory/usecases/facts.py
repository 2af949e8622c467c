"""Facts from other services, in batches: performances open capacities, products open shelves, sales are counted."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from inventory import store
from inventory.domain import MAIN_PLACE, RefundedLine, Shelf, SoldLine
from inventory.domain.errors import SaleNotHereYet
from kit import telemetry
from kit.clock import now


@dataclass(frozen=True)
class Performance:
    performance_id: str
    total: int
    revision: int
    starts_at: datetime
    ends_at: datetime
    on_sale: bool
    plan_version_id: str | None = None  # numbered seats


def open_capacities(session: Session, performances: Sequence[Performance]) -> None:
    """Create or change capacities; the newest revision of each counts, older news change nothing."""
    newest: dict[str, Performance] = {}
    for performance in performances:
        known = newest.get(performance.performance_id)
        if known is None or known.revision < performance.revision:
            newest[performance.performance_id] = performance
    for performance_id, total in store.schedule(session, [asdict(performance) for performance in newest.values()]):
        if total > newest[performance_id].total:
            wanted = newest[performance_id].total
            telemetry.log().warning("capacity_kept", performance_id=performance_id, wanted=wanted, engaged=total)


def open_shelves(session: Session, articles: Sequence[tuple[str, str]]) -> None:
    """A shelf in the main place for each article and option; those that are there keep their stock."""
    store.shelve(session, [Shelf(MAIN_PLACE, *article) for article in articles])


def note_tills(session: Session, tills: Sequence[tuple[str, str]]) -> None:
    """The point of sale of each till: its sales of articles are from the stock of that one's place (O3)."""
    store.enrol_tills(session, tills)


def count_sales(session: Session, lines: Sequence[SoldLine]) -> None:
    """Count the lines of sealed sales, each once whatever brings it. What was oversold becomes a logged conflict.

    Raises PerformanceNotHereYet (retry) when a sale has overtaken its performance.
    """
    fresh = store.claim_lines(session, lines)
    # Nearly all web sales have had their hold confirmed: they must not queue for the performance's lock once more.
    fresh -= store.served_by_holds(session, lines)
    counted = [line for line in lines if (line.order_id, line.line) in fresh]
    if not counted:
        return
    sells_from = store.selling_places(session, tills=[line.till_id for line in counted if line.product_id])
    articles = [
        Shelf(sells_from.get(line.till_id, MAIN_PLACE), line.product_id, line.option)
        for line in counted
        if line.product_id
    ]
    store.shelve(session, articles)
    book = store.opened(
        session,
        performances=[line.performance_id for line in counted if line.performance_id],
        articles=articles,
        holds=[line.hold_id for line in counted if line.hold_id],
        leases=[line.lease_id for line in counted if line.lease_id],
    )
    book.stock.sells_from = sells_from
    already = len(book.conflicts)
    for line in counted:
        if (line.order_id, line.line) in fresh:
            fresh.discard((line.order_id, line.line))  # the batch itself may bring a line twice
            book.record_sale(line, now())
    for conflict in book.conflicts[already:]:
        telemetry.log().error("oversold", **asdict(conflict))
    store.write(session, book)


def count_refunds(session: Session, lines: Sequence[RefundedLine]) -> None:
    """Put what sealed refunds give back on sale again, each line once whatever brings it.

    Places go to the house, never into a till's hands: a lease that still ran when they were sold gets none of them
    (ADR 0012). Raises SaleNotHereYet (retry) when a refund has overtaken its sale.
    """
    sales = [line.sold for line in lines]
    wanted = {(sold.order_id, sold.line) for sold in sales}
    if missing := wanted - store.counted(session, sales):
        raise SaleNotHereYet("the sale has not been counted yet", order_id=min(missing)[0])
    fresh = store.claim_refunds(session, lines)
    back = [line for line in lines if (line.refund_id, line.sold.line) in fresh]
    if not back:
        return
    places = [line.sold for line in back if line.sold.performance_id]
    sells_from = store.selling_places(session, tills=[line.till_id for line in back if line.sold.product_id])
    articles = [
        Shelf(sells_from.get(line.till_id, MAIN_PLACE), line.sold.product_id, line.sold.option)
        for line in back
        if line.sold.product_id
    ]
    store.shelve(session, articles)
    book = store.opened(
        session,
        performances=[sold.performance_id for sold in places],
        articles=articles,
        exchanged=[line.sold.hold_id for line in back if line.sold.hold_id],
        leases=[sold.lease_id for sold in places if sold.lease_id],
    )
    book.stock.sells_from = sells_from
    owners = store.seat_owners(session, places)
    moves = store.seat_moves(session, ((sold.order_id, sold.line) for sold in places))
    for line in back:
        if (line.refund_id, line.sold.line) not in fresh:
            continue  # the batch itself may bring a refund twice
        fresh.discard((line.refund_id, line.sold.line))
        key = (line.sold.order_id, line.sold.line)
        book.record_refund(line, owners.get(key, {}), moves.get(key, {}))
    store.write(session, book)
