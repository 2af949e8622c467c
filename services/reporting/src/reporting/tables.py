"""Reports as tables and files. Headings are fixed in each language: people build spreadsheets on them (Q4)."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from kit.clock import business_date
from reporting.domain import (
    CancelledLine,
    ClosingLine,
    FileFormat,
    Filter,
    PaymentLine,
    Report,
    Row,
    Statement,
    SurveyQuestion,
    Total,
    Transaction,
)
from reporting.paper import pdf_bytes
from reporting.spreadsheets import Cell, Column, Table, csv_bytes, xlsx_bytes

MEDIA_TYPES = {
    FileFormat.CSV: "text/csv; charset=utf-8",
    FileFormat.PDF: "application/pdf",
    FileFormat.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_MODES = {
    "fr": {"cash": "Espèces", "card": "Carte", "cheque": "Chèque", "voucher": "Bon", "transfer": "Virement",
           "free": "Gratuit"},
    "en": {"cash": "Cash", "card": "Card", "cheque": "Cheque", "voucher": "Voucher", "transfer": "Transfer",
           "free": "Free"},
}  # fmt: skip
_WORDS = {
    "fr": {"statement": "Relevé", "breakdown": "Ventilation", "transactions": "Transactions", "total": "Total",
           "mode": "Mode de paiement", "rate": "Taux de TVA", "till": "Caisse", "cashier": "Caissier",
           "show": "Spectacle", "articles": "Boutique", "nobody": "Sans caissier", "refund": "remboursement",
           "refund_of": "remboursement de", "statement_file": "releve", "transactions_file": "transactions",
           "survey": "Enquête", "survey_file": "enquete", "silent": "(sans réponse)",
           "closings": "Bordereau de clôture", "closings_file": "clotures", "payments": "Détail des paiements",
           "payments_file": "paiements", "cancellations": "Journal des annulations",
           "cancellations_file": "annulations", "sold": "Ventes du", "performed": "Séances du",
           "filtered": "filtré (caisse, caissier, spectacle ou type de caisse)"},
    "en": {"statement": "Statement", "breakdown": "Breakdown", "transactions": "Transactions", "total": "Total",
           "mode": "Payment mode", "rate": "VAT rate", "till": "Till", "cashier": "Cashier", "show": "Show",
           "articles": "Shop", "nobody": "No cashier", "refund": "refund",
           "refund_of": "refund of", "statement_file": "statement", "transactions_file": "transactions",
           "survey": "Survey", "survey_file": "survey", "silent": "(no answer)",
           "closings": "Closings", "closings_file": "closings", "payments": "Payments", "payments_file": "payments",
           "cancellations": "Cancellations", "cancellations_file": "cancellations", "sold": "Sales of",
           "performed": "Performances of", "filtered": "filtered (till, cashier, show or type of till)"},
}  # fmt: skip
_STATEMENT = (
    ("Spectacle ou famille", "Show or family", Cell.TEXT), ("Séance", "Performance", Cell.INSTANT),
    ("Libellé", "Label", Cell.TEXT), ("Premier billet", "First ticket", Cell.TEXT),
    ("Dernier billet", "Last ticket", Cell.TEXT), ("Quantité", "Quantity", Cell.INTEGER),
    ("Prix unitaire", "Unit price", Cell.MONEY), ("Taux de TVA", "VAT rate", Cell.RATE),
    ("Total HT", "Net total", Cell.MONEY), ("TVA", "VAT", Cell.MONEY), ("Total TTC", "Total", Cell.MONEY),
)  # fmt: skip
_SURVEY = (
    ("Question", "Question", Cell.TEXT), ("Réponse", "Answer", Cell.TEXT), ("Nombre", "Count", Cell.INTEGER),
    ("Clients interrogés", "Customers asked", Cell.INTEGER),
)  # fmt: skip
_CLOSINGS = (
    ("Journée", "Business day", Cell.DAY), ("Caisse", "Till", Cell.TEXT), ("Caissier", "Cashier", Cell.TEXT),
    ("Bordereau", "Slip", Cell.TEXT), ("Clôturé", "Closed", Cell.INSTANT), ("Mode", "Mode", Cell.TEXT),
    ("Ouverture", "Opening", Cell.MONEY), ("Ventes", "Sales", Cell.MONEY),
    ("Rendu", "Refunds", Cell.MONEY), ("Mouvements", "Moved", Cell.MONEY),
    ("Attendu", "Expected", Cell.MONEY), ("Déclaré", "Declared", Cell.MONEY), ("Écart", "Difference", Cell.MONEY),
    ("Explication", "Explanation", Cell.TEXT),
)  # fmt: skip
_PAYMENTS = (
    ("Date et heure", "Date and time", Cell.INSTANT), ("Journée", "Business day", Cell.DAY),
    ("Dossier", "Order", Cell.TEXT), ("Caisse", "Till", Cell.TEXT), ("Caissier", "Cashier", Cell.TEXT),
    ("Type de caisse", "Type of till", Cell.TEXT), ("Paiement", "Payment", Cell.TEXT),
    ("Référence", "Reference", Cell.TEXT), ("Montant", "Amount", Cell.MONEY),
)  # fmt: skip
_CANCELLATIONS = (
    ("Date et heure", "Date and time", Cell.INSTANT), ("Journée", "Business day", Cell.DAY),
    ("Annulation", "Cancellation", Cell.TEXT), ("Dossier", "Order", Cell.TEXT), ("Caisse", "Till", Cell.TEXT),
    ("Caissier", "Cashier", Cell.TEXT), ("Accord de", "Leave of", Cell.TEXT), ("Motif", "Reason", Cell.TEXT),
    ("Libellé", "Label", Cell.TEXT), ("Quantité", "Quantity", Cell.INTEGER), ("TVA", "VAT", Cell.MONEY),
    ("Total TTC", "Total", Cell.MONEY),
)  # fmt: skip
_CHANNELS = {
    "fr": {"till": "Guichet", "counter": "Guichet web", "web": "Internet", "partner": "Partenaire"},
    "en": {"till": "Till", "counter": "Web counter", "web": "Web shop", "partner": "Partner"},
}
_REASONS = {
    "fr": {"customer_request": "Demande du client", "performance_cancelled": "Séance annulée",
           "performance_changed": "Séance modifiée", "selling_mistake": "Erreur de saisie",
           "faulty_article": "Article défectueux", "other": "Autre"},
    "en": {"customer_request": "Customer's request", "performance_cancelled": "Performance cancelled",
           "performance_changed": "Performance changed", "selling_mistake": "Selling mistake",
           "faulty_article": "Faulty article", "other": "Other"},
}  # fmt: skip
_BREAKDOWN = (
    ("Ventilation", "Breakdown", Cell.TEXT), ("Libellé", "Label", Cell.TEXT), ("Nombre", "Count", Cell.INTEGER),
    ("Total HT", "Net total", Cell.MONEY), ("TVA", "VAT", Cell.MONEY), ("Total TTC", "Total", Cell.MONEY),
)  # fmt: skip
_TRANSACTIONS = (
    ("Date et heure", "Date and time", Cell.INSTANT), ("Journée", "Business day", Cell.DAY),
    ("Dossier", "Order", Cell.TEXT), ("Caisse", "Till", Cell.TEXT), ("Séquence", "Sequence", Cell.INTEGER),
    ("Caissier", "Cashier", Cell.TEXT), ("Canal", "Channel", Cell.TEXT), ("Libellé", "Label", Cell.TEXT),
    ("Quantité", "Quantity", Cell.INTEGER), ("Prix unitaire", "Unit price", Cell.MONEY),
    ("Taux de TVA", "VAT rate", Cell.RATE), ("TVA", "VAT", Cell.MONEY), ("Total TTC", "Total", Cell.MONEY),
    ("Paiement", "Payment", Cell.TEXT),
)  # fmt: skip


@dataclass(frozen=True)
class File:
    content: bytes
    filename: str
    media_type: str


def statement_file(
    statement: Statement, chosen: Filter, form: FileFormat, language: str, zone: str, now: datetime
) -> File:
    """The statement; XLSX has its breakdowns on a second sheet."""
    words = _WORDS[language]
    local = ZoneInfo(zone)
    quantity = statement.admissions + statement.articles
    totals = (words["total"], None, None, None, None, quantity, None, None, statement.net, statement.vat,
              statement.total)  # fmt: skip
    rows = [_statement_row(row, language, local) for row in statement.rows]
    table = Table(words["statement"], _columns(_STATEMENT, language), rows, totals)
    name = _filename(words["statement_file"], chosen, business_date(now, zone), form)
    tables = [table] if form is FileFormat.CSV else [table, _breakdown(statement, language)]
    return _file(tables, chosen, form, language, name)


def transactions_file(
    lines: Iterable[Transaction],
    statement: Statement,
    chosen: Filter,
    form: FileFormat,
    language: str,
    zone: str,
    now: datetime,
) -> File:
    """The transaction journal; its totals are the statement's of the same filter."""  # fmt: skip
    words = _WORDS[language]
    local = ZoneInfo(zone)
    quantity = statement.admissions + statement.articles
    totals = (None, None, words["total"], None, None, None, None, None, quantity, None, None, statement.vat,
              statement.total, None)  # fmt: skip
    rows = [_transaction_row(line, language, local) for line in lines]
    table = Table(words["transactions"], _columns(_TRANSACTIONS, language), rows, totals)
    name = _filename(words["transactions_file"], chosen, business_date(now, zone), form)
    return _file([table], chosen, form, language, name)


