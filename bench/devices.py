"""Devices: tickets drawn for printers, and a till with all its devices, at work and idle (the suite must be running).

A ticket is 80 × 150 mm at 203 dpi, with a QR code and a logo, drawn on one core.

The floor, in the same run, is the libraries that draw, called directly with everything placed and measured beforehand:
ReportLab for the page, pdfium for its dots, zxing-cpp for the code, Pillow for the logo, and the plainest packing of
the dots for each language.
"""

import base64
import io
import tempfile
import time
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pypdfium2
import zxingcpp
from PIL import Image, ImageDraw
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

import render
from bench.checkout import hot_performance
from bench.figures import Figure, percentile, publish
from bench.till_lines import confirm_to_print, targets, till_process
from render import fonts, layout
from suite.machine import Machine
from tests.e2e.running import LUCAS_PIN, RunningSuite

MM = 72 / 25.4
DPI = 203
DOTS = DPI / 25.4
TURNS = 60
IDLE_SECONDS = 30.0
TO_REACH = "ratio >= 0.7"
TICKET = {
    "organiser": "Théâtre des Halles", "licence": "L-R-21-004512", "venue": "Salle du Chapitre, Avignon",
    "show": "Les Fourberies de Scapin", "performance_starts_at": "2026-11-28T20:30:00+01:00", "category": "Orchestre",
    "tariff": "Plein tarif", "price": 2850, "zone": "Parterre", "row": "G", "seat_number": "12",
    "order_number": "K7F-184", "ticket_number": "T0003-0001042", "till": "Guichet 2",
    "sold_at": "2026-11-23T17:04:00+01:00", "human_code": "K7F2-9QXM",
    "barcode": ("0123456789ABCDEFGHJKMNPQRSTVWXYZ" * 5)[:154], "legal": "Billet ni repris ni échangé.",
}  # fmt: skip


def main(here: Machine) -> int:
    """Measure and publish."""
    template = with_logo()
    laid = layout.lay_out(template, TICKET)
    ours: dict[str, Callable[[], Any]] = {
        "pdf": lambda: render.pdf(template, TICKET),
        "raster": lambda: render.raster(template, TICKET, DPI),
        "escpos": lambda: render.escpos(template, TICKET),
        "fgl": lambda: render.fgl(template, TICKET),
        "zpl": lambda: render.zpl(template, TICKET),
    }
    bare: dict[str, Callable[[], Any]] = {
        "pdf": lambda: bare_pdf(laid, compress=True),
        "raster": lambda: bare_raster(laid),
        "escpos": lambda: bare_raster(laid).tobytes("raw", "1;I"),
        "fgl": lambda: columns_of_8(bare_raster(laid)),
        "zpl": lambda: base64.b64encode(zlib.compress(bare_raster(laid).tobytes("raw", "1;I"))),
    }
    figures = []
    for language, draw in ours.items():
        value, floor = rates(draw, bare[language])
        figures.append(Figure(f"render.{language}_per_s", value, "tickets/s", round(floor, 1), TO_REACH))
        if language != "raster":
            figures.append(Figure(f"render.{language}_bytes", len(draw()), "bytes"))
    publish("devices", [*figures, *_at_work(here), _idle(here)])
    return 0


def _at_work(here: Machine) -> list[Figure]:
    """Cash sales with a receipt, one after the other: ticket, receipt, drawer and display are all busy with each."""
    with tempfile.TemporaryDirectory(prefix="ticketing-bench-") as folder:
        timings, home = Path(folder) / "timings.jsonl", Path(folder) / "till"
        with till_process(here, targets(here), home, timings) as page:
            page.sign_in("Lucas Bernard", LUCAS_PIN)
            took = confirm_to_print(page, page.place(hot_performance(here), at_hand=100), timings, receipt=True)
    return [
        Figure("devices.confirm_to_first_byte_p50_ms", percentile(took, 0.5), "ms"),
        Figure("devices.confirm_to_first_byte_p99_ms", percentile(took, 0.99), "ms", to_reach="<= 50"),
    ]


def _idle(here: Machine) -> Figure:
    """The suite's own till, with all its devices, while nobody sells; its sync with the centre counts too."""
    till = psutil.Process(RunningSuite(here.var, here.port_base).status()["till"]["pid"])
    before, began = till.cpu_times(), time.monotonic()
    time.sleep(IDLE_SECONDS)
    after = till.cpu_times()
    used = after.user + after.system - before.user - before.system
    return Figure("devices.idle_cpu_pct", 100 * used / (time.monotonic() - began), "%", to_reach="<= 1")


