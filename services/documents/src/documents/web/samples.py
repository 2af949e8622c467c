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

_CASH_SLIP = {
    **{x: _RECEIPT[x] for x in ("organiser", "till", "cashier", "currency")},
    "title": "Clôture de caisse", "number": "T01-F000012", "at": "2026-11-24T18:40:00+01:00",
    "counts": [{"piece": 5000, "pieces": 3, "amount": 15000}, {"piece": 200, "pieces": 7, "amount": 1400}],
    "lines": [
        {"label": "Fonds d'ouverture", "amount": 10000}, {"label": "Ventes en espèces", "amount": 6900},
        {"label": "Attendu", "amount": 16900}, {"label": "Compté", "amount": 16400},
    ],
    "total_label": "Écart", "total": -500,
    "modes": [{"mode": "Carte", "expected": 2500, "declared": 2500, "difference": 0}],
    "explanation": "Un billet de 5 rendu en trop", "signatures": [{"label": "Caissier"}, {"label": "Responsable"}],
    "journal": "61 · 41d0b7e9",
}  # fmt: skip

SAMPLES: dict[str, dict] = {
    "ticket": _TICKET,
    "eticket": _TICKET,
    "receipt": _RECEIPT,
    "refund": _REFUND,
    "cash_slip": _CASH_SLIP,
}
