"""The sale: validated, priced, drawn from the lease, sealed and queued for printing in one transaction (design.md 5).

It touches neither the network nor a printer. Whatever follows (paper, drawer, upload) follows from the sealed entry.
"""

import sqlite3
import time
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import ledger
import titles
from device_gateway import drawer, paying
from device_gateway import seats as numbered
from device_gateway.domain import basket, survey
from device_gateway.domain import leases as lease_rules
from device_gateway.domain import payments as payment_rules
from device_gateway.domain.basket import PricedLine
from device_gateway.domain.errors import FloatNotOpen, NotClaimed, NotEnoughPlaces, PriceChanged, SeatsNotAtHand
from device_gateway.domain.leases import Asked
from device_gateway.printing import documents
from device_gateway.store import claims, finding, jobs, journal, leases, meta, sales, shifts
from device_gateway.store.jobs import Document, NewJob, Role
from device_gateway.till import Seller, Till
from kit.clock import iso_ms
from kit.errors import FieldInvalid
from setups.catalogue import CHANNEL

ASK_SECONDS = 1.5  # how long a sale that its lease cannot serve waits for the centre


@dataclass(frozen=True)
class SaleRequest:
    """What the page asks for, already checked in form. Money is checked against the price."""

    request_id: str
    items: tuple[basket.Item, ...]
    raw_payments: object
    at_terminal: tuple[paying.Named, ...]  # which of them the terminal took
    sale_id: str  # of the page's basket: what the terminal was asked for it; empty: nothing
    receipt: bool
    expected_total: int
    fingerprint: str
    answers: Mapping[str, str | None] | None = None  # of the customer, by question; None: the page asks nothing (B4)


@dataclass(frozen=True)
class _Drawn:
    """A line of the sale: what is sold, how many of it, from which lease, and in a numbered house which seats."""

    priced: PricedLine
    quantity: int
    lease_id: str | None  # None: an article, or places that a hold keeps
    seating: ledger.Seating | None = None

    @property
    def seats(self) -> Sequence[ledger.Seat | None]:
        """One for each place; none of them has one where seats have no number."""
        return self.seating.seats if self.seating else (None,) * self.quantity


def parse_request(raw: Mapping[str, Any]) -> SaleRequest:
    """Raises FieldInvalid, QuantityOutOfRange naming the field."""
    try:
        request_id = str(uuid.UUID(str(raw.get("request_id"))))
    except ValueError:
        raise FieldInvalid("request_id", "must be a UUID") from None
    expected_total = raw.get("expected_total")
    if type(expected_total) is not int or expected_total < 0:
        raise FieldInvalid("expected_total", "must be a whole number of minor units")
    receipt = raw.get("receipt", False)
    if not isinstance(receipt, bool):
        raise FieldInvalid("receipt", "must be true or false")
    items = basket.parse_items(raw.get("items"))
    answers = survey.parse_answers(raw.get("answers"))
    asked = [raw.get("items"), raw.get("payments"), receipt, expected_total]
    # A sale that was asked for before there were questions is the same one when it is asked for again.
    fingerprint = documents.fingerprint(asked if answers is None else [*asked, raw["answers"]])
    sale_id = paying.identifier(raw, "sale_id") if raw.get("sale_id") is not None else ""
    at_terminal = tuple(paying.named(raw.get("payments")))
    return SaleRequest(
        request_id, items, raw.get("payments"), at_terminal, sale_id, receipt, expected_total, fingerprint, answers
    )


