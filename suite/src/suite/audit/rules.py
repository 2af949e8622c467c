"""What must hold. Each rule gives one finding per breach, naming the thing that breaks it."""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass

import grpc

from kit.clock import now
from kit.grpc_errors import from_rpc_error
from ledger import BadEntry, Head, Mode, MovementKind, Refund, load_public, verify_chain
from seating import SeatState, state_of
from suite.audit.conflicts import read_conflicts
from suite.audit.journals import Journals
from suite.audit.services import Services
from suite.machine import SERVICES
from ticketing.accounts.v1 import accounts_service_pb2 as accounts_pb
from ticketing.cashdesk.v1 import cashdesk_service_pb2 as cashdesk_pb
from ticketing.inventory.v1 import inventory_service_pb2 as inventory_pb
from ticketing.orders.v1 import orders_service_pb2 as orders_pb
from ticketing.reporting.v1 import reporting_service_pb2 as reporting_pb
from titles import Colour, read_certificate, verify
from titles import load_public as load_public_ticket_key


@dataclass(frozen=True)
class Finding:
    """One breach: the rule's name and what breaks it."""

    rule: str
    detail: str


Rule = Callable[[Services, Journals], Iterator[Finding]]


def never_oversold(services: Services, journals: Journals) -> Iterator[Finding]:
    """sold + held + leased <= capacity, everywhere."""
    for place in services.inventory.GetAvailability(inventory_pb.GetAvailabilityRequest()).availabilities:
        taken = place.sold + place.held + place.leased
        if taken > place.total or min(place.sold, place.held, place.leased) < 0:
            yield Finding("oversold", f"performance {place.performance_id}: {taken} taken of {place.total}")


def places_as_sold(services: Services, journals: Journals) -> Iterator[Finding]:
    """Inventory counts as sold, or as sold though there was none, exactly the places that the journals sold and did not
    refund. What is missing is recorded, and waits for a person (domain 5.6)."""
    counted = {
        place.performance_id: place.sold + place.missing
        for place in services.inventory.GetAvailability(inventory_pb.GetAvailabilityRequest()).availabilities
    }
    sold = journals.places_sold()
    for performance_id in sorted(counted.keys() | sold.keys()):
        if counted.get(performance_id, 0) != sold[performance_id]:
            yield Finding(
                "places",
                f"performance {performance_id}: inventory has {counted.get(performance_id, 0)} sold, "
                f"the journals {sold[performance_id]}",
            )


def seats_have_one_owner(services: Services, journals: Journals) -> Iterator[Finding]:
    """Each numbered place is sold with a seat, no seat in two sales, and inventory has as sold exactly those (G1).

    A seat in two sales is a breach unless it is recorded as a conflict with as many tickets (domain 5.6).
    """
    places, seats_sold, conflicts = journals.places_sold(), journals.seats_sold(), read_conflicts(services)
    for performance_id, sold in _numbered(services, places.keys()):
        seats = conflicts.seats_after_moves(performance_id, seats_sold.get(performance_id, Counter()))
        claimed, without = conflicts.claimed(performance_id), conflicts.without_seat(performance_id)
        if unseated := places[performance_id] - seats.total():
            yield Finding("seats", f"performance {performance_id}: {unseated} places were sold without a seat")
        for seat, times in seats.items():
            if times > 1 and claimed[seat] < times:
                yield Finding("seats", f"performance {performance_id}: seat {seat} was sold {times} times")
        for seat in sorted((sold ^ seats.keys()) - (without - sold)):
            where = "inventory only" if seat in sold else "the journals only"
            yield Finding("seats", f"performance {performance_id}: seat {seat} is sold in {where}")


def _numbered(services: Services, sold: Collection[str]) -> Iterator[tuple[str, set[int]]]:
    """Numbered performances that sold something, by `sold` or by inventory, each with the seats that it sold."""
    counted = services.inventory.GetAvailability(inventory_pb.GetAvailabilityRequest()).availabilities
    for performance_id in sorted({place.performance_id for place in counted if place.sold}.union(sold)):
        try:
            status = services.inventory.GetSeatStatus(inventory_pb.GetSeatStatusRequest(performance_id=performance_id))
        except grpc.RpcError as error:
            if from_rpc_error(error).reason in ("NOT_NUMBERED", "PERFORMANCE_UNKNOWN"):
                continue  # an unknown one is a finding of `places_as_sold`
            raise
        yield performance_id, {i + 1 for i, byte in enumerate(status.states) if state_of(byte) == SeatState.SOLD}


