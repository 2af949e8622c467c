"""What the pages of accounts share: the blueprint, the stub, and errors beside their fields."""

from typing import Any

from flask import Blueprint
from flask_babel import gettext

from kit.errors import DomainError, Kind
from kit.web import field_errors, stub
from ticketing.accounts.v1.accounts_service_pb2_grpc import AccountsServiceStub

blueprint = Blueprint("accounts", __name__, url_prefix="/accounts", template_folder="templates")

STATUS = {Kind.INVALID: 400, Kind.THROTTLED: 429, Kind.UNAVAILABLE: 503, Kind.FORBIDDEN: 403, Kind.UNAUTHENTICATED: 401}


def accounts() -> Any:
    """The core, called with the reader's token."""
    return stub("accounts", AccountsServiceStub)


def beside_fields(error: DomainError) -> dict[str, str]:
    """Sentences by field in the reader's language: the reasons of the core are messages of our catalogue too."""
    return {field: gettext(words) for field, words in field_errors(error).items()}


def status_of(error: DomainError) -> int:
    return STATUS.get(error.kind, 409)