def sell(
    till: Till, seller: Seller, request: SaleRequest, now: datetime, began_at: float | None = None
) -> dict[str, Any]:
    """Sell and answer what the page shows. Repeating a request gives its first answer.

    `began_at`: time.perf_counter when the request arrived. Raises Forbidden, TillFrozen, ClockWrong, FloatNotOpen,
    ProductUnknown, PerformanceOver, PriceChanged, PaymentMismatch, NotEnoughPlaces, SeatsNotAtHand, PlanNotHere,
    NotClaimed, CertificateExhausted, QuestionUnanswered, FieldInvalid; PaymentNotUsable, PaymentInDoubt,
    PaymentForgotten for money that the terminal took, or may have taken.
    """
    began_at = time.perf_counter() if began_at is None else began_at
    seller.require("cashdesk.sell")
    if earlier := sales.earlier_answer(till.database.read(), request.request_id, request.fingerprint):
        return earlier
    till.require_thawed()
    priced = basket.price_items(till.catalogue, request.items, now, claims.every(till.database.read()))
    total = sum(line.total for line in priced)
    if total != request.expected_total:
        raise PriceChanged("prices have changed since they were shown", total=total, expected=request.expected_total)
    paid = payment_rules.parse_payments(request.raw_payments, total, till.catalogue.profile.payment_modes)
    said = _answers(till, request, priced, now)
    asked: set[Asked] = set()
    while True:
        try:
            with till.database.write() as tx:
                if earlier := sales.earlier_answer(tx, request.request_id, request.fingerprint):
                    return earlier
                answer, roles = _seal(tx, till, seller, request, priced, paid, now)
                if said:
                    journal.append(tx, till.identity, ledger.Kind.TECHNICAL, said.to_body(), now)
            break
        except NotEnoughPlaces as refusal:
            wish = refusal.facts["performance"], refusal.facts.get("category", "")
            first_time = wish not in asked
            asked.add(wish)
            if not (first_time and _more_places(till, priced, wish)):
                raise
        except SeatsNotAtHand as refusal:
            # A basket that waited too long, or a till that was restarted: its seats may still be free.
            wish = refusal.facts["performance"], refusal.facts["seats"]
            if wish in asked:
                raise
            asked.add(wish)
            numbered.pick(till, wish[0], tuple(map(int, wish[1].split(","))), now)
    if any(payment.mode == ledger.Mode.CASH for payment in paid):
        drawer.kick(till)
    till.timings.sealed(answer["order_id"], began_at, will_print=bool(roles))
    till.wake_printing(roles)
    till.wake_upload.set()
    till.wake_leases.set()
    return answer


def _answers(
    till: Till, request: SaleRequest, priced: Sequence[PricedLine], now: datetime
) -> ledger.SurveyAnswered | None:
    """What the customer said, for an entry of its own: it names neither the sale nor the cashier (B4).

    Raises QuestionUnanswered, FieldInvalid.
    """
    if request.answers is None:
        return None
    shows = {line.performance.show_id for line in priced if line.performance}
    answers = survey.answered(till.catalogue.profile.questions, shows, request.answers)
    if not answers:
        return None
    return ledger.SurveyAnswered(till.business_on(now), tuple(sorted(shows))[: ledger.MOST_SHOWS], answers)