def tickets_bear_their_seats(services: Services, journals: Journals) -> Iterator[Finding]:
    """Each ticket of a numbered sale bears one of its seats, and each seat has a ticket (G1)."""
    for order_id, sale in journals.sales.items():
        sealed = sorted(seat.ordinal for line in sale.lines if line.seating for seat in line.seating.seats)
        if sealed:
            order = services.orders.GetOrder(orders_pb.GetOrderRequest(order_id=order_id)).order
            issued = [ticket for ticket in order.tickets if not ticket.replaces_key_id]
            borne = sorted(ticket.seat.ordinal for ticket in issued if ticket.HasField("seat"))
            if borne != sealed:
                yield Finding("seats", f"order {order_id}: tickets for the seats {borne}, sold were {sealed}")


def leases_add_up(services: Services, journals: Journals) -> Iterator[Finding]:
    """No lease is used beyond what was granted; a capacity's leased places are those of its leases."""
    leased: Counter[str] = Counter()
    for lease in services.inventory.ListLeases(inventory_pb.ListLeasesRequest()).leases:
        if lease.used + lease.returned > lease.granted:
            yield Finding(
                "lease", f"{lease.lease_id}: {lease.used} used and {lease.returned} returned of {lease.granted}"
            )
        leased[lease.performance_id] += lease.granted - lease.used - lease.returned
    for place in services.inventory.GetAvailability(inventory_pb.GetAvailabilityRequest()).availabilities:
        if place.leased != leased[place.performance_id]:
            yield Finding(
                "lease",
                f"performance {place.performance_id}: {place.leased} leased, "
                f"its leases hold {leased[place.performance_id]}",
            )


def stock_adds_up(services: Services, journals: Journals) -> Iterator[Finding]:
    """An article's level in a place is the sum of its movements there."""
    moved: Counter[tuple[str, str, str]] = Counter()
    token = ""
    while True:
        request = inventory_pb.ListStockMovementsRequest(page_size=500, page_token=token)
        answer = services.inventory.ListStockMovements(request)
        for it in answer.movements:
            moved[it.place_id, it.product_id, it.option] += it.quantity
        token = answer.next_page_token
        if not token:
            break
    levels = {
        (it.place_id, it.product_id, it.option): it.on_hand
        for it in services.inventory.ListStock(inventory_pb.ListStockRequest(by_place=True)).levels
    }
    for shelf in sorted(levels.keys() | moved.keys()):
        if levels.get(shelf, 0) != moved[shelf]:
            yield Finding(
                "stock", f"{'/'.join(shelf)}: {levels.get(shelf, 0)} on hand, {moved[shelf]} by its movements"
            )


def chains_unbroken(services: Services, journals: Journals) -> Iterator[Finding]:
    """Every journal is gapless, chained and signed by its till's key, up to the head that cashdesk acknowledges.

    A frozen till is a breach until a person has decided: once it is revoked it will sell no more.
    """
    tills = services.accounts.ListTills(accounts_pb.ListTillsRequest()).tills
    revoked = {till.id for till in tills if till.state == accounts_pb.TILL_STATE_REVOKED}
    for journal in journals.by_till.values():
        till = journal.till
        if till.frozen and till.till_id not in revoked:
            yield Finding("journal", f"{till.number} is frozen: {till.frozen_reason}")
        if not journal.sealed:
            continue
        start = _where_it_leaves(journals, till) if till.branch_of else None
        for fault in verify_chain(journal.sealed, load_public(till.public_key), start):
            yield Finding("journal", f"{till.number} entry {fault.sequence}: {fault.reason}: {fault.detail}")
        if len(journal.sealed) != till.last_sequence - till.branch_from or journal.sealed[-1].hash != till.last_hash:
            yield Finding(
                "journal", f"{till.number}: {len(journal.sealed)} entries kept, head says {till.last_sequence}"
            )
    for problem in journals.unreadable:
        yield Finding("journal", problem)
    for order_id in journals.sold_twice:
        yield Finding("journal", f"order {order_id} is sealed twice")


