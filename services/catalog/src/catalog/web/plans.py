"""Seating plans: the versions of each, a picture of one, an import that says what is wrong in words."""

import gzip
import json
import re
import uuid
import zipfile
from collections.abc import Iterable, Mapping
from functools import partial
from io import BytesIO
from itertools import groupby

import grpc
from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from catalog.web.pages import PROGRAMME, VIEW, beside, blueprint, by_id, choices, core, form_id, programme, send
from catalog.web.words import COLUMNS, FAULTS
from kit.web import requires
from seating import read_plan
from seating.formats import to_drawing, to_pretix
from ticketing.catalog.v1 import catalog_pb2 as nouns
from ticketing.catalog.v1 import catalog_service_pb2 as pb

FOR_EVER = "private, max-age=31536000, immutable"
SHOWN_FAULTS = 50
JUDGING_SECONDS = 25  # a stadium of 60,000 seats takes some seconds to read
SHOWN_PLACES = 10
_LINE = re.compile(r"line (\d+)(?:, (\w+))?")
FORMATS = {"pretix": nouns.PLAN_FORMAT_PRETIX, "drawing": nouns.PLAN_FORMAT_DRAWING}


@blueprint.get("/plans")
@requires(VIEW)
def plans() -> ResponseReturnValue:
    """Every plan with its newest version first."""
    versions = core().ListPlanVersions(pb.ListPlanVersionsRequest()).versions
    listed = [list(of) for _plan, of in groupby(versions, key=lambda version: version.plan_id)]
    return render_template("catalog/plans.html", plans=listed, venues=by_id(programme().venues))


@blueprint.get("/plans/versions/<uuid:version_id>")
@requires(VIEW)
def plan_version(version_id: uuid.UUID) -> ResponseReturnValue:
    """One version: its picture, its figures, the other versions of the plan."""
    found = core().GetPlanVersion(pb.GetPlanVersionRequest(plan_version_id=str(version_id))).version
    versions = core().ListPlanVersions(pb.ListPlanVersionsRequest(venue_id=found.venue_id)).versions
    others = [version for version in versions if version.plan_id == found.plan_id]
    venue = by_id(programme().venues)[found.venue_id]
    return render_template("catalog/plan_version.html", version=found, others=others, venue=venue)


@blueprint.get("/plans/versions/<uuid:version_id>/geometry")
@requires(VIEW)
def plan_geometry(version_id: uuid.UUID) -> ResponseReturnValue:
    """What the picture is drawn from. A version never changes, so a browser may keep it."""
    found = core().GetPlanGeometry(pb.GetPlanGeometryRequest(plan_version_id=str(version_id)), timeout=JUDGING_SECONDS)
    return _kept(found.content, "application/octet-stream")


@blueprint.get("/plans/versions/<uuid:version_id>/file")
@requires(VIEW)
def plan_file(version_id: uuid.UUID) -> ResponseReturnValue:
    """The version as a file, to keep or to change and import again: our own format, or a zip of another one's files."""
    found = core().GetPlanVersion(pb.GetPlanVersionRequest(plan_version_id=str(version_id)))
    name = f"plan-{found.version.number}"
    files = _files(found.content, request.args.get("format", ""))
    answer = _zip(name, files) if files else _kept(found.content, "application/json")
    ending = "zip" if files else "json"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}.{ending}"'
    return answer


def _files(content: bytes, wanted: str) -> dict[str, str]:
    """Endings and contents of a plan's files in a format; none: its own."""
    if wanted not in ("pretix", "drawing"):
        return {}
    plan = read_plan(json.loads(gzip.decompress(content)))
    if wanted == "drawing":
        svg, table = to_drawing(plan)
        return {".svg": svg, ".csv": table}
    document, side = to_pretix(plan)
    return {
        ".pretix.json": json.dumps(document, ensure_ascii=False),
        ".side.json": json.dumps(side, ensure_ascii=False),
    }


def _zip(name: str, files: Mapping[str, str]) -> Response:
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for ending, content in files.items():
            archive.writestr(zipfile.ZipInfo(name + ending, (1980, 1, 1, 0, 0, 0)), content)
    return Response(packed.getvalue(), mimetype="application/zip")


