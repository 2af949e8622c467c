"""What is printed for a sale: the data of tickets and receipts, frozen when sold, and their pages when they leave."""

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

import ledger
import render
import titles
from device_gateway.domain.basket import PricedLine
from device_gateway.printing.outcomes import Page
from device_gateway.store.identity import Enrolment
from device_gateway.store.jobs import Document, Job
from setups.catalogue import Catalogue

TRAINING_MARK = "MODE ÉCOLE – SANS VALEUR"  # the words of the law, in any language of the till
MODES = {
    "fr": {"cash": "Espèces", "card": "Carte bancaire", "cheque": "Chèque", "voucher": "Bon", "transfer": "Virement",
           "free": "Gratuit"},
    "en": {"cash": "Cash", "card": "Card", "cheque": "Cheque", "voucher": "Voucher", "transfer": "Transfer",
           "free": "Free"},
}  # fmt: skip
REFUND_TEMPLATE = "refund_80mm"
REASONS = {
    "fr": {"customer_request": "Demande du client", "performance_cancelled": "Séance annulée",
           "performance_changed": "Séance modifiée", "selling_mistake": "Erreur de saisie",
           "faulty_article": "Article défectueux", "other": "Autre"},
    "en": {"customer_request": "Customer's request", "performance_cancelled": "Performance cancelled",
           "performance_changed": "Performance changed", "selling_mistake": "Selling mistake",
           "faulty_article": "Faulty article", "other": "Other"},
}  # fmt: skip
_SHIPPED = {
    Document.TICKET: "ticket_80mm", Document.RECEIPT: "receipt_80mm", Document.REFUND: REFUND_TEMPLATE,
    Document.CASH_SLIP: "cash_slip_80mm",
}  # fmt: skip

TEST_PAGE = json.dumps({
    "code": "test_page", "name": "Essai", "kind": "ticket", "language": "fr",
    "page": {"width_mm": 58, "height_mm": 50},
    "elements": [
        {"type": "text", "x": 3, "y": 3, "w": 52, "h": 6, "size_pt": 14, "font": "sans-bold", "fit": "shrink",
         "content": "{organiser}"},
        {"type": "text", "x": 3, "y": 10, "w": 28, "h": 14, "size_pt": 11, "fit": "wrap",
         "content": "Essai d’impression"},
        {"type": "barcode", "x": 33, "y": 10, "w": 22, "h": 22, "symbology": "qr", "field": "barcode"},
        {"type": "text", "x": 3, "y": 35, "w": 52, "h": 5, "size_pt": 9, "fit": "shrink",
         "content": "àâäçéèêëîïôöùûü œ € – « »"},
        {"type": "rule", "x": 3, "y": 42, "w": 52, "h": 0},
        {"type": "text", "x": 3, "y": 43, "w": 52, "h": 4, "size_pt": 8, "fit": "shrink", "content": "{till}"},
    ],
}, ensure_ascii=False)  # fmt: skip


def template_for(templates: Mapping[str, str], code: str, kind: Document) -> str:
    """JSON of the template that the till's profile names, else of the one that ships with the suite."""
    content = templates.get(code)
    if content is not None and _kind_of(content) == kind.value:
        return content
    return shipped(kind)


@lru_cache(maxsize=len(_SHIPPED))
def shipped(kind: Document) -> str:
    return json.dumps(render.shipped(_SHIPPED[kind]).to_json(), ensure_ascii=False)


@lru_cache(maxsize=64)
def _kind_of(content: str) -> str:
    try:
        return str(json.loads(content).get("kind"))
    except ValueError:
        return ""


@lru_cache(maxsize=64)
def parsed(content: str) -> render.Template:
    """Raises render.InvalidTemplate."""
    return render.load(json.loads(content))


def ticket_data(
    catalogue: Catalogue,
    enrolment: Enrolment,
    sale: ledger.Sale,
    line: PricedLine,
    ticket: ledger.Ticket,
    seat: ledger.Seat | None,
    now: datetime,
) -> dict[str, Any]:
    """The mentions of LAW-11, the seat of a numbered place, and the barcode."""
    assert line.performance is not None
    assert line.price is not None
    zone = ZoneInfo(catalogue.zone_of(line.performance))
    venue = catalogue.venue_of(line.performance)
    place = " · ".join(part for part in (venue.name if venue else "", line.performance.hall) if part)
    return {
        "organiser": catalogue.organisation.name,
        "licence": catalogue.organisation.licence,
        "venue": place,
        "show": catalogue.shows[line.performance.show_id].title,
        "performance_starts_at": line.performance.starts_at.astimezone(zone).isoformat(),
        "category": line.price.category,
        "tariff": line.price.tariff.name,
        "price": line.unit_price or "free",
        "currency": sale.currency,
        "order_number": sale.order_number,
        "serial": ticket.serial,
        "ticket_number": f"{ticket.key_id}-{ticket.serial:06d}",
        "till": f"{enrolment.number} {enrolment.name}".strip(),
        "sold_at": now.astimezone(zone).isoformat(timespec="seconds"),
        "human_code": titles.human_code(ticket.key_id, ticket.serial),
        "barcode": ticket.token,
        **({"seat": seat.words, "zone": seat.zone, "row": seat.row, "seat_number": seat.label} if seat else {}),
    }


