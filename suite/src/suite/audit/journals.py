"""The journals, read whole, and the sales that they seal."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from ledger import Kind, LedgerError, Sale, SealedEntry, load_public, open_sealed
from suite.audit.services import Services
from ticketing.cashdesk.v1 import cashdesk_service_pb2 as pb

PAGE = 1000


@dataclass
class Journal:
    """One till's chain as the centre keeps it."""

    till: pb.TillJournal
    sealed: list[SealedEntry] = field(default_factory=list)


@dataclass
class Journals:
    """Every till's chain, and what was sold by them."""

    by_till: dict[str, Journal] = field(default_factory=dict)
    sales: dict[str, Sale] = field(default_factory=dict)  # by order id
    sold_twice: list[str] = field(default_factory=list)  # order ids sealed more than once
    unreadable: list[str] = field(default_factory=list)

    def business_days(self) -> list[str]:
        return sorted({sale.business_on for sale in self.sales.values()})

    def of_day(self, business_on: str) -> list[Sale]:
        return [sale for sale in self.sales.values() if sale.business_on == business_on]

    def places_sold(self) -> Counter[str]:
        """Admissions by performance."""
        places: Counter[str] = Counter()
        for sale in self.sales.values():
            for line in sale.lines:
                if line.performance_id:
                    places[line.performance_id] += line.quantity
        return places

    def seats_sold(self) -> dict[str, Counter[int]]:
        """How often each seat (ordinal) was sold, by numbered performance."""
        seats: dict[str, Counter[int]] = {}
        for sale in self.sales.values():
            for line in sale.lines:
                if line.performance_id and line.seating:
                    seats.setdefault(line.performance_id, Counter()).update(x.ordinal for x in line.seating.seats)
        return seats


def read_journals(services: Services) -> Journals:
    """Read every entry of every till."""
    journals = Journals()
    for till in services.cashdesk.ListTills(pb.ListTillsRequest()).tills:
        journal = journals.by_till[till.till_id] = Journal(till)
        for entry in _entries(services, till.till_id):
            journal.sealed.append(SealedEntry(entry.content, entry.signature, entry.algorithm))
        _add_sales(journals, journal)
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


def _add_sales(journals: Journals, journal: Journal) -> None:
    if not journal.sealed:
        return
    key = load_public(journal.till.public_key)
    for position, sealed in enumerate(journal.sealed, 1):
        try:
            entry = open_sealed(sealed.bytes, sealed.signature, key)
            if entry.kind != Kind.SALE:
                continue
            sale = Sale.from_body(entry.body)
            sale.check()
        except LedgerError as error:
            journals.unreadable.append(f"{journal.till.number} entry {position}: {error}")
            continue
        if sale.order_id in journals.sales:
            journals.sold_twice.append(sale.order_id)
        journals.sales[sale.order_id] = sale
