"""The journals, read whole, and the sales and refunds that they seal."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from ledger import (
    CARRIED,
    CashMoved,
    Entry,
    FloatClosed,
    FloatOpened,
    Kind,
    LedgerError,
    Mode,
    MoneyBack,
    Payment,
    Refund,
    Sale,
    SealedEntry,
    load_public,
    open_sealed,
)
from suite.audit.services import Services
from ticketing.cashdesk.v1 import cashdesk_service_pb2 as pb

PAGE = 1000


@dataclass
class Journal:
    """One till's chain as the centre keeps it."""

    till: pb.TillJournal
    sealed: list[SealedEntry] = field(default_factory=list)


@dataclass
class Float:
    """What all journals say of one person's float. `came`: by mode of payment, what came in less what left."""

    business_on: str = ""
    opening: int = 0
    came: Counter[str] = field(default_factory=Counter)
    carried: dict[str, dict[str, Counter[str]]] = field(default_factory=dict)  # movement -> kind -> amounts by mode
    closed: FloatClosed | None = None

    def expected(self, mode: str) -> int:
        return self.came[mode] + (self.opening if mode == Mode.CASH else 0)


@dataclass
class Journals:
    """Every till's chain, and what was sold and given back by them."""

    by_till: dict[str, Journal] = field(default_factory=dict)
    sales: dict[str, Sale] = field(default_factory=dict)  # by order id
    refunds: list[Refund] = field(default_factory=list)  # of each till in its order
    branched: set[str] = field(default_factory=set)  # order ids that a copy of a till has sealed (fork)
    sold_twice: list[str] = field(default_factory=list)  # order ids sealed more than once
    moved: set[tuple[str, str]] = field(default_factory=set)  # (movement id, kind)
    floats: dict[str, Float] = field(default_factory=dict)  # by id
    unreadable: list[str] = field(default_factory=list)

    def sealed(self) -> list[Sale | Refund]:
        """Everything that moved money or places: refunds have negative quantities and amounts."""
        return [*self.sales.values(), *self.refunds]

    def business_days(self) -> list[str]:
        return sorted({sealed.business_on for sealed in self.sealed()})

    def of_day(self, business_on: str) -> list[Sale]:
        return [sale for sale in self.sales.values() if sale.business_on == business_on]

    def refunds_of_day(self, business_on: str) -> list[Refund]:
        return [refund for refund in self.refunds if refund.business_on == business_on]

    def places_sold(self) -> Counter[str]:
        """Admissions by performance, less those that were refunded."""
        places: Counter[str] = Counter()
        for sealed in self.sealed():
            for line in sealed.lines:
                if line.performance_id:
                    places[line.performance_id] += line.quantity
        return places

    def seats_sold(self) -> dict[str, Counter[int]]:
        """How often each seat (ordinal) was sold and not refunded, by numbered performance."""
        seats: dict[str, Counter[int]] = {}
        for sealed in self.sealed():
            for line in sealed.lines:
                if line.performance_id and line.seating:
                    counts = seats.setdefault(line.performance_id, Counter())
                    for seat in line.seating.seats:
                        counts[seat.ordinal] += 1 if line.quantity > 0 else -1
        return {
            performance_id: Counter({k: n for k, n in counts.items() if n}) for performance_id, counts in seats.items()
        }


def read_journals(services: Services) -> Journals:
    """Read every entry of every till."""
    journals = Journals()
    tills = services.cashdesk.ListTills(pb.ListTillsRequest()).tills
    for till in sorted(tills, key=lambda each: bool(each.branch_of)):  # a branch after the chain that it leaves
        journal = journals.by_till[till.till_id] = Journal(till)
        for entry in _entries(services, till.till_id):
            journal.sealed.append(SealedEntry(entry.content, entry.signature, entry.algorithm))
        if not till.practice_of:  # the chain of a training is verified as any other; what it sold has no value
            _add_sealed(journals, journal)
    return journals


def _entries(services: Services, till_id: str) -> Iterator[pb.SealedEntry]:
    following = 1
    while True:
        request = pb.ListEntriesRequest(till_id=till_id, from_sequence=following, page_size=PAGE)
        page = services.cashdesk.ListEntries(request).entries
        yield from page
        if len(page) < PAGE:
            return
        following = page[-1].sequence + 1


def _add_sealed(journals: Journals, journal: Journal) -> None:
    if not journal.sealed:
        return
    key = load_public(journal.till.public_key)
    for position, sealed in enumerate(journal.sealed, 1):
        try:
            entry = open_sealed(sealed.bytes, sealed.signature, key)
            if entry.kind == Kind.REFUND:
                refund = Refund.from_body(entry.body)
                refund.check()
                journals.refunds.append(refund)
                _count(journals, refund.cash_float_id, refund.payments)
            _add_to_floats(journals, entry)
            if entry.kind != Kind.SALE:
                continue
            sale = Sale.from_body(entry.body)
            sale.check()
        except LedgerError as error:
            journals.unreadable.append(f"{journal.till.number} entry {position}: {error}")
            continue
        if sale.order_id in journals.sales:
            # A copy may have repeated a sale of the till: it is kept as evidence, and counts once.
            if not journal.till.branch_of:
                journals.sold_twice.append(sale.order_id)
            continue
        journals.sales[sale.order_id] = sale
        _count(journals, sale.cash_float_id, sale.payments)
        if journal.till.branch_of:
            journals.branched.add(sale.order_id)


def _float(journals: Journals, cash_float_id: str) -> Float:
    return journals.floats.setdefault(cash_float_id, Float())


def _count(journals: Journals, cash_float_id: str | None, payments: Iterable[Payment | MoneyBack]) -> None:
    if cash_float_id:
        for payment in payments:
            _float(journals, cash_float_id).came[payment.mode] += payment.amount


def _add_to_floats(journals: Journals, entry: Entry) -> None:
    """Of an id the first opening and the first closing count: an old copy of a till may repeat them."""
    match entry.kind:
        case Kind.FLOAT_OPENED:
            opened = FloatOpened.from_body(entry.body)
            known = _float(journals, opened.cash_float_id)
            if not known.business_on:
                known.business_on, known.opening = opened.business_on, opened.total
        case Kind.FLOAT_CLOSED:
            closed = FloatClosed.from_body(entry.body)
            known = _float(journals, closed.cash_float_id)
            known.closed = known.closed or closed
        case Kind.CASH_MOVED:
            moved = CashMoved.from_body(entry.body)
            known = _float(journals, moved.cash_float_id)
            if moved.kind in CARRIED:
                amounts = Counter({Mode.CASH.value: moved.amount, **{m.value: a for m, a in moved.other_modes.items()}})
                known.carried.setdefault(moved.movement_id, {})[moved.kind] = amounts
            elif (moved.movement_id, moved.kind) not in journals.moved:
                known.came[Mode.CASH] += moved.amount
            journals.moved.add((moved.movement_id, moved.kind))
