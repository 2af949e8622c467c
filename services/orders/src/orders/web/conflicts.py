"""Pages of places that were sold twice: both tickets side by side, what may be decided, who decided what (5.6)."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from grpc import RpcError

from kit.errors import DomainError, FieldInvalid, Kind
from kit.web import as_domain_error, explain, field_errors, requires, stub
from kit.web.problems import STATUS
from ticketing.catalog.v1 import catalog_service_pb2 as catalog_pb
from ticketing.catalog.v1.catalog_service_pb2_grpc import CatalogServiceStub
from ticketing.orders.v1 import orders_service_pb2 as pb
from ticketing.orders.v1.orders_service_pb2_grpc import OrdersServiceStub

VIEW, DECIDE = "orders.view", "orders.refund"
STATES = {
    pb.CONFLICT_STATE_OPEN: (_("To be decided"), "danger"),
    pb.CONFLICT_STATE_REFUND: (_("To be refunded"), "warning"),
    pb.CONFLICT_STATE_SETTLED: (_("Settled"), "success"),
}
CAUSES = {
    "lease recalled": _("A till's places were taken back while it was away, and it had sold some of them."),
    "lease overused": _("A till has sold more than it had been given: an old backup, or two on one database."),
    "lease unknown": _("A till has sold from places that the centre never gave it."),
    "hold gone": _("The places of a basket had been given back before its sale came in."),
    "sold without lease or hold": _("The place was sold without having been set aside."),
    "": _("Two sales of the same place have reached the centre."),
}
ACTS = {
    "opened": _("Sold twice"),
    "claimed": _("One more ticket for the same place"),
    "refunded": _("A ticket was refunded: nobody else claims the place"),
    "found": _("A place came free for the ticket that had none"),
    "reseated": _("Another seat"),
    "refund": _("To be refunded"),
    "accepted": _("Everybody goes in"),
    "reopened": _("Decision taken back"),
}
DECISIONS = {
    "reseat": pb.CONFLICT_DECISION_RESEAT,
    "refund": pb.CONFLICT_DECISION_REFUND,
    "accept": pb.CONFLICT_DECISION_ACCEPT,
    "reopen": pb.CONFLICT_DECISION_REOPEN,
}
DONE = {
    pb.CONFLICT_DECISION_RESEAT: _("The ticket has another seat. Print it from its order for the customer."),
    pb.CONFLICT_DECISION_REFUND: _("It is decided. The conflict is settled once the till has given the money back."),
    pb.CONFLICT_DECISION_ACCEPT: _("Everybody goes in. The gates know it with their next list."),
    pb.CONFLICT_DECISION_REOPEN: _("The conflict is open again."),
}


@dataclass(frozen=True)
class Choice:
    """What may be decided, and between whom: `leaves` gives way, `stays` keeps the place."""

    name: str  # of the decision, in a form
    proposal: pb.ConflictProposal
    leaves: pb.ConflictClaim | None
    stays: list[pb.ConflictClaim]


def _orders() -> OrdersServiceStub:
    return stub("orders", OrdersServiceStub)


def register(blueprint: Blueprint) -> None:
    """Put these pages under the front's address."""
    blueprint.add_url_rule("/conflicts", view_func=conflicts)
    blueprint.add_url_rule("/conflicts/<uuid:conflict_id>", view_func=conflict)
    blueprint.add_url_rule("/conflicts/<uuid:conflict_id>/decide", view_func=decide, methods=["POST"])


@requires(VIEW)
def conflicts() -> ResponseReturnValue:
    """Newest first; those that wait for somebody, unless all are asked for."""
    every = request.args.get("all") == "1"
    waiting = [pb.CONFLICT_STATE_OPEN, pb.CONFLICT_STATE_REFUND]
    found = _orders().ListConflicts(
        pb.ListConflictsRequest(states=[] if every else waiting, page_token=request.args.get("page_token", ""))
    )
    return render_template("orders/conflicts.html", found=found, every=every, states=STATES)


@requires(VIEW)
def conflict(conflict_id: object) -> ResponseReturnValue:
    return _page(str(conflict_id))


@requires(DECIDE)
def decide(conflict_id: object) -> ResponseReturnValue:
    """Seal and carry out what was chosen."""
    given = request.form
    name = given.get("decision", "")
    try:
        asked = pb.DecideConflictRequest(
            request_id=given.get("request_id", ""), conflict_id=str(conflict_id),
            decision=DECISIONS.get(name, pb.CONFLICT_DECISION_UNSPECIFIED), key_id=_number("key_id"),
            serial=_number("serial"), to_seat=_number("to_seat"), reason=given.get("reason", "").strip(),
        )  # fmt: skip
        _orders().DecideConflict(asked, timeout=20)
    except (RpcError, DomainError) as error:
        refused = as_domain_error(error)
        if refused.kind in (Kind.FORBIDDEN, Kind.NOT_FOUND):
            raise
        errors = {field: gettext(why) for field, why in field_errors(refused).items()}
        return _page(str(conflict_id), errors, "" if errors else explain(refused)), STATUS.get(refused.kind, 409)
    flash(DONE[asked.decision], "success")
    return redirect(url_for("orders.conflict", conflict_id=str(conflict_id)))


def _page(conflict_id: str, errors: Mapping[str, str] | None = None, problem: str = "") -> str:
    found = _orders().GetConflict(pb.GetConflictRequest(conflict_id=conflict_id)).conflict
    proposals = _orders().ProposeDecisions(pb.ProposeDecisionsRequest(conflict_id=conflict_id), timeout=20).proposals
    choices = [_choice(found, proposal) for proposal in proposals]
    chosen = (request.form.get("decision"), request.form.get("key_id"), request.form.get("serial"))
    return render_template(
        "orders/conflict.html", conflict=found, choices=choices, states=STATES, acts=ACTS, house=_house(found),
        cause=CAUSES.get(found.cause, CAUSES[""]), errors=errors or {}, problem=problem, given=request.form,
        chosen=chosen, request_id=str(uuid.uuid4()), open=found.state == pb.CONFLICT_STATE_OPEN,
        of_seat=found.kind == pb.CONFLICT_KIND_SEAT,
    )  # fmt: skip


def _choice(found: pb.Conflict, proposal: pb.ConflictProposal) -> Choice:
    name = next(name for name, decision in DECISIONS.items() if decision == proposal.decision)
    living = [claim for claim in found.claims if not (claim.refunded or claim.replaced)]
    leaves = next((c for c in living if (c.key_id, c.serial) == (proposal.key_id, proposal.serial)), None)
    return Choice(name, proposal, leaves, [claim for claim in living if claim is not leaves])


def _house(found: pb.Conflict) -> Any:
    """The performance with its show and venue; None when it was deleted since."""
    asked = catalog_pb.GetPerformanceRequest(performance_id=found.performance_id)
    try:
        return stub("catalog", CatalogServiceStub).GetPerformance(asked)
    except (RpcError, DomainError) as error:
        if as_domain_error(error).kind not in (Kind.NOT_FOUND, Kind.FORBIDDEN):
            raise
        return None


def _number(field: str) -> int:
    typed = request.form.get(field, "") or "0"
    if not typed.isdecimal() or int(typed) >= 2**32:
        raise FieldInvalid(field, "must be a number")
    return int(typed)
