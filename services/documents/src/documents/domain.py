"""A version of a template, what may be kept as one, and what may be drawn with it."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from functools import lru_cache
from typing import Any

import render
from kit.errors import DomainError, FieldInvalid, Kind

MAX_CONTENT_BYTES = 200_000
MAX_DATUM_BYTES = 64_000
MAX_PAGES = 500
PREVIEW_DPI = 110


class TemplateInvalid(DomainError):
    """`facts["field"]` is a path such as elements[3].size_pt, `facts["why"]` the fault."""

    kind, reason = Kind.INVALID, "TEMPLATE_INVALID"

    def __init__(self, field: str, why: str) -> None:
        super().__init__(f"{field}: {why}", field=field, why=why)


class LegalMentionMissing(DomainError):
    """LAW-11; `facts["mentions"]`: reason codes of `render.legal_mentions`, separated by commas."""

    kind, reason = Kind.REFUSED, "LEGAL_MENTION_MISSING"


class TemplateNotFound(DomainError):
    kind, reason = Kind.NOT_FOUND, "TEMPLATE_NOT_FOUND"


class DataInvalid(DomainError):
    """`facts["field"]` is a path such as data[2].price."""

    kind, reason = Kind.INVALID, "DATA_INVALID"

    def __init__(self, field: str, why: str) -> None:
        super().__init__(f"{field}: {why}", field=field, why=why)


class Format(Enum):
    """What a document can be drawn as; the value is its media type."""

    PDF = "application/pdf"
    PNG = "image/png"
    ESCPOS = "application/octet-stream"


@dataclass(frozen=True)
class Version:
    """One kept version of a template. `content` is its JSON, byte for byte as it was given."""

    code: str
    version: int
    name: str
    kind: str
    content: str
    saved_at: datetime
    saved_by: str

    @property
    def missing_mentions(self) -> list[str]:
        """Asked again at each reading: what the law wants may grow after a template was kept."""
        return render.legal_mentions(parse(self.content))


@lru_cache(maxsize=64)
def parse(content: str) -> render.Template:
    """The template in its JSON. Raises TemplateInvalid naming the first fault."""
    if len(content.encode()) > MAX_CONTENT_BYTES:
        raise TemplateInvalid("template", f"must be at most {MAX_CONTENT_BYTES // 1000} kB")
    try:
        template = render.load(_object(content))
    except render.InvalidTemplate as error:
        raise TemplateInvalid(error.field, error.reason) from error
    except ValueError as error:
        raise TemplateInvalid("template", str(error)) from error
    if not template.name.isprintable():
        raise TemplateInvalid("name", "must be on one line")
    return template


def check_new(content: str) -> render.Template:
    """A template that may be kept (P9). Raises TemplateInvalid, LegalMentionMissing."""
    template = parse(content)
    if missing := render.legal_mentions(template):
        raise LegalMentionMissing(
            f"mentions that the law wants on a ticket are missing: {', '.join(missing)}", mentions=",".join(missing)
        )
    return template


def draw(template: render.Template, data: Sequence[str], as_format: Format) -> bytes:
    """The document: a page for each datum in a PDF of up to 500; exactly one for the others.

    Raises DataInvalid, FieldInvalid, TemplateInvalid.
    """
    most = MAX_PAGES if as_format is Format.PDF else 1
    if not 1 <= len(data) <= most:
        raise FieldInvalid("data", f"must hold 1 to {most} documents" if most > 1 else "must hold one document")
    records = [_record(text, index) for index, text in enumerate(data)]
    drawing = _Counted(records)
    try:
        match as_format:
            case Format.PDF:
                return render.pages(template, drawing)
            case Format.PNG:
                return render.png(template, records[0], PREVIEW_DPI)
            case Format.ESCPOS:
                return render.escpos(template, records[0])
    except render.InvalidData as error:
        raise DataInvalid(f"data[{drawing.index}].{error.field}", error.reason) from error
    except render.InvalidTemplate as error:
        raise TemplateInvalid(error.field, error.reason) from error


class _Counted:
    """Records that know which one is being drawn, so that a fault can name it."""

    def __init__(self, records: Sequence[Mapping[str, Any]]) -> None:
        self._records = records
        self.index = 0

    def __iter__(self) -> Iterator[Mapping[str, Any]]:
        for index, record in enumerate(self._records):
            self.index = index
            yield record


def _record(text: str, index: int) -> Mapping[str, Any]:
    if len(text.encode()) > MAX_DATUM_BYTES:
        raise DataInvalid(f"data[{index}]", f"must be at most {MAX_DATUM_BYTES // 1000} kB")
    try:
        return _object(text)
    except ValueError as error:
        raise DataInvalid(f"data[{index}]", str(error)) from error


def _object(text: str) -> Mapping[str, Any]:
    """Raises ValueError saying what it is instead of a JSON object."""
    try:
        found = json.loads(text)
    except RecursionError:
        raise ValueError("is nested too deeply") from None
    except ValueError as error:
        raise ValueError(f"is not JSON: {error}") from error
    if not isinstance(found, dict):
        raise ValueError("must be a JSON object")
    return found