def _where_it_leaves(journals: Journals, branch: cashdesk_pb.TillJournal) -> Head:
    """The entry after which a copy of a till went its own way: of the till's own chain (fork)."""
    if not branch.branch_from:
        return Head.start(branch.branch_of)
    own = journals.by_till[branch.branch_of].sealed
    return Head(branch.branch_of, branch.branch_from, own[branch.branch_from - 1].hash)


def every_payment_has_its_order(services: Services, journals: Journals) -> Iterator[Finding]:
    """The orders of each business day are those of the journals, with the same money and tickets."""
    for business_on in journals.business_days():
        sales = {sale.order_id: sale for sale in journals.of_day(business_on)}
        orders = services.orders.GetTotals(orders_pb.GetTotalsRequest(business_on=business_on))
        for order_id in sorted(sales.keys() - set(orders.order_ids)):
            yield Finding(
                "orders", f"{business_on}: payment without order, {sales[order_id].order_number} ({order_id})"
            )
        for order_id in sorted(set(orders.order_ids) - sales.keys()):
            yield Finding("orders", f"{business_on}: order without payment, {order_id}")
        total = sum(sale.total for sale in sales.values())
        if orders.total != total:
            yield Finding("orders", f"{business_on}: orders say {orders.total}, the journals {total}")
        places = sum(line.quantity for sale in sales.values() for line in sale.lines if line.performance_id)
        if orders.tickets != places:
            yield Finding("orders", f"{business_on}: {orders.tickets} tickets for {places} places")
        yield from _refunds_of_orders(business_on, orders, journals.refunds_of_day(business_on))


def _refunds_of_orders(
    business_on: str, orders: orders_pb.GetTotalsResponse, refunds: Collection[Refund]
) -> Iterator[Finding]:
    """The refunds of a day are those of its journals, with the same money, and their tickets are dead."""
    sealed = {refund.refund_id: refund for refund in refunds}
    for refund_id in sorted(sealed.keys() - set(orders.refund_ids)):
        yield Finding("refunds", f"{business_on}: refund {sealed[refund_id].refund_number} is unknown to orders")
    for refund_id in sorted(set(orders.refund_ids) - sealed.keys()):
        yield Finding("refunds", f"{business_on}: orders have a refund that no journal has, {refund_id}")
    total, dead = sum(refund.total for refund in refunds), sum(len(refund.tickets) for refund in refunds)
    if (orders.refunded, orders.refunded_tickets) != (total, dead):
        found = f"{orders.refunded} with {orders.refunded_tickets} tickets"
        yield Finding("refunds", f"{business_on}: orders gave back {found}, the journals {total} with {dead}")


def refunds_hold(services: Services, journals: Journals) -> Iterator[Finding]:
    """Each refund gives back what its sale sold, to the cent and once (A7)."""
    earlier: dict[str, list[Refund]] = defaultdict(list)
    for refund in journals.refunds:
        order_id = refund.original.order_id
        if order_id not in journals.sales:
            yield Finding("refunds", f"{refund.refund_number}: order {order_id} was never sold")
            continue
        try:
            refund.check_against(journals.sales[order_id], earlier[order_id])
        except BadEntry as error:
            yield Finding("refunds", f"{refund.refund_number}: {error}")
        earlier[order_id].append(refund)


def reports_equal_journals(services: Services, journals: Journals) -> Iterator[Finding]:
    """The day's statement equals the journals to the cent: total, VAT, money by payment mode, sales and refunds."""
    for business_on in journals.business_days():
        sealed = [one for one in journals.sealed() if one.business_on == business_on]
        request = reporting_pb.GetDayStatementRequest(
            filter=reporting_pb.Filter(from_on=business_on, to_on=business_on)
        )
        statement = services.reporting.GetDayStatement(request)
        expected: dict[str, int] = {
            "sales": len(journals.of_day(business_on)),
            "refunds": len(journals.refunds_of_day(business_on)),
            "total": sum(one.total for one in sealed),
            "VAT": sum(vat.vat for one in sealed for vat in one.vat),
        }
        found = {"sales": statement.sales, "refunds": statement.refunds, "total": statement.total, "VAT": statement.vat}
        modes: dict[str, int] = defaultdict(int)
        for one in sealed:
            for payment in one.payments:
                modes[f"paid by {payment.mode}"] += payment.amount
        expected |= {mode: amount for mode, amount in modes.items() if amount}
        found |= {f"paid by {t.key}": t.amount for t in statement.by_payment_mode if t.amount}
        for what in sorted(expected.keys() | found.keys()):
            if expected.get(what, 0) != found.get(what, 0):
                yield Finding(
                    "reports",
                    f"{business_on}: {what} is {found.get(what, 0)} in the report, "
                    f"{expected.get(what, 0)} in the journals",
                )


