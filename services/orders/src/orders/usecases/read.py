"""Finding orders and tickets. Right: orders.view."""

import base64
import binascii
import json
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session, sessionmaker

import ledger
import titles
from kit.auth import Caller
from kit.errors import DomainError, FieldInvalid, Kind
from orders import refunds, store
from orders.clients import Accounts, Catalog, Documents
from orders.domain.basket import check_uuid
from orders.domain.errors import BarcodeUnreadable, NoTickets, OrderNotFound, TicketNotFound
from orders.domain.order import Order, Ticket

VIEW = "orders.view"
TEMPLATE = "eticket_a4"
MAX_PAGE, DEFAULT_PAGE, MAX_TEXT = 500, 50, 200
_FORGED = (titles.Reason.UNREADABLE, titles.Reason.UNKNOWN_ISSUER, titles.Reason.BAD_SIGNATURE)


def get_order(sessions: sessionmaker[Session], caller: Caller, order_id: str) -> Order:
    """Raises OrderNotFound, FieldInvalid."""
    caller.require(VIEW)
    check_uuid("order_id", order_id)
    with sessions() as session:
        order = store.orders(session, [order_id]).get(order_id)
    if order is None:
        raise OrderNotFound("no such order", order_id=order_id)
    return order


@dataclass(frozen=True)
class Found:
    """A page of orders, newest first, without tickets; `next_page_token` is empty at the end."""

    orders: list[Order]
    next_page_token: str


def search_orders(
    sessions: sessionmaker[Session], caller: Caller, text: str, business_on: str, till_id: str, page_size: int,
    page_token: str,
) -> Found:  # fmt: skip
    """Orders by the beginning of their number or by a ticket's human code, by day, by till. Raises FieldInvalid."""
    caller.require(VIEW)
    if len(text) > MAX_TEXT:
        raise FieldInvalid("text", f"must be at most {MAX_TEXT} characters")
    if not 0 <= page_size <= MAX_PAGE:
        raise FieldInvalid("page_size", f"must be 1 to {MAX_PAGE}, or 0 for {DEFAULT_PAGE}")
    if till_id:
        check_uuid("till_id", till_id)
    limit = page_size or DEFAULT_PAGE
    text = text.strip().upper()
    ticket = _human_code(text)
    with sessions() as session:
        ids = store.search(
            session, number="" if ticket else text, ticket=ticket,
            business_on=_day(business_on) if business_on else None, till_id=till_id,
            before=_read_page_token(page_token) if page_token else None, limit=limit + 1,
        )  # fmt: skip
        orders = store.orders(session, ids[:limit], with_tickets=False)
    page = [orders[order_id] for order_id in ids[:limit]]
    return Found(page, _page_token(page[-1]) if len(ids) > limit else "")


@dataclass(frozen=True)
class Totals:
    """Of a business day: what was sold, and what was given back (`refunded` is negative) whenever it was sold."""

    orders: int
    total: int
    tickets: int
    order_ids: list[str]
    refunded: int
    refunded_tickets: int
    refund_ids: list[str]


def get_totals(sessions: sessionmaker[Session], caller: Caller, business_on: str) -> Totals:
    """Counts, money in minor units and ids of a business day, of one snapshot. Raises FieldInvalid."""
    caller.require(VIEW)
    day = _day(business_on)
    with sessions() as session:
        session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
        return Totals(*store.totals(session, day), *refunds.totals(session, day))


@dataclass(frozen=True)
class Looked:
    """`genuine`: the barcode is one that was issued. `superseded`: a newer paper of the ticket exists."""

    ticket: Ticket
    order: Order
    genuine: bool
    superseded: bool


