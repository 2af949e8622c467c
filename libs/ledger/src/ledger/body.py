"""Strict reading of JSON objects: every field is asked for by name, and anything else is refused."""

import re
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from enum import StrEnum
from typing import Any, TypeVar

from ledger.errors import BadEntry

UUID_FORM = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_DIGEST = re.compile(r"[0-9a-f]{64}")
# Labels end on paper: a control character could command the printer. Half surrogates have no UTF-8.
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")

T = TypeVar("T")
E = TypeVar("E", bound=StrEnum)


class Reader:
    """Takes the fields of one object. Every method raises BadEntry with the field's full path and the reason."""

    __slots__ = ("_index", "_left", "_name", "_parent")

    def __init__(self, value: object, parent: "Reader | None" = None, name: str = "", index: int | None = None) -> None:
        """`parent`, `name` and `index` say where the object stands: paths are written for errors alone."""
        self._parent, self._name, self._index = parent, name, index
        if not isinstance(value, dict):
            raise BadEntry(self._own_path() or "$", "not an object")
        self._left = value.copy()

    def _own_path(self) -> str:
        if self._parent is None:
            return ""
        path = self._parent.path(self._name)
        return path if self._index is None else f"{path}[{self._index}]"

    def path(self, name: str) -> str:
        own = self._own_path()
        return f"{own}.{name}" if own else name

    def _take(self, name: str) -> Any:
        try:
            return self._left.pop(name)
        except KeyError:
            raise BadEntry(self.path(name), "missing") from None

    def optional(self, take: Callable[[str], T], name: str) -> T | None:
        """None where the field is null (it must be there all the same), else what `take` makes of it."""
        if self._left.get(name, take) is None:
            del self._left[name]
            return None
        return take(name)

    def integer(self, name: str, low: int, high: int) -> int:
        value = self._take(name)
        if type(value) is not int:
            raise BadEntry(self.path(name), "not an integer")
        if not low <= value <= high:
            raise BadEntry(self.path(name), f"{value} is not within {low}…{high}")
        return value

    def boolean(self, name: str) -> bool:
        value = self._take(name)
        if type(value) is not bool:
            raise BadEntry(self.path(name), "neither true nor false")
        return value

    def text(self, name: str, longest: int = 200, shortest: int = 1) -> str:
        value = self._take(name)
        if not isinstance(value, str):
            raise BadEntry(self.path(name), "not a string")
        if not shortest <= len(value) <= longest:
            raise BadEntry(self.path(name), f"{len(value)} characters, not within {shortest}…{longest}")
        if _UNPRINTABLE.search(value):
            raise BadEntry(self.path(name), "holds a control character")
        return value

    def matching(self, name: str, form: re.Pattern[str], described: str) -> str:
        value = self._take(name)
        if not isinstance(value, str) or not form.fullmatch(value):
            raise BadEntry(self.path(name), f"not {described}")
        return value

    def identifier(self, name: str) -> str:
        return self.matching(name, UUID_FORM, "a UUID in lower case")

    def digest(self, name: str) -> bytes:
        return bytes.fromhex(self.matching(name, _DIGEST, "64 hexadecimal digits"))

    def day(self, name: str) -> str:
        value = self.matching(name, re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}"), "a date like 2026-11-23")
        try:
            date.fromisoformat(value)
        except ValueError as error:
            raise BadEntry(self.path(name), str(error)) from error
        return value

    def choice(self, name: str, among: type[E]) -> E:
        value = self._take(name)
        try:
            return among(value)
        except ValueError as error:
            raise BadEntry(self.path(name), f"{value!r} is none of {', '.join(among)}") from error

    def mapping(self, name: str) -> dict[str, Any]:
        value = self._take(name)
        if not isinstance(value, dict):
            raise BadEntry(self.path(name), "not an object")
        return value

    def one(self, name: str, read: Callable[["Reader"], T]) -> T:
        """One object, read by `read` and then closed."""
        reader = Reader(self._take(name), self, name)
        item = read(reader)
        reader.done()
        return item

    def flag_added_later(self, name: str) -> bool:
        """A mark that is there and true, or absent."""
        if name not in self._left:
            return False
        if self._take(name) is not True:
            raise BadEntry(self.path(name), "not true")
        return True

    def added_later(self, name: str, read: Callable[["Reader"], T]) -> T | None:
        """An object that entries sealed before it existed do not have: absent, never null."""
        return self.one(name, read) if name in self._left else None

    def many(self, name: str, read: Callable[["Reader"], T], most: int) -> tuple[T, ...]:
        """A list of objects, each read by `read` and then closed."""
        value = self._take(name)
        if not isinstance(value, list):
            raise BadEntry(self.path(name), "not a list")
        if len(value) > most:
            raise BadEntry(self.path(name), f"{len(value)} items, more than {most}")
        items = []
        for index, item in enumerate(value):
            reader = Reader(item, self, name, index)
            items.append(read(reader))
            reader.done()
        return tuple(items)

    def texts(self, name: str, form: re.Pattern[str], described: str, most: int) -> tuple[str, ...]:
        """A list of strings of one form."""
        value = self._take(name)
        if not isinstance(value, list):
            raise BadEntry(self.path(name), "not a list")
        if len(value) > most:
            raise BadEntry(self.path(name), f"{len(value)} items, more than {most}")
        for index, item in enumerate(value):
            if not isinstance(item, str) or not form.fullmatch(item):
                raise BadEntry(f"{self.path(name)}[{index}]", f"not {described}")
        return tuple(value)

    def done(self) -> None:
        """Refuse whatever nobody asked for."""
        if self._left:
            raise BadEntry(self.path(min(self._left, key=str)), "unknown field")


def plain(value: Any) -> Any:
    """The JSON value of a dataclass: enums as their text, tuples as lists, integer keys as decimal text."""
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, tuple | list):
        return [plain(item) for item in value]
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    return value
