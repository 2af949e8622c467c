"""Where the elements of an SVG drawing are, by id: as much of SVG as drawing programs write.

Read as a stream by expat, so that a drawing of any size costs little; whatever could make the parser fetch or swell
(entities) is refused. Shapes, groups, `use` and transforms are understood; text and styles do not matter here.
"""

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from xml.parsers import expat

from seating.reading import InvalidPlan, Problem

MOST_ELEMENTS = 1_000_000
MOST_PATH = 20_000  # characters of one path
MOST_TRANSFORM = 2_000  # characters
LARGEST = 1e7

Matrix = tuple[float, float, float, float, float, float]  # a b c d e f, as SVG writes it
Spot = tuple[float, float]

_IDENTITY: Matrix = (1, 0, 0, 1, 0, 0)
_NUMBER = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"
_NUMBERS = re.compile(_NUMBER)
_LENGTH = re.compile(rf"\s*({_NUMBER})\s*(?:px|pt|mm|cm|in|pc|%)?\s*")
_TRANSFORM = re.compile(r"(matrix|translate|scale|rotate|skewX|skewY)\s*\(([^)]*)\)")
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{2,4})_")
_COMMAND = re.compile(r"([MmLlHhVvCcSsQqTtAaZz])([^MmLlHhVvCcSsQqTtAaZz]*)")
_POINTS_OF = {"m": 2, "l": 2, "h": 1, "v": 1, "c": 6, "s": 4, "q": 4, "t": 2, "a": 7, "z": 0}


@dataclass(frozen=True)
class Drawing:
    """The middle of each element that has an id, in the drawing's own unit.

    `size`: of a drawing in centimetres, which begins at 0.
    """

    middles: Mapping[str, Spot]
    size: tuple[int, int] | None
    twice: tuple[str, ...]  # ids that several elements have


def read_svg(content: bytes) -> Drawing:
    """Raises InvalidPlan for what is no SVG, or one with entities."""
    reader = _Reader()
    parser = expat.ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler = reader.start, reader.end
    parser.EntityDeclHandler = parser.UnparsedEntityDeclHandler = reader.entity
    parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
    try:
        parser.Parse(content, True)
    except expat.ExpatError as error:
        raise _wrong("DRAWING_UNREADABLE", "is no XML here", f"svg, line {error.lineno}") from error
    except (LookupError, ValueError) as error:  # an encoding that Python does not know, or not as XML needs it
        raise _wrong("DRAWING_UNREADABLE", "has an unknown encoding: save it as UTF-8") from error
    if not reader.is_svg:
        raise _wrong("DRAWING_UNREADABLE", "is no SVG drawing")
    return Drawing(reader.middles, reader.size, tuple(sorted(reader.twice)))


def plain_id(written: str) -> str:
    """Illustrator writes A 12 as A_x20_12, and 12 as _x31_2: an XML id begins with a letter and has no spaces."""
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), written)


def _wrong(reason: str, message: str, path: str = "svg") -> InvalidPlan:
    return InvalidPlan([Problem(path, reason, message)])


@dataclass
class _Open:
    """An element whose end has not come: what it encloses so far."""

    id: str
    matrix: Matrix
    box: list[float] = field(default_factory=lambda: [math.inf, math.inf, -math.inf, -math.inf])

    def add(self, spots: Iterator[Spot]) -> None:
        for x, y in spots:
            self.box = [min(self.box[0], x), min(self.box[1], y), max(self.box[2], x), max(self.box[3], y)]


class _Reader:
    def __init__(self) -> None:
        self.middles: dict[str, Spot] = {}
        self.twice: set[str] = set()
        self.is_svg = False
        self.size: tuple[int, int] | None = None
        self._open: list[_Open] = []
        self._count = 0

    def entity(self, *_: object) -> None:
        raise _wrong("DRAWING_HAS_ENTITIES", "has entities: save it as plain SVG")

    def start(self, name: str, attributes: dict[str, str]) -> None:
        tag = name.rpartition(":")[2]
        self._count += 1
        if self._count > MOST_ELEMENTS:
            raise _wrong("DRAWING_TOO_LARGE", f"has more than {MOST_ELEMENTS} elements")
        if not self._open:
            self.is_svg, self.size = tag == "svg", _size(attributes)
        above = self._open[-1].matrix if self._open else _IDENTITY
        transform = attributes.get("transform", "")
        if len(transform) > MOST_TRANSFORM:
            raise _wrong("DRAWING_TOO_LARGE", f"has a transform of more than {MOST_TRANSFORM} characters")
        here = _Open(attributes.get("id", ""), _times(above, _matrix(transform)) if transform else above)
        here.add(_moved(here.matrix, spot) for spot in _corners(tag, attributes))
        self._open.append(here)

    def end(self, _: str) -> None:
        done = self._open.pop()
        x0, y0, x1, y1 = done.box
        if x0 <= x1 and max(abs(each) for each in done.box) < LARGEST:
            if self._open:
                self._open[-1].add(iter(((x0, y0), (x1, y1))))
            if done.id in self.middles:
                self.twice.add(done.id)
            if done.id:
                self.middles[done.id] = (x0 + x1) / 2, (y0 + y1) / 2


