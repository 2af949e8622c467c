"""A template: a page in millimetres and the elements on it. `load` is the only way in from JSON, and checks it all."""

from __future__ import annotations

import base64
import io
import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import MISSING, dataclass, fields
from functools import lru_cache
from importlib import resources
from typing import Any, Literal

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError
from PIL import Image as Picture

from render import content
from render.errors import InvalidTemplate
from render.fields import CATALOGUE, Field, Value

MAX_IMAGE_PIXELS = 4_000_000
LINE_HEIGHT = 1.2  # of the font size, between two baselines
MM_PER_PT = 25.4 / 72
_SLACK_MM = 0.01  # an editor's rounding is not a fault


@dataclass(frozen=True, kw_only=True)
class Placed:
    """What every element has: a box in mm from the top left corner, and when it is shown."""

    x: float
    y: float
    w: float
    h: float
    when: str | None = None
    collapse: bool = False

    @property
    def bottom(self) -> float:
        return self.y + self.h


@dataclass(frozen=True, kw_only=True)
class Text(Placed):
    """Words whose first line stands at the top of the box. `grows`: the box is as tall as its wrapped text."""

    content: str
    size_pt: float
    font: Literal["sans", "sans-bold", "mono"] = "sans"
    align: Literal["left", "center", "right"] = "left"
    fit: Literal["none", "shrink", "wrap", "ellipsis"] = "none"
    ink: Literal["black", "white"] = "black"
    grows: bool = False


@dataclass(frozen=True, kw_only=True)
class Rule(Placed):
    thickness_mm: float = 0.25
    style: Literal["solid", "dashed", "tear"] = "solid"


@dataclass(frozen=True, kw_only=True)
class Box(Placed):
    thickness_mm: float = 0.25
    filled: bool = False


@dataclass(frozen=True, kw_only=True)
class Image(Placed):
    png: str


@dataclass(frozen=True, kw_only=True)
class Barcode(Placed):
    symbology: Literal["qr", "code128"]
    field: str
    module_mm: float | None = None


@dataclass(frozen=True, kw_only=True)
class Rows(Placed):
    field: str
    elements: tuple[Element, ...]


Element = Text | Rule | Box | Image | Barcode | Rows
_TYPES: dict[str, type[Element]] = {
    "text": Text, "rule": Rule, "box": Box, "image": Image, "barcode": Barcode, "rows": Rows,
}  # fmt: skip
_NAMES = {cls: name for name, cls in _TYPES.items()}


@dataclass(frozen=True)
class Page:
    width_mm: float
    height_mm: float | Literal["auto"]


@dataclass(frozen=True)
class Template:
    code: str
    name: str
    kind: Literal["ticket", "receipt", "refund", "cash_slip", "eticket"]
    language: Literal["fr", "en"]
    page: Page
    elements: tuple[Element, ...]

    def to_json(self) -> dict[str, Any]:
        """The JSON object that `load` turns into this same template."""
        return {
            "code": self.code,
            "name": self.name,
            "kind": self.kind,
            "language": self.language,
            "page": {"width_mm": self.page.width_mm, "height_mm": self.page.height_mm},
            "elements": [_element_json(element) for element in self.elements],
        }


def load(json_dict: Mapping[str, Any]) -> Template:
    """Check a template's JSON and build it. Raises InvalidTemplate naming the first fault's path."""
    _check_schema(json_dict)
    _check_numbers(json_dict, "")  # NaN is neither below a minimum nor above a maximum: a schema lets it pass
    page = Page(**json_dict["page"])
    template = Template(
        code=json_dict["code"],
        name=json_dict["name"],
        kind=json_dict["kind"],
        language=json_dict["language"],
        page=page,
        elements=_elements(json_dict["elements"]),
    )
    height = math.inf if page.height_mm == "auto" else page.height_mm
    _check_elements(template.elements, CATALOGUE[template.kind], page.width_mm, height, "elements")
    return template


@lru_cache(maxsize=1)
def _validator() -> Draft202012Validator:
    schema = json.loads(resources.files("render").joinpath("template.schema.json").read_text("utf-8"))
    return Draft202012Validator(schema)


