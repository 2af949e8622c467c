"""Checks of what callers send. Each raises FieldInvalid naming the field."""

import uuid
from collections.abc import Sized

from kit.errors import FieldInvalid


def identity(path: str, value: str) -> str:
    """The value itself, if it is a UUID as the database writes it."""
    try:
        usual = str(uuid.UUID(value))
    except ValueError:
        usual = ""
    if usual != value:
        raise FieldInvalid(path, "must be a UUID in lower case with dashes")
    return value


def number(path: str, value: int, low: int, high: int) -> None:
    if not low <= value <= high:
        raise FieldInvalid(path, f"must be {low} to {high}")


def at_most(path: str, things: Sized, most: int) -> None:
    if len(things) > most:
        raise FieldInvalid(path, f"has {len(things)}; at most {most} at once")


def short(path: str, value: str, longest: int, least: int = 0) -> None:
    if not least <= len(value.strip()) or len(value) > longest:
        raise FieldInvalid(path, f"must have {least} to {longest} characters")
