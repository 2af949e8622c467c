"""Idempotency keys: a repeated call returns the first answer; a failed call leaves no trace."""

import hashlib
from typing import TypeVar

from google.protobuf.message import Message
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from kit.database import requests
from kit.errors import FieldInvalid, RequestReused

Answer = TypeVar("Answer", bound=Message)


def fingerprint(request: Message) -> bytes:
    """SHA-256 of the request: the same request id must come with the same content."""
    return hashlib.sha256(request.SerializeToString(deterministic=True)).digest()


def earlier_answer(session: Session, request: Message, answer_type: type[Answer]) -> Answer | None:
    """What the first call with this `request_id` was answered, or None.

    Raises FieldInvalid when the request has no id, RequestReused when the id came with another content.
    """
    request_id = str(getattr(request, "request_id"))  # noqa: B009 - messages are built dynamically
    if not 8 <= len(request_id) <= 64:
        raise FieldInvalid("request_id", "must be 8 to 64 characters, minted by the caller")
    row = session.execute(select(requests).where(requests.c.request_id == request_id)).mappings().first()
    if row is None:
        return None
    if row["method"] != type(request).DESCRIPTOR.full_name or bytes(row["fingerprint"]) != fingerprint(request):
        raise RequestReused(f"request {request_id} was already used for something else", request_id=request_id)
    answer = answer_type()
    answer.ParseFromString(bytes(row["answer"]))
    return answer


def remember(session: Session, request: Message, answer: Message) -> None:
    """Keep the answer in the transaction of the work. A concurrent twin fails on the key and finds it by retrying."""
    session.execute(
        insert(requests).values(
            request_id=str(getattr(request, "request_id")),  # noqa: B009
            method=type(request).DESCRIPTOR.full_name,
            fingerprint=fingerprint(request),
            answer=answer.SerializeToString(),
        )
    )
