"""Tables on paper: A4 across, headings on each sheet, the total once (Q2). The one place that knows the PDF library."""

import io
from collections.abc import Iterable
from functools import lru_cache
from typing import Any
from xml.sax.saxutils import escape

from reportlab.lib import colors
from reportlab.lib.pagesizes import A4, landscape
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.platypus import LongTable, Paragraph, SimpleDocTemplate, Spacer, TableStyle

from render import fonts
from reporting.spreadsheets import Cell, Table, readable

_MARGIN = 12 * mm
_NARROW = {Cell.INTEGER, Cell.RATE, Cell.DAY}


def pdf_bytes(tables: Iterable[Table], heading: str, language: str) -> bytes:
    """One after the other. `heading`: of what days, and which filters."""
    fonts.register()
    out, story, title = io.BytesIO(), [], ""
    for table in tables:
        title = title or table.title
        story += [
            Paragraph(escape(table.title), _style("sans-bold", 13)),
            Paragraph(escape(heading), _style("sans", 8)),
        ]
        story += [Spacer(0, 3 * mm), _grid(table, language), Spacer(0, 6 * mm)]
    sheet = SimpleDocTemplate(
        out, pagesize=landscape(A4), title=title, leftMargin=_MARGIN, rightMargin=_MARGIN, topMargin=_MARGIN,
        bottomMargin=_MARGIN, invariant=1,
    )  # fmt: skip
    sheet.build(story, onFirstPage=_number, onLaterPages=_number)
    return out.getvalue()


@lru_cache(maxsize=8)
def _style(face: str, points: float, right: bool = False) -> ParagraphStyle:
    return ParagraphStyle(
        f"{face}{points}{right}", fontName=fonts.FACES[face], fontSize=points, leading=points * 1.25,
        alignment=2 if right else 0,
    )  # fmt: skip


def _grid(table: Table, language: str) -> LongTable:
    wide = [2.0 if column.cell is Cell.TEXT else 1.0 if column.cell in _NARROW else 1.3 for column in table.columns]
    room = landscape(A4)[0] - 2 * _MARGIN
    numbers = [column.cell not in (Cell.TEXT, Cell.DAY, Cell.INSTANT) for column in table.columns]

    def row(values: Iterable[str], face: str) -> list[Any]:
        return [Paragraph(escape(value), _style(face, 7, right)) for value, right in zip(values, numbers, strict=True)]

    cells = [row((column.heading for column in table.columns), "sans-bold")]
    for index, values in enumerate(table.lines()):
        words = (readable(column.cell, value, language) for column, value in zip(table.columns, values, strict=True))
        cells.append(row(words, "sans-bold" if index == len(table.rows) else "sans"))
    grid = LongTable(cells, colWidths=[room * each / sum(wide) for each in wide], repeatRows=1)
    grid.setStyle(TableStyle([
        ("LINEBELOW", (0, 0), (-1, 0), 0.8, colors.black), ("LINEBELOW", (0, 1), (-1, -2), 0.25, colors.lightgrey),
        ("LINEABOVE", (0, -1), (-1, -1), 0.8, colors.black), ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("LEFTPADDING", (0, 0), (-1, -1), 2), ("RIGHTPADDING", (0, 0), (-1, -1), 2),
        ("TOPPADDING", (0, 0), (-1, -1), 1.5), ("BOTTOMPADDING", (0, 0), (-1, -1), 1.5),
    ]))  # fmt: skip
    return grid


def _number(canvas: Any, sheet: Any) -> None:
    canvas.setFont(fonts.FACES["sans"], 7)
    canvas.drawRightString(landscape(A4)[0] - _MARGIN, 6 * mm, str(canvas.getPageNumber()))
