"""The one family of errors that a service raises on purpose. Each door (gRPC, HTTP, events) has one table for it."""

from enum import StrEnum


class Kind(StrEnum):
    """What the caller can do about an error; each door maps it to its own code."""

    INVALID = "INVALID"  # fix the request
    UNAUTHENTICATED = "UNAUTHENTICATED"  # sign in
    FORBIDDEN = "FORBIDDEN"  # ask for the right
    NOT_FOUND = "NOT_FOUND"  # no such thing
    REFUSED = "REFUSED"  # right request, wrong state
    BUSY = "BUSY"  # lost a race: retry the whole action
    THROTTLED = "THROTTLED"  # wait, then retry
    UNAVAILABLE = "UNAVAILABLE"  # retry later


class DomainError(Exception):
    """A refusal that is part of the business.

    `reason` is stable and in capitals: clients and translations key on it. `facts` are short strings that a person or
    a program may need (`facts["field"]` names the faulty field); they never hold a secret.
    """

    kind: Kind = Kind.REFUSED
    reason: str = "REFUSED"

    def __init__(self, message: str, *, kind: Kind | None = None, reason: str | None = None, **facts: object) -> None:
        super().__init__(message)
        self.message = message
        self.kind = kind or type(self).kind
        self.reason = reason or type(self).reason
        self.facts = {name: str(value) for name, value in facts.items()}


class FieldInvalid(DomainError):
    """A field of the request is missing or out of range; `facts["field"]` names it."""

    kind, reason = Kind.INVALID, "FIELD_INVALID"

    def __init__(self, field: str, why: str, **facts: object) -> None:
        super().__init__(f"{field}: {why}")
        self.facts = {"field": field, "why": why} | {name: str(value) for name, value in facts.items()}


class RequestReused(DomainError):
    """The same request id came with another content."""

    kind, reason = Kind.INVALID, "REQUEST_REUSED"


class Unauthenticated(DomainError):
    kind, reason = Kind.UNAUTHENTICATED, "UNAUTHENTICATED"


class Forbidden(DomainError):
    """The caller lacks the right named in `facts["right"]`."""

    kind, reason = Kind.FORBIDDEN, "FORBIDDEN"


class Unavailable(DomainError):
    """Another service or server does not answer; nothing was done, or the same request may be sent again."""

    kind, reason = Kind.UNAVAILABLE, "UNAVAILABLE"
