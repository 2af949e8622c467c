"""Paper: what comes out of the printer as a picture, and the last ones kept on disk."""

import json
import os
import threading
from dataclasses import asdict, dataclass
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from device_gateway.simulators.escpos_parser import Raster, Text

WIDTH_DOTS = 576  # 80 mm at 203 dpi
LONGEST_DOTS = 20_000  # a runaway job does not eat the machine
KEPT = 200
_CELL = (12, 24)


class Roll:
    """The paper since the last cut, under a head of `width` dots."""

    def __init__(self, width: int = WIDTH_DOTS) -> None:
        self.width = width
        self._pieces: list[Image.Image] = []
        self._line: list[Text] = []
        self.height = 0

    @property
    def is_blank(self) -> bool:
        return not self._pieces and not self._line

    def add_raster(self, raster: Raster) -> None:
        self.end_line()
        ink = bytes(byte ^ 0xFF for byte in raster.bits)
        strip = Image.frombytes("1", (raster.width_bytes * 8, raster.height), ink)
        piece = Image.new("1", (self.width, raster.height), 1)
        piece.paste(strip, (0, 0))
        self._put(piece)

    def add_text(self, text: Text) -> None:
        self._line.append(text)

    def end_line(self) -> None:
        """Put the characters of the line on the paper."""
        if not self._line:
            return
        tallest = max(text.tall for text in self._line)
        piece = Image.new("1", (self.width, _CELL[1] * tallest), 1)
        width = sum(len(text.text) * _CELL[0] * text.wide for text in self._line)
        left = {0: 0, 1: (self.width - width) // 2, 2: self.width - width}[self._line[0].align]
        for text in self._line:
            drawn = _characters(text)
            piece.paste(drawn, (left, piece.height - drawn.height))
            left += drawn.width
        self._line = []
        self._put(piece)

    def feed(self, dots: int) -> None:
        if self._line:
            dots -= _CELL[1] * max(text.tall for text in self._line)
        self.end_line()
        if dots > 0:
            self._put(Image.new("1", (self.width, dots), 1))

    def _put(self, piece: Image.Image) -> None:
        if self.height < LONGEST_DOTS:
            self._pieces.append(piece)
            self.height += piece.height

    def cut_off(self) -> Image.Image:
        """The paper as one picture; the roll starts anew."""
        self.end_line()
        paper = Image.new("1", (self.width, max(1, self.height)), 1)
        top = 0
        for piece in self._pieces:
            paper.paste(piece, (0, top))
            top += piece.height
        self._pieces, self.height = [], 0
        return paper


def _characters(text: Text) -> Image.Image:
    font = ImageFont.load_default(size=20)
    drawn = Image.new("1", (max(1, len(text.text)) * _CELL[0], _CELL[1]), 1)
    brush = ImageDraw.Draw(drawn)
    for place, character in enumerate(text.text):
        brush.text((place * _CELL[0], 0), character, font=font, fill=0, stroke_width=int(text.bold))
    return drawn.resize((drawn.width * text.wide, drawn.height * text.tall), Image.Resampling.NEAREST)


@dataclass(frozen=True)
class Paper:
    """One piece of paper. `complete` is False for what a dying printer left."""

    id: str
    printer: str
    at: str
    width: int
    height: int
    complete: bool
    violations: tuple[str, ...]


class Tray:
    """The last papers of one printer, on disk."""

    def __init__(self, folder: Path, printer: str) -> None:
        self._folder, self._printer = folder / printer, printer
        self._folder.mkdir(parents=True, exist_ok=True)
        self._lock = threading.Lock()
        self._papers = [self._read(file) for file in sorted(self._folder.glob("*.json"))]

    @staticmethod
    def _read(file: Path) -> Paper:
        raw = json.loads(file.read_text("utf-8"))
        return Paper(**{**raw, "violations": tuple(raw["violations"])})

    def put(self, picture: Image.Image, at: str, complete: bool, violations: tuple[str, ...]) -> Paper:
        """Keep a paper; the oldest falls out when there are too many."""
        with self._lock:
            number = int(self._papers[-1].id.rpartition("-")[2]) + 1 if self._papers else 1
            paper = Paper(f"{self._printer}-{number:06d}", self._printer, at, *picture.size, complete, violations)
            picture.save(self._folder / f"{paper.id}.png", "PNG")
            note = self._folder / f"{paper.id}.new"
            note.write_text(json.dumps(asdict(paper), ensure_ascii=False), "utf-8")
            os.replace(note, self._folder / f"{paper.id}.json")
            self._papers.append(paper)
            for old in self._papers[:-KEPT]:
                for suffix in ("png", "json"):
                    (self._folder / f"{old.id}.{suffix}").unlink(missing_ok=True)
            self._papers = self._papers[-KEPT:]
            return paper

    def newest_first(self) -> list[Paper]:
        with self._lock:
            return self._papers[::-1]

    def picture(self, paper_id: str) -> Path | None:
        with self._lock:
            known = any(paper.id == paper_id for paper in self._papers)
        return self._folder / f"{paper_id}.png" if known else None
