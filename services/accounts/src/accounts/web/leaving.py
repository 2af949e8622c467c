"""Tills that are asked back or moved, and their technical logs."""

import gzip
import json
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from grpc import RpcError

from accounts.web.pages import accounts, beside_fields, blueprint, status_of
from accounts.web.tills import RIGHT, code_page, find_till
from kit.web import as_domain_error, explain, requires
from ticketing.accounts.v1 import accounts_service_pb2 as pb

IN_SERVICE = (pb.TILL_STATE_ENROLLED, pb.TILL_STATE_LEAVING)
MOST_LINES = 300


@blueprint.route("/tills/<till_id>/back", methods=["GET", "POST"])
@requires(RIGHT)
def ask_back(till_id: str) -> ResponseReturnValue:
    till = find_till(till_id)
    if request.method == "GET":
        return render_template("accounts/ask_back.html", till=till, request_id=str(uuid.uuid4()))
    asked = pb.AskTillBackRequest(request_id=request.form.get("request_id", ""), till_id=till_id)
    accounts().AskTillBack(asked)
    flash(gettext("Till %(number)s is asked back.", number=till.number), "success")
    return redirect(url_for("accounts.till", till_id=till_id))


@blueprint.post("/tills/<till_id>/go-on")
@requires(RIGHT)
def go_on(till_id: str) -> ResponseReturnValue:
    accounts().AskTillBack(pb.AskTillBackRequest(request_id=str(uuid.uuid4()), till_id=till_id, go_on=True))
    flash(gettext("Till %(number)s goes on selling.", number=find_till(till_id).number), "success")
    return redirect(url_for("accounts.till", till_id=till_id))


@blueprint.route("/tills/<till_id>/move", methods=["GET", "POST"])
@requires(RIGHT)
def move_till(till_id: str) -> ResponseReturnValue:
    """Asks, then shows the other machine's code once. Sending the form again shows the same code."""
    till = find_till(till_id)
    if request.method == "GET":
        return _move_form(till, _next_number(till.number))
    number = request.form.get("number", "")
    asked = pb.MoveTillRequest(request_id=request.form.get("request_id", ""), till_id=till_id, number=number)
    try:
        moved = accounts().MoveTill(asked)
    except RpcError as error:
        refused = as_domain_error(error)
        errors = beside_fields(refused)
        return _move_form(till, number, errors, "" if errors else explain(refused)), status_of(refused)
    return code_page(moved.till, moved)


def _move_form(till: pb.Till, number: str, errors: dict[str, str] | None = None, problem: str = "") -> str:
    return render_template(
        "accounts/move.html", till=till, number=number, request_id=str(uuid.uuid4()), errors=errors or {},
        problem=problem, in_service=till.state in IN_SERVICE,
    )  # fmt: skip


def _next_number(number: str) -> str:
    """T01, T01B, T01C… the first one that no till has; nothing when none of them fits."""
    taken = {till.number for till in accounts().ListTills(pb.ListTillsRequest()).tills}
    stem = number[:-1] if len(number) > 1 and number[-1].isalpha() and number[-2].isdigit() else number
    found = (stem + letter for letter in "BCDEFGHJKLMNPQRSTUVWXYZ" if len(stem) < 8 and stem + letter not in taken)
    return next(found, "")


@blueprint.get("/tills/<till_id>/log")
@requires(RIGHT)
def till_log(till_id: str) -> ResponseReturnValue:
    return _log_page("accounts/log.html", till_id)


@blueprint.get("/tills/<till_id>/log/lines")
@requires(RIGHT)
def log_lines(till_id: str) -> ResponseReturnValue:
    """The log alone, for a page that waits for it."""
    return _log_page("accounts/_log.html", till_id)


@blueprint.post("/tills/<till_id>/log")
@requires(RIGHT)
def ask_log(till_id: str) -> ResponseReturnValue:
    accounts().AskTillLog(pb.AskTillLogRequest(till_id=till_id))
    return redirect(url_for("accounts.till_log", till_id=till_id))


@blueprint.get("/tills/<till_id>/log.jsonl.gz")
@requires(RIGHT)
def download_log(till_id: str) -> ResponseReturnValue:
    till = find_till(till_id)
    answer = Response(_log(till_id).content, mimetype="application/gzip")
    answer.headers["Content-Disposition"] = f"attachment; filename={till.number}.jsonl.gz"
    return answer


def _log(till_id: str) -> pb.TillLog:
    return accounts().GetTillLog(pb.GetTillLogRequest(till_id=till_id)).log


def _log_page(template: str, till_id: str) -> str:
    till, answer = find_till(till_id), accounts().GetTillLog(pb.GetTillLogRequest(till_id=till_id))
    log = answer.log if answer.HasField("log") else None
    lines = list(islice(_lines(log.content), MOST_LINES)) if log and log.content else []
    return render_template(template, till=till, log=log, lines=lines, in_service=till.state in IN_SERVICE)


@dataclass(frozen=True)
class Line:
    """One event of a log; `details` are its other facts."""

    at: str
    level: str
    event: str
    details: str


def _lines(content: bytes) -> Iterator[Line]:
    """The newest first. What is no JSON, such as a library's own words, is an event without facts."""
    for text in reversed(gzip.decompress(content).decode("utf-8", "replace").splitlines()):
        try:
            facts = json.loads(text)
        except ValueError:
            facts = {"event": text}
        if isinstance(facts, dict):
            at, level, event = (str(facts.pop(name, "")) for name in ("timestamp", "level", "event"))
            for same in ("service", "version"):
                facts.pop(same, None)
            told = ", ".join(f"{name} {value}" for name, value in facts.items())
            yield Line(at[:19].replace("T", " "), level or "info", event[:200], told[:1000])
