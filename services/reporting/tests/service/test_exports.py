"""Files hold the figures of the screen, typed, and no formula (L4, Q4)."""

import csv
import io
from datetime import UTC, date, datetime
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from reporting import domain, usecases
from ticketing.reporting.v1 import reporting_service_pb2 as pb

from ..conftest import DAY, NOON, Core, line, performance, refusal, sale, user

STATEMENT, TRANSACTIONS = pb.REPORT_DAY_STATEMENT, pb.REPORT_TRANSACTIONS
CSV, XLSX = pb.FILE_FORMAT_CSV, pb.FILE_FORMAT_XLSX


@pytest.fixture
def busy(core: Core) -> Core:
    core.tell(
        sale(line(quantity=2, performance_id="p1", show_id="s1"), line("Affiche « Été »", 1, 1590, 2000,
             product_id="a1"), paid=[("cash", 2000), ("card", 1990)], tickets=[(1, 3, 16), (1, 3, 17)]),
        sale(line("Réduit", 3, 950, 550, performance_id="p1", show_id="s1")),
        performance("p1", "s1", "Le Cid", datetime(2026, 12, 24, 19, 30, tzinfo=UTC)),
        user("claire", "Claire Moreau"),
    )  # fmt: skip
    return core


def read_csv(content: bytes) -> list[list[str]]:
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig")), delimiter=";"))


def read_xlsx(content: bytes, sheet: int = 0) -> list[list[Any]]:
    return CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(sheet).to_python()


def comma(minor_units: int) -> str:
    return f"{minor_units / 100:.2f}".replace(".", ",")


def test_the_csv_statement_equals_the_screen(busy: Core) -> None:
    found, file = busy.statement(), busy.export(STATEMENT, CSV)
    headings, *rows, totals = read_csv(file.content)
    assert headings == ["Spectacle ou famille", "Séance", "Libellé", "Premier billet", "Dernier billet", "Quantité",
                        "Prix unitaire", "Taux de TVA", "Total HT", "TVA", "Total TTC"]  # fmt: skip
    assert [(r[0], r[2], r[5], r[6], r[9], r[10]) for r in rows] == [
        (r.show, r.label, str(r.quantity), comma(r.unit_price), comma(r.vat), comma(r.total)) for r in found.rows
    ]
    assert rows[0][1] == "2026-12-24 20:30"  # the venue's hour
    assert rows[0][3].startswith("K003-000016")
    assert totals == ["Total", "", "", "", "", "6", "", "", comma(found.net), comma(found.vat), comma(found.total)]
    assert (file.filename, file.media_type) == (f"releve-{DAY}.csv", "text/csv; charset=utf-8")


def test_the_english_csv_writes_points(busy: Core) -> None:
    headings, *rows, _ = read_csv(busy.export(STATEMENT, CSV, "en").content)
    assert headings[6] == "Unit price"
    assert {row[6] for row in rows} == {"12.00", "9.50", "15.90"}


def test_the_xlsx_statement_has_numbers_and_dates_and_equals_the_screen(busy: Core) -> None:
    found, file = busy.statement(), busy.export(STATEMENT, XLSX)
    _, *rows, totals = read_xlsx(file.content)
    assert [(r[0], r[2], r[5], r[6], r[9], r[10]) for r in rows] == [
        (r.show, r.label, r.quantity, r.unit_price / 100, r.vat / 100, r.total / 100) for r in found.rows
    ]
    assert rows[0][1] == datetime(2026, 12, 24, 20, 30)
    assert [round(cell * 100) for cell in totals[8:]] == [found.net, found.vat, found.total]
    breakdown = read_xlsx(file.content, 1)
    assert ["Mode de paiement", "Espèces"] in [row[:2] for row in breakdown]
    assert ["Taux de TVA", "5,5 %"] in [row[:2] for row in breakdown]
    assert round(breakdown[-1][5] * 100) == found.total


@pytest.mark.parametrize(("form", "read"), [(CSV, read_csv), (XLSX, read_xlsx)])
def test_the_journal_file_equals_the_screen(busy: Core, form: Any, read: Any) -> None:
    listed = busy.transactions(page_size=1000).transactions
    _, *rows, totals = read(busy.export(TRANSACTIONS, form).content)
    written = [comma(t.total) if form == CSV else t.total / 100 for t in listed]
    assert [row[12] for row in rows] == written
    assert [row[7] for row in rows] == [t.label for t in listed]
    assert {row[5] for row in rows} == {"Claire Moreau"}
    assert {row[13] for row in rows} == {"Carte, Espèces", "Espèces"}
    total = busy.statement().total
    assert totals[12] == (comma(total) if form == CSV else total / 100)
    assert rows[0][1] in (DAY, date(2026, 11, 23), datetime(2026, 11, 23))


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_a_label_never_becomes_a_formula(core: Core, start: str) -> None:
    label = f'{start}HYPERLINK("http://x.test";"clic")'
    core.tell(sale(line(label)), user("claire", label))
    for report, place in ((STATEMENT, 2), (TRANSACTIONS, 7), (TRANSACTIONS, 5)):
        assert read_csv(core.export(report, CSV).content)[1][place].startswith("'" + start)
        content = core.export(report, XLSX).content
        book = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0)
        assert str(book.to_python()[1][place]).strip() == label.strip()
        assert b"<f>" not in unzipped(content)


def unzipped(content: bytes) -> bytes:
    import zipfile

    with zipfile.ZipFile(io.BytesIO(content)) as book:
        return b"".join(book.read(name) for name in book.namelist() if name.startswith("xl/worksheets/"))


@pytest.mark.parametrize("form", [CSV, XLSX])
def test_an_empty_day_gives_headings_and_zeros(core: Core, form: Any) -> None:
    content = core.export(STATEMENT, form).content
    headings, totals = read_csv(content) if form == CSV else read_xlsx(content)
    assert headings[0] == "Spectacle ou famille"
    assert totals[10] in ("0,00", 0)


def test_unknown_formats_reports_and_languages_are_refused(core: Core) -> None:
    assert refusal(lambda: core.export(STATEMENT, pb.FILE_FORMAT_UNSPECIFIED)).reason == "FORMAT_UNKNOWN"
    assert refusal(lambda: core.export(STATEMENT, 99)).reason == "FORMAT_UNKNOWN"
    assert refusal(lambda: core.export(pb.REPORT_UNSPECIFIED, CSV)).facts["field"] == "report"
    assert refusal(lambda: core.export(STATEMENT, CSV, "de")).facts["field"] == "language"


def test_a_file_too_long_is_refused_with_its_limit(core: Core, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(usecases, "MAX_EXPORTED_LINES", 2)
    core.tell(sale(), sale(), sale())
    refused = refusal(lambda: core.export(TRANSACTIONS, CSV))
    assert (refused.reason, refused.facts["most"]) == (domain.ReportTooLarge.reason, "2")


def test_a_period_names_its_file(core: Core) -> None:
    file = core.export(TRANSACTIONS, XLSX, "en", from_on="2026-11-01", to_on="2026-11-30")
    assert file.filename == "transactions-2026-11-01-2026-11-30.xlsx"
    assert NOON.date().isoformat() == DAY
