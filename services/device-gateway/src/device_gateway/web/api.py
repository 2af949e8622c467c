"""The till's HTTP API: translate, call one use case, translate back."""

from typing import Any

from flask import Blueprint, Response, g, jsonify, request

from device_gateway import __version__, checking, clock, enrolment, leaving, messages, paying, reprints, selling
from device_gateway.centre import Centre
from device_gateway.config import TillConfig
from device_gateway.devices.registry import DeviceRole
from device_gateway.devices.station import NOT_SET_UP
from device_gateway.domain import basket, survey
from device_gateway.domain.leases import left_by_performance
from device_gateway.domain.payments import EURO
from device_gateway.store import attempts, claims, jobs, journal, leases, meta, setups, shifts
from device_gateway.store.jobs import State
from device_gateway.sync import Sync
from device_gateway.till import Seller, Till
from device_gateway.web import floats, people, requests, words
from device_gateway.web.papers import describe_job
from device_gateway.web.problems import language
from device_gateway.web.security import Guard
from kit.clock import iso_ms, now
from kit.errors import FieldInvalid
from ledger import split_vat
from setups.catalogue import Profile
from setups.layout import LayoutBuilder, layout_version

_PRINTERS = (DeviceRole.TICKET, DeviceRole.RECEIPT)  # told apart: what is sold waits for them
_OPEN = (State.QUEUED, State.SENDING, State.SENT, State.WAITING, State.IN_DOUBT, State.FAILED)


def api_blueprint(till: Till, centre: Centre, sync: Sync, config: TillConfig, guard: Guard) -> Blueprint:
    """The routes under /api."""
    api = Blueprint("api", __name__, url_prefix="/api")
    layouts: dict[str, tuple[Profile, dict[str, Any]]] = {}  # by language, the last one built, with its version

    def seller() -> Seller:
        return till.require_seller(requests.session(guard))

    def places() -> tuple[dict[str, int], dict[str, int]]:
        return left_by_performance(leases.every(till.database.read()), now()), till.online_left

    @api.get("/state")
    def state() -> Response:
        at, connection = now(), till.database.read()
        who, left = till.seller(requests.session(guard)), places()
        counts = jobs.counts(connection)
        reading = clock.read(till, at)
        waiting = journal.last_sequence(connection) - meta.number(connection, meta.ACKNOWLEDGED)
        told = language()
        if who and who.cashier.language in words.LANGUAGES:
            told = who.cashier.language
        return jsonify(
            csrf=g.csrf,
            till=_till(till),
            language=told,
            online=till.line.online,
            line_since=iso_ms(till.line.since) if till.line.since else None,
            line_problem=till.line.problem or None,
            waiting_entries=max(0, waiting),
            frozen=meta.frozen(connection),
            disk_full=till.database.is_full,
            places_in_lease=sum(left[0].values()),
            catalog_version=till.catalogue.version,
            layout_version=layout_version(till.catalogue, *left, at),
            business_on=till.business_on(at),
            now=iso_ms(at),
            clock={
                "ahead_of": iso_ms(reading.ahead_of) if reading.ahead_of else None,
                "centre_at": iso_ms(reading.centre_at) if reading.centre_at else None,
                "offset_ms": reading.offset_ms,
            },
            venue_zone=till.catalogue.zone,
            cashier=people.describe(who) if who else None,
            cash_float=floats.describe(shifts.float_of(connection, who.cashier.id)) if who else None,
            training=till.is_training,
            leaving=leaving.missing(till) if till.is_leaving else None,
            messages_read=messages.read_by(till, who) if who else [],
            open_floats=people.open_floats(till),
            setup_waits=setups.waits(connection),
            lock_after_minutes=till.catalogue.profile.lock_after_minutes,
            printers=[_printer(till, role) for role in jobs.Role],
            devices=[_device(till, role) for role in till.station.entries if role not in _PRINTERS],
            terminal=_terminal(till),
            sales_to_settle=sorted({each.sale_id for each in attempts.unsettled(connection)}),
            jobs_in_doubt=counts.get(State.IN_DOUBT, 0),
            jobs_failed=counts.get(State.FAILED, 0),
            simulators_url=config.simulators_url or None,
            version=__version__,
        )

    @api.post("/enrol")
    def enrol() -> Response:
        enrolment.enrol(till, centre, requests.text(requests.body(), "code", 100))
        sync.wake()
        return jsonify(till=_till(till))

    @api.get("/layout")
    def layout() -> Response:
        at, (left, online), told, catalogue = now(), places(), language(), till.catalogue
        version = layout_version(catalogue, left, online, at)
        kept = layouts.get(told)
        if kept is None or kept[1]["layout_version"] != version:
            built = LayoutBuilder(catalogue, left, online, at).build(words.PAYMENT_LABELS[told], EURO)
            for key in (key for page in built["pages"] for key in page.get("keys", [])):
                if key["disabled"]:
                    key["disabled"] = words.KEY_DISABLED[told][key["disabled"]]
            kept = layouts[told] = catalogue.profile, {"layout_version": version, **built}
        return jsonify(_for(till, till.seller(requests.session(guard)), *kept))

    @api.post("/basket")
    def check_basket() -> Response:
        at = now()
        priced = basket.price_items(
            till.catalogue,
            basket.parse_items(requests.body().get("items")),
            at,
            claims.every(till.database.read()),
        )
        left, _ = places()
        for line in priced:
            if line.wish and left.get(line.wish[0], 0) < line.item.quantity:
                till.demand.ask(line.wish, line.item.quantity)
                till.wake_leases.set()
        shows = {line.performance.show_id for line in priced if line.performance}
        questions = survey.asked(till.catalogue.profile.questions, shows)
        return jsonify(
            _basket(priced)
            | {"messages": messages.at_sale(till, priced, at), "questions": [each.id for each in questions]}
        )

    @api.post("/sales")
    def sell() -> Response:
        who = seller()
        return jsonify(selling.sell(till, who, selling.parse_request(requests.body()), now(), g.began_at))

    @api.get("/jobs")
    def list_jobs() -> Response:
        seller()
        if request.args.get("state", "open") != "open":
            raise FieldInvalid("state", "must be open")
        found = jobs.in_states(till.database.read(), *_OPEN)
        return jsonify(jobs=[describe_job(job) for job in found if job.reason != jobs.REPLACED])

    @api.post("/jobs/<job_id>/retry")
    def retry(job_id: str) -> Response:
        seller()
        return jsonify(job=describe_job(reprints.retry(till, job_id, now())))

    @api.post("/jobs/<job_id>/resolve")
    def resolve(job_id: str) -> Response:
        came_out = requests.body().get("came_out")
        if not isinstance(came_out, bool):
            raise FieldInvalid("came_out", "must be true or false")
        return jsonify(job=describe_job(reprints.resolve(till, seller(), job_id, came_out, now())))

    @api.post("/tickets/check")
    def check_ticket() -> Response:
        seller()
        check = checking.check_ticket(till, requests.text(requests.body(), "code", 512), now())
        sentence = words.explain_check(check.reason, language())
        return jsonify(
            colour=check.colour, reason=sentence, code=check.reason, order_number=check.order_number, label=check.label
        )

    return api


