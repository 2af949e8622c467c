"""Data that previews are drawn with: a credible sale of a theatre."""

_TICKET = {
    "organiser": "Théâtre du Port", "licence": "PLATESV-D-2024-001234", "venue": "Grande salle, Nantes",
    "show": "Le Malade imaginaire", "performance_starts_at": "2026-12-05T20:30:00+01:00", "category": "1re catégorie",
    "tariff": "Plein tarif", "price": 2850, "currency": "EUR", "order_number": "T01-000042", "serial": 42,
    "ticket_number": "7-000042", "till": "T01 Accueil", "sold_at": "2026-11-23T18:05:00+01:00",
    "human_code": "7K3M-9QXR", "barcode": "0123456789ABCDEFGHJKMNPQRSTVWXYZ" * 4 + "0123456789ABCDEFGHJKMNPQRS",
    "legal": "Billet ni repris ni échangé, sauf annulation.",
    "seat": "Premier balcon · C 12", "zone": "Premier balcon", "row": "C", "seat_number": "12",
}  # fmt: skip

_RECEIPT = {
    "organiser": "Théâtre du Port", "address": "3 quai des Docks\n44000 Nantes", "siret": "123 456 789 00012",
    "till": "T01 Accueil", "cashier": "Marie", "order_number": "T01-000042", "sold_at": "2026-11-23T18:05:00+01:00",
    "lines": [
        {"label": "Le Malade imaginaire", "quantity": 2, "unit_price": 2850, "total": 5700, "vat_rate_bp": 210},
        {"label": "Affiche 40 × 60", "quantity": 1, "unit_price": 1200, "total": 1200, "vat_rate_bp": 2000},
    ],
    "total": 6900,
    "vat": [{"rate_bp": 210, "net": 5583, "vat": 117}, {"rate_bp": 2000, "net": 1000, "vat": 200}],
    "payments": [{"mode": "Espèces", "amount": 6900, "tendered": 7000, "change": 100}],
    "currency": "EUR", "footer": "Merci de votre visite", "journal": "42 · 9f3a61c2",
}  # fmt: skip

_REFUND = {
    **{x: _RECEIPT[x] for x in ("organiser", "address", "siret", "till", "cashier", "order_number", "currency")},
    "authorised_by": "Jeanne", "refund_number": "T01-000051", "refunded_at": "2026-11-24T11:20:00+01:00",
    "reason": "Erreur de saisie", "note": "Une place de trop",
    "lines": [
        {"label": "Le Malade imaginaire", "quantity": -1, "unit_price": 2850, "total": -2850, "vat_rate_bp": 210,
         "tickets": "K007-000042-Q"},
    ],
    "total": -2850, "vat": [{"rate_bp": 210, "net": -2791, "vat": -59}],
    "payments": [{"mode": "Espèces", "amount": -2850}], "journal": "57 · 41d0b7e9",
}  # fmt: skip

SAMPLES: dict[str, dict] = {"ticket": _TICKET, "eticket": _TICKET, "receipt": _RECEIPT, "refund": _REFUND}