def floats_add_up(services: Services, journals: Journals) -> Iterator[Finding]:
    """Each float was closed by what its entries add up to, mode by mode, to the cent; cashdesk has the same (E7).

    What a person carried from one till arrived at another as it left, or is still on its way.
    """
    for float_id, found in journals.floats.items():
        where = f"float {float_id} of {found.business_on or 'an unknown day'}"
        for movement_id, sides in found.carried.items():
            out, into = sides.get(MovementKind.CARRIED_OUT), sides.get(MovementKind.CARRIED_IN)
            if out is None or (into is not None and any(out[mode] + into[mode] for mode in {*out, *into})):
                yield Finding("floats", f"{where}: movement {movement_id} carries in {into}, out {out}")
        if found.closed is None:
            continue
        sealed = {Mode.CASH.value: found.closed.expected} | {
            each.mode.value: each.expected for each in found.closed.modes
        }
        for mode in sorted({*sealed, *(found.came if found.closed.settled else ())} - {Mode.FREE.value}):
            if sealed.get(mode, 0) != found.expected(mode):
                yield Finding(
                    "floats", f"{where}: closed with {sealed.get(mode, 0)} of {mode} expected, "
                    f"its entries make {found.expected(mode)}",
                )  # fmt: skip
    yield from _floats_of_cashdesk(services, journals)


def _floats_of_cashdesk(services: Services, journals: Journals) -> Iterator[Finding]:
    for business_on in sorted({found.business_on for found in journals.floats.values() if found.business_on}):
        listed = services.cashdesk.ListCashFloats(cashdesk_pb.ListCashFloatsRequest(business_on=business_on))
        known = {each.cash_float_id: each for each in listed.cash_floats}
        for float_id, found in journals.floats.items():
            if found.business_on == business_on:
                expected = known[float_id].expected if float_id in known else None
                if expected != found.expected(Mode.CASH):
                    entries = found.expected(Mode.CASH)
                    yield Finding(
                        "floats", f"float {float_id} of {business_on}: cashdesk {expected}, entries {entries}"
                    )


def till_tickets_are_genuine(services: Services, journals: Journals) -> Iterator[Finding]:
    """Tickets that tills issued verify offline, and their serials have no gap (LAW-12)."""
    answer = services.accounts.ListTicketCertificates(accounts_pb.ListTicketCertificatesRequest())
    root = load_public_ticket_key(answer.root_public_key)
    certificates = {}
    for raw in answer.certificates:
        certificate = read_certificate(raw, root)
        certificates[certificate.key_id] = certificate
    serials: dict[int, list[int]] = defaultdict(list)
    for order_id, sale in journals.sales.items():
        for ticket in sale.tickets:
            if order_id not in journals.branched:  # a copy counts on from where it was made: its numbers come twice
                serials[ticket.key_id].append(ticket.serial)
            verdict = verify(ticket.token, certificates, root, now())
            if verdict.colour is not Colour.GREEN and verdict.reason not in ("EXPIRED", "NOT_YET_VALID"):
                yield Finding("tickets", f"{sale.order_number} serial {ticket.serial}: {verdict.reason}")
    for key_id, issued in serials.items():
        if sorted(issued) != list(range(1, len(issued) + 1)):
            yield Finding(
                "tickets",
                f"key {key_id}: serials have a gap or a double ({len(issued)} tickets, highest {max(issued)})",
            )


def outboxes_drained(services: Services, journals: Journals) -> Iterator[Finding]:
    """Every fact has been told."""
    for service in SERVICES:
        try:
            waiting = services.outbox_depth(service)
        except OSError as error:
            yield Finding("outbox", f"{service}: {error}")
            continue
        if waiting:
            yield Finding("outbox", f"{service}: {waiting} events wait")


RULES: tuple[Rule, ...] = (
    never_oversold,
    places_as_sold,
    seats_have_one_owner,
    tickets_bear_their_seats,
    leases_add_up,
    stock_adds_up,
    chains_unbroken,
    every_payment_has_its_order,
    refunds_hold,
    reports_equal_journals,
    floats_add_up,
    till_tickets_are_genuine,
    outboxes_drained,
)
