"""A plan from a drawing and a table: an SVG with an id on each seat, a CSV that says what each seat is (domain 6.7).

    id;zone;rang;place;catégorie;gauche;droite;qualité;attributs;accompagne;loge      (or the English words)
    P-C-12;Parterre;C;12;1;P-C-10;P-C-14;;fauteuil;;

`id` and `place` are needed, the rest may be missing, as columns or as cells. Rows come in the order in which the table
names them. `gauche` and `droite` name a neighbour, or - for an aisle:

- a table that names neighbours tells all of them: an empty cell is an aisle (one of the two columns is enough);
- in one that names none, neighbours are proposed from where seats are drawn, except across a -.

Without `qualité` the ranks are proposed (`formats.sketch`). An element with the id `scene`, `scène`, `stage` or `focus`
is what people look at. docs/plan-table.md is this page for people.
"""

import codecs
import csv
import io
import math
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from xml.sax.saxutils import quoteattr

from seating.formats.sketch import Imported, Sketch, SketchRow, SketchSeat, SketchZone, colour_of
from seating.formats.svg import Spot, plain_id, read_svg
from seating.plan import MAX_SEATS, Plan, Trait
from seating.reading import LONGEST_ID, LONGEST_LABEL, LONGEST_NAME, MOST_CATEGORIES, InvalidPlan, Problem, read_plan

FOCUS_IDS = ("focus", "scene", "scène", "stage")
ONLY_ZONE, ONLY_ROW, ONLY_CATEGORY = "Salle", "1", "1"
MOST_PROBLEMS = 50
AISLE = "-"
MOST_QUALITY = 65_535
_SEPARATOR = re.compile(r"sep=([;,\t])\r?\n", re.IGNORECASE)  # Excel's own first line
LONGEST = {"zone": LONGEST_NAME, "row": LONGEST_LABEL, "seat": LONGEST_LABEL}  # of other cells: LONGEST_ID
MOST_CELL = 200
COLUMNS = {
    "id": ("identifiant", "seat_id"),
    "zone": ("secteur", "section"),
    "row": ("rang", "rangee"),
    "seat": ("place", "siege", "numero", "number"),
    "category": ("categorie",),
    "left": ("gauche",),
    "right": ("droite",),
    "quality": ("qualite",),
    "attributes": ("attributs",),
    "companion_of": ("accompagne",),
    "box": ("loge",),
}
TRAITS = {
    "wheelchair": Trait.WHEELCHAIR, "fauteuil": Trait.WHEELCHAIR, "ufr": Trait.WHEELCHAIR, "pmr": Trait.WHEELCHAIR,
    "companion": Trait.COMPANION, "accompagnant": Trait.COMPANION,
    "folding": Trait.FOLDING, "strapontin": Trait.FOLDING,
    "reduced_view": Trait.REDUCED_VIEW, "visibilite_reduite": Trait.REDUCED_VIEW,
}  # fmt: skip
_WRITTEN = {Trait.WHEELCHAIR: "fauteuil", Trait.COMPANION: "accompagnant", Trait.FOLDING: "strapontin",
            Trait.REDUCED_VIEW: "visibilite_reduite"}  # fmt: skip


def from_drawing(svg: bytes, table: bytes, name: str) -> Imported:
    """The plan of a drawing and its table. Raises InvalidPlan: paths are like "line 12, category", reasons one of
    COLUMN_MISSING, CELL_MISSING, CELL_NOT_VALID, ID_TWICE, ATTRIBUTE_UNKNOWN, NOT_IN_DRAWING, TWICE_IN_DRAWING,
    TABLE_EMPTY, TABLE_UNREADABLE, TOO_MANY_SEATS, TOO_MANY_CATEGORIES, DRAWING_UNREADABLE, DRAWING_HAS_ENTITIES,
    DRAWING_TOO_LARGE, and those of `read_plan`.

    Whether the plan makes sense is told by `seating.faults`.
    """
    drawing = read_svg(svg)
    problems: list[Problem] = []
    seats = list(_seats(table, _by_either_name(drawing.middles), set(drawing.twice), problems))
    if not problems and not seats:
        problems.append(Problem("line 2", "TABLE_EMPTY", "names no seat"))
    if problems:
        raise InvalidPlan(problems)
    focus = next((drawing.middles[each] for each in FOCUS_IDS if each in drawing.middles), None)
    codes = list(dict.fromkeys(each.seat.category for each in seats))
    categories = [
        {"code": code, "name": f"Catégorie {code}" if code.isdigit() else code, "colour": colour_of(None, number)}
        for number, code in enumerate(codes)
    ]
    unit = 1.0 if drawing.size else None
    sketch = Sketch(name, categories, _zones(seats), cm=unit, focus=focus, size=drawing.size)
    return Imported(read_plan(sketch.document()), sketch.proposed())


