"""What can be done with templates, one function each."""

import hashlib
import json
from collections.abc import Callable, Sequence
from datetime import datetime

from google.protobuf.timestamp_pb2 import Timestamp
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, sessionmaker

import render
from documents import store
from documents.domain import Format, TemplateInvalid, Version, check_new, draw, parse
from kit.auth import Caller
from kit.errors import FieldInvalid
from kit.requests import earlier_answer, remember
from ticketing.documents.v1 import documents_service_pb2 as pb

MAX_TEMPLATES = 200
SHIPPED_BY = "ticketing"

Sessions = sessionmaker[Session]
Work = Callable[[Session], pb.SaveTemplateResponse]


def install_shipped(sessions: Sessions, now: datetime) -> list[str]:
    """Keep the templates that ship with the suite as version 1, unless they are there; the codes of those added."""
    added = []
    with sessions.begin() as session:
        for code in render.SHIPPED:
            template = render.shipped(code)
            content = json.dumps(template.to_json(), ensure_ascii=False, indent=1)
            if store.add_unless_known(
                session, Version(code, 1, template.name, template.kind, content, now, SHIPPED_BY)
            ):
                added.append(code)
    return added


def save_template(
    sessions: Sessions, caller: Caller, request: pb.SaveTemplateRequest, now: datetime
) -> pb.SaveTemplateResponse:
    """Keep a new version, which is the one in use from now on. Raises TemplateInvalid, LegalMentionMissing."""
    caller.require("documents.edit")
    template = check_new(request.content)

    def work(session: Session) -> pb.SaveTemplateResponse:
        store.lock_code(session, template.code)
        before = store.find(session, template.code)
        if before is None and store.how_many(session) >= MAX_TEMPLATES:
            raise FieldInvalid("code", f"there are {MAX_TEMPLATES} templates already")
        if before is not None and before.kind != template.kind:
            # Tills ask for templates by code: a ticket's must stay one.
            raise TemplateInvalid("kind", f"{template.code} is a {before.kind}: use another code")
        number = before.version + 1 if before else 1
        saved_by = (caller.name or caller.subject)[:80]
        version = Version(template.code, number, template.name, template.kind, request.content, now, saved_by)
        store.add(session, version)
        return pb.SaveTemplateResponse(template=_message(version))

    try:
        return _once(sessions, request, work)
    except IntegrityError:  # a twin of this request ran at the same moment: its answer is there now
        return _once(sessions, request, work)


def _once(sessions: Sessions, request: pb.SaveTemplateRequest, work: Work) -> pb.SaveTemplateResponse:
    with sessions.begin() as session:
        answer = earlier_answer(session, request, pb.SaveTemplateResponse)
        if answer is None:
            answer = work(session)
            remember(session, request, answer)
        return answer


def list_templates(sessions: Sessions, caller: Caller, known_version: str) -> pb.ListTemplatesResponse:
    """The latest version of each template, or nothing when the caller has them all."""
    caller.require("documents.view")
    with sessions.begin() as session:
        versions = store.latest(session)
    version = _opaque(versions)
    if version == known_version:
        return pb.ListTemplatesResponse(version=version, unchanged=True)
    return pb.ListTemplatesResponse(version=version, templates=[_message(version) for version in versions])


def get_template(sessions: Sessions, caller: Caller, code: str, version: int) -> pb.GetTemplateResponse:
    """One version; 0 is the latest. Raises TemplateNotFound."""
    caller.require("documents.view")
    return pb.GetTemplateResponse(template=_message(_version(sessions, code, version)))


def render_document(
    sessions: Sessions, caller: Caller, code: str, version: int, data: Sequence[str], as_format: Format
) -> pb.RenderDocumentResponse:
    """Draw with that version. Raises TemplateNotFound, DataInvalid, FieldInvalid."""
    caller.require("documents.view")
    template = parse(_version(sessions, code, version).content)
    return pb.RenderDocumentResponse(content=draw(template, data, as_format), media_type=as_format.value)


def _version(sessions: Sessions, code: str, version: int) -> Version:
    if version < 0:
        raise FieldInvalid("version", "must be 0 or more")
    if not 1 <= len(code) <= 64 or not code.isprintable():
        raise FieldInvalid("code", "must be 1 to 64 characters")
    with sessions.begin() as session:
        return store.version_of(session, code, version)


def _opaque(versions: Sequence[Version]) -> str:
    words = "\n".join(f"{version.code} {version.version}" for version in versions)
    return hashlib.sha256(words.encode()).hexdigest()[:32]


def _message(version: Version) -> pb.Template:
    saved_at = Timestamp()
    saved_at.FromDatetime(version.saved_at)
    return pb.Template(
        code=version.code, version=version.version, name=version.name, kind=version.kind, content=version.content,
        saved_at=saved_at, saved_by=version.saved_by, missing_mentions=version.missing_mentions,
    )  # fmt: skip
