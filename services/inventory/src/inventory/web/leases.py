"""What each till has at hand, and the recall of a dark till's places."""

import uuid
from itertools import groupby
from typing import Any

import grpc
from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from inventory.web.pages import MANAGE, VIEW, blueprint, core, names, tills
from kit.errors import DomainError, Kind
from kit.web import explain, requires
from ticketing.inventory.v1 import inventory_service_pb2 as pb


@blueprint.get("/leases")
@requires(VIEW)
def leases() -> ResponseReturnValue:
    found = core().ListLeases(pb.ListLeasesRequest()).leases
    by_till = [(till_id, list(of)) for till_id, of in groupby(found, key=lambda lease: lease.till_id)]
    named = names(lease.performance_id for lease in found)
    return render_template("inventory/leases.html", by_till=by_till, named=named, tills=tills(), pb=pb)


@blueprint.route("/leases/<uuid:lease_id>/recall", methods=["GET", "POST"])
@requires(MANAGE)
def recall(lease_id: uuid.UUID) -> ResponseReturnValue:
    """Asks for the reason, says the risk, then takes back."""
    found = [x for x in core().ListLeases(pb.ListLeasesRequest()).leases if x.lease_id == str(lease_id)]
    values: Any = {"request_id": str(uuid.uuid4())}
    error = ""
    if request.method == "POST":
        values = request.form
        asked = pb.RecallLeaseRequest(
            request_id=values.get("request_id", ""), lease_id=str(lease_id), reason=values.get("reason", "").strip()
        )
        if len(asked.reason) < 3 or not values.get("sure"):
            error = _("Say why, and tick the box.")
        else:
            try:
                core().RecallLease(asked)
                flash(_("The places are free again."), "success")
                return redirect(url_for("inventory.leases"))
            except grpc.RpcError as refused:
                error = explain(refused)
    if not found:
        raise DomainError("no such lease", kind=Kind.NOT_FOUND)
    lease = found[0]
    page = render_template(
        "inventory/recall.html", lease=lease, named=names([lease.performance_id]).get(lease.performance_id),
        till=tills().get(lease.till_id) or _("A till"), values=values, error=error,
    )  # fmt: skip
    return (page, 400) if error else page
