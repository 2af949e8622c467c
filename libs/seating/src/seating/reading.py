"""Reads a plan from its own format, and believes nothing: each thing that is wrong is named by its path.

zones[2].rows[0].seats[7].x: must be a whole number from 0 to 32767
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from seating.plan import FORMAT, MAX_SEATS, MAX_SIZE_CM, Area, Category, Plan, Point, Row, Seat, Trait, Zone

MOST_PROBLEMS = 50
LONGEST_ID, LONGEST_LABEL, LONGEST_NAME = 60, 20, 100
MOST_PARTS = 2_000  # zones, areas, rows of a zone
MOST_CATEGORIES = 50
MOST_POINTS = 500
_ALL_TRAITS = int(sum(Trait))


@dataclass(frozen=True)
class Problem:
    """What is wrong where; `reason` is stable: UNKNOWN_FORMAT, MISSING, UNKNOWN_FIELD, NOT_VALID, TOO_MANY.

    Other formats have reasons of their own besides.
    """

    path: str
    reason: str
    message: str
    value: str = ""  # what stands there, where that helps to find it


class InvalidPlan(Exception):
    """The document is no plan. `problems` names the first fifty things that are wrong."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("; ".join(f"{problem.path}: {problem.message}" for problem in problems[:3]))
        self.problems = tuple(problems)


def read_plan(document: object) -> Plan:
    """The plan in a parsed JSON document. Raises InvalidPlan. Whether it makes sense is told by `seating.faults`."""
    reader = _Reader()
    plan = reader.plan(document)
    if reader.problems or plan is None:
        raise InvalidPlan(reader.problems)
    return plan


class _Stop(Exception):
    """Enough problems were found."""