@blueprint.route("/plans/import", methods=["GET", "POST"])
@requires(PROGRAMME)
def import_plan() -> ResponseReturnValue:
    """A new plan, or a new version of one. With an error nothing is kept, and each fault is said."""
    found = programme()
    versions = core().ListPlanVersions(pb.ListPlanVersionsRequest()).versions
    known = {version.plan_id: version for version in reversed(versions)}
    values = {"form_id": str(uuid.uuid4()), "plan_id": request.args.get("plan_id", "")}
    if values["plan_id"] in known:
        values["venue_id"] = known[values["plan_id"]].venue_id
    errors: dict[str, str] = {}
    faults = []
    if request.method == "POST":
        values = request.form
        content, side = _uploaded("content"), _uploaded("side_content")
        if not content:
            errors["content"] = _("Choose a file.")
        wanted = pb.ImportPlanRequest(
            plan_id=values.get("plan_id", ""), venue_id=values.get("venue_id", ""), content=content, side_content=side,
            format=FORMATS.get(values.get("format", ""), nouns.PLAN_FORMAT_OWN), name=values.get("name", "").strip(),
        )  # fmt: skip
        if wanted.format == nouns.PLAN_FORMAT_DRAWING:
            if not side:
                errors["side_content"] = _("Choose the table of the drawing.")
            if not wanted.name:
                errors["name"] = _("Give the plan a name.")
        try:
            if not errors:
                answer = send(form_id(), partial(core().ImportPlan, timeout=JUDGING_SECONDS), wanted)
                if answer.HasField("version"):
                    flash(_("%(name)s is saved.", name=answer.version.name), "success")
                    _warn(answer.faults)
                    return redirect(url_for("catalog.plan_version", version_id=answer.version.id))
                faults = [_in_words(fault) for fault in answer.faults[:SHOWN_FAULTS]]
                errors["content"] = _("This plan cannot be sold from: what is wrong with it is said above.")
        except grpc.RpcError as error:
            errors = beside(error, {"venue_id": "venue_id", "plan_id": "plan_id", "side_content": "side_content"})
            errors = {name or "content": words for name, words in errors.items()}
    listed = [(version.plan_id, version.name) for version in known.values()]
    page = render_template(
        "catalog/import_plan.html", values=values, errors=errors, faults=faults, plans=listed,
        venues=choices(found.venues),
    )  # fmt: skip
    return (page, 400) if errors else page


@blueprint.get("/plans/versions/<uuid:version_id>/edit")
@requires(PROGRAMME)
def edit_plan(version_id: uuid.UUID) -> ResponseReturnValue:
    """Tools to change a plan; what is saved is a new version, for one that is sold never changes."""
    found = core().GetPlanVersion(pb.GetPlanVersionRequest(plan_version_id=str(version_id))).version
    return render_template("catalog/edit_plan.html", version=found)


@blueprint.post("/plans/versions/<uuid:version_id>/edit")
@requires(PROGRAMME)
def save_plan(version_id: uuid.UUID) -> ResponseReturnValue:
    """The next version of the plan, from the editor: where it is, or what is wrong with it."""
    found = core().GetPlanVersion(pb.GetPlanVersionRequest(plan_version_id=str(version_id))).version
    wanted = pb.ImportPlanRequest(plan_id=found.plan_id, venue_id=found.venue_id, content=request.get_data())
    answer = send(uuid.uuid5(version_id, "edit"), partial(core().ImportPlan, timeout=JUDGING_SECONDS), wanted)
    if answer.HasField("version"):
        flash(_("%(name)s is saved.", name=answer.version.name), "success")
        return {"location": url_for("catalog.plan_version", version_id=answer.version.id)}
    faults = [_in_words(fault) | {"where": list(fault.where)} for fault in answer.faults[:SHOWN_FAULTS]]
    return {"faults": faults}, 400


def _uploaded(name: str) -> bytes:
    file = request.files.get(name)
    return file.read() if file else b""


def _warn(faults: Iterable[nouns.PlanFault]) -> None:
    """What a person should look at in a plan that was kept: one sentence for each reason."""
    for reason, alike in groupby(sorted(faults, key=lambda fault: fault.reason), key=lambda fault: fault.reason):
        where = [place for fault in alike for place in fault.where]
        shown = ", ".join(where[:SHOWN_PLACES]) + (", …" if len(where) > SHOWN_PLACES else "")
        flash(f"{FAULTS.get(reason, reason)}{f' – {shown}' if shown else ''}", "warning")


def _in_words(fault: nouns.PlanFault) -> dict[str, str]:
    words = FAULTS.get(fault.reason, fault.reason)
    return {"severity": fault.severity, "words": str(words), "where": ", ".join(map(_place, fault.where))}


def _place(where: str) -> str:
    """An id as it is; a line of a drawing's table in the reader's language."""
    if not (found := _LINE.fullmatch(where)):
        return where
    line, column = found.groups()
    words = _("line %(n)s", n=line)
    return f"{words}, {COLUMNS.get(column, column)}" if column else words


def _kept(content: bytes, kind: str) -> Response:
    headers = {"Content-Encoding": "gzip", "Cache-Control": FOR_EVER}
    return Response(content, mimetype=kind, headers=headers)
