"""The list of templates, one with its history, previews, and a new version from a file."""

import json
import uuid
from urllib.parse import quote

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from grpc import RpcError

from documents.web.samples import SAMPLES
from documents.web.words import KINDS, MENTIONS
from kit.errors import DomainError
from kit.web import as_domain_error, explain, requires, stub
from ticketing.documents.v1 import documents_service_pb2 as pb
from ticketing.documents.v1.documents_service_pb2_grpc import DocumentsServiceStub

MAX_BYTES = 200_000
SHOWN_VERSIONS = 20

blueprint = Blueprint("documents", __name__, url_prefix="/documents", template_folder="templates")


def _core() -> DocumentsServiceStub:
    made: DocumentsServiceStub = stub("documents", DocumentsServiceStub)
    return made


@blueprint.get("/templates")
@requires("documents.view")
def templates() -> ResponseReturnValue:
    found = _core().ListTemplates(pb.ListTemplatesRequest()).templates
    return render_template("documents/templates.html", templates=found, kinds=KINDS, mentions=MENTIONS)


@blueprint.get("/templates/<code>")
@requires("documents.view")
def template(code: str) -> ResponseReturnValue:
    """One version (the latest unless `version` says another) and those before it."""
    latest = _core().GetTemplate(pb.GetTemplateRequest(code=code)).template
    wanted = request.args.get("version", latest.version, type=int)
    oldest = max(1, latest.version - SHOWN_VERSIONS + 1)
    history = [
        _core().GetTemplate(pb.GetTemplateRequest(code=code, version=number)).template
        for number in range(latest.version, oldest - 1, -1)
    ]
    shown = next((version for version in history if version.version == wanted), None)
    if shown is None:
        shown = _core().GetTemplate(pb.GetTemplateRequest(code=code, version=wanted)).template
    return render_template(
        "documents/template.html", template=shown, history=history, latest=latest, kinds=KINDS, mentions=MENTIONS
    )


@blueprint.get("/templates/<code>/<int:version>/preview.png")
@requires("documents.view")
def preview(code: str, version: int) -> ResponseReturnValue:
    """The template filled with sample data. A version never changes, so browsers may keep it."""
    return _drawn(code, version, pb.FORMAT_PNG, "private, max-age=86400")


@blueprint.get("/templates/<code>/<int:version>/preview.pdf")
@requires("documents.view")
def preview_pdf(code: str, version: int) -> ResponseReturnValue:
    return _drawn(code, version, pb.FORMAT_PDF, "private, max-age=86400")


@blueprint.get("/templates/<code>/<int:version>/template.json")
@requires("documents.view")
def download(code: str, version: int) -> ResponseReturnValue:
    """The JSON to start a new version from."""
    found = _core().GetTemplate(pb.GetTemplateRequest(code=code, version=version)).template
    answer = Response(found.content, mimetype="application/json")
    name = quote(f"{found.code}-{found.version}.json")
    answer.headers["Content-Disposition"] = f"attachment; filename={name}"
    return answer


@blueprint.route("/templates/new", methods=["GET", "POST"])
@requires("documents.edit")
def new_version() -> ResponseReturnValue:
    if request.method == "GET":
        return _form()
    given = request.files.get("file")
    raw = given.stream.read(MAX_BYTES + 1) if given else b""
    if not raw:
        return _form(gettext("Choose a file first.")), 400
    if len(raw) > MAX_BYTES:
        return _form(gettext("This file is larger than 200 kB.")), 400
    try:
        content = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return _form(gettext("This file is not a template: it is not text in UTF-8.")), 400
    asked = pb.SaveTemplateRequest(request_id=request.form.get("request_id", ""), content=content)
    try:
        saved = _core().SaveTemplate(asked).template
    except RpcError as error:
        refused = as_domain_error(error)
        return _form(explain(refused), _missing(refused)), 400
    flash(gettext("Version %(version)s of %(name)s is now in use.", version=saved.version, name=saved.name), "success")
    return redirect(url_for("documents.template", code=saved.code))


def _missing(refused: DomainError) -> list[str]:
    """The mentions of LAW-11 that the refused template lacks, by reason code."""
    return [code for code in refused.facts.get("mentions", "").split(",") if code]


def _form(problem: str = "", missing: list[str] | None = None) -> str:
    return render_template(
        "documents/new_version.html",
        request_id=str(uuid.uuid4()),
        problem=problem,
        missing=missing or [],
        mentions=MENTIONS,
    )


def _drawn(code: str, version: int, as_format: pb.Format, cache: str) -> ResponseReturnValue:
    kind = _core().GetTemplate(pb.GetTemplateRequest(code=code, version=version)).template.kind
    asked = pb.RenderDocumentRequest(code=code, version=version, data=[json.dumps(SAMPLES[kind])], format=as_format)
    drawn = _core().RenderDocument(asked)
    answer = Response(drawn.content, mimetype=drawn.media_type)
    answer.headers["Cache-Control"] = cache
    return answer