class _Reader:
    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self._seats = 0

    def plan(self, document: object) -> Plan | None:
        try:
            return self._plan(document)
        except _Stop:
            return None

    def _plan(self, document: object) -> Plan | None:
        fields = self._object(
            "", document, ("format", "name", "width", "height", "focus", "categories"), ("zones", "areas")
        )
        if fields is None:
            return None
        if fields["format"] != FORMAT:
            self._wrong("format", "UNKNOWN_FORMAT", f"must be {FORMAT}")
            return None
        return Plan(
            name=self._text("name", fields["name"], LONGEST_NAME),
            width=self._number("width", fields["width"], 1, MAX_SIZE_CM),
            height=self._number("height", fields["height"], 1, MAX_SIZE_CM),
            focus=self._point("focus", fields["focus"]),
            categories=self._list("categories", fields["categories"], self._category, MOST_CATEGORIES),
            zones=self._list("zones", fields.get("zones", []), self._zone, MOST_PARTS),
            areas=self._list("areas", fields.get("areas", []), self._area, MOST_PARTS),
        )

    def _category(self, path: str, value: object) -> Category | None:
        fields = self._object(path, value, ("code", "name", "colour"))
        if fields is None:
            return None
        return Category(
            self._text(f"{path}.code", fields["code"], LONGEST_ID),
            self._text(f"{path}.name", fields["name"], LONGEST_NAME),
            self._colour(f"{path}.colour", fields["colour"]),
        )

    def _zone(self, path: str, value: object) -> Zone | None:
        fields = self._object(path, value, ("id", "name"), ("rows", "outline"))
        if fields is None:
            return None
        return Zone(
            self._text(f"{path}.id", fields["id"], LONGEST_ID),
            self._text(f"{path}.name", fields["name"], LONGEST_NAME),
            self._list(f"{path}.rows", fields.get("rows", []), self._row, MOST_PARTS),
            self._outline(path, fields),
        )

    def _row(self, path: str, value: object) -> Row | None:
        fields = self._object(path, value, ("label", "seats"))
        if fields is None:
            return None
        seats = fields["seats"]
        self._seats += len(seats) if isinstance(seats, list) else 0
        if self._seats > MAX_SEATS:
            self._wrong(f"{path}.seats", "TOO_MANY", f"a plan has at most {MAX_SEATS} seats")
            raise _Stop
        label = self._text(f"{path}.label", fields["label"], LONGEST_LABEL)
        return Row(label, self._list(f"{path}.seats", seats, self._seat, MAX_SEATS))

    def _seat(self, path: str, value: object) -> Seat | None:
        optional = ("left", "right", "quality", "traits", "companion_of", "box")
        fields = self._object(path, value, ("id", "label", "x", "y", "category"), optional)
        if fields is None:
            return None
        return Seat(
            id=self._text(f"{path}.id", fields["id"], LONGEST_ID),
            label=self._text(f"{path}.label", fields["label"], LONGEST_LABEL),
            x=self._number(f"{path}.x", fields["x"], 0, MAX_SIZE_CM),
            y=self._number(f"{path}.y", fields["y"], 0, MAX_SIZE_CM),
            category=self._text(f"{path}.category", fields["category"], LONGEST_ID),
            left=self._maybe(f"{path}.left", fields.get("left")),
            right=self._maybe(f"{path}.right", fields.get("right")),
            quality=self._number(f"{path}.quality", fields.get("quality", 1), 1, 65_535),
            traits=self._number(f"{path}.traits", fields.get("traits", 0), 0, _ALL_TRAITS),
            companion_of=self._maybe(f"{path}.companion_of", fields.get("companion_of")),
            box=self._text(f"{path}.box", fields.get("box", ""), LONGEST_ID, 0),
        )

    def _area(self, path: str, value: object) -> Area | None:
        fields = self._object(path, value, ("id", "name", "capacity", "category"), ("outline",))
        if fields is None:
            return None
        return Area(
            self._text(f"{path}.id", fields["id"], LONGEST_ID),
            self._text(f"{path}.name", fields["name"], LONGEST_NAME),
            self._number(f"{path}.capacity", fields["capacity"], 1, 1_000_000),
            self._text(f"{path}.category", fields["category"], LONGEST_ID),
            self._outline(path, fields),
        )

    # -- values

    def _object(
        self, path: str, value: object, required: Sequence[str], optional: Sequence[str] = ()
    ) -> dict[str, Any] | None:
        if not isinstance(value, Mapping):
            self._wrong(path or "plan", "NOT_VALID", "must be an object")
            return None
        missing = [name for name in required if name not in value]
        unknown = [str(name) for name in value if name not in required and name not in optional]
        for name in missing:
            self._wrong(f"{path}.{name}".lstrip("."), "MISSING", "is missing")
        for name in unknown:
            self._wrong(f"{path}.{name[:40]}".lstrip("."), "UNKNOWN_FIELD", "is not known here")
        return None if missing or unknown else dict(value)

    def _list(self, path: str, value: object, read: Callable[[str, object], Any], most: int) -> tuple[Any, ...]:
        if not isinstance(value, list):
            self._wrong(path, "NOT_VALID", "must be a list")
            return ()
        if len(value) > most:
            self._wrong(path, "TOO_MANY", f"has {len(value)}; at most {most}")
            raise _Stop
        return tuple(read(f"{path}[{index}]", each) for index, each in enumerate(value))

    def _text(self, path: str, value: object, longest: int, shortest: int = 1) -> str:
        if isinstance(value, str) and shortest <= len(value) <= longest and value.isprintable():
            return value
        self._wrong(path, "NOT_VALID", f"must be a text of {shortest} to {longest} characters")
        return ""

    def _maybe(self, path: str, value: object) -> str | None:
        return None if value is None else self._text(path, value, LONGEST_ID)

    def _number(self, path: str, value: object, low: int, high: int) -> int:
        if type(value) is int and low <= value <= high:
            return value
        self._wrong(path, "NOT_VALID", f"must be a whole number from {low} to {high}")
        return low

    def _point(self, path: str, value: object) -> Point:
        if not isinstance(value, list) or len(value) != 2:
            self._wrong(path, "NOT_VALID", "must be [x, y]")
            return 0, 0
        x, y = (self._number(f"{path}[{index}]", each, 0, MAX_SIZE_CM) for index, each in enumerate(value))
        return x, y

    def _outline(self, path: str, fields: Mapping[str, Any]) -> tuple[Point, ...]:
        return self._list(f"{path}.outline", fields.get("outline", []), self._point, MOST_POINTS)

    def _colour(self, path: str, value: object) -> str:
        if (
            isinstance(value, str)
            and len(value) == 7
            and value[0] == "#"
            and set(value[1:].lower()) <= set("0123456789abcdef")
        ):
            return value
        self._wrong(path, "NOT_VALID", "must be #rrggbb")
        return "#000000"

    def _wrong(self, path: str, reason: str, message: str) -> None:
        self.problems.append(Problem(path, reason, message))
        if len(self.problems) == MOST_PROBLEMS:
            raise _Stop
