"""Templates in millimetres + data → PDF, dots, PNG and printers' languages, the same on the till and in the centre."""

from render.checker import legal_mentions
from render.errors import InvalidData, InvalidTemplate
from render.fields import FIELDS
from render.library import SHIPPED, shipped, shipped_for
from render.template import Template, load
from render.to_escpos import escpos
from render.to_fgl import fgl
from render.to_pdf import pages, pdf
from render.to_raster import png, raster
from render.to_zpl import zpl

__all__ = [
    "FIELDS",
    "SHIPPED",
    "InvalidData",
    "InvalidTemplate",
    "Template",
    "escpos",
    "fgl",
    "legal_mentions",
    "load",
    "pages",
    "pdf",
    "png",
    "raster",
    "shipped",
    "shipped_for",
    "zpl",
]
