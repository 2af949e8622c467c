"""A till's key, a journal of its own, and a sale that adds up."""

import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

import ledger

TILL = "6f1c9f5e-3a0b-4c57-9d5e-0a1b2c3d4e5f"
STARTED = datetime(2026, 11, 23, 22, 51, 30, 123000, tzinfo=UTC)


def an_id(name: str) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_URL, name))


@pytest.fixture(scope="session")
def till_key() -> EllipticCurvePrivateKey:
    return ledger.generate_key()


@pytest.fixture(scope="session")
def write(till_key: EllipticCurvePrivateKey) -> Callable[[int], list[ledger.SealedEntry]]:
    """Writes a journal of so many entries."""

    def write_journal(length: int) -> list[ledger.SealedEntry]:
        head, sealed_entries = ledger.Head.start(TILL), []
        for number in range(1, length + 1):
            at = STARTED + timedelta(seconds=number)
            body = {"number": number}
            entry = ledger.Entry(TILL, number, at, number * 1000, ledger.Kind.TECHNICAL, head.hash, body)
            sealed = ledger.seal(entry, till_key)
            head = ledger.follows(head, entry, sealed.hash)
            sealed_entries.append(sealed)
        return sealed_entries

    return write_journal


@pytest.fixture
def sale() -> ledger.Sale:
    """Two places at 12.00 and a poster at 4.50, paid 30.00 in cash."""
    lines = (
        ledger.Line(
            line=1,
            kind=ledger.LineKind.ADMISSION,
            performance_id=an_id("performance"),
            show_id=an_id("show"),
            category_id=an_id("category"),
            tariff_id=an_id("tariff"),
            product_id=None,
            option=None,
            label="Plein tarif\u00a0: visite de 14 h",
            quantity=2,
            unit_price=1200,
            total=2400,
            vat_rate_bp=550,
            vat=125,
            net=2275,
            lease_id=an_id("lease"),
            hold_id=None,
        ),
        ledger.Line(
            line=2,
            kind=ledger.LineKind.PRODUCT,
            performance_id=None,
            show_id=None,
            category_id=None,
            tariff_id=None,
            product_id=an_id("poster"),
            option="A2",
            label="Affiche",
            quantity=1,
            unit_price=450,
            total=450,
            vat_rate_bp=2000,
            vat=75,
            net=375,
            lease_id=None,
            hold_id=None,
        ),
    )
    return ledger.Sale(
        order_id=an_id("order"),
        order_number="G1-000017",
        channel="till",
        cashier_id=an_id("cashier"),
        shift_id=an_id("shift"),
        cash_float_id=an_id("float"),
        business_on="2026-11-23",
        currency="EUR",
        catalog_version=42,
        lines=lines,
        tickets=(ledger.Ticket(1, 3, 17, "AAAA"), ledger.Ticket(1, 3, 18, "BBBB")),
        payments=(ledger.Payment(ledger.Mode.CASH, 2850, 3000, 150, None),),
        total=2850,
        vat=(ledger.VatTotal(550, 2275, 125), ledger.VatTotal(2000, 375, 75)),
    )