def look_up_ticket(
    sessions: sessionmaker[Session], accounts: Accounts, caller: Caller, code: str, now: datetime
) -> Looked:
    """What is known of a scanned barcode or a human code.

    A barcode with the number of a known ticket but other bytes is a forgery, whoever signed it, unless it is an earlier
    paper of that ticket.
    Raises BarcodeUnreadable, TicketNotFound, Unavailable.
    """
    caller.require(VIEW)
    if len(code) > MAX_TEXT:
        raise BarcodeUnreadable("neither a barcode nor a code")
    code = code.strip().upper()
    identity = _human_code(code)
    scanned = None
    if identity is None:
        try:
            scanned = titles.read(code)
        except titles.Unreadable as error:
            raise BarcodeUnreadable(error.reason, why=error.reason) from error
        identity = (scanned.token.key_id, scanned.token.serial)
    with sessions() as session:
        instead = store.ticket_of_paper(session, code) if scanned is not None else None
        identity = instead or identity
        order_id = store.order_of_ticket(session, *identity)
        order = store.orders(session, [order_id])[order_id] if order_id else None
    if order is None:
        raise TicketNotFound("no such ticket is kept", key_id=identity[0], serial=identity[1])
    ticket = next(t for t in order.tickets if (t.key_id, t.serial) == identity)
    trust = accounts.trust(scanned.token.key_id if scanned else ticket.key_id)
    verdict = titles.verify(code if scanned else ticket.token, trust.certificates, trust.root_public_key, now)
    superseded = instead is not None or (scanned is not None and scanned.token.reissue < ticket.reissue)
    genuine = verdict.reason not in _FORGED and (scanned is None or superseded or code == ticket.token)
    return Looked(ticket, order, genuine, genuine and superseded)


def render_tickets(
    sessions: sessionmaker[Session], catalog: Catalog, documents: Documents, caller: Caller, order_id: str
) -> bytes:
    """A PDF with one page per ticket that lives. Raises OrderNotFound, NoTickets, and what documents refuses with."""
    order = get_order(sessions, caller, order_id)
    tickets = [ticket for ticket in order.tickets if not ticket.refunded and not ticket.replaced]
    if not tickets:
        raise NoTickets("this order has no tickets", order_id=order_id)
    lines = {line.line: line for line in order.lines}
    data = [_ticket_data(catalog, order, lines[ticket.line], ticket) for ticket in tickets]
    return documents.pdf(TEMPLATE, [json.dumps(datum, ensure_ascii=False) for datum in data])


def _ticket_data(catalog: Catalog, order: Order, line: ledger.Line, ticket: Ticket) -> dict[str, object]:
    """Fields of libs/render, kind "eticket" (LAW-11)."""
    programme = catalog.programme()
    data: dict[str, object] = {
        "organiser": programme.organiser,
        "licence": programme.licence,
        "category": programme.categories.get(line.category_id or "", ""),
        "tariff": programme.tariffs.get(line.tariff_id or "", line.label),
        "price": ticket.price or "free",
        "currency": order.currency,
        "order_number": order.number,
        "serial": ticket.serial,
        "ticket_number": f"{ticket.key_id}-{ticket.serial}",
        "till": order.number.rpartition("-")[0],
        "sold_at": order.sold_at.isoformat(),
        "human_code": ticket.human_code,
        "barcode": ticket.token,
        "show": line.label,
        **(_seat_data(ticket.seat) if ticket.seat else {}),
    }
    try:
        performance = catalog.performance(ticket.performance_id)
    except DomainError as error:
        if error.kind is not Kind.NOT_FOUND:
            raise
        return data  # deleted since: the line's own label says what was sold
    zone = ZoneInfo(performance.zone)
    data["show"], data["venue"] = performance.show_title, performance.venue_name
    data["performance_starts_at"] = performance.times.starts_at.astimezone(zone).isoformat()
    data["sold_at"] = order.sold_at.astimezone(zone).isoformat()
    return data


def _seat_data(seat: ledger.Seat) -> dict[str, object]:
    """`seat` in one phrase, and its words apart for templates that place them."""
    return {"seat": seat.words, "zone": seat.zone, "row": seat.row, "seat_number": seat.label}


def _human_code(text: str) -> tuple[int, int] | None:
    try:
        return titles.parse_human_code(text)
    except titles.Unreadable:
        return None


def _day(value: str) -> date:
    try:
        if len(value) != 10:
            raise ValueError(value)
        return date.fromisoformat(value)
    except ValueError:
        raise FieldInvalid("business_on", "must be a date like 2026-11-23") from None


def _page_token(last: Order) -> str:
    return base64.urlsafe_b64encode(f"{last.sold_at.isoformat()} {last.id}".encode()).decode()


def _read_page_token(token: str) -> tuple[datetime, str]:
    try:
        sold_at, order_id = base64.urlsafe_b64decode(token.encode()).decode().split(" ")
        check_uuid("page_token", order_id)
        instant = datetime.fromisoformat(sold_at)
        if instant.tzinfo is None:
            raise ValueError(sold_at)
        return instant, order_id
    except (ValueError, binascii.Error, UnicodeError):
        raise FieldInvalid("page_token", "must come from the page before") from None
