"""Seating plans: imported as versions that never change, read by whoever sells their seats."""

import gzip
import json
import uuid
from collections.abc import Callable, Sequence
from typing import TypeVar

from google.protobuf.message import Message
from sqlalchemy.orm import Session, sessionmaker

from catalog import store
from catalog.domain import PlanFormat, PlanVersion, PlanVersionNotFound, ReferenceNotFound, Venue, parse_plan
from catalog.domain.checks import identity
from catalog.usecases.saving import once
from kit.auth import Caller
from seating import Fault, Severity, faults, read_plan

Answer = TypeVar("Answer", bound=Message)
Sessions = sessionmaker[Session]
MOST_FAULTS = 200


def import_plan(
    sessions: Sessions, caller: Caller, request: Message, plan_id: str, venue_id: str, content: bytes,
    file_format: PlanFormat, side_content: bytes, name: str, answer_type: type[Answer],
    answer: Callable[[PlanVersion | None, Sequence[Fault]], Answer],
) -> Answer:  # fmt: skip
    """Keep a new version of a plan, unless one of its faults is an error: then the answer tells the faults alone.

    What was made up for the plan is told as warnings.

    Raises FieldInvalid, PlanInvalid, PlanTooLarge, ReferenceNotFound.
    """
    caller.require("catalog.programme")
    identity("plan_id", plan_id, required=False)
    identity("venue_id", venue_id)
    plan, found = parse_plan(content, file_format, side_content, name)
    if plan is None:
        return answer(None, found)
    found = sorted([*found, *faults(plan)], key=lambda fault: fault.severity)[:MOST_FAULTS]
    kept = gzip.compress(json.dumps(plan.to_json(), ensure_ascii=False, separators=(",", ":")).encode(), 6, mtime=0)
    seats = len(plan.ordinals)
    capacity = seats + sum(area.capacity for area in plan.areas)

    def work(session: Session, version: int) -> Answer:
        if not store.exists(session, Venue, venue_id):
            raise ReferenceNotFound(f"venue_id: {venue_id} does not exist", field="venue_id", id=venue_id)
        if any(fault.severity is Severity.ERROR for fault in found):
            return answer(None, found)
        saved = store.add_plan(
            session, str(uuid.uuid4()), plan_id or str(uuid.uuid4()), plan.name, venue_id, seats, capacity,
            plan.fingerprint(), kept,
        )  # fmt: skip
        return answer(saved, found)

    return once(sessions, request, answer_type, work)


def get_plan_version(sessions: Sessions, caller: Caller, plan_version_id: str) -> tuple[PlanVersion, bytes]:
    """A version and its content (gzip of the plan's own format). Raises FieldInvalid, PlanVersionNotFound."""
    caller.require("catalog.view", "catalog.programme")
    identity("plan_version_id", plan_version_id)
    with sessions.begin() as session:
        found = store.plan_version(session, plan_version_id)
    if found is None:
        raise PlanVersionNotFound(f"no plan version {plan_version_id}", plan_version_id=plan_version_id)
    return found


def get_plan_geometry(sessions: Sessions, caller: Caller, plan_version_id: str) -> tuple[PlanVersion, bytes]:
    """A version and what a browser draws of it (gzip). Raises FieldInvalid, PlanVersionNotFound."""
    from seating.geometry import encode  # numpy, which nothing else here needs

    version, content = get_plan_version(sessions, caller, plan_version_id)
    return version, gzip.compress(encode(read_plan(json.loads(gzip.decompress(content)))), mtime=0)


def list_plan_versions(sessions: Sessions, caller: Caller, venue_id: str) -> list[PlanVersion]:
    """By plan name, newest first. Raises FieldInvalid."""
    caller.require("catalog.view", "catalog.programme")
    identity("venue_id", venue_id, required=False)
    with sessions.begin() as session:
        return store.plan_versions(session, venue_id)
