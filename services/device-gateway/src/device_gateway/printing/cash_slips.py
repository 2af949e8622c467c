"""Slips of cash floats: movements and closings, on paper for the envelope and the bank's bag (E2, E3, E5)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import ledger
from device_gateway.printing import documents
from device_gateway.store.floats import REFUNDS, SALES, Sums
from device_gateway.store.jobs import Document, NewJob, Role
from device_gateway.store.shifts import CashFloat
from device_gateway.till import Seller, Till
from ledger import MovementKind, MovementReason

TEMPLATE = "cash_slip_80mm"
_WORDS: dict[str, dict[str, str]] = {
    "fr": {
        "closing": "Clôture de caisse", "opening": "Fonds d'ouverture", SALES: "Ventes en espèces",
        REFUNDS: "Remboursements en espèces", "expected": "Attendu", "counted": "Compté", "difference": "Écart",
        "amount": "Montant", "carried_from": "Vient de la caisse", "from": "De", "to": "À", "cashier": "Caissier",
        "second": "Deuxième signature", "manager": "Responsable",
        MovementKind.PAY_IN: "Apport", MovementKind.WITHDRAWAL: "Prélèvement",
        MovementKind.TRANSFER_OUT: "Transfert remis", MovementKind.TRANSFER_IN: "Transfert reçu",
        MovementKind.CARRIED_OUT: "Fonds emporté", MovementKind.CARRIED_IN: "Fonds repris",
    },
    "en": {
        "closing": "Closing of the float", "opening": "Opening amount", SALES: "Cash sales", REFUNDS: "Cash refunds",
        "expected": "Expected", "counted": "Counted", "difference": "Difference", "amount": "Amount",
        "carried_from": "From till", "from": "From", "to": "To", "cashier": "Cashier", "second": "Second signature",
        "manager": "Manager",
        MovementKind.PAY_IN: "Pay-in", MovementKind.WITHDRAWAL: "Withdrawal",
        MovementKind.TRANSFER_OUT: "Transfer given", MovementKind.TRANSFER_IN: "Transfer received",
        MovementKind.CARRIED_OUT: "Float carried away", MovementKind.CARRIED_IN: "Float taken up",
    },
}  # fmt: skip
_REASONS = {
    "fr": {
        MovementReason.CHANGE: "Monnaie", MovementReason.SAFE: "Coffre", MovementReason.BANK: "Remise en banque",
        MovementReason.EXPENSE: "Dépense", MovementReason.OTHER: "Autre",
    },
    "en": {
        MovementReason.CHANGE: "Change", MovementReason.SAFE: "Safe", MovementReason.BANK: "Bank",
        MovementReason.EXPENSE: "Expense", MovementReason.OTHER: "Other",
    },
}  # fmt: skip


def movement(
    till: Till, moved: ledger.CashMoved, names: Mapping[str, str], mention: str, now: datetime, *, kick_drawer: bool
) -> NewJob:
    """`names`: of the people of the movement, by id."""
    template, language = _template(till)
    words, modes = _WORDS[language], documents.MODES[language]
    other = names.get(moved.other_cashier_id or "", "")
    note = {
        MovementKind.TRANSFER_OUT: f"{words['to']} {other}",
        MovementKind.TRANSFER_IN: f"{words['from']} {other}",
        MovementKind.CARRIED_IN: f"{words['carried_from']} {moved.other_till}",
    }.get(moved.kind, moved.note)
    lines = [{"label": modes[mode], "amount": abs(amount)} for mode, amount in moved.other_modes.items()]
    signed = [words["cashier"], *([words["second"]] if moved.authorised_by else []), *([other] if other else [])]
    data = _head(till, names.get(moved.cashier_id, ""), moved.number, mention, now) | {
        "title": words[moved.kind],
        "reason": _REASONS[language][moved.reason] if moved.reason else None,
        "note": note,
        "bag_number": moved.bag_number,
        "authorised_by": names.get(moved.authorised_by or ""),
        "lines": lines,
        "total_label": words["amount"],
        "total": abs(moved.amount),
        "signatures": [{"label": label} for label in signed],
        "currency": moved.currency,
    }
    return _job(f"{moved.movement_id}:{moved.kind}", moved.cash_float_id, moved.number, template, data, kick_drawer)


def closing(
    till: Till, seller: Seller, cash_float: CashFloat, closed: ledger.FloatClosed, sums: Sums, mention: str,
    now: datetime,
) -> NewJob:  # fmt: skip
    """What was counted, what there should be and why, mode by mode, with room for two signatures."""
    assert closed.settled is not None
    template, language = _template(till)
    words, modes = _WORDS[language], documents.MODES[language]
    opening = [("opening", cash_float.opening_total)] if cash_float.opening_total else []
    moved = [(name, sums.cash[name]) for name in (SALES, REFUNDS, *MovementKind) if sums.cash.get(name)]
    figures = [*opening, *moved, ("expected", closed.expected), ("counted", closed.counted)]
    data = _head(till, seller.cashier.name, closed.settled.number, mention, now) | {
        "title": words["closing"],
        "counts": [
            {"piece": piece, "pieces": pieces, "amount": piece * pieces}
            for piece, pieces in sorted(closed.counts.items(), reverse=True)
        ],
        "lines": [{"label": words[name], "amount": amount} for name, amount in figures],
        "total_label": words["difference"],
        "total": closed.difference,
        "modes": [
            {"mode": modes[each.mode], "expected": each.expected, "declared": each.declared,
             "difference": each.difference}
            for each in closed.modes
        ],
        "explanation": closed.settled.explanation,
        "signatures": [{"label": words["cashier"]}, {"label": words["manager"]}],
        "currency": closed.currency,
    }  # fmt: skip
    return _job(f"{closed.cash_float_id}:closing", closed.cash_float_id, closed.settled.number, template, data, False)


def mention(sequence: int, entry_hash: bytes) -> str:
    """Where the entry of a slip stands in the journal."""
    return documents.journal_mention(sequence, entry_hash)


def _template(till: Till) -> tuple[str, str]:
    template = documents.template_for(till.templates, TEMPLATE, Document.CASH_SLIP)
    return template, documents.parsed(template).language


def _head(till: Till, cashier: str, number: str, mention: str, now: datetime) -> dict[str, Any]:
    enrolment = till.identity.enrolled()
    return {
        "organiser": till.catalogue.organisation.name,
        "till": f"{enrolment.number} {enrolment.name}".strip(),
        "cashier": cashier,
        "number": number,
        "at": now.astimezone(ZoneInfo(till.catalogue.zone)).isoformat(timespec="seconds"),
        "journal": mention,
    }


def _job(key: str, cash_float_id: str, number: str, template: str, data: dict[str, Any], kick_drawer: bool) -> NewJob:
    return NewJob(
        key, Role.RECEIPT, Document.CASH_SLIP, cash_float_id, number, data["title"], template, data,
        kick_drawer=kick_drawer,
    )  # fmt: skip
