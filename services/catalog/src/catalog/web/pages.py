"""What all pages of the catalogue share: the blueprint, the core's stub, and forms that may be sent twice."""

import hashlib
import uuid
from collections.abc import Mapping
from typing import Any

from flask import Blueprint, request
from google.protobuf.message import Message

from kit.errors import DomainError, Kind
from kit.web import as_domain_error, explain, stub
from ticketing.catalog.v1 import catalog_service_pb2 as pb
from ticketing.catalog.v1.catalog_service_pb2_grpc import CatalogServiceStub

PROGRAMME = "catalog.programme"
VIEW = "catalog.view"

blueprint = Blueprint("catalog", __name__, url_prefix="/catalog", template_folder="templates")


def core() -> CatalogServiceStub:
    return stub("catalog", CatalogServiceStub)


def programme() -> pb.GetProgrammeResponse:
    """Everything but performances and products."""
    return core().GetProgramme(pb.GetProgrammeRequest())


def form_id() -> uuid.UUID:
    """The form's own id, minted when it was shown: the same when it is sent twice."""
    try:
        return uuid.UUID(request.form.get("form_id", ""))
    except ValueError:
        return uuid.uuid4()


def derived(form: uuid.UUID, what: str) -> str:
    """An id for something that the form creates: sending the form again creates nothing twice."""
    return str(uuid.uuid5(form, what))


def send(form: uuid.UUID, method: Any, message: Message) -> Any:
    """Call a Save with a request id of this form and this content, so that a corrected form is another request."""
    content = hashlib.sha256(message.SerializeToString(deterministic=True)).hexdigest()
    message.request_id = derived(form, f"{type(message).__name__}:{content}")  # type: ignore[attr-defined]
    return method(message)


def beside(error: Exception, fields: Mapping[str, str]) -> dict[str, str]:
    """The core's refusal next to the form's field: `fields` maps the end of the core's path to a field's name.

    Raises the refusal if it names no field of this form.
    """
    refused: DomainError = as_domain_error(error)
    path = refused.facts.get("field", "")
    for end, name in fields.items():
        if path.endswith(end):
            return {name: explain(refused) if refused.reason != "FIELD_INVALID" else refused.facts.get("why", "")}
    if refused.kind in (Kind.INVALID, Kind.REFUSED):
        return {"": explain(refused)}
    raise error


def by_id(things: Any) -> dict[str, Any]:
    return {thing.id: thing for thing in things}


def choices(things: Any, label: str = "name") -> list[tuple[str, str]]:
    """What a select offers: those that are not archived."""
    return [(thing.id, getattr(thing, label)) for thing in things if not thing.archived]


def zone_of(found: pb.GetProgrammeResponse, show_id: str) -> str:
    """The zone of a show's venue."""
    venues = by_id(found.venues)
    shows = by_id(found.shows)
    return venues[shows[show_id].venue_id].zone if show_id in shows else "Europe/Paris"
