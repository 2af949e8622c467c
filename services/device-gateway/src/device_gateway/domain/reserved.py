"""A reserved file (dossier réservé) that this till has claimed: its lines at the price of the day it was made (A6)."""

from dataclasses import asdict, dataclass
from typing import Any

from device_gateway.domain.errors import ProductUnknown
from setups.catalogue import Catalogue, Performance, Price, Tariff


@dataclass(frozen=True)
class ClaimedLine:
    """One line of the file. Amounts in minor units; a place names its performance, an article its product."""

    performance_id: str
    category_id: str
    tariff_id: str
    product_id: str
    option: str
    label: str
    quantity: int
    unit_price: int
    vat_rate_bp: int


@dataclass(frozen=True)
class Claim:
    """The file as the centre gave it. `hold_id`: of all its places; they wait there for the sale."""

    reservation_id: str
    number: str
    buyer: str
    hold_id: str
    total: int
    lines: tuple[ClaimedLine, ...]

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def claim_from(plain: dict[str, Any]) -> Claim:
    """The claim that `as_json` wrote."""
    return Claim(**plain | {"lines": tuple(ClaimedLine(**line) for line in plain["lines"])})


def performance_of(catalogue: Catalogue, line: ClaimedLine) -> Performance:
    """Raises ProductUnknown when this till does not know the performance."""
    performance = catalogue.performances.get(line.performance_id)
    if performance is None or performance.show_id not in catalogue.shows:
        raise ProductUnknown("this performance is not known here", performance=line.performance_id)
    return performance


def price_of(catalogue: Catalogue, performance: Performance, line: ClaimedLine) -> Price:
    """The price of the file, whatever the tariff costs today, with today's names where they are known."""
    known = next((each for each in catalogue.prices_of(performance) if each.tariff.id == line.tariff_id), None)
    tariff = (
        known.tariff if known else Tariff(line.tariff_id, line.label.partition(", ")[2] or line.label, 0, False, "")
    )
    category = known.category if known and known.category_id == line.category_id else ""
    return Price(tariff, line.category_id, category, line.unit_price, line.vat_rate_bp)
