"""An order (dossier): a sealed sale, and its tickets."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum
from math import ceil

import ledger
import titles
from orders.domain.refund import Refund

DOORS = timedelta(hours=1)  # a ticket opens this long before its performance
UNKNOWN_PERFORMANCE = timedelta(days=365)  # how long a ticket is good whose performance's times are not known
_LONGEST = 65_535  # tens of minutes in a token


@dataclass(frozen=True)
class Sold:
    """A sale as some till's journal holds it. `is_virtual`: its tickets are issued here, not by the till."""

    sale: ledger.Sale
    till_id: str
    sequence: int
    at: datetime
    is_virtual: bool


@dataclass(frozen=True)
class Ticket:
    """A ticket (titre); its identity is (key_id, serial) (LAW-12). `price` in minor units."""

    key_id: int
    serial: int
    token: str
    line: int
    label: str
    price: int
    performance_id: str
    seat: ledger.Seat | None = None
    reissue: int = 0  # which paper this barcode is, after the first
    refunded: bool = False  # it opens nothing any more
    replaced: bool = False  # another ticket stands in for it: its place was sold twice (domain 5.6)
    replaces: tuple[int, int] | None = None  # it stands in for this one
    disputed: bool = False  # gates send it to the box office
    paper: tuple[int, int] | None = None  # the number in its bearer's hand, which another ticket has (fork)
    paper_token: str | None = None  # and its barcode, unless that is the other ticket's to the byte

    @property
    def human_code(self) -> str:
        return titles.human_code(self.key_id, self.serial)


class State(Enum):
    COMPLETED = "completed"
    PARTLY_REFUNDED = "partly refunded"
    REFUNDED = "refunded"  # nothing of it is left


@dataclass(frozen=True)
class Order:
    """A completed order. Amounts in minor units of `currency`; what was refunded stays in `lines` and `total`."""

    id: str
    number: str
    channel: str
    till_id: str
    journal_sequence: int
    cashier_id: str | None
    sold_at: datetime
    business_on: str
    currency: str
    total: int
    lines: tuple[ledger.Line, ...]
    payments: tuple[ledger.Payment, ...]
    tickets: tuple[Ticket, ...]
    refunds: tuple[Refund, ...] = ()
    refunded: Mapping[int, int] = field(default_factory=dict)  # how many of each line came back

    @property
    def state(self) -> State:
        if not self.refunds:
            return State.COMPLETED
        whole = all(self.refunded.get(line.line, 0) == line.quantity for line in self.lines)
        return State.REFUNDED if whole else State.PARTLY_REFUNDED


def order_of(sold: Sold, tickets: tuple[Ticket, ...]) -> Order:
    """The order of a sealed sale."""
    sale = sold.sale
    return Order(
        sale.order_id, sale.order_number, sale.channel, sold.till_id, sold.sequence, sale.cashier_id, sold.at,
        sale.business_on, sale.currency, sale.total, sale.lines, sale.payments, tickets,
    )  # fmt: skip


@dataclass(frozen=True)
class Place:
    """One place of an admission line; `seat` of numbered ones."""

    line: ledger.Line
    seat: ledger.Seat | None


def places(sale: ledger.Sale) -> list[Place]:
    """The places of a sale in order: as many tickets as places."""
    return [
        Place(line, line.seating.seats[i] if line.seating else None)
        for line in sale.lines
        if line.kind is ledger.LineKind.ADMISSION
        for i in range(line.quantity)
    ]


def ticket_of(place: Place, key_id: int, serial: int, token: str) -> Ticket:
    """The ticket of one place."""
    line = place.line
    return Ticket(key_id, serial, token, line.line, line.label, line.unit_price, line.performance_id or "", place.seat)


def sealed_tickets(sale: ledger.Sale) -> tuple[Ticket, ...]:
    """The tickets that a till issued and sealed; those of a line sit in the order of its seats."""
    of_lines: dict[int, list[Place]] = {}
    for place in places(sale):
        of_lines.setdefault(place.line.line, []).append(place)
    return tuple(ticket_of(of_lines[t.line].pop(0), t.key_id, t.serial, t.token) for t in sale.tickets)


@dataclass(frozen=True)
class Times:
    """When a performance takes place."""

    starts_at: datetime
    ends_at: datetime


def central_token(place: Place, key_id: int, serial: int, times: Times | None, sold_at: datetime) -> titles.Token:
    """What the barcode of a centrally issued ticket says.

    It opens an hour before the performance and closes with it; a performance whose times are not known here opens from
    the sale on.
    """
    line = place.line
    assert line.performance_id is not None
    assert line.tariff_id is not None
    valid_from, until = sold_at, sold_at + UNKNOWN_PERFORMANCE
    if times is not None:
        valid_from, until = times.starts_at - DOORS, times.ends_at
    tens = max(1, min(_LONGEST, ceil((until - valid_from) / timedelta(minutes=10))))
    return titles.Token(
        kind=titles.Kind.CENTRAL, key_id=key_id, serial=serial, group=titles.group_of(line.performance_id),
        tariff_class=titles.tariff_class_of(line.tariff_id), valid_from=valid_from, duration_minutes=tens * 10,
        flags=titles.Flag.FREE if line.unit_price == 0 else titles.Flag(0),
        seat=place.seat.ordinal if place.seat else 0,
        plan_version=line.seating.plan_version & 0xFF if line.seating else 0,
    )  # fmt: skip
