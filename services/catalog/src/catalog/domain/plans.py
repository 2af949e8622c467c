"""Seating plans as the catalogue keeps them: a version, once imported, never changes (K3)."""

import json
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from typing import Any

from catalog.domain.errors import PlanInvalid, PlanTooLarge
from seating import Fault, InvalidPlan, Plan, Problem, read_plan
from seating.formats import from_drawing, from_pretix

MAX_BYTES = 8 * 1024 * 1024
MAX_UNPACKED = 64 * 1024 * 1024
_GZIP = b"\x1f\x8b"


class PlanFormat(IntEnum):
    OWN = 1
    PRETIX = 2
    DRAWING = 3


@dataclass(frozen=True)
class PlanVersion:
    id: str
    plan_id: str
    number: int
    name: str
    venue_id: str
    seats: int
    capacity: int
    fingerprint: str
    imported_at: datetime


def parse_plan(
    content: bytes, file_format: PlanFormat = PlanFormat.OWN, side_content: bytes = b"", name: str = ""
) -> tuple[Plan | None, Sequence[Fault]]:
    """The plan in a file, with its side file where the format has one, and what was made up for it.

    Of a drawing with its table: no plan, and what is wrong in each line. Raises PlanTooLarge, PlanInvalid.
    """
    content, side_content = _unpacked("content", content), _unpacked("side_content", side_content)
    try:
        if file_format is PlanFormat.DRAWING:
            imported = from_drawing(content, side_content, name)
            return imported.plan, imported.proposed
        document = _document(content)
        if file_format is PlanFormat.PRETIX:
            imported = from_pretix(document, _document(side_content) if side_content else None)
            return imported.plan, imported.proposed
        return read_plan(document), ()
    except InvalidPlan as error:
        if file_format is PlanFormat.DRAWING:
            return None, [_as_fault(problem) for problem in error.problems]
        first = error.problems[0]
        raise PlanInvalid(
            f"{first.path}: {first.message}", path=first.path, why=first.message, problems=len(error.problems)
        ) from error


def _as_fault(problem: Problem) -> Fault:
    return Fault(problem.reason, (problem.path, problem.value) if problem.value else (problem.path,))


def _document(content: bytes) -> Any:
    try:
        return json.loads(content)
    except (ValueError, RecursionError) as error:
        raise PlanInvalid("this is no JSON", path="", why="is no JSON", problems=1) from error


def _unpacked(field: str, content: bytes) -> bytes:
    """The file, out of its gzip; at most MAX_UNPACKED bytes, whatever it pretends to hold."""
    if len(content) > MAX_BYTES:
        raise PlanTooLarge(f"the file has {len(content)} bytes, at most {MAX_BYTES}", field=field)
    if content[:2] != _GZIP:
        return content
    unpacker = zlib.decompressobj(wbits=31)
    try:
        unpacked = unpacker.decompress(content, MAX_UNPACKED)
    except zlib.error as error:
        raise PlanInvalid("the gzip file is broken", path="", why="is no gzip file", problems=1) from error
    if unpacker.unconsumed_tail:
        raise PlanTooLarge(f"the file unpacks to more than {MAX_UNPACKED} bytes", field=field)
    return unpacked