def _size(root: Mapping[str, str]) -> tuple[int, int] | None:
    box = _numbers(root.get("viewBox", ""))
    if root.get("data-unit") != "cm" or len(box) != 4 or box[:2] != [0, 0]:
        return None
    return int(box[2]), int(box[3])


def _numbers(text: str) -> list[float]:
    return [_within(float(each)) for each in _NUMBERS.findall(text)]


def _within(number: float) -> float:
    """As far as any drawing goes: nothing that is infinite can come of it."""
    return max(-LARGEST, min(LARGEST, number))


def _corners(tag: str, attributes: Mapping[str, str]) -> Iterator[Spot]:
    """Points whose box has the middle of the shape."""

    def number(name: str) -> float:
        found = _LENGTH.fullmatch(attributes.get(name, "0"))
        return _within(float(found[1])) if found else 0.0

    match tag:
        case "circle" | "ellipse":
            yield number("cx"), number("cy")
        case "rect" | "image" | "foreignObject":
            x, y = number("x"), number("y")
            yield x, y
            yield x + number("width"), y + number("height")
        case "use" | "text":
            yield number("x"), number("y")
        case "line":
            yield number("x1"), number("y1")
            yield number("x2"), number("y2")
        case "polygon" | "polyline":
            values = _numbers(attributes.get("points", "")[:MOST_PATH])
            yield from zip(values[::2], values[1::2], strict=False)
        case "path":
            yield from _path(attributes.get("d", "")[:MOST_PATH])


def _path(commands: str) -> Iterator[Spot]:
    """The points that a path goes to; what curves do between them hardly moves a seat's middle."""
    x = y = 0.0
    begin = (0.0, 0.0)
    for letter, rest in _COMMAND.findall(commands):
        values = _numbers(rest)
        kind, relative = letter.lower(), letter.islower()
        size = _POINTS_OF[kind]
        if kind == "z":
            x, y = begin
            continue
        for at in range(0, len(values) - size + 1, size):
            *_, last = part = values[at : at + size]
            if kind == "h":
                x = x + last if relative else last
            elif kind == "v":
                y = y + last if relative else last
            else:
                x, y = (x + part[-2], y + last) if relative else (part[-2], last)
            if kind == "m" and at == 0:
                begin = (x, y)
            yield x, y


def _matrix(transform: str) -> Matrix:
    found = _IDENTITY
    for name, inside in _TRANSFORM.findall(transform):
        found = _times(found, _one(name, _numbers(inside)))
    return found


def _one(name: str, v: list[float]) -> Matrix:
    match name, v:
        case "matrix", [a, b, c, d, e, f]:
            return a, b, c, d, e, f
        case "translate", [x, *y]:
            return 1, 0, 0, 1, x, y[0] if y else 0
        case "scale", [x, *y]:
            return x, 0, 0, y[0] if y else x, 0, 0
        case "rotate", [angle, *centre]:
            cos, sin = math.cos(math.radians(angle)), math.sin(math.radians(angle))
            cx, cy = centre if len(centre) == 2 else (0.0, 0.0)
            return cos, sin, -sin, cos, cx - cx * cos + cy * sin, cy - cx * sin - cy * cos
        case "skewX", [angle]:
            return 1, 0, math.tan(math.radians(angle)), 1, 0, 0
        case "skewY", [angle]:
            return 1, math.tan(math.radians(angle)), 0, 1, 0, 0
    return _IDENTITY


def _times(m: Matrix, n: Matrix) -> Matrix:
    a, b, c, d, e, f = m
    g, h, i, j, k, last = n
    product = a * g + c * h, b * g + d * h, a * i + c * j, b * i + d * j, a * k + c * last + e, b * k + d * last + f
    a, b, c, d, e, f = (_within(each) for each in product)
    return a, b, c, d, e, f


def _moved(m: Matrix, spot: Spot) -> Spot:
    x, y = spot
    return m[0] * x + m[2] * y + m[4], m[1] * x + m[3] * y + m[5]
