"""Templates in millimetres + data → PDF, 1-bit raster, ESC/POS and PNG, the same on the till and in the centre."""

from render.checker import legal_mentions
from render.errors import InvalidData, InvalidTemplate
from render.fields import FIELDS
from render.library import SHIPPED, shipped
from render.template import Template, load
from render.to_escpos import escpos
from render.to_pdf import pages, pdf
from render.to_raster import png, raster

__all__ = [
    "FIELDS",
    "SHIPPED",
    "InvalidData",
    "InvalidTemplate",
    "Template",
    "escpos",
    "legal_mentions",
    "load",
    "pages",
    "pdf",
    "png",
    "raster",
    "shipped",
]