def survey_file(
    questions: Iterable[SurveyQuestion], chosen: Filter, form: FileFormat, language: str, zone: str, now: datetime
) -> File:
    """One line for each answer to each question, and one for those who said nothing."""
    words = _WORDS[language]
    rows: list[tuple[Any, ...]] = []
    for each in questions:
        rows += [(each.question, said.answer, said.count, each.asked) for said in each.answers]
        if each.silent:
            rows.append((each.question, words["silent"], each.silent, each.asked))
    totals = (words["total"], None, sum(row[2] for row in rows), None)
    table = Table(words["survey"], _columns(_SURVEY, language), rows, totals)
    name = _filename(words["survey_file"], chosen, business_date(now, zone), form)
    return _file([table], chosen, form, language, name)


def state_table(report: Report, lines: Iterable[Any], language: str, zone: str) -> Table:
    """Closings, payments or cancellations, with the totals of these lines."""
    headings, row, summed = _STATES[report]
    local, columns = ZoneInfo(zone), _columns(headings, language)
    rows = [row(line, language, local) for line in lines]
    totals: list[Any] = [sum(each[at] for each in rows) if at in summed else None for at in range(len(columns))]
    totals[0] = _WORDS[language]["total"]
    return Table(_WORDS[language][report.value], columns, rows, totals)