def _check_schema(json_dict: Mapping[str, Any]) -> None:
    errors = list(_validator().iter_errors(json_dict))
    if errors:
        # One mistake may break several rules at once: the deepest one tells most.
        error = max(errors, key=lambda found: len(found.absolute_path))
        raise InvalidTemplate(_path(error), _shorten(error.message))


def _path(error: ValidationError) -> str:
    path = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in error.absolute_path)
    return path.lstrip(".") or "template"


def _shorten(message: str) -> str:
    return message if len(message) <= 300 else f"{message[:150]} … {message[-140:]}"


def _check_numbers(value: Any, path: str) -> None:
    if isinstance(value, float) and not math.isfinite(value):
        raise InvalidTemplate(path.lstrip("."), f"must be a finite number, not {value}")
    if isinstance(value, Mapping):
        for name, inner in value.items():
            _check_numbers(inner, f"{path}.{name}")
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            _check_numbers(inner, f"{path}[{index}]")


def _elements(items: Iterable[Mapping[str, Any]]) -> tuple[Element, ...]:
    return tuple(_element(item) for item in items)


def _element(item: Mapping[str, Any]) -> Element:
    given = {name: value for name, value in item.items() if name != "type"}
    if item["type"] == "rows":
        given["elements"] = _elements(item["elements"])
    if item["type"] == "text" and "h" not in item:
        given |= {"h": item["size_pt"] * LINE_HEIGHT * MM_PER_PT, "grows": True}
    return _TYPES[item["type"]](**given)


def _element_json(element: Element) -> dict[str, Any]:
    shown: dict[str, Any] = {"type": _NAMES[type(element)]}
    grows = isinstance(element, Text) and element.grows
    for known in fields(element):
        value = getattr(element, known.name)
        if known.name == "grows" or (grows and known.name == "h"):
            continue
        if known.default is MISSING or value != known.default:
            shown[known.name] = [_element_json(inner) for inner in value] if known.name == "elements" else value
    return shown


def _check_elements(
    elements: tuple[Element, ...], known: Mapping[str, Field], width_mm: float, height_mm: float, path: str
) -> None:
    for index, element in enumerate(elements):
        here = f"{path}[{index}]"
        if element.when is not None and element.when not in known:
            raise InvalidTemplate(f"{here}.when", f"unknown field {element.when}; known: {', '.join(known)}")
        if element.x + element.w > width_mm + _SLACK_MM:
            raise InvalidTemplate(f"{here}.w", f"reaches {element.x + element.w:g} mm of {width_mm:g} mm")
        if element.bottom > height_mm + _SLACK_MM:
            reason = f"reaches {element.bottom:g} mm of {height_mm:g} mm"
            raise InvalidTemplate(f"{here}.h", reason)
        match element:
            case Text():
                content.check(element.content, known, f"{here}.content")
            case Image():
                _check_png(element.png, f"{here}.png")
            case Barcode():
                if element.field not in known or known[element.field].value is not Value.TEXT:
                    texts = [name for name, field in known.items() if field.value is Value.TEXT]
                    raise InvalidTemplate(f"{here}.field", f"no text field {element.field}; known: {', '.join(texts)}")
            case Rows():
                if element.field not in known or known[element.field].value is not Value.ROWS:
                    lists = [name for name, field in known.items() if field.value is Value.ROWS]
                    raise InvalidTemplate(
                        f"{here}.field", f"no list field {element.field}; known: {', '.join(lists) or 'none'}"
                    )
                columns = known[element.field].columns
                _check_elements(element.elements, columns, element.w, math.inf, f"{here}.elements")


def _check_png(png: str, path: str) -> None:
    try:
        picture = Picture.open(io.BytesIO(base64.b64decode(png, validate=True)), formats=["PNG"])
        width, height = picture.size
        if width * height <= MAX_IMAGE_PIXELS:
            picture.load()
    except (OSError, SyntaxError, ValueError, Picture.DecompressionBombError) as error:
        raise InvalidTemplate(path, _shorten(f"is not a PNG in base64: {error}")) from None
    if width * height > MAX_IMAGE_PIXELS:
        raise InvalidTemplate(path, f"has {width} by {height} pixels, more than {MAX_IMAGE_PIXELS} in all")
