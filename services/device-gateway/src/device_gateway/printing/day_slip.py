"""The slip of a day's closing (Z): what was sealed, with both perpetual totals (LAW-4)."""

from datetime import datetime
from zoneinfo import ZoneInfo

import ledger
from device_gateway.printing import documents
from device_gateway.printing.cash_slips import TEMPLATE
from device_gateway.store.jobs import Document, NewJob, Role
from device_gateway.till import Seller, Till

_WORDS = {
    "fr": {
        "title": "Clôture Z n° {n}", "note": "Écritures {first} à {last} · ventes {sales} · remb. {refunds}",
        "vat": "TVA {rate} %",
        "total": "Total TTC", "perpetual": "Total perpétuel", "absolute": "Perpétuel, valeur absolue",
        "manager": "Responsable", "comma": ",",
    },
    "en": {
        "title": "Closing Z no. {n}", "note": "Entries {first} to {last} · sales {sales} · refunds {refunds}",
        "vat": "VAT {rate} %",
        "total": "Total, tax included", "perpetual": "Perpetual total", "absolute": "Perpetual, absolute",
        "manager": "Manager", "comma": ".",
    },
}  # fmt: skip


def closing(till: Till, seller: Seller, closed: ledger.Closing, sequence: int, mention: str, now: datetime) -> NewJob:
    """`sequence`: of the closing's own entry."""
    template = documents.template_for(till.templates, TEMPLATE, Document.CASH_SLIP)
    language = documents.parsed(template).language
    words, modes, enrolment = _WORDS[language], documents.MODES[language], till.identity.enrolled()
    vat = [
        (words["vat"].format(rate=_rate(each.rate_bp, words["comma"])), each.vat) for each in closed.vat if each.vat
    ]  # fmt: skip
    perpetual = [(words["perpetual"], closed.perpetual), (words["absolute"], closed.perpetual_absolute)]
    figures = [*((modes[each.mode], each.amount) for each in closed.payments), *vat, *perpetual]
    number, title = f"{enrolment.number}-Z{closed.number:06d}", words["title"].format(n=closed.number)
    data = {
        "organiser": till.catalogue.organisation.name,
        "till": f"{enrolment.number} {enrolment.name}".strip(),
        "cashier": seller.cashier.name,
        "number": number,
        "at": now.astimezone(ZoneInfo(till.catalogue.zone)).isoformat(timespec="seconds"),
        "journal": mention,
        "title": title,
        "note": words["note"].format(first=closed.first, last=closed.last, sales=closed.sales, refunds=closed.refunds),
        "lines": [{"label": label, "amount": amount} for label, amount in figures],
        "total_label": words["total"],
        "total": closed.total,
        "signatures": [{"label": words["manager"]}],
        "currency": closed.currency or till.catalogue.organisation.currency,
    }
    return NewJob(
        f"closing:{sequence}", Role.RECEIPT, Document.CASH_SLIP, "", number, title, template, data
    )  # fmt: skip


def _rate(basis_points: int, comma: str) -> str:
    """550 as "5,5"."""
    whole, cents = divmod(basis_points, 100)
    return f"{whole}{comma}{cents:02d}".rstrip("0").rstrip(comma)