def _seal(
    tx: sqlite3.Connection, till: Till, seller: Seller, request: SaleRequest, priced: Sequence[PricedLine],
    paid: tuple[ledger.Payment, ...], now: datetime,
) -> tuple[dict[str, Any], set[Role]]:  # fmt: skip
    """Everything that the sale is, in one transaction: all of it is on disk, or nothing happened."""
    journal.require_clock(tx, now)
    cash_float = shifts.float_of(tx, seller.cashier.id)
    if cash_float is None:
        raise FloatNotOpen(f"{seller.cashier.name} has no float open")
    for item in request.items:
        if isinstance(item, basket.Reserved) and not claims.forget(tx, item.reservation_id):
            raise NotClaimed("this file is not claimed by this till", reservation=item.reservation_id)
    drawn = _draw(tx, till, priced, now)
    lines = tuple(_line(number, each) for number, each in enumerate(drawn, 1))
    order_id = str(uuid.uuid4())
    paid = paying.use(tx, paid, request.at_terminal, request.sale_id, order_id)
    sale = ledger.Sale(
        order_id=order_id,
        order_number=f"{till.identity.enrolled().number}-{meta.take(tx, 'order'):06d}",
        channel=CHANNEL,
        cashier_id=seller.cashier.id,
        shift_id=seller.shift.shift_id,
        cash_float_id=cash_float.cash_float_id,
        business_on=till.business_on(now),
        currency=till.catalogue.organisation.currency,
        catalog_version=till.catalogue.version,
        lines=lines,
        tickets=_tickets(tx, till, drawn, now),
        payments=paid,
        total=sum(line.total for line in lines),
        vat=ledger.vat_totals(lines),
    )
    sale.check()
    sequence = journal.append(tx, till.identity, ledger.Kind.SALE, sale.to_body(), now)
    sales.record(tx, sale, sequence)
    finding.mark(tx, sale, sequence, iso_ms(now), seller.cashier.name)
    for each in drawn:
        if each.priced.performance and each.lease_id:
            sales.count_places(tx, each.priced.performance.id, each.quantity, now)
    cash = sum(payment.amount for payment in paid if payment.mode == ledger.Mode.CASH)
    if cash:
        shifts.add_cash(tx, cash_float.cash_float_id, cash)
    new = _documents(tx, till, seller, request, sale, sequence, drawn, now)
    if cash:
        body = {"cashier_id": seller.cashier.id, "shift_id": seller.shift.shift_id, "order_id": sale.order_id,
                "reason": "cash_sale"}  # fmt: skip
        journal.append(tx, till.identity, ledger.Kind.DRAWER_OPENED, body, now)
    queued = [(jobs.add(tx, each, now), each) for each in new]
    answer = _answer(sale, sequence, queued)
    sales.remember(tx, request.request_id, request.fingerprint, answer, now)
    return answer, {each.role for each in new}


def _draw(tx: sqlite3.Connection, till: Till, priced: Sequence[PricedLine], now: datetime) -> list[_Drawn]:
    """Take places from leases on disk. A line whose places come from two leases becomes two.

    Raises NotEnoughPlaces, SeatsNotAtHand, PlanNotHere.
    """
    drawn = []
    given = numbered.give(till, leases.every(tx), [line for line in priced if not line.hold_id], now)
    for line in priced:
        if seats := given.get(line):
            plan = till.plans.get(line.performance.plan_version_id) if line.performance else None
            for draw in seats:
                leases.use(tx, [draw])
                drawn.append(_Drawn(line, draw.quantity, draw.lease_id, plan.seating(draw.seats) if plan else None))
            continue
        if line.performance is None or line.hold_id:
            drawn.append(_Drawn(line, line.item.quantity, None))
            continue
        held = leases.of_performances(tx, [line.performance.id])  # read again: an earlier line may have drawn from it
        for draw in lease_rules.draw(held, line.performance.id, line.item.quantity, now):
            leases.use(tx, [draw])
            drawn.append(_Drawn(line, draw.quantity, draw.lease_id))
    return drawn


def _line(number: int, drawn: _Drawn) -> ledger.Line:
    priced = drawn.priced
    total = drawn.quantity * priced.unit_price
    net, vat = ledger.split_vat(total, priced.vat_rate_bp)
    article = priced.item if isinstance(priced.item, basket.Article) else None
    return ledger.Line(
        line=number,
        kind=ledger.LineKind.PRODUCT if article else ledger.LineKind.ADMISSION,
        performance_id=priced.performance.id if priced.performance else None,
        show_id=priced.performance.show_id if priced.performance else None,
        category_id=priced.price.category_id if priced.price else None,
        tariff_id=priced.price.tariff.id if priced.price else None,
        product_id=article.product_id if article else None,
        option=article.option if article else None,
        label=priced.label,
        quantity=drawn.quantity,
        unit_price=priced.unit_price,
        total=total,
        vat_rate_bp=priced.vat_rate_bp,
        vat=vat,
        net=net,
        lease_id=drawn.lease_id,
        hold_id=priced.hold_id,
        seating=drawn.seating,
    )


