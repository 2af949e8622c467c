"""Tables as files: the one place that knows the XLSX library. A text can never become a formula in either format.

CSV: UTF-8 with BOM, `;`, amounts with a comma in French and a point in English, dates as 2026-11-23.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any

from rustpy_xlsxwriter import FastExcel, Format

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


class Cell(Enum):
    """What a column holds: (format in XLSX, width in characters)."""

    TEXT = ("@", 26)
    INTEGER = ("# ##0", 10)
    MONEY = ("# ##0.00", 13)  # minor units in; two decimals out
    RATE = ("0.00%", 9)  # basis points in; a percentage out
    DAY = ("yyyy-mm-dd", 12)
    INSTANT = ("yyyy-mm-dd hh:mm", 17)


@dataclass(frozen=True)
class Column:
    heading: str
    cell: Cell = Cell.TEXT


@dataclass(frozen=True)
class Table:
    """`totals` is a last row; None leaves a cell empty. Instants come in the zone in which they are to be read."""

    title: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Any]]
    totals: Sequence[Any]

    def lines(self) -> Iterator[Sequence[Any]]:
        yield from self.rows
        yield self.totals


def csv_bytes(table: Table, language: str) -> bytes:
    """The table as a French or English spreadsheet opens it by a double click."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow(column.heading for column in table.columns)
    for row in table.lines():
        writer.writerow(
            _csv_cell(column.cell, value, language) for column, value in zip(table.columns, row, strict=True)
        )
    return out.getvalue().encode("utf-8-sig")


def xlsx_bytes(tables: Iterable[Table]) -> bytes:
    """One sheet per table: frozen bold headings, typed cells, totals as plain values."""
    out = io.BytesIO()
    book = FastExcel(out).freeze(row=1)
    for table in tables:
        headings = [column.heading for column in table.columns]
        book.sheet(
            table.title,
            [dict(zip(headings, _xlsx_row(table.columns, row), strict=True)) for row in table.lines()],
            column_formats=[Format().set_num_format(column.cell.value[0]) for column in table.columns],
            column_widths=[float(max(column.cell.value[1], len(column.heading) + 2)) for column in table.columns],
            header_format=Format().set_bold().set_background_color("#E8EAEE").set_border_bottom("thin"),
            row_formats={len(table.rows) + 1: Format().set_bold().set_border_top("thin")},
            page_setup={"landscape": True, "fit_to_pages": (1, 0), "repeat_rows": 0, "footer": "&R&P / &N"},
        )
    book.save()
    return out.getvalue()


def _csv_cell(cell: Cell, value: Any, language: str) -> str:
    text = _plain(cell, value, language)
    return f"'{text}" if cell is Cell.TEXT and text.startswith(FORMULA_STARTS) else text


def readable(cell: Cell, value: Any, language: str) -> str:
    """A value as people read it, on a screen and on paper."""
    if isinstance(value, date):
        day = value.strftime("%d/%m/%Y" if language == "fr" else "%d %b %Y")
        return f"{day} {value:%H:%M}" if isinstance(value, datetime) else day
    return _plain(cell, value, language)


def _plain(cell: Cell, value: Any, language: str) -> str:
    """A value as the language writes it; days as programs read them."""
    if value is None:
        return ""
    if cell is Cell.MONEY:
        return _decimal(value, language)
    if cell is Cell.RATE:
        return _decimal(value, language)  # basis points are hundredths of a percent
    if cell is Cell.INTEGER:
        return str(int(value))
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M")
    if isinstance(value, date):
        return value.isoformat()
    return str(value)


def _decimal(hundredths: int, language: str) -> str:
    whole, rest = divmod(abs(hundredths), 100)
    return f"{'-' if hundredths < 0 else ''}{whole}{'.' if language == 'en' else ','}{rest:02d}"


def _xlsx_row(columns: Sequence[Column], row: Sequence[Any]) -> list[Any]:
    return [_xlsx_cell(column.cell, value) for column, value in zip(columns, row, strict=True)]


def _xlsx_cell(cell: Cell, value: Any) -> Any:
    if value is None:
        return None
    if cell is Cell.MONEY:
        return Decimal(value).scaleb(-2)
    if cell is Cell.RATE:
        return Decimal(value).scaleb(-4)
    return value.replace(tzinfo=None) if isinstance(value, datetime) else value
