"""States of the money: the same rows and totals on screen, in CSV, in XLSX and on paper (Q2 to Q4, LAW-15)."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pypdfium2
import pytest

from ticketing.cashdesk.v1 import events_pb2 as cashdesk
from ticketing.reporting.v1 import reporting_service_pb2 as pb

from ..conftest import DAY, NOON, Core, day, line, performance, refund, refusal, sale, stamp, user
from .test_exports import comma, read_csv, read_xlsx

CLOSINGS, PAYMENTS, CANCELLATIONS = pb.REPORT_CLOSINGS, pb.REPORT_PAYMENTS, pb.REPORT_CANCELLATIONS
CSV, XLSX, PDF = pb.FILE_FORMAT_CSV, pb.FILE_FORMAT_XLSX, pb.FILE_FORMAT_PDF
STATES = (CLOSINGS, PAYMENTS, CANCELLATIONS)


def closed(float_id: str = "f1", cashier: str = "claire", **more: Any) -> cashdesk.FloatClosed:
    fields = {
        "cash_float_id": float_id, "cashier_id": cashier, "till_id": "till-1", "business_on": DAY, "expected": 12_000,
        "counted": 11_950, "difference": -50, "number": "T01-F000002", "explanation": "=Une pièce de 50 c",
        "at": stamp(NOON + timedelta(hours=8)),
        "modes": [cashdesk.ModeCount(mode="card", expected=1990, declared=1990)],
    }  # fmt: skip
    return cashdesk.FloatClosed(**fields | more)


def moved(amount: int, kind: str, id: str) -> cashdesk.CashMoved:
    return cashdesk.CashMoved(
        movement_id=id, kind=kind, number="T01-F000001", cash_float_id="f1", cashier_id="claire", till_id="till-1",
        till_number="T01", business_on=DAY, currency="EUR", amount=amount, at=stamp(NOON),
    )  # fmt: skip


@pytest.fixture
def busy(core: Core) -> Core:
    """Claire's float: two sales, one refund that Jeanne allowed, a pay-in; and a sale of the web shop."""
    two = sale(
        line(quantity=2, performance_id="p1", show_id="s1"), line("Affiche", 1, 1590, 2000, product_id="a1"),
        paid=[("cash", 2000), ("card", 1990)], cash_float_id="f1",
    )  # fmt: skip
    back = refund(two, cash_float_id="f1", reason="selling_mistake", note="Doublon", authorised_by="jeanne",
                  at=NOON + timedelta(minutes=1))  # fmt: skip
    web = sale(line("Web", 1, 900, performance_id="p2", show_id="s2"), paid=[("card", 900)], channel="web",
               cashier_id="", till="web", till_number="WEB", at=NOON + timedelta(minutes=2))  # fmt: skip
    opened = cashdesk.FloatOpened(
        cash_float_id="f1", cashier_id="claire", till_id="till-1", till_number="T01", business_on=DAY, currency="EUR",
        opening_total=10_000, at=stamp(NOON - timedelta(hours=3)),
    )  # fmt: skip
    core.tell(
        two, back, web, opened, moved(1200, "pay_in", "m1"), moved(-5000, "carried_out", "m2"), closed(),
        performance("p1", "s1", "Le Cid", datetime(2026, 12, 24, 19, 30, tzinfo=UTC)),
        performance("p2", "s2", "Phèdre", datetime(2026, 12, 26, 19, 30, tzinfo=UTC)),
        user("claire", "Claire Moreau"), user("jeanne", "Jeanne Roy"),
    )  # fmt: skip
    return core


def state(core: Core, report: Any, language: str = "fr", **chosen: str) -> pb.GetStateResponse:
    return core.manager.GetState(pb.GetStateRequest(report=report, filter=day(**chosen), language=language))


def column(found: pb.GetStateResponse, heading: str) -> list[str]:
    at = [each.heading for each in found.columns].index(heading)
    return [row.cells[at] for row in found.rows]


def total(found: pb.GetStateResponse, heading: str) -> str:
    return found.totals.cells[[each.heading for each in found.columns].index(heading)]


def paper(content: bytes) -> str:
    book = pypdfium2.PdfDocument(content)
    return "\n".join(sheet.get_textpage().get_text_range() for sheet in book)


def test_every_payment_is_a_row_and_their_sum_is_the_statements(busy: Core) -> None:
    found = state(busy, PAYMENTS)
    assert column(found, "Paiement") == ["Espèces", "Carte", "Espèces", "Carte"]
    assert column(found, "Montant") == ["20,00", "19,90", "-12,00", "9,00"]
    assert column(found, "Type de caisse") == ["Guichet", "Guichet", "Guichet", "Internet"]
    by_mode = {each.key: each.amount for each in busy.statement().by_payment_mode}
    assert total(found, "Montant") == comma(sum(by_mode.values()))


