"""A ticket, a receipt and a small template of one text, as every test of this package uses them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import render
from render.template import Template

# A token v1 is 96 bytes in base32 without I, L, O, U: 154 characters (domain 4.3).
TOKEN = ("0123456789ABCDEFGHJKMNPQRSTVWXYZ" * 5)[:154]


@pytest.fixture(scope="session")
def ticket_data() -> dict[str, Any]:
    return {
        "organiser": "Théâtre des Halles",
        "licence": "L-R-21-004512",
        "venue": "Salle du Chapitre, Avignon",
        "show": "Les Fourberies de Scapin",
        "performance_starts_at": "2026-11-28T20:30:00+01:00",
        "category": "Orchestre",
        "tariff": "Plein tarif",
        "price": 2850,
        "seat": "Parterre · G 12",
        "zone": "Parterre",
        "row": "G",
        "seat_number": "12",
        "order_number": "K7F-184",
        "serial": 1042,
        "ticket_number": "T0003-0001042",
        "till": "Guichet 2",
        "sold_at": "2026-11-23T17:04:00+01:00",
        "human_code": "K7F2-9QXM",
        "barcode": TOKEN,
        "legal": "Billet ni repris ni échangé.",
        "title": "Billet électronique",
    }


@pytest.fixture(scope="session")
def receipt_data() -> dict[str, Any]:
    return {
        "organiser": "Musée de la Batellerie",
        "address": "3, place Jules-Gévelot\n78700 Conflans",
        "siret": "732 829 320 00074",
        "till": "Caisse 1",
        "cashier": "Inès M.",
        "order_number": "K7F-184",
        "sold_at": "2026-11-23T17:04:00+01:00",
        "lines": [
            {"label": "Visite libre", "quantity": 2, "unit_price": 1250, "total": 2500, "vat_rate_bp": 550},
            {"label": "Tasse", "quantity": 1, "unit_price": 1490, "total": 1490, "vat_rate_bp": 2000},
        ],
        "total": 3990,
        "vat": [{"rate_bp": 550, "net": 2370, "vat": 130}, {"rate_bp": 2000, "net": 1242, "vat": 248}],
        "payments": [{"mode": "Espèces", "amount": 3990, "tendered": 5000, "change": 1010}],
        "footer": "Merci de votre visite.",
        "journal": "n° 1042 · 9f3ab1c2",
    }


@pytest.fixture(scope="session")
def refund_data(receipt_data: dict[str, Any]) -> dict[str, Any]:
    """One of the two visits of the receipt comes back."""
    of_sale = {
        name: receipt_data[name] for name in ("organiser", "address", "siret", "till", "cashier", "order_number")
    }
    return of_sale | {
        "authorised_by": "Jeanne R.",
        "refund_number": "K7F-190",
        "refunded_at": "2026-11-24T10:12:00+01:00",
        "reason": "Erreur de saisie",
        "note": "Une place de trop",
        "lines": [
            {"label": "Visite libre", "quantity": -1, "unit_price": 1250, "total": -1250, "vat_rate_bp": 550,
             "tickets": "K007-000012-Q"},
        ],
        "total": -1250,
        "vat": [{"rate_bp": 550, "net": -1185, "vat": -65}],
        "payments": [{"mode": "Espèces", "amount": -1250}],
        "journal": "n° 1050 · 41d0b7e9",
    }  # fmt: skip


@pytest.fixture
def cash_slip_data(receipt_data: dict[str, Any]) -> dict[str, Any]:
    """A float that is closed with 5.00 too little."""
    of_sale = {name: receipt_data[name] for name in ("organiser", "till", "cashier")}
    return of_sale | {
        "title": "Clôture de caisse",
        "number": "K7F-F000012",
        "at": "2026-11-24T18:40:00+01:00",
        "authorised_by": "Jeanne R.",
        "reason": "Remise en banque",
        "note": "Avec les chèques",
        "bag_number": "SAC-00421",
        "counts": [{"piece": 5000, "pieces": 3, "amount": 15000}, {"piece": 200, "pieces": 7, "amount": 1400}],
        "lines": [{"label": "Fonds de caisse à l'ouverture", "amount": 10000}, {"label": "Ventes", "amount": 6900}],
        "total_label": "Écart",
        "total": -500,
        "modes": [{"mode": "Carte", "expected": 2500, "declared": 2500, "difference": 0}],
        "explanation": "Un billet de 5 rendu en trop",
        "signatures": [{"label": "Caissier"}, {"label": "Responsable"}],
        "journal": "n° 1061 · 41d0b7e9",
    }  # fmt: skip


@pytest.fixture(scope="session")
def one_text() -> Callable[..., Template]:
    """A page of 100 mm by 60 mm (or as given) with one text that shows the show's name."""

    def build(height_mm: float | str = 60, **properties: Any) -> Template:
        text = {"type": "text", "x": 10, "y": 10, "w": 40, "h": 20, "size_pt": 12, "content": "{show}"} | properties
        return render.load(
            {
                "code": "one",
                "name": "One text",
                "kind": "ticket",
                "language": "fr",
                "page": {"width_mm": 100, "height_mm": height_mm},
                "elements": [{name: value for name, value in text.items() if value is not None}],
            }
        )

    return build


@pytest.fixture(scope="session")
def coded() -> Template:
    """A name and its code."""
    return render.load(
        {"code": "coded", "name": "Coded", "kind": "ticket", "language": "fr",
         "page": {"width_mm": 80, "height_mm": 60},
         "elements": [
             {"type": "text", "x": 2, "y": 2, "w": 76, "h": 20, "size_pt": 12, "fit": "shrink", "content": "{show}"},
             {"type": "barcode", "x": 20, "y": 24, "w": 35, "h": 35, "symbology": "qr", "field": "barcode"},
         ]}
    )  # fmt: skip
