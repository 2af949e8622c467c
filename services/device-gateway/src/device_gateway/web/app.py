"""The Flask app: the page built by Vite, the API, probes."""

import time
from pathlib import Path

from flask import Flask, Response, g, jsonify, send_from_directory
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from device_gateway import metrics
from device_gateway.centre import Centre, Nobody
from device_gateway.config import TillConfig
from device_gateway.store import jobs, journal, meta
from device_gateway.sync import Sync
from device_gateway.till import Till
from device_gateway.training import Training
from device_gateway.web.api import api_blueprint
from device_gateway.web.calendar import calendar_blueprint
from device_gateway.web.certificate import certificate_blueprint
from device_gateway.web.clock import clock_blueprint
from device_gateway.web.closing import closing_blueprint
from device_gateway.web.devices import devices_blueprint
from device_gateway.web.floats import floats_blueprint
from device_gateway.web.live import live_blueprint
from device_gateway.web.payments import payments_blueprint
from device_gateway.web.people import people_blueprint
from device_gateway.web.problems import init_problems
from device_gateway.web.refunds import refunds_blueprint
from device_gateway.web.reserved import reserved_blueprint
from device_gateway.web.sales import sales_blueprint
from device_gateway.web.scanner import scanner_blueprint
from device_gateway.web.seats import seats_blueprint
from device_gateway.web.security import guard_of, init_security
from device_gateway.web.setup import setup_blueprint
from device_gateway.web.status import status_blueprint
from device_gateway.web.training import TillAtWork, training_blueprint
from kit import telemetry

DIST = Path(__file__).parent.parent / "static" / "dist"
_UNBUILT = (
    "<!doctype html><html lang=en><meta charset=utf-8><title>Till</title><h1>The till's page is not built yet</h1>"
    "<p>Run <code>make setup</code> at the root of the repository, then reload."
)


def create_app(
    till: Till, centre: Centre, sync: Sync, config: TillConfig, dist: Path = DIST, training: Training | None = None
) -> Flask:
    """Everything that a browser of this machine may ask of the till, or of its training till while that is at work."""
    app = _app_of(till, centre, sync, config, dist, training)
    if training is not None:

        def practice(practised: Till) -> Flask:
            return _app_of(practised, Nobody(), sync, config, dist, training)

        app.wsgi_app = TillAtWork(app, training, practice)  # type: ignore[method-assign]
    return app


def _app_of(till: Till, centre: Centre, sync: Sync, config: TillConfig, dist: Path, training: Training | None) -> Flask:
    app = Flask("device_gateway", static_folder=None)
    app.json.sort_keys = False  # type: ignore[attr-defined]
    guard = guard_of(config, till.identity.secret)

    @app.before_request
    def begin() -> None:
        g.began_at = time.perf_counter()
        telemetry.bind_trace(None)

    init_problems(app)
    init_security(app, guard)
    app.register_blueprint(api_blueprint(till, centre, sync, config, guard))
    app.register_blueprint(calendar_blueprint(till, centre, guard))
    app.register_blueprint(certificate_blueprint(till, guard))
    app.register_blueprint(people_blueprint(till, guard))
    app.register_blueprint(floats_blueprint(till, guard))
    app.register_blueprint(payments_blueprint(till, guard))
    app.register_blueprint(sales_blueprint(till, guard))
    app.register_blueprint(seats_blueprint(till, guard))
    app.register_blueprint(reserved_blueprint(till, centre, guard))
    app.register_blueprint(refunds_blueprint(till, guard))
    app.register_blueprint(setup_blueprint(till, guard))
    app.register_blueprint(status_blueprint(till))
    app.register_blueprint(clock_blueprint(till, guard))
    app.register_blueprint(closing_blueprint(till, guard))
    app.register_blueprint(scanner_blueprint(till, guard))
    app.register_blueprint(live_blueprint(till, guard))
    if not till.is_training:
        app.register_blueprint(devices_blueprint(till, config, guard))
    if training is not None:
        app.register_blueprint(training_blueprint(till, training, guard))

    @app.get("/")
    def page() -> Response:
        if (dist / "index.html").is_file():
            return send_from_directory(dist, "index.html", max_age=0)
        return Response(_UNBUILT, mimetype="text/html")

    @app.get("/display")
    def display() -> Response:
        return send_from_directory(dist, "display.html", max_age=0)

    @app.get("/<path:name>")
    def file(name: str) -> Response:
        answer = send_from_directory(dist, name)
        if name.startswith("assets/"):  # their names carry a hash of their content
            answer.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        return answer

    @app.get("/healthz")
    def healthz() -> Response:
        return jsonify(status="ok")

    @app.get("/readyz")
    def readyz() -> tuple[Response, int]:
        reasons = _unready(till, config)
        return jsonify(status="unready" if reasons else "ready", reasons=reasons), 503 if reasons else 200

    @app.get("/metrics")
    def measured() -> Response:
        connection = till.database.read()
        waiting = journal.last_sequence(connection) - meta.number(connection, meta.ACKNOWLEDGED)
        metrics.WAITING.set(max(0, waiting))
        counts = jobs.counts(connection)
        for state in jobs.State:
            metrics.JOBS.labels(state.value).set(counts.get(state, 0))
        return Response(generate_latest(), content_type=CONTENT_TYPE_LATEST)

    return app


def _unready(till: Till, config: TillConfig) -> dict[str, str]:
    """Why this till cannot work yet, by what is missing."""
    connection = till.database.read()
    if till.identity.enrolment is None:
        has_code = config.enrolment_code_file is not None and config.enrolment_code_file.exists()
        return {"enrolment": "a code is there, the centre has not taken it yet"} if has_code else {}
    reasons = {}
    if not meta.number(connection, meta.CATALOG_VERSION):
        reasons["catalogue"] = "not received yet"
    if not meta.get(connection, meta.ROSTER_VERSION):
        reasons["cashiers"] = "not received yet"
    return reasons
