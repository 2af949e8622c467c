"""Pages of orders and tickets. A gRPC client like any other."""

import base64
from pathlib import Path

from flask import Blueprint, Response, jsonify, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _
from grpc import RpcError

from kit.errors import DomainError
from kit.web import Front, NavItem, as_domain_error, explain, requires, stub
from orders.web import conflicts, reservations
from ticketing.orders.v1 import orders_service_pb2 as pb
from ticketing.orders.v1 import orders_service_pb2_grpc as rpc
from titles.revocations import MOST_ENTRIES

VIEW = "orders.view"

blueprint = Blueprint("orders", __name__, url_prefix="/orders", template_folder="templates")

CHANNELS = {"till": _("till"), "web": _("web shop"), "counter": _("counter"), "partner": _("partner")}
MODES = {
    "cash": _("cash"),
    "card": _("card"),
    "cheque": _("cheque"),
    "voucher": _("voucher"),
    "transfer": _("transfer"),
    "free": _("free"),
}
STATES = {pb.ORDER_STATE_PARTLY_REFUNDED: _("Partly refunded"), pb.ORDER_STATE_REFUNDED: _("Refunded")}
REASONS = {
    "customer_request": _("Customer's request"),
    "performance_cancelled": _("Performance cancelled"),
    "performance_changed": _("Performance changed"),
    "selling_mistake": _("Selling mistake"),
    "faulty_article": _("Faulty article"),
    "other": _("Other"),
}


def _orders() -> rpc.OrdersServiceStub:
    return stub("orders", rpc.OrdersServiceStub)


@blueprint.get("/")
@requires(VIEW)
def search() -> ResponseReturnValue:
    """Orders, newest first, by number, human code and day."""
    text, day = request.args.get("text", ""), request.args.get("day", "")
    found = _orders().SearchOrders(
        pb.SearchOrdersRequest(text=text, business_on=day, page_token=request.args.get("page_token", ""))
    )
    return render_template("orders/search.html", found=found, text=text, day=day, channels=CHANNELS, states=STATES)


@blueprint.get("/<uuid:order_id>")
@requires(VIEW)
def order(order_id: object) -> ResponseReturnValue:
    """One order: lines, tickets, payments, its place in the journal."""
    found = _orders().GetOrder(pb.GetOrderRequest(order_id=str(order_id))).order
    return render_template(
        "orders/order.html", order=found, channels=CHANNELS, modes=MODES, states=STATES, reasons=REASONS
    )


@blueprint.get("/<uuid:order_id>/tickets.pdf")
@requires(VIEW)
def tickets(order_id: object) -> ResponseReturnValue:
    """The order's tickets, a page each."""
    core = _orders()
    number = core.GetOrder(pb.GetOrderRequest(order_id=str(order_id))).order.number
    pdf = core.RenderTickets(pb.RenderTicketsRequest(order_id=str(order_id)), timeout=30).pdf
    answer = Response(pdf, mimetype="application/pdf")
    answer.headers["Content-Disposition"] = f'attachment; filename="{number}.pdf"'
    return answer


@blueprint.get("/tickets")
@requires(VIEW)
def look_up() -> ResponseReturnValue:
    """What is known of a scanned barcode or a human code."""
    code = request.args.get("code", "").strip()
    found, error = None, ""
    if code:
        try:
            found = _orders().LookUpTicket(pb.LookUpTicketRequest(code=code))
        except (RpcError, DomainError) as refused:
            if as_domain_error(refused).reason not in ("BARCODE_UNREADABLE", "TICKET_NOT_FOUND"):
                raise
            error = explain(refused)
    return render_template("orders/look_up.html", code=code, found=found, error=error)


@blueprint.get("/gates")
@requires(VIEW)
def gates() -> ResponseReturnValue:
    """How a gate gets what it needs."""
    return render_template("orders/gates.html")


@blueprint.get("/gates/pack.json")
@requires(VIEW)
def gate_pack() -> ResponseReturnValue:
    """What `gate-check load` reads: public keys and the whole list of revocations."""
    core, after, more = _orders(), 0, True
    packs = []
    while more:
        pack = core.GetGatePack(pb.GetGatePackRequest(after=after), timeout=30)
        packs.append(pack)
        after, more = after + MOST_ENTRIES, pack.more
    content = {
        "root_public_key": _plain(packs[0].root_public_key),
        "certificates": [_plain(each) for each in packs[0].certificates],
        "revocations": [_plain(pack.revocations) for pack in packs],
    }
    answer = jsonify(content)
    answer.headers["Content-Disposition"] = 'attachment; filename="gate-pack.json"'
    return answer


def _plain(data: bytes) -> str:
    return base64.b64encode(data).decode()


reservations.register(blueprint)
conflicts.register(blueprint)

front = Front(
    name="orders",
    blueprint=blueprint,
    nav=(
        NavItem("orders.search", _("Orders"), VIEW, _("Sales"), _("Find an order by its number, its day or a ticket.")),
        NavItem(
            "orders.reservations",
            _("Reserved files"),
            VIEW,
            _("Sales"),
            _("Places held for somebody until a date."),
            "calendar",
            below=("orders.new_reservation",),
        ),
        NavItem(
            "orders.conflicts",
            _("Places sold twice"),
            VIEW,
            _("Sales"),
            _("Both tickets, and what may be decided."),
            "alert",
        ),
        NavItem("orders.look_up", _("Check a ticket"), VIEW, _("Sales"), _("Scan a barcode or type its code."), "scan"),
        NavItem(
            "orders.gates",
            _("Gates"),
            VIEW,
            _("Sales"),
            _("What a gate needs to judge tickets without a network."),
            "lock",
        ),
    ),
    translations=Path(__file__).parent / "translations",
    icon="ticket",
    rank=20,
    errors={
        "ORDER_NOT_FOUND": _("There is no such order."),
        "TICKET_NOT_FOUND": _("No ticket with this number has been sold, or its till has not sent it yet."),
        "BARCODE_UNREADABLE": _("This is neither a barcode of ours nor a code like K003-000017-X."),
        "RESERVATION_NOT_FOUND": _("There is no such file."),
        "RESERVATION_ENDED": _("This file is paid, cancelled or expired: nothing can be changed in it."),
        "RESERVATION_BEING_PAID": _("A till is taking the money of this file at this moment."),
        "HOLD_EXPIRED": _("The places of this file were given back. Open another one."),
        "NOT_ENOUGH_PLACES": _("There are not enough places left."),
        "TARIFF_NOT_OFFERED": _("This tariff is not offered for this performance."),
        "PERFORMANCE_NOT_ON_SALE": _("This performance is not on sale."),
        "PERFORMANCE_OVER": _("This performance is over."),
        "CONFLICT_NOT_FOUND": _("There is no such conflict."),
        "CONFLICT_SETTLED": _("This conflict is settled: somebody has decided meanwhile."),
        "NOTHING_TO_DECIDE": _("This decision does not fit the conflict as it stands now."),
        "BEYOND_TOLERANCE": _(
            "That is more than the tolerance of the house. Open more places in the programme, or refund."
        ),
        "SEAT_TAKEN": _("This seat was sold meanwhile. Choose another one."),
        "NO_TICKETS": _("This order has no tickets to print."),
    },
)
