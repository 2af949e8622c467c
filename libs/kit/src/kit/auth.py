"""Who is calling, and what they may do. Rights are checked in the core, by use cases."""

import contextvars
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from kit.errors import Forbidden, Unauthenticated

SESSION_COOKIE = "tk_session"  # holds a person's token; HttpOnly


class CallerKind(StrEnum):
    USER = "user"
    TILL = "till"
    SERVICE = "service"


@dataclass(frozen=True)
class Caller:
    """A verified identity. `subject` is a user's or till's id, or a service's name."""

    subject: str
    kind: CallerKind
    name: str
    rights: frozenset[str]
    expires_at: datetime
    facts: dict[str, str] = field(default_factory=dict, hash=False, compare=False)

    def may(self, right: str) -> bool:
        """Services are trusted with every right; people and tills have those that their token names."""
        return self.kind is CallerKind.SERVICE or right in self.rights

    def require(self, *rights: str) -> None:
        """Raise Forbidden unless the caller has at least one of these rights."""
        if not any(self.may(right) for right in rights):
            raise Forbidden(f"{self.name or self.subject} may not do this: {rights[0]} is missing", right=rights[0])

    def require_service(self) -> None:
        """Raise Forbidden unless another service is calling."""
        if self.kind is not CallerKind.SERVICE:
            raise Forbidden("only services may call this", right="service")

    def require_till(self, till_id: str) -> None:
        """Raise Forbidden unless that very till (or a service) is calling."""
        if self.kind is not CallerKind.SERVICE and (self.kind is not CallerKind.TILL or self.subject != till_id):
            raise Forbidden("a till may only speak for itself", right="till")


_caller: contextvars.ContextVar[Caller | None] = contextvars.ContextVar("caller", default=None)


def current_caller() -> Caller:
    """The caller of the RPC being answered. Raises Unauthenticated when there is none."""
    caller = _caller.get()
    if caller is None:
        raise Unauthenticated("sign in first")
    return caller


def bind_caller(caller: Caller | None) -> None:
    """Set the caller of this context; done by the auth interceptor, and by tests."""
    _caller.set(caller)
