"""Laid pages → PDF by ReportLab, with the fonts embedded. The same pages always give the same bytes."""

from __future__ import annotations

import base64
import io
import threading
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from reportlab import rl_config
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from render import barcodes, fonts
from render.layout import Area, Item, Laid, Line, Photo, Run, Symbol, lay_out
from render.template import Template

# ASCII85 in pure Python costs more than all the rest together, and nothing needs a PDF to be ASCII.
rl_config.useA85 = 0

PT_PER_MM = 72 / 25.4

# ReportLab cuts a document's letters out of a font with one read position per font: two threads would mix them up.
_cutting = threading.Lock()


def pdf(template: Template, data: Mapping[str, Any]) -> bytes:
    """One page as PDF. Raises InvalidData."""
    return pages(template, [data])


def pages(template: Template, list_of_data: Iterable[Mapping[str, Any]]) -> bytes:
    """One PDF with a page for each data: far faster and smaller than a file each. Raises InvalidData."""
    return draw([lay_out(template, data) for data in list_of_data], title=template.name)


def draw(laid_pages: Sequence[Laid], title: str = "", compress: bool = True) -> bytes:
    """The laid pages as one PDF; at least one."""
    if not laid_pages:
        raise ValueError("no page to draw")
    fonts.register()
    out = io.BytesIO()
    canvas = Canvas(out, pageCompression=int(compress), invariant=1)
    canvas.setTitle(title)
    canvas.setCreator("ticketing-render")
    readers: dict[str, ImageReader] = {}
    for laid in laid_pages:
        canvas.setPageSize((laid.width * PT_PER_MM, laid.height * PT_PER_MM))
        # Millimetres from the top left, as templates count; text turns itself upright again.
        canvas.transform(PT_PER_MM, 0, 0, -PT_PER_MM, 0, laid.height * PT_PER_MM)
        for item in laid.items:
            _draw_item(canvas, item, readers)
        canvas.showPage()
    with _cutting:
        canvas.save()
    return out.getvalue()


def _draw_item(canvas: Canvas, item: Item, readers: dict[str, ImageReader]) -> None:
    match item:
        case Run():
            _draw_run(canvas, item)
        case Line():
            canvas.setLineWidth(item.thickness)
            canvas.setDash(*((1.2, 0.8) if item.dashed else ()))
            canvas.line(item.x1, item.y1, item.x2, item.y2)
        case Area():
            canvas.setLineWidth(item.thickness)
            canvas.setDash()
            canvas.rect(item.x, item.y, item.w, item.h, stroke=int(not item.filled), fill=int(item.filled))
        case Photo():
            _draw_photo(canvas, item, readers)
        case Symbol():
            _draw_symbol(canvas, item)


def _draw_run(canvas: Canvas, run: Run) -> None:
    text = canvas.beginText()
    text.setTextTransform(1, 0, 0, -1, run.x, run.y)
    text.setFont(fonts.FACES[run.font], run.size_pt / PT_PER_MM)
    text.setFillGray(1 if run.white else 0)
    text.textOut(run.text)
    canvas.drawText(text)
    canvas.setFillGray(0)


def _draw_photo(canvas: Canvas, photo: Photo, readers: dict[str, ImageReader]) -> None:
    if photo.png not in readers:
        readers[photo.png] = ImageReader(io.BytesIO(base64.b64decode(photo.png)))
    reader = readers[photo.png]
    width, height = reader.getSize()
    scale = min(photo.w / width, photo.h / height)
    w, h = width * scale, height * scale
    canvas.saveState()
    canvas.transform(1, 0, 0, -1, photo.x + (photo.w - w) / 2, photo.y + (photo.h + h) / 2)
    canvas.drawImage(reader, 0, 0, w, h, mask="auto")
    canvas.restoreState()


def _draw_symbol(canvas: Canvas, symbol: Symbol) -> None:
    across = barcodes.modules_across(symbol.symbology, symbol.dark)
    room = min(symbol.w, symbol.h) if symbol.symbology == "qr" else symbol.w
    module = symbol.module or room / across
    rows, columns = symbol.dark.shape
    tall = module if symbol.symbology == "qr" else symbol.h
    left = symbol.x + (symbol.w - columns * module) / 2
    top = symbol.y + (symbol.h - rows * tall) / 2
    path = canvas.beginPath()
    for row, start, length in barcodes.runs(symbol.dark):
        path.rect(left + start * module, top + row * tall, length * module, tall)
    canvas.drawPath(path, stroke=0, fill=1)
