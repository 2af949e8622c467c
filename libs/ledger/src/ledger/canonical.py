"""One sequence of bytes for each value: JSON with a single spelling.

Keys in rising order of code points, UTF-8, no white space, strings escaped only where JSON demands it (quote,
backslash and control characters, in the short form where there is one), integers in plain decimal. Only dict, list,
str, int, bool and None: a float has several spellings, so it has none here. Integers stay within ±2^53, which every
JSON reader keeps exactly.
"""

import json
from typing import Any

from ledger.errors import NotCanonical

MAX_BYTES = 256 * 1024
MAX_DEPTH = 12  # a list in a dict is depth 2
MAX_INTEGER = 2**53


def encode(value: Any) -> bytes:
    """The canonical bytes of a value. Raises NotCanonical, naming the path of what cannot be encoded."""
    _check(value, "", 1)
    try:
        data = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
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


def _check(value: Any, path: str, depth: int) -> None:
    # Exact types: a subclass may print itself differently.
    kind = type(value)
    if kind is str or kind is bool or value is None:
        return
    if kind is int:
        if abs(value) > MAX_INTEGER:
            raise NotCanonical(path or "$", "integer beyond ±2^53")
    elif kind is dict or kind is list:
        if depth > MAX_DEPTH:
            raise NotCanonical(path or "$", f"nested deeper than {MAX_DEPTH}")
        if kind is list:
            for index, item in enumerate(value):
                _check(item, f"{path}[{index}]", depth + 1)
            return
        for key, item in value.items():
            if type(key) is not str:
                raise NotCanonical(path or "$", f"key {key!r} is not a string")
            _check(item, f"{path}.{key}" if path else key, depth + 1)
    else:
        raise NotCanonical(path or "$", f"{kind.__name__} has no canonical form")
