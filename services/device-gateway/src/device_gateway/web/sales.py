"""Past sales under /api: found, read whole, and their papers printed again (A5, A8, LAW-24)."""

from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, jsonify, request

import ledger
import titles
from device_gateway import reprints
from device_gateway.domain.errors import SaleNotFound
from device_gateway.domain.finding import on_day, understand
from device_gateway.store import finding, jobs, refunds, sales, snapshot
from device_gateway.store.jobs import Document, Job
from device_gateway.till import Seller, Till
from device_gateway.web import requests
from device_gateway.web.papers import describe_job
from device_gateway.web.security import Guard
from kit.clock import iso_ms, now
from kit.errors import FieldInvalid

MOST_SALES, MOST_TICKETS = 200, 500


def sales_blueprint(till: Till, guard: Guard) -> Blueprint:
    """Finding sales, reading one, printing again."""
    past = Blueprint("past_sales", __name__, url_prefix="/api/sales")

    def seller() -> Seller:
        return till.require_seller(requests.session(guard))

    @past.get("")
    def find() -> Response:
        who, at, zone = seller(), now(), ZoneInfo(till.catalogue.zone)
        wanted = understand(request.args.get("text", ""), zone, at)
        if request.args.get("today") == "1":
            wanted = on_day(wanted, at.astimezone(zone).date(), zone)
        if request.args.get("mine") == "1":
            wanted = replace(wanted, cashier_id=who.cashier.id)
        if mode := request.args.get("mode", ""):
            wanted = replace(wanted, mode=mode[:20])
        limit = min(max(request.args.get("limit", 20, type=int), 1), MOST_SALES)
        connection = till.database.read()
        found = finding.find(connection, wanted, request.args.get("before", None, type=int), limit + 1)
        names = _names(till)
        return jsonify(
            sales=[_summary(till, sold, names) for sold in found[:limit]],
            before=found[limit - 1].sequence if len(found) > limit else None,
        )

    @past.get("/<order_id>")
    def read(order_id: str) -> Response:
        seller()
        sold = sales.find(till.database.read(), order_id)
        if sold is None:
            raise SaleNotFound("this sale is not in this till's journal")
        return jsonify(_whole(till, sold))

    @past.post("/<order_id>/receipt")
    def receipt(order_id: str) -> Response:
        requests.body()
        return jsonify(job=describe_job(reprints.print_receipt(till, seller(), order_id, now())))

    @past.post("/<order_id>/tickets")
    def tickets(order_id: str) -> Response:
        who, sent = seller(), requests.body()
        printed = reprints.print_tickets_again(
            till, who, order_id, _serials(sent.get("serials")), _reason(sent.get("reason")), now()
        )
        return jsonify(jobs=list(map(describe_job, printed)))

    return past


def _serials(raw: object) -> list[int]:
    if not isinstance(raw, list) or not 1 <= len(raw) <= MOST_TICKETS or any(type(each) is not int for each in raw):
        raise FieldInvalid("serials", f"must be a list of 1 to {MOST_TICKETS} ticket numbers")
    if len(set(raw)) < len(raw):
        raise FieldInvalid("serials", "names a ticket twice")
    return raw


def _reason(raw: object) -> ledger.ReissueReason:
    try:
        return ledger.ReissueReason(str(raw))
    except ValueError:
        raise FieldInvalid("reason", f"must be one of {', '.join(ledger.ReissueReason)}") from None


def _names(till: Till) -> dict[str, str]:
    return {each.id: each.name for each in snapshot.cashiers(till.database.read())}


def _summary(till: Till, sold: sales.SoldEarlier, names: dict[str, str]) -> dict[str, Any]:
    sale = sold.sale
    return {
        "order_id": sale.order_id,
        "order_number": sale.order_number,
        "at": iso_ms(sold.at),
        "total": sale.total,
        "refunded": -sum(refund.total for refund in refunds.of_order(till.database.read(), sale.order_id)),
        "cashier": names.get(sale.cashier_id or "", ""),
        "lines": [f"{line.quantity} × {line.label}" for line in sale.lines],
        "payments": [{"mode": payment.mode.value, "amount": payment.amount} for payment in sale.payments],
        "uploaded": sold.uploaded,
        "jobs": [
            {"id": job.job_id, "role": job.role.value, "state": job.shown_state} for job in _papers(till, sale.order_id)
        ],
    }


def _whole(till: Till, sold: sales.SoldEarlier) -> dict[str, Any]:
    """The summary, and each line, ticket, payment and paper."""
    sale, connection = sold.sale, till.database.read()
    seats = {key: seat.words for key, seat in sale.seat_of_each_ticket().items()}
    return _summary(till, sold, _names(till)) | {
        "business_on": sale.business_on,
        "sequence": sold.sequence,
        "details": [
            {"label": line.label, "quantity": line.quantity, "unit_price": line.unit_price, "total": line.total}
            for line in sale.lines
        ],
        "vat": [{"rate_bp": each.rate_bp, "net": each.net, "vat": each.vat} for each in sale.vat],
        "payments": [
            {"mode": each.mode.value, "amount": each.amount, "tendered": each.tendered, "change": each.change}
            for each in sale.payments
        ],
        "tickets": [
            {"serial": each.serial, "human_code": titles.human_code(each.key_id, each.serial), "label": each.label,
             "seat": seats.get((each.key_id, each.serial), ""), "reissue": each.reissue,
             "refunded": refunds.refund_of_ticket(connection, each.key_id, each.serial) is not None}
            for each in sales.tickets_of(connection, sale.order_id)
        ],
        "papers": list(map(describe_job, _papers(till, sale.order_id))),
    }  # fmt: skip


def _papers(till: Till, order_id: str) -> list[Job]:
    return [job for job in jobs.of_order(till.database.read(), order_id) if job.kind is not Document.DRAWER]
