"""What a printer is given, and what can become of it. Shared by all languages."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import render


@dataclass(frozen=True)
class Page:
    """What a job puts on paper. Without a template it only opens the drawer. `mark` stands above and below the page."""

    template: render.Template | None
    data: Mapping[str, Any]
    kick_drawer: bool = False
    mark: str = ""


@dataclass(frozen=True)
class Rendered:
    """A job in its printer's language. `reference` is what the printer may send back as evidence of it."""

    data: bytes
    reference: str
    paper_mm: float


@dataclass(frozen=True)
class Waits:
    """In seconds (peripherals 8)."""

    status: float = 1.0
    evidence: float = 10.0  # besides the time that the paper takes
    misses: int = 3  # unanswered questions in a row that make a printer offline
    mm_per_second: float = 100.0  # of paper

    def printing(self, rendered: Rendered) -> float:
        """How long the paper takes."""
        return rendered.paper_mm / self.mm_per_second

    def patience(self, rendered: Rendered) -> float:
        """How long a job may take without a sign of it."""
        return self.evidence + self.printing(rendered)


def check_dpi(dpi: int) -> None:
    """Raises ValueError."""
    if not 100 <= dpi <= 600:
        raise ValueError(f"dpi must be from 100 to 600, not {dpi}")


ROLL_MM = 200.0  # how much of a roll a page is taken to need, where the page says "as long as needed"


def length_mm(template: render.Template) -> float:
    """Of the paper; for how long a printer may be busy with it."""
    height = template.page.height_mm
    return ROLL_MM if height == "auto" else height


class CannotPrint(ValueError):
    """This printer can never print this page; the message says why."""


@dataclass(frozen=True)
class Confirmed:
    evidence: str


@dataclass(frozen=True)
class HandedOver:
    """The printer took it all and complains of nothing, and it is one that can say no more (peripherals 1.4)."""

    evidence: str


@dataclass(frozen=True)
class Refused:
    """The printer says that it printed nothing of it, and would not the next time."""

    why: str


@dataclass(frozen=True)
class InDoubt:
    why: str


@dataclass(frozen=True)
class Interrupted:
    """The till is stopping; what becomes of the job is asked after the restart."""


Outcome = Confirmed | HandedOver | Refused | InDoubt | Interrupted