def _tickets(tx: sqlite3.Connection, till: Till, drawn: Sequence[_Drawn], now: datetime) -> tuple[ledger.Ticket, ...]:
    places = sum(each.quantity for each in drawn if each.priced.performance)
    if not places:
        return ()
    issuer = till.issuer()
    key_id = issuer.certificate.key_id
    serial = meta.take(tx, f"serial:{key_id}", places)
    issuer.require(serial + places - 1, now)
    tickets = []
    for number, each in enumerate(drawn, 1):
        for seat in each.seats if each.priced.performance else ():
            place = (seat.ordinal, each.seating.plan_version) if seat and each.seating else (0, 0)
            tickets.append(ledger.Ticket(number, key_id, serial, issuer.issue(each.priced, serial, *place)))
            serial += 1
    return tuple(tickets)


def _documents(
    tx: sqlite3.Connection, till: Till, seller: Seller, request: SaleRequest, sale: ledger.Sale, sequence: int,
    drawn: Sequence[_Drawn], now: datetime,
) -> list[NewJob]:  # fmt: skip
    """Freeze the sale's documents: a job for each ticket, a receipt only if asked (LAW-24), the drawer for cash."""
    enrolment, profile = till.identity.enrolled(), till.catalogue.profile
    template = documents.template_for(till.templates, profile.ticket_template, Document.TICKET)
    new = []
    seats = [seat for each in drawn if each.priced.performance for seat in each.seats]
    for ticket, seat in zip(sale.tickets, seats, strict=True):
        line = drawn[ticket.line - 1].priced
        data = documents.ticket_data(till.catalogue, enrolment, sale, line, ticket, seat, now)
        new.append(NewJob(
            f"{sale.order_id}:ticket:{ticket.serial}", Role.TICKET, Document.TICKET, sale.order_id, sale.order_number,
            line.label, template, data,
        ))  # fmt: skip
    has_cash = any(payment.mode == ledger.Mode.CASH for payment in sale.payments)
    kicks = has_cash and not drawer.has_own_port(till)
    if request.receipt:
        mention = documents.journal_mention(sequence, journal.hash_of(tx, sequence))
        new.append(receipt_job(till, sale, seller.cashier.name, now, mention, kick_drawer=kicks))
        sales.one_more_receipt(tx, sale.order_id)
    elif kicks:
        new.append(
            NewJob(f"{sale.order_id}:drawer", Role.RECEIPT, Document.DRAWER, sale.order_id, sale.order_number, "")
        )
    return new


def receipt_job(
    till: Till, sale: ledger.Sale, cashier: str, at: datetime, mention: str, *, kick_drawer: bool = False, copy: int = 0
) -> NewJob:
    """The receipt of a sale; copy n says DUPLICATA n."""
    template = documents.template_for(till.templates, till.catalogue.profile.receipt_template, Document.RECEIPT)
    language = documents.parsed(template).language
    data = documents.receipt_data(till.catalogue, till.identity.enrolled(), sale, cashier, at, mention, language)
    key = f"{sale.order_id}:receipt" + (f"#{copy}" if copy else "")
    return NewJob(
        key, Role.RECEIPT, Document.RECEIPT, sale.order_id, sale.order_number, "", template, data,
        kick_drawer=kick_drawer, copy=copy,
    )  # fmt: skip


def _answer(sale: ledger.Sale, sequence: int, queued: Sequence[tuple[str, NewJob]]) -> dict[str, Any]:
    return {
        "order_id": sale.order_id,
        "order_number": sale.order_number,
        "total": sale.total,
        "change": sum(payment.change for payment in sale.payments),
        "sequence": sequence,
        "tickets": [
            {"serial": each.serial, "human_code": titles.human_code(each.key_id, each.serial)} for each in sale.tickets
        ],
        "jobs": [
            {"id": job_id, "role": new.role.value, "state": jobs.State.QUEUED.value}
            for job_id, new in queued
            if new.kind is not Document.DRAWER  # nothing that the customer takes away
        ],
    }


def _more_places(till: Till, priced: Sequence[PricedLine], wish: Asked) -> bool:
    """Ask the centre for what the lease lacks; whether it has answered within what a customer does not notice.

    Without a network nobody waits: the wish is there when it is back.
    """
    wanted = sum(line.item.quantity for line in priced if line.wish == wish)
    till.demand.ask(wish, wanted)
    till.wake_leases.set()
    return till.line.online and till.demand.wait(wish, ASK_SECONDS)
