"""What is signed, as JSON with a single spelling: sorted keys, no white space, UTF-8, no fractions.

    {"format":1,"id":<profile>,"kind":"profile","number":7,"profile":{…}}           a version of a profile
    {"format":1,"id":<till>,"kind":"till","number":3,"payment_modes":["card"]}      what one till differs in

`profile` is ticketing.catalog.v1.TillProfile in protobuf JSON with its own field names, without its revision.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

FORMAT = 1
MAX_BYTES = 2 * 1024 * 1024


class BadSetup(Exception):
    """Not a set-up that a till may apply. `reason` is stable: TOO_LARGE, MALFORMED, SIGNATURE_INVALID, NOT_OURS."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


@dataclass(frozen=True)
class ProfileVersion:
    """Version `number` (from 1) of the profile `id`."""

    id: str
    number: int
    profile: Mapping[str, Any]


@dataclass(frozen=True)
class TillModes:
    """The payment modes of the till `id` instead of its profile's (B2); none: as its profile says."""

    id: str
    number: int
    payment_modes: tuple[str, ...]


def encode(content: ProfileVersion | TillModes) -> bytes:
    """The canonical bytes. Raises BadSetup when there are too many of them, or a value has no single spelling."""
    value: dict[str, Any] = {"format": FORMAT, "id": content.id, "number": content.number}
    if isinstance(content, ProfileVersion):
        value |= {"kind": "profile", "profile": content.profile}
    else:
        value |= {"kind": "till", "payment_modes": list(content.payment_modes)}
    return _canonical(value)


def decode(data: bytes) -> ProfileVersion | TillModes:
    """The content of canonical bytes. Raises BadSetup for any other bytes, even if they are JSON."""
    if len(data) > MAX_BYTES:
        raise BadSetup("TOO_LARGE", f"{len(data)} bytes, more than {MAX_BYTES}")
    try:
        value = json.loads(data.decode("utf-8", "strict"))
    except (ValueError, RecursionError) as error:
        raise BadSetup("MALFORMED", f"not JSON in UTF-8: {error}") from error
    if not isinstance(value, dict) or _canonical(value) != data:
        raise BadSetup("MALFORMED", "not the canonical spelling of an object")
    match value:
        case {"format": 1, "kind": "profile", "id": str(id), "number": int(number), "profile": dict(profile)}:
            return ProfileVersion(id, number, profile)
        case {"format": 1, "kind": "till", "id": str(id), "number": int(number), "payment_modes": list(modes)}:
            if all(isinstance(mode, str) for mode in modes):
                return TillModes(id, number, tuple(modes))
    raise BadSetup("MALFORMED", "neither a version of a profile nor the modes of a till")


def fingerprint(data: bytes) -> str:
    """SHA-256 of the bytes, hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def _canonical(value: Any) -> bytes:
    _refuse_fractions(value)
    try:
        data = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
    except (UnicodeEncodeError, TypeError, RecursionError) as error:
        raise BadSetup("MALFORMED", f"cannot be spelled in UTF-8: {error}") from error
    if len(data) > MAX_BYTES:
        raise BadSetup("TOO_LARGE", f"{len(data)} bytes, more than {MAX_BYTES}")
    return data


def _refuse_fractions(value: Any) -> None:
    """A fraction has several spellings, so it has none here."""
    if isinstance(value, float):
        raise BadSetup("MALFORMED", "a fraction has no single spelling")
    if isinstance(value, Mapping):
        for item in value.values():
            _refuse_fractions(item)
    elif isinstance(value, list | tuple):
        for item in value:
            _refuse_fractions(item)