def state_file(
    report: Report, table: Table, chosen: Filter, form: FileFormat, language: str, zone: str, now: datetime
) -> File:
    """The table that the screen shows, whole."""
    name = _filename(_WORDS[language][f"{report.value}_file"], chosen, business_date(now, zone), form)
    return _file([table], chosen, form, language, name)


def _file(tables: list[Table], chosen: Filter, form: FileFormat, language: str, name: str) -> File:
    match form:
        case FileFormat.CSV:
            content = csv_bytes(tables[0], language)
        case FileFormat.XLSX:
            content = xlsx_bytes(tables)
        case FileFormat.PDF:
            content = pdf_bytes(tables, _heading(chosen, language), language)
    return File(content, name, MEDIA_TYPES[form])


def _heading(chosen: Filter, language: str) -> str:
    """The days of a paper, for whoever finds it later."""
    words = _WORDS[language]
    days = sorted({day.isoformat() for day in (chosen.from_on, chosen.to_on) if day})
    told = [f"{words['sold']} {' – '.join(days)}"] if days else []
    if chosen.performance_on:
        told.append(f"{words['performed']} {chosen.performance_on.isoformat()}")
    if chosen.till_id or chosen.cashier_id or chosen.show_id or chosen.channel:
        told.append(words["filtered"])
    return " · ".join(told)


def _closing_row(line: ClosingLine, language: str, zone: ZoneInfo) -> tuple[Any, ...]:
    return (line.business_on, line.till_number, line.cashier, line.number, line.closed_at.astimezone(zone),
            _MODES[language].get(line.mode, line.mode), line.opening, line.sales, line.refunds, line.moved,
            line.expected, line.declared, line.difference, line.explanation)  # fmt: skip