def test_payments_of_one_event_are_their_share_exact_in_sum(busy: Core) -> None:
    found = state(busy, PAYMENTS, show_id="s1")
    assert total(found, "Montant") == comma(busy.statement(show_id="s1").total)
    of_day = state(busy, PAYMENTS, from_on="", to_on="", performance_on="2026-12-26")
    assert column(of_day, "Montant") == ["9,00"]


def test_cancellations_say_what_why_and_by_whose_leave(busy: Core) -> None:
    found = state(busy, CANCELLATIONS)
    assert column(found, "Motif") == ["Erreur de saisie – Doublon"]
    assert (column(found, "Accord de"), column(found, "Caissier")) == (["Jeanne Roy"], ["Claire Moreau"])
    assert (column(found, "Quantité"), total(found, "Total TTC")) == (["-1"], comma(busy.statement().refunded))


def test_a_closing_is_told_mode_by_mode_from_what_came_in(busy: Core) -> None:
    """E7: opening, sales, refunds and movements make what was expected; to carry a float moves nothing."""
    found = state(busy, CLOSINGS)
    assert column(found, "Mode") == ["Espèces", "Carte"]
    assert [column(found, name)[0] for name in ("Ouverture", "Ventes", "Rendu", "Mouvements", "Attendu")] == [
        "100,00", "20,00", "-12,00", "12,00", "120,00",
    ]  # fmt: skip
    assert (column(found, "Ventes")[1], column(found, "Déclaré")[1]) == ("19,90", "19,90")
    assert (column(found, "Écart"), total(found, "Écart")) == (["-0,50", "0,00"], "-0,50")


@pytest.mark.parametrize("report", STATES)
@pytest.mark.parametrize(
    ("chosen", "rows"),
    [
        ({"till_id": "nowhere"}, 0), ({"cashier_id": "nobody"}, 0), ({"channel": "partner"}, 0),
        ({"from_on": "2020-01-01", "to_on": "2020-01-01"}, 0), ({"show_id": "s9"}, 0),
        ({"till_id": "till-1", "cashier_id": "claire", "channel": "till", "show_id": "s1"}, None),
        ({"from_on": "", "to_on": "", "performance_on": "2026-12-24"}, None),
    ],
)  # fmt: skip
def test_each_state_is_filtered_by_till_seller_type_of_till_event_and_both_dates(
    busy: Core, report: Any, chosen: dict[str, str], rows: int | None
) -> None:
    """Q2, Q3."""
    found = state(busy, report, **chosen)
    assert len(found.rows) == (rows if rows is not None else {CLOSINGS: 2, PAYMENTS: 3, CANCELLATIONS: 1}[report])


def as_read(cell: str) -> str:
    """A cell of a file, without its guard against formulas, its day as people write it."""
    return re.sub(r"^(\d{4})-(\d\d)-(\d\d)\b", r"\3/\2/\1", cell.removeprefix("'"))


@pytest.mark.parametrize("report", STATES)
def test_files_and_paper_have_the_rows_and_totals_of_the_screen(busy: Core, report: Any) -> None:
    """Q4, L4."""
    found = state(busy, report)
    headings, *rows, totals = read_csv(busy.export(report, CSV).content)
    assert headings == [each.heading for each in found.columns]
    assert [[as_read(cell) for cell in row] for row in rows] == [list(row.cells) for row in found.rows]
    assert totals == list(found.totals.cells)
    in_book = read_xlsx(busy.export(report, XLSX).content)
    assert len(in_book) == len(found.rows) + 2
    for at, each in enumerate(found.columns):
        if each.kind == pb.CELL_KIND_NUMBER and found.totals.cells[at]:
            assert comma(round(in_book[-1][at] * 100)) in (found.totals.cells[at], f"{found.totals.cells[at]},00")
    file = busy.export(report, PDF)
    printed = paper(file.content)
    assert file.media_type == "application/pdf"
    for cell in [*found.totals.cells, *(cell for row in found.rows for cell in row.cells)]:
        assert all(word in printed for word in cell.split()), cell


def test_the_days_statement_is_printed_with_its_breakdown(busy: Core) -> None:
    """LAW-15, Q2."""
    printed = paper(busy.export(pb.REPORT_DAY_STATEMENT, PDF).content)
    for told in ("Relevé", "Ventilation", DAY, comma(busy.statement().total), "Plein tarif"):
        assert told in printed, told


def test_states_speak_english_too(busy: Core) -> None:
    found = state(busy, PAYMENTS, "en")
    assert (column(found, "Amount")[0], total(found, "Amount")[-3]) == ("20.00", ".")


def test_nobody_reads_a_state_without_the_right_and_only_states_are_read_so(busy: Core) -> None:
    """M2."""
    asked = pb.GetStateRequest(report=PAYMENTS, filter=day())
    assert refusal(lambda: busy.as_user("orders.view").GetState(asked)).reason == "FORBIDDEN"
    other = pb.GetStateRequest(report=pb.REPORT_SURVEY, filter=day())
    assert refusal(lambda: busy.manager.GetState(other)).facts["field"] == "report"
