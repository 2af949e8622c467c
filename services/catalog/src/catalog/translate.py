"""Between messages and values: they have the same fields, and enumerations the same numbers."""

import types
import typing
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime
from enum import IntEnum
from typing import Any, TypeVar

from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp

from kit.errors import FieldInvalid

T = TypeVar("T")
M = TypeVar("M", bound=Message)


_known_hints: dict[Any, dict[str, Any]] = {}


def _hints(kind: Any) -> dict[str, Any]:
    """The type of each field, worked out once."""
    if kind not in _known_hints:
        hints = typing.get_type_hints(kind)
        _known_hints[kind] = {field.name: hints[field.name] for field in fields(kind)}
    return _known_hints[kind]


def to_value(kind: type[T], message: Message, path: str) -> T:
    """The value of a message. Raises FieldInvalid for a missing time and an unknown enumeration number."""
    values: dict[str, Any] = {}
    for name, hint in _hints(kind).items():
        field = _field(name)
        optional = isinstance(hint, types.UnionType)
        if optional and not message.HasField(field):
            values[name] = None
            continue
        values[name] = _in(hint.__args__[0] if optional else hint, getattr(message, field), f"{path}.{field}")
    return kind(**values)


def _field(name: str) -> str:
    """The field of a value's attribute: `from_` avoids a word of Python."""
    return name.removesuffix("_")


def _in(hint: Any, value: Any, path: str) -> Any:
    if isinstance(hint, types.GenericAlias) and hint.__origin__ is tuple:
        inner = hint.__args__[0]
        return tuple(_in(inner, item, f"{path}[{i}]") for i, item in enumerate(value))
    if isinstance(hint, types.GenericAlias):
        return dict(value)
    if is_dataclass(hint):
        return to_value(typing.cast(type, hint), value, path)
    if hint is datetime:
        try:
            at = value.ToDatetime(tzinfo=UTC)
        except (ValueError, OverflowError):
            raise FieldInvalid(path, "is no instant") from None
        if not value.seconds:
            raise FieldInvalid(path, "is missing")
        return at
    if issubclass(hint, IntEnum):
        try:
            return hint(value)
        except ValueError:
            raise FieldInvalid(path, "is missing or unknown") from None
    return value


def to_message(kind: type[M], value: Any) -> M:
    """The message of a value."""
    message = kind()
    for name in _hints(type(value)):
        _out(message, name, getattr(value, name))
    return message


def _out(message: Any, attribute: str, value: Any) -> None:
    name = _field(attribute)
    if isinstance(value, tuple):
        repeated = getattr(message, name)
        for item in value:
            if is_dataclass(item):
                made = repeated.add()
                for inner in _hints(type(item)):
                    _out(made, inner, getattr(item, inner))
            else:
                repeated.append(item)
    elif isinstance(value, dict):
        getattr(message, name).update(value)
    elif isinstance(value, datetime):
        getattr(message, name).CopyFrom(Timestamp(seconds=int(value.timestamp()), nanos=value.microsecond * 1000))
    elif value:
        setattr(message, name, value)
