"""The words of a template: text with `{field}` or `{field|formatter}` in it, and nothing cleverer than that."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from render import formats
from render.errors import InvalidTemplate
from render.fields import Field, Value

_TOKEN = re.compile(r"\{\{|\}\}|\{(?P<name>[a-z_]+)(?:\|(?P<formatter>[a-z_]+))?\}|(?P<stray>[{}])")

Part = str | tuple[str, str | None]  # literal text, or (field, formatter)


@lru_cache(maxsize=4096)
def parse(content: str) -> tuple[Part, ...]:
    """Split into literals and placeholders; `{{` and `}}` stand for braces. Raises ValueError on a stray brace."""
    parts: list[Part] = []
    end = 0
    for token in _TOKEN.finditer(content):
        parts.append(content[end : token.start()])
        end = token.end()
        if token["stray"]:
            raise ValueError(f"a brace at character {token.start()} opens no {{field}} or {{field|formatter}}")
        parts.append((token["name"], token["formatter"]) if token["name"] else token[0][0])
    parts.append(content[end:])
    return tuple(part for part in parts if part)


def placeholders(content: str) -> tuple[str, ...]:
    return tuple(part[0] for part in parse(content) if isinstance(part, tuple))


def check(content: str, known: Mapping[str, Field], path: str) -> None:
    """Raises InvalidTemplate when a placeholder names a field or a formatter that does not exist or does not suit."""
    try:
        parts = parse(content)
    except ValueError as error:
        raise InvalidTemplate(path, str(error)) from None
    for part in parts:
        if isinstance(part, str):
            continue
        name, formatter = part
        if name not in known:
            raise InvalidTemplate(path, f"unknown field {{{name}}}; known: {', '.join(known)}")
        suited = known[name].value.formatters
        if not suited:
            raise InvalidTemplate(path, f"{{{name}}} is a list: show it with a rows element")
        if formatter is not None and formatter not in suited:
            raise InvalidTemplate(path, f"{{{name}}} has no formatter {formatter}; it has: {', '.join(suited)}")


def fill(content: str, known: Mapping[str, Field], values: Mapping[str, Any], currency: str, language: str) -> str:
    """The content with its placeholders replaced by checked values (`fields.check_data`)."""
    return "".join(
        part if isinstance(part, str) else _shown(known[part[0]].value, part[1], values[part[0]], currency, language)
        for part in parse(content)
    )


def _shown(kind: Value, formatter: str | None, value: Any, currency: str, language: str) -> str:
    if value is None:
        return ""
    match formatter or kind.formatters[0]:
        case "money":
            return formats.money(value, currency, language)
        case "rate":
            return formats.rate(value, language)
        case "upper":
            return str(value).upper()
        case "text":
            return str(value)
        case instant:
            return formats.INSTANT_FORMATS[instant](value, language)