def to_drawing(plan: Plan) -> tuple[str, str]:
    """(SVG, CSV) of a plan: its seats, to be changed with a drawing program and a spreadsheet, and imported again.

    Names and colours of categories, outlines and areas without seats are not in them.
    """
    aisle = AISLE if AISLE not in plan.ordinals else ""
    names = Counter(zone.name for zone in plan.zones)
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" data-unit="cm" viewBox="0 0 {plan.width} {plan.height}">',
        f'<circle id="focus" cx="{plan.focus[0]}" cy="{plan.focus[1]}" r="40"/>',
    ]
    colours = {category.code: category.colour for category in plan.categories}
    table = io.StringIO()
    writer = csv.writer(table, delimiter=";", lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for zone in plan.zones:
        zone_name = zone.name if names[zone.name] == 1 else f"{zone.name[:30]} ({zone.id})"
        for row in zone.rows:
            for seat in row.seats:
                fill = quoteattr(colours.get(seat.category, "#888888"))
                lines.append(f'<circle id={quoteattr(seat.id)} cx="{seat.x}" cy="{seat.y}" r="20" fill={fill}/>')
                traits = " ".join(word for trait, word in _WRITTEN.items() if seat.traits & trait)
                writer.writerow((
                    seat.id, zone_name, row.label, seat.label, seat.category, seat.left or aisle, seat.right or aisle,
                    seat.quality, traits, seat.companion_of or "", seat.box,
                ))  # fmt: skip
    lines.append("</svg>")
    return "\n".join(lines) + "\n", "\ufeff" + table.getvalue()


@dataclass(frozen=True)
class _Placed:
    zone: str
    row: str
    seat: SketchSeat


def _by_either_name(middles: Mapping[str, Spot]) -> dict[str, Spot]:
    """As the drawing's ids are written, and as the program's user wrote them."""
    return {plain_id(each): spot for each, spot in middles.items()} | dict(middles)


def _seats(table: bytes, middles: Mapping[str, Spot], twice: set[str], problems: list[Problem]) -> Iterator[_Placed]:
    known: set[str] = set()
    categories: set[str] = set()
    for line, cells in _rows(table, problems):
        if len(problems) >= MOST_PROBLEMS:
            return

        def cell(name: str, otherwise: str = "", cells: Mapping[str, str] = cells) -> str:
            return cells.get(name, "").strip() or otherwise

        def wrong(column: str, reason: str, message: str, value: str = "", line: int = line) -> None:
            problems.append(Problem(f"line {line}, {column}", reason, message, value[:LONGEST_ID]))

        seat_id, label = cell("id"), cell("seat")
        if not seat_id or not label:
            wrong("id" if not seat_id else "seat", "CELL_MISSING", "is missing", seat_id)
            continue
        for column in COLUMNS:
            text, most = cell(column), LONGEST.get(column, LONGEST_ID)
            if column != "attributes" and (len(text) > most or not text.isprintable()):
                wrong(column, "CELL_NOT_VALID", f"must be a text of at most {most} characters", text)
        if seat_id in known:
            wrong("id", "ID_TWICE", f"{seat_id[:60]} is there twice", seat_id)
            continue
        known.add(seat_id)
        categories.add(cell("category", ONLY_CATEGORY))
        if len(known) > MAX_SEATS:
            wrong("id", "TOO_MANY_SEATS", f"a plan has at most {MAX_SEATS} seats")
            return
        if len(categories) > MOST_CATEGORIES:
            wrong("category", "TOO_MANY_CATEGORIES", f"a plan has at most {MOST_CATEGORIES} categories")
            return
        if seat_id in twice:
            wrong("id", "TWICE_IN_DRAWING", f"several elements have the id {seat_id[:60]}", seat_id)
            continue
        if seat_id not in middles:
            wrong("id", "NOT_IN_DRAWING", f"no element of the drawing has the id {seat_id[:60]}", seat_id)
            continue
        traits, unknown = _traits(cell("attributes"))
        if unknown:
            wrong("attributes", "ATTRIBUTE_UNKNOWN", f"{unknown[:40]} is none of {', '.join(TRAITS)}", unknown)
        quality = cell("quality")
        if quality and not (quality.isascii() and quality.isdigit() and 1 <= int(quality) <= MOST_QUALITY):
            wrong("quality", "CELL_NOT_VALID", f"must be a whole number from 1 to {MOST_QUALITY}, 1 is best", quality)
            quality = ""
        x, y = middles[seat_id]
        seat = SketchSeat(
            seat_id, label, cell("category", ONLY_CATEGORY), x, y, cell("left") or None, cell("right") or None,
            int(quality) if quality else None, traits, cell("companion_of") or None, cell("box"),
        )  # fmt: skip
        yield _Placed(cell("zone", ONLY_ZONE), cell("row", ONLY_ROW), seat)


def _rows(table: bytes, problems: list[Problem]) -> Iterator[tuple[int, dict[str, str]]]:
    """(line, cells by column) of each row. What is no table is a problem."""
    text = _text(table)
    told = _SEPARATOR.match(text)
    head = text[told.end() :].partition("\n")[0] if told else text.partition("\n")[0]
    delimiter = told[1] if told else max(";,\t", key=head.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        if told:
            next(reader)
        names = [_column(each) for each in next(reader, [])]
        for column in ("id", "seat"):
            if column not in names:
                message = f"no column {column} ({COLUMNS[column][0]})"
                problems.append(Problem(f"line {max(1, reader.line_num)}, {column}", "COLUMN_MISSING", message))
        if problems:
            return
        for cells in reader:
            if any(len(each) > MOST_CELL for each in cells):
                message = f"has more than {MOST_CELL} characters in a cell"
                problems.append(Problem(f"line {reader.line_num}", "TABLE_UNREADABLE", message))
                return
            if any(each.strip() for each in cells):
                yield reader.line_num, dict(zip(names, cells, strict=False))
    except csv.Error as error:
        message = f"cannot be read: {error}"
        problems.append(Problem(f"line {max(1, reader.line_num)}", "TABLE_UNREADABLE", message))


def _text(table: bytes) -> str:
    """UTF-16 with its mark, UTF-8 with or without, else as Windows writes it in Western Europe."""
    if table[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        return table.decode("utf-16", errors="replace")
    try:
        return table.decode("utf-8-sig")
    except UnicodeDecodeError:
        return table.decode("cp1252", errors="replace")


def _column(head: str) -> str:
    """Our name of a column: without accents and capitals, French or English."""
    word = _plain(head).replace(" ", "_")
    return next((name for name, others in COLUMNS.items() if word == name or word in others), word)


def _plain(word: str) -> str:
    decomposed = unicodedata.normalize("NFD", word.strip().lower())
    return "".join(each for each in decomposed if not unicodedata.combining(each))


def _traits(words: str) -> tuple[int, str]:
    """The union of traits, and the first word that is none."""
    found = 0
    for word in _plain(words).replace(",", " ").split():
        if word not in TRAITS:
            return found, word
        found |= int(TRAITS[word])
    return found, ""


def _zones(seats: list[_Placed]) -> list[SketchZone]:
    """Zones and rows in the order in which the table names them; seats from left to right as they are drawn, or in the
    table's order where it tells the neighbours."""
    told = _tell(seats)
    zones: dict[str, dict[str, list[SketchSeat]]] = {}
    for each in seats:
        zones.setdefault(each.zone, {}).setdefault(each.row, []).append(each.seat)
    return [
        SketchZone(f"z{number}", zone, [
            SketchRow(label, row if told else _from_left(row), told) for label, row in rows.items()
        ]) for number, (zone, rows) in enumerate(zones.items(), 1)
    ]  # fmt: skip


def _tell(placed: list[_Placed]) -> bool:
    """Whether the table tells who sits beside whom. Aisles are marked, and a column that it leaves out is filled in."""
    seats = {each.seat.id: each.seat for each in placed}
    for seat in seats.values():
        seat.left, seat.right = (
            "" if side == AISLE and AISLE not in seats else side for side in (seat.left, seat.right)
        )  # fmt: skip
    lefts, rights = (any(getattr(seat, side) for seat in seats.values()) for side in ("left", "right"))
    if lefts != rights:
        near, far = ("left", "right") if lefts else ("right", "left")
        for seat in seats.values():
            if (other := seats.get(getattr(seat, near) or "")) and getattr(other, far) is None:
                setattr(other, far, seat.id)
    marked = all(seat.left is not None and seat.right is not None for seat in seats.values())
    return lefts or rights or marked


def _from_left(seats: list[SketchSeat]) -> list[SketchSeat]:
    """Along the line from one end of the row to the other, whichever way it runs."""
    first = seats[0]
    one = max(seats, key=lambda seat: math.dist((seat.x, seat.y), (first.x, first.y)))
    other = max(seats, key=lambda seat: math.dist((seat.x, seat.y), (one.x, one.y)))
    if (one.x, one.y) > (other.x, other.y):
        one, other = other, one
    way: Any = (other.x - one.x, other.y - one.y)
    return sorted(seats, key=lambda seat: ((seat.x - one.x) * way[0] + (seat.y - one.y) * way[1], seat.id))
