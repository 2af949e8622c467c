"""A plan from a drawing and a table: an SVG with an id on each seat, a CSV that says what each seat is (domain 6.7).

    id;zone;rang;place;catégorie;gauche;droite;qualité;attributs;accompagne;loge      (or the English words)
    P-C-12;Parterre;C;12;1;P-C-10;P-C-14;;fauteuil;;

`id` and `place` are needed, the rest may be missing, as columns or as cells. Rows come in the order in which the table
names them, seats from left to right as they are drawn. Where nothing is said in `gauche` and `droite` neighbours are
proposed, without `qualité` the ranks (`formats.sketch`). An element with the id `scene`, `scène`, `stage` or `focus` is
what people look at.
"""

import csv
import io
import math
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from xml.sax.saxutils import quoteattr

from seating.formats.sketch import Sketch, SketchRow, SketchSeat, SketchZone, colour_of
from seating.formats.svg import Spot, read_svg
from seating.plan import MAX_SEATS, Plan, Trait
from seating.reading import InvalidPlan, Problem, read_plan

FOCUS_IDS = ("focus", "scene", "scène", "stage")
ONLY_ZONE, ONLY_ROW, ONLY_CATEGORY = "Salle", "1", "1"
MOST_PROBLEMS = 50
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


def from_drawing(svg: bytes, table: bytes, name: str) -> Plan:
    """The plan of a drawing and its table. Raises InvalidPlan: paths are like "line 12, category".

    Whether the plan makes sense is told by `seating.faults`.
    """
    drawing = read_svg(svg)
    problems: list[Problem] = []
    seats = list(_seats(table, drawing.middles, set(drawing.twice), problems))
    if not problems and not seats:
        problems.append(Problem("line 2", "MISSING", "names no seat"))
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
    return read_plan(sketch.document())


def to_drawing(plan: Plan) -> tuple[str, str]:
    """(SVG, CSV) of a plan: its seats, to be changed with a drawing program and a spreadsheet, and imported again.

    Names and colours of categories, outlines and areas without seats are not in them.
    """
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" data-unit="cm" viewBox="0 0 {plan.width} {plan.height}">',
        f'<circle id="focus" cx="{plan.focus[0]}" cy="{plan.focus[1]}" r="40"/>',
    ]
    colours = {category.code: category.colour for category in plan.categories}
    table = io.StringIO()
    writer = csv.writer(table, delimiter=";", lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for zone in plan.zones:
        for row in zone.rows:
            for seat in row.seats:
                fill = quoteattr(colours.get(seat.category, "#888888"))
                lines.append(f'<circle id={quoteattr(seat.id)} cx="{seat.x}" cy="{seat.y}" r="20" fill={fill}/>')
                traits = " ".join(word for trait, word in _WRITTEN.items() if seat.traits & trait)
                writer.writerow((
                    seat.id, zone.name, row.label, seat.label, seat.category, seat.left or "", seat.right or "",
                    seat.quality, traits, seat.companion_of or "", seat.box,
                ))  # fmt: skip
    lines.append("</svg>")
    return "\n".join(lines) + "\n", "\ufeff" + table.getvalue()


@dataclass(frozen=True)
class _Placed:
    zone: str
    row: str
    seat: SketchSeat


def _seats(table: bytes, middles: Mapping[str, Spot], twice: set[str], problems: list[Problem]) -> Iterator[_Placed]:
    known: set[str] = set()
    for line, cells in _rows(table, problems):
        if len(problems) >= MOST_PROBLEMS:
            return

        def cell(name: str, otherwise: str = "", cells: Mapping[str, str] = cells) -> str:
            return cells.get(name, "").strip() or otherwise

        def wrong(column: str, reason: str, message: str, line: int = line) -> None:
            problems.append(Problem(f"line {line}, {column}", reason, message))

        seat_id, label = cell("id"), cell("seat")
        if not seat_id or not label:
            wrong("id" if not seat_id else "seat", "MISSING", "is missing")
            continue
        if seat_id in known:
            wrong("id", "NOT_VALID", f"{seat_id[:60]} is there twice")
            continue
        known.add(seat_id)
        if len(known) > MAX_SEATS:
            wrong("id", "TOO_MANY", f"a plan has at most {MAX_SEATS} seats")
            return
        if seat_id not in middles or seat_id in twice:
            many = "several elements have" if seat_id in twice else "no element of the drawing has"
            wrong("id", "NOT_VALID", f"{many} the id {seat_id[:60]}")
            continue
        traits, unknown = _traits(cell("attributes"))
        if unknown:
            wrong("attributes", "NOT_VALID", f"{unknown[:40]} is none of {', '.join(TRAITS)}")
        quality = cell("quality")
        if quality and not quality.isdigit():
            wrong("quality", "NOT_VALID", "must be a whole number, 1 is best")
            quality = ""
        x, y = middles[seat_id]
        seat = SketchSeat(
            seat_id, label, cell("category", ONLY_CATEGORY), x, y, cell("left") or None, cell("right") or None,
            int(quality[:6]) if quality else None, traits, cell("companion_of") or None, cell("box"),
        )  # fmt: skip
        yield _Placed(cell("zone", ONLY_ZONE), cell("row", ONLY_ROW), seat)


def _rows(table: bytes, problems: list[Problem]) -> Iterator[tuple[int, dict[str, str]]]:
    """(line, cells by column) of each row. What is no table is a problem."""
    text = _text(table)
    head = text.partition("\n")[0]
    delimiter = max(";,\t", key=head.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        names = [_column(each) for each in next(reader, [])]
        for column in ("id", "seat"):
            if column not in names:
                problems.append(Problem(f"line 1, {column}", "MISSING", f"no column {column} ({COLUMNS[column][0]})"))
        if problems:
            return
        for cells in reader:
            if any(len(each) > MOST_CELL for each in cells):
                problems.append(
                    Problem(f"line {reader.line_num}", "NOT_VALID", f"has more than {MOST_CELL} characters")
                )
                return
            if any(each.strip() for each in cells):
                yield reader.line_num, dict(zip(names, cells, strict=False))
    except csv.Error as error:
        problems.append(Problem(f"line {reader.line_num}", "NOT_VALID", f"cannot be read: {error}"))


def _text(table: bytes) -> str:
    """UTF-8 with or without its mark, else as Windows writes it in Western Europe."""
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
    told = any(each.seat.left or each.seat.right for each in seats)
    zones: dict[str, dict[str, list[SketchSeat]]] = {}
    for each in seats:
        zones.setdefault(each.zone, {}).setdefault(each.row, []).append(each.seat)
    return [
        SketchZone(f"z{number}", zone, [
            SketchRow(label, row if told else _from_left(row), told) for label, row in rows.items()
        ]) for number, (zone, rows) in enumerate(zones.items(), 1)
    ]  # fmt: skip


def _from_left(seats: list[SketchSeat]) -> list[SketchSeat]:
    """Along the line from one end of the row to the other, whichever way it runs."""
    first = seats[0]
    one = max(seats, key=lambda seat: math.dist((seat.x, seat.y), (first.x, first.y)))
    other = max(seats, key=lambda seat: math.dist((seat.x, seat.y), (one.x, one.y)))
    if (one.x, one.y) > (other.x, other.y):
        one, other = other, one
    way: Any = (other.x - one.x, other.y - one.y)
    return sorted(seats, key=lambda seat: ((seat.x - one.x) * way[0] + (seat.y - one.y) * way[1], seat.id))
