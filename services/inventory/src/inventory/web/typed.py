"""What people type into the forms of a performance, read strictly: a value, or a sentence beside the field."""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import grpc
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from kit.errors import Kind
from kit.web import as_domain_error, explain

MOST_NAMED = 200  # sellers of a kind, and how long each may be called
LONGEST_NAME = 64


class Typed:
    """Reads fields and gathers what is wrong with each, so that all errors show at once."""

    def __init__(self, given: MultiDict[str, str]) -> None:
        self.given, self.errors = given, dict[str, str]()

    def words(self, name: str, longest: int) -> str:
        found = self.given.get(name, "").strip()
        if not found:
            self.errors[name] = _("Fill this in.")
        elif len(found) > longest:
            self.errors[name] = _("At most %(most)s characters.", most=longest)
        return found

    def number(self, name: str, most: int, otherwise: int = 0) -> int:
        """A whole number; what is left empty is `otherwise`."""
        found = re.sub(r"[\s\u00a0\u202f]", "", self.given.get(name, ""))
        if not found:
            return otherwise
        if not re.fullmatch(r"[0-9]{1,9}", found):
            self.errors[name] = _("Write a whole number.")
            return otherwise
        if int(found) > most:
            self.errors[name] = _("At most %(most)s.", most=most)
        return min(most, int(found))

    def instant(self, name: str, zone: ZoneInfo) -> datetime | None:
        """A moment at the venue, as UTC; None when it is left empty."""
        found = self.given.get(name, "").strip()
        try:
            return datetime.fromisoformat(found).replace(tzinfo=zone).astimezone(UTC) if found else None
        except (ValueError, OverflowError):
            self.errors[name] = _("Choose a day and an hour.")
            return None

    def chosen(self, name: str) -> list[str]:
        """The boxes that are ticked."""
        return list(dict.fromkeys(value for value in self.given.getlist(name) if value))

    def listed(self, name: str) -> list[str]:
        """What is written with commas or line ends between."""
        found = [part.strip() for part in re.split(r"[,;\n]", self.given.get(name, ""))]
        kept = list(dict.fromkeys(part for part in found if part))
        if len(kept) > MOST_NAMED or any(len(part) > LONGEST_NAME for part in kept):
            most = {"most": MOST_NAMED, "longest": LONGEST_NAME}
            self.errors[name] = _("At most %(most)s names of %(longest)s characters.", **most)
        return kept

    def refused(self, error: grpc.RpcError, fields: Mapping[str, str]) -> None:
        """The core's refusal beside its field, else above the form. Raises what is no refusal.

        `fields`: the form's name of each of the core's paths.
        """
        why = as_domain_error(error)
        if why.kind in (Kind.FORBIDDEN, Kind.UNAUTHENTICATED, Kind.UNAVAILABLE):
            raise error
        self.errors[fields.get(why.facts.get("field", "").partition("[")[0], "")] = explain(why)


def stamped(message: Any, field: str, at: datetime | None) -> None:
    """Set a Timestamp field, or leave it absent."""
    if at is not None:
        getattr(message, field).FromDatetime(at.astimezone(UTC).replace(tzinfo=None))


def typed_instant(message: Any, field: str, zone: ZoneInfo) -> str:
    """A moment as a field of day and hour shows it, at the venue."""
    if not message.HasField(field):
        return ""
    at: datetime = getattr(message, field).ToDatetime(tzinfo=UTC)
    return at.astimezone(zone).strftime("%Y-%m-%dT%H:%M")


def choices(known: Mapping[str, str], chosen: Sequence[str]) -> list[tuple[str, str, bool]]:
    """What boxes offer, as (code, name, ticked): those that are known, and those that were chosen once."""
    codes = dict.fromkeys([*known, *chosen])
    return [(code, known.get(code, code), code in chosen) for code in codes]
