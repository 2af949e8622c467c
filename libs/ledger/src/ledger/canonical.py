"""One sequence of bytes for each value: JSON with a single spelling.

Keys in rising order of code points, UTF-8, no white space, strings escaped only where JSON demands it (quote,
backslash and control characters, in the short form where there is one), integers in plain decimal. Only dict, list,
str, int, bool and None: a float has several spellings, so it has none here. Integers stay within ±2^53, which every
JSON reader keeps exactly.
"""

import json
from typing import Any

from ledger.errors import NotCanonical

_ENCODER = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), check_circular=False)
MAX_BYTES = 256 * 1024
MAX_DEPTH = 12  # a list in a dict is depth 2
MAX_INTEGER = 2**53


def encode(value: Any) -> bytes:
    """The canonical bytes of a value. Raises NotCanonical, naming the path of what cannot be encoded."""
    _check(value)
    try:
        data = _ENCODER.encode(value).encode()
    except UnicodeEncodeError as error:
        raise NotCanonical("$", "a string holds half of a surrogate pair, which UTF-8 cannot carry") from error
    if len(data) > MAX_BYTES:
        raise NotCanonical("$", f"{len(data)} bytes, more than {MAX_BYTES}")
    return data


def decode(data: bytes) -> Any:
    """The value of canonical bytes. Raises NotCanonical for any other bytes, even if they are JSON."""
    if len(data) > MAX_BYTES:
        raise NotCanonical("$", f"{len(data)} bytes, more than {MAX_BYTES}")
    try:
        value = json.loads(data.decode("utf-8", "strict"))
    except (ValueError, RecursionError) as error:
        raise NotCanonical("$", f"not JSON in UTF-8: {error}") from error
    # Duplicate keys, spaces, other escapes, -0: whatever has a second spelling shows here.
    if encode(value) != data:
        raise NotCanonical("$", "not the canonical spelling of its value")
    return value


def _check(value: Any) -> None:
    """Raises NotCanonical for what has no canonical form."""
    _check_items([value], None, 0)


_Path = tuple[Any, object] | None  # (path of the container, key or index), so that no text is made of a good path


def _check_items(items: list[Any] | dict[Any, Any], path: _Path, depth: int) -> None:
    # Exact types: a subclass may print itself differently.
    if depth > MAX_DEPTH:
        raise NotCanonical(_spelled(path), f"nested deeper than {MAX_DEPTH}")
    named = items.items() if type(items) is dict else enumerate(items)
    for name, item in named:
        kind = type(item)
        if type(items) is dict and type(name) is not str:
            raise NotCanonical(_spelled(path), f"key {name!r} is not a string")
        if kind is str or kind is bool or item is None:
            continue
        if kind is int:
            if not -MAX_INTEGER <= item <= MAX_INTEGER:
                raise NotCanonical(_spelled((path, name)), "integer beyond ±2^53")
        elif kind is dict or kind is list:
            _check_items(item, (path, name), depth + 1)
        else:
            raise NotCanonical(_spelled((path, name)), f"{kind.__name__} has no canonical form")


def _spelled(path: _Path) -> str:
    """ "lines[3].label"; "$" for the whole."""
    steps: list[object] = []
    while path is not None:
        path, step = path
        steps.append(step)
    text = ""
    for step in reversed(steps[:-1]):  # the last is the place of the whole in its list of one
        text += f"[{step}]" if type(step) is int else f".{step}" if text else f"{step}"
    return text or "$"