def _for(till: Till, who: Seller | None, profile: Profile, layout: dict[str, Any]) -> dict[str, Any]:
    """The profile's layout as this person sees it (B7), with the messages of this till (B3)."""
    person = (who.cashier.id, who.cashier.profile) if who else ("", "")
    pages = zip(profile.pages, layout["pages"], strict=True)
    own = {message.id for message in messages.of_till(till)}
    return layout | {
        "pages": [shown for page, shown in pages if page.is_for(*person)],
        "messages": [message for message in layout["messages"] if message["id"] in own],
    }


def _till(till: Till) -> dict[str, Any] | None:
    known = till.identity.enrolment
    if known is None:
        return None
    return {"id": known.till_id, "number": known.number, "name": known.name,
            "point_of_sale": till.catalogue.point_of_sale or known.name}  # fmt: skip


def _printer(till: Till, role: jobs.Role) -> dict[str, Any]:
    ask = till.printer_status.get(role)
    status = ask() if ask else NOT_SET_UP
    causes = [words.explain_causes(cause, language()) for cause in status.causes]
    return {"role": role.value, "state": status.condition.value, "causes": causes}


def _device(till: Till, role: DeviceRole) -> dict[str, Any]:
    status = till.station.status(role)
    causes = [words.explain_causes(cause, language()) for cause in status.causes]
    return {"role": role.value, "state": status.condition.value, "causes": causes}


def _terminal(till: Till) -> dict[str, Any] | None:
    worker = paying.terminal(till)
    if worker is None:
        return None
    return {"state": worker.status().condition.value, "can_abort": worker.can_abort}


def _basket(priced: tuple[basket.PricedLine, ...]) -> dict[str, Any]:
    vat: dict[int, tuple[int, int]] = {}
    for line in priced:
        net, tax = split_vat(line.total, line.vat_rate_bp)
        before = vat.get(line.vat_rate_bp, (0, 0))
        vat[line.vat_rate_bp] = before[0] + net, before[1] + tax
    return {
        "lines": [
            {"line": number, "label": line.label, "sublabel": line.sublabel, "quantity": line.item.quantity,
             "unit_price": line.unit_price, "total": line.total, "vat_rate_bp": line.vat_rate_bp,
             "item": line.item.as_json()}
            for number, line in enumerate(priced, 1)
        ],
        "total": sum(line.total for line in priced),
        "vat": [{"rate_bp": rate, "net": net, "vat": tax} for rate, (net, tax) in sorted(vat.items())],
    }  # fmt: skip