def with_logo() -> render.Template:
    """The shipped ticket on stock of 150 mm, with a logo of 30 by 12 mm."""
    logo = Image.new("L", (360, 144), 255)
    ImageDraw.Draw(logo).ellipse((4, 4, 355, 139), fill=120, outline=0, width=8)
    png = io.BytesIO()
    logo.save(png, "PNG")
    content = render.shipped("ticket_80mm").to_json()
    content["page"]["height_mm"] = 150
    content["elements"].append(
        {"type": "image", "x": 25, "y": 136, "w": 30, "h": 12, "png": base64.b64encode(png.getvalue()).decode()}
    )
    return render.load(content)


def rates(ours: Callable[[], Any], bare: Callable[[], Any]) -> tuple[float, float]:
    """Tickets a second of both, taken in turns so that a slow moment of the machine slows both."""
    ours(), bare()
    seconds: dict[Callable[[], Any], list[float]] = {ours: [], bare: []}
    for _ in range(TURNS):
        for draw, taken in seconds.items():
            began = time.perf_counter()
            draw()
            taken.append(time.perf_counter() - began)
    return tuple(1 / percentile(taken, 0.5) for taken in seconds.values())  # type: ignore[return-value]


def bare_pdf(laid: layout.Laid, *, compress: bool, in_dots: bool = False) -> bytes:
    """The page by ReportLab; `in_dots`: without what is put on as dots afterwards."""
    fonts.register()
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=(laid.width * MM, laid.height * MM), pageCompression=int(compress))
    for item in laid.items:
        match item:
            case layout.Run():
                canvas.setFont(fonts.FACES[item.font], item.size_pt)
                canvas.setFillGray(1 if item.white else 0)
                canvas.drawString(item.x * MM, (laid.height - item.y) * MM, item.text)
            case layout.Line():
                canvas.setLineWidth(item.thickness * MM)
                canvas.line(item.x1 * MM, (laid.height - item.y1) * MM, item.x2 * MM, (laid.height - item.y2) * MM)
            case layout.Area():
                canvas.rect(item.x * MM, (laid.height - item.y - item.h) * MM, item.w * MM, item.h * MM, fill=1)
            case layout.Photo() if not in_dots:
                picture = ImageReader(io.BytesIO(base64.b64decode(item.png)))
                canvas.drawImage(
                    picture, item.x * MM, (laid.height - item.y - item.h) * MM, item.w * MM, item.h * MM, mask="auto"
                )
            case layout.Symbol() if not in_dots:
                canvas.drawImage(
                    ImageReader(code()), item.x * MM, (laid.height - item.y - item.h) * MM, item.w * MM, item.h * MM
                )
    canvas.save()
    return out.getvalue()


def bare_raster(laid: layout.Laid) -> Image.Image:
    """The page's dots by pdfium, with the code and the logo put on by Pillow."""
    document = pypdfium2.PdfDocument(bare_pdf(laid, compress=False, in_dots=True))
    page = document[0].render(scale=DPI / 72, grayscale=True).to_pil()
    document.close()
    dots = page.point(lambda grey: 255 if grey >= 150 else 0, "1")
    for item in laid.items:
        if isinstance(item, layout.Symbol):
            dots.paste(code(scale=4), (round(item.x * DOTS), round(item.y * DOTS)))
        elif isinstance(item, layout.Photo):
            logo = Image.open(io.BytesIO(base64.b64decode(item.png)))
            size = round(item.w * DOTS), round(item.h * DOTS)
            dots.paste(logo.resize(size).convert("1"), (round(item.x * DOTS), round(item.y * DOTS)))
    return dots


def code(scale: int = 1) -> Image.Image:
    symbol = zxingcpp.create_barcode(TICKET["barcode"], zxingcpp.BarcodeFormat.QRCode, ec_level="M")
    return Image.fromarray(np.asarray(symbol.to_image(scale=scale, add_quiet_zones=True)))


def columns_of_8(dots: Image.Image) -> bytes:
    """All strips of 8 rows, white ones too."""
    ink = ~np.asarray(dots)
    whole = ink[: ink.shape[0] // 8 * 8].reshape(-1, 8, ink.shape[1])
    return np.packbits(whole, axis=1).tobytes()
