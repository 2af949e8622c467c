"""Errors in words: what the cores refuse with, said to a person in their language."""

from collections.abc import Mapping
from typing import Any

import grpc
from flask import current_app
from flask_babel import lazy_gettext as _

from kit.errors import DomainError, Kind
from kit.grpc_errors import from_rpc_error

BY_REASON: dict[str, Any] = {
    "UNAUTHENTICATED": _("Your sign-in has ended. Sign in again."),
    "FORBIDDEN": _("You do not have the right to do this (%(right)s)."),
    "FIELD_INVALID": _("%(field)s: %(why)s"),
    "REQUEST_REUSED": _("This form was already sent with other values. Reload the page and try again."),
    "TOO_LARGE": _("What you sent is too large."),
    "CSRF": _("This page had been open for too long. Go back, reload it and send it again."),
}
BY_KIND: dict[Kind, Any] = {
    Kind.INVALID: _("A value is missing or wrong."),
    Kind.UNAUTHENTICATED: _("Your sign-in has ended. Sign in again."),
    Kind.FORBIDDEN: _("You do not have the right to do this."),
    Kind.NOT_FOUND: _("This page or this object does not exist, or no longer."),
    Kind.REFUSED: _("This cannot be done in the present state."),
    Kind.BUSY: _("Somebody else changed this at the same moment. Try again."),
    Kind.THROTTLED: _("Too many attempts. Wait a little, then try again."),
    Kind.UNAVAILABLE: _("A service does not answer at the moment. Nothing was lost; try again in a few seconds."),
}
UNEXPECTED = _("Something went wrong on our side. The fault is logged under the number below.")


class _Facts(dict):
    def __missing__(self, name: str) -> str:
        return "?"


def as_domain_error(error: Exception) -> DomainError:
    """The business error behind a gRPC error; a DomainError is itself."""
    if isinstance(error, DomainError):
        return error
    if isinstance(error, grpc.RpcError):
        return from_rpc_error(error)
    raise TypeError(f"not an error of the business: {error!r}")


def explain(error: Exception) -> str:
    """One sentence for the reader: by reason when a front or the kit has words for it, else by kind."""
    refused = as_domain_error(error)
    known: Mapping[str, Any] = current_app.extensions.get("kit_errors", {})
    sentence = known.get(refused.reason) or BY_REASON.get(refused.reason) or BY_KIND[refused.kind]
    text = str(sentence)
    return text % _Facts(refused.facts) if "%(" in text else text


def field_errors(error: Exception) -> dict[str, str]:
    """The faulty field and its sentence, for the form's macros; empty when the error names no field."""
    refused = as_domain_error(error)
    field = refused.facts.get("field")
    return {field: refused.facts.get("why") or explain(refused)} if field else {}