def _payment_row(line: PaymentLine, language: str, zone: ZoneInfo) -> tuple[Any, ...]:
    number = (
        f"{line.order_number} ({_WORDS[language]['refund_of']} {line.refund_of})"
        if line.refund_of
        else (line.order_number)
    )
    return (line.at.astimezone(zone), line.business_on, number, line.till_number, line.cashier,
            _CHANNELS[language].get(line.channel, line.channel), _MODES[language].get(line.mode, line.mode),
            line.reference, line.amount)  # fmt: skip


def _cancelled_row(line: CancelledLine, language: str, zone: ZoneInfo) -> tuple[Any, ...]:
    why = _REASONS[language].get(line.reason, line.reason)
    return (line.at.astimezone(zone), line.business_on, line.number, line.refund_of, line.till_number, line.cashier,
            line.authorised_by, f"{why} – {line.note}" if line.note else why, line.label, line.quantity, line.vat,
            line.total)  # fmt: skip


_STATES: Mapping[Report, tuple[tuple[tuple[str, str, Cell], ...], Callable[..., tuple[Any, ...]], range | set[int]]] = {
    Report.CLOSINGS: (_CLOSINGS, _closing_row, range(6, 13)),
    Report.PAYMENTS: (_PAYMENTS, _payment_row, {8}),
    Report.CANCELLATIONS: (_CANCELLATIONS, _cancelled_row, range(9, 12)),
}


def _columns(headings: Iterable[tuple[str, str, Cell]], language: str) -> list[Column]:
    return [Column(english if language == "en" else french, cell) for french, english, cell in headings]


def _statement_row(row: Row, language: str, zone: ZoneInfo) -> tuple[Any, ...]:
    label = f"{row.label} ({_WORDS[language]['refund']})" if row.refund else row.label
    starts_at = row.performance_starts_at.astimezone(zone) if row.performance_starts_at else None
    return (row.show, starts_at, label, row.first_number, row.last_number, row.quantity, row.unit_price,
            row.vat_rate_bp, row.total - row.vat, row.vat, row.total)  # fmt: skip


def _transaction_row(line: Transaction, language: str, zone: ZoneInfo) -> tuple[Any, ...]:
    label = f"{line.label} ({_WORDS[language]['refund_of']} {line.refund_of})" if line.refund_of else line.label
    modes = ", ".join(_MODES[language].get(mode, mode) for mode in line.payment_modes.split(","))
    return (line.at.astimezone(zone), line.business_on, line.order_number, line.till_number, line.sequence,
            line.cashier, line.channel, label, line.quantity, line.unit_price, line.vat_rate_bp, line.vat,
            line.total, modes)  # fmt: skip


def _breakdown(statement: Statement, language: str) -> Table:
    words, modes = _WORDS[language], _MODES[language]
    rows: list[tuple[Any, ...]] = [
        (words["mode"], modes.get(share.key, share.key), share.count, None, None, share.amount)
        for share in statement.by_payment_mode
    ]
    rows += [
        (words["rate"], _rate(share.key, language), share.count, share.net, share.vat, share.amount)
        for share in statement.by_vat_rate
    ]
    for name, shares, unnamed in (
        ("till", statement.by_till, ""),
        ("cashier", statement.by_cashier, words["nobody"]),
        ("show", statement.by_show, words["articles"]),
    ):
        rows += [_share_row(words[name], share, unnamed) for share in shares]
    totals = (words["total"], None, statement.sales, statement.net, statement.vat, statement.total)
    return Table(words["breakdown"], _columns(_BREAKDOWN, language), rows, totals)


def _share_row(kind: str, share: Total, unnamed: str) -> tuple[Any, ...]:
    label = share.label or (share.key if share.key else unnamed)
    return kind, label, share.count, share.net, share.vat, share.amount


def _rate(basis_points: str, language: str) -> str:
    whole, rest = divmod(int(basis_points), 100)
    percent = f"{whole}.{rest:02d}".rstrip("0").rstrip(".")
    return f"{percent}%" if language == "en" else f"{percent.replace('.', ',')} %"


def _filename(name: str, chosen: Filter, today: date, form: FileFormat) -> str:
    """releve-2026-11-23.csv, releve-2026-11-01-2026-11-30.csv; of any day, that of writing."""
    days = [day for day in (chosen.from_on, chosen.to_on) if day]
    return f"{name}-{'-'.join(sorted({day.isoformat() for day in days or [today]}))}.{form}"