def receipt_data(
    catalogue: Catalogue,
    enrolment: Enrolment,
    sale: ledger.Sale,
    cashier: str,
    at: datetime,
    journal: str,
    language: str,
) -> dict[str, Any]:
    """The lines of LAW-1; tendered and change of LAW-26."""
    modes = MODES[language]
    return {
        "organiser": catalogue.organisation.name,
        "address": catalogue.organisation.address,
        "siret": catalogue.organisation.siret,
        "till": f"{enrolment.number} {enrolment.name}".strip(),
        "cashier": cashier,
        "order_number": sale.order_number,
        "sold_at": at.astimezone(ZoneInfo(catalogue.zone)).isoformat(timespec="seconds"),
        "lines": [
            {"label": line.label, "quantity": line.quantity, "unit_price": line.unit_price, "total": line.total,
             "vat_rate_bp": line.vat_rate_bp}
            for line in sale.lines
        ],
        "total": sale.total,
        "vat": [{"rate_bp": each.rate_bp, "net": each.net, "vat": each.vat} for each in sale.vat],
        "payments": [
            {"mode": modes[each.mode], "amount": each.amount}
            | ({"tendered": each.tendered, "change": each.change} if each.mode == ledger.Mode.CASH else {})
            for each in sale.payments
        ],
        "currency": sale.currency,
        "journal": journal,
    }  # fmt: skip


def refund_data(
    catalogue: Catalogue,
    enrolment: Enrolment,
    refund: ledger.Refund,
    cashier: str,
    authorised_by: str,
    at: datetime,
    journal: str,
    language: str,
) -> dict[str, Any]:
    """What comes back, which tickets died, and how the money is given back (A7)."""
    codes: dict[int, list[str]] = {}
    for ticket in refund.tickets:
        codes.setdefault(ticket.line, []).append(titles.human_code(ticket.key_id, ticket.serial))
    return {
        "organiser": catalogue.organisation.name,
        "address": catalogue.organisation.address,
        "siret": catalogue.organisation.siret,
        "till": f"{enrolment.number} {enrolment.name}".strip(),
        "cashier": cashier,
        "authorised_by": authorised_by,
        "refund_number": refund.refund_number,
        "order_number": refund.original.order_number,
        "refunded_at": at.astimezone(ZoneInfo(catalogue.zone)).isoformat(timespec="seconds"),
        "reason": REASONS[language][refund.reason],
        "note": refund.note,
        "lines": [
            {"label": line.label, "quantity": line.quantity, "unit_price": line.unit_price, "total": line.total,
             "vat_rate_bp": line.vat_rate_bp, "tickets": ", ".join(codes.get(line.line, ()))}
            for line in refund.lines
        ],
        "total": refund.total,
        "vat": [{"rate_bp": each.rate_bp, "net": each.net, "vat": each.vat} for each in refund.vat],
        "payments": [{"mode": MODES[language][back.mode], "amount": back.amount} for back in refund.payments],
        "currency": refund.currency,
        "journal": journal,
    }  # fmt: skip


def journal_mention(sequence: int, entry_hash: bytes) -> str:
    return f"{sequence} · {entry_hash.hex()[:12]}"


def page_of(job: Job, *, is_training: bool = False) -> Page:
    """What a job puts on paper. In training every paper says so, and the drawer, which holds money, stays shut.

    Raises render.InvalidTemplate.
    """
    return Page(
        template=None if job.kind is Document.DRAWER else parsed(job.template),
        data=job.data | ({"duplicate": f"DUPLICATA {job.copy}"} if job.copy else {}),
        kick_drawer=(job.kick_drawer or job.kind is Document.DRAWER) and not is_training,
        mark=TRAINING_MARK if is_training else "",
    )


def reference_of(job: Job) -> str:
    """Four characters that no neighbouring job or attempt bears."""
    digits, rest = "", (job.number * 31 + job.attempt) % 36**4
    for _ in range(4):
        rest, digit = divmod(rest, 36)
        digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"[digit] + digits
    return digits


def warm_up(templates: Mapping[str, str]) -> None:
    """Parse and draw each template once: the first ticket of the day should not wait for fonts."""
    for content in {*templates.values(), *map(shipped, _SHIPPED)}:
        if _kind_of(content) in _SHIPPED:
            try:
                render.escpos(parsed(content), {"barcode": "0" * 154} if _kind_of(content) == "ticket" else {})
            except (render.InvalidTemplate, render.InvalidData):
                continue  # said again, and shown, when a document of it is printed


def fingerprint(value: object) -> str:
    """Of a request's content."""
    return hashlib.sha256(json.dumps(value, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
